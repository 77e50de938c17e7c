// The cross-entropy of hidden states' scores, of all rows or of some, and its gradient.
import { floatsOf, lengthOf, optionsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { scoresOf } from './heads.js';
import { partsOf } from './variables.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('./variables.js').Variable} Variable */

/**
 * The cross-entropy of hidden states' scores with the ids that were to come, its mean over n; adds its gradient to all
 * rows, unless the variable is frozen. torch.nn.functional.cross_entropy(hidden · rowsᵀ, targets).
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim)
 * @param {IntegerArray} targets (n)
 * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
 */
export function crossEntropy(variable, hidden, targets) {
  const { heap, address, gradient, ids, rowsOf } = partsOf(variable);
  const { rows, dim } = variable;
  const wanted = ids(targets);
  const n = wanted.length;
  const data = rowsOf('hidden', hidden, n);
  const dense = variable.trainable ? gradient.dense : 0; // allocates: before scratch addresses are asked for
  const scores = scoresOf({ heap, address, rows, dim }, data, n);
  const loss = heap.core.trainSoftmaxLoss(scores, heap.integers('targets', wanted), n, rows, n ? 1 / n : 0);
  const out = heap.scratch('gradient', 4 * n * dim);
  heap.f32.fill(0, out / 4, out / 4 + n * dim);
  heap.core.trainAddProducts(scores, address, n, rows, dim, out);
  if (dense) heap.core.trainAddOuterProducts(scores, heap.floats('hidden', data), n, rows, dim, dense);
  return { loss: n ? loss / n : 0, gradient: new Matrix(heap.f32.slice(out / 4, out / 4 + n * dim), n, dim) };
}

/**
 * The loss alone.
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim)
 * @param {IntegerArray} targets (n)
 * @returns {number} its mean
 */
export function meanLoss(variable, hidden, targets) {
  const { heap, address, ids, rowsOf } = partsOf(variable);
  const { rows, dim } = variable;
  const wanted = ids(targets);
  const n = wanted.length;
  const scores = scoresOf({ heap, address, rows, dim }, rowsOf('hidden', hidden, n), n);
  const loss = heap.core.trainSoftmaxLoss(scores, heap.integers('targets', wanted), n, rows, 0);
  return n ? loss / n : 0;
}

/**
 * The cross-entropy among some ids only (Jean et al. 2015); adds its gradient to their rows.
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim)
 * @param {IntegerArray} targets (n)
 * @param {{ ids: IntegerArray, offsets: ArrayLike<number> }} candidates all different, the targets among them, and what is
 *   added to the score of each: -log of the chance that it is among them
 * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
 */
export function sampledCrossEntropy(variable, hidden, targets, candidates) {
  const given = optionsOf('the candidates', candidates, ['ids', 'offsets']);
  const { heap, ids, rowsOf } = partsOf(variable);
  const { dim } = variable;
  const [wanted, among] = [ids(targets), ids(given.ids)];
  const raise = floatsOf('offsets', given.offsets);
  const [n, m] = [wanted.length, among.length];
  const data = rowsOf('hidden', hidden, n);
  const places = new Map(Array.from(among, (id, place) => [id, place]));
  const own = Uint32Array.from(wanted, (id) => places.get(id) ?? 0xffffffff);
  if (own.includes(0xffffffff) || places.size !== m || lengthOf(raise) !== m) {
    throw new WembedError('invalid_argument', 'the candidates must be different, have the targets, and an offset each');
  }
  const rows = heap.floats('candidates', variable.lookup(among).data);
  const states = heap.floats('hidden', data);
  const scores = heap.scratch('scores', 4 * n * m);
  heap.core.trainProducts(states, rows, n, m, dim, scores);
  const { f32 } = heap;
  for (let i = 0, at = scores / 4; i < n; i++) for (let j = 0; j < m; j++) f32[at++] += raise[j];
  const loss = heap.core.trainSoftmaxLoss(scores, heap.integers('targets', own), n, m, n ? 1 / n : 0);
  const out = heap.scratch('gradient', 4 * (n + m) * dim);
  heap.f32.fill(0, out / 4, out / 4 + (n + m) * dim);
  heap.core.trainAddProducts(scores, rows, n, m, dim, out);
  heap.core.trainAddOuterProducts(scores, states, n, m, dim, out + 4 * n * dim);
  const gradients = heap.f32.slice(out / 4, out / 4 + (n + m) * dim);
  variable.lookupBackward(among, gradients.subarray(n * dim));
  return { loss: n ? loss / n : 0, gradient: new Matrix(gradients.subarray(0, n * dim), n, dim) };
}
