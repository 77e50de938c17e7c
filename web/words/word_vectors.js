import { WembedError, asWembedError, shown, throwIfAborted } from '../core/errors.js';
import { eachSubword } from './files/fasttext.js';
import { KeyIndex } from './key_index.js';
import { batchRows } from '../formats/row_batches.js';
import { TiedHead } from '../nn/language_model_head.js';
import { Matrix } from '../core/matrix.js';
import { openFile } from '../sources/location.js';
import { EmbeddingTable, checkDtype, outputArray } from '../table/table.js';
import { readVectors } from './loader.js';
import { loadHeap } from '../memory/heap.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */
/** @typedef {string | URL | Blob | Uint8Array | ArrayBuffer | import('../sources/source.js').ByteSource} VectorSource */

/**
 * How a file is read; what comes from a server also takes the options of downloads: headers, token, cache …
 * @typedef {VectorOptions & import('../sources/address.js').FilesOptions} WordVectorsOptions
 */

/**
 * @typedef {object} VectorOptions
 * @property {number} [limit] only the first so many rows; hardly more than those is read
 * @property {Dtype} [dtype] how to store the vectors, 'f32' unless given: converted as they arrive
 * @property {string} [encoding] of the keys, as TextDecoder names it; default 'utf-8'. Bytes that are none become U+FFFD
 * @property {readonly string[]} [keys] of a NumPy file, which has none: one a row; default '0', '1', '2' …
 * @property {AbortSignal} [signal]
 * @property {import('../core/dtypes.js').OnProgress} [onProgress]
 */

/**
 * What a search is made of: a key, a vector, or either with its weight.
 * @typedef {string | Float32Array | readonly number[] | readonly [key: string | Float32Array, weight: number]} SearchItem
 */

/**
 * Keys and their vectors: gensim's `KeyedVectors`, and its `FastTextKeyedVectors` where the file is a fastText model:
 * then words that are not in the vocabulary get vectors too, from their character n-grams.
 */
export class WordVectors {
  #table;
  #keys;
  #subwords;
  /** @type {string[] | undefined} */
  #indexToKey;
  /** @type {Map<string, number> | undefined} */
  #keyToIndex;
  /** @type {TiedHead | undefined} */
  #head;
  /** @type {Float32Array | undefined} */
  #norms;

  /**
   * Not for callers: use `WordVectors.load` or `WordVectors.from`.
   * @param {EmbeddingTable} table
   * @param {KeyIndex} keys one a row
   * @param {import('./loader.js').Subwords} [subwords]
   */
  constructor(table, keys, subwords) {
    this.#table = table;
    this.#keys = keys;
    this.#subwords = subwords;
  }

  /**
   * Loads a file of word vectors: word2vec's binary or text format, GloVe's text, fastText's .vec or .bin (and .ftz), a
   * NumPy array; gzipped too. What it is tells its content, not its name. Of a key that comes twice the first counts.
   * @param {VectorSource} source an address, a file's path (in Node; in a browser it is taken from the page's address), a
   *   File or Blob, bytes, or anything with `byteLength` and `slice`
   * @param {WordVectorsOptions} [options]
   * @returns {Promise<WordVectors>}
   */
  static async load(source, options = {}) {
    const { limit = Infinity, dtype = 'f32', signal } = options;
    if (limit !== Infinity && (!Number.isInteger(limit) || limit < 0)) {
      throw new WembedError('invalid_argument', `limit must be a whole number, got ${shown(limit)}`);
    }
    checkDtype(dtype);
    throwIfAborted(signal);
    const bytes = await openFile(source, { ...options, ranges: true });
    const name = nameOf(source);
    if (!bytes) throw new WembedError('not_found', `there is no file ${name}`);
    try {
      const { table, keys, subwords } = await readVectors(await loadHeap(), bytes, name, { ...options, limit, dtype });
      return new WordVectors(table, keys, subwords);
    } catch (error) {
      await bytes.settle?.(error);
      throw asWembedError(error, name, signal);
    } finally {
      if (bytes !== source) await bytes.close?.(); // what the caller opened, the caller closes
    }
  }

