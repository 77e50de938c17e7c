/**
 * A Node built-in, or null in a browser. All are imported here: the name is none that a bundler could work out and follow.
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function builtin(name) {
  if (!globalThis.process?.versions?.node) return null;
  return import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);
}

/**
 * The bytes a `file:` URL names, read through Node, whose fetch refuses such URLs; null for any other URL or host.
 * @param {string} url
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
 */
export async function readLocalFile(url) {
  const fs = url.startsWith('file:') ? await builtin('fs/promises') : null;
  return fs && fs.readFile(new URL(url));
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
