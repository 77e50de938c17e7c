import { mustBe } from '../core/arguments.js';
import { refuseRevoked } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { env } from '../sources/env.js';
import { locate } from '../sources/location.js';

/**
 * Whether a model is in the cache, so that it would load without a network: whether all is there that its last load used.
 * @param {import('../sources/files.js').ModelLocation} location as it is loaded from
 * @param {import('../sources/location.js').LocateOptions} [options] as it is loaded with, as far as they say
 *   where it is: `revision`, `subfolder`, `hub`, `cache`; `file`: only that file of it
 * @returns {Promise<boolean>} false for what needs no cache: folders, and files in memory
 */
export async function isCached(location, options = {}) {
  const { remote, file } = await remoteFiles(location, options);
  return remote ? remote.isCached(file) : false;
}

/**
 * Empties the cache: of everything, or of one model.
 * @param {import('../sources/files.js').ModelLocation} [location] as it is loaded from; left out: everything. A single
 *   argument that is undefined is refused: it is a variable that was never set
 * @param {import('../sources/location.js').LocateOptions} [options] as for `isCached`
 */
export async function clearCache(location, options = {}) {
  if (location !== undefined) {
    const { remote, file } = await remoteFiles(location, options);
    await remote?.clear(file);
  } else {
    if (arguments.length === 1) throw mustBe('the location', 'given, or left out for everything', location);
    const { openStore } = await import('../sources/cached.js').catch(importFailed);
    refuseRevoked('options', options);
    const store = await openStore(Object(options).cache ?? env.cache);
    await store?.removeAll('');
  }
}

/**
 * @param {import('../sources/files.js').ModelLocation} location
 * @param {import('../sources/location.js').LocateOptions} options
 */
async function remoteFiles(location, options) {
  const { RemoteFiles } = await import('../sources/remote.js').catch(importFailed);
  const { files, file } = await locate(location, options);
  return { remote: files instanceof RemoteFiles ? files : undefined, file };
}
