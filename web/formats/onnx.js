import { WembedError } from '../core/errors.js';
import { BYTES, FIXED32, VARINT, protobufFields } from './protobuf.js';

/** A tensor of known numbers. @typedef {{ name: string, dtype: string, shape: number[], data: Uint8Array }} OnnxTensor */
/** @typedef {{ op: string, inputs: string[], outputs: string[], attributes: Map<string, number> }} OnnxNode attributes: of one number */
/** @typedef {{ nodes: OnnxNode[], tensors: Map<string, OnnxTensor>, outputs: string[] }} OnnxGraph */

/** TensorProto.DataType, of what safetensors has too. @type {Record<number, [dtype: string, bytes: number]>} */
const DTYPES = { 1: ['F32', 4], 6: ['I32', 4], 7: ['I64', 8], 10: ['F16', 2], 11: ['F64', 8], 16: ['BF16', 2] };

/** Where protobuf messages have what is read here (onnx.proto, its fields by number). */
const MODEL = { graph: 7 };
const GRAPH = { node: 1, tensor: 5, output: 12 };
const NODE = { input: 1, output: 2, op: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { name: 1, float: 2, int: 3 };
const TENSOR = { dims: 1, type: 2, name: 8, raw: 9, external: 14, values: [4, 5, 6, 7, 10, 11] };
const NAME_OF_VALUE = 1;

/** More dimensions than any tensor has, and more parts than any message of these. */
const [MOST_DIMS, MOST_FIELDS] = [8, 2 ** 18];

/**
 * The graph of an ONNX file: its operations, and its tensors where they lie in the bytes.
 * @param {Uint8Array} bytes of the whole file
 * @param {string} file for messages
 * @returns {OnnxGraph}
 */
export function readOnnx(bytes, file) {
  const graphs = fieldsOf(bytes, file).filter(({ number }) => number === MODEL.graph);
  if (graphs.length !== 1) throw bad(file, `${graphs.length} graphs`);
  /** @type {OnnxGraph} */
  const graph = { nodes: [], tensors: new Map(), outputs: [] };
  for (const { number, wire, bytes: part } of fieldsOf(bytesOf(graphs[0], file), file)) {
    if (wire !== BYTES) continue;
    if (number === GRAPH.node) graph.nodes.push(nodeOf(part, file));
    if (number === GRAPH.output) graph.outputs.push(textOf(part, NAME_OF_VALUE, file));
    if (number !== GRAPH.tensor) continue;
    const tensor = tensorOf(part, file);
    if (graph.tensors.has(tensor.name)) throw bad(file, `two tensors '${tensor.name}'`);
    graph.tensors.set(tensor.name, tensor);
  }
  return graph;
}

/**
 * @param {Uint8Array} bytes of a NodeProto
 * @param {string} file
 * @returns {OnnxNode}
 */
function nodeOf(bytes, file) {
  const fields = fieldsOf(bytes, file);
  const texts = (/** @type {number} */ field) =>
    fields.filter((each) => each.number === field).map((each) => utf8(bytesOf(each, file)));
  const attributes = fields
    .filter((each) => each.number === NODE.attribute)
    .map((each) => attributeOf(bytesOf(each, file), file));
  const domain = texts(NODE.domain).at(-1);
  const op = texts(NODE.op).at(-1) ?? '';
  return {
    op: domain ? `${domain}.${op}` : op,
    inputs: texts(NODE.input),
    outputs: texts(NODE.output),
    attributes: new Map(attributes),
  };
}

/**
 * @param {Uint8Array} bytes of an AttributeProto
 * @param {string} file
 * @returns {[name: string, value: number]} NaN where it is no number
 */
function attributeOf(bytes, file) {
  const fields = fieldsOf(bytes, file);
  const value = fields.findLast(({ number }) => number === ATTRIBUTE.float || number === ATTRIBUTE.int);
  return [textOf(bytes, ATTRIBUTE.name, file), value ? numberOf(value) : NaN];
}

/**
 * @param {Uint8Array} bytes of a TensorProto
 * @param {string} file
 * @returns {OnnxTensor}
 */
function tensorOf(bytes, file) {
  const fields = fieldsOf(bytes, file);
  const name = textOf(bytes, TENSOR.name, file);
  const last = (/** @type {number} */ wanted) => fields.findLast(({ number }) => number === wanted);
  const shape = fields.filter(({ number }) => number === TENSOR.dims).flatMap(sizesOf);
  const [dtype, size] = DTYPES[last(TENSOR.type)?.value ?? 0] ?? ['', 0];
  const raw = last(TENSOR.raw)?.bytes;
  const data = raw ?? new Uint8Array();
  // Tensors in other files, or as lists of numbers: whoever needs one finds that it has no data.
  const elsewhere = fields.some(
    ({ number, value }) => (number === TENSOR.external && value) || TENSOR.values.includes(number),
  );
  if (elsewhere || !dtype) return { name, dtype: '', shape, data };
  const length = shape.reduce((all, each) => all * each, size);
  if (shape.length > MOST_DIMS || length !== data.length)
    throw bad(file, `'${name}' of shape [${shape}] in ${data.length} bytes`);
  return { name, dtype, shape, data };
}

/** @typedef {import('./protobuf.js').ProtobufField} ProtobufField */

/**
 * @param {Uint8Array} bytes of a message
 * @param {string} file
 * @returns {ProtobufField[]}
 */
function fieldsOf(bytes, file) {
  /** @type {ProtobufField[]} */
  const fields = [];
  for (const field of protobufFields(bytes, (what) => bad(file, what))) {
    fields.push(field);
    if (fields.length > MOST_FIELDS) throw bad(file, `a message of more than ${MOST_FIELDS} parts`);
  }
  return fields;
}

/** @param {ProtobufField} field @returns {number} NaN where it is none */
function numberOf({ wire, value, bytes }) {
  if (wire === FIXED32) return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  return wire === VARINT ? value : NaN;
}

/**
 * The sizes of a tensor: one a field, or all in one.
 * @param {ProtobufField} field
 * @returns {number[]}
 */
function sizesOf(field) {
  if (field.wire !== BYTES) return [numberOf(field)];
  /** @type {number[]} */
  const sizes = [];
  let [size, place] = [0, 1];
  for (const byte of field.bytes) {
    size += (byte & 127) * place;
    place *= 128;
    if (byte >= 128) continue;
    sizes.push(size);
    [size, place] = [0, 1];
    if (sizes.length > MOST_DIMS) break;
  }
  return sizes;
}

/** @param {ProtobufField} field @param {string} file */
function bytesOf({ number, wire, bytes }, file) {
  if (wire !== BYTES) throw bad(file, `a number as field ${number}`);
  return bytes;
}

/** @param {Uint8Array} bytes @param {number} wanted @param {string} file */
function textOf(bytes, wanted, file) {
  const found = fieldsOf(bytes, file).findLast(({ number }) => number === wanted);
  return found ? utf8(bytesOf(found, file)) : '';
}

/** @param {Uint8Array} bytes */
const utf8 = (bytes) => new TextDecoder().decode(bytes);

/** @param {string} file @param {string} what */
const bad = (file, what) => new WembedError('bad_file', `${file} is no ONNX file: it has ${what}`);
