import { count, optionsOf } from '../core/arguments.js';
import { WembedError, shown, isArray } from '../core/errors.js';
import { cosineSimilarity } from '../nn/cosine.js';
import { vectorsOf } from '../table/products.js';

/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */
/** @typedef {import('../tokenizer/tokenizer.js').Tokenizer} Tokenizer */

/**
 * Tokens or vectors that an answer should be near to, and others that it should be far from.
 * @typedef {object} TokenQuery
 * @property {string | readonly (string | Float32Array)[]} [positive] tokens whose vectors are added
 * @property {string | readonly (string | Float32Array)[]} [negative] tokens whose vectors are subtracted
 * @property {number} [topn] how many answers; default 10. Also `topK`
 * @property {number} [topK] the same as `topn`
 */

const ALIASES = { topK: 'topn' };

/** Rows that are read at a time. */
const STRIP = 1024;

/**
 * The tokens whose rows point most nearly where the mean of some others does, each of which is made of length 1 first.
 * @param {EmbeddingTable} table
 * @param {Tokenizer} tokenizer
 * @param {string | TokenQuery} query a string: the positive token
 * @param {Omit<TokenQuery, 'positive'>} [rest] of the query, where it is a string
 * @returns {{ key: string, score: number }[]} the nearest first; tokens of the query are left out
 */
export function nearestTokens(table, tokenizer, query, rest) {
  if (typeof query !== 'string' && rest !== undefined) {
    throw new WembedError('invalid_argument', 'mostSimilar takes a token and options, or one object of all options');
  }
  const others = optionsOf('mostSimilar', rest, ['negative', 'topn'], ALIASES);
  const given = typeof query === 'string' ? { positive: query, ...others } : query;
  const options = optionsOf('mostSimilar', given, ['positive', 'negative', 'topn'], ALIASES);
  const topn = count('topn', options.topn ?? 10);
  const sum = new Float32Array(table.dim);
  const asked = new Set([
    ...addItems(sum, 1, table, tokenizer, options.positive),
    ...addItems(sum, -1, table, tokenizer, options.negative),
  ]);
  if (asked.size === 0) throw new WembedError('invalid_argument', 'mostSimilar takes positive, negative or both');
  const scores = cosinesOf(table, sum);
  const ids = Uint32Array.from(scores.keys()).filter((id) => scores[id] >= -1 && !asked.has(id)); // not NaN
  /** @type {{ key: string, score: number }[]} */
  const nearest = [];
  for (const id of ids.sort((a, b) => scores[b] - scores[a] || a - b)) {
    if (nearest.length === topn) break;
    const key = tokenizer.idToToken(id);
    if (key !== undefined) nearest.push({ key, score: scores[id] });
  }
  return nearest;
}

/**
 * @param {Float32Array} sum added to
 * @param {number} sign
 * @param {EmbeddingTable} table
 * @param {Tokenizer} tokenizer
 * @param {TokenQuery['positive']} items
 * @returns {(number | undefined)[]} the ids of those that are tokens
 */
function addItems(sum, sign, table, tokenizer, items = []) {
  const many = isArray(items);
  const n = many ? count('the length of a query', items.length) : 1;
  /** @type {(number | undefined)[]} */
  const ids = [];
  // One after the other: the first that is neither refuses an array, however long it says that it is.
  for (let i = 0; i < n; i++) {
    const item = many ? items[i] : items;
    const id = typeof item === 'string' ? tokenizer.tokenToId(item) : undefined;
    if (typeof item === 'string' && !(Number(id) < table.vocabSize)) {
      throw new WembedError('not_found', `the vocabulary has no token '${shown(item)}'`);
    }
    const data = id === undefined ? oneVector(item, sum.length) : table.lookup([id]).data;
    const scale = sign / (id === undefined ? 1 : Math.hypot(...data) || 1);
    for (let d = 0; d < sum.length; d++) sum[d] += scale * data[d];
    ids.push(id);
  }
  return ids;
}

/**
 * @param {unknown} item
 * @param {number} dim
 */
function oneVector(item, dim) {
  const { data, n } = vectorsOf('a vector', /** @type {Float32Array} */ (item), dim);
  if (n === 1) return data;
  throw new WembedError('shape_mismatch', `one vector was expected, not ${n}`);
}

/**
 * @param {EmbeddingTable} table
 * @param {Float32Array} data a vector
 * @returns {Float32Array} (vocabSize) its cosine with the row of each id
 */
function cosinesOf(table, data) {
  const scores = new Float32Array(table.vocabSize);
  for (let first = 0; first < scores.length; first += STRIP) {
    const ids = Uint32Array.from({ length: Math.min(STRIP, scores.length - first) }, (_, i) => first + i);
    scores.set(cosineSimilarity({ data, rows: 1, dim: table.dim }, table.lookup(ids)).data, first);
  }
  return scores;
}
