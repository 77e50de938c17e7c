import { EmbeddingTable, errorOf } from '../support/wembed.js';

const DATA = Float32Array.from({ length: 12 }, (_, i) => i);
const small = () => EmbeddingTable.from(DATA, { rows: 4, dim: 3 });

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
