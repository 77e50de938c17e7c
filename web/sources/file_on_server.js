import { WembedError, throwIfAborted } from '../core/errors.js';
import { publicUrl, refusal, request } from './request.js';

/** @typedef {import('./request.js').Answer} Answer */

/**
 * The requests for one file, and the check that all responses are of one version. A file that changes while it is read
 * is a `bad_file` error: responses must match the first in ETag and Last-Modified.
 */
export class FileOnServer {
  /** Bytes that the server has sent. */
  received = 0;
  /** @type {number | undefined} undefined if the server does not send it */
  byteLength;
  /** The file's ETag. @type {string | undefined} */
  etag;
  /** @type {string | undefined} */
  lastModified;
  /** The hub's name for a large file's content. @type {string | undefined} */
  linkedEtag;

  /**
   * @param {string} url
   * @param {import('./request.js').RequestOptions & import('./request.js').Patience & { fixed?: boolean }} options
   * fixed: the content at this address never changes
   */
  constructor(url, options) {
    this.url = url;
    /** The address to which redirects led, used directly from then on. */
    this.target = url;
    this.options = options;
  }

  /** Whether another address than the given one has answered. */
  get redirected() {
    return this.target !== this.url;
  }

  /** Whether the server says which version of the file its responses are of. */
  get versioned() {
    return !!(this.options.fixed || (this.etag ?? this.lastModified));
  }

  /**
   * Takes over an earlier record of the file instead of asking. The first read asks, and finds out whether it is
   * unchanged.
   * @param {import('./store.js').FileRecord} record
   */
  adopt({ size, etag, lastModified }) {
    this.byteLength = size;
    this.etag = etag;
    this.lastModified = lastModified;
  }

  /**
   * Sends the first request.
   * @param {Record<string, string>} asked request headers
   * @param {{ etag?: string, lastModified?: string, attempts?: number }} known of a cached copy: if the file is
   *   unchanged, no content is sent. (RFC 9110, 13.1)
   * @returns {Promise<Answer | 'missing' | 'same'>}
   */
  async first(asked, { etag, lastModified, attempts }) {
    const options = attempts === undefined ? this.options : { ...this.options, attempts };
    if (etag) asked['If-None-Match'] = etag;
    else if (lastModified) asked['If-Modified-Since'] = lastModified;
    let answer = await request(this.url, options, asked);
    if (answer.response.status === 416) {
      // An empty file has no first byte to send. A server that cannot answer that correctly is asked without a range.
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
    this.etag = headers.get('etag') || undefined; // an empty one names no version
    this.lastModified = headers.get('last-modified') || undefined;
    this.linkedEtag = answer.linkedEtag;
    return answer;
  }

  /**
   * Requests more of the opened file.
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
      answer.discard(); // the targets of redirects expire
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
   * Whether a response names the version of the file that was opened. That it names no other version has been checked.
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
    const opaque = (/** @type {string} */ tag) => tag.replace(/^W\//, ''); // weak where it is compressed
    if (!before || !now || opaque(before) === opaque(now)) return;
    throw changed(this.url, `its ${what} was ${before} and is now ${now}`);
  }

  /** @param {import('./request.js').Answer} answer */
  #checkAnswer(answer) {
    const { response } = answer;
    const type = response.headers.get('content-type') ?? '';
    if (!response.ok) {
      answer.discard();
      throw refusal(this.url, response, this.options);
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
