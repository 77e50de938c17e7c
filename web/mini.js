import { EmbeddingLayer } from './models/layer.js';

/**
 * The model's files. The `new URL` calls stand in full because bundlers look for exactly this form.
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

/**
 * Loads the small English model that comes with this package: nothing leaves the machine or the page's own server.
 * @param {import('./models/model.js').LoadOptions} [options]
 * @returns {Promise<EmbeddingLayer>}
 */
export const loadMini = (options = {}) => EmbeddingLayer.fromPretrained(filesUntil(options.signal), options);
