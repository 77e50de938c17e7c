// The model that a command works with.
import { existsSync } from 'node:fs';
import { EmbeddingLayer, Tokenizer, WembedError } from '../index.js';
import { loadMini } from '../mini.js';
import { WordVectors } from '../words.js';
import { Progress, megabytes } from './progress.js';
import { UsageError } from './usage_error.js';

/** @typedef {import('./options.js').OptionValues} OptionValues */

/**
 * @template T
 * @param {(onProgress: import('../index.js').OnProgress) => Promise<T>} load
 * @returns {Promise<T>} with progress on a terminal
 */
async function loading(load) {
  const progress = new Progress();
  try {
    return await load(({ file, loaded, total }) =>
      progress.show(() => `${file}: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}`),
    );
  } finally {
    progress.done();
  }
}

/**
 * Refuses a path where nothing is, before it is searched for the files of a model.
 * @param {string | undefined} location
 */
export function checkFolder(location) {
  if (location === undefined || !/^\.{0,2}\//.test(location) || existsSync(location)) return;
  throw new UsageError(
    `wembed: there is no file or folder ${location}: a model is a folder, an address, a hub id or a file`,
  );
}

/** @param {OptionValues} options @returns {Promise<EmbeddingLayer>} */
export async function loadLayer({ model, dtype, revision }) {
  checkFolder(model);
  return loading((onProgress) =>
    model === undefined
      ? loadMini({ dtype, onProgress })
      : EmbeddingLayer.fromPretrained(model, { dtype, revision, onProgress }),
  );
}

/** @param {OptionValues} options @returns {Promise<Tokenizer>} */
export async function loadTokenizer({ model, revision }) {
  checkFolder(model);
  if (model !== undefined) {
    return loading((onProgress) => Tokenizer.fromPretrained(model, { revision, onProgress }));
  }
  const { tokenizer } = await loadMini();
  return /** @type {Tokenizer} */ (tokenizer);
}

/**
 * @param {string} file of word vectors
 * @param {OptionValues} options
 * @returns {Promise<WordVectors>}
 */
export function loadWords(file, { dtype, limit }) {
  return loading((onProgress) =>
    WordVectors.fromPretrained(file, { dtype: dtype === 'auto' ? undefined : dtype, limit, onProgress }),
  );
}

/**
 * @param {OptionValues} options
 * @returns {Promise<EmbeddingLayer | WordVectors>} what has `mostSimilar`
 */
export const loadKeys = (options) =>
  options.words === undefined ? loadLayer(options) : loadWords(options.words, options);

/** @param {EmbeddingLayer} layer refuses one that encodes no texts, before anything is read */
export function checkEncodes(layer) {
  const { whyNoEncoder } = layer.describe();
  if (whyNoEncoder !== null) throw new WembedError('unsupported', whyNoEncoder);
  return layer;
}
