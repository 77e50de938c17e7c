import { WembedError } from '../core/errors.js';
import { below, folderBelow } from './below.js';
import { env } from './env.js';
import { fileUrl, folderUrl } from './platform.js';
import { RemoteFiles } from './remote.js';
import { contentSource } from './source.js';

/**
 * @typedef {import('./request.js').Patience & import('./cached.js').CacheOptions & { fetch?: typeof fetch }}
 *   DownloadOptions `fetch` stands in for the global one. Whatever comes from a server is kept in the cache, unless `cache`
 *   is false or a loader refuses it
 */

/** @typedef {DownloadOptions & PlaceOptions} FilesOptions */

/**
 * @typedef {object} PlaceOptions
 * @property {AbortSignal} [signal]
 * @property {Record<string, string>} [headers] sent with every request to the location's own origin, and to no other
 * @property {string} [token] sent in the same way, as `Authorization: Bearer …`
 * @property {string} [revision] of a hub id: a branch, tag or commit; 'main' unless given
 * @property {string} [subfolder] of the location, in which the model is
 * @property {string} [hub] the hub's address; default `env.remoteHost`
 */

const HUB_ID = /^(?!\.)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/;

/**
 * @param {string} location
 * @param {FilesOptions} options
 * @returns {Promise<import('./files.js').ModelFiles>}
 */
export async function filesAtAddress(location, options) {
  if (isUrl(location)) return filesAtUrl(location, location, options);
  if (/^(\.{1,2}\/|\/|file:)|^\.{1,2}$/.test(location)) return filesInFolder(location, options);
  if (!HUB_ID.test(location)) {
    throw new WembedError(
      'invalid_argument',
      `'${location}' is no model location: folders begin with ./ ../ / or file:, addresses with http(s):, and a hub id is org/name`,
    );
  }
  return filesAtUrl(hubAddress(location, options), location, options, true);
}

/** Of the web, or of a browser's extension, whose own files have addresses too. @param {string} location */
const isUrl = (location) => /^(https?|[a-z]+(-[a-z]+)*-extension):/.test(location);

/** What a page has made itself. @param {string} location */
const isLocal = (location) => /^(blob|data):/.test(location);

/**
 * @param {string} model
 * @param {FilesOptions} options
 */
function hubAddress(model, { hub = env.remoteHost, revision = 'main' }) {
  const root = folderOf(hub);
  const encoded = typeof revision === 'string' ? encodeURIComponent(revision.toWellFormed?.() ?? revision) : revision;
  below(root, encoded, 'revision');
  const path = String(env.remotePathTemplate)
    .replaceAll('{model}', () => model)
    .replaceAll('{revision}', () => encoded);
  return folderBelow(root, path, 'env.remotePathTemplate').href;
}

/**
 * @param {string} address
 * @returns {URL} of a folder: its path ends in a slash. The query belonged to the folder's address, not to the files in it
 */
function folderOf(address) {
  const folder = urlOf(String(address));
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = folder.hash = '';
  return folder;
}

/**
 * @param {string} base
 * @param {string} name
 * @param {FilesOptions} options
 * @param {boolean} [hub] it is the hub's
 * @returns {RemoteFiles}
 */
function filesAtUrl(base, name, options, hub = false) {
  const root = folderBelow(folderOf(base), options.subfolder ?? '', 'subfolder');
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const fixed = hub && /^[0-9a-f]{40}$/.test(options.revision ?? ''); // a commit
  return new RemoteFiles(root, name, { ...env, ...given, hub, fixed });
}

/**
 * @param {string} address
 * @param {string} [base]
 */
function urlOf(address, base) {
  if (URL.canParse(address, base)) return new URL(address, base);
  throw new WembedError('invalid_argument', `'${base ?? address}' is no address`);
}

/**
 * @param {string} location
 * @param {FilesOptions} options
 * @returns {Promise<import('./files.js').ModelFiles>}
 */
async function filesInFolder(location, options) {
  const folder = location.startsWith('file:')
    ? urlOf(location.endsWith('/') ? location : `${location}/`)
    : await folderUrl(location);
  const page = globalThis.location?.href;
  if (!folder && page && !location.startsWith('file:'))
    return filesAtUrl(urlOf(location, page).href, location, options);
  if (!folder || !globalThis.process?.versions?.node) {
    throw new WembedError('unsupported', `'${location}' is a folder, and folders can only be read in Node`);
  }
  const root = folderBelow(folder, options.subfolder ?? '', 'subfolder');
  const list = async () => (await folders()).listFolder(root);
  return { name: location, open: async (file) => openLocal(below(root, file, 'file')), list };
}

const folders = () => import('./folder.js'); // what no page needs

/** @param {URL} url a file: URL */
const openLocal = async (url) => (await folders()).fileSource(url);

/**
 * @param {string} url
 * @param {FilesOptions & import('./http.js').UrlOptions} options
 */
async function openUrl(url, options) {
  if (isLocal(url)) return (await import('./http.js')).urlSource(url, options);
  const { href } = urlOf(url);
  const folder = urlOf('.', href).href;
  const file = href.slice(folder.length).replace(/#.*$/, '');
  return filesAtUrl(folder, folder, { ...options, subfolder: '' }).open(file, options);
}

/**
 * One file, wherever it is: an http(s) or file: URL, a path (in Node; in a browser it is taken from the page's address), or
 * its content. Null where there is no such file.
 * @param {string | URL | Exclude<import('./source.js').FileContent, string>} location
 * @param {FilesOptions & import('./http.js').UrlOptions} [options]
 * @returns {Promise<import('./source.js').ByteSource | null>}
 */
export async function openFile(location, options = {}) {
  if (typeof location !== 'string' && !(location instanceof URL)) return contentSource(location);
  const address = String(location);
  if (isUrl(address) || isLocal(address)) return openUrl(address, options);
  if (address.startsWith('file:')) return openLocal(urlOf(address));
  const path = await fileUrl(address);
  if (path) return openLocal(path);
  return openUrl(urlOf(address, globalThis.location?.href).href, options);
}
