import { WembedError } from '../core/errors.js';

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
  const graphs = fieldsOf(bytes, file).filter(({ field }) => field === MODEL.graph);
  if (graphs.length !== 1) throw bad(file, `${graphs.length} graphs`);
  /** @type {OnnxGraph} */
  const graph = { nodes: [], tensors: new Map(), outputs: [] };
  for (const { field, bytes: part } of fieldsOf(bytesOf(graphs[0], file), file)) {
    if (!part) continue;
    if (field === GRAPH.node) graph.nodes.push(nodeOf(part, file));
    if (field === GRAPH.output) graph.outputs.push(textOf(part, NAME_OF_VALUE, file));
    if (field !== GRAPH.tensor) continue;
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
    fields.filter((each) => each.field === field).map((each) => utf8(bytesOf(each, file)));
  const attributes = fields
    .filter((each) => each.field === NODE.attribute)
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
  const number = fields.findLast(({ field }) => field === ATTRIBUTE.float || field === ATTRIBUTE.int);
  return [textOf(bytes, ATTRIBUTE.name, file), number?.number ?? NaN];
}

/**
 * @param {Uint8Array} bytes of a TensorProto
 * @param {string} file
 * @returns {OnnxTensor}
 */
function tensorOf(bytes, file) {
  const fields = fieldsOf(bytes, file);
  const name = textOf(bytes, TENSOR.name, file);
  const shape = fields
    .filter(({ field }) => field === TENSOR.dims)
    .flatMap((each) => (each.bytes ? varintsOf(each.bytes, file) : [each.number ?? NaN]));
  const [dtype, size] = DTYPES[fields.findLast(({ field }) => field === TENSOR.type)?.number ?? 0] ?? ['', 0];
  const raw = fields.findLast(({ field }) => field === TENSOR.raw)?.bytes;
  const data = raw ?? new Uint8Array();
  // Tensors in other files, or as lists of numbers: whoever needs one finds that it has no data.
  const elsewhere = fields.some(
    ({ field, number }) => (field === TENSOR.external && number) || TENSOR.values.includes(field),
  );
  if (elsewhere || !dtype) return { name, dtype: '', shape, data };
  const length = shape.reduce((all, each) => all * each, size);
  if (shape.length > MOST_DIMS || length !== data.length)
    throw bad(file, `'${name}' of shape [${shape}] in ${data.length} bytes`);
  return { name, dtype, shape, data };
}

/** A field of a message: a number, or bytes that are a message, a text or a list. @typedef {{ field: number, number?: number, bytes?: Uint8Array }} Field */

/**
 * @param {Uint8Array} bytes of a message
 * @param {string} file
 * @returns {Field[]}
 */
function fieldsOf(bytes, file) {
  const reader = new Protobuf(bytes, file);
  /** @type {Field[]} */
  const fields = [];
  while (!reader.atEnd) {
    fields.push(reader.field());
    if (fields.length > MOST_FIELDS) throw bad(file, `a message of more than ${MOST_FIELDS} parts`);
  }
  return fields;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} file
 * @returns {number[]}
 */
function varintsOf(bytes, file) {
  const reader = new Protobuf(bytes, file);
  const numbers = [];
  while (!reader.atEnd && numbers.length <= MOST_DIMS) numbers.push(reader.varint());
  return numbers;
}

/** @param {Field} field @param {string} file @returns {Uint8Array} */
function bytesOf({ field, bytes }, file) {
  if (!bytes) throw bad(file, `a number as field ${field}`);
  return bytes;
}

/** @param {Uint8Array} bytes @param {number} wanted @param {string} file */
function textOf(bytes, wanted, file) {
  const found = fieldsOf(bytes, file).findLast(({ field }) => field === wanted);
  return found ? utf8(bytesOf(found, file)) : '';
}

/** @param {Uint8Array} bytes */
const utf8 = (bytes) => new TextDecoder().decode(bytes);

/** @param {string} file @param {string} what */
const bad = (file, what) => new WembedError('bad_file', `${file} is no ONNX file: it has ${what}`);

/** Reads protobuf's wire format. */
class Protobuf {
  #bytes;
  #at = 0;
  #file;

  /** @param {Uint8Array} bytes @param {string} file */
  constructor(bytes, file) {
    this.#bytes = bytes;
    this.#file = file;
  }

  get atEnd() {
    return this.#at === this.#bytes.length;
  }

  /** @returns {number} beyond 2⁵³ it is inexact, and negative ones are huge: no use for either is made here */
  varint() {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#take(1)[0];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw bad(this.#file, 'a number of more than ten bytes');
  }

  /** @returns {Field} */
  field() {
    const tag = this.varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) return { field, number: this.varint() };
    if (wire === 2) return { field, bytes: this.#take(this.varint()) };
    if (wire !== 1 && wire !== 5) throw bad(this.#file, `a field of type ${wire}`);
    const part = this.#take(wire === 1 ? 8 : 4);
    const view = new DataView(part.buffer, part.byteOffset);
    return { field, number: wire === 1 ? view.getFloat64(0, true) : view.getFloat32(0, true) };
  }

  /** @param {number} length */
  #take(length) {
    const end = this.#at + length;
    if (!(end <= this.#bytes.length))
      throw bad(this.#file, `${length} bytes announced where ${this.#bytes.length - this.#at} are left`);
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}
