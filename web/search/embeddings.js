// sentence-transformers' util: what is done with vectors that are there.
import { canRead } from '../core/own.js';
import { count, mustBe, oneOf, optionsOf } from '../core/arguments.js';
import { WembedError, refuseRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { finite } from '../core/numbers.js';
import { vectorsOf } from '../table/products.js';
import { startCore } from '../table/storage.js';
import { Best } from './best.js';
import { checkFinite, toUnits } from './units.js';
import { VectorRows } from './vector_rows.js';

/** Vectors (n, dim), or one vector (dim). @typedef {import('../table/products.js').Vectors} Embeddings */

/**
 * A vector of the corpus that was found.
 * @typedef {object} CorpusHit
 * @property {number} corpusId its index in the corpus
 * @property {number} score by the score function; default the cosine
 */

/** How two vectors are compared. @typedef {'cosine' | 'dot'} ScoreFunction */

const METRICS = /** @type {const} */ (['cosine', 'dot']);
/** Scores that are in memory at a time. */
const MOST_SCORES = 2 ** 22;

/**
 * @param {string} name for messages
 * @param {Embeddings} embeddings
 * @returns {Matrix} (n, dim)
 */
export function matrixOf(name, embeddings) {
  const { data, n, dim } = vectorsOf(name, embeddings);
  return new Matrix(data, n, dim);
}

/**
 * @param {string} name of b, for messages
 * @param {{ dim: number }} a
 * @param {Matrix} b
 */
export function checkDim(name, a, b) {
  if (a.dim !== b.dim)
    throw new WembedError('shape_mismatch', `${name} has rows of ${b.dim} numbers, the other of ${a.dim}`);
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

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @returns {number} 0 where either is all zeros
 */
const cosine = (a, b) => dot(a, b) / (Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)) || 1);

/**
 * @param {Embeddings} a
 * @param {Embeddings} b
 * @param {(a: Float32Array, b: Float32Array) => number} score
 */
function each(a, b, score) {
  const [x, y] = [matrixOf('a', a), matrixOf('b', b)];
  checkDim('b', x, y);
  const scores = new Matrix(new Float32Array(x.rows * y.rows), x.rows, y.rows);
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < y.rows; j++) scores.data[i * y.rows + j] = score(x.row(i), y.row(j));
  }
  return scores;
}

/**
 * @param {Embeddings} a
 * @param {Embeddings} b
 * @param {(a: Float32Array, b: Float32Array) => number} score
 */
function pairwise(a, b, score) {
  const [x, y] = [matrixOf('a', a), matrixOf('b', b)];
  checkDim('b', x, y);
  if (x.rows !== y.rows) throw new WembedError('shape_mismatch', `${x.rows} vectors and ${y.rows} make no pairs`);
  return Float32Array.from({ length: x.rows }, (_, i) => score(x.row(i), y.row(i)));
}

/**
 * The cosine of each vector with each of others. (`util.cos_sim`)
 * @param {Embeddings} a n vectors
 * @param {Embeddings} b m vectors
 * @returns {Matrix} (n, m)
 */
export const cosSim = (a, b) => each(a, b, cosine);

/**
 * The dot product of each vector with each of others. (`util.dot_score`)
 * @param {Embeddings} a n vectors
 * @param {Embeddings} b m vectors
 * @returns {Matrix} (n, m)
 */
export const dotScore = (a, b) => each(a, b, dot);

/**
 * The cosine of each vector with the one in its place. (`util.pairwise_cos_sim`)
 * @param {Embeddings} a n vectors
 * @param {Embeddings} b n vectors
 * @returns {Float32Array} (n)
 */
export const pairwiseCosSim = (a, b) => pairwise(a, b, cosine);

/**
 * The dot product of each vector with the one in its place. (`util.pairwise_dot_score`)
 * @param {Embeddings} a n vectors
 * @param {Embeddings} b n vectors
 * @returns {Float32Array} (n)
 */
export const pairwiseDotScore = (a, b) => pairwise(a, b, dot);

/**
 * The first numbers of each vector. (`util.truncate_embeddings`)
 * @param {Embeddings} embeddings (n, dim)
 * @param {number} dim how many to keep; all, where it is more than there are
 * @returns {Matrix} (n, dim)
 */
export function truncateDim(embeddings, dim) {
  const from = matrixOf('embeddings', embeddings);
  const kept = Math.min(count('dim', dim, { least: 1 }), from.dim);
  const to = new Matrix(new Float32Array(from.rows * kept), from.rows, kept);
  for (let i = 0; i < from.rows; i++) to.data.set(from.row(i).subarray(0, kept), i * kept);
  return to;
}

