// ONNX Runtime Web on one thread, and the protobuf code that its models need (field numbers: onnx.proto).
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;

/** Types of TensorProto. */
const [FLOAT, UINT8, INT8, INT32, INT64] = [1, 2, 3, 6, 7];

/** @param {number} value @returns {number[]} base-128 digits, lowest first */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** @param {number} field @param {number} value */
const number = (field, value) => Buffer.from([...varint(field * 8), ...varint(value)]);

/** @param {number} field @param {...(Uint8Array | string)} parts of a message, or a string */
function message(field, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

/**
 * @param {number} field of the graph: 11 for inputs, 12 for outputs
 * @param {string} name
 * @param {number} type
 * @param {number[]} shape
 */
function value(field, name, type, shape) {
  const dims = message(2, ...shape.map((size) => message(1, number(1, size))));
  return message(field, message(1, name), message(2, message(1, number(1, type), dims)));
}

/** @param {string} name @param {Float32Array | Uint8Array | Int8Array} data @param {number[]} shape */
function initializer(name, data, shape) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const type = data instanceof Float32Array ? FLOAT : data instanceof Int8Array ? INT8 : UINT8;
  return message(5, ...shape.map((size) => number(1, size)), number(2, type), message(8, name), message(9, bytes));
}

/** @param {Uint8Array[]} graph */
function model(graph) {
  const opset17 = message(8, message(1, ''), number(2, 17));
  const contrib1 = message(8, message(1, 'com.microsoft'), number(2, 1));
  return Buffer.concat([number(1, 8), message(7, message(2, 'bench'), ...graph), opset17, contrib1]);
}

/**
 * @param {Uint8Array} bytes
 * @param {number[]} shape of the ids
 * @returns {Promise<(ids: Uint32Array) => Promise<Float32Array>>}
 */
async function runner(bytes, shape) {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  return async (ids) => {
    // Ids below 2^31 have the same bits in both types, so no conversion is timed.
    const signed = new Int32Array(ids.buffer, ids.byteOffset, ids.length);
    const { out } = await session.run({ ids: new ort.Tensor('int32', signed, shape) });
    return /** @type {Float32Array} */ (out.data);
  };
}

const GATHER = [message(1, 'table'), message(1, 'ids')];

/**
 * @param {Float32Array} table (rows, dim)
 * @param {{ rows: number, dim: number, n: number }} shape
 */
export function onnxGather(table, { rows, dim, n }) {
  const node = message(1, ...GATHER, message(2, 'out'), message(4, 'Gather'));
  const ends = [value(11, 'ids', INT32, [n]), value(12, 'out', FLOAT, [n, dim])];
  return runner(model([node, initializer('table', table, [rows, dim]), ...ends]), [n]);
}

/**
 * Gather, then ReduceMean over the ids of each bag, which all have the same number.
 * @param {Float32Array} table (rows, dim)
 * @param {{ rows: number, dim: number, bags: number, size: number }} shape
 */
export function onnxMeanBags(table, { rows, dim, bags, size }) {
  const gather = message(1, ...GATHER, message(2, 'rows'), message(4, 'Gather'));
  const axes = message(5, message(1, 'axes'), number(8, 1), number(20, 7));
  const keepDims = message(5, message(1, 'keepdims'), number(3, 0), number(20, 2));
  const mean = message(1, message(1, 'rows'), message(2, 'out'), message(4, 'ReduceMean'), axes, keepDims);
  const ends = [value(11, 'ids', INT32, [bags, size]), value(12, 'out', FLOAT, [bags, dim])];
  return runner(model([gather, mean, initializer('table', table, [rows, dim]), ...ends]), [bags, size]);
}

/**
 * @param {string} type
 * @param {string[]} inputs
 * @param {string[]} outputs
 * @param {Record<string, number>} [attributes] whole numbers
 */
function node(type, inputs, outputs, attributes = {}) {
  const domain = ['MatMulNBits', 'RotaryEmbedding'].includes(type) ? [message(7, 'com.microsoft')] : [];
  return message(
    1,
    ...inputs.map((name) => message(1, name)),
    ...outputs.map((name) => message(2, name)),
    message(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, message(1, name), number(3, value), number(20, 2))),
    ...domain,
  );
}

/** @typedef {{ rows: number, dim: number }} HeadShape */
/** @typedef {(hidden: Float32Array) => Promise<Float32Array>} Scores hidden states (n, dim) → (n, rows), for any n */

/**
 * @param {Uint8Array[]} graph from `hidden` to `out`
 * @param {HeadShape} shape
 * @returns {Promise<Scores>}
 */
