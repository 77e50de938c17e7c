// One download for callers that ask for the same file at the same time: React's StrictMode mounts every component twice.
import { WembedError, callback, throwIfAborted } from '../core/errors.js';
import { readAddress } from './assets.js';

/** @typedef {import('./assets.js').AssetName} AssetName */

/**
 * @typedef {object} Listener
 * @property {(loaded: number, total: number) => void} onBytes
 * @property {(error: unknown) => void} fail
 */

/**
 * @typedef {object} Download
 * @property {Promise<Uint8Array<ArrayBuffer>>} bytes
 * @property {Set<Listener>} listeners
 * @property {AbortController} controller
 */

/** Downloads under way, by address. @type {Map<string, Download>} */
const underWay = new Map();

/** How often a file is asked for, and the milliseconds before the second time; each later pause is twice as long. */
const [ATTEMPTS, PAUSE] = [3, 300];

/**
 * The bytes of a file; callers who share them must not change them.
 * @param {string} url
 * @param {{ name?: AssetName, file: string, signal?: AbortSignal,
 *   onProgress?: import('./source.js').OnProgress }} options `file` is its name for `onProgress`
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function sharedDownload(url, { name, file, signal, onProgress }) {
  throwIfAborted(signal);
  const download = underWay.get(url) ?? start(url, name);
  return new Promise((resolve, reject) => {
    /** @type {Listener} */
    const listener = {
      onBytes: (loaded, total) => report('progress', loaded, total),
      fail: (error) => {
        leave();
        reject(error);
      },
    };
    const report = (
      /** @type {'progress' | 'done'} */ status,
      /** @type {number} */ loaded,
      /** @type {number} */ total,
    ) => {
      if (onProgress) callback(onProgress, { status, file, loaded, total });
    };
    const abort = () =>
      listener.fail(new WembedError('aborted', `reading ${file} was aborted`, { cause: signal?.reason }));
    const leave = () => {
      signal?.removeEventListener('abort', abort);
      download.listeners.delete(listener);
      // Another caller may follow at once: StrictMode's second mount comes in the same task.
      setTimeout(() => download.listeners.size === 0 && download.controller.abort(), 0);
    };
    signal?.addEventListener('abort', abort);
    download.listeners.add(listener);
    download.bytes.then((bytes) => {
      if (!download.listeners.has(listener)) return;
      try {
        report('done', bytes.length, bytes.length);
        leave();
        resolve(bytes);
      } catch (error) {
        listener.fail(error);
      }
    }, listener.fail);
  });
}

/**
 * @param {string} url
 * @param {AssetName | undefined} name
 * @returns {Download}
 */
function start(url, name) {
  /** @type {Set<Listener>} */
  const listeners = new Set();
  const controller = new AbortController();
  const onBytes = (/** @type {number} */ loaded, /** @type {number} */ total) => {
    for (const listener of [...listeners]) {
      try {
        listener.onBytes(loaded, total);
      } catch (error) {
        listener.fail(error); // the error of one caller's function is that caller's
      }
    }
  };
  const { signal } = controller;
  const body = (/** @type {Response} */ response) => counted(response, onBytes);
  const bytes = patiently(async () => viewOf(await readAddress(url, { name, signal, body })), signal);
  const download = { bytes, listeners, controller };
  underWay.set(url, download);
  const end = () => underWay.get(url) === download && underWay.delete(url);
  bytes.then(end, end);
  controller.signal.addEventListener('abort', end);
  return download;
}

/**
 * Tries again after failures that may pass.
 * @param {() => Promise<Uint8Array<ArrayBuffer>>} read
 * @param {AbortSignal} signal
 */
async function patiently(read, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const { code, status } = /** @type {Partial<WembedError>} */ (error);
      const passes = code ? code === 'network' && /^(408|425|429|5\d\d)$/.test(String(status)) : true;
      if (!passes || signal.aborted || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (attempt - 1)));
    }
  }
}

/** @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes */
const viewOf = (bytes) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));

/**
 * @param {Response} response
 * @param {(loaded: number, total: number) => void} onBytes is called as bytes arrive; a total of 0 is not known
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function counted(response, onBytes) {
  // The length of compressed bytes says nothing about those that arrive.
  const total = response.headers.get('content-encoding') ? 0 : Number(response.headers.get('content-length'));
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  let bytes = new Uint8Array(total || 2 ** 20);
  let loaded = 0;
  for (let part; (part = (await reader.read()).value);) {
    if (loaded + part.length > bytes.length) {
      const larger = new Uint8Array(2 * (loaded + part.length));
      larger.set(bytes.subarray(0, loaded));
      bytes = larger;
    }
    bytes.set(part, loaded);
    loaded += part.length;
    onBytes(loaded, total);
  }
  return loaded === bytes.length ? bytes : bytes.slice(0, loaded);
}
