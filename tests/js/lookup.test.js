// table.lookup; cpp/kernels/lookup.h has the contract.
import { EmbeddingTable, errorOf } from '../support/wembed.js';

const DATA = Float32Array.from({ length: 12 }, (_, i) => i);
const small = () => EmbeddingTable.from(DATA, { rows: 4, dim: 3 });

test('lookup takes any integer array', async () => {
  const table = await small();
  const expected = [6, 7, 8, 0, 1, 2];
  const arrays = [[2, 0], Uint8Array.of(2, 0), Int16Array.of(2, 0), Uint32Array.of(2, 0), BigInt64Array.of(2n, 0n)];
  for (const ids of arrays) {
    const found = table.lookup(ids);
    expect([found.rows, found.dim, ...found.data]).toEqual([2, 3, ...expected]);
    expect([...found.row(1)]).toEqual([0, 1, 2]);
  }
  expect(table.lookup([]).data.length).toBe(0);
  expect([...table.row(3)]).toEqual([9, 10, 11]);
});

test.each([300, 400])('long lookups are complete, copied in strips or row by row: dim %i', async (dim) => {
  const table = await EmbeddingTable.from(
    Float32Array.from({ length: 7 * dim }, (_, i) => i),
    { rows: 7, dim },
  );
  const ids = Uint32Array.from({ length: 1000 }, (_, i) => (i * 5) % 7);
  const found = table.lookup(ids);
  ids.forEach((id, i) => expect([found.row(i)[0], found.row(i)[dim - 1]]).toEqual([id * dim, id * dim + dim - 1]));
});

test('into is written, and nothing after the result', async () => {
  const table = await small();
  const into = new Float32Array(8).fill(-1);
  table.lookup([1, 2], { into });
  expect([...into]).toEqual([3, 4, 5, 6, 7, 8, -1, -1]);
});

test('bad input is a WembedError with the offending values, and the next good call works', async () => {
  const table = await small();
  const good = () => expect([...table.lookup([1]).data]).toEqual([3, 4, 5]);
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['id_out_of_range', () => table.lookup([0, 4]), /4 at index 1/],
    ['id_out_of_range', () => table.lookup([-1]), /-1/],
    ['id_out_of_range', () => table.lookup(Int32Array.of(0, -7)), /-7 at index 1/],
    ['id_out_of_range', () => table.lookup([2 ** 40]), /1099511627776/],
    ['invalid_argument', () => table.lookup([1.5]), /1.5/],
    ['invalid_argument', () => table.lookup([NaN]), /NaN/],
    ['invalid_argument', () => table.lookup(/** @type {any} */ (undefined)), /undefined/],
    ['invalid_argument', () => table.lookup(/** @type {any} */ ([1, null])), /ids\[1\].*null/],
    ['invalid_argument', () => table.lookup(/** @type {any} */ (['1'])), /ids\[0\].*got '1'/],
    ['shape_mismatch', () => table.lookup([1, 2], { into: new Float32Array(5) }), /5.*6/],
    ['invalid_argument', () => table.lookup([1], { into: /** @type {any} */ (new Float64Array(3)) }), /Float32Array/],
  ];
  for (const [code, call, pattern] of calls) {
    expect(await errorOf(call, code)).toMatch(pattern);
    good();
  }
});
