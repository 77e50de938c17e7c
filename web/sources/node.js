/**
 * A Node built-in, or null in a browser. The name is not a literal, so that no bundler tries to follow it.
 * @param {string} name
 * @returns {Promise<any>}
 */
async function builtin(name) {
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
 * Opens a file for reading by ranges; null if there is none. Node only.
 * @param {URL} url a file: URL
 * @returns {Promise<{ size: number, handle: import('node:fs/promises').FileHandle } | null>}
 */
export async function openLocalFile(url) {
  const fs = await builtin('fs/promises');
  try {
    const handle = await fs.open(url, 'r');
    const stat = await handle.stat();
    if (stat.isFile()) return { size: stat.size, handle };
    await handle.close();
    return null;
  } catch (error) {
    const code = /** @type {any} */ (error)?.code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

/**
 * A folder path as a file: URL that ends in a slash.
 * @param {string} path absolute, or relative to the working directory
 * @returns {Promise<URL | null>} null outside Node
 */
export async function folderUrl(path) {
  const url = await builtin('url');
  return url && url.pathToFileURL(path.endsWith('/') ? path : `${path}/`);
}
