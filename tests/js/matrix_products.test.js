// Products of matrices by the training module, compared with float64; cpp/train/matrix_products.h has the contract.
import { loadTrainHeap } from '../../web/memory/train_module.js';
import { kernelProducts, plainProducts } from '../../web/train/matrix_products.js';
import { randomFrom } from '../support/api_fuzz.js';

test.each([
  [1, 1, 1],
  [3, 5, 7],
  [17, 33, 130],
  [64, 2, 31],
  [0, 4, 8],
  [4, 0, 8],
])('(%i, %i) of %i numbers', async (n, m, size) => {
  const random = randomFrom(n + 100 * m + 10_000 * size);
  const numbers = (/** @type {number} */ length) => Float32Array.from({ length }, () => random() - 0.5);
  const [a, b, g] = [numbers(n * size), numbers(m * size), numbers(n * m)];
  const ours = kernelProducts(await loadTrainHeap());
  for (const [found, expected] of [
    [ours.scores(a, b, n, m, size), plainProducts.scores(a, b, n, m, size)],
    [ours.combined(g, b, n, m, size), plainProducts.combined(g, b, n, m, size)],
    [ours.combinedBack(g, a, n, m, size), plainProducts.combinedBack(g, a, n, m, size)],
  ]) {
    expect(found.length).toBe(expected.length);
    expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(1e-5));
  }
});
