import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { modelFiles, settled } from '../sources/files.js';
import { readJson } from '../sources/whole.js';
import { loadStaticModel } from './static_model.js';
import { outputArray } from '../core/arguments.js';
import { bagMode, storageOf } from '../table/table.js';
import { firstCodePoints } from '../tokenizer/tokenizer.js';
import { loadHeap, utf8Room } from '../memory/heap.js';

/**
 * What Model2Vec adds to a norm before it divides, so that a text of no tokens stays zero.
 */
const NORM_EPSILON = 1e-32;

/** Texts go to the core in strips of about this many bytes, so that a batch needs no copy of itself. */
const STRIP_BYTES = 2 ** 18;

/** Texts of fewer units go the short way. */
const SHORT_TEXT = 256;

/** @type {EncodeOptions} */
const NO_OPTIONS = Object.freeze({});

const MEAN = bagMode('mean');

const GGUF = /\.gguf([?#]|$)/i;

/** The core's word for no limit. */
const NO_LIMIT = 0xffffffff;

/**
 * @typedef {object} EncodeOptions
 * @property {boolean} [normalize] to unit length; default: as the model says
 * @property {number} [dimensions] keep only the first so many numbers (before normalising); default all
 * @property {import('../table/table.js').BagMode} [pooling] how a text's rows become one; default 'mean'
 * @property {number} [maxLength] in tokens: what comes after is ignored; Infinity for all; default: as the model says
 * @property {Float32Array} [into] at least texts × dimensions numbers, written instead of a new array
 */

/**
 * A static model, or a transformer's two ends.
 * @typedef {import('./static_model.js').StaticModel & { input?: undefined }
 *   | import('./transformer_ends.js').CheckpointModel} LayerModel
 */

/**
 * The embedding layer of a model: its table, its tokenizer, and what the checkpoint says of their use.
 */
export class EmbeddingLayer {
  #heap;
  #model;
  #live = true;

  /**
   * Not for callers: use `EmbeddingLayer.fromPretrained`.
   * @param {import('../memory/heap.js').Heap} heap
   * @param {LayerModel} model
   */
  constructor(heap, model) {
    this.#heap = heap;
    this.#model = model;
  }

  /**
   * Loads a Model2Vec model, a sentence-transformers StaticEmbedding model, or the two ends of a transformer: what its
   * first block receives and what scores its last one's output (docs/FORMATS.md lists the families), from safetensors or
   * from a GGUF file.
   * @param {import('../sources/files.js').ModelLocation} location a base URL, a folder (Node), a hub id `org/name`, or the
   *   files: a File[], or a Map or object of names to bytes; or the address or path of a .gguf file. A folder, and files,
   *   may hold one .gguf and no safetensors
   * @param {import('./static_model.js').LoadOptions & import('../sources/address.js').FilesOptions & { file?: string }}
   *   [options] `file`: the .gguf file of the location that is meant
   * @returns {Promise<EmbeddingLayer>}
   */
  static async fromPretrained(location, options = {}) {
    const files = await modelFiles(location, options);
    const names = [options.file, shown(location), ...((await files.list?.()) ?? [])];
    const load = async () => {
      if (names.some((name) => name && GGUF.test(name))) {
        const model = await (
          await import('./gguf_model.js')
        ).loadGguf(location, files, options, { modelFiles, settled });
        if (model) return model;
      }
      const config = await readJson(files, 'config.json', options);
      const transformer = config?.model_type !== undefined && config.model_type !== 'model2vec';
      if (!transformer) return loadStaticModel(files, options, config);
      return (await import('./transformer_ends.js')).loadCheckpoint(files, options, config);
    };
    const heap = await loadHeap();
    return new EmbeddingLayer(heap, await settled(files, load));
  }

  get #any() {
    if (!this.#live) throw new WembedError('disposed', 'this EmbeddingLayer has been disposed');
    return this.#model;
  }

  /** @returns {import('./static_model.js').StaticModel} */
  get #parts() {
    const model = this.#any;
    if (!model.input) return model;
    const what = `a ${model.family} makes text vectors in its blocks, of which wembed has none: use embed() and head`;
    throw new WembedError('unsupported', what);
  }

  /** The tokenizer: text to ids and back. */
  get tokenizer() {
    const model = this.#any;
    if (model.tokenizer) return model.tokenizer;
    const why = model.input && model.whyNoTokenizer;
    throw why ?? new WembedError('not_found', 'this model came without a tokenizer.json');
  }
  /** The table: ids to rows. */
  get table() {
    return this.#any.table;
  }
  /**
   * What scores hidden states: a decoder's, or a masked language model's with the transform before it. Undefined for
   * models without one; `not_found` where the checkpoint should have one and has not.
   */
  get head() {
    const model = this.#any;
    return model.input ? model.head : undefined;
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
    const model = this.#any;
    return model.input ? model.rotaryOf(layerType) : undefined;
  }
  /** What attention adds to its scores in BLOOM and Falcon, which scales the sum; undefined in other models. */
  get alibi() {
    const model = this.#any;
    return model.input ? model.alibi : undefined;
  }
  /** Numbers a vector. */
  get dim() {
    return this.#any.table.dim;
  }

  /**
   * Turns text into vectors: ids without special tokens, unknown ones dropped, their rows pooled. A text of no known
   * tokens is all zeros. The same text gives the same bits alone and in a batch.
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
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array | Matrix}
   */
  encode(texts, options = NO_OPTIONS) {
    if (typeof texts === 'string') {
      const plain = options === NO_OPTIONS && texts.length < SHORT_TEXT && this.#encodeShort(texts);
      return plain || this.#encodeAll([texts], options).data;
    }
    if (!Array.isArray(texts)) {
      throw new WembedError('invalid_argument', `encode takes a string or an array of strings, got ${typeof texts}`);
    }
    return this.#encodeAll(texts, options);
  }

  /**
   * The commonest call by the shortest way: as #encodeFused, without what only many or long texts need.
   * @param {string} text too short to be cut
   * @returns {Float32Array | undefined} undefined where this way is not open
   */
  #encodeShort(text) {
    const { table, tokenizer, normalize, maxLength } = this.#parts;
    const tokens = tokenizer.handle;
    const { handle, shape } = storageOf(table);
    const { dim } = shape;
    const heap = this.#heap;
    if (!tokens || text.length > maxLength) return undefined;
    const utf8 = heap.scratch('text', 3 * SHORT_TEXT);
    const ends = heap.scratch('offsets', 4);
    const out = heap.scratch('out', 4 * dim);
    heap.u32[ends >>> 2] = heap.writeText(text, utf8) - utf8;
    const most = Math.min(maxLength, NO_LIMIT);
    const epsilon = normalize ? NORM_EPSILON : -1;
    try {
      // prettier-ignore
      heap.check(heap.core.textEncodePooled(tokens, handle, utf8, ends, 1, NO_LIMIT, most, MEAN, dim, epsilon, out));
    } catch (error) {
      throw heap.explain(error);
    }
    const vector = new Float32Array(dim);
    vector.set(heap.f32.subarray(out >>> 2, (out >>> 2) + dim));
    return vector;
  }

  /**
   * @param {readonly string[]} texts
   * @param {EncodeOptions} options
   * @returns {Matrix}
   */
  #encodeAll(texts, options) {
    const { table, normalize: normalizes } = this.#parts;
    const { normalize = normalizes, dimensions = table.dim, pooling = 'mean', into } = options;
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > table.dim) {
      throw new WembedError('invalid_argument', `dimensions must be 1 to ${table.dim}, got ${shown(dimensions)}`);
    }
    const data = outputArray(into, texts.length * dimensions);
    this.#checkTexts(texts, options);
    if (this.tokenizer.handle) this.#encodeFused(texts, options, data, dimensions, pooling, normalize);
    else this.#encodeInSteps(texts, options, data, dimensions, pooling, normalize);
    return new Matrix(data, texts.length, dimensions);
  }

  /**
   * @param {readonly string[]} texts
   * @param {EncodeOptions} options
   */
  #checkTexts(texts, { maxLength = this.#parts.maxLength }) {
    if (typeof maxLength !== 'number' || !(maxLength > 0)) {
      throw new WembedError('invalid_argument', `maxLength must be above 0, got ${shown(maxLength)}`);
    }
    for (let i = 0; i < texts.length; i++) {
      if (typeof texts[i] === 'string') continue;
      throw new WembedError('invalid_argument', `text ${i} must be a string, got ${typeof texts[i]}`);
    }
  }

  /**
   * Text → ids → rows → vectors in the core, a strip of texts a call.
   * @param {readonly string[]} texts
   * @param {EncodeOptions} options
   * @param {Float32Array} data
   * @param {number} dimensions
   * @param {import('../table/table.js').BagMode} pooling
   * @param {boolean} normalize
   */
  #encodeFused(texts, options, data, dimensions, pooling, normalize) {
    const { table, tokenizer } = this.#parts;
    const heap = this.#heap;
    const mode = bagMode(pooling);
    const maxLength = Math.min(options.maxLength ?? this.#parts.maxLength, NO_LIMIT);
    const epsilon = normalize ? NORM_EPSILON : -1;
    const [tokens, rows] = [tokenizer.handle, storageOf(table).handle];
    const mostIds = Math.floor(maxLength);
    for (let from = 0, to; from < texts.length; from = to) {
      to = this.#stripEnd(texts, from);
      const mostCodePoints = this.#mostCodePoints(texts, from, to, maxLength);
      const n = to - from;
      const utf8 = this.#writeStrip(texts, from, to, mostCodePoints);
      const ends = heap.scratch('offsets', 4 * n);
      const out = heap.scratch('out', 4 * n * dimensions);
      try {
        // prettier-ignore
        heap.check(
          heap.core.textEncodePooled(
            tokens, rows, utf8, ends, n, mostCodePoints, mostIds, mode, dimensions, epsilon, out,
          ),
        );
      } catch (error) {
        throw heap.explain(error);
      }
      data.set(heap.f32.subarray(out >>> 2, (out >>> 2) + n * dimensions), from * dimensions);
    }
  }

  /**
   * @param {readonly string[]} texts
   * @param {number} from the first of a strip: as many texts as take STRIP_BYTES, at least one
   */
  #stripEnd(texts, from) {
    let to = from;
    for (let room = 0; to < texts.length; to++) {
      room += 3 * texts[to].length; // whatever is cut off: a long text has a strip of its own
      if (to > from && room > STRIP_BYTES) break;
    }
    return to;
  }

  /**
   * Where Model2Vec cuts texts: maxLength × the median token's length. Worked out for long texts only: no short one can
   * be cut.
   * @param {readonly string[]} texts
   * @param {number} from
   * @param {number} to
   * @param {number} maxLength in tokens
   */
  #mostCodePoints(texts, from, to, maxLength) {
    for (let i = from; i < to; i++) {
      if (texts[i].length > maxLength) {
        return Math.min(maxLength * this.#parts.tokenizer.medianTokenLength, NO_LIMIT);
      }
    }
    return NO_LIMIT;
  }

  /**
   * Writes texts one after the other into the core's memory, and where each ends into the slot 'offsets'. Of a text that
   * will be cut, hardly more than what is kept.
   * @param {readonly string[]} texts
   * @param {number} from
   * @param {number} to
   * @param {number} mostCodePoints
   * @returns {number} where they begin
   */
  #writeStrip(texts, from, to, mostCodePoints) {
    const heap = this.#heap;
    const most = 2 * mostCodePoints; // units
    let room = 0;
    for (let i = from; i < to; i++) room += utf8Room(texts[i].length > most ? texts[i].slice(0, most) : texts[i]);
    const utf8 = heap.scratch('text', room);
    const ends = heap.scratch('offsets', 4 * (to - from)) >>> 2;
    for (let i = from, end = utf8; i < to; i++) {
      end = heap.writeText(texts[i].length > most ? texts[i].slice(0, most) : texts[i], end);
      heap.u32[ends + i - from] = end - utf8;
    }
    return utf8;
  }

  /**
   * The same with a tokenizer that gives its ids to JavaScript.
   * @param {readonly string[]} texts
   * @param {EncodeOptions} options
   * @param {Float32Array} data
   * @param {number} dimensions
   * @param {import('../table/table.js').BagMode} pooling
   * @param {boolean} normalize
   */
  #encodeInSteps(texts, options, data, dimensions, pooling, normalize) {
    const { table } = this.#parts;
    const { ids, offsets } = this.#tokenize(texts, options);
    const pooled = table.bag(ids, offsets, { mode: pooling, into: dimensions === table.dim ? data : undefined });
    if (dimensions < table.dim) {
      for (let i = 0; i < texts.length; i++) data.set(pooled.row(i).subarray(0, dimensions), i * dimensions);
    }
    if (normalize) this.#normalize(data, texts.length, dimensions);
  }

  /**
   * The ids of each text as Model2Vec takes them: cut to maxLength × the median token's length in code points, no special
   * tokens, no unknown ids, cut to maxLength ids.
   * @param {readonly string[]} texts
   * @param {EncodeOptions} options
   */
  #tokenize(texts, options) {
    const { tokenizer, maxLength: defaultLength } = this.#parts;
    const { maxLength = defaultLength } = options;
    /** @type {number[]} */
    const ids = [];
    const offsets = new Uint32Array(texts.length + 1);
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i];
      // The median is worked out for the first long text only: no short one can be cut.
      const cut = text.length <= maxLength ? text : firstCodePoints(text, maxLength * tokenizer.medianTokenLength);
      let kept = 0;
      for (const id of tokenizer.encode(cut, { addSpecialTokens: false }).ids) {
        if (id === tokenizer.unkId) continue;
        if (kept++ === maxLength) break;
        ids.push(id);
      }
      offsets[i + 1] = ids.length;
    }
    return { ids: Uint32Array.from(ids), offsets };
  }

  /**
   * @param {Float32Array} data
   * @param {number} rows
   * @param {number} dim
   */
  #normalize(data, rows, dim) {
    const address = this.#heap.floats('out', data);
    this.#heap.core.normalize(address, rows, dim, NORM_EPSILON);
    data.set(this.#heap.f32.subarray(address >>> 2, (address >>> 2) + data.length));
  }

  /**
   * What a model's first block receives for these ids: their rows (× scale, in Gemma) + position rows + type rows, then
   * LayerNorm, as far as the checkpoint has them. A static model's rows as they are.
   * @param {import('../core/arguments.js').IntegerArray} ids each < vocabSize
   * @param {object} [options]
   * @param {import('../core/arguments.js').IntegerArray} [options.positionIds] one an id; default 0, 1, 2, …, in RoBERTa those that
   *   leave padding out
   * @param {import('../core/arguments.js').IntegerArray} [options.tokenTypeIds] one an id; default 0
   * @param {Float32Array} [options.into] at least ids.length × dim numbers, written instead of a new array
   * @returns {Matrix} (ids.length, dim)
   */
  embed(ids, options = {}) {
    const model = this.#any;
    if (model.input) return model.input.embed(ids, options);
    if (options.positionIds || options.tokenTypeIds) {
      throw new WembedError('invalid_argument', 'a static model has neither positions nor token types');
    }
    return model.table.lookup(ids, options);
  }

  /**
   * How alike two texts are: the cosine of the angle between their vectors.
   * @param {string} a
   * @param {string} b
   * @param {EncodeOptions} [options]
   * @returns {number} -1 to 1; 0 where either has no known tokens
   */
  similarity(a, b, options = {}) {
    const vectors = this.encode([a, b], { ...options, into: undefined });
    const address = this.#heap.floats('out', vectors.data);
    return this.#heap.core.cosine(address, address + 4 * vectors.dim, vectors.dim);
  }

  /**
   * The layer in figures.
   */
  describe() {
    const model = this.#any;
    const { table } = model;
    const own = model.input
      ? {
          ...model.size,
          family: model.family,
          hiddenSize: model.input.dim,
          tied: model.scores === 'tied',
          positions: model.positions,
          normalize: false,
          tokenizer: model.tokenizer?.engine ?? null,
        }
      : {
          tied: false,
          positions: null,
          pooling: 'mean',
          normalize: model.normalize,
          maxLength: model.maxLength,
          tokenizer: model.tokenizer.engine,
        };
    return {
      vocabSize: table.vocabSize,
      rows: table.rows,
      dim: table.dim,
      dtype: table.dtype,
      bytes: table.bytes,
      parameters: table.rows * table.dim,
      ...own,
      variant: this.#heap.variant,
    };
  }

  /**
   * A layer of fewer tokens: those asked for and what the tokenizer needs. A text whose tokens all stay has the same vector,
   * bit for bit, unless it is so long that it is cut, which goes by the vocabulary's median token.
   * @param {import('./prune.js').PruneOptions} options
   * @returns {Promise<EmbeddingLayer>} a layer of its own, of which this one is independent
   */
  async prune(options) {
    const { pruneStatic } = await import('./prune.js');
    return new EmbeddingLayer(this.#heap, await pruneStatic(this.#parts, options));
  }

  /**
   * The files of a folder that Python's `model2vec.StaticModel.from_pretrained` loads, and `fromPretrained` here.
   * @param {import('./save.js').SaveOptions} [options]
   * @returns {Promise<import('./save.js').SavedFiles>} names to bytes
   */
  async save(options) {
    return (await import('./save.js')).savedFiles(this.#parts, options);
  }

  /**
   * The same written to a folder, in Node.
   * @param {string} folder made where there is none
   * @param {import('./save.js').SaveOptions} [options]
   * @returns {Promise<string[]>} the paths
   */
  async saveTo(folder, options) {
    return (await import('./save.js')).saveToFolder(this.#parts, folder, options);
  }

  /** Frees its memory. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    if (this.#live) {
      const model = this.#model;
      if (model.input) model.dispose();
      else model.table.dispose();
      model.tokenizer?.dispose();
    }
    this.#live = false;
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.dispose();
  }
}
