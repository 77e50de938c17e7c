import { optionsOf, outputArray, floatsOf, lengthOf } from '../core/arguments.js';
import { partOf } from '../core/numbers.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, isA, asObject } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { EmbeddingTable, storageOf } from '../table/table.js';
import { eachSubword } from './files/fasttext.js';
import { KeyIndex } from '../core/key_index.js';
import { VECTOR_OPTIONS, openVectors } from './loader.js';
import { missing } from './missing_key.js';
import { KeyedQueries } from './keyed_queries.js';
import { Cosines, best, cosmul, dot, keysOf, meanOf, questionOf, unit } from './queries.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */
/** @typedef {import('../table/table.js').OutputOptions} OutputOptions */
/** @typedef {import('./loader.js').VectorSource} VectorSource */
/** @typedef {import('./loader.js').WordVectorsOptions} WordVectorsOptions */
/** @typedef {import('./queries.js').SearchItems} SearchItems */
/** @typedef {import('./queries.js').SimilarOptions} SimilarOptions */
/** @typedef {import('./queries.js').WeightedItem} WeightedItem */

/**
 * A key and its similarity.
 * @typedef {object} SimilarKey
 * @property {string} key a word
 * @property {number} score its cosine, or what the method computes
 */

/**
 * Keys and their vectors: gensim's `KeyedVectors`, and for fastText models its `FastTextKeyedVectors`: then words
 * outside the vocabulary get vectors too, from their character n-grams. Created by `WordVectors.fromPretrained` or
 * `WordVectors.from`.
 * @example
 * const words = await WordVectors.fromPretrained('glove.6B.100d.txt', { limit: 100_000 });
 * words.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topn: 3 }); // [{ key, score }, …]
 */
export class WordVectors extends KeyedQueries {
  #table;
  #keys;
  #subwords;
  #cosines;

  /** @internal @param {import('./loader.js').LoadedVectors} vectors */
  constructor(vectors) {
    super();
    if (!isA(asObject(vectors).keys, KeyIndex)) {
      throw new WembedError(
        'invalid_argument',
        'word vectors are made by WordVectors.fromPretrained or WordVectors.from',
      );
    }
    const { table, keys, subwords } = vectors;
    this.#table = table;
    this.#keys = keys;
    this.#subwords = subwords;
    this.#cosines = new Cosines(table);
    Object.preventExtensions(this); // as EmbeddingLayer
  }

  /**
   * Loads a file of word vectors: word2vec's binary or text format, GloVe's text, fastText's .vec or .bin (and .ftz), a
   * NumPy array; also gzipped. The format is recognized by content. If a key occurs twice, its first row is used.
   * @param {VectorSource} location an address, a file's path (in Node; in a browser relative to the page's address), a
   *   File or Blob, bytes, or an object with `byteLength` and `slice`
   * @param {WordVectorsOptions} [options]
   * @returns {Promise<WordVectors>} errors: `not_found`, `bad_file`, `unsupported`, `network`, `aborted`
   */
  static async fromPretrained(location, options) {
    const given = optionsOf('WordVectors.fromPretrained', options, VECTOR_OPTIONS);
    return new WordVectors(await openVectors(location, given));
  }

  /**
   * Another name for `fromPretrained`.
   * @param {VectorSource} location
   * @param {WordVectorsOptions} [options]
   * @returns {Promise<WordVectors>}
   */
  static async load(location, options) {
    return WordVectors.fromPretrained(location, options);
  }

