import { WembedError, throwIfAborted } from '../core/errors.js';
import { backoff, patience, refusal, request, sleep } from './request.js';

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

/** A type that servers compress: then Content-Length, where it is to be seen, counts other bytes than those that arrive. */
const COMPRESSIBLE = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/i;

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
export class HttpSource {
  #url;
  #options;
  /** Where redirects led, asked directly from then on. */
  #target;
  /** Bytes from the file's first, kept. */
  #head = new Uint8Array(0);
  /** A download that nobody reads at the moment. @type {Body | undefined} */
  #spare;
  /** @type {number | undefined} undefined where the server does not say */
  byteLength;
  /** Whether the server answers a range with that range; undefined until it has been asked. @type {boolean | undefined} */
  ranged;
  /** Bytes that the server has sent. */
  received = 0;
  /** The server's, of the file. @type {string | undefined} */
  etag;
  /** @type {string | undefined} */
  lastModified;
  /** The hub's name for a large file's content. @type {string | undefined} */
  linkedEtag;

  /**
   * @param {string} url
   * @param {import('./request.js').RequestOptions & import('./request.js').Patience} options
   */
  constructor(url, options) {
    this.#url = this.#target = url;
    this.#options = options;
  }

  get inOrder() {
    return this.ranged === false;
  }

