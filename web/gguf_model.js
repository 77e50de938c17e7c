import { readEnds } from './checkpoint_model.js';
import { WembedError } from './errors.js';
import { configOfGguf, withDivisors } from './formats/gguf_config.js';
import { tokenizerOfGguf } from './formats/gguf_tokenizer.js';
import { TensorFiles } from './formats/tensors.js';
import { Tokenizer } from './tokenizer/tokenizer.js';

/**
 * Loads a model's two ends, and its tokenizer, from a GGUF file.
 * @param {import('./sources/files.js').ModelFiles} files
 * @param {string} name of the file among them
 * @param {import('./static_model.js').LoadOptions} options
 * @returns {Promise<import('./checkpoint_model.js').CheckpointModel>}
 */
export async function loadGguf(files, name, options) {
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
 * @param {import('./formats/gguf.js').Gguf} gguf
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
