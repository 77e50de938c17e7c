import { WembedError } from '../core/errors.js';
import { Reader } from './reader.js';

/** @typedef {{ signal?: AbortSignal, onProgress?: import('./source.js').OnProgress }} ReadOptions */

/** Settings files are small and tokenizers below this: a longer one is no such file, and is not read into memory. */
const MAX_TEXT_FILE = 2 ** 28;

/**
 * All of a small file: a tokenizer, a configuration.
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {ReadOptions} [options]
 * @returns {Promise<Uint8Array | null>} null where there is no such file
 */
export async function readWhole(files, name, options = {}) {
  const source = await files.open(name);
  return source && readAll(source, name, options);
}

/**
 * All of a source that is small.
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
        throw new WembedError('bad_file', `${name} is longer than ${MAX_TEXT_FILE} bytes`);
      }
      parts.push(part.slice());
    }
  } finally {
    await reader.cancel();
    await source.close?.();
  }
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(reader.position);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A settings file, parsed.
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {ReadOptions} [options]
 * @returns {Promise<any>} null where there is no such file
 */
export async function readJson(files, name, options = {}) {
  const bytes = await readWhole(files, name, options);
  if (!bytes) return null;
  if (bytes[0] === 0x3c) throw new WembedError('bad_file', `${name} is an HTML or XML page, not JSON`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new WembedError('bad_file', `${name} is not UTF-8 JSON: ${/** @type {Error} */ (error).message}`, {
      cause: error,
    });
  }
}