  /** Another address has answered than the one given. */
  get redirected() {
    return this.#target !== this.#url;
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
  async open(first, { etag, lastModified, attempts } = {}) {
    const options = attempts === undefined ? this.#options : { ...this.#options, attempts };
    /** @type {Record<string, string>} */
    const asked = first ? { Range: `bytes=0-${first - 1}` } : {};
    if (etag) asked['If-None-Match'] = etag;
    else if (lastModified) asked['If-Modified-Since'] = lastModified;
    let answer = await request(this.#url, options, asked);
    if (answer.response.status === 416) {
      // An empty file has no first byte to send; a server that cannot say so is asked without a range.
      answer.discard();
      answer = await request(this.#url, this.#options);
    }
    const { status, headers } = answer.response;
    if (status === 404 || status === 410 || (status === 304 && (etag ?? lastModified))) {
      answer.discard();
      return status === 304 ? 'same' : 'missing';
    }
    this.#checkAnswer(answer);
    this.#target = answer.url;
    this.etag = headers.get('etag') ?? undefined;
    this.lastModified = headers.get('last-modified') ?? undefined;
    this.linkedEtag = answer.linkedEtag;
    if (status !== 206) {
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
   * Takes a file as it was found earlier instead of asking: the first read will ask, and find out whether it still is so.
   * @param {import('./store.js').FileRecord} record
   */
  adopt({ size, etag, lastModified }) {
    this.byteLength = size;
    this.etag = etag;
    this.lastModified = lastModified;
  }

  /**
   * @param {import('./request.js').Answer} answer with the file's first bytes
   * @param {number} first how many were asked for
   */
  async #openRange(answer, first) {
    const range = contentRange(answer);
    const wanted = { start: 0, end: first };
    checkRange(range, wanted, this.#url);
    const limit = range?.end ?? first;
    this.ranged = true;
    this.byteLength = range?.size;
    try {
      const head = await collect(limited(this.#chunks(answer), 0, limit, this.#url));
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
    this.#spare = new Body(answer, this.#chunks(answer), 0);
  }

  /**
   * @param {number} start
   * @param {number} [end] one past the last byte; default: the file's end
   * @param {AbortSignal} [signal]
   * @returns {Promise<ArrayBuffer>} shorter where the file ends earlier
   */
  async slice(start, end = this.byteLength, signal = this.#options.signal) {
    if (this.byteLength !== undefined) end = Math.min(end ?? Infinity, this.byteLength);
    const known = end === undefined ? undefined : Math.max(0, end - start);
    return (await collect(this.stream(signal, start, end, known !== undefined))).buffer;
  }

  /**
   * Some or all of the bytes, in order. A connection that breaks is taken up again where it broke, if the server can.
   * @param {AbortSignal} [signal]
   * @param {number} [start]
   * @param {number} [end] default: the file's end
   * @param {boolean} [held] the host has one connection less until all is here
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *stream(signal = this.#options.signal, start = 0, end = this.byteLength, held = false) {
    if (this.byteLength !== undefined) end = Math.min(end ?? Infinity, this.byteLength);
    let at = start;
    if (at < Math.min(this.#head.length, end ?? Infinity)) {
      const bytes = this.#head.subarray(at, end);
      at += bytes.length;
      yield bytes;
    }
    let failures = 0;
    let since = at;
    while (end === undefined || at < end) {
      const body = await this.#bodyAt(at, end, signal, held);
      try {
        for (let bytes; (bytes = await body.next((end ?? Infinity) - at));) {
          at += bytes.length;
          yield bytes;
          if (at === end) break;
        }
        if (end === undefined) return;
        if (at < end) throw new WembedError('network', `${this.#url} ended at byte ${at} of ${end}`);
        await this.#putBack(body, at);
      } catch (error) {
        if (at - since >= PROGRESS) failures = 0;
        since = at;
        const retries =
          /** @type {WembedError} */ (error).code === 'network' && ++failures < patience(this.#options).attempts;
        if (!retries || this.ranged === false) throw error;
        await this.#resume(at, end, signal, failures, error);
      } finally {
        if (body !== this.#spare) await body.cancel();
      }
    }
  }

  /**
   * After a connection has broken: the next one is to begin where it did, or the failure stands.
   * @param {number} at
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {number} failures
   * @param {unknown} error
   */
  async #resume(at, end, signal, failures, error) {
    await sleep(backoff(failures, this.#options), signal);
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
      return skip(spare, at);
    }
    if (this.ranged !== false) {
      const body = await this.#range(at, end, signal, held);
      if (body) return body;
    }
    if (at > MAX_AGAIN) {
      const what = `to read from byte ${at} it would have to be downloaded from its beginning once more`;
      throw new WembedError('unsupported', `${this.#url}: the server ignores ranges, and ${what}`);
    }
    const answer = await this.#request(signal);
    answer.release();
    const length = wholeLength(answer.response);
    if (answer.response.status === 206 || (length !== undefined && length !== (this.byteLength ?? length))) {
      answer.discard();
      throw changed(this.#url, `it had ${this.byteLength} bytes, now ${length}`);
    }
    return skip(new Body(answer, this.#chunks(answer, signal), 0), at);
  }

  /**
   * @param {number} start
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   * @param {boolean} held
   * @returns {Promise<Body | undefined>} undefined where the server ignores ranges
   */
  async #range(start, end, signal, held) {
    const answer = await this.#request(signal, `bytes=${start}-${end === undefined ? '' : end - 1}`);
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
      checkRange(range, { start, end: end ?? Infinity }, this.#url);
      if (range?.size !== undefined && range.size !== (this.byteLength ??= range.size)) {
        throw changed(this.#url, `it had ${this.byteLength} bytes, now ${range.size}`);
      }
    } catch (error) {
      answer.discard();
      throw error;
    }
    return new Body(
      answer,
      limited(this.#chunks(answer, signal), start, range?.end ?? end ?? Infinity, this.#url),
      start,
    );
  }

  /**
   * Asks for more of the file that was opened.
   * @param {AbortSignal | undefined} signal
   * @param {string} [range]
   */
  async #request(signal, range) {
    throwIfAborted(signal);
    const options = { ...this.#options, signal };
    const direct = new URL(this.#target).origin === new URL(this.#url).origin;
    const asked = range ? { Range: range } : undefined;
    let answer = await request(this.#target, direct ? options : { ...options, headers: undefined }, asked);
    if ([401, 403, 404, 410].includes(answer.response.status) && this.#target !== this.#url) {
      answer.discard(); // addresses that redirects lead to expire
      answer = await request(this.#url, options, asked);
      this.#target = answer.url;
    }
    const { response } = answer;
    try {
      if (response.status === 416) throw changed(this.#url, `it has no ${range} any more`);
      this.#checkAnswer(answer);
      this.#checkSame('ETag', this.etag, response.headers.get('etag'));
      this.#checkSame('Last-Modified', this.lastModified, response.headers.get('last-modified'));
    } catch (error) {
      answer.discard();
      throw error;
    }
    return answer;
  }

  /**
   * @param {string} what
   * @param {string | undefined} before
   * @param {string | null} now
   */
  #checkSame(what, before, now) {
    const opaque = (/** @type {string} */ tag) => tag.replace(/^W\//, ''); // compressed on the way, a file is the same
    if (!before || !now || opaque(before) === opaque(now)) return;
    throw changed(this.#url, `its ${what} was ${before}, now it is ${now}`);
  }

  /** @param {import('./request.js').Answer} answer */
  #checkAnswer(answer) {
    const { response } = answer;
    const type = response.headers.get('content-type') ?? '';
    if (!response.ok) {
      answer.discard();
      throw refusal(this.#url, response);
    }
    if (/^(text\/html|multipart\/)/i.test(type)) {
      answer.discard();
      const what = /html/i.test(type) ? 'an HTML page' : type;
      throw new WembedError('bad_file', `${this.#url} answered ${what} instead of a file`);
    }
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
      if (more) throw new WembedError('bad_file', `${this.#url} goes on after byte ${at}, where it should have ended`);
    } else {
      this.#spare ??= body;
    }
  }

  /**
   * @param {import('./request.js').Answer} answer
   * @param {AbortSignal} [signal]
   */
  async *#chunks(answer, signal) {
    for await (const bytes of answer.chunks(signal)) {
      this.received += bytes.length;
      yield bytes;
    }
  }

  /** Ends what is open. */
  async close() {
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.cancel();
  }
}

/** A download, and the byte of the file that it stands at. */
class Body {
  #answer;
  #chunks;
  #chunk = new Uint8Array(0);
  #waiting = false;

  /**
   * @param {import('./request.js').Answer} answer
   * @param {AsyncGenerator<Uint8Array>} chunks of its body
   * @param {number} at
   */
  constructor(answer, chunks, at) {
    this.#answer = answer;
    this.#chunks = chunks;
    this.at = at;
  }

  /**
   * @param {number} limit
   * @returns {Promise<Uint8Array | undefined>} undefined at the end
   */
  async next(limit) {
    while (this.#chunk.length === 0) {
      this.#waiting = true;
      const { done, value } = await this.#chunks.next();
      this.#waiting = false;
      if (done) return undefined;
      this.#chunk = /** @type {Uint8Array<ArrayBuffer>} */ (value);
    }
    const bytes = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.at += bytes.length;
    return bytes;
  }

  async cancel() {
    const ended = this.#chunks.return(undefined);
    if (this.#waiting) {
      ended.catch(() => {}); // only when what it waits for has come, or has been given up
      this.#answer.abort();
    } else {
      await ended;
    }
    this.#answer.discard(); // a generator that nobody has started does not do it
  }
}

/**
 * @param {Body} body
 * @param {number} at
 */
async function skip(body, at) {
  while (body.at < at) if (!(await body.next(at - body.at))) break;
  return body;
}

/**
 * What a partial answer says it holds; undefined where a browser keeps that from us.
 * @param {import('./request.js').Answer} answer
 * @returns {{ start: number, end: number, size: number | undefined } | undefined}
 */
function contentRange({ response, url }) {
  const header = response.headers.get('content-range');
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity')
    throw new WembedError('bad_file', `${url} answered a range in Content-Encoding: ${encoding}`);
  if (header === null && response.type === 'cors') return undefined;
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? '');
  if (!match) throw new WembedError('bad_file', `${url} answered a range with Content-Range: ${header}`);
  const size = match[3] === '*' ? undefined : Number(match[3]);
  return { start: Number(match[1]), end: Number(match[2]) + 1, size };
}

/**
 * An answer may be shorter than what was asked for, nothing else.
 * @param {ReturnType<typeof contentRange>} range
 * @param {{ start: number, end: number }} wanted
 * @param {string} url
 */
function checkRange(range, wanted, url) {
  if (!range) return;
  const { start, end, size = Infinity } = range;
  if (start === wanted.start && end > start && end <= Math.min(wanted.end, size)) return;
  const asked = `bytes ${wanted.start}-${wanted.end === Infinity ? '' : wanted.end - 1}`;
  throw new WembedError('bad_file', `${url} was asked for ${asked} and answered ${start}-${end - 1} of ${size}`);
}

/**
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @param {number} start
 * @param {number} end more than this is an error
 * @param {string} url
 */
async function* limited(chunks, start, end, url) {
  let at = start;
  for await (const bytes of chunks) {
    at += bytes.length;
    if (at > end) throw new WembedError('bad_file', `${url} sent more than the bytes ${start}-${end - 1} it announced`);
    yield bytes;
  }
}

/**
 * @param {Response} response to a request without a range
 * @returns {number | undefined}
 */
function wholeLength({ headers, type }) {
  const length = headers.get('content-length');
  if (length === null || headers.get('content-encoding')) return undefined;
  // From another origin, a browser shows Content-Length but not whether it counts compressed bytes.
  if (type === 'cors' && COMPRESSIBLE.test(headers.get('content-type') ?? '')) return undefined;
  return Number(length);
}

/**
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function collect(chunks) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let total = 0;
  for await (const bytes of chunks) {
    parts.push(bytes);
    total += bytes.length;
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const bytes of parts) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** @param {string} url @param {string} how */
const changed = (url, how) => new WembedError('bad_file', `${url} changed while it was read: ${how}`);
