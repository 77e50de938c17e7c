import { WembedError, asWembedError, throwIfAborted } from '../errors.js';
import { openLocalFile } from './node.js';

/**
 * Bytes that can be read from, wherever they are. Anything with these two members will do (hyparquet's AsyncBuffer, for
 * one); `stream` is for sources that read faster in one go, and `close` for those that hold something open.
 * @typedef {object} ByteSource
 * @property {number} [byteLength] undefined where a server does not say
 * @property {(start: number, end?: number) => ArrayBuffer | Promise<ArrayBuffer>} slice
 * @property {(signal?: AbortSignal) => AsyncIterable<Uint8Array>} [stream] all bytes, in order
 * @property {() => Promise<void>} [close]
 * @property {boolean} [inOrder] it can only be read once, from front to back, by `stream`
 */

const CHUNK = 2 ** 20;

/**
 * All of a source in order, a chunk at a time.
 * @param {ByteSource} source
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* chunksOf(source, signal) {
  if (source.stream) {
    yield* source.stream(signal);
    return;
  }
  const size = source.byteLength ?? 0;
  for (let start = 0; start < size; start += CHUNK) {
    throwIfAborted(signal);
    const end = Math.min(start + CHUNK, size);
    const bytes = new Uint8Array(await source.slice(start, end));
    if (bytes.length !== end - start) {
      throw new WembedError('bad_file', `slice(${start}, ${end}) gave ${bytes.length} bytes`);
    }
    yield bytes;
  }
}

/**
 * @param {Uint8Array | ArrayBuffer} bytes
 * @returns {ByteSource}
 */
export function bytesSource(bytes) {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return {
    byteLength: view.length,
    slice: (start, end) => view.slice(start, end).buffer,
    stream: async function* () {
      yield view;
    },
  };
}

/**
 * @param {Blob} blob or File
 * @returns {ByteSource}
 */
export function blobSource(blob) {
  return { byteLength: blob.size, slice: (start, end) => blob.slice(start, end).arrayBuffer() };
}

/**
 * A file of this machine's, in Node; null if there is none.
 * @param {URL} url
 * @returns {Promise<ByteSource | null>}
 */
export async function fileSource(url) {
  const file = await openLocalFile(url);
  if (!file) return null;
  const { handle, size } = file;
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer.slice(0, bytesRead);
    },
    async *stream(signal) {
      const chunk = new Uint8Array(CHUNK); // one buffer for the whole file: readers copy before they ask for more
      for (let at = 0; at < size;) {
        throwIfAborted(signal);
        const { bytesRead } = await handle.read(chunk, 0, CHUNK, at);
        if (bytesRead === 0) throw new WembedError('bad_file', `${url} ended at byte ${at} of ${size}`);
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    },
    close: () => handle.close(),
  };
}

/**
 * A file on a server; null where the server has none (404, 410).
 * @param {string} url
 * @param {{ signal?: AbortSignal, fetch?: typeof fetch, headers?: Record<string, string> }} [options]
 * @returns {Promise<ByteSource | null>}
 */
export async function urlSource(url, { signal, fetch: get = globalThis.fetch, headers } = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await get(url, { signal, headers });
  } catch (error) {
    throw asWembedError(error, url, signal);
  }
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    return null;
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new WembedError('network', `${url} answered ${response.status} ${response.statusText}`.trim());
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw new WembedError('bad_file', `${url} answered an HTML page instead of a file`);
  }
  return responseSource(response, url, signal);
}

/**
 * @param {Response} response whose body is read once, by `stream` or by the first `slice`
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {ByteSource}
 */
function responseSource(response, url, signal) {
  // A compressed answer's Content-Length counts other bytes than those that arrive.
  const length = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
  const byteLength = length === null ? undefined : Number(length);
  /** @type {Promise<ArrayBuffer> | undefined} */
  let whole;
  return {
    byteLength,
    inOrder: true,
    async slice(start, end) {
      whole ??= response.arrayBuffer();
      return (await whole).slice(start, end);
    },
    async *stream() {
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      try {
        for (;;) {
          throwIfAborted(signal);
          const { done, value } = await reader.read();
          if (done) return;
          yield value;
        }
      } catch (error) {
        throw asWembedError(error, url, signal);
      } finally {
        reader.cancel().catch(() => {});
      }
    },
    close: async () => {
      if (!whole && !response.body?.locked) await response.body?.cancel();
    },
  };
}
