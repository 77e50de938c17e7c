import { textsOf } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { refuseRevoked } from '../core/errors.js';
import { WorkerIndex } from './worker_index.js';

/** @typedef {import('./calls.js').CallOptions} CallOptions */
/** @typedef {import('../core/matrix.js').Matrix} Matrix */
/** @typedef {import('../index.js').OneText} OneText */
/** How texts become vectors in a worker. @typedef {Omit<import('../index.js').EncodeOptions, 'into'> & CallOptions} WorkerEncodeOptions */
/** @typedef {Omit<import('../search.js').IndexOptions, 'layer'> & { layer?: false }} WorkerIndexOptions layer: false for vectors
 *   of your own, of any `dim`; default: the worker's */

/** Fewer texts than these, of fewer letters together, are a query, which waits for no job. */
const QUERY_TEXTS = 64;
const QUERY_LETTERS = 20_000;

/** @param {string | string[]} texts */
const isQuery = (texts) =>
  typeof texts === 'string' ||
  (texts.length <= QUERY_TEXTS && texts.reduce((sum, { length }) => sum + length, 0) <= QUERY_LETTERS);

/** An embedding layer in a worker: its methods are those of `EmbeddingLayer`, and give promises. */
export class EmbeddingWorker {
  #calls;
  #end;

  /**
   * Made by `createWorker`.
   * @internal
   * @param {import('./calls.js').Calls} calls
   * @param {import('../index.js').LayerDescription} layer
   * @param {() => void} end
   */
  constructor(calls, layer, end) {
    this.#calls = calls;
    this.#end = end;
    /** Numbers of a token row. */
    this.dim = layer.dim;
    /** The tokenizer, in the worker. */
    this.tokenizer = new WorkerTokenizer(calls);
  }

  /**
   * @overload
   * @param {string} texts
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<Float32Array>} (dim)
   */
  /**
   * @overload
   * @param {readonly string[]} texts
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<Matrix>} (texts.length, dim)
   */
  /**
   * Texts to vectors, as `EmbeddingLayer.encode`: the same bits. More than a few texts are a job, which runs in strips and
   * tells its progress; a text alone or a few are a query.
   * @param {string | readonly string[]} texts
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<Float32Array | Matrix>}
   */
  encode(texts, options) {
    return this.#encode(texts, options); // TypeScript leaves the comments of overloads out where a method is async
  }

