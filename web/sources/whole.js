import { WembedError } from '../core/errors.js';
import { refuseForeign } from './source.js';
import { parseJson } from './json.js';
import { Reader } from './reader.js';
import { joined } from './source.js';

/** @typedef {import('./reader.js').ReadOptions} ReadOptions */

/** The largest settings or tokenizer file, in bytes: longer files are something else, and are not read into memory. */
const MAX_TEXT_FILE = 2 ** 28;

/**
 * The content of a small file: a tokenizer, a configuration.
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {ReadOptions} [options]
 * @returns {Promise<Uint8Array | null>} null if there is no such file
 */
export async function readWhole(files, name, options = {}) {
  const source = await files.open(name);
  return source && readAll(source, name, options);
}

/**
 * The content of a small source.
 * @param {import('./source.js').ByteSource} source
 * @param {string} name for messages
 * @param {ReadOptions} [options]
 * @returns {Promise<Uint8Array>}
 */
export async function readAll(source, name, options = {}) {
  const reader = new Reader(source, name, options);
  /** @type {Uint8Array[]} */
  const parts = [];
  try {
    for (let part; (part = await reader.next(MAX_TEXT_FILE));) {
      if (reader.position > MAX_TEXT_FILE) {
        throw new WembedError('bad_file', `${name} is longer than ${MAX_TEXT_FILE} bytes`, { reason: 'too_long' });
      }
      parts.push(part.slice());
    }
  } finally {
    await reader.cancel();
    await source.close?.();
  }
  const bytes = parts.length === 1 ? parts[0] : joined(parts);
  refuseForeign(name, bytes);
  return bytes;
}

/**
 * A settings file, parsed.
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {ReadOptions} [options]
 * @returns {Promise<unknown>} null if there is no such file
 */
export async function readJson(files, name, options = {}) {
  const bytes = await readWhole(files, name, options);
  if (!bytes) return null;
  if (bytes.length === 0) throw new WembedError('bad_file', `${name} is empty`, { reason: 'empty' });
  return parseJson(bytes, name);
}
