import { WembedError } from '../core/errors.js';
import { collect } from './source.js';
import { Body } from './body.js';
import { Checksum } from './checksum.js';
import { checkRange, contentRange, limited, wholeLength } from './ranges.js';
import { FileOnServer, changed } from './file_on_server.js';
import { backoff, broken as brokenOff, patience, publicUrl, sleep } from './request.js';

/** What a first request of a file to be read by ranges asks for: most headers are no longer. */
export const HEAD_BYTES = 32768;

/** To read backwards where ranges are ignored is to download again: so many bytes are, and no more. */
const MAX_AGAIN = 2 ** 26;

/** Milliseconds in which a download that is complete must end. */
const END_DELAY = 200;

/** A connection that broke after this much has done enough to be tried again as often as a new one. */
const PROGRESS = 2 ** 20;

/**
 * @typedef {object} UrlOptions
 * @property {boolean | number} [ranges] it will be read in parts: the first request asks for the size and the first 32 kB,
 *   or so many bytes, only. Otherwise it is for the whole file, whose bytes wait for whoever reads first
 */

/**
 * @typedef {object} StreamOptions
 * @property {boolean} [held] the host has one connection less until all is here
 * @property {{ mixed?: boolean }} [origin] is told of bytes that nothing shows to be of the version that was opened
 */

/**
 * A file on a server; null where the server has none (404, 410).
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
 * @returns {number} how many bytes to ask for first; 0 for the whole file
 */
export const firstBytes = (ranges = false) => (ranges === true ? HEAD_BYTES : Number(ranges));

/**
 * A file on a server, read as it is asked for. What changes while it is read is a `bad_file` error: answers must agree in
 * ETag, Last-Modified and size with the first.
 */
export class HttpSource extends FileOnServer {
  /** Bytes from the file's first, kept. */
  #head = new Uint8Array(0);
  /** A download that nobody reads at the moment. @type {Body | undefined} */
  #spare;
  /** Whether the server answers a range with that range; undefined until it has been asked. @type {boolean | undefined} */
  ranged;

  get inOrder() {
    return this.ranged === false;
  }

  /** The bytes that came with the first answer to a range, from the file's first on. */
  get head() {
    return this.#head;
  }

  /**
   * @param {number} first how many bytes to ask for first; 0 for the whole file
   * @param {{ etag?: string, lastModified?: string, attempts?: number }} [known] the ETag, or date, of a copy at hand: if
   *   the file still has it, nothing comes. (RFC 9110, 13.1)
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
   * @param {number} first how many were asked for
   */
  async #openRange(answer, first) {
    const range = contentRange(answer);
    const wanted = { start: 0, end: first };
    checkRange(range, wanted, this.url);
    const limit = range?.end ?? first;
    this.ranged = true;
    this.byteLength = range?.size;
    try {
      const head = await collect(limited(this.chunks(answer), 0, limit, this.url));
      // Where the browser hides Content-Range, an answer that is shorter than was asked for is the whole file.
      if (!range && head.length < first) this.byteLength = head.length;
      if (!range || head.length === range.end) this.#head = head;
    } catch (error) {
      if (/** @type {WembedError} */ (error).code !== 'network') throw error; // what broke off is read again when needed
    }
  }

  /**
   * @param {import('./request.js').Answer} answer
   * @param {boolean} ranges were asked for, and ignored
   */
  #openWhole(answer, ranges) {
    if (ranges) this.ranged = false;
    this.byteLength = wholeLength(answer.response);
    answer.release(); // it may be long before anybody reads
    this.#spare = new Body(answer, this.chunks(answer), 0, true);
  }

  /**
   * @param {number} start
   * @param {number} [end] one past the last byte; default: the file's end
   * @param {AbortSignal} [signal]
   * @returns {Promise<ArrayBuffer>} shorter where the file ends earlier
   */
  async slice(start, end = this.byteLength, signal = this.options.signal) {
    if (this.byteLength !== undefined) end = Math.min(end ?? Infinity, this.byteLength);
    const known = end === undefined ? undefined : Math.max(0, end - start);
    return (await collect(this.stream(signal, start, end, { held: known !== undefined }))).buffer;
  }

  /**
   * Some or all of the bytes, in order. A connection that breaks is taken up again where it broke, if the server can and
   * says that the file is still the same. Where it names no version, all is asked for once more from `start`, and what has
   * already been read must be the same in it: bytes of two versions are never joined.
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
   * After a connection has broken: the next one must be able to begin anywhere, or the failure stands.
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
   * A download that stands at a byte: the one at hand if it will get there, else a new one.
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
    if (at > MAX_AGAIN) {
      const what = `to read from byte ${at} it would have to be downloaded from its beginning once more`;
      const url = publicUrl(this.url);
      throw new WembedError('unsupported', `${url}: the server ignores ranges, and ${what}`, {
        url,
        reason: 'no_ranges',
      });
    }
    const answer = await this.more(signal);
    answer.release();
    const length = wholeLength(answer.response);
    if (answer.response.status === 206 || (length !== undefined && length !== (this.byteLength ?? length))) {
      answer.discard();
      throw changed(this.url, `it had ${this.byteLength} bytes, now ${length}`);
    }
    return new Body(answer, this.chunks(answer, signal), 0, this.vouches(answer)).skipTo(at);
  }

  /**
   * @param {number} start
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {boolean} held
   * @returns {Promise<Body | undefined>} undefined where the server ignores ranges
   */
  async #range(start, end, signal, held) {
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
        throw changed(this.url, `it had ${this.byteLength} bytes, now ${range.size}`);
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
   * Keeps a download that goes on for the next reader; one that ends must do so here.
   * @param {Body} body
   * @param {number} at
   */
  async #putBack(body, at) {
    if (this.ranged || at === this.byteLength) {
      // Read to its very end a connection can be used again; one that promised more than it has is not waited for.
      const next = body.next(1);
      next.catch(() => {});
      const more = await Promise.race([next, sleep(END_DELAY)]);
      if (more) throw changed(this.url, `it goes on after byte ${at}, where it should have ended`);
    } else {
      this.#spare ??= body;
    }
  }

  /** Ends what is open. */
  async close() {
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.cancel();
  }
}

/**
 * Passes over what has been read of the file before, which must be the same.
 * @param {Body} body
 * @param {number} at where reading goes on
 * @param {Checksum} passed
 * @param {string} url
 */
async function checkPassed(body, at, passed, url) {
  const again = new Checksum();
  await body.skipTo(at, (bytes) => again.add(bytes));
  if (body.at < at) throw brokenOff(url, `ended at byte ${body.at} of ${at}`);
  if (again.value !== passed.value) throw changed(url, `its bytes before ${at} are others now`);
}

/** @param {string} url @param {number} at @param {unknown} cause */
const unproven = (url, at, cause) =>
  brokenOff(url, `broke off at byte ${at}, and the rest does not say that it is of the same version`, cause);
