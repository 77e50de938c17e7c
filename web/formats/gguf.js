import { mustBe } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { bytesOf, contentSource, isContent, refuseForeign } from '../sources/source.js';
import { GGML_TYPES as TYPES } from './ggml_types.js';
import { NUMBER_ARRAYS as ARRAYS } from './number_arrays.js';
import { GrowingBytes } from './growing_bytes.js';

/**
 * A metadata value. Integers that a double cannot represent are bigints; arrays of numbers are typed arrays.
 * @typedef {number | bigint | boolean | string | GgufArray} GgufValue
 * @typedef {string[] | boolean[] | GgufValue[] | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array
 *   | Int32Array | Float32Array | Float64Array | BigUint64Array | BigInt64Array} GgufArray
 */

/**
 * One tensor of a file. `shape` is row-major (ggml's own order is reversed); `begin` and `end` count from the file's
 * first byte.
 * @typedef {{ name: string, type: string, shape: number[], begin: number, end: number }} GgufTensor
 */

/**
 * The header of a GGUF file.
 * @typedef {object} Gguf
 * @property {number} version of the format
 * @property {Map<string, GgufValue>} metadata key → value
 * @property {Map<string, GgufTensor>} tensors name → type, shape and place
 * @property {number} headerLength bytes of the header, without the padding before the tensors' data
 */

const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

/** @typedef {import('./gguf_values.js').Keep} Keep */

const MAX_DIMENSIONS = 4; // GGML_MAX_DIMS
const MAX_DEPTH = 8;
/** Bytes read first; a server's first response can be as long. */
export const FIRST_READ = 65536;

/** A vocabulary takes megabytes: few reads for it, without reading much of the data after it. */
const MOST_AT_ONCE = 2 ** 22;

/** Longer headers are refused, not read: they contain something other than a vocabulary. */
const MAX_HEADER = 2 ** 28;

/** Thrown at the end of the available bytes. */
class NeedsMore {
  /** @param {number} length bytes of the file needed, at least */
  constructor(length) {
    this.length = length;
  }
}

/**
 * Reads and checks the header of a GGUF file (versions 2 and 3, little-endian), and little more of the file.
 * (ggml-org/ggml, docs/gguf.md)
 * @param {Exclude<import('../sources/source.js').FileContent, string>} source bytes, a Blob, or anything with `byteLength` and
 *   `slice`
 * @param {string} [name] for messages
 * @returns {Promise<Gguf>}
 */
export async function readGguf(source, name = 'the file') {
  if (typeof name !== 'string') throw mustBe('name', 'a string', name);
  if (!isContent(source)) throw mustBe('source', 'the bytes of a file, or something with byteLength and slice', source);
  return readGgufHeader(contentSource(source), name);
}

/**
 * @param {import('../sources/source.js').ByteSource} content whose length may be unknown
 * @param {string} name
 * @param {Keep} [keep] `keepStrings` for loaders
 * @returns {Promise<Gguf>}
 */
export async function readGgufHeader(content, name, keep) {
  const size = content.byteLength ?? Infinity;
  const bytes = new GrowingBytes();
  bytes.add(await bytesOf(content, 0, FIRST_READ));
  const cursor = new Cursor(bytes.view, name, size);
  const parsing = parse(cursor, keep);
  for (;;) {
    const { done, value } = parsing.next();
    if (done) return value;
    const had = bytes.length;
    const end = Math.min(Math.max(value, Math.min(4 * had, had + MOST_AT_ONCE)), size);
    if (end > MAX_HEADER) throw refusal(name, `its header is longer than the ${MAX_HEADER} bytes allowed`, 'too_long');
    while (bytes.length < value) {
      const more = await bytesOf(content, bytes.length, end);
      if (more.byteLength === 0) throw cursor.truncated(bytes.length);
      bytes.add(more);
    }
    cursor.see(bytes.view);
  }
}

/**
 * The same for a file in memory.
 * @param {Uint8Array} bytes
 * @param {string} [name]
 * @param {Keep} [keep] `keepStrings` for loaders
 * @returns {Gguf}
 */
export function parseGguf(bytes, name = 'the file', keep) {
  const cursor = new Cursor(bytes, name, bytes.length);
  const { done, value } = parse(cursor, keep).next();
  if (done) return value;
  throw cursor.truncated(bytes.length);
}

/** @param {string} name @param {string} what @param {string} [reason] */
const refusal = (name, what, reason = 'invalid_header') =>
  new WembedError('bad_file', `${name} is not a valid GGUF file: ${what}`, { reason });