  /** @param {string | readonly string[]} texts @param {WorkerEncodeOptions} [options] @returns {Promise<Float32Array | Matrix>} */
  async #encode(texts, options) {
    const given = typeof texts === 'string' ? texts : textsOf('encode', texts);
    if (isQuery(given)) return this.#calls.call('encode', [given, options]);
    return this.#calls.call('encodeList', [options], { list: given });
  }

  /**
   * @overload
   * @param {OneText} a
   * @param {OneText} b
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<number>}
   */
  /**
   * @overload
   * @param {OneText | readonly string[] | Matrix} a
   * @param {OneText | readonly string[] | Matrix} b
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<Matrix>}
   */
  /**
   * How alike two texts or vectors are, as `EmbeddingLayer.similarity`.
   * @param {unknown} a
   * @param {unknown} b
   * @param {WorkerEncodeOptions} [options]
   * @returns {Promise<number | Matrix>} a number, or of several a matrix of each with each
   */
  similarity(a, b, options) {
    return this.#calls.call('similarity', [a, b, options]);
  }

  /**
   * The nearest tokens, as `EmbeddingLayer.mostSimilar`.
   * @param {string | (import('../index.js').TokenQuery & CallOptions)} query
   * @param {Omit<import('../index.js').TokenQuery, 'positive'> & CallOptions} [options]
   * @returns {Promise<{ key: string, score: number }[]>}
   */
  mostSimilar(query, options) {
    return this.#calls.call('mostSimilar', [query, options]);
  }

  /**
   * What a model's first block receives for these ids, as `EmbeddingLayer.embed`.
   * @param {import('../index.js').IntegerArray} ids
   * @param {Omit<import('../index.js').EmbedOptions, 'into'> & CallOptions} [options]
   * @returns {Promise<Matrix>} (ids.length, hiddenSize)
   */
  embed(ids, options) {
    return this.#calls.call('embed', [ids, options]);
  }

  /** The layer in figures. @returns {Promise<import('../index.js').LayerDescription>} */
  describe() {
    return this.#calls.call('describe', []);
  }

  /**
   * @overload
   * @param {WorkerIndexOptions} [options]
   * @returns {Promise<WorkerIndex>}
   */
  /**
   * @overload
   * @param {import('./worker_index.js').ItemList} items
   * @param {WorkerIndexOptions & CallOptions} [options]
   * @returns {Promise<WorkerIndex>}
   */
  /**
   * Makes a `VectorIndex` in the worker, whose layer encodes its texts; with items in it, if there are any.
   * @param {unknown} [items] as `add` takes them; or the options, for an index that is empty
   * @param {WorkerIndexOptions & CallOptions} [options] those of `VectorIndex.create`
   * @returns {Promise<WorkerIndex>}
   */
  index(items, options) {
    return this.#index(items, options);
  }

  /** @param {unknown} items @param {WorkerIndexOptions & CallOptions} [options] @returns {Promise<WorkerIndex>} */
  async #index(items, options) {
    refuseRevoked('an argument', items);
    const isList = typeof Object(items)[Symbol.iterator] === 'function' || Symbol.asyncIterator in Object(items);
    const given = /** @type {WorkerIndexOptions & CallOptions} */ ((isList ? options : items) ?? {});
    const { signal, onProgress, transfer, ...settings } = given;
    const index = new WorkerIndex(this.#calls, await this.#calls.call('index', [{ ...settings, signal }]));
    if (!isList) return index;
    try {
      const list = /** @type {import('./worker_index.js').ItemList} */ (items);
      await index.add(list, { signal, onProgress, transfer });
      return index;
    } catch (error) {
      index.dispose().catch(() => {});
      throw error;
    }
  }

  /**
   * An index that was saved, as `VectorIndex.load`.
   * @param {import('../search.js').IndexSource} source bytes, a Blob, an address, a path (in Node) or the handle of a file
   * @param {CallOptions} [options] `transfer: true` moves the bytes
   * @returns {Promise<WorkerIndex>}
   */
  async loadIndex(source, options) {
    return new WorkerIndex(this.#calls, await this.#calls.call('loadIndex', [source, options ?? {}]));
  }

  /**
   * What the recipes of `wembed/train` ask of their option `worker`. It runs beside jobs and queries, a batch at a time.
   * @param {string} recipe such as 'adapt'
   * @param {Iterable<unknown> | AsyncIterable<unknown>} list of texts or pairs
   * @param {object} lesson what else is learnt from
   * @param {object} options of the recipe
   * @returns {Promise<unknown>} the result in a form that crosses
   */
  learn(recipe, list, lesson, options) {
    return this.#calls.call(recipe, [lesson, options], { list });
  }

  /** Jobs (long lists that are encoded or added) pause, once a strip of some milliseconds is done; queries do not. */
  pause() {
    this.#calls.tell({ pause: true });
  }

  /** Jobs go on. */
  resume() {
    this.#calls.tell({ pause: false });
  }

  /** Ends the worker, or the connection to one of your own; calls that wait fail with `disposed`. */
  dispose() {
    this.#end();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/** The layer's tokenizer in a worker: its methods are those of `Tokenizer`, and give promises. */
export class WorkerTokenizer {
  #calls;

  /** @internal @param {import('./calls.js').Calls} calls */
  constructor(calls) {
    this.#calls = calls;
  }

  /**
   * A text's ids and tokens, as `Tokenizer.encode`.
   * @param {string} text
   * @param {import('../index.js').TokenizeOptions & CallOptions} [options]
   * @returns {Promise<import('../index.js').Encoding>}
   */
  encode(text, options) {
    return this.#calls.call('tokenize', [text, options]);
  }

  /**
   * The ids of many texts, as `Tokenizer.encodeBatch`.
   * @param {readonly string[]} texts
   * @param {import('../index.js').TokenizeOptions & CallOptions} [options]
   * @returns {Promise<Uint32Array[]>}
   */
  async encodeBatch(texts, options) {
    return this.#calls.call('tokenizeList', [options], { list: textsOf('encodeBatch', texts) });
  }

  /**
   * The text of ids, as `Tokenizer.decode`.
   * @param {import('../index.js').IntegerArray} ids
   * @param {{ skipSpecialTokens?: boolean }} [options]
   * @returns {Promise<string>}
   */
  decode(ids, options) {
    return this.#calls.call('decode', [ids, options]);
  }

  /**
   * How many tokens a text has, as `Tokenizer.count`.
   * @param {string} text
   * @param {import('../index.js').TokenizeOptions} [options]
   * @returns {Promise<number>}
   */
  count(text, options) {
    return this.#calls.call('count', [text, options]);
  }

  /**
   * Whether a text has at most so many tokens, as `Tokenizer.isWithinLimit`.
   * @param {string} text
   * @param {number} limit
   * @param {import('../index.js').TokenizeOptions} [options]
   * @returns {Promise<number | false>}
   */
  isWithinLimit(text, limit, options) {
    return this.#calls.call('isWithinLimit', [text, limit, options]);
  }
}
