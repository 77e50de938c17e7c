// The parts of queries on word vectors, and the arithmetic of answering them.
import { count, lengthOf, optionsOf, tagOf, mustBe } from '../core/arguments.js';
import { doublesOf, finite } from '../core/numbers.js';
import { WembedError, shown, isArray } from '../core/errors.js';
import { batchRows } from '../formats/row_batches.js';

/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */

/**
 * Part of a query: a key, a vector, or either with its weight.
 * @typedef {string | Float32Array | readonly number[] | readonly [item: string | Float32Array, weight: number]} SearchItem
 */

/**
 * One part of a query, or several.
 * @typedef {string | Float32Array | readonly SearchItem[] | readonly number[]} SearchItems
 */

/** A key or a vector, and its weight. @typedef {{ item: string | Float64Array, weight: number }} WeightedItem */

/**
 * Which of the nearest keys are wanted.
 * @typedef {object} SimilarOptions
 * @property {SearchItems} [positive] weight +1, unless given
 * @property {SearchItems} [negative] weight -1, unless given
 * @property {number} [topn] the number of keys to return; default 10; aliases `topK` and `k`
 * @property {number} [restrictVocab] search only the first keys; default: all
 */

const SIMILAR_OPTIONS = ['positive', 'negative', 'topn', 'restrictVocab'];
const SIMILAR_ALIASES = { topK: 'topn', k: 'topn', restrict_vocab: 'restrictVocab' };

/**
 * @param {string} call for messages
 * @param {SearchItems | SimilarOptions} query the positive items, or all options
 * @param {SimilarOptions | undefined} options
 * @param {number} negativeWeight the default weight of negative items
 * @returns {{ positive: WeightedItem[], negative: WeightedItem[], topn: number, limit: number }} copies, checked
 */
export function questionOf(call, query, options, negativeWeight) {
  const isItems = typeof query === 'string' || isArray(query) || tagOf(query) !== undefined;
  const all = /** @type {SimilarOptions | undefined} */ (isItems ? options : query);
  const given = optionsOf(call, all, SIMILAR_OPTIONS, SIMILAR_ALIASES);
  if (isItems ? given.positive !== undefined : options !== undefined) {
    throw new WembedError(
      'invalid_argument',
      `${call} takes positive items only once: as its first argument or as an option`,
    );
  }
  const { topn = 10, restrictVocab = Infinity } = given;
  return {
    positive: itemsOf('positive', isItems ? /** @type {SearchItems} */ (query) : given.positive, 1),
    negative: itemsOf('negative', given.negative, negativeWeight),
    topn: countOrAll('topn', topn),
    limit: countOrAll('restrictVocab', restrictVocab),
  };
}

/**
 * @param {string} name for messages
 * @param {SearchItems | undefined} items
 * @param {number} weight the default weight
 * @returns {WeightedItem[]} a copy
 */
function itemsOf(name, items, weight) {
  if (items === undefined) return [];
  if (typeof items === 'string') return [{ item: items, weight }];
  if (tagOf(items) !== undefined) return [{ item: doublesOf(name, /** @type {Float32Array} */ (items)), weight }];
  if (!isArray(items)) {
    throw mustBe(name, 'a key, a vector or an array of them', items);
  }
  const n = count(`the length of ${name}`, items.length);
  /** @type {WeightedItem[]} */
  const found = [];
  for (let i = 0; i < n; i++) {
    const item = items[i];
    if (i === 0 && typeof item === 'number') return [{ item: doublesOf(name, items), weight }]; // the vector itself
    found.push(itemOf(`${name}[${i}]`, item, weight));
  }
  return found;
}

/**
 * @param {string} name
 * @param {SearchItem} item
 * @param {number} weight
 * @returns {WeightedItem}
 */
function itemOf(name, item, weight) {
  if (typeof item === 'string') return { item, weight };
  if (isArray(item) && item.length === 2) {
    const [first, second] = [item[0], item[1]];
    if (typeof first === 'string') return { item: first, weight: finite(`the weight of ${shown(first)}`, second) };
    if (typeof first !== 'number')
      return { item: doublesOf(name, first), weight: finite(`the weight of ${name}`, second) };
    return { item: doublesOf(name, [first, second]), weight };
  }
  return { item: doublesOf(name, /** @type {Float32Array} */ (item)), weight };
}

