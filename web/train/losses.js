import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, isA } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { doublesOf, positive, wholeNumbersOf } from '../core/numbers.js';
import { vectorsOf } from '../table/products.js';
import { throughLength } from './bags.js';

/**
 * Multiple negatives ranking (InfoNCE; van den Oord et al. 2018, Henderson et al. 2017): each query's own document is to
 * have the highest of its cosines × scale; all others are its negatives. sentence-transformers'
 * MultipleNegativesRankingLoss, and with `dims` its MatryoshkaLoss around it.
 * @param {Matrix} queries (n, dim)
 * @param {Matrix} documents (m, dim), m ≥ n: the first n belong to the queries, the others to none
 * @param {{ scale?: number, dims?: readonly number[], weights?: readonly number[] }} [options] scale: default 20; dims: the
 *   numbers of each vector that count, one loss for each; default: all; weights: of these losses, default 1 each
 * @returns {{ loss: number, queryGradient: Matrix, documentGradient: Matrix }}
 */
export function infoNce(queries, documents, options) {
  const given = optionsOf('infoNce', options, ['scale', 'dims', 'weights']);
  const [q, d] = [matrixOf('queries', queries), matrixOf('documents', documents)];
  const [n, m, { dim }] = [q.rows, d.rows, q];
  const scale = positive('scale', given.scale ?? 20);
  const dims = given.dims === undefined ? [dim] : wholeNumbersOf('dims', given.dims);
  const weights = given.weights === undefined ? dims.map(() => 1) : doublesOf('weights', given.weights);
  const fits = n > 0 && m >= n && d.dim === dim && weights.length === dims.length;
  if (!fits || dims.some((size) => !(size >= 1 && size <= dim))) {
    throw new WembedError('shape_mismatch', `${n} × ${dim} queries, ${m} × ${d.dim} documents, ${dims.length} dims`);
  }
  const gradients = [new Matrix(new Float32Array(n * dim), n, dim), new Matrix(new Float32Array(m * dim), m, dim)];
  let loss = 0;
  for (const [i, size] of dims.entries()) {
    loss += weights[i] * ofSize(q, d, { scale, size, weight: weights[i] }, gradients);
  }
  return { loss, queryGradient: gradients[0], documentGradient: gradients[1] };
}

/**
 * @param {string} name
 * @param {unknown} matrix
 * @returns {Matrix} checked
 */
function matrixOf(name, matrix) {
  if (!isA(matrix, Matrix)) throw mustBe(name, 'a Matrix', matrix);
  const { data, n, dim } = vectorsOf(name, matrix);
  return new Matrix(data, n, dim);
}

/**
 * @param {Matrix} queries
 * @param {Matrix} documents
 * @param {{ scale: number, size: number, weight: number }} options
 * @param {Matrix[]} gradients to add to
 */
function ofSize(queries, documents, { scale, size, weight }, [forQueries, forDocuments]) {
  const [n, m] = [queries.rows, documents.rows];
  const [q, d] = [queries, documents].map((matrix) => units(matrix, size));
  const own = q.map(() => new Float64Array(size));
  const theirs = d.map(() => new Float64Array(size));
  let loss = 0;
  const scores = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) scores[j] = scale * dot(q[i].unit, d[j].unit);
    const largest = scores.reduce((a, b) => Math.max(a, b));
    const sum = scores.reduce((total, x) => total + Math.exp(x - largest), 0);
    loss += Math.log(sum) + largest - scores[i];
    for (let j = 0; j < m; j++) {
      const g = (weight * scale * (Math.exp(scores[j] - largest) / sum - Number(i === j))) / n;
      for (let k = 0; k < size; k++) {
        own[i][k] += g * d[j].unit[k];
        theirs[j][k] += g * q[i].unit[k];
      }
    }
  }
  addThroughLength(q, own, forQueries);
  addThroughLength(d, theirs, forDocuments);
  return loss / n;
}

/** @param {Float64Array} a @param {Float64Array} b */
function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** @param {Matrix} matrix @param {number} size the first numbers of each row */
function units(matrix, size) {
  return Array.from({ length: matrix.rows }, (_, i) => {
    const unit = Float64Array.from(matrix.data.subarray(i * matrix.dim, i * matrix.dim + size));
    const length = Math.sqrt(dot(unit, unit));
    if (length > 0) for (let k = 0; k < size; k++) unit[k] /= length;
    return { unit, length };
  });
}

/** @param {{ unit: Float64Array, length: number }[]} rows @param {Float64Array[]} changes @param {Matrix} target */
function addThroughLength(rows, changes, target) {
  for (const [i, { unit, length }] of rows.entries()) {
    throughLength(unit, length, changes[i]);
    for (let k = 0; k < unit.length; k++) target.data[i * target.dim + k] += changes[i][k];
  }
}

/**
 * How far vectors are from those that they should be: 1 - cosine, its mean over n, or the mean of the squares of the
 * differences (torch.nn.functional.mse_loss).
 * @param {Matrix} vectors (n, dim)
 * @param {Matrix} targets (n, dim)
 * @param {'cosine' | 'mse'} [kind] default 'cosine'
 * @returns {{ loss: number, gradient: Matrix }} of the vectors
 */
export function distance(vectors, targets, kind = 'cosine') {
  const [own, goals] = [matrixOf('vectors', vectors), matrixOf('targets', targets)];
  const { rows: n, dim } = own;
  if (kind !== 'cosine' && kind !== 'mse') throw mustBe('kind', "'cosine' or 'mse'", kind);
  if (goals.rows !== n || goals.dim !== dim) {
    throw new WembedError('shape_mismatch', `${n} × ${dim} vectors for ${goals.rows} × ${goals.dim} targets`);
  }
  const gradient = new Matrix(new Float32Array(n * dim), n, dim);
  let loss = 0;
  if (kind === 'mse') {
    for (let i = 0; i < n * dim; i++) {
      const difference = own.data[i] - goals.data[i];
      loss += (difference * difference) / (n * dim);
      gradient.data[i] = (2 * difference) / (n * dim);
    }
    return { loss, gradient };
  }
  const [a, b] = [units(own, dim), units(goals, dim)];
  const changes = b.map(({ unit }) => unit.map((x) => -x / n));
  for (let i = 0; i < n; i++) loss += (1 - dot(a[i].unit, b[i].unit)) / n;
  addThroughLength(a, changes, gradient);
  return { loss, gradient };
}
