import { floatsOf, lengthOf, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { doublesOf, finite, flag, positive, wholeNumbersOf } from '../core/numbers.js';
import { vectorsOf } from '../table/products.js';
import { throughLength } from './bags.js';
import { plainProducts } from './matrix_products.js';

/**
 * How cosines are scored, and which are.
 * @typedef {object} InfoNceOptions
 * @property {number} [scale] what cosines are multiplied by; default 20
 * @property {readonly number[]} [dims] the numbers of each vector that count, one loss for each; default: all
 * @property {readonly number[]} [weights] of these losses; default 1 each
 * @property {boolean} [symmetric] the first documents are to find their queries, too: the mean of both losses; default false
 * @property {ArrayLike<number>} [exclude] (n × m) not 0: this document is no negative of this query, though not its own
 */

/**
 * Multiple negatives ranking (InfoNCE; van den Oord et al. 2018, Henderson et al. 2017): each query's own document is to
 * have the highest of its cosines × scale; all others are its negatives. sentence-transformers'
 * MultipleNegativesRankingLoss; with `symmetric` its MultipleNegativesSymmetricRankingLoss, with `dims` its MatryoshkaLoss
 * around either.
 * @param {Matrix} queries (n, dim)
 * @param {Matrix} documents (m, dim), m ≥ n: the first n belong to the queries, the others to none
 * @param {InfoNceOptions} [options]
 * @returns {{ loss: number, queryGradient: Matrix, documentGradient: Matrix }}
 */
export function infoNce(queries, documents, options) {
  return rankingLoss(plainProducts, queries, documents, options);
}

/**
 * `infoNce`, wherever its products are computed.
 * @param {import('./matrix_products.js').Products} products
 * @param {Matrix} queries
 * @param {Matrix} documents
 * @param {InfoNceOptions} [options]
 */
export function rankingLoss(products, queries, documents, options) {
  const given = optionsOf('infoNce', options, ['scale', 'dims', 'weights', 'symmetric', 'exclude']);
  const [q, d] = [matrixOf('queries', queries), matrixOf('documents', documents)];
  const [n, m, { dim }] = [q.rows, d.rows, q];
  const scale = positive('scale', given.scale ?? 20);
  const { dims, weights } = sizesOf(given, dim);
  if (!(n > 0 && m >= n && d.dim === dim)) {
    throw new WembedError('shape_mismatch', `${n} × ${dim} queries and ${m} × ${d.dim} documents`);
  }
  const exclude = given.exclude === undefined ? undefined : floatsOf('exclude', given.exclude);
  const settings = { scale, symmetric: flag('symmetric', given.symmetric ?? false), exclude };
  if (exclude && lengthOf(exclude) !== n * m) {
    throw new WembedError('shape_mismatch', `exclude has ${lengthOf(exclude)} numbers, not ${n} × ${m}`);
  }
  const gradients = [zeros(n, dim), zeros(m, dim)];
  let loss = 0;
  for (const [i, size] of dims.entries()) {
    const part = { ...settings, size, weight: weights[i] };
    loss += weights[i] * ofSize(products, q, d, part, gradients);
  }
  return { loss, queryGradient: gradients[0], documentGradient: gradients[1] };
}

/**
 * @param {{ dims?: readonly number[], weights?: readonly number[] }} options
 * @param {number} dim
 * @returns {{ dims: Float64Array, weights: Float64Array }}
 */
export function sizesOf(options, dim) {
  const dims = options.dims === undefined ? Float64Array.of(dim) : wholeNumbersOf('dims', options.dims);
  const weights = options.weights === undefined ? dims.map(() => 1) : doublesOf('weights', options.weights);
  weights.forEach((weight, i) => weightOf(`weights[${i}]`, weight));
  if (dims.length === 0 || weights.length !== dims.length || dims.some((size) => !(size >= 1 && size <= dim))) {
    const what = `${dims.length} dims, each from 1 to ${dim}, need as many weights: ${weights.length}`;
    throw new WembedError('shape_mismatch', what);
  }
  return { dims, weights };
}

/** @param {string} name of a loss's weight @param {unknown} value @returns {number} */
export function weightOf(name, value) {
  const weight = finite(name, /** @type {number} */ (value));
  if (weight >= 0) return weight;
  throw mustBe(name, '0 or above', value);
}

/** @param {number} rows @param {number} dim */
export const zeros = (rows, dim) => new Matrix(new Float32Array(rows * dim), rows, dim);

/**
 * @param {string} name
 * @param {unknown} matrix
 * @returns {Matrix} checked
 */
export function matrixOf(name, matrix) {
  if (!matrixIn(matrix)) throw mustBe(name, 'a Matrix', matrix);
  const { data, n, dim } = vectorsOf(name, /** @type {Matrix} */ (matrix));
  return new Matrix(data, n, dim);
}

/**
 * @typedef {object} PartOptions
 * @property {number} scale
 * @property {number} size
 * @property {number} weight
 * @property {boolean} symmetric
 * @property {Float32Array | undefined} exclude
 */

/**
 * @param {import('./matrix_products.js').Products} products
 * @param {Matrix} queries
 * @param {Matrix} documents
 * @param {PartOptions} options
 * @param {Matrix[]} gradients to add to
 */
function ofSize(products, queries, documents, { scale, size, weight, symmetric, exclude }, gradients) {
  const [n, m] = [queries.rows, documents.rows];
  const [q, d] = [units(queries, size), units(documents, size)];
  const scores = products.scores(q.unit, d.unit, n, m, size);
  for (let i = 0; i < n * m; i++) {
    scores[i] = exclude?.[i] && i % (m + 1) > 0 ? -Infinity : scale * scores[i];
  }
  const g = new Float64Array(n * m);
  const share = symmetric ? 0.5 : 1;
  let loss = 0;
  for (let i = 0; i < n; i++) loss += share * chosenLoss(scores, g, share, { begin: i * m, step: 1, count: m, own: i });
  if (symmetric) {
    for (let j = 0; j < n; j++) loss += share * chosenLoss(scores, g, share, { begin: j, step: m, count: n, own: j });
  }
  for (let i = 0; i < n * m; i++) g[i] *= (weight * scale) / n;
  addThroughLength(q, products.combined(g, d.unit, n, m, size), gradients[0]);
  addThroughLength(d, products.combinedBack(g, q.unit, n, m, size), gradients[1]);
  return loss / n;
}

/**
 * The cross-entropy of some scores with that of one's own; adds its gradient.
 * @param {import('./matrix_products.js').Numbers} scores
 * @param {Float64Array} gradient
 * @param {number} share of it that is added
 * @param {{ begin: number, step: number, count: number, own: number }} which a row or a column
 */
function chosenLoss(scores, gradient, share, { begin, step, count, own }) {
  const end = begin + step * count;
  let [largest, sum] = [-Infinity, 0];
  for (let at = begin; at < end; at += step) if (scores[at] > largest) largest = scores[at];
  for (let at = begin; at < end; at += step) sum += Math.exp(scores[at] - largest);
  for (let at = begin; at < end; at += step) gradient[at] += (share * Math.exp(scores[at] - largest)) / sum;
  const place = begin + step * own;
  gradient[place] -= share;
  return Math.log(sum) + largest - scores[place];
}

/** Rows of length 1, and how long they were. @typedef {{ unit: Float64Array, lengths: Float64Array, size: number }} Units */

/** @param {Matrix} matrix @param {number} size the first numbers of each row @returns {Units} */
export function units({ data, rows, dim }, size) {
  const unit = new Float64Array(rows * size);
  const lengths = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let k = 0; k < size; k++) square += data[i * dim + k] ** 2;
    lengths[i] = Math.sqrt(square);
    for (let k = 0; k < size; k++) unit[i * size + k] = data[i * dim + k] / (lengths[i] || 1);
  }
  return { unit, lengths, size };
}

/** @param {Units} rows @param {import('./matrix_products.js').Numbers} changes of the units @param {Matrix} target */
export function addThroughLength({ unit, lengths, size }, changes, { data, dim }) {
  const change = new Float64Array(size);
  for (let i = 0; i < lengths.length; i++) {
    change.set(changes.subarray(i * size, (i + 1) * size));
    throughLength(unit.subarray(i * size, (i + 1) * size), lengths[i], change);
    for (let k = 0; k < size; k++) data[i * dim + k] += change[k];
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
  const gradient = zeros(n, dim);
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
  for (let i = 0; i < n; i++) {
    let cosine = 0;
    for (let k = i * dim; k < (i + 1) * dim; k++) cosine += a.unit[k] * b.unit[k];
    loss += (1 - cosine) / n;
  }
  const changes = b.unit.map((x) => -x / n);
  addThroughLength(a, changes, gradient);
  return { loss, gradient };
}
