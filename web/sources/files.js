import { WembedError } from '../errors.js';
import { fileUrl, folderUrl } from './node.js';
import { contentSource } from './source.js';

/** @typedef {import('./source.js').FileContent} FileContent */

/**
 * The files of one model, by name. `open` answers null for a file that is not there; `ranges` says that it will be read in
 * parts, so that a server is asked for no more than those: first for the first 64 kB, or as many as it says.
 * @typedef {object} ModelFiles
 * @property {string} name what to call the model in messages
 * @property {(file: string, options?: { ranges?: boolean | number }) => Promise<import('./source.js').ByteSource | null>} open
 * @property {() => string[] | Promise<string[]>} [list] the names of its files, where they are to be had
 */

/**
 * Where a model can be: an address, a folder, a hub id, the files themselves, or something that opens them by name.
 * @typedef {string | URL | Map<string, FileContent> | Record<string, FileContent> | Iterable<File> | ModelFiles} ModelLocation
 */

/**
 * What holds for every download of this program unless a call says otherwise. Change its members as you like; nothing is
 * read from it at import.
 * @typedef {import('./request.js').Patience & {
 *   remoteHost: string,
 *   remotePathTemplate: string,
 *   fetch?: typeof fetch,
 * }} Environment `remoteHost` is the hub that `org/name` is at, and `remotePathTemplate` where on it a model's files are:
 *   `{model}` and `{revision}` are filled in. `fetch` stands in for the global one
 */

/** @type {Environment} */
export const env = { remoteHost: 'https://huggingface.co/', remotePathTemplate: '{model}/resolve/{revision}/' };

/**
 * @typedef {import('./request.js').Patience & PlaceOptions} FilesOptions
 */

/**
 * @typedef {object} PlaceOptions
 * @property {AbortSignal} [signal]
 * @property {typeof fetch} [fetch] in place of the global one
 * @property {Record<string, string>} [headers] sent with every request to the location's own origin, and to no other
 * @property {string} [token] sent in the same way, as `Authorization: Bearer …`
 * @property {string} [revision] of a hub id: a branch, tag or commit; 'main' unless given
 * @property {string} [subfolder] of the location, in which the model is
 * @property {string} [hub] the hub's address; default `env.remoteHost`
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
  const folder = subfolderOf(options);
  const open = async (/** @type {string} */ file) => {
    const content = files.get(folder + file);
    return content === undefined ? null : contentSource(content);
  };
  const list = () =>
    [...files.keys()].filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
  return { name: 'the files given', open, list };
}

/**
 * @param {string} location
 * @param {FilesOptions} options
 * @returns {Promise<ModelFiles>}
 */
async function filesAtAddress(location, options) {
  if (isUrl(location)) return filesAtUrl(location, location, options);
  if (/^(\.{1,2}\/|\/|file:)|^\.{1,2}$/.test(location)) return filesInFolder(location, options);
  if (!HUB_ID.test(location)) {
    throw new WembedError(
      'invalid_argument',
      `'${location}' is no model location: folders begin with ./ ../ / or file:, addresses with http(s):, and a hub id is org/name`,
    );
  }
  return filesAtUrl(hubAddress(location, options), location, options);
}

const isUrl = (/** @type {string} */ location) => /^https?:/.test(location);

/**
 * @param {string} model
 * @param {FilesOptions} options
 */
function hubAddress(model, { hub = env.remoteHost, revision = 'main' }) {
  const path = env.remotePathTemplate
    .replaceAll('{model}', () => model)
    .replaceAll('{revision}', () => encodeURIComponent(revision));
  return `${hub.replace(/\/$/, '')}/${path}`;
}

/**
 * @param {string} base
 * @param {string} name
 * @param {FilesOptions} options
 * @returns {ModelFiles}
 */
function filesAtUrl(base, name, options) {
  // The query belongs to the folder's address, not to the files in it.
  const folder = new URL(base);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = folder.hash = '';
  const root = new URL(subfolderOf(options), folder);
  return { name, open: (file, { ranges } = {}) => openUrl(new URL(file, root).href, { ...options, ranges }) };
}

/**
 * What downloading takes is loaded with the first download.
 * @param {string} url
 * @param {FilesOptions & import('./http.js').UrlOptions} options
 */
async function openUrl(url, options) {
  const { urlSource } = await import('./http.js');
  const { token, headers, fetch = env.fetch } = options;
  const all = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  return urlSource(url, { ...env, ...options, fetch, headers: all });
}

/** @param {FilesOptions} options */
function subfolderOf({ subfolder = '' }) {
  if (/^\/|^[a-z]+:|\\|(^|\/)\.\.(\/|$)/i.test(subfolder)) {
    throw new WembedError('invalid_argument', `subfolder must be a path below the model, got '${subfolder}'`);
  }
  return subfolder && !subfolder.endsWith('/') ? `${subfolder}/` : subfolder;
}

/**
 * @param {string} location
 * @param {FilesOptions} options
 * @returns {Promise<ModelFiles>}
 */
async function filesInFolder(location, options) {
  const folder = location.startsWith('file:')
    ? new URL(location.endsWith('/') ? location : `${location}/`)
    : await folderUrl(location);
  if (!folder || !globalThis.process?.versions?.node) {
    throw new WembedError('unsupported', `'${location}' is a folder, and folders can only be read in Node`);
  }
  const root = new URL(subfolderOf(options), folder);
  const list = async () => (await import('./folder.js')).listFolder(root);
  return { name: location, open: (file) => openLocal(new URL(file, root)), list };
}

/** @param {URL} url a file: URL */
const openLocal = async (url) => (await import('./folder.js')).fileSource(url);

/**
 * One file, wherever it is: an http(s) or file: URL, a path (in Node; in a browser it is taken from the page's address), or
 * its content. Null where there is no such file.
 * @param {string | URL | Exclude<FileContent, string>} location
 * @param {FilesOptions & import('./http.js').UrlOptions} [options]
 * @returns {Promise<import('./source.js').ByteSource | null>}
 */
export async function openFile(location, options = {}) {
  if (typeof location !== 'string' && !(location instanceof URL)) return contentSource(location);
  const address = String(location);
  if (isUrl(address)) return openUrl(address, options);
  if (address.startsWith('file:')) return openLocal(new URL(address));
  const path = await fileUrl(address);
  if (path) return openLocal(path);
  return openUrl(new URL(address, globalThis.location?.href).href, options);
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
