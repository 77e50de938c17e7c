import { GGML_BLOCKS, GGML_TYPES } from '../core/codes.js';
import { WembedError, shown } from '../core/errors.js';

/**
 * A metadata value. Whole numbers that a double cannot hold are bigints; arrays of numbers are typed arrays.
 * @typedef {number | bigint | boolean | string | GgufArray} GgufValue
 * @typedef {string[] | boolean[] | GgufValue[] | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array
 *   | Int32Array | Float32Array | Float64Array | BigUint64Array | BigInt64Array} GgufArray
 */

/**
 * One tensor of a file. `shape` is row-major, the way everyone but ggml writes it; `begin` and `end` count from the
 * file's first byte.
 * @typedef {{ name: string, type: string, shape: number[], begin: number, end: number }} GgufTensor
 */

/**
 * @typedef {object} Gguf
 * @property {number} version
 * @property {Map<string, GgufValue>} metadata
 * @property {Map<string, GgufTensor>} tensors
 * @property {number} headerLength bytes before the padding that the tensors' data begins after
 */

/** ggml's tensor types: numbers a block, bytes a block. (ggml.h, `ggml_type`; sizes as the `gguf` package lists them.) */
const TYPES = /** @type {Record<number, [name: string, numbers: number, bytes: number]>} */ ({
  ...{ 0: ['F32', 1, 4], 1: ['F16', 1, 2], 2: ['Q4_0', 32, 18], 3: ['Q4_1', 32, 20], 6: ['Q5_0', 32, 22] },
  ...{ 7: ['Q5_1', 32, 24], 8: ['Q8_0', 32, 34], 9: ['Q8_1', 32, 40], 10: ['Q2_K', 256, 84] },
  ...{ 11: ['Q3_K', 256, 110], 12: ['Q4_K', 256, 144], 13: ['Q5_K', 256, 176], 14: ['Q6_K', 256, 210] },
  ...{ 15: ['Q8_K', 256, 292], 16: ['IQ2_XXS', 256, 66], 17: ['IQ2_XS', 256, 74], 18: ['IQ3_XXS', 256, 98] },
  ...{ 19: ['IQ1_S', 256, 50], 20: ['IQ4_NL', 32, 18], 21: ['IQ3_S', 256, 110], 22: ['IQ2_S', 256, 82] },
  ...{ 23: ['IQ4_XS', 256, 136], 24: ['I8', 1, 1], 25: ['I16', 1, 2], 26: ['I32', 1, 4], 27: ['I64', 1, 8] },
  ...{ 28: ['F64', 1, 8], 29: ['IQ1_M', 256, 56], 30: ['BF16', 1, 2], 34: ['TQ1_0', 256, 54] },
  ...{ 35: ['TQ2_0', 256, 66], 39: ['MXFP4', 32, 17] },
});

/** The types that the core widens. @type {Map<string, import('../core/dtypes.js').BlockType>} */
const BLOCKS = new Map(
  Object.entries(TYPES)
    .filter(([, [name]]) => Object.hasOwn(GGML_TYPES, name.toLowerCase()))
    .map(([code, [name, numbers, bytes]]) => [name, { code: GGML_BLOCKS + Number(code), numbers, bytes }]),
);

/**
 * @param {string} type
 * @returns {import('../core/dtypes.js').BlockType | undefined} undefined for types that are not read
 */
export const ggmlBlock = (type) => BLOCKS.get(type);

const STRING = 8;
const ARRAY = 9;

/** The arrays that hold each metadata type's numbers; BOOL, STRING and ARRAY are read one by one. */
const ARRAYS = /** @type {Record<number, any>} */ ({
  ...{ 0: Uint8Array, 1: Int8Array, 2: Uint16Array, 3: Int16Array, 4: Uint32Array, 5: Int32Array, 6: Float32Array },
  ...{ 10: BigUint64Array, 11: BigInt64Array, 12: Float64Array },
});

const MAX_DIMENSIONS = 4; // GGML_MAX_DIMS
const MAX_DEPTH = 8;
/** What is read first, so that a server's first answer can be as long. */
export const FIRST_READ = 65536;

/** A vocabulary takes megabytes: few reads for it, and little of what comes after. */
const MOST_AT_ONCE = 2 ** 22;

/** A header that is longer than this holds something else than a vocabulary; it is refused, not read. */
const MAX_HEADER = 2 ** 28;

