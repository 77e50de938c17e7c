// Reads what chunks.js writes.
import { WembedError } from '../core/errors.js';
import { ENTRY, HEAD, INDEX, VERSION, aligned, checksum } from './chunks.js';

/** @typedef {import('./chunks.js').FileKind} FileKind */

/**
 * @param {Uint8Array} file at an address that is a multiple of 4
 * @param {number} [sections] that each chunk must have; default: as many as there are
 * @param {FileKind} [kind]
 * @returns {Uint8Array[][]} the sections of each chunk: views
 */
export function readChunks(file, sections, kind = INDEX) {
  /** @type {Uint8Array[][]} */
  const chunks = [];
  for (let at = 0; at < file.length || at === 0;) {
    const { length, parts } = readChunk(file.subarray(at), sections, kind);
    chunks.push(parts);
    at += length;
  }
  return chunks;
}

/**
 * @param {Uint8Array} file
 * @param {number | undefined} sections
 * @param {FileKind} kind
 */
function readChunk(file, sections, { magic, name }) {
  const bad = (/** @type {string} */ reason, /** @type {string} */ what) =>
    new WembedError('bad_file', `${name} ${what}`, { reason });
  const known = file.subarray(0, 8);
  if (known.some((byte, i) => byte !== magic.charCodeAt(i))) throw bad('foreign', 'is none of this library');
  if (file.length < HEAD) throw bad('truncated', `ends after ${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    const what = `${name} is of version ${version}, this library reads ${VERSION}`;
    throw new WembedError('unsupported', what, { reason: 'newer' });
  }
  const [count, length] = [view.getUint32(12, true), view.getFloat64(16, true)];
  const table = aligned(HEAD + ENTRY * count);
  if (count !== (sections ?? count) || !(length >= table) || length % 16 !== 0)
    throw bad('corrupted', 'has a wrong head');
  if (length > file.length) throw bad('truncated', `has ${file.length} of ${length} bytes`);
  const head = new Uint8Array(file.subarray(0, table)); // a copy: `slice` of Node's Buffer is none
  head.fill(0, 24, 28);
  if (checksum(head) !== view.getUint32(24, true)) throw bad('corrupted', 'has a head that its checksum does not fit');
  const parts = Array.from({ length: count }, (_, i) => {
    const entry = HEAD + ENTRY * i;
    const [at, bytes] = [view.getFloat64(entry + 8, true), view.getFloat64(entry + 16, true)];
    if (!(at >= table && at % 16 === 0 && bytes >= 0 && at + bytes <= length))
      throw bad('corrupted', 'has a wrong table');
    const part = file.subarray(at, at + bytes);
    if (checksum(part) !== view.getUint32(entry, true)) {
      throw bad('corrupted', `has a section (${i}) that its checksum does not fit`);
    }
    return part;
  });
  return { length, parts };
}
