import { LayerNorm } from '../../web/nn/layer_norm.js';
import { EmbeddingTable, errorOf } from '../support/wembed.js';

test.each([1, 24, 768])('rows of %i numbers are normalized as by torch.nn.LayerNorm', async (dim) => {
  await EmbeddingTable.from([1], { rows: 1, dim: 1 }); // starts the core
  const n = 50;
  const numbers = (/** @type {number} */ length, /** @type {number} */ step) =>
    Float32Array.from({ length }, (_, i) => 3 + Math.sin(i * step));
  const [weight, bias, x] = [numbers(dim, 1.3), numbers(dim, 2.7), numbers(n * dim, 0.37)];
  const expected = Float64Array.from(x);
  for (let i = 0; i < n; i++) {
    const row = expected.subarray(i * dim, (i + 1) * dim);
    const mean = row.reduce((sum, value) => sum + value, 0) / dim;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / dim;
    row.forEach((value, d) => (row[d] = ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[d]));
  }
  const found = x.slice();
  new LayerNorm({ weight, bias, epsilon: 1e-5 }).apply(found);
  found.forEach((value, i) => expect(Math.abs(value - expected[i] - bias[i % dim])).toBeLessThan(2e-5));
  const plain = x.slice();
  new LayerNorm({ weight, epsilon: 1e-5 }).apply(plain);
  plain.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-5));
});

test('bad parameters and rows are refused', async () => {
  const weight = new Float32Array(4);
  const norm = new LayerNorm({ weight, epsilon: 0 });
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['shape_mismatch', () => norm.apply(new Float32Array(6)), /6 numbers.*4/],
    ['shape_mismatch', () => new LayerNorm({ weight, bias: new Float32Array(3), epsilon: 0 }), /4 weights and 3/],
    ['invalid_argument', () => new LayerNorm({ weight, epsilon: -1 }), /-1/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
});
