import { WembedError, hasUser, shown, withoutUser } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { below, folderBelow } from './below.js';
import { env } from './env.js';
import { DOWNLOAD_OPTIONS } from './option_names.js';
import { readingOptions } from './options.js';
import { pageAddress } from './page.js';
import { fileUrl, folderUrl, inNode, isFolder } from './platform.js';
import { RemoteFiles } from './remote.js';

/**
 * @typedef {import('./request.js').Patience & import('./cached.js').CacheOptions & { fetch?: import('./request.js').FetchFunction }}
 * DownloadOptions `fetch` replaces the global one. Everything downloaded is cached, unless `cache` is false or the
 * loader refuses the file
 */

/** How files are downloaded and where they are kept. @typedef {DownloadOptions & PlaceOptions} FilesOptions */

/**
 * @typedef {object} PlaceOptions
 * @property {AbortSignal} [signal]
 * @property {Record<string, string>} [headers] sent with every request to the location's own origin only. A browser hides
 *   where an address redirects to: there such an address is `unsupported` with headers other than `authorization`
 * @property {string} [token] sent to the same origin only, as `Authorization: Bearer …`
 * @property {string} [revision] of a hub id: a branch, tag or commit; default 'main'
 * @property {string} [subfolder] the model's folder below the location, as a relative address: `%20` is a space
 * @property {string | URL} [hub] the hub's address; default `env.remoteHost`
 */

const HUB_ID = /^(?!\.)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/;

/** An address of the web, or of a browser extension's own files. @param {string} location */
const isUrl = (location) => /^(https?|[a-z]+(-[a-z]+)*-extension):/i.test(location);

/** An address that the page itself has created. @param {string} location */
const isLocal = (location) => /^(blob|data):/i.test(location);

/** A path, or a file: URL. @param {string} location */
const isPath = (location) => /^(\.{1,2}\/|\/|file:)|^\.{1,2}$/i.test(location);

/**
 * The files of a location given as a string.
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
    `'${shown(withoutUser(location))}' is not a model location: folders begin with ./ ../ / or file:, addresses with http(s):, and ${hint}`,
  );
}

/**
 * @param {string} path a path that does not begin like one
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
  if (!isUrl(String(hub))) {
    throw new WembedError('invalid_argument', `hub must be an address of http(s), got '${withoutUser(String(hub))}'`);
  }
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
 * @returns {URL} of a folder: its path ends in a slash. The query belongs to the folder's address and is removed
 */
function folderOf(address) {
  const folder = urlOf(address);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = folder.hash = '';
  return folder;
}

/** @param {FilesOptions} given */
const withDefaults = (given) =>
  readingOptions(given, Object.fromEntries(DOWNLOAD_OPTIONS.map((option) => [option, env[option]])));

/**
 * @param {URL} folder
 * @param {string} name for messages
 * @param {FilesOptions} given
 * @param {boolean} [hub] whether the folder is on the hub
 * @returns {RemoteFiles}
 */
function filesAtUrl(folder, name, given, hub = false) {
  const options = withDefaults(given);
  const root = folderBelow(folder, options.subfolder ?? '', 'subfolder');
  const fixed = hub && /^[0-9a-f]{40}$/.test(options.revision ?? ''); // a commit
  const hint = hub ? () => folderHint(name) : undefined;
  return new RemoteFiles(root, name, { ...options, hub, fixed }, hint);
}

/**
 * @param {string} address
 * @param {string} [base]
 */
function urlOf(address, base) {
  if (!URL.canParse(address, base)) {
    throw new WembedError('invalid_argument', `'${withoutUser(base ?? address)}' is not an address`);
  }
  const url = new URL(address, base);
  if (!hasUser(url)) return url;
  const what = 'an address must not contain a user name or password';
  throw new WembedError('invalid_argument', `${what}: use the option headers ({ authorization: … }) or token`);
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

const localFiles = () => import('./folder.js').catch(importFailed); // not needed in a page

/** @param {URL} url a file: URL */
const openLocal = async (url) => (await localFiles()).fileSource(url);

/**
 * @param {string} location an address of http(s) or file:, or a path: Node's, or relative to the page
 * @returns {Promise<URL>}
 */
async function addressOf(location) {
  if (isUrl(location) || /^file:/i.test(location)) return urlOf(location);
  return (await fileUrl(location)) ?? urlOf(location, pageAddress());
}

/**
 * Splits the address or path of a file into folder and file.
 * @param {string} location
 * @returns {Promise<{ folder: string, file: string } | undefined>} file: with its query; undefined for hub ids and
 *   anything else that is neither an address nor a path
 */
export async function fileInFolder(location) {
  return isUrl(location) || isPath(location) ? split(await addressOf(location)) : undefined;
}

/** @param {URL} url */
function split(url) {
  url.hash = '';
  if (url.protocol === 'file:') url.search = '';
  const folder = new URL('.', url).href;
  return { folder, file: url.href.slice(folder.length) };
}

/**
 * One file: see `openFile`.
 * @param {string} location
 * @param {FilesOptions & import('./http.js').UrlOptions} given
 */
export async function openAddress(location, given) {
  const options = { ...withDefaults(given), subfolder: '' };
  const { ranges } = given;
  if (isLocal(location))
    return (await import('./http.js').catch(importFailed)).urlSource(location, { ...options, ranges });
  const url = await addressOf(location);
  if (url.protocol === 'file:') return openLocal(url);
  const { folder, file } = split(url);
  return filesAtUrl(urlOf(folder), folder, options).open(file, { ranges });
}
