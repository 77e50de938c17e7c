// Interprets locations: the meaning of a caller's location and of the option `file`.
import { WembedError, refuseRevoked, shown, withoutUser, isA } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { GGUF_PART, isGguf, partName } from './file_names.js';
import { checkReading } from './check_reading.js';
import { modelFiles } from './files.js';
import { summed } from './progress.js';
import { bytesOf, contentSource, isContent } from './source.js';

/**
 * A location of files, or one file itself.
 * @typedef {import('./files.js').ModelLocation | Exclude<import('./source.js').FileContent, string>} Location
 */

/**
 * @typedef {import('./address.js').FilesOptions & { file?: string, variant?: string }} LocateOptions `file`: the name of the
 *   file to read; `variant`: of a model's weights
 */

/** The extensions of files that are read: a location that ends in one is that file, not a folder. */
const FILE = /\.(gguf|safetensors|json|model|tiktoken|vec|txt|bin|ftz|npy|gz)$/i;

/** The first bytes of a GGUF file, as a little-endian u32. */
const GGUF_MAGIC = 0x46554747;

/**
 * The files of a location, and the one file to read if it is known: from the option `file`, from a location that is the
 * address or path of one file, from content that is one file, or from a folder or files with one .gguf and no
 * safetensors.
 * @param {Location} location
 * @param {LocateOptions} [options]
 * @returns {Promise<{ files: import('./files.js').ModelFiles, file: string | undefined, onProgress?: import('./source.js').OnProgress }>}
 *   `file` as `files.open` takes it; `onProgress`: the caller's, told of all files together
 */
export async function locate(location, options = {}) {
  checkReading(options);
  const { variant, ...reading } = options;
  const { files, file } = await locateFile(location, reading);
  const own = variant === undefined ? file : variantFile(file, variant);
  return {
    files,
    file: own,
    onProgress: summed(/** @type {import('./reader.js').ReadOptions} */ (options).onProgress),
  };
}

/**
 * @param {string | undefined} file that has been named
 * @param {unknown} variant
 * @returns {string} the file of its weights
 */
function variantFile(file, variant) {
  if (typeof variant !== 'string' || !/^[\w-]+$/.test(variant)) {
    throw new WembedError('invalid_argument', `variant must be a name as 'fp16', got ${shown(variant)}`);
  }
  if (file === undefined) return `model.${variant}.safetensors`;
  throw new WembedError('invalid_argument', `the weights are ${file} already: variant '${variant}' is another file's`);
}

/**
 * @param {Location} location
 * @param {LocateOptions} options
 * @returns {Promise<{ files: import('./files.js').ModelFiles, file: string | undefined }>}
 */
async function locateFile(location, options) {
  const reading = { ...options };
  const { file: chosen } = reading;
  if (chosen !== undefined && typeof chosen !== 'string') {
    throw new WembedError('invalid_argument', `file must be a string, got ${shown(chosen)}`);
  }
  refuseRevoked('a model location', location);
  if (isContent(location)) return oneFile(location, chosen);
  const named = await fileNamed(location);
  if (named) {
    const files = await modelFiles(named.folder, reading);
    if (chosen === undefined || chosen === named.file) return { files, file: named.file };
    throw new WembedError(
      'invalid_argument',
      `${withoutUser(String(location))} is one file, but the option file is '${chosen}'`,
    );
  }
  const files = await modelFiles(location, reading);
  return { files, file: chosen ?? onlyGguf(files.name, (await files.list?.()) ?? []) };
}

/**
 * @param {Exclude<import('./source.js').FileContent, string>} content
 * @param {string | undefined} chosen
 */
async function oneFile(content, chosen) {
  const source = contentSource(content);
  const head = new DataView(await bytesOf(source, 0, 4));
  const isGgufFile = head.byteLength === 4 && head.getUint32(0, true) === GGUF_MAGIC;
  const file = chosen ?? (isGgufFile ? 'model.gguf' : 'model.safetensors');
  /** @type {import('./files.js').ModelFiles} */
  const files = { name: 'the file given', open: async (name) => (name === file ? source : null) };
  return { files, file };
}

/**
 * @param {unknown} location
 * @returns {Promise<{ folder: string, file: string } | undefined>} undefined if it is not the address or path of a file
 */
async function fileNamed(location) {
  if (typeof location !== 'string' && !isA(location, URL)) return undefined;
  const address = String(location);
  // In an address ? and # end the path; in a path they are ordinary characters. address.js distinguishes the two.
  if (!FILE.test(address) && !FILE.test(address.replace(/[?#].*$/s, ''))) return undefined;
  const found = await (await import('./address.js').catch(importFailed)).fileInFolder(address);
  return found && FILE.test(found.file.replace(/\?.*$/, '')) ? found : undefined;
}

/**
 * One file: an http(s), file:, blob: or data: URL, a path (in Node; in a browser relative to the page), or its content.
 * Null if the file does not exist.
 * @param {string | URL | Exclude<import('./source.js').FileContent, string>} location
 * @param {import('./address.js').FilesOptions & import('./http.js').UrlOptions} [options]
 * @returns {Promise<import('./source.js').ByteSource | null>}
 */
export async function openFile(location, options = {}) {
  checkReading(options);
  refuseRevoked('a location', location);
  if (typeof location !== 'string' && !isA(location, URL)) return contentSource(location);
  return (await import('./address.js').catch(importFailed)).openAddress(String(location), options);
}

/**
 * The .gguf file to read among several files: the only one, or the first part of the only model. Undefined if there are
 * safetensors too, which take precedence.
 * @param {string} place the location's name, for messages
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function onlyGguf(place, names) {
  const found = names.filter(isGguf);
  if (found.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return undefined;
  const [first, ...others] = found.sort();
  const [, model, number, count] = GGUF_PART.exec(first) ?? [];
  const parts = Number(number) === 1 && others.every((name, i) => name === partName(model, i + 2, count));
  if (others.length === 0 || parts) return first;
  throw new WembedError('invalid_argument', `${place} has ${found.join(', ')}: choose one with the option file`);
}
