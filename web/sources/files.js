import { WembedError, shown } from '../core/errors.js';
import { contentSource } from './source.js';

/** @typedef {import('./source.js').FileContent} FileContent */
/** @typedef {import('./address.js').FilesOptions} FilesOptions */

/**
 * The files of one model, by name. `open` answers null for a file that is not there; `ranges` says that it will be read in
 * parts, so that a server is asked for no more than those: first for the first 32 kB, or as many as it says.
 * @typedef {object} ModelFiles
 * @property {string} name what to call the model in messages
 * @property {(file: string, options?: { ranges?: boolean | number }) => Promise<import('./source.js').ByteSource | null>} open
 * @property {() => string[] | Promise<string[]>} [list] the names of its files, where they are to be had
 * @property {(error?: unknown) => Promise<void>} [settle] to be told how loading ended: what was refused leaves the cache
 * @property {() => ModelFiles} [later] the same for a later call: without this one's signal, and of files that were given
 *   only the text, so that a model's weights are not kept in memory by what remembers them
 */

/**
 * Where a model can be: an address, a folder, a hub id, the files themselves, or something that opens them by name.
 * @typedef {string | URL | Map<string, FileContent> | Record<string, FileContent> | Iterable<File> | ModelFiles} ModelLocation
 */

/**
 * Finds out what a location is. Strings that begin with ./ ../ / or file: are folders, http(s): a base URL, org/name a
 * hub id.
 * @param {ModelLocation} location
 * @param {FilesOptions} [options]
 * @returns {Promise<ModelFiles>}
 */
export async function modelFiles(location, options = {}) {
  if (typeof location === 'string' || location instanceof URL) {
    return (await import('./address.js')).filesAtAddress(String(location), options);
  }
  if (typeof location === 'object' && location !== null && 'open' in location && typeof location.open === 'function') {
    return /** @type {ModelFiles} */ (location);
  }
  return givenFiles(namedContents(/** @type {Exclude<ModelLocation, string | URL | ModelFiles>} */ (location)));
}

/**
 * @param {Map<string, FileContent>} files
 * @returns {ModelFiles}
 */
const givenFiles = (files) => ({
  name: 'the files given',
  open: async (file) => {
    const content = files.get(file);
    return content === undefined ? null : contentSource(content);
  },
  list: () => [...files.keys()].filter((name) => typeof name === 'string'),
  later: () => givenFiles(new Map([...files].filter(([name]) => TEXT.test(name)))),
});

const TEXT = /\.(json|txt|model|tiktoken)$/;

/**
 * Loads from files, and lets the cache know how that ended.
 * @template T
 * @param {ModelFiles} files
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
export async function settled(files, load) {
  let result;
  try {
    result = await load();
  } catch (error) {
    await files.settle?.(error);
    throw error;
  }
  await files.settle?.();
  return result;
}

/**
 * @param {Map<string, FileContent> | Record<string, FileContent> | Iterable<File>} location
 * @returns {Map<string, FileContent>}
 */
function namedContents(location) {
  if (location instanceof Map) return location;
  if (typeof location !== 'object' || location === null) {
    throw new WembedError('invalid_argument', `a model location cannot be ${shown(location)}`);
  }
  if (!(Symbol.iterator in location)) return new Map(Object.entries(location));
  /** @type {Map<string, FileContent>} */
  const files = new Map();
  for (const file of location) {
    // A folder picker gives 'folder/model.safetensors': the first part is the folder picked.
    if (typeof file?.name !== 'string') {
      throw new WembedError('invalid_argument', `a list of files cannot hold ${shown(file)}`);
    }
    const path = file.webkitRelativePath ? file.webkitRelativePath.replace(/^[^/]*\//, '') : file.name;
    files.set(path, file);
  }
  return files;
}
