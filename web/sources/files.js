import { WembedError } from '../errors.js';
import { folderUrl } from './node.js';
import { blobSource, bytesSource, fileSource, urlSource } from './source.js';

/**
 * The files of one model, by name. `open` answers null for a file that is not there.
 * @typedef {object} ModelFiles
 * @property {string} name what to call the model in messages
 * @property {(file: string) => Promise<import('./source.js').ByteSource | null>} open
 */

/**
 * Where a model can be: an address, a folder, a hub id, the files themselves, or something that opens them by name.
 * @typedef {string | URL | Map<string, FileContent> | Record<string, FileContent> | Iterable<File> | ModelFiles} ModelLocation
 */

/** @typedef {Uint8Array | ArrayBuffer | Blob | string} FileContent */

/**
 * @typedef {object} FilesOptions
 * @property {AbortSignal} [signal]
 * @property {typeof fetch} [fetch]
 * @property {string} [revision] of a hub id, 'main' unless given
 * @property {string} [token] sent to the hub as `Authorization: Bearer …`
 * @property {string} [hub] the hub's address; default https://huggingface.co
 */

const HUB_ID = /^[\w.-]+\/[\w.-]+$/;

/**
 * Finds out what a location is. Strings that begin with ./ ../ / or file: are folders, http(s): a base URL, org/name a
 * hub id.
 * @param {ModelLocation} location
 * @param {FilesOptions} [options]
 * @returns {Promise<ModelFiles>}
 */
export async function modelFiles(location, options = {}) {
  if (location instanceof URL) location = location.href;
  if (typeof location === 'string') return filesAtAddress(location, options);
  if (typeof location === 'object' && location !== null && 'open' in location && typeof location.open === 'function') {
    return /** @type {ModelFiles} */ (location);
  }
  const files = namedContents(/** @type {Exclude<ModelLocation, string | URL | ModelFiles>} */ (location));
  return { name: 'the files given', open: async (file) => contentSource(files.get(file)) };
}

/**
 * @param {string} location
 * @param {FilesOptions} options
 * @returns {Promise<ModelFiles>}
 */
async function filesAtAddress(location, options) {
  if (/^https?:/.test(location)) return filesAtUrl(location, options);
  if (/^(\.{1,2}\/|\/|file:)|^\.{1,2}$/.test(location)) return filesInFolder(location);
  if (!HUB_ID.test(location)) {
    throw new WembedError(
      'invalid_argument',
      `'${location}' is no model location: folders begin with ./ ../ / or file:, addresses with http(s):, and a hub id is org/name`,
    );
  }
  const { hub = 'https://huggingface.co', revision = 'main', token } = options;
  const base = `${hub.replace(/\/$/, '')}/${location}/resolve/${encodeURIComponent(revision)}/`;
  return filesAtUrl(base, options, token ? { Authorization: `Bearer ${token}` } : undefined);
}

/**
 * @param {string} base
 * @param {FilesOptions} options
 * @param {Record<string, string>} [headers]
 * @returns {ModelFiles}
 */
function filesAtUrl(base, { signal, fetch }, headers) {
  // The query belongs to the folder's address, not to the files in it.
  const folder = new URL(base);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = folder.hash = '';
  return { name: base, open: (file) => urlSource(new URL(file, folder).href, { signal, fetch, headers }) };
}

/**
 * @param {string} location
 * @returns {Promise<ModelFiles>}
 */
async function filesInFolder(location) {
  const folder = location.startsWith('file:')
    ? new URL(location.endsWith('/') ? location : `${location}/`)
    : await folderUrl(location);
  if (!folder || !globalThis.process?.versions?.node) {
    throw new WembedError('unsupported', `'${location}' is a folder, and folders can only be read in Node`);
  }
  return { name: location, open: (file) => fileSource(new URL(file, folder)) };
}

/**
 * @param {Map<string, FileContent> | Record<string, FileContent> | Iterable<File>} location
 * @returns {Map<string, FileContent>}
 */
function namedContents(location) {
  if (location instanceof Map) return location;
  if (typeof location !== 'object' || location === null) {
    throw new WembedError('invalid_argument', `a model location cannot be ${String(location)}`);
  }
  if (!(Symbol.iterator in location)) return new Map(Object.entries(location));
  /** @type {Map<string, FileContent>} */
  const files = new Map();
  for (const file of location) {
    // A folder picker gives 'folder/model.safetensors': the first part is the folder picked.
    const path = file.webkitRelativePath ? file.webkitRelativePath.replace(/^[^/]*\//, '') : file.name;
    files.set(path, file);
  }
  return files;
}

/**
 * @param {FileContent | undefined} content
 * @returns {import('./source.js').ByteSource | null}
 */
function contentSource(content) {
  if (content === undefined) return null;
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content));
  if (content instanceof Blob) return blobSource(content);
  if (ArrayBuffer.isView(content)) {
    return bytesSource(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  }
  if (Object.prototype.toString.call(content) === '[object ArrayBuffer]') return bytesSource(new Uint8Array(content));
  throw new WembedError('invalid_argument', `a file's content cannot be ${String(content)}`);
}
