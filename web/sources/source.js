import { WembedError, asWembedError, shown, throwIfAborted } from '../core/errors.js';

/**
 * Bytes that can be read from, wherever they are. Anything with `byteLength` and `slice` will do (hyparquet's AsyncBuffer,
 * for one); `stream` is for sources that read faster in one go, and `close` for those that hold something open.
 * @typedef {object} ByteSource
 * @property {number} [byteLength] undefined where a server does not say
 * @property {(start: number, end?: number, signal?: AbortSignal) => ArrayBuffer | Promise<ArrayBuffer>} slice
 * @property {(signal?: AbortSignal, start?: number, end?: number) => AsyncIterable<Uint8Array>} [stream] the bytes from
 *   `start` up to `end`, all by default, in order; a chunk is good until the next is asked for
 * @property {() => Promise<void>} [close]
 * @property {(error?: unknown) => Promise<void>} [settle] to be told how reading ended: what was refused leaves the cache
 * @property {number} [received] bytes that a server has sent
 * @property {boolean} [inOrder] every part costs all that comes before it: to be read once, from front to back
 */

/** @typedef {Uint8Array | ArrayBuffer | Blob | string | ByteSource} FileContent */

/**
 * Called as files load. `total` is 0 where the source does not say how long it is.
 * @typedef {(event: { status: 'progress' | 'done', file: string, loaded: number, total: number }) => void} OnProgress
 */

/** What is asked for at a time where a source has no stream. */
const CHUNK = 2 ** 22;

/**
 * A source's bytes in order, a chunk at a time.
 * @param {ByteSource} source
 * @param {AbortSignal} [signal]
 * @param {number} [start]
 * @param {number} [end] one past the last; default: the source's end
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* chunksOf(source, signal, start = 0, end = source.byteLength) {
  if (source.stream) {
    yield* source.stream(signal, start, end);
    return;
  }
  const last = end ?? 0;
  let next = start < last ? piece(source, start, last, signal) : undefined;
  for (let at = start; next; at += CHUNK) {
    throwIfAborted(signal);
    const bytes = await next;
    // The next piece is asked for before this one is used: reading and converting go on at once.
    next = at + CHUNK < last ? piece(source, at + CHUNK, last, signal) : undefined;
    next?.catch(() => {}); // where the reader has gone, nobody else hears of it
    yield bytes;
  }
}

/**
 * @param {ByteSource} source
 * @param {number} start
 * @param {number} last
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array>} the bytes from `start` on, a chunk of them at most
 */
async function piece(source, start, last, signal) {
  const end = Math.min(start + CHUNK, last);
  let bytes;
  try {
    bytes = new Uint8Array(await source.slice(start, end, signal));
  } catch (error) {
    throw asWembedError(error, `bytes ${start} to ${end}`, signal);
  }
  if (bytes.length === end - start) return bytes;
  throw new WembedError('bad_file', `the file is truncated: slice(${start}, ${end}) gave ${bytes.length} bytes`);
}

/**
 * What a file's content may be given as; a string is its text.
 * @param {FileContent} content
 * @returns {ByteSource}
 */
export function contentSource(content) {
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content));
  if (content instanceof Blob) return blobSource(content);
  if (ArrayBuffer.isView(content)) {
    const { buffer, byteOffset, byteLength } = content;
    // Of a detached buffer no view can be made.
    return bytesSource(new Uint8Array(/** @type {ArrayBuffer} */ (byteLength && buffer), byteOffset, byteLength));
  }
  // By its tag, because one of another realm (a test's, a frame's) is no instance of ours.
  if (Object.prototype.toString.call(content) === '[object ArrayBuffer]') {
    return bytesSource(new Uint8Array(/** @type {ArrayBuffer} */ (content)));
  }
  if (isSource(content)) return content;
  throw new WembedError('invalid_argument', `a file's content cannot be ${shown(content)}`);
}

/**
 * Whether a value is a file's bytes, or gives them.
 * @param {unknown} value
 * @returns {value is Exclude<FileContent, string>}
 */
export const isContent = (value) =>
  ArrayBuffer.isView(value) ||
  Object.prototype.toString.call(value) === '[object ArrayBuffer]' ||
  value instanceof Blob ||
  isSource(value);

/**
 * Some bytes of a source, fewer where it ends.
 * @param {ByteSource} source
 * @param {number} start
 * @param {number} end
 * @returns {Promise<ArrayBuffer>}
 */
export const bytesOf = async (source, start, end) =>
  source.slice(start, Math.max(start, Math.min(end, source.byteLength ?? Infinity)));

/**
 * @param {unknown} value
 * @returns {value is ByteSource}
 */
export function isSource(value) {
  const { slice, stream, byteLength } = /** @type {Partial<ByteSource>} */ (value ?? {});
  return typeof slice === 'function' && (typeof stream === 'function' || typeof byteLength === 'number');
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
    stream: async function* (_, start, end) {
      yield view.subarray(start, end);
    },
  };
}

/**
 * @param {Blob} blob or File
 * @returns {ByteSource}
 */
export function blobSource(blob) {
  return {
    byteLength: blob.size,
    slice: (start, end) =>
      blob
        .slice(start, end)
        .arrayBuffer()
        .catch((/** @type {Error} */ error) => {
          throw new WembedError('bad_file', `a file cannot be read: ${error.message}`, { cause: error });
        }),
  };
}

/**
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function collect(chunks) {
  /** @type {Uint8Array[]} */
  const parts = [];
  for await (const bytes of chunks) parts.push(bytes);
  return joined(parts);
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const bytes of parts) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** What comes in place of a file, by its first characters: a stable reason, and what it is. */
const KINDS = /** @type {[RegExp, string, string][]} */ ([
  [
    /^version( https:\/\/git-lfs| $)/,
    'git_lfs',
    'a Git LFS pointer, not the file: run `git lfs pull`, or take it from the hub',
  ],
  [/^\s*<(!do|html)/i, 'html', 'an HTML page'],
  [/^\s*<\?xm/i, 'xml', 'an XML document'],
  [/^PK[^ -~]{2}/, 'zip', 'a zip archive'],
]);

/** @param {Uint8Array} bytes */
function kindOf(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 64)).replace(/^\xef\xbb\xbf/, '');
  return KINDS.find(([pattern]) => pattern.test(text));
}

/**
 * Whether a file is plainly something else: what a server or Git has put in its place.
 * @param {Uint8Array} bytes its first ones, 8 at least
 */
export const isForeign = (bytes) => kindOf(bytes) !== undefined;

/**
 * Refuses such a file.
 * @param {string} name for messages
 * @param {Uint8Array} bytes its first ones, 8 at least
 */
export function refuseForeign(name, bytes) {
  const [, reason, what] = kindOf(bytes) ?? [];
  if (what) throw new WembedError('bad_file', `${name} is ${what}`, { reason });
}
