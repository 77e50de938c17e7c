import { WembedError } from '../core/errors.js';

/** @typedef {import('./byte_window.js').ByteWindow} ByteWindow */

/**
 * Decompresses the rest of a gzipped stream on demand.
 * @param {ByteWindow} window
 * @param {string} name for messages
 * @returns {import('./byte_window.js').Pull & { cancel: () => Promise<void> }}
 */
export function gunzip(window, name) {
  /** @type {unknown} an error of the source: it is thrown unchanged, not as a gzip error */
  let failed;
  const packed = new ReadableStream({
    async pull(controller) {
      try {
        if (window.length === 0) await window.more();
        if (window.length === 0) return controller.close();
        controller.enqueue(window.bytes.slice(window.begin, window.end));
        window.begin = window.end;
      } catch (error) {
        failed = error;
        controller.error(error);
      }
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  let chunk = new Uint8Array(0);
  return {
    async next(limit) {
      while (chunk.length === 0) {
        try {
          const { done, value } = await reader.read();
          if (done) return null;
          chunk = value;
        } catch (cause) {
          throw (
            failed ?? new WembedError('bad_file', `${name} is not a complete gzip file: ${message(cause)}`, { cause })
          );
        }
      }
      const bytes = chunk.subarray(0, limit);
      chunk = chunk.subarray(bytes.length);
      return bytes;
    },
    cancel: () => reader.cancel(),
  };
}

/** @param {unknown} error */
const message = (error) => (error instanceof Error ? error.message : String(error));
