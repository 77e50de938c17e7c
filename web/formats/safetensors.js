import { WembedError } from '../core/errors.js';

/**
 * One tensor of a file. `begin` and `end` count from the first byte after the header.
 * @typedef {{ name: string, dtype: string, shape: number[], begin: number, end: number }} Tensor
 */

/** The reference refuses longer headers, so that a hostile length allocates nothing. */
const MAX_HEADER = 100_000_000;

/** Bits, not bytes: F4 and F6 pack. */
const BITS = /** @type {Record<string, number>} */ ({
  ...{ BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, F4: 4 },
  ...{ F6_E2M3: 6, F6_E3M2: 6, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
  ...{ C64: 64, F64: 64, I64: 64, U64: 64 },
});

/**
 * Reads and checks the header: the reader then stands at the first byte of data.
 *
 * The file is 8 bytes of header length N (u64, little-endian), N bytes of JSON beginning with '{', then the data. As
 * strictly as the reference (huggingface/safetensors, safetensors/src/tensor.rs) the tensors must cover the data without
 * gap or overlap, and shape × dtype must equal each one's bytes.
 * @param {{ name: string, read: (length: number) => Promise<Uint8Array> }} reader at the file's first byte
 * @param {number} [byteLength] of the whole file, where known
 * @returns {Promise<{ tensors: Map<string, Tensor>, dataLength: number, metadata: Record<string, string> }>}
 */
export async function readSafetensorsHeader(reader, byteLength) {
  const refuse = refuser(reader.name);
  const length = headerLength(await reader.read(8), refuse);
  if (byteLength !== undefined && length > byteLength - 8) {
    throw refuse(`its header claims ${length} bytes, the file has ${Math.max(0, byteLength - 8)} after the length`);
  }
  const header = parseHeader(await reader.read(length), refuse);
  const { tensors, dataLength } = checkTensors(header, refuse);
  const expected = 8 + length + dataLength;
  if (byteLength !== undefined && byteLength !== expected) {
    throw refuse(`its header describes ${expected} bytes, the file has ${byteLength}`);
  }
  return { tensors, dataLength, metadata: header.__metadata__ ?? {} };
}

/** @typedef {(what: string) => WembedError} Refuse */

/**
 * @param {string} name
 * @returns {Refuse}
 */
function refuser(name) {
  return (what) => new WembedError('bad_file', `${name} is not a valid safetensors file: ${what}`);
}

/**
 * @param {Uint8Array} bytes
 * @param {Refuse} refuse
 */
function headerLength(bytes, refuse) {
  if (bytes[0] === 0x3c) throw refuse('it begins like an HTML or XML page');
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER) throw refuse(`its header claims ${length} bytes, more than the ${MAX_HEADER} allowed`);
  if (length < 2) throw refuse(`its header claims ${length} bytes`);
  return length;
}

/**
 * @param {Uint8Array} bytes
 * @param {Refuse} refuse
 * @returns {Record<string, any>}
 */
function parseHeader(bytes, refuse) {
  if (bytes[0] !== 0x7b) throw refuse(`its header begins with byte ${bytes[0]}, not '{'`);
  let header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw refuse(`its header is not UTF-8 JSON (${/** @type {Error} */ (error).message})`);
  }
  const metadata = header.__metadata__ ?? {};
  if (!isPlainObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw refuse('its __metadata__ must map strings to strings');
  }
  return header;
}

/**
 * @param {Record<string, any>} header
 * @param {Refuse} refuse
 */
function checkTensors(header, refuse) {
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const sorted = names
    .map((name) => checkTensor(name, header[name], refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let dataLength = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== dataLength) {
      const what = begin < dataLength ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw refuse(`tensor '${name}' at ${begin}..${end} ${what}, which ends at ${dataLength}`);
    }
    dataLength = end;
  }
  return { tensors: new Map(sorted.map((tensor) => [tensor.name, tensor])), dataLength };
}

/**
 * @param {string} name
 * @param {any} entry
 * @param {Refuse} refuse
 * @returns {Tensor}
 */
function checkTensor(name, entry, refuse) {
  const { dtype, shape, data_offsets: offsets } = isPlainObject(entry) ? entry : {};
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS, dtype))
    throw refuse(`tensor '${name}' has dtype ${JSON.stringify(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw refuse(`tensor '${name}' has shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw refuse(`tensor '${name}' has data_offsets ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets;
  const bytes = (shape.reduce((product, size) => product * size, 1) * BITS[dtype]) / 8;
  if (bytes !== end - begin) {
    throw refuse(`tensor '${name}' of ${dtype} [${shape}] needs ${bytes} bytes, its data_offsets hold ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** @param {unknown} value */
function isPlainObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
}
