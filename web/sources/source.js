import {
  WembedError,
  asObject,
  asWembedError,
  isA,
  kindOf,
  refuseRevoked,
  shown,
  throwIfAborted,
} from '../core/errors.js';

/**
 * Bytes to read from. Any object with `byteLength` and `slice` is a source (hyparquet's AsyncBuffer, for example).
 * `stream` is for sources that read faster in one pass, and `close` for those that hold an open resource.
 * @typedef {object} ByteSource
 * @property {number} [byteLength] undefined if a server does not send it
 * @property {(start: number, end?: number, signal?: AbortSignal) => ArrayBuffer | Promise<ArrayBuffer>} slice the
 *   bytes from `start` up to `end`, or to the last
 * @property {(signal?: AbortSignal, start?: number, end?: number) => AsyncIterable<Uint8Array>} [stream] the bytes from
 * `start` up to `end`, all by default, in order; a chunk is valid until the next is requested
 * @property {() => Promise<void>} [close] called when reading has ended
 * @property {(error?: unknown) => Promise<void>} [settle] called when reading has ended: refused files leave the cache
 * @property {number} [received] bytes received from a server
 * @property {boolean} [inOrder] true: reading a part means reading everything before it, so read once, from front to
 *   back
 */

/** A file: its bytes, or where they are. A string is a text, not a path. @typedef {Uint8Array | ArrayBuffer | Blob | string | ByteSource} FileContent */

/**
 * Called as files load, with bytes. `total` is 0 if the source does not say its length. `overall`, of a model's load: of all
 * files so far; its total is 0 while that of one is not known, and grows as files are opened.
 * @typedef {(event: { status: 'progress' | 'done', file: string, loaded: number, total: number,
 *   overall?: { loaded: number, total: number } }) => void} OnProgress
 */

/** Bytes requested at a time from a source without a stream. */
const CHUNK = 2 ** 22;

/**
 * A source's bytes in order, in chunks.
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
    // The next piece is requested before this one is used, so that reading and converting overlap.
    next = at + CHUNK < last ? piece(source, at + CHUNK, last, signal) : undefined;
    next?.catch(() => {}); // if the reader has stopped, nobody handles the error
    yield bytes;
  }
}

/**
 * @param {ByteSource} source
 * @param {number} start
 * @param {number} last
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array>} the bytes from `start` on, at most one chunk
 */
async function piece(source, start, last, signal) {
  const end = Math.min(start + CHUNK, last);
  let bytes;
  try {
    bytes = new Uint8Array(await sliceOf(source, start, end, signal));
  } catch (error) {
    throw asWembedError(error, `bytes ${start} to ${end}`, signal);
  }
  if (bytes.length === end - start) return bytes;
  throw new WembedError('bad_file', `the file is truncated: slice(${start}, ${end}) gave ${bytes.length} bytes`);
}

/**
 * The forms in which a file's content may be given; a string is its text.
 * @param {FileContent} content
 * @returns {ByteSource}
 */
export function contentSource(content) {
  refuseRevoked("a file's content", content);
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content));
  if (isA(content, Blob)) return blobSource(content);
  if (ArrayBuffer.isView(content)) {
    const { buffer, byteOffset, byteLength } = content;
    // No view of a detached buffer can be made.
    return bytesSource(new Uint8Array(/** @type {ArrayBuffer} */ (byteLength && buffer), byteOffset, byteLength));
  }
  // Recognized by its tag, because an ArrayBuffer of another realm (a test's, a frame's) is not an instance of this
  // realm's class.
  if (isBuffer(content)) {
    return bytesSource(new Uint8Array(/** @type {ArrayBuffer} */ (content)));
  }
  if (isSource(content)) return content;
  throw new WembedError('invalid_argument', `a file's content cannot be ${shown(content)}`);
}

/**
 * Whether a value is a file's bytes, or an object that gives them.
 * @param {unknown} value
 * @returns {value is Exclude<FileContent, string>}
 */
export const isContent = (value) => ArrayBuffer.isView(value) || isBuffer(value) || isA(value, Blob) || isSource(value);

/**
 * Whether a value is an ArrayBuffer, of this realm or another.
 * @param {unknown} value
 * @returns {value is ArrayBuffer}
 */
const isBuffer = (value) => kindOf(asObject(value)) === 'ArrayBuffer';

/**
 * Some bytes of a source, fewer if it ends earlier.
 * @param {ByteSource} source
 * @param {number} start
 * @param {number} end
 * @returns {Promise<ArrayBuffer>}
 */
export const bytesOf = async (source, start, end) =>
  sliceOf(source, start, Math.max(start, Math.min(end, source.byteLength ?? Infinity)));

/**
 * A part of a source, which may be the caller's own object.
 * @param {ByteSource} source
 * @param {number} start
 * @param {number} end
 * @param {AbortSignal} [signal]
 * @returns {Promise<ArrayBuffer>}
 */
async function sliceOf(source, start, end, signal) {
  const bytes = await source.slice(start, end, signal);
  if (isBuffer(bytes)) return bytes;
  if (ArrayBuffer.isView(bytes)) return Uint8Array.from(bytesOfView(bytes)).buffer;
  throw new WembedError('invalid_argument', `a source's slice must give an ArrayBuffer, got ${shown(typeof bytes)}`);
}

/** @param {ArrayBufferView} view */
const bytesOfView = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

/**
 * @param {unknown} value
 * @returns {value is ByteSource}
 */
export function isSource(value) {
  if (isA(value, Blob)) return true;
  const { slice, stream } = asObject(value);
  if (typeof slice !== 'function' || value instanceof Blob) return false;
  if (typeof stream === 'function') return true;
  try {
    return typeof asObject(value).byteLength === 'number';
  } catch {
    return false; // of a Proxy of an ArrayBuffer, say, it cannot be read
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

/** What may be in place of a file, by its first characters: a stable reason, and a description. */
const KINDS = /** @type {[RegExp, string, string][]} */ ([
  [
    /^version( https:\/\/git-lfs| $)/,
    'git_lfs',
    'a Git LFS pointer, not the file: run `git lfs pull`, or download it from the hub',
  ],
  [/^\s*<(!do|html)/i, 'html', 'an HTML page'],
  [/^\s*<\?xm/i, 'xml', 'an XML document'],
  [/^PK[^ -~]{2}/, 'zip', 'a zip archive'],
]);

/** @param {Uint8Array} bytes */
function foundIn(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 64)).replace(/^\xef\xbb\xbf/, '');
  return KINDS.find(([pattern]) => pattern.test(text));
}

/**
 * Whether a file is clearly something else, put in its place by a server or Git.
 * @param {Uint8Array} bytes the first bytes, at least 8
 */
export const isForeign = (bytes) => foundIn(bytes) !== undefined;

/**
 * Refuses such a file.
 * @param {string} name for messages
 * @param {Uint8Array} bytes the first bytes, at least 8
 */
export function refuseForeign(name, bytes) {
  const [, reason, what] = foundIn(bytes) ?? [];
  if (what) throw new WembedError('bad_file', `${name} is ${what}`, { reason });
}