  /**
   * Creates word vectors from your own data.
   * @param {readonly string[]} keys all different
   * @param {Float32Array | readonly number[] | Matrix} vectors (keys.length, dim): one row per key
   * @param {{ dtype?: Dtype }} [options] how to store the vectors; default 'f32'
   * @returns {Promise<WordVectors>} errors: `shape_mismatch`, `invalid_argument`
   */
  static async from(keys, vectors, options) {
    const { dtype } = optionsOf('WordVectors.from', options, ['dtype']);
    const own = keysOf(keys);
    const matrix = matrixIn(vectors);
    const data = floatsOf('vectors', matrix?.data ?? /** @type {number[]} */ (vectors));
    const dim = matrix ? matrix.dim : lengthOf(data) / own.length;
    if (!Number.isInteger(dim)) {
      throw new WembedError('shape_mismatch', `${lengthOf(data)} numbers for ${own.length} keys`);
    }
    const index = KeyIndex.from(own);
    return new WordVectors({ table: await EmbeddingTable.from(data, { rows: own.length, dim, dtype }), keys: index });
  }

  /** The number of keys. */
  get length() {
    return this.#keys.length;
  }
  /** Numbers per vector. */
  get vectorSize() {
    return this.#table.dim;
  }
  /** The same. */
  get dim() {
    return this.#table.dim;
  }
  /** The keys, in the order of the rows; created on first use. @returns {readonly string[]} */
  get indexToKey() {
    return this.#keys.list;
  }
  /**
   * Each key's row; created on first use, which takes much memory for millions of keys.
   * @returns {ReadonlyMap<string, number>}
   */
  get keyToIndex() {
    return this.#keys.map;
  }
  /** The vectors: one row per key. */
  get table() {
    return this.#table;
  }

  /**
   * Whether a key has a vector. A model with subwords has one for every key; `keyToIndex.has` tells whether a key is in
   * its vocabulary.
   * @param {string} key
   * @returns {boolean}
   */
  has(key) {
    return this.#keys.find(key) >= 0 || (typeof key === 'string' && this.#subwords !== undefined);
  }

