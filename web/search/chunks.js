// A file of sections, each with its checksum, aligned to 16 bytes. Files that are put one after the other are one.
import { WembedError } from '../core/errors.js';

/**
 * What a file is of.
 * @typedef {object} FileKind
 * @property {string} magic the eight letters that it begins with
 * @property {string} name for messages
 */

const INDEX = { magic: 'WEMBINDX', name: 'the index file' };
const VERSION = 1;
/** Of the head, in bytes: magic, version, sections, length (f64), checksum of head and table, 0. */
const HEAD = 32;
/** Of a section in the table: checksum, 0, offset (f64), bytes (f64). */
const ENTRY = 24;

/** @param {number} bytes */
const aligned = (bytes) => Math.ceil(bytes / 16) * 16;

/**
 * @param {Uint8Array} bytes
 * @returns {number} changes with any one of them
 */
function checksum(bytes) {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let hash = 0x811c9dc5 ^ bytes.length;
  for (let i = 0; i < words.length; i++) hash = Math.imul((hash << 13) | (hash >>> 19), 0x9e3779b1) ^ words[i];
  for (let i = 4 * words.length; i < bytes.length; i++) {
    hash = Math.imul((hash << 13) | (hash >>> 19), 0x9e3779b1) ^ bytes[i];
  }
  return hash >>> 0;
}

/**
 * @param {Uint8Array[]} sections
 * @param {FileKind} [kind]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeChunk(sections, kind = INDEX) {
  const table = aligned(HEAD + ENTRY * sections.length);
  const length = sections.reduce((sum, section) => sum + aligned(section.length), table);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) bytes[i] = kind.magic.charCodeAt(i);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, sections.length, true);
  view.setFloat64(16, length, true);
  let at = table;
  for (const [i, section] of sections.entries()) {
    const entry = HEAD + ENTRY * i;
    bytes.set(section, at);
    view.setUint32(entry, checksum(bytes.subarray(at, at + section.length)), true);
    view.setFloat64(entry + 8, at, true);
    view.setFloat64(entry + 16, section.length, true);
    at += aligned(section.length);
  }
  view.setUint32(24, checksum(bytes.subarray(0, table)), true);
  return bytes;
}

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
  const head = file.slice(0, table);
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
