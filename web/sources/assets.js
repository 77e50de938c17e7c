// The files that come with the package, beside its scripts: six .wasm files and the model of wembed/mini. `env.assets`
// says where they are if they were moved.
import { WembedError, throwIfAborted } from '../core/errors.js';
import { wasmSettings } from '../core/wasm_settings.js';
import { fileUrl, pageAddress, readLocalFile } from './platform.js';

/** @typedef {import('../core/wasm_settings.js').AssetName} AssetName */
/** @typedef {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module} AssetSource */

/**
 * Where an asset is, or what it is: as `env.assets` says, otherwise beside the scripts.
 * @param {AssetName} name
 * @param {() => AssetSource} packaged the place beside the scripts
 * @returns {AssetSource}
 */
export function assetSource(name, packaged) {
  const { assets } = wasmSettings;
  const folder = isAddress(assets) ? String(assets) : undefined;
  const given = isAddress(assets) ? undefined : assets?.[name];
  if (given !== undefined) return given;
  let own;
  let cause;
  try {
    own = packaged();
  } catch (error) {
    cause = error; // a bundle for another module format has no import.meta.url, nor has a Cloudflare worker
  }
  // wembed/inline has the WebAssembly in hand.
  if (folder !== undefined && (own === undefined || isAddress(own))) return inFolder(folder, name);
  if (own === undefined) {
    throw new WembedError('not_found', `the address of ${name} is not known in this build`, { cause });
  }
  return own;
}

/**
 * @param {unknown} source
 * @returns {source is string | URL}
 */
const isAddress = (source) => typeof source === 'string' || source instanceof URL;

/**
 * @param {string} folder
 * @param {string} name
 */
export const inFolder = (folder, name) => folder.replace(/\/?(?=[?#]|$)/, `/${name}`);

/**
 * A source's address as one that can be read: a path is a file's in Node, and otherwise relative to the page.
 * @param {string | URL} source some bundlers' URL objects hold a path
 * @returns {Promise<string>}
 */
export async function absolute(source) {
  const address = String(source);
  if (/^\w\w+:/.test(address)) return address;
  const file = await fileUrl(address);
  return file ? file.href : new URL(address, pageAddress()).href;
}

/**
 * @typedef {object} AssetReading
 * @property {AssetName} [name] of an asset that is where the package has it: a server's bundle may have left it behind, and
 *   it is then looked for in the installed package
 * @property {AbortSignal} [signal]
 * @property {(response: Response) => Promise<Uint8Array<ArrayBuffer>>} [body] reads an answer's bytes
 */

/**
 * The bytes of an address.
 * @param {string} url as `absolute` gives it
 * @param {AssetReading} [options]
 * @returns {Promise<ArrayBuffer | Uint8Array<ArrayBuffer>>}
 */
export async function readAddress(url, { name, signal, body } = {}) {
  throwIfAborted(signal);
  try {
    const local = await readLocalFile(url);
    if (local) return local;
  } catch (error) {
    const installed = name && (await (await import('./installed_asset.js')).installedAsset(name));
    if (installed) return installed;
    throw error;
  }
  const response = await fetch(url, { signal });
  if (response.ok) return body ? body(response) : response.arrayBuffer();
  const { status } = response;
  const code = status === 404 || status === 410 ? 'not_found' : 'network';
  throw new WembedError(code, `${url} answered ${status}`, { status, url });
}
