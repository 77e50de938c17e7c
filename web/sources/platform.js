// The only module that asks where the program runs: in Node or a browser, and what there is.
import { WembedError } from '../core/errors.js';

/** Whether this is Node, or something that has its built-ins. */
export const inNode = () => !!globalThis.process?.versions?.node;

/**
 * A Node built-in, or null in a browser. All are imported here, by a name that no bundler can work out and follow.
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function builtin(name) {
  if (!inNode()) return null;
  return import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);
}

/**
 * The bytes a `file:` URL names, read through Node, whose fetch refuses such URLs; null for any other URL or host.
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
 * The same of a folder: the URL ends in a slash.
 * @param {string} path
 */
export const folderUrl = (path) => fileUrl(path.endsWith('/') ? path : `${path}/`);

/**
 * Whether a path is a folder of this machine's; false outside Node.
 * @param {string | URL} path or a file: URL
 * @returns {Promise<boolean>}
 */
export async function isFolder(path) {
  const fs = await builtin('fs/promises');
  if (!fs) return false;
  return fs.stat(path).then(
    (/** @type {import('node:fs').Stats} */ stat) => stat.isDirectory(),
    () => false,
  );
}

/** The address of the page or worker, which relative addresses belong to; undefined in Node. @returns {string | undefined} */
export const pageAddress = () => globalThis.location?.href;

/**
 * A browser's Cache of a name; undefined where there is none: in Node, and in insecure or opaque origins.
 * @param {string} name
 * @returns {Promise<Cache | undefined>}
 */
export async function browserCache(name) {
  try {
    return await globalThis.caches.open(name);
  } catch {
    return undefined;
  }
}

/** Web cryptography; undefined in insecure origins. @returns {SubtleCrypto | undefined} */
export const subtleCrypto = () => globalThis.crypto?.subtle;

/**
 * Whether the page may not ask an address, as far as its own says: plain http from https.
 * @param {string} url
 */
export const isMixedContent = (url) =>
  !!pageAddress()?.startsWith('https:') && /^http:\/\/(?!localhost|127\.|\[::1\])/.test(url);

/**
 * Listens for what the page's Content-Security-Policy forbids, until `stop`.
 * @returns {{ stop: () => void, hasBlocked: (url: string) => Promise<boolean> }} hasBlocked: whether it was that origin
 */
export function watchPolicy() {
  const target = globalThis.document ?? globalThis;
  if (typeof target.addEventListener !== 'function') return { stop: () => {}, hasBlocked: async () => false }; // Node
  /** @type {string[]} */
  const blocked = [];
  const note = (/** @type {Event} */ event) =>
    blocked.push(String(/** @type {SecurityPolicyViolationEvent} */ (event).blockedURI));
  target.addEventListener('securitypolicyviolation', note);
  return {
    stop: () => target.removeEventListener('securitypolicyviolation', note),
    hasBlocked: async (url) => {
      await new Promise((resolve) => setTimeout(resolve, 0)); // the event comes in a task of its own
      const { origin } = new URL(url);
      return blocked.some((each) => URL.canParse(each) && new URL(each).origin === origin);
    },
  };
}
