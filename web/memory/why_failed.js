import { asWembedError } from '../core/errors.js';

/**
 * Why one of the package's files could not be loaded.
 * @param {'loadFailure' | 'readFailure'} finder `loadFailure` for a WebAssembly module, `readFailure` for any file
 * @param {unknown} error
 * @param {import('./load_failure.js').Attempt} attempt
 * @returns {Promise<Error>}
 */
export async function whyFailed(finder, error, attempt) {
  const finders = await import('./load_failure.js').catch(() => undefined); // a service worker refuses import()
  return finders ? finders[finder](/** @type {Error} */ (error), attempt) : asWembedError(error, attempt.name);
}