async function scorer(graph, { rows, dim }) {
  const free = (/** @type {number} */ field, /** @type {string} */ name, /** @type {number} */ size) => {
    const dims = message(2, message(1, message(2, 'n')), message(1, number(1, size)));
    return message(field, message(1, name), message(2, message(1, number(1, FLOAT), dims)));
  };
  const bytes = model([...graph, free(11, 'hidden', dim), free(12, 'out', rows)]);
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  return async (hidden) => {
    const { out } = await session.run({ hidden: new ort.Tensor('float32', hidden, [hidden.length / dim, dim]) });
    return /** @type {Float32Array} */ (out.data);
  };
}

/** @param {Float32Array} table (rows, dim) @param {HeadShape} shape */
export function onnxGemm(table, shape) {
  const gemm = node('Gemm', ['hidden', 'table'], ['out'], { transB: 1 });
  return scorer([gemm, initializer('table', table, [shape.rows, shape.dim])], shape);
}

/**
 * Dynamic quantization, as written by ONNX Runtime's own tool: hidden states become u8 in every call.
 * @param {Int8Array} table (rows, dim)
 * @param {Float32Array} scale (rows)
 * @param {HeadShape} shape
 */
export function onnxDynamicInt8(table, scale, shape) {
  const { rows, dim } = shape;
  const transposed = new Int8Array(rows * dim);
  for (let r = 0; r < rows; r++) for (let d = 0; d < dim; d++) transposed[d * rows + r] = table[r * dim + d];
  const graph = [
    node('DynamicQuantizeLinear', ['hidden'], ['quantized', 'factor', 'zero']),
    node('MatMulInteger', ['quantized', 'table', 'zero'], ['sums']),
    node('Cast', ['sums'], ['floats'], { to: FLOAT }),
    node('Mul', ['factor', 'scale'], ['factors']),
    node('Mul', ['floats', 'factors'], ['out']),
    initializer('table', transposed, [dim, rows]),
    initializer('scale', scale, [rows]),
  ];
  return scorer(graph, shape);
}

/**
 * @param {Uint8Array} packed (rows, dim × bits / 8): whole numbers offset by 2^(bits - 1), with 4 bits the lower half
 *   first
 * @param {Float32Array} scales (rows, dim / 32)
 * @param {HeadShape} shape
 * @param {4 | 8} bits
 */
export function onnxMatMulNBits(packed, scales, shape, bits) {
  const { rows, dim } = shape;
  const attributes = { K: dim, N: rows, bits, block_size: 32, accuracy_level: 4 };
  const graph = [
    node('MatMulNBits', ['hidden', 'table', 'scales'], ['out'], attributes),
    initializer('table', packed, [rows, dim / 32, 4 * bits]),
    initializer('scales', scales, [rows, dim / 32]),
  ];
  return scorer(graph, shape);
}

/**
 * @param {Float32Array} cos (n, headDim / 2)
 * @param {Float32Array} sin (n, headDim / 2)
 * @param {{ n: number, heads: number, headDim: number }} shape
 * @returns {Promise<(q: Float32Array) => Promise<Float32Array>>} (n, heads, headDim)
 */
export async function onnxRotary(cos, sin, { n, heads, headDim }) {
  const shape = [1, n, heads * headDim];
  const session = await sessionOf([
    node('RotaryEmbedding', ['x', 'positions', 'cos', 'sin'], ['out'], { num_heads: heads, rotary_embedding_dim: 0 }),
    initializer('cos', cos, [n, headDim / 2]),
    initializer('sin', sin, [n, headDim / 2]),
    value(11, 'x', FLOAT, shape),
    value(11, 'positions', INT64, [1, n]),
    value(12, 'out', FLOAT, shape),
  ]);
  const positions = new ort.Tensor(
    'int64',
    BigInt64Array.from({ length: n }, (_, i) => BigInt(i)),
    [1, n],
  );
  return async (q) => {
    const { out } = await session.run({ x: new ort.Tensor('float32', q, shape), positions });
    return /** @type {Float32Array} */ (out.data);
  };
}

/**
 * @param {Float32Array} weight (dim)
 * @param {Float32Array} bias (dim)
 * @param {{ n: number, dim: number }} shape
 * @returns {Promise<(x: Float32Array) => Promise<Float32Array>>} (n, dim)
 */
export async function onnxLayerNorm(weight, bias, { n, dim }) {
  const session = await sessionOf([
    node('LayerNormalization', ['x', 'weight', 'bias'], ['out']),
    initializer('weight', weight, [dim]),
    initializer('bias', bias, [dim]),
    value(11, 'x', FLOAT, [n, dim]),
    value(12, 'out', FLOAT, [n, dim]),
  ]);
  return async (x) => {
    const { out } = await session.run({ x: new ort.Tensor('float32', x, [n, dim]) });
    return /** @type {Float32Array} */ (out.data);
  };
}

/** @param {Uint8Array[]} graph */
const sessionOf = (graph) => ort.InferenceSession.create(model(graph), { executionProviders: ['wasm'] });
