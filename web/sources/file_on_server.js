import { WembedError, throwIfAborted } from '../core/errors.js';
import { publicUrl, refusal, request } from './request.js';

/** @typedef {import('./request.js').Answer} Answer */

/**
 * What is asked of a server about one file, and whether its answers are all of one version. What changes while it is read
 * is a `bad_file` error: answers must agree in ETag and Last-Modified with the first.
 */
export class FileOnServer {
  /** Bytes that the server has sent. */
  received = 0;
  /** @type {number | undefined} undefined where the server does not say */
  byteLength;
  /** The server's, of the file. @type {string | undefined} */
  etag;
  /** @type {string | undefined} */
  lastModified;
  /** The hub's name for a large file's content. @type {string | undefined} */
  linkedEtag;

  /**
   * @param {string} url
   * @param {import('./request.js').RequestOptions & import('./request.js').Patience & { fixed?: boolean }} options
   *   fixed: what is at this address never changes
   */
  constructor(url, options) {
    this.url = url;
    /** Where redirects led, asked directly from then on. */
    this.target = url;
    this.options = options;
  }

  /** Another address has answered than the one given. */
  get redirected() {
    return this.target !== this.url;
  }

  /** Whether the server says which version of the file its answers are of. */
  get versioned() {
    return !!(this.options.fixed || (this.etag ?? this.lastModified));
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
   * Asks for the first time.
   * @param {Record<string, string>} asked headers
   * @param {{ etag?: string, lastModified?: string, attempts?: number }} known of a copy at hand: if the file is still the
   *   same, nothing comes. (RFC 9110, 13.1)
   * @returns {Promise<Answer | 'missing' | 'same'>}
   */
  async first(asked, { etag, lastModified, attempts }) {
    const options = attempts === undefined ? this.options : { ...this.options, attempts };
    if (etag) asked['If-None-Match'] = etag;
    else if (lastModified) asked['If-Modified-Since'] = lastModified;
    let answer = await request(this.url, options, asked);
    if (answer.response.status === 416) {
      // An empty file has no first byte to send; a server that cannot say so is asked without a range.
      answer.discard();
      answer = await request(this.url, this.options);
    }
    const { status, headers } = answer.response;
    if (status === 404 || status === 410 || (status === 304 && (etag ?? lastModified))) {
      answer.discard();
      return status === 304 ? 'same' : 'missing';
    }
    this.#checkAnswer(answer);
    this.target = answer.url;
    this.etag = headers.get('etag') ?? undefined;
    this.lastModified = headers.get('last-modified') ?? undefined;
    this.linkedEtag = answer.linkedEtag;
    return answer;
  }

  /**
   * Asks for more of the file that was opened.
   * @param {AbortSignal | undefined} signal
   * @param {string} [range]
   */
  async more(signal, range) {
    throwIfAborted(signal);
    const options = { ...this.options, signal };
    const direct = new URL(this.target).origin === new URL(this.url).origin;
    const asked = range ? { Range: range } : undefined;
    let answer = await request(this.target, direct ? options : { ...options, headers: undefined }, asked);
    if ([401, 403, 404, 410].includes(answer.response.status) && this.target !== this.url) {
      answer.discard(); // addresses that redirects lead to expire
      answer = await request(this.url, options, asked);
      this.target = answer.url;
    }
    const { response } = answer;
    try {
      if (response.status === 416) throw changed(this.url, `it has no ${range} any more`);
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
   * Whether an answer names the version of the file that was opened. That it names no other has been checked.
   * @param {import('./request.js').Answer} answer
   */
  vouches({ response: { headers } }) {
    const named = (this.etag && headers.get('etag')) || (this.lastModified && headers.get('last-modified'));
    return !!(named || this.options.fixed);
  }

  /**
   * @param {string} what
   * @param {string | undefined} before
   * @param {string | null} now
   */
  #checkSame(what, before, now) {
    const opaque = (/** @type {string} */ tag) => tag.replace(/^W\//, ''); // compressed on the way, a file is the same
    if (!before || !now || opaque(before) === opaque(now)) return;
    throw changed(this.url, `its ${what} was ${before}, now it is ${now}`);
  }

  /** @param {import('./request.js').Answer} answer */
  #checkAnswer(answer) {
    const { response } = answer;
    const type = response.headers.get('content-type') ?? '';
    if (!response.ok) {
      answer.discard();
      throw refusal(this.url, response);
    }
    if (/^(text\/html|multipart\/)/i.test(type)) {
      answer.discard();
      const html = /html/i.test(type);
      const what = `${publicUrl(this.url)} answered ${html ? 'an HTML page' : type} instead of a file`;
      throw new WembedError('bad_file', what, {
        url: publicUrl(this.url),
        status: response.status,
        reason: html ? 'html' : 'wrong_answer',
      });
    }
  }

  /**
   * @param {import('./request.js').Answer} answer
   * @param {AbortSignal} [signal]
   */
  async *chunks(answer, signal) {
    for await (const bytes of answer.chunks(signal)) {
      this.received += bytes.length;
      yield bytes;
    }
  }
}

/** @param {string} url @param {string} how */
export const changed = (url, how) =>
  new WembedError('bad_file', `${publicUrl(url)} changed while it was read: ${how}`, {
    url: publicUrl(url),
    reason: 'changed',
  });