  /**
   * Makes word vectors of what you have.
   * @param {readonly string[]} keys all different
   * @param {Float32Array | readonly number[] | Matrix} vectors (keys.length, dim), a row a key
   * @param {{ dtype?: Dtype }} [options]
   * @returns {Promise<WordVectors>}
   */
  static async from(keys, vectors, { dtype } = {}) {
    checkKeys(keys);
    if (typeof vectors !== 'object' || vectors === null) {
      throw new WembedError('invalid_argument', `vectors must be numbers or a Matrix, got ${shown(vectors)}`);
    }
    const data = vectors instanceof Matrix ? vectors.data : vectors;
    const dim = vectors instanceof Matrix ? vectors.dim : data.length / keys.length;
    if (!Number.isInteger(dim)) {
      throw new WembedError('shape_mismatch', `${data.length} numbers for ${keys.length} keys`);
    }
    const index = KeyIndex.from(keys);
    return new WordVectors(await EmbeddingTable.from(data, { rows: keys.length, dim, dtype }), index);
  }

  /** Keys it has vectors for. */
  get length() {
    return this.#keys.length;
  }
  /** Numbers a vector. */
  get vectorSize() {
    return this.#table.dim;
  }
  /** @returns {readonly string[]} the keys, in the order of the rows; made at the first use */
  get indexToKey() {
    this.#indexToKey ??= this.#keys.keys();
    return this.#indexToKey;
  }
  /** @returns {ReadonlyMap<string, number>} each key's row; made at the first use, which millions of keys are better without */
  get keyToIndex() {
    if (!this.#keyToIndex) {
      this.#keyToIndex = new Map();
      for (const [i, key] of this.indexToKey.entries()) if (!this.#keyToIndex.has(key)) this.#keyToIndex.set(key, i);
    }
    return this.#keyToIndex;
  }
  /** The vectors: a row a key. */
  get table() {
    return this.#table;
  }

  /**
   * Whether there is a vector for a key. A model with subwords has one for any; `keyToIndex.has` tells which are in its
   * vocabulary.
   * @param {string} key
   */
  has(key) {
    return this.#keys.find(key) >= 0 || this.#subwords !== undefined;
  }

  /**
   * The vector of a key; where a fastText model does not know the word, the mean of its subwords' vectors (zeros for one
   * too short to have any).
   * @param {string} key
   * @param {{ into?: Float32Array }} [options] `into`: at least vectorSize numbers, written instead of a new array
   * @returns {Float32Array} (vectorSize)
   */
  get(key, { into } = {}) {
    const row = this.#keys.find(key);
    if (row >= 0) return this.#table.lookup([row], { into }).data;
    const data = outputArray(into, this.vectorSize);
    this.#table.handle; // a table that is disposed must not answer from its subwords
    const { table, rule } = this.#subwords ?? this.#missing(key);
    /** @type {number[]} */
    const ids = [];
    eachSubword(key, rule, (id) => ids.push(id));
    return table.bag(ids, [0, ids.length], { into: data }).data;
  }

  /**
   * The same as `get`.
   * @param {string} key
   * @param {{ into?: Float32Array }} [options]
   */
  vector(key, options) {
    return this.get(key, options);
  }

  /**
   * @param {string} key
   * @returns {never}
   */
  #missing(key) {
    const what = typeof key === 'string' ? `key '${key}'` : `a key of type ${typeof key}`;
    throw new WembedError('not_found', `${what} is not among the ${this.length} keys`);
  }

