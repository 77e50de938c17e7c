// Two scores of every row become one.
import { mustBe, oneOf, optionsOf } from '../core/arguments.js';
import { finite } from '../core/numbers.js';
import { Best } from './best.js';

/**
 * What a search goes by: 'auto' (default), 'rrf' and 'convex' use meaning and keywords; 'vectors' and 'keywords' one of
 * them; false is 'vectors', true is 'auto'.
 *
 * 'auto': 0.3 × cosine + 0.7 × BM25 ÷ the most that any text could have for this query. From four words on meaning counts
 * more, up to 0.4 of a query with twelve. Where texts are kept and a query has several words, a fifth of the keywords' part
 * goes instead by how near to each other a text has the words that the query has side by side: the texts of the best hundred
 * are read again for it. 'convex': ½ of each, after both are stretched so that the best text has 1,
 * and the least like the query 0. 'rrf': reciprocal ranks. How they compare: docs/BENCHMARKS.md.
 * @typedef {'auto' | 'rrf' | 'convex' | 'vectors' | 'keywords' | boolean | WeightedFusion} Hybrid
 */

/**
 * A fusion and how much meaning counts in it.
 * @typedef {object} WeightedFusion
 * @property {'auto' | 'rrf' | 'convex'} method as in `Hybrid`
 * @property {number} [weight] of the vectors, 0 to 1; keywords count the rest; default 0.3 to 0.4 for 'auto', by the query's
 *   length, 0.5 otherwise
 */

/** @typedef {{ method: 'auto' | 'rrf' | 'convex' | 'vectors' | 'keywords', weight: number | undefined }} Fusion */

const METHODS = /** @type {const} */ (['auto', 'rrf', 'convex', 'vectors', 'keywords']);
/** By measurement: docs/BENCHMARKS.md. */
const [AUTO_WEIGHT, LONG_WEIGHT] = [0.3, 0.4];
/** How many words a query has, those that no text holds left out, from which on meaning counts more, and up to which. */
const [SHORT, LONG] = [4, 12];
/** How much of the keywords' part is the nearness of words to each other: by measurement, too. */
export const AUTO_CLOSENESS = 0.2;
/** Ranks are fused as far as this. */
const RANKED = 1000;
/** Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion outperforms Condorcet". */
const RRF_K = 60;

/**
 * @param {Hybrid | undefined} hybrid
 * @returns {Fusion}
 */
export function fusionOf(hybrid) {
  if (hybrid === undefined || hybrid === true) return { method: 'auto', weight: undefined };
  if (hybrid === false) return { method: 'vectors', weight: 1 };
  /** @type {{ method?: string, weight?: number }} */
  const given = typeof hybrid === 'string' ? { method: hybrid } : optionsOf('hybrid', hybrid, ['method', 'weight']);
  const checked = METHODS[oneOf('hybrid', given.method ?? 'auto', /** @type {readonly string[]} */ (METHODS))];
  const { weight } = given;
  if (weight !== undefined && !(finite('weight', weight) >= 0 && weight <= 1))
    throw mustBe('weight', 'from 0 to 1', weight);
  return { method: checked, weight };
}

/**
 * How much meaning counts.
 * @param {Fusion} fusion
 * @param {number} words of the query
 * @returns {number}
 */
export function weightOf({ method, weight }, words) {
  if (weight !== undefined) return weight;
  if (method !== 'auto') return 0.5;
  const long = Math.min(1, Math.max(0, (words - SHORT) / (LONG - SHORT)));
  return AUTO_WEIGHT + (LONG_WEIGHT - AUTO_WEIGHT) * long;
}

/**
 * @param {Fusion & { weight: number }} fusion 'auto', 'rrf' or 'convex'
 * @param {Float32Array} cosines (rows)
 * @param {Float64Array} bm25 (rows)
 * @param {number} most what no text's BM25 can be above
 * @param {Uint8Array} live (rows)
 * @returns {Float64Array} (rows)
 */
export function fused({ method, weight }, cosines, bm25, most, live) {
  if (method === 'rrf') return reciprocalRanks(cosines, bm25, weight, live);
  if (method === 'convex') return convex(cosines, bm25, weight, live);
  const share = most > 0 ? (1 - weight) / most : 0;
  const scores = new Float64Array(bm25.length);
  for (let row = 0; row < scores.length; row++) scores[row] = weight * cosines[row] + share * bm25[row];
  return scores;
}

/**
 * weight × (cosine - least) ÷ (most - least) + the rest × BM25 ÷ most.
 * @param {Float32Array} cosines
 * @param {Float64Array} bm25
 * @param {number} weight
 * @param {Uint8Array} live
 */
function convex(cosines, bm25, weight, live) {
  let [least, most, mostBm25] = [Infinity, -Infinity, 0];
  for (let row = 0; row < cosines.length; row++) {
    if (!live[row]) continue;
    if (cosines[row] < least) least = cosines[row];
    if (cosines[row] > most) most = cosines[row];
    if (bm25[row] > mostBm25) mostBm25 = bm25[row];
  }
  const scale = most > least ? weight / (most - least) : 0;
  const scaleBm25 = mostBm25 > 0 ? (1 - weight) / mostBm25 : 0;
  const scores = new Float64Array(cosines.length);
  for (let row = 0; row < scores.length; row++) scores[row] = (cosines[row] - least) * scale + bm25[row] * scaleBm25;
  return scores;
}

/**
 * weight × (k + 1) ÷ (k + rank by cosine) + the rest × (k + 1) ÷ (k + rank by BM25), of the best 1000 of each.
 * @param {Float32Array} cosines
 * @param {Float64Array} bm25
 * @param {number} weight
 * @param {Uint8Array} live
 */
function reciprocalRanks(cosines, bm25, weight, live) {
  const scores = new Float64Array(cosines.length);
  const add = (
    /** @type {Float32Array | Float64Array} */ values,
    /** @type {number} */ share,
    /** @type {number} */ above,
  ) => {
    for (const [i, row] of ranked(values, above, live).entries())
      scores[row] += (share * (RRF_K + 1)) / (RRF_K + 1 + i);
  };
  add(cosines, weight, -Infinity);
  add(bm25, 1 - weight, 0);
  return scores;
}

/**
 * @param {Float32Array | Float64Array} values
 * @param {number} above
 * @param {Uint8Array} live
 * @returns {number[]} rows with values above that, the largest first, 1000 at most
 */
function ranked(values, above, live) {
  const best = new Best(RANKED, (a, b) => a < b);
  for (let row = 0; row < values.length; row++) {
    if (values[row] > above && live[row] && best.takes(row, values[row])) best.add(row, values[row]);
  }
  return best.sorted().map(({ item }) => item);
}
