// Cosines of vectors, compared with float64; cpp/kernels/cosine.h has the contract.
import { cosineSimilarity } from '../../web/nn/cosine.js';
import { loadHeap } from '../../web/memory/heap.js';
import { randomFrom } from '../support/api_fuzz.js';
import { Matrix, errorOf } from '../support/wembed.js';

beforeAll(async () => void (await loadHeap()));

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const dot = (a, b) => Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

test.each([1, 7, 32, 391])('of each vector with each, in float64: %i numbers', (dim) => {
  const random = randomFrom(dim);
  const matrix = (/** @type {number} */ n) =>
    new Matrix(
      Float32Array.from({ length: n * dim }, () => random() - 0.5),
      n,
      dim,
    );
  const [a, b] = [matrix(3), matrix(1500)]; // more than pass through the core at a time
  const scores = cosineSimilarity(a, b);
  expect(scores.shape).toEqual([3, 1500]);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 1500; j += 13) {
      const expected = dot(a.row(i), b.row(j)) / Math.sqrt(dot(a.row(i), a.row(i)) * dot(b.row(j), b.row(j)));
      expect(Math.abs(scores.row(i)[j] - expected)).toBeLessThan(1e-6);
    }
  }
  expect(cosineSimilarity(matrix(0), b).shape).toEqual([0, 1500]);
  expect(cosineSimilarity(a, matrix(0)).shape).toEqual([3, 0]);
});

test('zeros are like nothing; the largest and smallest numbers do not overflow or vanish; other lengths are refused', async () => {
  const of = (/** @type {number[]} */ ...rows) =>
    new Matrix(Float32Array.from(rows.flat()), rows.length, rows[0].length);
  const scores = cosineSimilarity(of([0, 0], [3e38, 3e38], [1e-45, 1e-45]), of([1, 1], [-3e38, -3e38]));
  expect(scores.toArray()[0]).toEqual([0, 0]);
  for (const row of scores.toArray().slice(1)) expect(row).toEqual([expect.closeTo(1, 6), expect.closeTo(-1, 6)]);
  expect(await errorOf(() => cosineSimilarity(of([1, 2]), of([1, 2, 3])), 'shape_mismatch')).toMatch('2 and of 3');
});
