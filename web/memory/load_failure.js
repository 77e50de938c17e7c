// Finds out why one of the package's files could not be loaded. This module is loaded only then.
import { WembedError } from '../core/errors.js';
import { pageAddress, watchPolicy } from '../sources/page.js';

/**
 * What was tried, and how far it got.
 * @typedef {object} Attempt
 * @property {string} name of the file, for messages
 * @property {string} [option] that says where it is, for messages
 * @property {import('../sources/assets.js').AssetName} [asset] set where no option says where it is
 * @property {string} [url] that was fetched
 * @property {ArrayBuffer | ArrayBufferView} [bytes] of the file
 */

/** What to do where an asset is not found: part of every such error. */
const SAY_WHERE =
  "copy node_modules/wembed/dist/assets to where your page can load it, and set env.assets to that folder's address";

/** @param {Attempt} attempt @returns {string} what to do */
function advice({ option, name }) {
  if (option?.startsWith('env')) return `${option} must be the address of a file of dist/assets`;
  if (option) return `${option} must be the address of the folder that holds dist/assets/mini.bin`;
  return `${SAY_WHERE}${name.endsWith('mini.bin') ? '' : ", or import 'wembed/inline'"}`;
}

/**
 * Why a WebAssembly module did not start.
 * @param {Error} error
 * @param {Attempt} attempt
 * @returns {Promise<WembedError>}
 */
export async function loadFailure(error, attempt) {
  const { url, bytes } = attempt;
  if (typeof WebAssembly !== 'object') {
    return refused('this engine does not support it, or it is turned off', 'no_wasm', error);
  }
  if (error instanceof WembedError) return readFailure(error, attempt);
  if (error.name === 'RangeError' && bytes) {
    return new WembedError('out_of_memory', 'no memory for the core', { cause: error, url });
  }
  return bytes || !url ? badFile(error, attempt) : readFailure(error, attempt);
}

/**
 * Why a file could not be read.
 * @param {Error} error
 * @param {Attempt} attempt
 * @returns {Promise<WembedError>}
 */
export async function readFailure(error, attempt) {
  const { url } = attempt;
  if (error instanceof WembedError) {
    if (!['not_found', 'bad_file'].includes(error.code)) return error;
    return new WembedError(error.code, `${error.message}: ${advice(attempt)}`, error);
  }
  if (url && (await isForbidden(url))) {
    return refused(`the Content-Security-Policy's connect-src does not allow ${url}`, 'csp', error);
  }
  const hint = url ? '' : `: ${advice(attempt)}`;
  const message = `reading ${url ?? attempt.name} failed: ${error.message}${hint}`;
  return new WembedError('network', message, { cause: error, url });
}

/**
 * @param {Error} error
 * @param {Attempt} attempt
 * @returns {WembedError}
 */
function badFile(error, attempt) {
  const { name, bytes } = attempt;
  const message = String(error.message);
  if (/disallowed by embedder/i.test(message)) {
    const how = "import the module, import core from 'wembed/assets/simd128.wasm', and set env.wasm = core";
    return refused(`this runtime does not compile it while the program runs: ${how}`, 'no_compile', error);
  }
  if (/unsafe-eval|security policy|\bcsp\b/i.test(message)) {
    return refused("the Content-Security-Policy lacks script-src 'wasm-unsafe-eval'", 'csp', error);
  }
  const begin = bytes && beginOf(bytes);
  if (begin !== undefined && !begin.startsWith('\0asm')) {
    const [what, reason] = begin[0] === '<' ? ['an HTML page', 'html'] : ['a file of another kind', 'not_wasm'];
    const says = `${name} is ${what}, not WebAssembly: ${advice(attempt)}`;
    return new WembedError('bad_file', says, { cause: error, reason });
  }
  const [what, reason] = bytes
    ? ['is damaged, or of another version of wembed', 'damaged']
    : ['is a module of something else, or of another version of wembed', 'other_module'];
  return new WembedError('bad_file', `${name} ${what}: ${message}`, { cause: error, reason });
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
