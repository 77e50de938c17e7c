// Pooled rows and their gradient: torch.nn.EmbeddingBag, forward and backward, in float64.
import { floatsOf, integersOf, oneOf, optionsOf } from '../core/arguments.js';
import { BAG_MODES } from '../core/codes.js';
import { WembedError } from '../core/errors.js';
import { flag } from '../core/numbers.js';

/**
 * @typedef {object} BagCall
 * @property {ArrayLike<number>} ids
 * @property {ArrayLike<number>} offsets (bags + 1)
 * @property {'sum' | 'mean' | 'max'} mode
 * @property {Float32Array | undefined} weights one per id
 * @property {number | undefined} paddingIdx
 * @property {boolean} normalize whether each result is made of length 1
 */

/**
 * A bag's call, checked.
 * @param {import('../core/arguments.js').Integer32Array} given ids
 * @param {import('../core/arguments.js').IntegerArray} offsets
 * @param {import('./variables.js').PoolOptions | undefined} options
 * @param {{ paddingIdx?: number, scaleGradByFreq: boolean }} rules
 * @returns {BagCall}
 */
export function callOf(given, offsets, options, { paddingIdx, scaleGradByFreq }) {
  const {
    mode = 'mean',
    perSampleWeights,
    normalize = false,
  } = optionsOf('bag', options, ['mode', 'perSampleWeights', 'normalize']);
  oneOf('mode', mode, BAG_MODES);
  const ends = integersOf('offsets', offsets).slice();
  const bad = ends.findIndex((end, b) => (b === 0 ? end !== 0 : end < ends[b - 1]));
  if (bad >= 0 || ends.length === 0 || ends[ends.length - 1] !== given.length) {
    throw new WembedError('shape_mismatch', `offsets must rise from 0 to the ${given.length} ids`);
  }
  const weights = perSampleWeights === undefined ? undefined : floatsOf('perSampleWeights', perSampleWeights).slice();
  if (weights && (mode !== 'sum' || weights.length !== given.length)) {
    throw new WembedError('shape_mismatch', `perSampleWeights need mode 'sum' and one for each of ${given.length} ids`);
  }
  if (mode === 'max' && scaleGradByFreq) {
    throw new WembedError('invalid_argument', "scaleGradByFreq does not go with mode 'max'");
  }
  return { ids: given, offsets: ends, mode, weights, paddingIdx, normalize: flag('normalize', normalize) };
}

/**
 * One bag.
 * @param {Float32Array} table (rows, dim)
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} sum (dim), the result
 * @returns {{ count: number, length: number }} the ids that count, and the result's length before it was made 1
 */
export function poolBag(table, dim, { ids, offsets, mode, weights, paddingIdx, normalize }, bag, sum) {
  let count = 0;
  sum.fill(0);
  for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
    if (ids[i] === paddingIdx) continue;
    const row = ids[i] * dim;
    const weight = weights ? weights[i] : 1;
    for (let d = 0; d < dim; d++) {
      const value = table[row + d];
      if (mode !== 'max') sum[d] += weight * value;
      else if (count === 0 || value > sum[d]) sum[d] = value;
    }
    count++;
  }
  if (mode === 'mean' && count > 0) for (let d = 0; d < dim; d++) sum[d] /= count;
  let length = 1;
  if (normalize) {
    length = Math.sqrt(sum.reduce((square, x) => square + x * x, 0));
    if (length > 0) for (let d = 0; d < dim; d++) sum[d] /= length;
  }
  return { count, length };
}

/**
 * Carries a result's gradient back to the rows of its bag.
 * @param {Float32Array} table (rows, dim)
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} result (dim), what `poolBag` gave
 * @param {{ count: number, length: number }} pooled what it returned
 * @param {Float64Array} gradient (dim), of the result; changed
 * @param {(id: number, i: number) => { row: Float32Array, share: number } | undefined} rowOf where id number i's gradient goes
 * @param {Float32Array} [weightGradient] one per id
 */
export function unpoolBag(table, dim, call, bag, result, { count, length }, gradient, rowOf, weightGradient) {
  const { ids, offsets, mode, weights, paddingIdx, normalize } = call;
  if (count === 0) return;
  if (normalize) throughLength(result, length, gradient);
  const begin = offsets[bag];
  const end = offsets[bag + 1];
  if (mode === 'max') return ofLargest(table, dim, call, bag, gradient, rowOf);
  for (let i = begin; i < end; i++) {
    if (ids[i] === paddingIdx) continue;
    if (weightGradient) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += gradient[d] * table[ids[i] * dim + d];
      weightGradient[i] += sum;
    }
    const target = rowOf(ids[i], i);
    if (!target) continue;
    const { row, share } = target;
    const factor = (share * (weights ? weights[i] : 1)) / (mode === 'mean' ? count : 1);
    for (let d = 0; d < dim; d++) row[d] += factor * gradient[d];
  }
}

/**
 * The gradient of x from that of x / |x|.
 * @param {Float64Array} unit x / |x|
 * @param {number} length |x|
 * @param {Float64Array} gradient changed
 */
export function throughLength(unit, length, gradient) {
  if (length === 0) return void gradient.fill(0);
  const along = gradient.reduce((sum, g, d) => sum + g * unit[d], 0);
  for (let d = 0; d < gradient.length; d++) gradient[d] = (gradient[d] - along * unit[d]) / length;
}

/**
 * Each number's gradient goes to the first row that has the largest.
 * @param {Float32Array} table
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} gradient
 * @param {(id: number, i: number) => { row: Float32Array, share: number } | undefined} rowOf
 */
function ofLargest(table, dim, { ids, offsets, paddingIdx }, bag, gradient, rowOf) {
  for (let d = 0; d < dim; d++) {
    let best = -1;
    for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
      if (ids[i] === paddingIdx) continue;
      if (best < 0 || table[ids[i] * dim + d] > table[ids[best] * dim + d]) best = i;
    }
    const target = best < 0 ? undefined : rowOf(ids[best], best);
    if (target) target.row[d] += gradient[d];
  }
}

/**
 * Rows that are used and too long are made `maxNorm` long, as torch's embedding does.
 * @param {Float32Array} weights (rows, dim)
 * @param {ArrayLike<number>} ids
 * @param {{ dim: number, maxNorm?: number, normType: number }} rules
 */
export function shorten(weights, ids, { dim, maxNorm, normType }) {
  if (maxNorm === undefined) return;
  for (const id of new Set(Array.from(ids))) {
    const row = weights.subarray(id * dim, (id + 1) * dim);
    const norm = row.reduce((sum, x) => sum + Math.abs(x) ** normType, 0) ** (1 / normType);
    if (norm > maxNorm) for (let d = 0; d < dim; d++) row[d] *= maxNorm / (norm + 1e-7);
  }
}
