// ONNX's backend tests for Gather, GatherElements, GatherND, DequantizeLinear and torch's Embedding. Other axes become
// rows by reshaping, as a caller would do it.
import { readdirSync } from 'node:fs';
import { readInitializers, readTensor } from '../support/onnx.js';
import { EmbeddingTable, errorOf, sharedData } from '../support/wembed.js';

/** @typedef {import('../support/onnx.js').OnnxTensor} OnnxTensor */

const onnx = sharedData('onnx-node');
/** @param {string} name @param {string} file @returns {OnnxTensor} */
const read = (name, file) => readTensor(`${onnx.path}/${name}/test_data_set_0/${file}.pb`);
const casesOf = (/** @type {RegExp} */ pattern) => readdirSync(onnx.path).filter((name) => pattern.test(name));
const product = (/** @type {number[]} */ shape) => shape.reduce((all, size) => all * size, 1);
const numbers = (/** @type {ArrayLike<any>} */ data) => Array.from(data, Number);

/**
 * @param {OnnxTensor} data
 * @param {number} dim numbers per row
 * @param {number[]} ids
 */
async function rowsOf({ data }, dim, ids) {
  const table = await EmbeddingTable.from(Float32Array.from(data), { rows: data.length / dim, dim });
  const rows = table.lookup(ids).data;
  table.dispose();
  return [...rows];
}

/** Indices from the end are ONNX's own. @param {number} index @param {number} size */
const fromStart = (index, size) => (index < 0 ? index + size : index);

onnx.test('Gather', async () => {
  const axes = /** @type {Record<string, number>} */ ({ test_gather_1: 1, test_gather_2d_indices: 1 });
  const cases = casesOf(/^test_gather_(0|1|2d_indices|negative_indices)$/);
  expect(cases).toHaveLength(4);
  for (const name of cases) {
    const [data, indices, expected] = ['input_0', 'input_1', 'output_0'].map((file) => read(name, file));
    const axis = axes[name] ?? 0;
    const size = data.shape[axis];
    const outer = product(data.shape.slice(0, axis));
    const chosen = numbers(indices.data).map((index) => fromStart(index, size));
    const ids = Array.from({ length: outer }, (_, o) => chosen.map((index) => o * size + index)).flat();
    expect(await rowsOf(data, product(data.shape.slice(axis + 1)), ids)).toEqual(numbers(expected.data));
  }
});

onnx.test('GatherElements: rows of one number', async () => {
  const axes = /** @type {Record<string, number>} */ ({ test_gather_elements_0: 1 });
  const cases = casesOf(/^test_gather_elements/);
  expect(cases).toHaveLength(3);
  for (const name of cases) {
    const [data, indices, expected] = ['input_0', 'input_1', 'output_0'].map((file) => read(name, file));
    const axis = axes[name] ?? 0;
    const columns = indices.shape[1];
    const ids = numbers(indices.data).map((index, i) => {
      const place = [Math.floor(i / columns), i % columns];
      place[axis] = fromStart(index, data.shape[axis]);
      return place[0] * data.shape[1] + place[1];
    });
    expect(await rowsOf(data, 1, ids)).toEqual(numbers(expected.data));
  }
});

onnx.test('GatherND: rows of what the last indices leave', async () => {
  const cases = casesOf(/^test_gathernd/);
  expect(cases).toHaveLength(3);
  for (const name of cases) {
    const [data, indices, expected] = ['input_0', 'input_1', 'output_0'].map((file) => read(name, file));
    const batched = name.endsWith('batch_dim1') ? 1 : 0;
    const depth = /** @type {number} */ (indices.shape.at(-1));
    const dim = product(data.shape.slice(batched + depth));
    const tuples = product(indices.shape) / depth;
    const perBatch = tuples / product(indices.shape.slice(0, batched));
    const ids = Array.from({ length: tuples }, (_, n) =>
      Array.from({ length: depth }, (_, i) => Number(indices.data[n * depth + i])).reduce(
        (id, index, i) => id * data.shape[batched + i] + index,
        batched ? Math.floor(n / perBatch) : 0,
      ),
    );
    expect(await rowsOf(data, dim, ids)).toEqual(numbers(expected.data));
  }
});

onnx.test("torch's Embedding, dense and sparse", async () => {
  const cases = casesOf(/^test_Embedding/);
  expect(cases).toHaveLength(2);
  for (const name of cases) {
    const [weight] = readInitializers(`${onnx.path}/${name}/model.onnx`);
    const [ids, expected] = ['input_0', 'output_0'].map((file) => read(name, file));
    expect(await rowsOf(weight, weight.shape[1], numbers(ids.data))).toEqual(numbers(expected.data));
  }
});

