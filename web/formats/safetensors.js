import { WembedError } from '../core/errors.js';
import { refuseForeign } from '../sources/source.js';
import { checkDepth } from '../sources/json.js';

/**
 * One tensor of a safetensors header. `begin` and `end` count from the first byte after the header.
 * @typedef {{ name: string, dtype: string, shape: number[], begin: number, end: number }} HeaderEntry
 */

/**
 * Why a file is not valid safetensors: `error.reason`, named like the reference's own SafeTensorError if it has the
 * same one.
 * @typedef {'truncated' | 'header_too_large' | 'header_too_small' | 'invalid_header_length' | 'invalid_header_start'
 *   | 'invalid_header' | 'invalid_metadata' | 'invalid_tensor' | 'invalid_offset' | 'tensor_invalid_info'
 *   | 'metadata_incomplete_buffer'} SafetensorsReason
 */

/** The reference refuses longer headers, so that a hostile length allocates nothing. */
const MAX_HEADER = 100_000_000;

/** The first number in a name is the dtype's bits: F4 and F6 are packed. A BOOL takes a byte. */
const DTYPES = /^(BOOL|[IU]8|[IUF](16|32|64)|BF16|C64|F4|F6_E(2M3|3M2)|F8_E(8M0|(4M3|5M2)(FNUZ)?))$/;

/** @param {string} dtype one of `DTYPES` */
const bitsOf = (dtype) => Number(/\d+/.exec(dtype) ?? 8);

/**
 * Reads and checks the header; the reader is then at the first byte of data.
 *
 * The file is 8 bytes of header length N (u64, little-endian), N bytes of JSON beginning with '{', then the data.
 * Checks are as strict as in the reference (huggingface/safetensors, safetensors/src/tensor.rs): the tensors must cover
 * the data without gap or overlap, and shape × dtype must equal the bytes of each.
 * @param {{ name: string, read: (length: number) => Promise<Uint8Array> }} reader at the file's first byte
 * @param {number} [byteLength] of the whole file, if known
 * @returns {Promise<{ tensors: Map<string, HeaderEntry>, dataLength: number, metadata: Record<string, string> }>}
 */
export async function readSafetensorsHeader(reader, byteLength) {
  const refuse = refuser(reader.name);
  const length = headerLength(await reader.read(8), reader.name, refuse);
  if (byteLength !== undefined && length > byteLength - 8) {
    const left = Math.max(0, byteLength - 8);
    throw refuse(
      'invalid_header_length',
      `its header claims ${length} bytes, but the file has ${left} after the length`,
    );
  }
  const header = parseHeader(await reader.read(length), reader.name, refuse);
  const { tensors, dataLength } = checkTensors(header, refuse);
  const expected = 8 + length + dataLength;
  if (byteLength !== undefined && byteLength !== expected) {
    const what = `its header describes ${expected} bytes, but the file has ${byteLength}`;
    throw refuse(byteLength < expected ? 'truncated' : 'metadata_incomplete_buffer', what);
  }
  return { tensors, dataLength, metadata: /** @type {Record<string, string>} */ (header.__metadata__ ?? {}) };
}

/** @typedef {(reason: SafetensorsReason, what: string) => WembedError} Refuse */

/**
 * @param {string} name
 * @returns {Refuse}
 */
const refuser = (name) => (reason, what) =>
  new WembedError('bad_file', `${name} is not a valid safetensors file: ${what}`, { reason });

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {Refuse} refuse
 */
function headerLength(bytes, name, refuse) {
  refuseForeign(name, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (
    length > MAX_HEADER &&
    bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte > 31 && byte < 127))
  ) {
    throw refuse('header_too_large', 'it begins with text: WordVectors.fromPretrained reads files of word vectors');
  }
  if (length > MAX_HEADER) {
    throw refuse('header_too_large', `its header claims ${length} bytes, more than the ${MAX_HEADER} allowed`);
  }
  if (length < 2) throw refuse('header_too_small', `its header claims ${length} bytes`);
  return length;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {Refuse} refuse
 * @returns {Record<string, unknown>}
 */
function parseHeader(bytes, name, refuse) {
  if (bytes[0] !== 0x7b) throw refuse('invalid_header_start', `its header begins with byte ${bytes[0]}, not '{'`);
  checkDepth(bytes, name);
  let header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw refuse('invalid_header', `its header is not UTF-8 JSON (${/** @type {Error} */ (error).message})`);
  }
  const metadata = header.__metadata__ ?? {};
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw refuse('invalid_metadata', 'its __metadata__ must map strings to strings');
  }
  return header;
}

/**
 * @param {Record<string, unknown>} header
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
      throw refuse('invalid_offset', `tensor '${name}' at ${begin}..${end} ${what}, which ends at ${dataLength}`);
    }
    dataLength = end;
  }
  return { tensors: new Map(sorted.map((tensor) => [tensor.name, tensor])), dataLength };
}

/**
 * @param {string} name
 * @param {unknown} entry
 * @param {Refuse} refuse
 * @returns {HeaderEntry}
 */
function checkTensor(name, entry, refuse) {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const wrong = (/** @type {string} */ field, /** @type {unknown} */ value) =>
    refuse('invalid_tensor', `tensor '${name}' has ${field} ${JSON.stringify(value)}`);
  if (typeof dtype !== 'string' || !DTYPES.test(dtype)) throw wrong('dtype', dtype);
  if (!areCounts(shape)) throw wrong('shape', shape);
  if (!areCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) throw wrong('data_offsets', offsets);
  const [begin, end] = offsets;
  const bytes = (shape.reduce((product, size) => product * size, 1) * bitsOf(dtype)) / 8;
  if (bytes !== end - begin) {
    const what = `tensor '${name}' of ${dtype} [${shape}] needs ${bytes} bytes, but its data_offsets span ${end - begin}`;
    throw refuse('tensor_invalid_info', what);
  }
  return { name, dtype, shape, begin, end };
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param {unknown} value
 * @returns {value is number[]}
 */
const areCounts = (value) => Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
