import { WembedError } from './errors.js';

/**
 * What stands behind an import() of one of the package's own scripts: `import('./part.js').catch(importFailed)`.
 * @param {unknown} error
 * @returns {never}
 */
export function importFailed(error) {
  const { message } = /** @type {Error} */ (error);
  if ('ServiceWorkerGlobalScope' in globalThis) {
    const how = "a service worker has no import(): import from 'wembed/static', which has all in one file";
    throw new WembedError('unsupported', how, { cause: error, reason: 'no_import' });
  }
  throw new WembedError('network', `a script of wembed could not be loaded: ${message}`, { cause: error });
}
