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
  table.bag([1, 2], [0, 2], { mode: 'sum', into });
  expect([...into]).toEqual([9, 11, 13, 6, 7, 8, -1, -1]);
});

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

test.each(
  /** @type {[string, any, string][]} */ ([
    ['a token weight', { tokenWeights: [1, NaN] }, 'tokenWeights[1] must be a finite number, got NaN'],
    ['a token weight', { tokenWeights: Float32Array.of(1, 1, -Infinity) }, 'tokenWeights[2] must be a finite number'],
    ['a token weight', { tokenWeights: [1e39] }, 'tokenWeights[0] must be a number that f32 can hold, at most 3.4e38'],
    ['token weights', { tokenWeights: null }, 'tokenWeights must be an array of numbers, got null'],
    ['a token mapping', { tokenMapping: null }, 'tokenMapping must be an array of whole numbers, got null'],
    [
      'a scale',
      { data: new Int8Array(12), scale: [1, 2, Infinity, 4] },
      'scale[2] must be a finite number, got Infinity',
    ],
    ['a scale', { data: new Int8Array(12), scale: NaN }, 'scale must be a finite number, got NaN'],
    ['a scale', { data: new Uint8Array(12), scale: 1e39 }, 'scale must be a number that f32 can hold'],
    ['a zero point', { data: new Int8Array(12), zeroPoint: NaN }, 'zeroPoint must be a finite number, got NaN'],
    [
      'a zero point',
      { data: new Uint8Array(12), zeroPoint: [0, 0, 0, -Infinity] },
      'zeroPoint[3] must be a finite number',
    ],
    ['a number', { data: [...DATA.subarray(1), 1e39] }, 'data[11] must be a number that f32 can hold, at most 3.4e38'],
  ]),
)('%s that is not finite, or is missing, is refused: %o', async (_, { data = DATA, ...options }, message) => {
  const found = await errorOf(() => EmbeddingTable.from(data, { rows: 4, dim: 3, ...options }), 'invalid_argument');
  expect(found).toMatch(message);
});

test('i8 with a scale per row, with one scale, and f16', async () => {
  const bytes = Int8Array.of(1, -2, 127, -128);
  const perRow = await EmbeddingTable.from(bytes, { rows: 2, dim: 2, scale: Float32Array.of(0.5, 2) });
  expect([perRow.dtype, perRow.bytes]).toEqual(['i8', 12]);
  expect([...perRow.lookup([0, 1]).data]).toEqual([0.5, -1, 254, -256]);
  const single = await EmbeddingTable.from(bytes, { rows: 2, dim: 2, scale: 0.25 });
  expect([...single.bag([0, 1], [0, 2], { mode: 'sum' }).data]).toEqual([32, -32.5]);
  const half = await EmbeddingTable.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00), { rows: 2, dim: 2 });
  expect([...half.lookup([0, 1]).data]).toEqual([1, -2, 2 ** -24, Infinity]);
});

test('token weights and a token mapping', async () => {
  const table = await EmbeddingTable.from(DATA, {
    rows: 4,
    dim: 3,
    tokenWeights: [2, 1, 0.5],
    tokenMapping: [3, 0, 3],
  });
  expect([table.vocabSize, table.rows]).toEqual([3, 4]);
  expect([...table.lookup([0, 2]).data]).toEqual([18, 20, 22, 4.5, 5, 5.5]);
  expect([...table.bag([0, 1], [0, 2], { mode: 'sum' }).data]).toEqual([18, 21, 24]);
  await errorOf(() => table.lookup([3]), 'id_out_of_range');
  await errorOf(() => EmbeddingTable.from(DATA, { rows: 4, dim: 3, tokenMapping: [4] }), 'id_out_of_range');
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
    ['invalid_argument', () => table.bag([1], /** @type {any} */ (null)), /null/],
    ['shape_mismatch', () => table.lookup([1, 2], { into: new Float32Array(5) }), /5.*6/],
    ['invalid_argument', () => table.lookup([1], { into: /** @type {any} */ (new Float64Array(3)) }), /Float32Array/],
    ['id_out_of_range', () => table.bag([9], [0, 1]), /9/],
    ['shape_mismatch', () => table.bag([1], [0, 2]), /2/],
    ['shape_mismatch', () => table.bag([1], [1, 1]), /begin with 0/],
    ['shape_mismatch', () => table.bag([1, 2], [0, 2, 1, 2]), /decrease/],
    ['shape_mismatch', () => table.bag([1], []), /bags \+ 1/],
    ['shape_mismatch', () => table.bag([1], [0, 1], { mode: 'sum', perSampleWeights: [1, 2] }), /2 .* 1/],
    ['invalid_argument', () => table.bag([1], [0, 1], { perSampleWeights: [1] }), /sum/],
    ['invalid_argument', () => table.bag([1], [0, 1], { mode: /** @type {any} */ ('median') }), /median/],
    ['shape_mismatch', () => EmbeddingTable.from(DATA, { rows: 5, dim: 3 }), /12.*5 × 3/],
    ['invalid_argument', () => EmbeddingTable.from([], { rows: 4, dim: 0 }), /./],
    ['invalid_argument', () => EmbeddingTable.from(DATA, { rows: 4, dim: 3, scale: 1 }), /scale/],
    ['unsupported', () => EmbeddingTable.from(DATA, { rows: 4, dim: 3, dtype: /** @type {any} */ ('f64') }), /f64/],
    [
      'invalid_argument',
      () => EmbeddingTable.from(/** @type {any} */ (new Float64Array(12)), { rows: 4, dim: 3 }),
      /Float64Array/,
    ],
  ];
  for (const [code, call, pattern] of calls) {
    expect(await errorOf(call, code)).toMatch(pattern);
    good();
  }
});

test('memory is freed', async () => {
  for (let i = 0; i < 40; i++) (await EmbeddingTable.from(new Float32Array(8e6), { rows: 8000, dim: 1000 })).dispose();
  const table = await small(); // 40 × 32 MB would otherwise not fit together with the following
  expect([...table.row(0)]).toEqual([0, 1, 2]);
});

test('use after dispose is refused, a second dispose is not', async () => {
  const table = await small();
  table.dispose();
  table.dispose();
  await errorOf(() => table.lookup([0]), 'disposed');
  await errorOf(() => table.bag([0], [0, 1]), 'disposed');
});
