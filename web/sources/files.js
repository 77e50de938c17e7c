import { checkReading } from './check_reading.js';
import { WembedError, refuseRevoked, shown, isA, asObject } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { contentSource, isContent } from './source.js';

/** @typedef {import('./source.js').FileContent} FileContent */
/** @typedef {import('./address.js').FilesOptions} FilesOptions */

/**
 * The files of one model, by name. `open` returns null for a file that does not exist. `ranges` means that the file
 * will be read in parts: a server is then asked for the first 32 kB only, or for that number of bytes.
 * @typedef {object} ModelFiles
 * @property {string} name the model's name in messages
 * @property {(file: string, options?: { ranges?: boolean | number }) => Promise<import('./source.js').ByteSource | null>} open
 *   a file of this name
 * @property {() => string[] | Promise<string[]>} [list] the names of its files, as `open` takes them, if they can be
 *   listed
 * @property {() => Promise<string | undefined>} [hint] what may be wrong with the location if nothing was found there
 * @property {() => Promise<Uint8Array | undefined>} [savedTokenizer] what `Tokenizer.save` gave for their tokenizer.json,
 *   from which a tokenizer is made without compiling it
 * @property {(error?: unknown) => Promise<void>} [settle] called when loading has ended: refused files leave the cache
 * @property {() => ModelFiles} [later] the same files for a later call: without this call's signal, and of files given
 *   as content only the text files, so that a model's weights are not held in memory
 */

/**
 * Where a model is: an address, a folder, a hub id, the files themselves, or an object that opens them by name.
 * @typedef {string | URL | Map<string, FileContent> | Record<string, FileContent> | Iterable<File> | ModelFiles} ModelLocation
 */

/**
 * Interprets a location. Strings that begin with ./ ../ / or file: are folders, http(s): is a base URL, org/name a hub
 * id.
 * @param {ModelLocation} location
 * @param {FilesOptions} [options]
 * @returns {Promise<ModelFiles>}
 */
export async function modelFiles(location, options = {}) {
  refuseRevoked('a model location', location);
  if (typeof location === 'string' || isA(location, URL)) {
    return (await import('./address.js').catch(importFailed)).filesAtAddress(String(location), options);
  }
  checkReading(options);
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
 * @param {Map<string, FileContent> | Record<string, FileContent> | Iterable<File>} location
 * @returns {Map<string, FileContent>}
 */
function namedContents(location) {
  if (typeof location !== 'object' || location === null || isContent(location)) {
    throw new WembedError('invalid_argument', `a model location cannot be ${shown(location)}`);
  }
  if ('then' in location && typeof location.then === 'function') {
    throw new WembedError('invalid_argument', 'a model location cannot be a Promise: did you forget await?');
  }
  if (isA(location, Map)) return new Map(location);
  if (!(Symbol.iterator in location) || location instanceof Map || 'buffer' in location)
    return new Map(Object.entries(location));
  /** @type {Map<string, FileContent>} */
  const files = new Map();
  for (const file of location) {
    const path = pathOf(file);
    if (files.has(path)) throw new WembedError('invalid_argument', `the list of files has two files named '${path}'`);
    files.set(path, file);
  }
  return files;
}

/**
 * @param {File} file an element of the list
 * @returns {string} its path in the selected folder
 */
function pathOf(file) {
  const { name, webkitRelativePath: path } = asObject(file);
  if (typeof name !== 'string') {
    throw new WembedError('invalid_argument', `a list of files cannot hold ${shown(file)}`);
  }
  // A folder picker gives 'folder/model.safetensors': the first part is the selected folder.
  return typeof path === 'string' && path ? path.replace(/^[^/]*\//, '') : name;
}
