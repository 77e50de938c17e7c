import { env } from '../sources/env.js';
import { modelFiles } from '../sources/files.js';

/** An address of one file: its folder, and the file. */
const FILE = /^(https?:\/\/[^/]+\/(?:.*\/)?)([^/?#]+\.(?:gguf|safetensors|bin|ftz|vec|txt|npy|gz|json)(?:[?#].*)?)$/i;

/** @typedef {import('../sources/address.js').FilesOptions & { file?: string }} CacheOptions */

/**
 * Whether a model is in the cache, so that it would load without a network: whether all is there that its last load used.
 * @param {import('../sources/files.js').ModelLocation} location as it is loaded from
 * @param {CacheOptions} [options] as it is loaded with, as far as they say
 *   where it is: `revision`, `subfolder`, `hub`, `cache`; `file`: only that file of it
 * @returns {Promise<boolean>} false for what needs no cache: folders, and files in memory
 */
export async function isCached(location, options = {}) {
  const { remote, file } = await remoteFiles(location, options);
  return remote ? remote.isCached(file) : false;
}

/**
 * Empties the cache: of everything, or of one model.
 * @param {import('../sources/files.js').ModelLocation} [location] as it is loaded from
 * @param {CacheOptions} [options] as for `isCached`
 */
export async function clearCache(location, options = {}) {
  if (location !== undefined) {
    const { remote, file } = await remoteFiles(location, options);
    await remote?.clear(file);
  } else {
    const { openStore } = await import('../sources/cached.js');
    const store = await openStore(options.cache ?? env.cache);
    await store?.removeAll('');
  }
}

/**
 * @param {import('../sources/files.js').ModelLocation} location
 * @param {CacheOptions} options
 */
async function remoteFiles(location, options) {
  const { RemoteFiles } = await import('../sources/remote.js');
  const file = typeof location === 'string' || location instanceof URL ? FILE.exec(String(location)) : null;
  const files = await modelFiles(file ? file[1] : location, options);
  return { remote: files instanceof RemoteFiles ? files : undefined, file: options.file ?? file?.[2] };
}