onnx.test('DequantizeLinear', async () => {
  // The axis' numbers become rows; of the blocked one, columns and blocks of one column do.
  /** @type {Record<string, { dim: number, options?: any, format?: any, dtype?: any }>} */
  const cases = {
    test_dequantizelinear: { dim: 4 },
    test_dequantizelinear_axis: { dim: 6 },
    test_dequantizelinear_blocked: { dim: 6, options: { block: [2, 1] } },
    test_dequantizelinear_e4m3fn: { dim: 5, format: 'f8_e4m3' },
    test_dequantizelinear_e4m3fn_float16: { dim: 5, format: 'f8_e4m3', dtype: 'f16' },
    test_dequantizelinear_e4m3fn_zero_point: { dim: 5, format: 'f8_e4m3' },
  };
  expect(casesOf(/^test_dequantizelinear/)).toEqual(Object.keys(cases));
  for (const [name, { dim, options, format, dtype }] of Object.entries(cases)) {
    const [x, scales, expected] = ['input_0', 'input_1', 'output_0'].map((file) => read(name, file));
    const one = product(scales.shape) === 1;
    const scale = await widened(scales.data);
    const zeros = /e4m3fn(_float16)?$/.test(name) ? [0] : numbers(read(name, 'input_2').data);
    const table = await EmbeddingTable.from(x.data, {
      ...{ rows: x.data.length / dim, dim, format, dtype, ...options },
      ...{ scale: one ? scale[0] : scale, zeroPoint: one ? zeros[0] : zeros },
    });
    const found = table.lookup(Array.from({ length: table.rows }, (_, i) => i)).data;
    expect(found).toEqual(await widened(expected.data));
    table.dispose();
  }
});

/** 16-bit patterns as numbers. @param {Float32Array | Uint16Array} data */
async function widened(data) {
  const table = await EmbeddingTable.from(data, { rows: 1, dim: data.length });
  const { data: floats } = table.lookup([0]);
  table.dispose();
  return floats;
}

test('bytes of other formats: any dtype, ragged blocks, every 8-bit float, tokens', async () => {
  const bytes = Uint8Array.from({ length: 15 }, (_, i) => i * 17);
  const shape = { rows: 3, dim: 5 };
  const scale = [1, 2, 3, 4, 5, 6]; // blocks of 2 × 2: two down, three across
  const options = { ...shape, block: /** @type {[number, number]} */ ([2, 2]), scale, zeroPoint: [0, 1, 2, 3, 4, 5] };
  const of = (/** @type {number} */ i) => Math.floor(Math.floor(i / 5) / 2) * 3 + Math.floor((i % 5) / 2);
  const expected = Array.from(bytes, (byte, i) => (byte - of(i)) * scale[of(i)]);
  const all = [0, 1, 2];
  for (const dtype of /** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4'])) {
    const table = await EmbeddingTable.from(bytes, { ...options, dtype });
    const wide = await EmbeddingTable.from(Float32Array.from(expected), { ...shape, dtype });
    expect([table.dtype, ...table.lookup(all).data]).toEqual([dtype, ...wide.lookup(all).data]);
  }
  const signed = await EmbeddingTable.from(Int8Array.of(-128, 127), { rows: 2, dim: 1, scale: [2, 3], dtype: 'f16' });
  expect([...signed.lookup([0, 1]).data]).toEqual([-256, 381]);
  const tokens = await EmbeddingTable.from(bytes, { ...shape, tokenMapping: [2, 0], tokenWeights: [0.5, 1] });
  expect([...tokens.lookup([0]).data]).toEqual([...bytes.subarray(10)].map((byte) => byte / 2));
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  const e4m3 = await EmbeddingTable.from(every, { rows: 256, dim: 1, format: 'f8_e4m3' });
  const e5m2 = await EmbeddingTable.from(every, { rows: 256, dim: 1, format: 'f8_e5m2' });
  const ids = [0x01, 0x07, 0x08, 0x38, 0x7e, 0x7f, 0x80, 0xb8, 0xfe];
  const smallest = 2 ** -9;
  expect([...e4m3.lookup(ids).data]).toEqual([smallest, 7 * smallest, 8 * smallest, 1, 448, NaN, -0, -1, -448]);
  const more = [0x01, 0x3c, 0x7b, 0x7c, 0x7d, 0xfc];
  expect([...e5m2.lookup(more).data]).toEqual([2 ** -16, 1, 57344, Infinity, NaN, -Infinity]);
});

test('bad scales, zero points, blocks and formats are refused', async () => {
  const bytes = new Uint8Array(6);
  const from =
    (/** @type {any} */ options, /** @type {any} */ data = bytes) =>
    () =>
      EmbeddingTable.from(data, { rows: 3, dim: 2, ...options });
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['shape_mismatch', from({ scale: [1, 2] }), /2 numbers of scale for 3 blocks of 1 × 2/],
    ['shape_mismatch', from({ zeroPoint: [1] }), /1 numbers of zeroPoint/],
    ['shape_mismatch', from({ block: [2, 2], scale: [1] }), /1 .* 2 blocks of 2 × 2/],
    ['invalid_argument', from({ block: [0, 2], scale: [1] }), /block\[0\].*got 0/],
    ['invalid_argument', from({ block: 'x', scale: [1] }), /x/],
    ['unsupported', from({ format: 'toString' }), /toString.*f8_e4m3/],
    ['invalid_argument', from({ format: 'u8' }, new Float32Array(6)), /Float32Array/],
    ['invalid_argument', from({ format: 'u8' }, [1, 2, 3, 4, 5, 6]), /Int8Array, got an array/],
    ['shape_mismatch', from({}, new Uint8Array(5)), /5 numbers.*3 × 2/],
    ['invalid_argument', from({ scale: NaN, dtype: 'i8' }), /./],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
});
