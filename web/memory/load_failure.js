// Finds out why one of the package's files could not be loaded. This module is loaded only then.
import { WembedError, kindOf } from '../core/errors.js';
import { pageAddress, watchPolicy } from '../sources/page.js';

/** @typedef {ArrayBuffer | ArrayBufferView | WebAssembly.Module} Content bytes, or what was compiled from them */

/**
 * What was tried, and how far it got.
 * @typedef {object} Attempt
 * @property {string} name of the file, for messages
 * @property {string} [option] that says where it is, for messages
 * @property {Setting} [setting] of `env` that may say where a module is, and by which the module is known
 * @property {unknown} [given] what it is set to
 * @property {import('../sources/assets.js').AssetName} [asset] set where no option says where it is
 * @property {string} [url] that was fetched
 * @property {Content} [bytes] of the file
 */

/** What to do where an asset is not found: part of every such error. */
const SAY_WHERE =
  "copy node_modules/wembed/dist/assets to where your page can load it, and set env.assets to that folder's address";

/** The modules by their settings, for messages. */
const MODULES = {
  wasm: 'the core (simd128.wasm or scalar.wasm)',
  textWasm: 'the module for tokenizers (text_simd128.wasm or text_scalar.wasm)',
  trainWasm: 'the module that trains (train_simd128.wasm or train_scalar.wasm)',
};

/** @typedef {keyof typeof MODULES} Setting */

/** @param {Attempt} attempt @returns {string} what to do */
function advice({ option, setting, given, name }) {
  if (given !== undefined) return `env.${setting} must be the address of a file of dist/assets`;
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
 * @returns {Promise<WembedError>}
 */
async function badFile(error, attempt) {
  const { setting, given, bytes } = attempt;
  const message = String(error.message);
  if (/disallowed by embedder/i.test(message)) {
    const how = "import the module, import core from 'wembed/assets/simd128.wasm', and set env.wasm = core";
    return refused(`this runtime does not compile it while the program runs: ${how}`, 'no_compile', error);
  }
  if (/unsafe-eval|security policy|\bcsp\b/i.test(message)) {
    return refused("the Content-Security-Policy lacks script-src 'wasm-unsafe-eval'", 'csp', error);
  }
  const isInHand = given === undefined && attempt.name === `env.${setting}`; // and no address has taken its place
  const name = isInHand ? 'the file in env.assets' : attempt.name;
  const found = bytes && (await foundInstead(bytes, error, setting));
  if (!found) return new WembedError('bad_file', `${name} is damaged: ${message}`, { cause: error, reason: 'damaged' });
  const [what, reason] = found;
  return new WembedError('bad_file', `${name} ${what}: ${advice(attempt)}`, { cause: error, reason });
}

/** @typedef {[what: string, reason: string]} Found what a file is, and the error's reason */

/**
 * @param {Content} content that did not start
 * @param {Error} error
 * @param {Setting} [expected] the module that was wanted
 * @returns {Promise<Found | undefined>} undefined where it is that module
 */
async function foundInstead(content, error, expected = 'wasm') {
  if (error.name === 'CompileError') return notCompiled(/** @type {ArrayBuffer | ArrayBufferView} */ (content));
  if (error.name !== 'TypeError' && error.name !== 'LinkError') return undefined; // it found what it imports
  const module = await compiled(content).catch(() => undefined);
  if (!module) return undefined; // a detached buffer
  const from = new Set(WebAssembly.Module.imports(module).map((each) => each.module));
  const [name, version] = from.size === 1 ? [...from][0].split('#') : [];
  const setting = /** @type {Setting} */ (name);
  if (version === undefined || !(setting in MODULES)) {
    return [`is a module of something else or of an older wembed, not ${MODULES[expected]}`, 'other_module'];
  }
  if (setting !== expected) return [`is ${MODULES[setting]} of wembed, not ${MODULES[expected]}`, 'other_module'];
  if (WebAssembly.Module.exports(module).length === 0) return undefined; // cut short after a section
  return [`is ${MODULES[setting]} of another version of wembed than its scripts`, 'other_version'];
}

/** @param {Content} content @returns {Promise<WebAssembly.Module>} */
async function compiled(content) {
  if (kindOf(content) === 'WebAssembly.Module') return /** @type {WebAssembly.Module} */ (content);
  return WebAssembly.compile(/** @type {BufferSource} */ (content));
}

/**
 * @param {ArrayBuffer | ArrayBufferView} buffer that cannot be compiled
 * @returns {Found | undefined} undefined where it looks like a whole module
 */
function notCompiled(buffer) {
  if (buffer.byteLength === 0) return ['is empty, or a buffer that was transferred', 'empty'];
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  const begin = new TextDecoder().decode(bytes.slice(0, 64)).trimStart();
  if (begin[0] === '<') return ['is an HTML page, not WebAssembly', 'html'];
  if (!begin.startsWith('\0asm')) return ['is a file of another kind, not WebAssembly', 'not_wasm'];
  return isCutShort(bytes) ? [`ends after ${bytes.length} bytes, which is not the whole file`, 'truncated'] : undefined;
}

/** @param {Uint8Array} wasm @returns {boolean} whether its last section goes on beyond its end */
function isCutShort(wasm) {
  let at = 8; // magic number and version
  while (at < wasm.length) {
    let size = 0;
    let factor = 1;
    do {
      at++; // the section's kind, then bytes of its size
      size += (wasm[at] & 127) * factor;
      factor *= 128;
    } while (wasm[at] >= 128);
    at += 1 + size;
  }
  return at !== wasm.length;
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