/**
 * @param {unknown} keys
 * @returns {string[]} a copy
 */
export function keysOf(keys) {
  if (!isArray(keys)) {
    throw mustBe('keys', 'an array of strings', keys);
  }
  const n = count('the length of keys', keys.length);
  /** @type {string[]} */
  const copy = [];
  for (let i = 0; i < n; i++) {
    const key = keys[i];
    if (typeof key !== 'string') {
      throw mustBe(`keys[${i}]`, 'a string', key);
    }
    copy.push(key);
  }
  return copy;
}

/** The cosines of a vector with every row of a table. */
export class Cosines {
  #table;
  /** @type {Float32Array | undefined} the norm of every row */
  #norms;

  /** @param {EmbeddingTable} table */
  constructor(table) {
    this.#table = table;
  }

  /**
   * @param {Float32Array} direction (dim), of norm 1
   * @returns {Float32Array} (rows)
   */
  with(direction) {
    const scores = this.#table.products(direction);
    this.#norms ??= normsOf(this.#table);
    for (let i = 0; i < scores.length; i++) scores[i] = this.#norms[i] > 0 ? scores[i] / this.#norms[i] : 0;
    return scores;
  }
}

/**
 * @param {WeightedItem[]} items
 * @param {number} dim
 * @param {(key: string) => Float32Array} vectorOf
 * @returns {Float32Array} (dim) the weighted sum of vectors, with the vectors of keys normalized first; of norm 1
 */
export function meanOf(items, dim, vectorOf) {
  const sum = new Float64Array(dim);
  for (const { item, weight } of items) {
    const vector = typeof item === 'string' ? unit(vectorOf(item)) : item;
    if (vector.length !== dim)
      throw new WembedError('shape_mismatch', `a vector of ${vector.length} numbers, not ${dim}`);
    for (let i = 0; i < dim; i++) sum[i] += weight * vector[i];
  }
  return unit(sum);
}

/**
 * @param {EmbeddingTable} table
 * @returns {Float32Array} (rows) the norm of every row
 */
function normsOf(table) {
  const { dim, rows } = table;
  const norms = new Float32Array(rows);
  const strip = new Float32Array(batchRows(dim) * dim);
  for (let first = 0; first < rows; first += batchRows(dim)) {
    const ids = Uint32Array.from({ length: Math.min(batchRows(dim), rows - first) }, (_, i) => first + i);
    table.lookup(ids, { into: strip });
    for (let i = 0; i < ids.length; i++) norms[first + i] = norm(strip, i * dim, (i + 1) * dim);
  }
  return norms;
}

/**
 * 3CosMul: the product of the positives' cosines, shifted to 0 … 1, divided by that of the negatives'.
 * @param {number} length the number of keys
 * @param {WeightedItem[]} positive
 * @param {WeightedItem[]} negative
 * @param {(item: WeightedItem) => Float32Array} cosines (length)
 * @returns {Float32Array} (length)
 */
export function cosmul(length, positive, negative, cosines) {
  const [above, below] = [positive, negative].map((items) => {
    const scores = new Float64Array(length).fill(1);
    for (const item of items) cosines(item).forEach((c, i) => (scores[i] *= (1 + c) / 2));
    return scores;
  });
  return Float32Array.from(above, (value, i) => value / (below[i] + 1e-6));
}

/**
 * The best scores, best first, equal scores by row.
 * @param {Float32Array} scores
 * @param {number} topn
 * @param {Set<number>} without rows to leave out
 * @returns {number[]} their rows
 */
export function best(scores, topn, without) {
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
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {number} a whole number, or Infinity
 */
export const countOrAll = (name, value) =>
  value === Infinity ? Infinity : count(name, value, { most: Number.MAX_SAFE_INTEGER });

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
 * @param {Float32Array | Float64Array} x
 * @returns {Float32Array} of norm 1, or zeros
 */
export function unit(x) {
  const length = norm(x, 0, lengthOf(x)) || 1;
  return Float32Array.from(x, (value) => value / length);
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
