import { optionsOf, textsOf } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, isA, isArray } from '../core/errors.js';
import { vectorWriters } from '../core/own.js';
import { cosineSimilarity } from '../nn/cosine.js';
import { vectorsOf } from '../table/products.js';
import { storageOf } from '../table/table.js';
import { lazyParts } from './lazy_parts.js';
import { loadModel } from './open.js';
import { ENCODE_ALIASES, TEXT_OPTIONS } from './text_encoder.js';
import { nearestTokens } from './token_neighbours.js';

/** @typedef {import('../core/matrix.js').Matrix} Matrix */
/** @typedef {import('./model.js').FromPretrainedOptions} FromPretrainedOptions */
/** @typedef {import('./text_encoder.js').EncodeOptions} EncodeOptions */
/** @typedef {string | Float32Array | readonly number[]} OneText a text, or a vector */
/** @typedef {readonly string[] | import('../table/products.js').VectorList} TextList texts, or vectors */

/** What only this file has: nobody else makes a layer. */
const LOADED = Symbol('loaded');

const EMBED_OPTIONS = ['positionIds', 'tokenTypeIds', 'into'];

/**
 * The embedding layer of a model: its table, its tokenizer, and what the checkpoint says of their use.
 */
export class EmbeddingLayer {
  /** @type {import('./model.js').LayerModel | undefined} undefined after dispose */
  #loaded;

  /** @private @param {typeof LOADED} loaded @param {import('./model.js').LayerModel} model */
  constructor(loaded, model) {
    if (loaded !== LOADED) {
      throw new WembedError('invalid_argument', 'an EmbeddingLayer is made by EmbeddingLayer.fromPretrained or .from');
    }
    this.#loaded = model;
    vectorWriters.set(this, (...texts) => this.#model.encoder?.write?.(...texts));
    Object.preventExtensions(this); // so that Vue does not make it a Proxy, through which no private field is found
  }

  /**
   * Loads a Model2Vec model, a sentence-transformers StaticEmbedding model, or the two ends of a transformer: what its
   * first block receives and what scores its last one's output (docs/FORMATS.md lists the families), from safetensors or
   * from a GGUF file.
   * @param {string | URL | import('./open.js').ModelFilesInMemory} location a base URL, a folder (Node), a hub id `org/name`, or the
   *   files: a File[], or a Map or object of names to bytes; or the address or path of a .safetensors or .gguf file. A
   *   folder, and files, may hold one .gguf and no safetensors
   * @param {FromPretrainedOptions} [options]
   * @returns {Promise<EmbeddingLayer>}
   */
  static async fromPretrained(location, options) {
    return new EmbeddingLayer(LOADED, await loadModel(location, options));
  }

  /**
   * The same of files in memory.
   * @param {import('./open.js').ModelFilesInMemory} data the files: a File[], or a Map or object of names to bytes; or the bytes of
   *   a GGUF file
   * @param {import('./model.js').LoadOptions} [options]
   * @returns {Promise<EmbeddingLayer>}
   */
  static async from(data, options) {
    if (typeof data !== 'string' && !isA(data, URL)) {
      return EmbeddingLayer.fromPretrained(data, options);
    }
    throw new WembedError('invalid_argument', `from takes a model's files: use fromPretrained for the model at ${data}`);
  }

  get #model() {
    if (this.#loaded) return this.#loaded;
    throw new WembedError('disposed', 'this EmbeddingLayer has been disposed');
  }

  /** The tokenizer: text to ids and back. Where the model has none: an error that says why. */
  get tokenizer() {
    const { tokenizer, whyNoTokenizer } = this.#model;
    if (tokenizer) return tokenizer;
    throw whyNoTokenizer;
  }
  /** The token table: ids to rows. */
  get table() {
    return this.#model.table;
  }
  /**
   * What scores hidden states: a decoder's head, or a masked language model's with the transform before it. Undefined for
   * models without one; `describe().whyNoHead` then says why.
   */
  get head() {
    return this.#model.head;
  }
  /** How queries and keys turn: in full-attention layers, where layers differ. Undefined in models where they do not. */
  get rotary() {
    return this.rotaryOf();
  }
  /**
   * How queries and keys turn in layers of some type ('sliding_attention' in Gemma 3), where layers differ.
   * @param {string} [layerType] as `RotaryPositions.fromConfig` takes it
   */
  rotaryOf(layerType) {
    return this.#model.rotaryOf(layerType);
  }
  /** What attention adds to its scores in BLOOM and Falcon, which scales the sum; undefined in other models. */
  get alibi() {
    return this.#model.alibi;
  }
  /** What tells a text's class, where model2vec saved the model with such a head; undefined in other models. */
  get classifier() {
    return this.#model.classifier;
  }
  /** Numbers of a token row. */
  get dim() {
    return this.#model.table.dim;
  }

  /** What encodes texts. */
  get #encoder() {
    const { encoder, whyNoEncoder } = this.#model;
    if (encoder) return encoder;
    throw new WembedError('unsupported', /** @type {string} */ (whyNoEncoder));
  }

  /**
   * @overload
   * @param {string} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array} (dim)
   */
  /**
   * @overload
   * @param {readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Matrix} (texts.length, dim)
   */
  /**
   * @overload
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array | Matrix} (dim) of a string, (texts.length, dim) of an array
   */
  /**
   * Turns text into vectors: ids without special tokens, unknown ones dropped, their rows pooled. A text of no known
   * tokens is all zeros. The same text gives the same bits alone and in a batch.
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array | Matrix}
   */
  encode(texts, options) {
    return this.#encoder.encode(texts, options);
  }

