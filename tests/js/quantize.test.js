// Tables in every dtype, compared with torch and with the original numbers.
import { EmbeddingLayer, EmbeddingTable, errorOf, readBytes, readJson, sharedData } from '../support/wembed.js';
import { readTensor } from '../support/onnx.js';

const golden = readJson('tests/golden/embedding.json');
const { rows, dim, ids, offsets, weights } = golden;
const data = Float32Array.from(golden.table);

/**
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 * @param {number} bound relative to the largest
 * @param {number} [least] the absolute error allowed for small numbers
 */
function expectNear(found, expected, bound, least = 0) {
  const most = Math.max(...Array.from(expected, Math.abs), 1e-30);
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++)
    expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(bound * most + least);
}

test.each(golden.cases)(
  "Embedding and EmbeddingBag are torch's: $dtype",
  async (/** @type {any} */ { dtype, bits, embedding, bags }) => {
    const table = await EmbeddingTable.from(data, { rows, dim, dtype });
    expect([table.dtype, table.bytes]).toEqual([dtype, rows * dim * (dtype === 'f32' ? 4 : 2)]);
    expect([...table.lookup(ids).data]).toEqual([...Float32Array.from(embedding)]);
    const patterns = Uint32Array.from(bits, Number);
    const stored = dtype === 'f32' ? new Float32Array(patterns.buffer) : Uint16Array.from(patterns);
    const again = await EmbeddingTable.from(stored, { rows, dim, dtype });
    expect(again.lookup(ids).data).toEqual(table.lookup(ids).data);
    for (const { mode, weighted, paddingIdx, out } of bags) {
      const options = { mode, paddingIdx, ...(weighted ? { perSampleWeights: weights } : {}) };
      expectNear(table.bag(ids, offsets, options).data, out, 1e-6);
    }
  },
);

test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']))(
  'quantize(%s): a table of its own, with the error that it makes',
  async (dtype) => {
    const original = await EmbeddingTable.from(data, {
      rows,
      dim,
      tokenWeights: Array.from({ length: rows }, (_, i) => i / 4),
    });
    const table = original.quantize(dtype);
    const blocks = Math.ceil(dim / 32);
    const perRow = { f32: 4 * dim, f16: 2 * dim, bf16: 2 * dim, i8: dim + 4, i4: blocks * 18 }[dtype];
    expect([table.dtype, table.rows, table.bytes]).toEqual([dtype, rows, rows * (perRow + 4)]);
    const [found, expected] = [table.lookup(ids).data, original.lookup(ids).data];
    const bound = { f32: 0, f16: 2 ** -11, bf16: 2 ** -8, i8: 1 / 253, i4: 1 / 7.9 }[dtype];
    const least = dtype === 'f16' ? 2 ** -23 : 0; // half a subnormal step × the largest token weight
    for (let i = 0; i < ids.length; i++) {
      expectNear(found.subarray(i * dim, (i + 1) * dim), expected.subarray(i * dim, (i + 1) * dim), bound, least);
    }
    const error = table.quantizationError(original);
    // The definition: over all ids, of what `lookup` gives, token weights included.
    const all = Array.from({ length: rows }, (_, i) => i);
    const [after, before] = [table.lookup(all).data, original.lookup(all).data];
    const most = Math.max(...before.map((value, i) => Math.abs(after[i] - value)));
    const squares = before.reduce((sum, value, i) => sum + (after[i] - value) ** 2, 0);
    expect(error.max).toBeCloseTo(most, 10);
    expect(error.rms).toBeCloseTo(Math.sqrt(squares / data.length), 10);
    expect(error.cosine).toBeGreaterThan(dtype === 'i4' ? 0.99 : 0.9999);
    original.dispose();
    expect(table.row(3).length).toBe(dim);
  },
);

test('the quantization error is that of the rows that lookup gives', async () => {
  const values = Float32Array.of(1, 0, 0, 1, 100, 100);
  const options = { rows: 3, dim: 2 };
  const mapped = await EmbeddingTable.from(values, { ...options, tokenMapping: [0, 1], tokenWeights: [2, 4] });
  const asRows = await EmbeddingTable.from([2, 0, 0, 4], { rows: 2, dim: 2 });
  // The third row has no id, and a table without a mapping may give the same vectors.
  expect(asRows.quantizationError(mapped)).toEqual({ max: 0, rms: 0, cosine: 1 });
  const other = await EmbeddingTable.from([2, 3, 4, 0], { rows: 2, dim: 2 });
  const { max, rms, cosine } = other.quantizationError(mapped);
  expect([max, rms]).toEqual([4, Math.sqrt((9 + 16 + 16) / 4)]);
  expect(cosine).toBeCloseTo((2 / Math.sqrt(13) + 0) / 2, 12);
  const plain = await EmbeddingTable.from(values, options);
  expect(await errorOf(() => plain.quantizationError(mapped), 'shape_mismatch')).toMatch('2');
});

