// A file of sections, each with its checksum, aligned to 16 bytes. Files that are put one after the other are one. chunk_reader.js reads it.

/**
 * What a file is of.
 * @typedef {object} FileKind
 * @property {string} magic the eight letters that it begins with
 * @property {string} name for messages
 */

export const INDEX = { magic: 'WEMBINDX', name: 'the index file' };
export const VERSION = 1;
/** Of the head, in bytes: magic, version, sections, length (f64), checksum of head and table, 0. */
export const HEAD = 32;
/** Of a section in the table: checksum, 0, offset (f64), bytes (f64). */
export const ENTRY = 24;

/** @param {number} bytes */
export const aligned = (bytes) => Math.ceil(bytes / 16) * 16;

/**
 * @param {Uint8Array} bytes
 * @returns {number} changes with any one of them
 */
export function checksum(bytes) {
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