  /**
   * What a model's first block receives for these ids: their rows (× scale, in Gemma) + position rows + type rows, then
   * LayerNorm, as far as the checkpoint has them. A static model's rows as they are.
   * @param {import('../core/arguments.js').IntegerArray} ids each < vocabSize
   * @param {import('./model.js').EmbedOptions} [options]
   * @returns {Matrix} (ids.length, hiddenSize)
   */
  embed(ids, options) {
    return this.#model.embed(ids, optionsOf('embed', options, EMBED_OPTIONS));
  }

  /**
   * What the blocks of a Gemma 3n or 4, loaded with `{ perLayerInputs: true }`, are given besides, block after block.
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @param {import('./per_layer_inputs.js').PerLayerOptions} [options]
   * @returns {Matrix} (ids.length, layers × size), as `describe().perLayerInputs` has them
   */
  perLayerInputs(ids, options) {
    const model = this.#model;
    if (model.perLayer) return model.perLayer.inputs(ids, options, (each) => model.embed(each, {}));
    throw new WembedError('unsupported', 'this layer has no inputs per layer: load it with { perLayerInputs: true }');
  }

  /**
   * @overload
   * @param {OneText} a
   * @param {OneText} b
   * @param {EncodeOptions} [options] for texts
   * @returns {number} -1 to 1; 0 where either is all zeros, as a text of no known tokens
   */
  /**
   * @overload
   * @param {OneText | TextList} a n texts or vectors
   * @param {OneText | TextList} b m texts or vectors
   * @param {EncodeOptions} [options] for texts
   * @returns {Matrix} (n, m)
   */
  /**
   * How alike two texts or vectors are: the cosine of the angle between their vectors. Of several, each with each, as
   * sentence-transformers' `similarity`.
   * @param {unknown} a
   * @param {unknown} b
   * @param {EncodeOptions} [options]
   * @returns {number | Matrix}
   */
  similarity(a, b, options) {
    return similarityOf(() => this.#encoder, a, b, options);
  }

  /**
   * The tokens whose rows point most nearly where the mean of some others does, each of which is made of length 1 first.
   * Tokens of the query are left out. (gensim's `most_similar`)
   * @param {string | import('./token_neighbours.js').TokenQuery} query a token, or { positive, negative, topn }
   * @param {Omit<import('./token_neighbours.js').TokenQuery, 'positive'>} [options] where the query is a token: the rest
   * @returns {{ key: string, score: number }[]} the nearest first; score is the cosine
   */
  mostSimilar(query, options) {
    return nearestTokens(this.table, this.tokenizer, query, options);
  }

  /**
   * The token rows as word vectors, for gensim's other queries: a copy, independent of this layer.
   * @param {{ dtype?: import('../core/dtypes.js').Dtype }} [options] how to store them; default 'f32'
   * @returns {Promise<import('../words/word_vectors.js').WordVectors>}
   */
  async wordVectors(options) {
    const { wordVectorsOf } = await lazyParts();
    return wordVectorsOf(this.table, this.tokenizer, options);
  }

  /**
   * The layer in figures: the same keys for every kind of model.
   * @returns {import('./model.js').LayerDescription}
   */
  describe() {
    return { ...this.#model.describe(), variant: storageOf(this.#model.table).variant };
  }

  /**
   * A layer of fewer tokens: those asked for and what the tokenizer needs. A text whose tokens all stay has the same vector,
   * bit for bit, unless it is so long that it is cut, which goes by the vocabulary's median token.
   * @param {import('./prune.js').PruneOptions} options
   * @returns {Promise<EmbeddingLayer>} a layer of its own, of which this one is independent
   */
  async prune(options) {
    const model = this.#model;
    const { keep, corpus } = optionsOf('prune', options, ['keep', 'corpus']);
    const counts = isA(corpus, Map) ? new Map(corpus) : corpus; // as it is now
    const { pruneModel } = await lazyParts();
    return new EmbeddingLayer(LOADED, await pruneModel(model, { keep, corpus: counts }));
  }

  /**
   * The files of a folder that `fromPretrained` loads, and model2vec in Python; of a transformer a model without blocks.
   * @param {import('./save.js').SaveOptions} [options]
   * @returns {Promise<import('./save.js').SavedFiles>} names to bytes
   */
  async save(options) {
    const model = this.#model;
    return (await lazyParts()).savedFiles(model, options);
  }

  /**
   * The same written to a folder, in Node.
   * @param {string} folder made where there is none
   * @param {import('./save.js').SaveOptions} [options]
   * @returns {Promise<string[]>} the paths
   */
  async saveTo(folder, options) {
    const model = this.#model;
    return (await lazyParts()).saveToFolder(model, folder, options);
  }

  /** Frees its memory. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    this.#loaded?.dispose();
    this.#loaded = undefined;
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * @param {() => NonNullable<import('./model.js').LayerModel['encoder']>} encoder asked for texts alone
 * @param {unknown} a
 * @param {unknown} b
 * @param {EncodeOptions} [options]
 */
function similarityOf(encoder, a, b, options) {
  const checked = optionsOf('similarity', options, TEXT_OPTIONS, ENCODE_ALIASES);
  const [first, second] = [a, b].map((given) => {
    if (typeof given === 'string') return { ...encoder().encodeAll([given], checked), many: false };
    if (isTexts(given)) return { ...encoder().encodeAll(textsOf('similarity', given), checked), many: true };
    const { data, n, dim, many } = vectorsOf('a vector', /** @type {Float32Array} */ (given));
    return { data, rows: n, dim, many };
  });
  const scores = cosineSimilarity(first, second);
  return first.many || second.many ? scores : scores.data[0];
}

/** @param {unknown} value @returns {boolean} */
const isTexts = (value) => isArray(value) && (value.length === 0 || typeof value[0] === 'string');
