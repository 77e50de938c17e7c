// Rows of length 1, compared with float64; cpp/kernels/normalize.h has the contract.
import { loadHeap } from '../../web/memory/heap.js';
import { normalizeRows } from '../../web/nn/normalize.js';
import { randomFrom } from '../support/api_fuzz.js';

test.each([1, 3, 64, 1000])('each row is divided by its length: %i numbers', async (dim) => {
  const heap = await loadHeap();
  const random = randomFrom(dim);
  const n = 300;
  const x = Float32Array.from({ length: n * dim }, () => random() - 0.5);
  x.fill(0, 0, dim);
  x.fill(3e38, dim, 2 * dim);
  x.fill(1e-40, 2 * dim, 3 * dim);
  const found = x.slice();
  normalizeRows(heap, found, dim, 1e-32);
  for (let i = 0; i < n; i++) {
    const row = Array.from(x.subarray(i * dim, (i + 1) * dim));
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) + 1e-32;
    row.forEach((value, d) => expect(Math.abs(found[i * dim + d] - value / length)).toBeLessThan(2e-7));
  }
});
