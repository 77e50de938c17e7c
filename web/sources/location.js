import { WembedError } from '../core/errors.js';
import { modelFiles } from './files.js';
import { contentSource, isSource } from './source.js';

/** The address or path of one file: its folder, and the file. */
const FILE = /^(.*\/)([^/?#]+\.(?:gguf|safetensors)(?:[?#].*)?)$/i;

/**
 * A model's files, and which of them is meant, where that has been said.
 * @param {import('./files.js').ModelLocation | Exclude<import('./source.js').FileContent, string>} location as
 *   `EmbeddingLayer.fromPretrained` takes it; the address or path of a .safetensors or .gguf file; or such a file
 * @param {import('./address.js').FilesOptions & { file?: string }} options
 * @returns {Promise<{ files: import('./files.js').ModelFiles, file: string | undefined }>}
 */
export async function findFile(location, options) {
  if (isContent(location)) {
    const source = contentSource(location);
    const magic = new Uint8Array(await source.slice(0, 4));
    const only = String.fromCharCode(...magic) === 'GGUF' ? 'model.gguf' : 'model.safetensors';
    return { files: { name: 'the file given', open: async (name) => (name === only ? source : null) }, file: only };
  }
  const address = location instanceof URL ? location.href : location;
  const path = typeof address === 'string' && FILE.exec(address);
  if (path) return { files: await modelFiles(path[1], options), file: path[2] };
  const files = await modelFiles(location, options);
  return { files, file: options.file ?? onlyGguf(files.name, (await files.list?.()) ?? []) };
}

/**
 * @param {unknown} value
 * @returns {value is Exclude<import('./source.js').FileContent, string>}
 */
const isContent = (value) =>
  ArrayBuffer.isView(value) ||
  Object.prototype.toString.call(value) === '[object ArrayBuffer]' ||
  value instanceof Blob ||
  isSource(value);

/** How llama.cpp names the parts of a model that it has split. */
export const GGUF_PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * The .gguf file that is meant among others: the only one, or the first part of the only model. Where there are
 * safetensors too, those are meant.
 * @param {string} place for messages
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function onlyGguf(place, names) {
  const found = names.filter((name) => /\.gguf$/i.test(name));
  if (found.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return undefined;
  const [first, ...others] = found.sort();
  const [, model, number, count] = GGUF_PART.exec(first) ?? [];
  const parts = Number(number) === 1 && others.every((name, i) => name === partName(model, i + 2, count));
  if (others.length === 0 || parts) return first;
  throw new WembedError('invalid_argument', `${place} has ${found.join(', ')}: the option file says which is meant`);
}

/** @param {string} model @param {number} number @param {string} count */
export const partName = (model, number, count) => `${model}-${String(number).padStart(5, '0')}-of-${count}.gguf`;
