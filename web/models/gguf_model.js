import { readEnds } from './transformer_ends.js';
import { WembedError } from '../core/errors.js';
import { onlyGguf } from '../sources/location.js';
import { configOfGguf, withDivisors } from './gguf_config.js';
import { tokenizerOfGguf } from '../tokenizer/files/gguf.js';
import { TensorFiles } from '../formats/tensors.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';

/**
 * @typedef {import('./static_model.js').LoadOptions & import('../sources/address.js').FilesOptions & { file?: string }}
 *   GgufOptions
 */

/**
 * Loads a model's two ends, and its tokenizer, from the GGUF file that a location is or holds.
 * @param {import('../sources/files.js').ModelLocation} location
 * @param {import('../sources/files.js').ModelFiles} files what is there
 * @param {GgufOptions} options
 * @param {Pick<typeof import('../sources/files.js'), 'modelFiles' | 'settled'>} places handed in, so that no bundler moves
 *   them out of what every page loads
 * @returns {Promise<import('./transformer_ends.js').CheckpointModel | undefined>} undefined where safetensors are meant
 */
export async function loadGguf(location, files, options, places) {
  const address = location instanceof URL ? location.href : location;
  const path = typeof address === 'string' && /^(.*\/)([^/?#]+\.gguf(?:[?#].*)?)$/i.exec(address);
  if (path) {
    const folder = await places.modelFiles(path[1], options);
    return places.settled(folder, () => loadFile(folder, path[2], options));
  }
  const file = options.file ?? onlyGguf(files.name, (await files.list?.()) ?? []);
  return file === undefined ? undefined : loadFile(files, file, options);
}

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} name of the file among them
 * @param {GgufOptions} options
 */
async function loadFile(files, name, options) {
  const tensors = await TensorFiles.gguf(files, name, options);
  /** @type {Tokenizer | WembedError | undefined} */
  let tokenizer;
  try {
    const { config, names, divisors } = configOfGguf(tensors.gguf, name);
    tensors.rename(names);
    tokenizer = await tokenizerOf(tensors.gguf);
    const complete = (/** @type {Map<string, number[]>} */ vectors) => withDivisors(config, vectors);
    const model = await readEnds(tensors, options, config, { names: divisors, complete });
    if (tokenizer instanceof WembedError) model.whyNoTokenizer = tokenizer;
    else model.tokenizer = tokenizer;
    return model;
  } catch (error) {
    if (tokenizer instanceof Tokenizer) tokenizer.dispose();
    await tensors.close();
    throw error;
  }
}

/**
 * A tokenizer of a kind that is not known keeps nobody from the tables.
 * @param {import('../formats/gguf.js').Gguf} gguf
 * @returns {Promise<Tokenizer | WembedError>}
 */
async function tokenizerOf({ metadata }) {
  try {
    return await Tokenizer.from(tokenizerOfGguf(metadata));
  } catch (error) {
    if (error instanceof WembedError && error.code === 'unsupported') return error;
    if (!metadata.has('tokenizer.ggml.tokens')) return new WembedError('not_found', 'this GGUF file has no tokenizer');
    throw error;
  }
}
