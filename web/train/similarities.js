// How alike the texts of a batch are, as vectors have it and as their targets have it.
import { count, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, refuseRevoked } from '../core/errors.js';
import { positive } from '../core/numbers.js';
import { addThroughLength, matrixOf, sizesOf, units, weightOf, zeros } from './losses.js';
import { plainProducts } from './matrix_products.js';

/** @typedef {import('../core/matrix.js').Matrix} Matrix */

/**
 * What counts of a batch's cosines, and how much.
 * @typedef {object} BatchSimilarityOptions
 * @property {number} [similarityWeight] of the mean over all pairs of (cosine of the vectors - cosine of the targets)²;
 *   default 1
 * @property {number} [klWeight] of the Kullback–Leibler divergence; default 0
 * @property {number} [temperature] what cosines are divided by before the divergence's softmax; default 0.05
 * @property {ArrayLike<number>} [klRows] the vectors that the divergence is of, each once; default: all
 * @property {readonly number[]} [dims] the first so many numbers of the vectors that count, one loss for each; default: all
 * @property {readonly number[]} [weights] of these losses; default 1 each
 */

const OPTIONS = ['similarityWeight', 'klWeight', 'temperature', 'klRows', 'dims', 'weights'];

/**
 * How far the cosines between all vectors of a batch are from those between their targets, which may be of another width:
 * the mean square of the differences (similarity-preserving distillation, Tung and Mori 2019), and the Kullback–Leibler
 * divergence of each vector's softmax over its cosines with the others from that of its target (Passalis and Tefas 2018).
 * @param {Matrix} vectors (n, dim)
 * @param {Matrix} targets (n, any)
 * @param {BatchSimilarityOptions} [options]
 * @returns {{ loss: number, gradient: Matrix }} of the vectors
 */
export function batchSimilarity(vectors, targets, options) {
  return similarityLoss(plainProducts, vectors, targets, options);
}

/**
 * `batchSimilarity`, wherever its products are computed.
 * @param {import('./matrix_products.js').Products} products
 * @param {Matrix} vectors
 * @param {Matrix} targets
 * @param {BatchSimilarityOptions} [options]
 */
export function similarityLoss(products, vectors, targets, options) {
  const given = optionsOf('batchSimilarity', options, OPTIONS);
  const [own, goals] = [matrixOf('vectors', vectors), matrixOf('targets', targets)];
  const { rows: n, dim } = own;
  if (goals.rows !== n) throw new WembedError('shape_mismatch', `${n} vectors for ${goals.rows} targets`);
  const { dims, weights } = sizesOf(given, dim);
  const square = weightOf('similarityWeight', given.similarityWeight ?? 1);
  const kl = weightOf('klWeight', given.klWeight ?? 0);
  const temperature = positive('temperature', given.temperature ?? 0.05);
  const rows = given.klRows === undefined ? Array.from({ length: n }, (_, i) => i) : rowsOf(given.klRows, n);
  const wanted = products.scores(...twice(units(goals, goals.dim), n));
  const sharp = kl > 0 && rows.length > 1 ? softmaxOf(wanted, n, rows, temperature) : undefined;
  const gradient = zeros(n, dim);
  let loss = 0;
  for (const [part, size] of dims.entries()) {
    const unit = units(own, size);
    const found = products.scores(...twice(unit, n));
    const g = new Float64Array(n * n);
    const of = { square: square * weights[part], kl: kl * weights[part], n, rows, temperature };
    loss += squares(found, wanted, g, of) + (sharp ? divergence(found, sharp, g, of) : 0);
    addThroughLength(unit, products.combined(bothWays(g, n), unit.unit, n, n, size), gradient);
  }
  return { loss, gradient };
}

/**
 * @param {import('./losses.js').Units} units
 * @param {number} n
 * @returns {[Float64Array, Float64Array, number, number, number]}
 */
const twice = ({ unit, size }, n) => [unit, unit, n, n, size];

/** @param {ArrayLike<number>} given @param {number} n */
function rowsOf(given, n) {
  refuseRevoked('klRows', given);
  if (typeof Object(given).length !== 'number') throw mustBe('klRows', 'rows, each once', given);
  const rows = Array.from(given, (row, i) => count(`klRows[${i}]`, row, { most: n - 1 }));
  if (new Set(rows).size === rows.length) return rows;
  throw mustBe('klRows', 'rows, each once', given);
}

/**
 * @typedef {object} Terms
 * @property {number} square the weight of the squares
 * @property {number} kl that of the divergence
 * @property {number} n
 * @property {number[]} rows that the divergence is of
 * @property {number} temperature
 */

/**
 * @param {import('./matrix_products.js').Numbers} found
 * @param {import('./matrix_products.js').Numbers} wanted
 * @param {Float64Array} g is added to
 * @param {Terms} of
 */
function squares(found, wanted, g, { square, n }) {
  const factor = square / (n * n);
  let sum = 0;
  if (factor === 0) return 0;
  for (let i = 0; i < n * n; i++) {
    const difference = found[i] - wanted[i];
    sum += difference * difference;
    g[i] += 2 * factor * difference;
  }
  return factor * sum;
}

/**
 * Each row's shares among the others, and their logarithms.
 * @param {import('./matrix_products.js').Numbers} cosines (n, n)
 * @param {number} n
 * @param {number[]} rows
 * @param {number} temperature
 * @returns {{ shares: Float64Array, logs: Float64Array }} (rows, rows), 0 on the diagonal
 */
function softmaxOf(cosines, n, rows, temperature) {
  const size = rows.length;
  const [shares, logs] = [new Float64Array(size * size), new Float64Array(size * size)];
  for (let i = 0; i < size; i++) {
    const from = rows[i] * n;
    let [largest, sum] = [-Infinity, 0];
    for (let j = 0; j < size; j++) if (i !== j) largest = Math.max(largest, cosines[from + rows[j]]);
    for (let j = 0; j < size; j++) {
      if (i === j) continue;
      const x = (cosines[from + rows[j]] - largest) / temperature;
      logs[i * size + j] = x;
      sum += shares[i * size + j] = Math.exp(x);
    }
    const log = Math.log(sum);
    for (let j = 0; j < size; j++) {
      if (i === j) continue;
      shares[i * size + j] /= sum;
      logs[i * size + j] -= log;
    }
  }
  return { shares, logs };
}

/**
 * @param {import('./matrix_products.js').Numbers} found
 * @param {ReturnType<typeof softmaxOf>} sharp the targets'
 * @param {Float64Array} g is added to
 * @param {Terms} of
 */
function divergence(found, sharp, g, { kl, n, rows, temperature }) {
  const size = rows.length;
  const { shares, logs } = softmaxOf(found, n, rows, temperature);
  const factor = kl / size;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      sum += sharp.shares[at] * (sharp.logs[at] - logs[at]);
      g[rows[i] * n + rows[j]] += (factor / temperature) * (shares[at] - sharp.shares[at]);
    }
  }
  return factor * sum;
}

/** A cosine is of two vectors, each of which is left and right. @param {Float64Array} g (n, n) @param {number} n */
function bothWays(g, n) {
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) g[i * n + j] = g[j * n + i] = g[i * n + j] + g[j * n + i];
  }
  return g;
}
