import { WembedError } from '../core/errors.js';
import { collect } from './source.js';
import { Body } from './body.js';
import { Checksum } from './checksum.js';
import { checkRange, contentRange, limited, wholeLength } from './ranges.js';
import { FileOnServer, changed } from './file_on_server.js';
import { backoff, broken as brokenOff, patience, publicUrl, sleep } from './request.js';

/** Bytes of the first request for a file that is read by ranges: most headers are shorter. */
export const HEAD_BYTES = 32768;

/**
 * If a server ignores ranges, reading backwards means downloading again. At most this many bytes are downloaded again.
 */
const MAX_AGAIN = 2 ** 26;

/** How many bytes show that a server sends those that are requested. */
const PROBE = 64;

/** Milliseconds within which a complete download must end. */
const END_DELAY = 200;

/** A connection that broke after at least this many bytes does not count as a failed attempt. */
const PROGRESS = 2 ** 20;

/**
 * @typedef {object} UrlOptions
 * @property {boolean | number} [ranges] the file will be read in parts: the first request asks only for the size and
 *   the first 32 kB, or for the given number of bytes. Otherwise it asks for the whole file, whose bytes wait for the
 *   first reader
 */

/**
 * @typedef {object} StreamOptions
 * @property {boolean} [held] occupies one of the host's connections until all bytes have arrived
 * @property {{ mixed?: boolean }} [origin] `mixed` is set if the bytes cannot be shown to be of the version that was
 *   opened
 */

/**
 * A file on a server; null if the server does not have it (404, 410).
 * @param {string} url
 * @param {import('./request.js').RequestOptions & import('./request.js').Patience & UrlOptions} [options]
 * @returns {Promise<HttpSource | null>}
 */
export async function urlSource(url, options = {}) {
  const source = new HttpSource(url, options);
  return (await source.open(firstBytes(options.ranges))) === 'missing' ? null : source;
}

/**
 * @param {UrlOptions['ranges']} ranges
 * @returns {number} bytes of the first request; 0 for the whole file
 */
export const firstBytes = (ranges = false) => (ranges === true ? HEAD_BYTES : Number(ranges));

/**
 * A file on a server, read on demand. A file that changes while it is read is a `bad_file` error: responses must match
 * the first in ETag, Last-Modified and size.
 */
export class HttpSource extends FileOnServer {
  /** The file's first bytes, held in memory. */
  #head = new Uint8Array(0);
  /** Whether the browser hides which bytes a response has, and none has shown yet that it has those requested. */
  #unproven = false;
  /** A download without a reader at the moment. @type {Body | undefined} */
  #spare;
  /** Whether the server supports ranges; undefined until it has been asked. @type {boolean | undefined} */
  ranged;

  get inOrder() {
    return this.ranged === false;
  }

  /** The file's first bytes, from the first response to a range. */
  get head() {
    return this.#head;
  }

  /**
   * @param {number} first bytes of the first request; 0 for the whole file
   * @param {{ etag?: string, lastModified?: string, attempts?: number }} [known] the ETag or date of a cached copy: if
   *   the file still has it, no content is sent. (RFC 9110, 13.1)
   * @returns {Promise<'opened' | 'missing' | 'same'>}
   */
  async open(first, known = {}) {
    const found = await this.first(first ? { Range: `bytes=0-${first - 1}` } : {}, known);
    if (typeof found === 'string') return found;
    const answer = found;
    if (answer.response.status !== 206) {
      this.#openWhole(answer, first > 0);
      return 'opened';
    }
    try {
      await this.#openRange(answer, first);
      return 'opened';
    } catch (error) {
      answer.discard();
      throw error;
    }
  }

