// table.products and table.nearest, compared with definitions in f64; cpp/engine/products.h has the contract.
import { storageOf } from '../../web/table/table.js';
import { EmbeddingTable, Matrix, errorOf } from '../support/wembed.js';

const [rows, dim] = [500, 37];
let seed = 7;
const random = () => (seed = (seed * 48271) % 2147483647) / 1073741824 - 1;
const data = Float32Array.from({ length: rows * dim }, random);
const DTYPES = /** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']);

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const dot = (a, b) => Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
/** @param {ArrayLike<number>} a */
const norm = (a) => Math.sqrt(dot(a, a));

test.each(DTYPES)('products are x · tableᵀ, for one vector, several and many: %s', async (dtype) => {
  const table = (await EmbeddingTable.from(data, { rows, dim })).quantize(dtype);
  const all = table.lookup(Array.from({ length: rows }, (_, i) => i));
  for (const n of [1, 3, 64, 65, 130]) {
    const x = new Matrix(Float32Array.from({ length: n * dim }, random), n, dim);
    const found = table.products(x);
    expect(found.shape).toEqual([n, rows]);
    for (let i = 0; i < n; i += 21) {
      for (let r = 0; r < rows; r += 7) expect(found.row(i)[r]).toBeCloseTo(dot(x.row(i), all.row(r)), 2);
    }
    const one = table.products(x.row(n - 1));
    expect(one).toHaveLength(rows);
    one.forEach((score, r) => expect(score).toBeCloseTo(found.row(n - 1)[r], 4));
    const into = new Float32Array(n * rows + 2).fill(-9);
    expect(table.products(x, { into }).data).toEqual(found.data);
    expect([...into.subarray(n * rows)]).toEqual([-9, -9]);
  }
  expect(table.products(new Matrix(new Float32Array(0), 0, dim)).shape).toEqual([0, rows]);
  table.dispose();
});

test.each(DTYPES)('nearest are the best by dot product and by cosine: %s', async (dtype) => {
  const table = (await EmbeddingTable.from(data, { rows, dim })).quantize(dtype);
  const all = table.lookup(Array.from({ length: rows }, (_, i) => i));
  const x = new Matrix(Float32Array.from({ length: 70 * dim }, random), 70, dim);
  for (const metric of /** @type {const} */ (['dot', 'cosine'])) {
    const found = table.nearest(x, 9, { metric });
    expect(found).toHaveLength(70);
    for (const i of [0, 33, 63, 64, 69]) {
      const scores = Array.from(all, (row) => dot(row, x.row(i)) / (metric === 'dot' ? 1 : norm(row) * norm(x.row(i))));
      const best = [...scores].sort((a, b) => b - a);
      found[i].ids.forEach((id, j) => {
        expect(Math.abs(scores[id] - best[j])).toBeLessThan(1e-3);
        expect(Math.abs(found[i].scores[j] - scores[id])).toBeLessThan(1e-3);
      });
      expect([...found[i].scores]).toEqual([...found[i].scores].sort((a, b) => b - a));
      expect(new Set(found[i].ids).size).toBe(9);
    }
    const one = table.nearest(x.row(3), 9, { metric });
    expect([...one.ids]).toEqual([...found[3].ids]);
  }
  expect([...table.nearest(x.row(0), 2).ids]).toEqual([...table.nearest(x.row(0), 2, { metric: 'dot' }).ids]);
  table.dispose();
});

test('equal scores are in the order of their rows, k is limited to the rows, rows without a score are left out', async () => {
  const table = await EmbeddingTable.from([1, 1, 2, 2, NaN, 1, 1, 1, 0, 0, Infinity, 1], { rows: 6, dim: 2 });
  expect([...table.nearest([1, 1], 9).ids]).toEqual([5, 1, 0, 3, 4]);
  const { ids, scores } = table.nearest([1, 1], 9, { metric: 'cosine' });
  expect([...ids]).toEqual([0, 1, 3, 4]);
  expect([...scores].map((score) => Math.round(score * 1e6) / 1e6)).toEqual([1, 1, 1, 0]);
  expect(table.nearest([1, 1], 0)).toEqual({ ids: new Uint32Array(0), scores: new Float32Array(0) });
  expect(table.nearest(new Matrix(new Float32Array(0), 0, 2), 3)).toEqual([]);
  expect([...table.nearest([0, 0], 2, { metric: 'cosine' }).scores]).toEqual([0, 0]);
  table.dispose();
});

