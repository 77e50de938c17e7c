// table.bag; cpp/kernels/bag.h has the contract.
import { EmbeddingTable, errorOf } from '../support/wembed.js';

const DATA = Float32Array.from({ length: 12 }, (_, i) => i);
const small = () => EmbeddingTable.from(DATA, { rows: 4, dim: 3 });

test('bag: modes, padding, weights, empty bags', async () => {
  const table = await small();
  const ids = [0, 1, 2, 3];
  const offsets = [0, 2, 2, 4];
  expect([...table.bag(ids, offsets, { mode: 'sum' }).data]).toEqual([3, 5, 7, 0, 0, 0, 15, 17, 19]);
  expect([...table.bag(ids, offsets).data]).toEqual([1.5, 2.5, 3.5, 0, 0, 0, 7.5, 8.5, 9.5]);
  expect([...table.bag(ids, offsets, { mode: 'max' }).data]).toEqual([3, 4, 5, 0, 0, 0, 9, 10, 11]);
  expect([...table.bag(ids, offsets, { paddingIdx: 0 }).row(0)]).toEqual([3, 4, 5]);
  expect([...table.bag(ids, [0, 4], { mode: 'sum', perSampleWeights: [1, 0, 0, 2] }).data]).toEqual([18, 21, 24]);
});

test('bag: a padding id outside the table is refused, as in torch', async () => {
  const table = await EmbeddingTable.from(DATA, { rows: 4, dim: 3, tokenMapping: [3, 2, 1, 0, 1] });
  expect([...table.bag([4, 0], [0, 2], { paddingIdx: -1 }).data]).toEqual([9, 10, 11]);
  for (const paddingIdx of [5, -6, 0.5, NaN, -Infinity, null, '1', 2 ** 32 - 1]) {
    const message = await errorOf(
      () => table.bag([0], [0, 1], /** @type {any} */ ({ paddingIdx })),
      'invalid_argument',
    );
    const shown = typeof paddingIdx === 'string' ? `'${paddingIdx}'` : paddingIdx;
    expect(message).toBe(`paddingIdx must be a whole number from -5 to 4, got ${shown}`);
  }
});

test('into is written, and nothing after the result', async () => {
  const table = await small();
  const into = new Float32Array(5).fill(-1);
  table.bag([1, 2], [0, 2], { mode: 'sum', into });
  expect([...into]).toEqual([9, 11, 13, -1, -1]);
});

test('bad input is a WembedError with the offending values, and the next good call works', async () => {
  const table = await small();
  const good = () => expect([...table.bag([1], [0, 1]).data]).toEqual([3, 4, 5]);
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['invalid_argument', () => table.bag([1], /** @type {any} */ (null)), /null/],
    ['id_out_of_range', () => table.bag([9], [0, 1]), /9/],
    ['shape_mismatch', () => table.bag([1], [0, 2]), /2/],
    ['shape_mismatch', () => table.bag([1], [1, 1]), /begin with 0/],
    ['shape_mismatch', () => table.bag([1, 2], [0, 2, 1, 2]), /decrease/],
    ['shape_mismatch', () => table.bag([1], []), /bags \+ 1/],
    ['shape_mismatch', () => table.bag([1], [0, 1], { mode: 'sum', perSampleWeights: [1, 2] }), /2 .* 1/],
    ['invalid_argument', () => table.bag([1], [0, 1], { perSampleWeights: [1] }), /sum/],
    ['invalid_argument', () => table.bag([1], [0, 1], { mode: /** @type {any} */ ('median') }), /median/],
  ];
  for (const [code, call, pattern] of calls) {
    expect(await errorOf(call, code)).toMatch(pattern);
    good();
  }
});