  /**
   * @param {import('./request.js').Answer} answer with the file's first bytes
   * @param {number} first the number of bytes requested
   */
  async #openRange(answer, first) {
    const range = contentRange(answer);
    const asked = { start: 0, end: first };
    checkRange(range, asked, this.url);
    const limit = range?.end ?? first;
    this.ranged = true;
    this.byteLength = range?.size;
    try {
      const head = await collect(limited(this.chunks(answer), 0, limit, this.url));
      // If the browser hides Content-Range, a response shorter than the requested range is the whole file.
      if (!range && head.length < first) this.byteLength = head.length;
      this.#unproven = !range && head.length === first;
      if (!range || head.length === range.end) this.#head = head;
    } catch (error) {
      if (/** @type {WembedError} */ (error).code !== 'network') throw error; // the rest is read again when needed
    }
  }

  /**
   * @param {import('./request.js').Answer} answer
   * @param {boolean} ranges whether ranges were requested, and ignored
   */
  #openWhole(answer, ranges) {
    if (ranges) this.ranged = false;
    this.byteLength = wholeLength(answer.response);
    answer.release(); // reading may start much later
    this.#spare = new Body(answer, this.chunks(answer), 0, true);
  }

  /**
   * @param {number} start
   * @param {number} [end] one past the last byte; default: the file's end
   * @param {AbortSignal} [signal]
   * @returns {Promise<ArrayBuffer>} shorter if the file ends earlier
   */
  async slice(start, end = this.byteLength, signal = this.options.signal) {
    if (this.byteLength !== undefined) end = Math.min(end ?? Infinity, this.byteLength);
    const known = end === undefined ? undefined : Math.max(0, end - start);
    return (await collect(this.stream(signal, start, end, { held: known !== undefined }))).buffer;
  }

  /**
   * Some or all of the bytes, in order. A broken connection is resumed where it broke, if the server supports ranges
   * and says that the file is unchanged. If the server names no version, everything from `start` on is requested again,
   * and must match the bytes already read: bytes of two versions are never joined.
   * @param {AbortSignal} [signal]
   * @param {number} [start]
   * @param {number} [end] default: the file's end
   * @param {StreamOptions} [options]
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *stream(signal = this.options.signal, start = 0, end = this.byteLength, { held = false, origin } = {}) {
    if (this.byteLength !== undefined) end = Math.min(end ?? Infinity, this.byteLength);
    const passed = this.versioned ? undefined : new Checksum();
    let at = start;
    const head = this.#head.subarray(at, end);
    if (head.length > 0 && (this.versioned || at + head.length === end)) {
      at += head.length;
      yield head;
    }
    let failures = 0;
    let since = at;
    /** @type {unknown} why the connection before broke */
    let broken;
    while (end === undefined || at < end) {
      const body = await this.#bodyAt(passed ? start : at, end, signal, held);
      try {
        if (passed) await checkPassed(body, at, passed, this.url);
        else if (broken && !body.vouched) throw unproven(this.url, at, broken);
        if (origin && !passed && !body.vouched) origin.mixed = true;
        for (let bytes; (bytes = await body.next((end ?? Infinity) - at));) {
          at += bytes.length;
          passed?.add(bytes);
          yield bytes;
          if (at === end) break;
        }
        if (end === undefined) return;
        if (at < end) throw brokenOff(this.url, `ended at byte ${at} of ${end}`);
        await this.#putBack(body, at);
      } catch (error) {
        if (at - since >= PROGRESS) failures = 0;
        since = at;
        broken = error;
        const retries =
          /** @type {WembedError} */ (error).code === 'network' && ++failures < patience(this.options).attempts;
        if (!retries || this.ranged === false) throw error;
        await this.#resume(passed ? start : at, end, signal, failures, error);
      } finally {
        if (body !== this.#spare) await body.cancel();
      }
    }
  }

  /**
   * After a broken connection: the next one must be able to begin at any byte, or the failure is final.
   * @param {number} at
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {number} failures
   * @param {unknown} error
   */
  async #resume(at, end, signal, failures, error) {
    await sleep(backoff(failures, this.options), signal);
    if (this.ranged) return;
    this.#spare = undefined;
    const body = await this.#range(at, end, signal, false);
    if (!body) throw error;
    this.#spare = body;
  }

  /**
   * A download at a given byte: the open download if it can reach the byte, otherwise a new one.
   * @param {number} at
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {boolean} held
   * @returns {Promise<Body>}
   */
  async #bodyAt(at, end, signal, held) {
    const spare = this.#spare;
    if (spare && (spare.at === at || (spare.at < at && this.ranged === false))) {
      this.#spare = undefined;
      return spare.skipTo(at);
    }
    if (this.ranged !== false) {
      const body = await this.#range(at, end, signal, held);
      if (body) return body;
    }
    if (at > MAX_AGAIN) throw unreachable(this.url, at);
    const answer = await this.more(signal);
    answer.release();
    const length = wholeLength(answer.response);
    if (answer.response.status === 206 || (length !== undefined && length !== (this.byteLength ?? length))) {
      answer.discard();
      throw changed(this.url, `it had ${this.byteLength} bytes and now has ${length}`);
    }
    return new Body(answer, this.chunks(answer, signal), 0, this.vouches(answer)).skipTo(at);
  }

  /**
   * @param {number} start
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {boolean} held
   * @returns {Promise<Body | undefined>} undefined if the server ignores ranges
   */
  async #range(start, end, signal, held) {
    if (this.#unproven && !(this.ranged = await honoursRanges(this, signal))) return undefined;
    this.#unproven = false;
    const answer = await this.more(signal, `bytes=${start}-${end === undefined ? '' : end - 1}`);
    if (!held) answer.release();
    if (answer.response.status === 200) {
      this.ranged = false;
      answer.discard();
      return undefined;
    }
    this.ranged = true;
    /** @type {ReturnType<typeof contentRange>} */
    let range;
    try {
      range = contentRange(answer);
      checkRange(range, { start, end: end ?? Infinity }, this.url);
      if (range?.size !== undefined && range.size !== (this.byteLength ??= range.size)) {
        throw changed(this.url, `it had ${this.byteLength} bytes and now has ${range.size}`);
      }
    } catch (error) {
      answer.discard();
      throw error;
    }
    return new Body(
      answer,
      limited(this.chunks(answer, signal), start, range?.end ?? end ?? Infinity, this.url),
      start,
      this.vouches(answer),
    );
  }

  /**
   * Keeps an unfinished download for the next reader; a finished one must end here.
   * @param {Body} body
   * @param {number} at
   */
  async #putBack(body, at) {
    if (this.ranged || at === this.byteLength) {
      // A connection read to its end can be reused. A server that announced more bytes than it sends is not waited for.
      const next = body.next(1);
      next.catch(() => {});
      const more = await Promise.race([next, sleep(END_DELAY)]);
      if (more) throw changed(this.url, `it continues after byte ${at}, where it should end`);
    } else {
      this.#spare ??= body;
    }
  }

  /** Closes open downloads. */
  async close() {
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.cancel();
  }
}