/** What a parser throws that has come to the end of what has been read. */
class NeedsMore {
  /** @param {number} length of the file, at least */
  constructor(length) {
    this.length = length;
  }
}

/**
 * Reads and checks the header of a GGUF file (versions 2 and 3, little-endian), as much of the file as it takes and
 * hardly more. (ggml-org/ggml, docs/gguf.md)
 * @param {import('../sources/source.js').ByteSource | Uint8Array} source
 * @param {string} [name] for messages
 * @returns {Promise<Gguf>}
 */
export async function readGguf(source, name = 'the file') {
  if (source instanceof Uint8Array) return parseGguf(source, name);
  const size = source.byteLength ?? Infinity;
  let bytes = new Uint8Array(await source.slice(0, Math.min(FIRST_READ, size)));
  for (;;) {
    const parsed = tryParse(bytes, name, size);
    if (!(parsed instanceof NeedsMore)) return parsed;
    const wanted = Math.min(Math.max(parsed.length, Math.min(4 * bytes.length, bytes.length + MOST_AT_ONCE)), size);
    if (wanted > MAX_HEADER) throw refusal(name, `its header is longer than the ${MAX_HEADER} bytes allowed`);
    const more = new Uint8Array(await source.slice(bytes.length, wanted));
    if (more.length === 0) throw refusal(name, `it ends at byte ${bytes.length}, within its header`);
    const joined = new Uint8Array(bytes.length + more.length);
    joined.set(bytes);
    joined.set(more, bytes.length);
    bytes = joined;
  }
}

/**
 * The same of a file that is in memory.
 * @param {Uint8Array} bytes
 * @param {string} [name]
 * @returns {Gguf}
 */
export function parseGguf(bytes, name = 'the file') {
  const parsed = tryParse(bytes, name, bytes.length);
  if (parsed instanceof NeedsMore) throw refusal(name, `it ends at byte ${bytes.length}, within its header`);
  return parsed;
}

/** @param {string} name @param {string} what */
const refusal = (name, what) => new WembedError('bad_file', `${name} is not a valid GGUF file: ${what}`);

/**
 * @param {Uint8Array} bytes the file's first
 * @param {string} name
 * @param {number} fileSize Infinity where unknown
 */
function tryParse(bytes, name, fileSize) {
  try {
    return parse(new Cursor(bytes, name, fileSize));
  } catch (error) {
    if (error instanceof NeedsMore) return error;
    throw error;
  }
}

