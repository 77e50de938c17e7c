import { WembedError } from '../errors.js';
import { Reader } from './reader.js';

/** Settings files are small and tokenizers below this: a longer one is no such file, and is not read into memory. */
const MAX_TEXT_FILE = 2 ** 28;

/**
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {{ signal?: AbortSignal, onProgress?: import('../types.js').OnProgress }} options
 * @returns {Promise<Uint8Array | null>}
 */
export async function readWhole(files, name, options) {
  const source = await files.open(name);
  if (!source) return null;
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
 * @param {import('./files.js').ModelFiles} files
 * @param {string} name
 * @param {{ signal?: AbortSignal, onProgress?: import('../types.js').OnProgress }} options
 * @returns {Promise<any>} null where there is no such file
 */
export async function readJson(files, name, options) {
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