/**
 * Vectors in fewer bits, as sentence-transformers' `quantize_embeddings` makes them.
 * @param {Embeddings} embeddings (n, dim)
 * @param {'int8' | 'uint8' | 'binary' | 'ubinary'} precision int8, uint8: the range of each dimension in 255 steps; binary,
 *   ubinary: the signs, eight in a byte, the first in its highest bit
 * @param {{ calibration?: Embeddings }} [options] calibration: vectors whose ranges count, instead of the given ones'
 * @returns {Int8Array | Uint8Array} (n, dim), or (n, dim / 8)
 */
export function quantizeEmbeddings(embeddings, precision, options) {
  const kinds = /** @type {const} */ (['int8', 'uint8', 'binary', 'ubinary']);
  const kind = kinds[oneOf('precision', precision, kinds)];
  const { calibration } = optionsOf('quantizeEmbeddings', options, ['calibration']);
  const from = matrixOf('embeddings', embeddings);
  checkFinite('embeddings', from.data);
  const known = calibration === undefined ? from : matrixOf('calibration', calibration);
  checkDim('calibration', from, known);
  checkFinite('calibration', known.data);
  const codes = kind.endsWith('binary') ? signBytes(from) : rangeBytes(from, known);
  return kind.startsWith('u') ? codes : Int8Array.from(codes, (code) => code - 128);
}

/** @param {Matrix} from */
function signBytes({ data, rows, dim }) {
  const row = Math.ceil(dim / 8);
  const bytes = new Uint8Array(rows * row);
  for (let i = 0; i < rows * dim; i++) {
    const [r, d] = [Math.floor(i / dim), i % dim];
    if (data[i] > 0) bytes[r * row + (d >>> 3)] |= 0x80 >>> (d & 7);
  }
  return bytes;
}

/** @param {Matrix} from @param {Matrix} known */
function rangeBytes({ data, rows, dim }, known) {
  if (known.rows === 0) throw mustBe('calibration', 'at least one vector', 'none');
  const [least, most] = [known.row(0).slice(), known.row(0).slice()];
  for (const vector of known) {
    for (let d = 0; d < dim; d++) {
      least[d] = Math.min(least[d], vector[d]);
      most[d] = Math.max(most[d], vector[d]);
    }
  }
  const bytes = new Uint8Array(rows * dim);
  for (let i = 0; i < bytes.length; i++) {
    const d = i % dim;
    const step = Math.fround(Math.fround(most[d] - least[d]) / 255) || 1;
    const code = Math.fround(Math.fround(data[i] - least[d]) / step);
    bytes[i] = Math.max(0, Math.min(255, Math.floor(code)));
  }
  return bytes;
}

/**
 * @param {Matrix} from
 * @param {ScoreFunction} metric
 * @returns {Promise<VectorRows>} in the core
 */
async function rowsOf(from, metric) {
  await startCore();
  const data = from.data.slice();
  checkFinite('embeddings', data);
  const rows = new VectorRows(from.dim, 'f32', metric === 'cosine');
  if (metric === 'cosine') toUnits(data, from.dim, () => {});
  rows.append(data, from.rows);
  return rows;
}

/**
 * Calls `use` with the scores of each of some vectors with all rows.
 * @param {VectorRows} rows
 * @param {Matrix} queries
 * @param {(i: number, scores: Float32Array) => void} use
 */
function eachScores(rows, queries, use) {
  const data = queries.data.slice();
  checkFinite('queries', data);
  if (rows.cosine) toUnits(data, queries.dim, () => {});
  const group = Math.max(1, Math.min(64, Math.floor(MOST_SCORES / Math.max(1, rows.count))));
  for (let first = 0; first < queries.rows; first += group) {
    const n = Math.min(group, queries.rows - first);
    const scores = new Float32Array(n * rows.count);
    rows.score(data.subarray(first * queries.dim, (first + n) * queries.dim), n, scores);
    for (let i = 0; i < n; i++) use(first + i, scores.subarray(i * rows.count, (i + 1) * rows.count));
  }
}

/**
 * The vectors of a corpus that are nearest to each query. (`util.semantic_search`)
 * @param {Embeddings} queries (n, dim)
 * @param {Embeddings} corpus (m, dim)
 * @param {{ topK?: number, scoreFunction?: ScoreFunction }} [options] default 10, 'cosine'
 * @returns {Promise<CorpusHit[][]>} for each query, best first; equal scores in the order of the corpus
 */
export async function semanticSearch(queries, corpus, options) {
  const { topK = 10, scoreFunction = 'cosine' } = optionsOf('semanticSearch', options, ['topK', 'scoreFunction']);
  const [k, metric] = [count('topK', topK), METRICS[oneOf('scoreFunction', scoreFunction, METRICS)]];
  const [x, y] = [matrixOf('queries', queries), matrixOf('corpus', corpus)];
  checkDim('corpus', x, y);
  const rows = await rowsOf(y, metric);
  /** @type {CorpusHit[][]} */
  const found = [];
  try {
    eachScores(rows, x, (_, scores) => {
      found.push(nearest(scores, k, -1).map(({ item, score }) => ({ corpusId: item, score })));
    });
  } finally {
    rows.dispose();
  }
  return found;
}

