// Cross-entropy of the scores of a variable's rows, compared with float64; cpp/train/softmax_loss.h has the contract.
import { Matrix, Variable, crossEntropy, sampledCrossEntropy } from '../../web/train.js';
import { meanLoss } from '../../web/train/softmax_loss.js';
import { randomFrom } from '../support/api_fuzz.js';

const random = randomFrom(3);
const [rows, dim, n] = [23, 6, 5];
const numbers = (/** @type {number} */ length) => Float32Array.from({ length }, () => 4 * (random() - 0.5));
const [table, hidden, targets] = [numbers(rows * dim), numbers(n * dim), [0, 22, 7, 7, 13]];

/**
 * The loss, and its gradient for the hidden states and for the rows, in float64.
 * @param {number[]} among the rows that are scored @param {number[]} offsets of their scores
 */
function expected(among, offsets) {
  const [states, own] = [new Float64Array(n * dim), new Float64Array(rows * dim)];
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const scores = among.map((row, j) => {
      let sum = offsets[j];
      for (let d = 0; d < dim; d++) sum += hidden[i * dim + d] * table[row * dim + d];
      return sum;
    });
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    loss += (Math.log(total) - scores[among.indexOf(targets[i])]) / n;
    among.forEach((row, j) => {
      const g = (Math.exp(scores[j]) / total - Number(row === targets[i])) / n;
      for (let d = 0; d < dim; d++) {
        states[i * dim + d] += g * table[row * dim + d];
        own[row * dim + d] += g * hidden[i * dim + d];
      }
    });
  }
  return { loss, states, own };
}

/** @param {Variable} variable */
function gradientOf(variable) {
  const { ids, values } = variable.gradient();
  const whole = new Float32Array(rows * dim);
  ids.forEach((id, i) => whole.set(values.row(i), id * dim));
  return whole;
}

/** @param {ArrayLike<number>} found @param {Float64Array} wanted */
const expectNear = (found, wanted) =>
  wanted.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(1e-5));

test('of all rows', async () => {
  const variable = await Variable.from(table, { rows, dim });
  const states = new Matrix(hidden, n, dim);
  const { loss, gradient } = crossEntropy(variable, states, targets);
  const all = Array.from({ length: rows }, (_, row) => row);
  const wanted = expected(
    all,
    all.map(() => 0),
  );
  expect(loss).toBeCloseTo(wanted.loss, 5);
  expect(meanLoss(variable, states, targets)).toBeCloseTo(wanted.loss, 5);
  expectNear(gradient.data, wanted.states);
  expectNear(gradientOf(variable), wanted.own);
  variable.dispose();
});

test('of some rows, with what is added to their scores', async () => {
  const variable = await Variable.from(table, { rows, dim });
  const ids = [7, 1, 0, 22, 13, 4];
  const offsets = [0.5, -1, 0, 2, -0.25, 1];
  const { loss, gradient } = sampledCrossEntropy(variable, new Matrix(hidden, n, dim), targets, { ids, offsets });
  const wanted = expected(ids, offsets);
  expect(loss).toBeCloseTo(wanted.loss, 5);
  expectNear(gradient.data, wanted.states);
  expectNear(gradientOf(variable), wanted.own);
  variable.dispose();
});

test('scores whose exponentials overflow, and nothing at all', async () => {
  const variable = await Variable.from([1, 0, 0, 1], { rows: 2, dim: 2 });
  const far = new Matrix(Float32Array.of(1e4, 0), 1, 2);
  expect(crossEntropy(variable, far, [0]).loss).toBe(0);
  expect(crossEntropy(variable, far, [1]).loss).toBeCloseTo(1e4, 2);
  expect(crossEntropy(variable, new Matrix(new Float32Array(0), 0, 2), []).loss).toBe(0);
  variable.dispose();
});