/**
 * Skips the bytes of the file that were read before, which must be unchanged.
 * @param {Body} body
 * @param {number} at where reading continues
 * @param {Checksum} passed
 * @param {string} url
 */
async function checkPassed(body, at, passed, url) {
  const again = new Checksum();
  await body.skipTo(at, (bytes) => again.add(bytes));
  if (body.at < at) throw brokenOff(url, `ended at byte ${body.at} of ${at}`);
  if (again.value !== passed.value) throw changed(url, `its bytes before ${at} are different now`);
}

/** @param {string} url @param {number} at @param {unknown} cause */
const unproven = (url, at, cause) =>
  brokenOff(url, `broke off at byte ${at}, and the server does not say that the rest is of the same version`, cause);

/**
 * Where the browser hides Content-Range, a server could send other bytes than those requested: it is asked once for bytes
 * that are known already.
 * @param {HttpSource} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<boolean>}
 */
async function honoursRanges(source, signal) {
  const begin = source.head.length >> 1;
  const end = Math.min(begin + PROBE, source.head.length);
  const known = source.head.subarray(begin, end);
  const answer = await source.more(signal, `bytes=${begin}-${end - 1}`);
  answer.release();
  if (answer.response.status !== 206) {
    answer.discard();
    return false;
  }
  const body = new Body(answer, source.chunks(answer, signal), begin, true);
  let [at, equal] = [0, true];
  for (let bytes; at <= known.length && (bytes = await body.next(known.length + 1));) {
    for (const byte of bytes) equal &&= byte === known[at++];
  }
  await body.cancel();
  return equal && at === known.length;
}

/** @param {string} url @param {number} at */
function unreachable(url, at) {
  const what = `to read from byte ${at} the file would have to be downloaded again from its beginning`;
  return new WembedError('unsupported', `${publicUrl(url)}: the server ignores ranges, and ${what}`, {
    url: publicUrl(url),
    reason: 'no_ranges',
  });
}
