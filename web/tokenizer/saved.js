/**
 * A tokenizer as one buffer: the letters and the version, whether the text module is needed, the length of the special
 * tokens' JSON, that, padded to a word, and the specification. What is in it is checked by the core as anybody's.
 */
import { WembedError } from '../core/errors.js';

/** @typedef {import('./compile.js').Compiled} Compiled */

/** What a buffer of `Tokenizer.save` begins with: the letters, and a version that reading needs. */
export const SAVED_MAGIC = 'WTOK0001';

/** @param {Uint8Array} bytes whether they are a saved tokenizer, of any version */
export const isSaved = (bytes) => bytes[0] === 0x57;

/** @param {Uint8Array} bytes @returns {Compiled} */
export function readSaved(bytes) {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (magic !== SAVED_MAGIC || bytes.length < 16) {
    const code = bytes.length >= 16 && magic.startsWith('WTOK') ? 'unsupported' : 'bad_file';
    throw new WembedError(code, 'this is no tokenizer that this version of wembed has saved');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(12, true);
  const end = 16 + length + ((4 - (length % 4)) % 4);
  if (end > bytes.length) throw new WembedError('bad_file', 'a saved tokenizer that was cut short');
  const { special, post } = readMeta(bytes.subarray(16, 16 + length));
  return { spec: bytes.slice(end), needsTextModule: view.getUint32(8, true) !== 0, special, post };
}

/** @param {Uint8Array} bytes @returns {Pick<Compiled, 'special' | 'post'>} */
function readMeta(bytes) {
  try {
    const { special, post } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const isToken = (/** @type {unknown} */ each) =>
      Array.isArray(each) && typeof each[0] === 'string' && Number.isInteger(each[1]);
    if (Array.isArray(special) && special.every(isToken)) return { special, post };
  } catch {
    // Refused below.
  }
  throw new WembedError('bad_file', 'a saved tokenizer whose special tokens are damaged');
}
