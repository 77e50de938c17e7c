// ONNX Runtime Web on one thread, and the few lines of protobuf that its models take (field numbers: onnx.proto).
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;

const FLOAT = 1;
const INT32 = 6;

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

/** @param {string} name @param {Float32Array} data @param {number[]} shape */
function initializer(name, data, shape) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(5, ...shape.map((size) => number(1, size)), number(2, FLOAT), message(8, name), message(9, bytes));
}

/** @param {Uint8Array[]} graph */
function model(graph) {
  const opset13 = message(8, message(1, ''), number(2, 13));
  return Buffer.concat([number(1, 8), message(7, message(2, 'bench'), ...graph), opset13]);
}

/**
 * @param {Uint8Array} bytes
 * @param {number[]} shape of the ids
 * @returns {Promise<(ids: Uint32Array) => Promise<Float32Array>>}
 */
async function runner(bytes, shape) {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  return async (ids) => {
    // Ids below 2^31 have the same bits in both types, so that no conversion is timed.
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