test('several vectors may be a list of vectors', async () => {
  const table = await EmbeddingTable.from([1, 0, 0, 1], { rows: 2, dim: 2 });
  const products = table.products([[3, 4], Float32Array.of(5, 6)]);
  expect([products.shape, [...products.data]]).toEqual([
    [2, 2],
    [3, 4, 5, 6],
  ]);
  expect(table.nearest([[0, 1]], 1).map(({ ids }) => ids[0])).toEqual([1]);
  table.dispose();
});

test('bad input is refused with its reason, and the next good call works', async () => {
  const table = await EmbeddingTable.from([1, 0, 0, 1], { rows: 2, dim: 2 });
  const mapped = await EmbeddingTable.from([1, 0, 0, 1], { rows: 2, dim: 2, tokenMapping: [0, 1, 1] });
  const any = /** @type {any} */ (table);
  const many = new Matrix(new Float32Array(200), 100, 2);
  many.data[150] = -Infinity;
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['shape_mismatch', () => table.products([1]), /1 .*2/],
    ['shape_mismatch', () => table.products(new Matrix(new Float32Array(3), 1, 3)), /3 .*2/],
    [
      'shape_mismatch',
      () => table.nearest(Object.assign(new Matrix(new Float32Array(3), 1, 3), { rows: 2, dim: 2 }), 1),
      /3 .*2/,
    ],
    ['shape_mismatch', () => table.products([[1, 1], [1]]), /x\[1\] has 1 .*2/],
    ['invalid_argument', () => any.products([[1, 1], 2]), /x\[1\] .*got 2/],
    [
      'invalid_argument',
      () =>
        any.products([
          [1, 1],
          ['1', 2],
        ]),
      /x\[1\]\[0\] .*got '1'/,
    ],
    ['invalid_argument', () => any.products([[[1, 1]]]), /x\[0\]\[0\] .*an array/],
    ['invalid_argument', () => table.products([1, NaN]), /NaN.*index 1/],
    ['invalid_argument', () => table.products(many), /-Infinity at index 150/],
    ['invalid_argument', () => table.nearest(many, 1), /-Infinity at index 150/],
    ['invalid_argument', () => any.products(null), /null/],
    ['invalid_argument', () => any.products('ab'), /ab/],
    ['invalid_argument', () => any.products([1, '2']), /x\[1\] .*got '2'/],
    ['invalid_argument', () => any.nearest([1, 1], 1.5), /k .*1.5/],
    ['invalid_argument', () => any.nearest([1, 1], -1), /k .*-1/],
    ['invalid_argument', () => any.nearest([1, 1]), /k .*undefined/],
    ['invalid_argument', () => any.nearest([1, 1], 1, { metric: 'l2' }), /l2.*dot, cosine/],
    ['invalid_argument', () => any.nearest([1, 1], 1, { metrics: 'dot' }), /did you mean 'metric'/],
    ['invalid_argument', () => any.nearest([1, 1], 1, null), /null/],
    ['shape_mismatch', () => table.products([1, 1], { into: new Float32Array(1) }), /1 .*2/],
    ['unsupported', () => mapped.nearest([1, 1], 1), /mapped/],
    ['unsupported', () => mapped.products([1, 1]), /mapped/],
  ];
  for (const [code, call, pattern] of calls) {
    expect(await errorOf(call, code)).toMatch(pattern);
    expect([...table.products([3, 4])]).toEqual([3, 4]);
  }
  table.dispose();
  await errorOf(() => table.products([1, 1]), 'disposed');
  await errorOf(() => table.nearest([1, 1], 1), 'disposed');
  mapped.dispose();
});

test('cosines follow rewritten rows', async () => {
  const table = await EmbeddingTable.from([1, 0, 0, 1], { rows: 2, dim: 2 });
  expect([...table.nearest([1, 0], 1, { metric: 'cosine' }).ids]).toEqual([0]);
  storageOf(table).write(new Uint8Array(Float32Array.from([0, 5, 7, 0]).buffer), 0);
  const { ids, scores } = table.nearest([1, 0], 2, { metric: 'cosine' });
  expect([...ids]).toEqual([1, 0]);
  expect([...scores]).toEqual([1, 0]);
  table.dispose();
});
