import { onlyGguf } from '../formats/gguf_files.js';
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
