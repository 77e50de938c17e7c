// Where the program runs: only this module and page.js detect this.
import { WembedError } from '../core/errors.js';

/** Whether this is Node, or an environment with Node's built-in modules. */
export const inNode = () => !!globalThis.process?.versions?.node;

/**
 * The address of the page or worker, to which relative addresses refer; undefined in Node.
 * @returns {string | undefined}
 */
export const pageAddress = () => globalThis.location?.href;

/**
 * The Node modules that the library uses.
 * @typedef {{ 'fs/promises': typeof import('node:fs/promises'), path: typeof import('node:path'),
 *   os: typeof import('node:os'), crypto: typeof import('node:crypto'), process: typeof import('node:process'),
 *   url: typeof import('node:url'), module: typeof import('node:module'),
 *   worker_threads: typeof import('node:worker_threads') }} Builtins
 */

/**
 * A Node module, or null in a browser. All are imported here, under a name that bundlers cannot resolve.
 * @template {keyof Builtins} K
 * @param {K} name
 * @returns {Promise<Builtins[K] | null>}
 */
export async function builtin(name) {
  if (!inNode()) return null;
  // Without import() where possible: a program in Jest may not use it, nor one that a bundler made for CommonJS.
  const found = globalThis.process.getBuiltinModule?.(name);
  if (found) return /** @type {Builtins[K]} */ (found);
  return import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);
}

/**
 * Node's threads, at once; undefined in a browser.
 * @returns {Builtins['worker_threads'] | undefined}
 */
export const threads = () => globalThis.process?.getBuiltinModule?.('worker_threads');

/**
 * The bytes of a `file:` URL, read through Node, whose fetch refuses such URLs; null for any other URL or host.
 * @param {string} url
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
 */
export async function readLocalFile(url) {
  const fs = url.startsWith('file:') ? await builtin('fs/promises') : null;
  try {
    return fs && (await fs.readFile(new URL(url)));
  } catch (cause) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause);
    throw code === 'ENOENT'
      ? new WembedError('not_found', `there is no file ${url}`, { cause, url })
      : new WembedError('bad_file', `${url} cannot be read: ${message}`, { cause, url, reason: 'unreadable' });
  }
}

/**
 * A path as a file: URL.
 * @param {string} path absolute, or relative to the working directory
 * @returns {Promise<URL | null>} null outside Node
 */
export async function fileUrl(path) {
  const url = await builtin('url');
  return url && url.pathToFileURL(path);
}

/**
 * The same for a folder: the URL ends in a slash.
 * @param {string} path
 */
export const folderUrl = (path) => fileUrl(path.endsWith('/') ? path : `${path}/`);

/**
 * Whether a path is a folder of this machine; false outside Node.
 * @param {string | URL} path or a file: URL
 * @returns {Promise<boolean>}
 */
export async function isFolder(path) {
  const fs = await builtin('fs/promises');
  if (!fs) return false;
  return fs.stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}