/**
 * Reads the header's fields one after another. No length is trusted: memory is allocated only for bytes that have been
 * read.
 */
class Cursor {
  /** @type {Uint8Array} */
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #name;
  #fileSize;
  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  at = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {string} name
   * @param {number} fileSize Infinity if unknown
   */
  constructor(bytes, name, fileSize) {
    this.#name = name;
    this.#fileSize = fileSize;
    this.see(bytes);
  }

  /** @param {Uint8Array} bytes the file's first bytes, more than before */
  see(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @param {number} found */
  truncated(found) {
    const reason = found === 0 ? 'empty' : 'truncated';
    return refusal(this.#name, `it ends at byte ${found}, within its header`, reason);
  }

  /**
   * Reads items one after another while `wants` is true. If the available bytes end within an item, it yields the
   * number of bytes needed and reads that item again; items already read are not read twice.
   * @template T
   * @param {() => boolean} wants
   * @param {(cursor: Cursor) => T} read
   * @returns {Generator<number, T, void>} returns the last item
   */
  *each(wants, read) {
    for (;;) {
      let begin = this.at;
      try {
        let item = read(this);
        while (wants()) {
          begin = this.at;
          item = read(this);
        }
        return item;
      } catch (error) {
        if (!(error instanceof NeedsMore)) throw error;
        this.at = begin;
        yield error.length;
      }
    }
  }

  /**
   * @template T
   * @param {(cursor: Cursor) => T} read
   */
  one(read) {
    return this.each(() => false, read);
  }

  /** @param {string} what @param {string} [reason] */
  refuse(what, reason) {
    return refusal(this.#name, `${what} (before byte ${this.at})`, reason);
  }

  get fileSize() {
    return this.#fileSize;
  }

  get name() {
    return this.#name;
  }

  get beginning() {
    return this.#bytes.subarray(0, 64);
  }

  /** @param {number} begin @returns {Uint8Array} a copy of what has been read since: the bytes so far may soon be others */
  since(begin) {
    return this.#bytes.slice(begin, this.at);
  }

  /**
   * Skips bytes that must be present.
   * @param {number} length
   * @returns {number} their position
   */
  take(length) {
    const begin = this.at;
    const end = begin + length;
    if (end > this.#fileSize) {
      const what = `it needs ${length} bytes, but the file has ${this.#fileSize - begin}`;
      throw this.refuse(what, this.#fileSize === 0 ? 'empty' : 'truncated');
    }
    if (end > this.#bytes.length) throw new NeedsMore(end);
    this.at = end;
    return begin;
  }

  u32() {
    return this.#view.getUint32(this.take(4), true);
  }

  /** A u64 that is a count: values above 2^53 are refused. */
  count() {
    const begin = this.take(8);
    const value = this.#view.getUint32(begin, true) + this.#view.getUint32(begin + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.refuse(`a count or length is ${value}`);
    return value;
  }

  string() {
    const length = this.count();
    const begin = this.take(length);
    try {
      return this.#decoder.decode(this.#bytes.subarray(begin, begin + length));
    } catch {
      throw this.refuse('a string is not UTF-8');
    }
  }

  /**
   * @param {number} type of anything but an array
   * @returns {GgufValue}
   */
  value(type) {
    if (type === STRING) return this.string();
    if (type === BOOL) return this.#view.getUint8(this.take(1)) !== 0;
    const value = this.numbers(type, 1)[0];
    return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
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
 * A parser that yields the number of bytes it needs and returns the result.
 * @template T
 * @typedef {Generator<number, T, void>} Parsing
 */

/** @param {Cursor} cursor @param {Keep} [keep] @returns {Parsing<Gguf>} */
function* parse(cursor, keep) {
  const { version, tensorCount, pairs } = yield* cursor.one(readFixed);
  const metadata = yield* readMetadata(cursor, pairs, keep);
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20) {
    throw cursor.refuse(`general.alignment is ${shown(alignment)}`);
  }
  /** @type {GgufTensor[]} */
  const infos = [];
  const more = () => infos.length < tensorCount;
  if (more()) yield* cursor.each(more, () => infos.push(readTensorInfo(cursor, alignment)));
  const headerLength = cursor.at;
  return { version, metadata, tensors: place(cursor, infos, alignment), headerLength };
}

/** @param {Cursor} cursor at the file's first byte */
function readFixed(cursor) {
  refuseForeign(cursor.name, cursor.beginning);
  const magic = cursor.u32();
  if (magic !== 0x46554747) throw cursor.refuse("it does not begin with 'GGUF'");
  const version = cursor.u32();
  if (version === 0x02000000 || version === 0x03000000) {
    const what = 'a big-endian GGUF file; only little-endian files are supported';
    throw new WembedError('unsupported', `${cursor.name} is ${what}`, { reason: 'big_endian' });
  }
  if (version !== 2 && version !== 3) {
    const what = `GGUF version ${version}; only versions 2 and 3 are supported`;
    throw new WembedError('unsupported', `${cursor.name} is ${what}`, { reason: 'version' });
  }
  return { version, tensorCount: cursor.count(), pairs: cursor.count() };
}

/**
 * @param {Cursor} cursor
 * @param {number} n
 * @param {Keep} [keep]
 * @returns {Parsing<Map<string, GgufValue>>}
 */
function* readMetadata(cursor, n, keep) {
  /** @type {Map<string, GgufValue>} */
  const metadata = new Map();
  for (let i = 0; i < n; i++) {
    const key = yield* cursor.one(() => cursor.string());
    if (metadata.has(key)) throw cursor.refuse(`the key '${key}' occurs twice`);
    const type = yield* cursor.one(() => cursor.u32());
    metadata.set(key, yield* readValue(cursor, type, 0, keep?.(key)));
  }
  return metadata;
}

/**
 * @param {Cursor} cursor
 * @param {number} type
 * @param {number} depth
 * @param {ReturnType<Keep>} [readStrings]
 * @returns {Parsing<GgufValue>}
 */
function* readValue(cursor, type, depth, readStrings) {
  if (type !== ARRAY) return yield* cursor.one(() => cursor.value(type));
  if (depth >= MAX_DEPTH) throw cursor.refuse(`arrays are nested ${depth + 1} levels deep`);
  const { of, n } = yield* cursor.one(() => ({ of: cursor.u32(), n: cursor.count() }));
  if (Object.hasOwn(ARRAYS, of)) return yield* cursor.one(() => cursor.numbers(of, n));
  if (readStrings && of === STRING && n > 0) return yield* readStrings(cursor, n);
  /** @type {GgufValue[]} */
  const values = [];
  if (of === ARRAY) {
    for (let i = 0; i < n; i++) values.push(yield* readValue(cursor, ARRAY, depth + 1));
  } else if (n > 0) {
    const more = () => values.length < n;
    yield* cursor.each(more, () => values.push(cursor.value(of)));
  }
  return values;
}

/**
 * @param {Cursor} cursor
 * @param {number} alignment
 * @returns {GgufTensor} whose `begin` and `end` still count from the first byte of the data
 */
function readTensorInfo(cursor, alignment) {
  const name = cursor.string();
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw cursor.refuse(`tensor '${name}' has ${dimensions} dimensions`);
  const sizes = Array.from({ length: dimensions }, () => cursor.count());
  const code = cursor.u32();
  if (!Object.hasOwn(TYPES, code)) throw cursor.refuse(`tensor '${name}' has the unknown type ${code}`);
  const [type, numbers, bytes] = TYPES[code];
  const begin = cursor.count();
  if (begin % alignment !== 0)
    throw cursor.refuse(`tensor '${name}' is at ${begin}, which is not a multiple of ${alignment}`);
  if (sizes[0] % numbers !== 0)
    throw cursor.refuse(`tensor '${name}' of ${type} has ${sizes[0]} numbers per row, not whole blocks`);
  const total = sizes.reduce((product, size) => product * size, 1);
  const end = begin + (total / numbers) * bytes;
  if (!Number.isSafeInteger(end)) throw cursor.refuse(`tensor '${name}' has the shape [${sizes}]`);
  return { name, type, shape: sizes.reverse(), begin, end };
}

/**
 * The position of each tensor in the file: within the file, and without overlaps.
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
    if (tensors.has(info.name)) throw cursor.refuse(`the tensor '${info.name}' occurs twice`);
    const [begin, end] = [data + info.begin, data + info.end];
    if (begin < last) throw cursor.refuse(`tensor '${info.name}' overlaps the one before it`);
    if (end > cursor.fileSize) {
      throw cursor.refuse(`tensor '${info.name}' ends at ${end}, but the file has ${cursor.fileSize} bytes`);
    }
    tensors.set(info.name, { ...info, begin, end });
    last = end;
  }
  return tensors;
}
