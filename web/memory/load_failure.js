// Finds out why the core could not be loaded. This module is loaded only then.
import { WembedError } from '../core/errors.js';
import { pageAddress, watchPolicy } from '../sources/page.js';

/**
 * What was tried, and how far it got.
 * @typedef {object} Attempt
 * @property {string} name of the file, for messages
 * @property {string} [url] that was fetched
 * @property {number} [status] of the answer
 * @property {ArrayBuffer | ArrayBufferView} [bytes] of the file
 */

const SAY_WHERE = 'set env.wasm to the address of dist/wasm/simd128.wasm';

/**
 * @param {Error} error
 * @param {Attempt} attempt
 * @returns {Promise<WembedError>}
 */
export async function loadFailure(error, { name, url, status = 0, bytes }) {
  if (error instanceof WembedError) {
    return new WembedError(error.code, `${error.message}: ${SAY_WHERE}`, error); // a local file
  }
  const details = { cause: error, url, status: status || undefined };
  if (typeof WebAssembly !== 'object')
    return refused('this engine does not support it, or it is turned off', 'no_wasm', error);
  if (error.name === 'RangeError' && bytes) return new WembedError('out_of_memory', 'no memory for the core', details);
  if (bytes || !url) return badFile(error, name, bytes);
  if (status === 404 || status === 410) {
    return new WembedError('not_found', `${url} answered ${status}: ${SAY_WHERE}`, details);
  }
  if (status === 0 && (await isForbidden(url))) {
    return refused(`the Content-Security-Policy's connect-src does not allow ${url}`, 'csp', error);
  }
  return new WembedError('network', `reading ${url} failed: ${error.message}`, details);
}

/**
 * @param {Error} error
 * @param {string} name
 * @param {ArrayBuffer | ArrayBufferView} [bytes] undefined for a compiled module
 * @returns {WembedError}
 */
function badFile(error, name, bytes) {
  const message = String(error.message);
  if (/unsafe-eval|security policy|\bcsp\b/i.test(message)) {
    return refused("the Content-Security-Policy lacks script-src 'wasm-unsafe-eval'", 'csp', error);
  }
  const begin = bytes && beginOf(bytes);
  if (begin !== undefined && !begin.startsWith('\0asm')) {
    const [what, reason] = begin[0] === '<' ? ['an HTML page', 'html'] : ['a file of another kind', 'not_wasm'];
    return new WembedError('bad_file', `${name} is ${what}, not WebAssembly: ${SAY_WHERE}`, { cause: error, reason });
  }
  if (!bytes) {
    const what = `${name} is a module of something else, or of another version of wembed: ${message}`;
    return new WembedError('bad_file', what, { cause: error, reason: 'other_module' });
  }
  const what = `${name} is damaged, or of another version of wembed: ${message}`;
  return new WembedError('bad_file', what, { cause: error, reason: 'damaged' });
}

/** @param {ArrayBuffer | ArrayBufferView} bytes @returns {string} what a text file would begin with */
function beginOf(bytes) {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return new TextDecoder().decode(view.slice(0, 64)).trimStart();
}

/** @param {string} why @param {string} reason @param {unknown} cause */
const refused = (why, reason, cause) =>
  new WembedError('unsupported', `WebAssembly cannot run here: ${why}`, { reason, cause });

/**
 * Fetches once more while listening for policy violations: a request blocked by the page's policy looks like a network
 * failure.
 * @param {string} url
 */
async function isForbidden(url) {
  const policy = watchPolicy();
  try {
    await fetch(url);
    return false;
  } catch {
    return await policy.hasBlocked(new URL(url, pageAddress()).href);
  } finally {
    policy.stop();
  }
}
