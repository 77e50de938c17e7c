// `wembed/mini`: the small English model included in this package.
import { optionsOf } from './core/arguments.js';
import { EmbeddingLayer } from './models/layer.js';

/**
 * The model's files. The `new URL` calls are written out because bundlers look for exactly this form.
 * @type {Record<string, () => URL>}
 */
const FILES = {
  'config.json': () => new URL('../models/mini/config.json', import.meta.url),
  'model.safetensors': () => new URL('../models/mini/model.safetensors', import.meta.url),
  'tokenizer.json': () => new URL('../models/mini/tokenizer.json', import.meta.url),
};

/**
 * @param {AbortSignal} [signal]
 * @returns {import('./sources/files.js').ModelFiles}
 */
const filesUntil = (signal) => ({
  name: 'wembed/mini',
  open: async (file) => {
    const url = FILES[file]?.();
    if (!url) return null;
    if (url.protocol === 'file:') return (await import('./sources/folder.js')).fileSource(url);
    return (await import('./sources/http.js')).urlSource(url.href, { signal });
  },
  later: () => filesUntil(),
});

/** @typedef {import('./models/model.js').LayerDescription} LayerDescription */
/** @typedef {import('./models/model.js').LoadOptions} LoadOptions */
/** @typedef {import('./models/text_encoder.js').EncodeOptions} EncodeOptions */

/**
 * @typedef {object} MiniOptions
 * @property {string | URL} [base] the location of the model's three files if they were moved: an address, or a folder in Node
 * @property {'auto' | import('./core/dtypes.js').Dtype} [dtype] how to store the table; default 'auto': as in the file, i8
 * @property {AbortSignal} [signal]
 * @property {import('./sources/source.js').OnProgress} [onProgress]
 */

/**
 * Loads the small English model included in this package. Requests go only to the page's own server, or to none in
 * Node.
 * @param {MiniOptions} [options]
 * @returns {Promise<EmbeddingLayer>}
 */
export async function loadMini(options) {
  const { base, ...rest } = optionsOf('loadMini', options, ['base', 'dtype', 'signal', 'onProgress']);
  return EmbeddingLayer.fromPretrained(base ?? filesUntil(rest.signal), rest);
}