test.each(
  /** @type {const} */ ([
    ['f16', 65519.99, 65504, 65520],
    ['f16', -65519.99, -65504, -1e6],
    ['bf16', 3.39e38, 3.3895313892515355e38, 3.4e38],
  ]),
)('%s: a finite number never becomes infinite', async (dtype, largest, stored, tooLarge) => {
  const values = data.slice();
  values[2 * dim + 5] = largest;
  values[7] = -Infinity;
  const table = await EmbeddingTable.from(values, { rows, dim });
  const small = table.quantize(dtype);
  expect([small.row(2)[5], small.row(0)[7]]).toEqual([stored, -Infinity]);
  values[2 * dim + 5] = tooLarge;
  const large = await EmbeddingTable.from(values, { rows, dim });
  for (const call of [() => EmbeddingTable.from(values, { rows, dim, dtype }), () => large.quantize(dtype)]) {
    const message = await errorOf(call, 'invalid_argument');
    expect(message).toMatch(`${Math.fround(tooLarge)} at index ${2 * dim + 5}`);
  }
});

test('numbers that a dtype cannot represent are refused, with their place, and the next good call works', async () => {
  const bad = data.slice();
  bad[4 * dim + 30] = Infinity;
  for (const dtype of /** @type {const} */ (['i8', 'i4'])) {
    expect(await errorOf(() => EmbeddingTable.from(bad, { rows, dim, dtype }), 'invalid_argument')).toMatch(
      `Infinity at index ${4 * dim + 30}`,
    );
  }
  const table = await EmbeddingTable.from(bad, { rows, dim, dtype: 'f16' });
  expect(table.row(4)[30]).toBe(Infinity);
  await errorOf(() => table.quantize('i4'), 'invalid_argument');
  await errorOf(() => table.quantize(/** @type {any} */ ('f8')), 'unsupported');
  const other = await EmbeddingTable.from(data.subarray(dim), { rows: rows - 1, dim });
  await errorOf(() => table.quantizationError(other), 'shape_mismatch');
  table.dispose();
  await errorOf(() => table.quantize('i8'), 'disposed');
  expect((await EmbeddingTable.from(Int8Array.of(3), { rows: 1, dim: 1, dtype: 'f32', scale: 0.5 })).row(0)[0]).toBe(
    1.5,
  );
});

test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i4']))(
  'fromPretrained converts while it reads: %s',
  async (dtype) => {
    const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
    const files = new Map(names.map((name) => [name, readBytes(`models/mini/${name}`)]));
    const stored = await EmbeddingLayer.fromPretrained(files);
    const layer = await EmbeddingLayer.fromPretrained(files, { dtype });
    expect(layer.describe().dtype).toBe(dtype);
    const error = layer.table.quantizationError(stored.table);
    expect(error.max).toBeLessThanOrEqual({ f32: 0, f16: 0, bf16: 0.5, i4: 16 }[dtype]);
    const [a, b] = [layer, stored].map((each) => each.encode('It is raining cats and dogs'));
    expect(a.reduce((sum, value, i) => sum + value * b[i], 0)).toBeGreaterThan(dtype === 'i4' ? 0.98 : 0.9999);
    [layer, stored].forEach((each) => each.dispose());
  },
);

const onnx = sharedData('onnx-node');
onnx.test("ONNX's Gather and DequantizeLinear node tests", async () => {
  const read = (/** @type {string} */ name, /** @type {string} */ file) =>
    readTensor(`${onnx.path}/${name}/test_data_set_0/${file}.pb`);
  for (const name of ['test_gather_0', 'test_gather_2d_indices']) {
    const [input, indices, expected] = ['input_0', 'input_1', 'output_0'].map((file) => read(name, file));
    // Rows are gathered along axis 0; 2d_indices gathers along axis 1, which is axis 0 of the transpose.
    const turned = name.includes('2d');
    const [height, width] = [input.shape[0], input.data.length / input.shape[0]];
    const values = turned
      ? Float32Array.from(input.data, (_, i) => input.data[(i % height) * width + Math.floor(i / height)])
      : input.data;
    const table = await EmbeddingTable.from(
      values,
      turned ? { rows: width, dim: height } : { rows: height, dim: width },
    );
    const found = table.lookup([...indices.data].map(Number));
    expected.data.forEach((/** @type {number} */ value, /** @type {number} */ i) => {
      const at = turned ? (i % indices.data.length) * height + Math.floor(i / indices.data.length) : i;
      expect(found.data[at]).toBe(value);
    });
  }
  const [x, scale, zero, y] = ['input_0', 'input_1', 'input_2', 'output_0'].map((file) =>
    read('test_dequantizelinear', file),
  );
  const signed = Int8Array.from(x.data, (value) => value - 128); // u8 with a zero point of 128 is i8 without
  expect(zero.data[0]).toBe(128);
  const table = await EmbeddingTable.from(signed, { rows: signed.length, dim: 1, scale: scale.data[0] });
  expect([...table.lookup(Array.from(signed, (_, i) => i)).data]).toEqual([...y.data]);
});
