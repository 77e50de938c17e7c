// `wembed/mini`: the small English model included in this package.
import { optionsOf } from './core/arguments.js';
import { WembedError } from './core/errors.js';
import { EmbeddingLayer } from './models/layer.js';
import { miniFiles } from './models/mini_files.js';
import { checkReading } from './sources/check_reading.js';

/** @typedef {import('./models/model.js').LayerDescription} LayerDescription */
/** @typedef {import('./models/model.js').LoadOptions} LoadOptions */
/** @typedef {import('./models/text_encoder.js').EncodeOptions} EncodeOptions */

/**
 * How the included model is loaded.
 * @typedef {object} MiniOptions
 * @property {string | URL} [base] the folder that the package's `dist/assets/mini.bin` was moved to, if the rest of the
 *   assets did not move with it (then `env.assets` says where): an address, or a path in Node. A folder with the model's
 *   files as they are in `models/mini` serves too
 * @property {'auto' | import('./core/dtypes.js').Dtype} [dtype] how to store the table; default 'auto': as in the file, i8
 * @property {AbortSignal} [signal] stops it: an error of code `aborted`
 * @property {import('./sources/source.js').OnProgress} [onProgress] called while files are read
 */

/**
 * Loads the small English model included in this package. Requests go only to the page's own server, or to none in
 * Node.
 * @param {MiniOptions} [options]
 * @returns {Promise<EmbeddingLayer>}
 */
export async function loadMini(options) {
  const { base, ...rest } = optionsOf('loadMini', options, ['base', 'dtype', 'signal', 'onProgress']);
  checkReading(rest);
  // Reading the pack reports its progress: what follows is in memory.
  const load = { ...rest, onProgress: undefined };
  const isPlace = typeof base === 'string' || base instanceof URL;
  if (base !== undefined && !isPlace) return EmbeddingLayer.fromPretrained(base, rest);
  try {
    return await EmbeddingLayer.fromPretrained(miniFiles(base, rest), load);
  } catch (error) {
    if (!isPlace || !isMissing(error)) throw error;
    // No mini.bin: the folder may hold the model's files one by one.
    return EmbeddingLayer.fromPretrained(base, rest).catch((second) => {
      throw isMissing(second) ? error : second;
    });
  }
}

/** @param {unknown} error @returns {boolean} whether a server has no such file, or answers a page for everything */
const isMissing = (error) =>
  error instanceof WembedError &&
  (error.code === 'not_found' || (error.code === 'bad_file' && error.reason === 'html'));