  /**
   * The vectors of some keys, in their order.
   * @param {readonly string[]} keys
   * @param {{ into?: Float32Array }} [options] `into`: at least keys.length × vectorSize numbers
   * @returns {Matrix} (keys.length, vectorSize)
   */
  vectors(keys, { into } = {}) {
    checkKeys(keys);
    const dim = this.vectorSize;
    const data = outputArray(into, keys.length * dim);
    const rows = keys.map((key) => this.#keys.find(key));
    if (!rows.includes(-1)) return this.#table.lookup(rows, { into: data });
    keys.forEach((key) => this.has(key) || this.#missing(key)); // before anything is written
    keys.forEach((key, i) => this.get(key, { into: data.subarray(i * dim, (i + 1) * dim) }));
    return new Matrix(data, keys.length, dim);
  }

  /**
   * The cosine of two keys' vectors; 0 where one has no direction.
   * @param {string} a
   * @param {string} b
   */
  similarity(a, b) {
    return dot(unit(this.get(a)), unit(this.get(b)));
  }

  /**
   * The keys whose vectors point most nearly where the mean of some others does, each of which is made of length 1
   * first. Keys that are part of the question are no part of the answer. (gensim's `most_similar`)
   * @param {object} query
   * @param {string | readonly SearchItem[]} [query.positive] they count +1, or the weight given
   * @param {string | readonly SearchItem[]} [query.negative] they count -1, or the weight given
   * @param {number} [query.topn] default 10
   * @param {number} [query.restrictVocab] only the first so many keys are searched
   * @returns {{ key: string, score: number }[]} best first; score is the cosine
   */
  mostSimilar({ positive = [], negative = [], topn = 10, restrictVocab = this.length } = {}) {
    const items = [...weighted(positive, 1), ...weighted(negative, -1)];
    if (items.length === 0)
      throw new WembedError('invalid_argument', 'nothing to be similar to: no positive, no negative');
    return this.#best(this.#cosines(this.#mean(items)), items, topn, restrictVocab);
  }

  /**
   * As `mostSimilar`, but cosines, moved to 0 … 1, are multiplied instead of added: those of positives, divided by those of
   * negatives. (gensim's `most_similar_cosmul`; Levy and Goldberg 2014, "Linguistic Regularities in Sparse and Explicit
   * Word Representations", 3CosMul)
   * @param {object} query
   * @param {string | readonly (string | Float32Array | readonly number[])[]} query.positive at least one
   * @param {string | readonly (string | Float32Array | readonly number[])[]} [query.negative]
   * @param {number} [query.topn] default 10
   * @param {number} [query.restrictVocab] only the first so many keys are searched
   * @returns {{ key: string, score: number }[]} best first
   */
  mostSimilarCosmul({ positive, negative = [], topn = 10, restrictVocab = this.length } = /** @type {any} */ ({})) {
    const [above, below] = [weighted(positive ?? [], 1), weighted(negative, 1)];
    if (above.length === 0) throw new WembedError('invalid_argument', 'nothing to be similar to: no positive');
    const product = (/** @type {[item: string | ArrayLike<number>, weight: number][]} */ items) => {
      const scores = new Float64Array(this.length).fill(1);
      for (const [item] of items) this.#cosines(this.#mean([[item, 1]])).forEach((c, i) => (scores[i] *= (1 + c) / 2));
      return scores;
    };
    const divisors = product(below);
    const scores = Float32Array.from(product(above), (value, i) => value / (divisors[i] + 1e-6));
    return this.#best(scores, [...above, ...below], topn, restrictVocab);
  }

  /**
   * @param {Float32Array} scores (length)
   * @param {[item: string | ArrayLike<number>, weight: number][]} items of the question, not to be answered
   * @param {number} topn
   * @param {number} restrictVocab
   */
  #best(scores, items, topn, restrictVocab) {
    for (const [name, value] of Object.entries({ topn, restrictVocab })) {
      if (value === Infinity || (Number.isInteger(value) && value >= 0)) continue;
      throw new WembedError('invalid_argument', `${name} must be a whole number, got ${shown(value)}`);
    }
    const asked = new Set(items.map(([item]) => this.#keys.find(/** @type {string} */ (item))));
    const rows = best(scores.subarray(0, Math.min(restrictVocab, this.length)), topn, asked);
    return rows.map((row) => ({ key: this.#keys.key(row), score: scores[row] }));
  }

  /**
   * The key that fits least among the others: whose vector is farthest from their mean. (gensim's `doesnt_match`)
   * @param {readonly string[]} keys those without a vector are left out
   * @returns {string}
   */
  doesntMatch(keys) {
    checkKeys(keys);
    const known = keys.filter((key) => this.has(key));
    if (known.length === 0) throw new WembedError('not_found', `no key of [${keys.join(', ')}] has a vector`);
    const mean = this.#mean(known.map((key) => [key, 1]));
    const scores = known.map((key) => dot(unit(this.get(key)), mean));
    return known[scores.indexOf(Math.min(...scores))];
  }

  /**
   * @param {[item: string | ArrayLike<number>, weight: number][]} items
   * @returns {Float32Array} the weighted sum of their unit vectors, of length 1
   */
  #mean(items) {
    const sum = new Float64Array(this.vectorSize);
    for (const [item, weight] of items) {
      if (typeof item !== 'string' && item.length !== sum.length) {
        throw new WembedError('shape_mismatch', `a vector of ${item.length} numbers, not ${sum.length}`);
      }
      const vector = typeof item === 'string' ? unit(this.get(item)) : item;
      for (let i = 0; i < sum.length; i++) sum[i] += weight * vector[i];
    }
    return unit(sum);
  }

  /**
   * @param {Float32Array} direction of length 1
   * @returns {Float32Array} (length) its cosine with every vector
   */
  #cosines(direction) {
    this.#head ??= new TiedHead(this.#table);
    const scores = /** @type {Float32Array} */ (this.#head.logits(direction));
    this.#norms ??= this.#measure();
    for (let i = 0; i < scores.length; i++) scores[i] = this.#norms[i] > 0 ? scores[i] / this.#norms[i] : 0;
    return scores;
  }

  /** @returns {Float32Array} (length) every vector's length */
  #measure() {
    const dim = this.vectorSize;
    const norms = new Float32Array(this.length);
    const strip = new Float32Array(batchRows(dim) * dim);
    for (let first = 0; first < norms.length; first += batchRows(dim)) {
      const ids = Uint32Array.from({ length: Math.min(batchRows(dim), norms.length - first) }, (_, i) => first + i);
      this.#table.lookup(ids, { into: strip });
      for (let i = 0; i < ids.length; i++) norms[first + i] = norm(strip, i * dim, (i + 1) * dim);
    }
    return norms;
  }

  /** What it is, and what it occupies. */
  describe() {
    const subwords = this.#subwords;
    return {
      ...{ length: this.length, vectorSize: this.vectorSize, dtype: this.#table.dtype },
      bytes: this.#table.bytes + (subwords?.table.bytes ?? 0),
      subwords: subwords && { minn: subwords.rule.minn, maxn: subwords.rule.maxn, rows: subwords.table.rows },
    };
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    this.#head?.dispose();
    this.#subwords?.table.dispose();
    this.#table.dispose();
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.dispose();
  }
}

/**
 * @param {VectorSource} source
 * @returns {string} what to call it in messages
 */
function nameOf(source) {
  if (typeof source === 'string' || source instanceof URL) return String(source);
  return /** @type {{ name?: string }} */ (source)?.name ?? 'the file given';
}

/**
 * @param {string | readonly SearchItem[]} items
 * @param {number} weight of those that bring none
 * @returns {[item: string | ArrayLike<number>, weight: number][]}
 */
function weighted(items, weight) {
  if (typeof items !== 'string') checkKeys(items);
  return (typeof items === 'string' ? [items] : [...items]).map((item) => {
    const isPair = Array.isArray(item) && item.length === 2 && typeof item[0] !== 'number';
    return isPair ? [item[0], item[1]] : [/** @type {string | ArrayLike<number>} */ (item), weight];
  });
}

/**
 * @param {Float32Array} scores
 * @param {number} topn
 * @param {Set<number>} without rows that are left out
 * @returns {number[]} the rows of the best, best first; of equals the lower one
 */
function best(scores, topn, without) {
  /** @type {number[]} */
  const rows = [];
  if (topn > 1000) {
    scores.forEach((score, row) => without.has(row) || Number.isNaN(score) || rows.push(row));
    return rows.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, topn);
  }
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row];
    if (rows.length >= topn && !(score > scores[rows[rows.length - 1]])) continue;
    if (Number.isNaN(score) || without.has(row)) continue;
    let at = rows.length;
    while (at > 0 && scores[rows[at - 1]] < score) at--;
    rows.splice(at, 0, row);
    if (rows.length > topn) rows.pop();
  }
  return rows;
}

/**
 * @param {ArrayLike<number>} x
 * @param {number} begin
 * @param {number} end
 */
function norm(x, begin, end) {
  let squares = 0;
  for (let i = begin; i < end; i++) squares += x[i] * x[i];
  return Math.sqrt(squares);
}

/**
 * @param {ArrayLike<number>} x
 * @returns {Float32Array} of length 1, or zeros
 */
function unit(x) {
  const length = norm(x, 0, x.length) || 1;
  return Float32Array.from(x, (value) => value / length);
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {unknown} keys */
function checkKeys(keys) {
  if (!Array.isArray(keys)) throw new WembedError('invalid_argument', `keys must be an array, got ${typeof keys}`);
}
