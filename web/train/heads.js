// Heads over a variable's rows, forward and backward.
import { floatsOf, lengthOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { partsOf } from './variables.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('./variables.js').Variable} Variable */

/**
 * The scores of hidden states against all rows: a tied head.
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim)
 * @returns {Matrix} (n, rows)
 */
export function logits(variable, hidden) {
  const { heap, address, rowsOf } = partsOf(variable);
  const { rows, dim } = variable;
  const n = Number(matrixIn(hidden)?.rows);
  const data = rowsOf('hidden', hidden, n);
  const at = scoresOf({ heap, address, rows, dim }, data, n);
  return new Matrix(heap.f32.slice(at / 4, at / 4 + n * rows), n, rows);
}

/**
 * Carries the gradient of what `logits` gave back: adds that of the rows, unless the variable is frozen. The backward of
 * torch.nn.functional.linear(hidden, rows).
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim) as `logits` was given it
 * @param {Matrix} gradient (n, rows)
 * @returns {Matrix} the gradient of the hidden states, (n, dim)
 */
export function logitsBackward(variable, hidden, gradient) {
  const { heap, address, gradient: own, rowsOf } = partsOf(variable);
  const { rows, dim } = variable;
  const n = Number(matrixIn(hidden)?.rows);
  const data = rowsOf('hidden', hidden, n);
  const given = floatsOf('gradient', matrixIn(gradient)?.data ?? /** @type {never} */ (gradient));
  if (lengthOf(given) !== n * rows) {
    throw new WembedError('shape_mismatch', `gradient has ${lengthOf(given)} numbers, not ${n} × ${rows}`);
  }
  const dense = variable.trainable ? own.dense : 0; // allocates: before scratch addresses are asked for
  const from = heap.floats('scores', given);
  const out = heap.scratch('gradient', 4 * n * dim);
  heap.f32.fill(0, out / 4, out / 4 + n * dim);
  heap.core.trainAddProducts(from, address, n, rows, dim, out);
  if (dense) heap.core.trainAddOuterProducts(from, heap.floats('hidden', data), n, rows, dim, dense);
  return new Matrix(heap.f32.slice(out / 4, out / 4 + n * dim), n, dim);
}

/**
 * @param {{ heap: import('../memory/heap.js').Heap, address: number, rows: number, dim: number }} head
 * @param {Float32Array} hidden (n, dim)
 * @param {number} n
 * @returns {number} the address of the scores
 */
export function scoresOf({ heap, address, rows, dim }, hidden, n) {
  const scores = heap.scratch('scores', 4 * n * rows);
  heap.core.trainProducts(heap.floats('hidden', hidden), address, n, rows, dim, scores);
  return scores;
}

/**
 * Logistic regression of hidden states against the id that was to come and others that were not (Mikolov et al. 2013):
 * -log σ(h · row) - Σ log σ(-h · other), its mean over n; adds its gradient to the rows used.
 * @param {Variable} variable
 * @param {Matrix} hidden (n, dim)
 * @param {IntegerArray} targets (n)
 * @param {IntegerArray} negatives (n × k) the others, k for each
 * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
 */
export function negativeSampling(variable, hidden, targets, negatives) {
  const { heap, address, ids, rowsOf, target } = partsOf(variable);
  const { rows, dim } = variable;
  const [wanted, others] = [ids(targets), ids(negatives)];
  const n = wanted.length;
  const data = rowsOf('hidden', hidden, n);
  const k = n ? others.length / n : 0;
  if (!Number.isInteger(k)) throw new WembedError('shape_mismatch', `${others.length} negatives for ${n} targets`);
  const weights = heap.f32.subarray(address / 4, address / 4 + rows * dim);
  const gradient = new Float32Array(n * dim);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    for (let j = -1; j < k; j++) {
      const id = j < 0 ? wanted[i] : others[i * k + j];
      let dot = 0;
      for (let d = 0; d < dim; d++) dot += data[i * dim + d] * weights[id * dim + d];
      const right = j < 0 ? dot : -dot;
      loss += right > 0 ? Math.log1p(Math.exp(-right)) : Math.log1p(Math.exp(right)) - right;
      const g = (j < 0 ? -1 : 1) / (1 + Math.exp(right)) / n;
      const row = target(id)?.row;
      for (let d = 0; d < dim; d++) {
        gradient[i * dim + d] += g * weights[id * dim + d];
        if (row) row[d] += g * data[i * dim + d];
      }
    }
  }
  return { loss: n ? loss / n : 0, gradient: new Matrix(gradient, n, dim) };
}
