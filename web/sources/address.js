import { WembedError } from '../core/errors.js';
import { below, folderBelow } from './below.js';
import { env } from './env.js';
import { DOWNLOAD_OPTIONS, readingOptions } from './options.js';
import { fileUrl, folderUrl, inNode, isFolder, pageAddress } from './platform.js';
import { RemoteFiles } from './remote.js';

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
 * @property {string} [subfolder] the folder below the location that the model is in, as a relative address: `%20` is a space
 * @property {string | URL} [hub] the hub's address; default `env.remoteHost`
 */

const HUB_ID = /^(?!\.)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/;

/** Of the web, or of a browser's extension, whose own files have addresses too. @param {string} location */
export const isUrl = (location) => /^(https?|[a-z]+(-[a-z]+)*-extension):/i.test(location);

/** What a page has made itself. @param {string} location */
export const isLocal = (location) => /^(blob|data):/i.test(location);

/** A path, or a file: URL. @param {string} location */
export const isPath = (location) => /^(\.{1,2}\/|\/|file:)|^\.{1,2}$/i.test(location);

/**
 * The files of a location that is written out.
 * @param {string} location
 * @param {FilesOptions} given
 * @returns {Promise<import('./files.js').ModelFiles>}
 */
export async function filesAtAddress(location, given) {
  if (isUrl(location)) return filesAtUrl(folderOf(location), location, given);
  if (isPath(location)) return filesInFolder(location, given);
  if (!HUB_ID.test(location)) throw await noLocation(location);
  const options = readingOptions(given);
  return filesAtUrl(hubFolder(location, options), location, options, true);
}

/** @param {string} location */
async function noLocation(location) {
  const hint = (await folderHint(location)) ?? 'a hub id is org/name';
  return new WembedError(
    'invalid_argument',
    `'${location}' is not a model location: folders begin with ./ ../ / or file:, addresses with http(s):, and ${hint}`,
  );
}

/**
 * @param {string} path that does not say that it is one
 * @returns {Promise<string | undefined>}
 */
async function folderHint(path) {
  return path && (await isFolder(path)) ? `there is a folder of that name: did you mean './${path}'?` : undefined;
}

/**
 * @param {string} model
 * @param {FilesOptions} options
 */
function hubFolder(model, { hub = env.remoteHost, revision = 'main' }) {
  if (!isUrl(String(hub))) throw new WembedError('invalid_argument', `hub must be an address of http(s), got '${hub}'`);
  const root = folderOf(String(hub));
  const encoded = encodeURIComponent(revision.toWellFormed?.() ?? revision);
  below(root, encoded, 'revision');
  const path = String(env.remotePathTemplate)
    .replaceAll('{model}', () => model)
    .replaceAll('{revision}', () => encoded);
  return folderBelow(root, path, 'env.remotePathTemplate');
}

/**
 * @param {string} address
 * @returns {URL} of a folder: its path ends in a slash. A query belongs to the folder's address, not to the files in it
 */
function folderOf(address) {
  const folder = urlOf(address);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = folder.hash = '';
  return folder;
}

/**
 * @param {URL} folder
 * @param {string} name for messages
 * @param {FilesOptions} given
 * @param {boolean} [hub] it is the hub's
 * @returns {RemoteFiles}
 */
export function filesAtUrl(folder, name, given, hub = false) {
  const defaults = Object.fromEntries(DOWNLOAD_OPTIONS.map((option) => [option, env[option]]));
  const options = readingOptions(given, defaults);
  const root = folderBelow(folder, options.subfolder ?? '', 'subfolder');
  const fixed = hub && /^[0-9a-f]{40}$/.test(options.revision ?? ''); // a commit
  const hint = hub ? () => folderHint(name) : undefined;
  return new RemoteFiles(root, name, { ...options, hub, fixed }, hint);
}

/**
 * @param {string} address
 * @param {string} [base]
 */
export function urlOf(address, base) {
  if (URL.canParse(address, base)) return new URL(address, base);
  throw new WembedError('invalid_argument', `'${base ?? address}' is not an address`);
}

/**
 * @param {string} location
 * @param {FilesOptions} given
 * @returns {Promise<import('./files.js').ModelFiles>}
 */
async function filesInFolder(location, given) {
  const isFile = /^file:/i.test(location);
  const folder = isFile ? folderOf(location) : await folderUrl(location);
  const page = pageAddress();
  if (!folder && page && !isFile) return filesAtUrl(folderOf(urlOf(location, page).href), location, given);
  if (!folder || !inNode()) {
    throw new WembedError('unsupported', `'${location}' is a folder, and folders can only be read in Node`);
  }
  const root = folderBelow(folder, readingOptions(given).subfolder ?? '', 'subfolder');
  return {
    name: location,
    open: async (file) => openLocal(below(root, file, 'file')),
    list: async () => (await localFiles()).listFolder(root),
    hint: async () => ((await isFolder(root)) ? undefined : `there is no folder ${root.pathname}`),
  };
}

const localFiles = () => import('./folder.js'); // what no page needs

/** @param {URL} url a file: URL */
export const openLocal = async (url) => (await localFiles()).fileSource(url);

/**
 * The full address of a path.
 * @param {string} path as Node has it, or relative to the page
 * @returns {Promise<URL>}
 */
export const addressOf = async (path) => (await fileUrl(path)) ?? urlOf(path, pageAddress());
