import { WembedError, throwIfAborted } from '../core/errors.js';
import { builtin, isFolder } from './platform.js';

const CHUNK = 2 ** 20;

/**
 * A file of this machine, in Node; null if it does not exist.
 * @param {URL} url
 * @returns {Promise<import('./source.js').ByteSource | null>}
 */
export async function fileSource(url) {
  const file = await openLocalFile(url).catch((error) => {
    throw unreadable(error, url.href);
  });
  if (!file) return null;
  return handleSource(file.handle, file.size, url.href);
}

/**
 * The content of an open file, up to a length.
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {number} size
 * @param {string} name for messages
 * @returns {import('./source.js').ByteSource}
 */
export function handleSource(handle, size, name) {
  const read = async (/** @type {Uint8Array} */ bytes, /** @type {number} */ length, /** @type {number} */ at) => {
    const { bytesRead } = await handle.read(bytes, 0, length, at).catch((error) => {
      throw unreadable(error, name);
    });
    if (bytesRead === 0) throw new WembedError('bad_file', `${name} ended at byte ${at} of ${size}`);
    return bytesRead;
  };
  return {
    byteLength: size,
    async slice(start, end = size, signal) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let at = 0; at < bytes.length;) {
        throwIfAborted(signal);
        at += await read(bytes.subarray(at), Math.min(bytes.length - at, 2 ** 30), start + at);
      }
      return bytes.buffer;
    },
    async *stream(signal, start = 0, end = size) {
      const last = Math.min(end, size);
      // Two buffers for the whole file: one is filled while the other is in use.
      let [chunk, other] = [1, 2].map(() => new Uint8Array(Math.max(0, Math.min(CHUNK, last - start))));
      let next = start < last ? read(chunk, chunk.length, start) : undefined;
      for (let at = start; next;) {
        throwIfAborted(signal);
        const bytes = chunk.subarray(0, await next);
        at += bytes.length;
        [chunk, other] = [other, chunk];
        next = at < last ? read(chunk, Math.min(chunk.length, last - at), at) : undefined;
        next?.catch(() => {}); // if the reader has stopped, nobody handles the error
        yield bytes;
      }
    },
    close: () => handle.close(),
  };
}

/**
 * @param {unknown} error of the file system
 * @param {string} name
 */
function unreadable(error, name) {
  return new WembedError('bad_file', `${name} cannot be read: ${/** @type {Error} */ (error).message}`, {
    cause: error,
  });
}

/**
 * @param {URL} folder a file: URL
 * @returns {Promise<string[]>} its files' names, encoded as in URLs; empty if there is no such folder
 */
export async function listFolder(folder) {
  const fs = await builtin('fs/promises');
  const names = (await fs?.readdir(folder).catch(() => [])) ?? [];
  return names.map(encodeURIComponent);
}

/**
 * Makes a folder and those above it. `mkdir` with `recursive` never returns where the system says that an existing
 * folder's child cannot be made because there is no parent, as in /proc: here every folder is tried twice at most.
 * @param {string} folder
 */
export async function makeFolder(folder) {
  const [fs, path] = [await builtin('fs/promises'), await builtin('path')];
  if (!fs || !path) return;
  const make = async (/** @type {string} */ each, /** @type {boolean} */ again) => {
    try {
      await fs.mkdir(each);
    } catch (error) {
      const above = path.dirname(each);
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' && !again && above !== each) {
        await make(above, false);
        await make(each, true);
      } else if (!(await isFolder(each))) throw error;
    }
  };
  await make(folder, false);
}

/**
 * Opens a file for reading by ranges; null if it does not exist.
 * @param {URL} url a file: URL
 * @returns {Promise<{ size: number, handle: import('node:fs/promises').FileHandle } | null>}
 */
async function openLocalFile(url) {
  const fs = await builtin('fs/promises');
  if (!fs) return null;
  try {
    const handle = await fs.open(url, 'r');
    const stat = await handle.stat();
    if (stat.isFile()) return { size: stat.size, handle };
    await handle.close();
    return null;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}
