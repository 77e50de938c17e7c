// A static layer's table as a variable, and back: what adapt and distil learn.
import { mustBeOwn } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { integersOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';
import { EmbeddingLayer } from '../models/layer.js';
import { kernelProducts } from './matrix_products.js';
import { Variable, partsOf, viewOf, writeRows } from './variables.js';

/** What texts are encoded with while they learn: ids → mean of their rows, of length 1 where the layer does that. */
export class TextModel {
  #layer;
  #normalize;
  #maxLength;

  /**
   * @param {EmbeddingLayer} layer
   * @param {Variable} variable
   * @param {{ normalize: boolean, maxLength: number }} settings
   */
  constructor(layer, variable, { normalize, maxLength }) {
    this.#layer = layer;
    this.#normalize = normalize;
    this.#maxLength = maxLength;
    /** The rows, which learn. */
    this.variable = variable;
    /** Where losses over a batch are computed. */
    this.products = kernelProducts(partsOf(variable).heap);
  }

  /**
   * @param {unknown} layer a caller's
   * @returns {Promise<TextModel>} errors: `unsupported` for a layer that is no Model2Vec model, or stored in i8 or i4
   */
  static async of(layer) {
    if (!isOwn(layer, EmbeddingLayer, 'dim'))
      throw mustBeOwn('layer', 'an EmbeddingLayer', layer, EmbeddingLayer, 'dim');
    const about = layer.describe();
    if (about.kind !== 'static' || about.rules !== 'model2vec') {
      const what = about.whyNoEncoder ?? "sentence-transformers' rules";
      throw new WembedError('unsupported', `only Model2Vec's static models learn: this one has ${what}`);
    }
    const { normalize, maxLength } = about;
    return new TextModel(layer, await Variable.from(layer.table), {
      normalize: Boolean(normalize),
      maxLength: maxLength ?? Infinity,
    });
  }

  /**
   * @param {string} text
   * @returns {Uint32Array} the ids that count, as `layer.encode` takes them
   */
  ids(text) {
    const { tokenizer } = this.#layer;
    const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
    const known = tokenizer.unkId === undefined ? ids : ids.filter((id) => id !== tokenizer.unkId);
    return this.#maxLength === Infinity ? known.slice() : known.slice(0, this.#maxLength);
  }

  /**
   * @param {string} name for messages
   * @param {Uint32Array} given a caller's ids
   * @returns {Uint32Array} a copy of those that count. Errors: `id_out_of_range`
   */
  checkedIds(name, given) {
    const ids = integersOf(name, given).slice(0, Math.min(this.#maxLength, given.length));
    const bad = ids.findIndex((id) => id >= this.variable.rows);
    if (bad < 0) return Uint32Array.from(ids);
    const what = `id out of range: ${name}[${bad}] is ${ids[bad]} (limit ${this.variable.rows})`;
    throw new WembedError('id_out_of_range', what);
  }

  /**
   * @param {Uint32Array[]} texts ids of each
   * @returns {{ vectors: import('../core/matrix.js').Matrix, backward: (gradient: import('../core/matrix.js').Matrix) => void }}
   */
  encode(texts) {
    const offsets = new Uint32Array(texts.length + 1);
    texts.forEach((ids, i) => (offsets[i + 1] = offsets[i] + ids.length));
    const all = new Uint32Array(offsets[texts.length]);
    texts.forEach((ids, i) => all.set(ids, offsets[i]));
    const options = { normalize: this.#normalize };
    return {
      vectors: this.variable.bag(all, offsets, options),
      backward: (gradient) => void this.variable.bagBackward(all, offsets, gradient, options),
    };
  }

  /** Makes the rows what they were in the layer. */
  restart() {
    writeRows(this.#layer.table, viewOf(this.variable));
  }

  /** Gives every row a gradient, though it be 0: the next step of the optimiser is then of all rows. */
  useAllRows() {
    void partsOf(this.variable).gradient.dense;
  }

  /**
   * A layer of its own with the rows as they are now: f32, each token's weight multiplied in.
   * @returns {Promise<EmbeddingLayer>}
   */
  async toLayer() {
    const files = await this.#layer.save();
    const { rows, dim } = this.variable;
    const data = viewOf(this.variable);
    /** @type {Parameters<typeof writeSafetensors>[0]} */
    const tensors = [{ name: 'embeddings', dtype: 'F32', shape: [rows, dim], data }];
    if (rows !== this.#layer.tokenizer.vocabSize) {
      const mapping = Int32Array.from({ length: rows }, (_, id) => id);
      tensors.unshift({ name: 'mapping', dtype: 'I32', shape: [rows], data: mapping });
    }
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json')));
    config.embedding_dtype = 'float32';
    delete config.vocabulary_quantization;
    if (tensors.length > 1) config.vocabulary_quantization = rows;
    files.set('config.json', new TextEncoder().encode(JSON.stringify(config, null, 2)));
    files.set('model.safetensors', writeSafetensors(tensors));
    return EmbeddingLayer.from(files);
  }

  /** Frees what learns; the layer stays. */
  dispose() {
    this.variable.dispose();
  }
}