  /**
   * The vector of a key. For a word outside a fastText model's vocabulary it is the mean of its subwords' vectors
   * (zeros if the word is too short to have any).
   * @param {string} key
   * @param {OutputOptions} [options] `into`: at least vectorSize numbers
   * @returns {Float32Array} (vectorSize). Errors: `not_found`, `shape_mismatch`, `disposed`
   */
  get(key, options) {
    const { into } = optionsOf('get', options, ['into']);
    const row = this.#keys.find(key);
    if (row >= 0) return this.#table.lookup([row], { into }).data;
    storageOf(this.#table); // throws if disposed, also where only subwords would be used
    if (!this.#subwords || typeof key !== 'string') throw missing(key, this.#keys);
    const { table, rule } = this.#subwords;
    /** @type {number[]} */
    const ids = [];
    eachSubword(key, rule, (id) => ids.push(id));
    return table.bag(ids, [0, ids.length], { into }).data;
  }

  /**
   * The same as `get`.
   * @param {string} key
   * @param {OutputOptions} [options]
   * @returns {Float32Array} (vectorSize)
   */
  vector(key, options) {
    return this.get(key, options);
  }

  /**
   * The vectors of the given keys, in their order.
   * @param {readonly string[]} keys
   * @param {OutputOptions} [options] `into`: at least keys.length × vectorSize numbers
   * @returns {Matrix} (keys.length, vectorSize). Errors: `not_found`, before anything is written; `shape_mismatch`
   */
  vectors(keys, options) {
    const { into } = optionsOf('vectors', options, ['into']);
    const names = keysOf(keys);
    const dim = this.vectorSize;
    const data = outputArray(into, names.length * dim);
    const rows = names.map((key) => this.#keys.find(key));
    if (!rows.includes(-1)) return this.#table.lookup(rows, { into: data });
    const unknown = names.find((key) => !this.has(key));
    if (unknown !== undefined) throw missing(unknown, this.#keys);
    names.forEach((key, i) => this.get(key, { into: partOf(data, i * dim, (i + 1) * dim) }));
    return new Matrix(data, names.length, dim);
  }

  /**
   * The similarity of two keys: the cosine of the angle between their vectors; 0 if one vector is zero.
   * @param {string} a
   * @param {string} b
   * @returns {number} -1 to 1
   */
  similarity(a, b) {
    return dot(unit(this.get(a)), unit(this.get(b)));
  }

  /**
   * The keys whose vectors have the most similar direction to the mean of the given vectors, which are normalized
   * first. Keys of the query are left out. (gensim's `most_similar`)
   * @param {SearchItems | SimilarOptions} query the positive items, or all options
   * @param {SimilarOptions} [options]
   * @returns {SimilarKey[]} best first; score is the cosine. Errors: `not_found`, `invalid_argument`, `shape_mismatch`
   */
  mostSimilar(query, options) {
    const { positive, negative, topn, limit } = questionOf('mostSimilar', query, options, -1);
    const items = [...positive, ...negative];
    if (items.length === 0) {
      throw new WembedError('invalid_argument', 'mostSimilar needs a positive or a negative key or vector');
    }
    return this.#best(this.#cosines.with(this.#mean(items)), items, topn, limit);
  }

  /**
   * Like `mostSimilar`, but cosines, shifted to 0 … 1, are multiplied instead of added: those of the positives, divided
   * by those of the negatives. Weights are ignored. (gensim's `most_similar_cosmul`; Levy and Goldberg 2014,
   * "Linguistic Regularities in Sparse and Explicit Word Representations", 3CosMul)
   * @param {SearchItems | SimilarOptions} query the positive items, or all options; at least one positive
   * @param {SimilarOptions} [options]
   * @returns {SimilarKey[]} best first
   */
  mostSimilarCosmul(query, options) {
    const { positive, negative, topn, limit } = questionOf('mostSimilarCosmul', query, options, 1);
    if (positive.length === 0) {
      throw new WembedError('invalid_argument', 'mostSimilarCosmul needs a positive key or vector');
    }
    const cosines = (/** @type {WeightedItem} */ { item }) => this.#cosines.with(this.#mean([{ item, weight: 1 }]));
    const scores = cosmul(this.length, positive, negative, cosines);
    return this.#best(scores, [...positive, ...negative], topn, limit);
  }

  /**
   * @param {Float32Array} scores (length)
   * @param {WeightedItem[]} items of the query, left out of the result
   * @param {number} topn
   * @param {number} limit the number of keys to search
   */
  #best(scores, items, topn, limit) {
    const asked = new Set(items.map(({ item }) => (typeof item === 'string' ? this.#keys.find(item) : -1)));
    const rows = best(scores.subarray(0, Math.min(limit, this.length)), topn, asked);
    return rows.map((row) => ({ key: this.#keys.key(row), score: scores[row] }));
  }

  /**
   * The key that fits least: the one whose vector is farthest from the mean of all. (gensim's `doesnt_match`)
   * @param {readonly string[]} keys keys without a vector are ignored
   * @returns {string}
   */
  doesntMatch(keys) {
    const given = keysOf(keys);
    const known = given.filter((key) => this.has(key));
    if (known.length === 0) throw new WembedError('not_found', `none of [${given.join(', ')}] has a vector`);
    const mean = this.#mean(known.map((item) => ({ item, weight: 1 })));
    const scores = known.map((key) => dot(unit(this.get(key)), mean));
    return known[scores.reduce((least, score, i) => (score < scores[least] ? i : least), 0)];
  }

  /** @param {WeightedItem[]} items */
  #mean(items) {
    return meanOf(items, this.vectorSize, (key) => this.get(key));
  }

  /** Its properties, and the bytes it occupies. */
  describe() {
    const subwords = this.#subwords;
    return {
      ...{ length: this.length, vectorSize: this.vectorSize, dtype: this.#table.dtype },
      bytes: this.#table.bytes + (subwords?.table.bytes ?? 0),
      subwords: subwords && { minn: subwords.rule.minn, maxn: subwords.rule.maxn, rows: subwords.table.rows },
    };
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#subwords?.table.dispose();
    this.#table.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}