/**
 * @param {Float32Array} scores
 * @param {number} k
 * @param {number} without a row that is left out
 */
function nearest(scores, k, without) {
  const best = new Best(k, (a, b) => a < b);
  for (let j = 0; j < scores.length; j++) if (j !== without && best.takes(j, scores[j])) best.add(j, scores[j]);
  return best.sorted();
}

/**
 * The pairs of vectors that are most alike. (`util.paraphrase_mining_embeddings`)
 * @param {Embeddings} embeddings (n, dim)
 * @param {{ topK?: number, maxPairs?: number, scoreFunction?: ScoreFunction }} [options] topK: how many others each is
 *   paired with, default 100; maxPairs: default 500,000
 * @returns {Promise<[score: number, i: number, j: number][]>} each pair once, i < j, the most alike first
 */
export async function paraphraseMiningEmbeddings(embeddings, options) {
  const names = ['topK', 'maxPairs', 'scoreFunction'];
  const given = optionsOf('paraphraseMining', options, names);
  const { topK = 100, maxPairs = 500_000, scoreFunction = 'cosine' } = given;
  const [k, most] = [count('topK', topK), count('maxPairs', maxPairs)];
  const metric = METRICS[oneOf('scoreFunction', scoreFunction, METRICS)];
  const from = matrixOf('embeddings', embeddings);
  const rows = await rowsOf(from, metric);
  /** @type {Map<number, [score: number, i: number, j: number]>} */
  const pairs = new Map();
  try {
    eachScores(rows, from, (i, scores) => {
      for (const { item: j, score } of nearest(scores, k, i)) {
        const [low, high] = i < j ? [i, j] : [j, i];
        const key = low * from.rows + high;
        if (!pairs.has(key)) pairs.set(key, [score, low, high]);
      }
    });
  } finally {
    rows.dispose();
  }
  return [...pairs.values()].sort((a, b) => b[0] - a[0] || a[1] - b[1] || a[2] - b[2]).slice(0, most);
}

/**
 * The same of texts. (`util.paraphrase_mining`)
 * @param {{ encode: (texts: string[]) => Matrix }} layer what encodes them
 * @param {readonly string[]} texts
 * @param {{ topK?: number, maxPairs?: number, scoreFunction?: ScoreFunction }} [options]
 * @returns {Promise<[score: number, i: number, j: number][]>}
 */
export async function paraphraseMining(layer, texts, options) {
  refuseRevoked('layer', layer);
  if (typeof Object(layer).encode !== 'function' || !canRead(layer, 'dim'))
    throw mustBe('layer', 'an EmbeddingLayer', layer);
  return paraphraseMiningEmbeddings(layer.encode(/** @type {string[]} */ (texts)), options);
}

/**
 * Groups of vectors that are alike: each vector with at least so many others within reach makes one, the largest first, and
 * a vector is in the first only. (`util.community_detection`)
 * @param {Embeddings} embeddings (n, dim)
 * @param {{ threshold?: number, minCommunitySize?: number }} [options] threshold: the least cosine with the middle of a
 *   group, default 0.75; minCommunitySize: default 10
 * @returns {Promise<number[][]>} the numbers of each group's vectors, its middle first, then the nearest
 */
export async function communityDetection(embeddings, options) {
  const names = ['threshold', 'minCommunitySize'];
  const { threshold = 0.75, minCommunitySize = 10 } = optionsOf('communityDetection', options, names);
  const [least, size] = [finite('threshold', threshold), count('minCommunitySize', minCommunitySize, { least: 1 })];
  const from = matrixOf('embeddings', embeddings);
  const rows = await rowsOf(from, 'cosine');
  /** @type {{ center: number, near: number[] }[]} */
  const groups = [];
  try {
    eachScores(rows, from, (center, scores) => {
      const near = Array.from(scores.keys()).filter((j) => scores[j] >= least);
      if (near.length >= size) groups.push({ center, near: near.sort((a, b) => scores[b] - scores[a] || a - b) });
    });
  } finally {
    rows.dispose();
  }
  groups.sort((a, b) => b.near.length - a.near.length);
  const taken = new Set();
  /** @type {number[][]} */
  const found = [];
  for (const { center, near } of groups) {
    const rest = near.filter((i) => !taken.has(i));
    if (taken.has(center) || rest.length < size) continue;
    const group = [center, ...rest.filter((i) => i !== center)];
    group.forEach((i) => taken.add(i));
    found.push(group);
  }
  return found.sort((a, b) => b.length - a.length);
}