/** Reads the header's fields one after the other. Nothing is allocated by what a length says before its bytes are here. */
class Cursor {
  #bytes;
  #view;
  #name;
  #fileSize;
  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  at = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {string} name
   * @param {number} fileSize
   */
  constructor(bytes, name, fileSize) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#name = name;
    this.#fileSize = fileSize;
  }

  /** @param {string} what */
  refuse(what) {
    return refusal(this.#name, `${what} (before byte ${this.at})`);
  }

  get fileSize() {
    return this.#fileSize;
  }

  /**
   * Steps over bytes that must be there.
   * @param {number} length
   * @returns {number} where they begin
   */
  take(length) {
    const begin = this.at;
    const end = begin + length;
    if (end > this.#fileSize) throw this.refuse(`it needs ${length} bytes, the file has ${this.#fileSize - begin}`);
    if (end > this.#bytes.length) throw new NeedsMore(end);
    this.at = end;
    return begin;
  }

  u32() {
    return this.#view.getUint32(this.take(4), true);
  }

  /** A u64 that counts something: more than 2^53 of it is no file's. */
  count() {
    const begin = this.take(8);
    const value = this.#view.getUint32(begin, true) + this.#view.getUint32(begin + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.refuse(`a count or length of ${value}`);
    return value;
  }

  string() {
    const length = this.count();
    const begin = this.take(length);
    try {
      return this.#decoder.decode(this.#bytes.subarray(begin, begin + length));
    } catch {
      throw this.refuse('a string that is not UTF-8');
    }
  }

  /**
   * @param {number} type
   * @param {number} [depth]
   * @returns {GgufValue}
   */
  value(type, depth = 0) {
    if (type === STRING) return this.string();
    if (type === 7) return this.#view.getUint8(this.take(1)) !== 0;
    if (type === ARRAY) return this.array(depth);
    const numbers = this.numbers(type, 1);
    const value = numbers[0];
    return typeof value === 'bigint' && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value;
  }

  /** @param {number} depth */
  array(depth) {
    if (depth >= MAX_DEPTH) throw this.refuse(`arrays nested ${depth + 1} deep`);
    const type = this.u32();
    const n = this.count();
    if (Object.hasOwn(ARRAYS, type)) return this.numbers(type, n);
    const values = [];
    for (let i = 0; i < n; i++) values.push(this.value(type, depth + 1));
    return values;
  }

  /**
   * @param {number} type
   * @param {number} n
   */
  numbers(type, n) {
    if (!Object.hasOwn(ARRAYS, type)) throw this.refuse(`unknown metadata type ${type}`);
    const Numbers = ARRAYS[type];
    const bytes = n * Numbers.BYTES_PER_ELEMENT;
    const begin = this.take(bytes);
    return new Numbers(this.#bytes.slice(begin, begin + bytes).buffer);
  }
}

/**
 * @param {Cursor} cursor
 * @returns {Gguf}
 */
function parse(cursor) {
  const magic = cursor.u32();
  if ((magic & 0xff) === 0x3c) throw cursor.refuse('it begins like an HTML or XML page');
  if (magic !== 0x46554747) throw cursor.refuse("it does not begin with 'GGUF'");
  const version = cursor.u32();
  if (version === 0x02000000 || version === 0x03000000) {
    throw new WembedError('unsupported', 'a big-endian GGUF file: only little-endian ones are read');
  }
  if (version !== 2 && version !== 3) throw new WembedError('unsupported', `GGUF version ${version}: only 2 and 3 are`);
  const tensorCount = cursor.count();
  const metadata = readMetadata(cursor, cursor.count());
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20) {
    throw cursor.refuse(`general.alignment ${shown(alignment)}`);
  }
  const infos = [];
  for (let i = 0; i < tensorCount; i++) infos.push(readTensorInfo(cursor, alignment));
  const headerLength = cursor.at;
  return { version, metadata, tensors: place(cursor, infos, alignment), headerLength };
}

/**
 * @param {Cursor} cursor
 * @param {number} n
 */
function readMetadata(cursor, n) {
  /** @type {Map<string, GgufValue>} */
  const metadata = new Map();
  for (let i = 0; i < n; i++) {
    const key = cursor.string();
    if (metadata.has(key)) throw cursor.refuse(`the key '${key}' twice`);
    metadata.set(key, cursor.value(cursor.u32()));
  }
  return metadata;
}

/**
 * @param {Cursor} cursor
 * @param {number} alignment
 * @returns {GgufTensor} `begin` and `end` still count from the first byte of data
 */
function readTensorInfo(cursor, alignment) {
  const name = cursor.string();
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw cursor.refuse(`tensor '${name}' of ${dimensions} dimensions`);
  const sizes = Array.from({ length: dimensions }, () => cursor.count());
  const code = cursor.u32();
  if (!Object.hasOwn(TYPES, code)) throw cursor.refuse(`tensor '${name}' of unknown type ${code}`);
  const [type, numbers, bytes] = TYPES[code];
  const begin = cursor.count();
  if (begin % alignment !== 0) throw cursor.refuse(`tensor '${name}' at ${begin}, no multiple of ${alignment}`);
  if (sizes[0] % numbers !== 0) throw cursor.refuse(`tensor '${name}' of ${type} with rows of ${sizes[0]} numbers`);
  const total = sizes.reduce((product, size) => product * size, 1);
  const end = begin + (total / numbers) * bytes;
  if (!Number.isSafeInteger(end)) throw cursor.refuse(`tensor '${name}' of shape [${sizes}]`);
  return { name, type, shape: sizes.reverse(), begin, end };
}

/**
 * Where each tensor is in the file: within it, and none on another's bytes.
 * @param {Cursor} cursor
 * @param {GgufTensor[]} infos
 * @param {number} alignment
 */
function place(cursor, infos, alignment) {
  const data = Math.ceil(cursor.at / alignment) * alignment;
  /** @type {Map<string, GgufTensor>} */
  const tensors = new Map();
  let last = data;
  for (const info of infos.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (tensors.has(info.name)) throw cursor.refuse(`the tensor '${info.name}' twice`);
    const [begin, end] = [data + info.begin, data + info.end];
    if (begin < last) throw cursor.refuse(`tensor '${info.name}' overlaps the one before it`);
    if (end > cursor.fileSize) {
      throw cursor.refuse(`tensor '${info.name}' ends at ${end}, the file has ${cursor.fileSize} bytes`);
    }
    tensors.set(info.name, { ...info, begin, end });
    last = end;
  }
  return tensors;
}
