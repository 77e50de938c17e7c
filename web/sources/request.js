import { WembedError, asWembedError, hasUser, ofCaller, throwIfAborted, withoutUser } from '../core/errors.js';
import { connection } from './connections.js';
import { isMixedContent, watchPolicy } from './page.js';
import { inNode } from './platform.js';
import { joined, started } from './shared_fetch.js';

/**
 * @typedef {object} Patience
 * @property {number} [attempts] how often a request is tried before a failure (429, 5xx, no connection) is final;
 *   default 4
 * @property {number} [delay] milliseconds before the second attempt, default 300; each later one waits about twice as long
 * @property {number} [maxDelay] milliseconds, default 30 000: if a server asks for a longer pause (Retry-After), the
 *   request fails at once
 * @property {number} [timeout] milliseconds without a byte after which a connection counts as broken, default 60 000
 * @property {number} [connections] simultaneous requests to one host, default 8
 */

/** @typedef {(input: string | URL | Request, init?: RequestInit) => Promise<Response>} FetchFunction */

/**
 * @typedef {object} RequestOptions
 * @property {AbortSignal} [signal]
 * @property {FetchFunction} [fetch] replaces the global one. If it throws a TypeError or another connection
 *   failure, the error is `network`; any other error is passed on unchanged
 * @property {Record<string, string>} [headers] sent to the address's own origin only. In a browser, an address that
 *   redirects is `unsupported` with headers other than `authorization`
 */

/**
 * @param {Patience} options
 * @returns {Required<Patience>}
 */
export function patience({ attempts = 4, delay = 300, maxDelay = 30_000, timeout = 60_000, connections = 8 }) {
  return { attempts, delay, maxDelay, timeout, connections };
}

/** Statuses of temporary failures. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

const MAX_REDIRECTS = 10;

/**
 * Fetches, and tries again after temporary failures: with exponential pauses of random length, or the pause that the
 * server asks for.
 * @param {string} url
 * @param {RequestOptions & Patience} options
 * @param {Record<string, string>} [asked] headers that describe the request, sent to every origin
 * @returns {Promise<Answer>} of any status except those of temporary failures
 */
export async function request(url, options, asked) {
  const { attempts, maxDelay } = patience(options);
  for (let attempt = 1; ; attempt++) {
    /** @type {WembedError} */
    let failure;
    let pause = backoff(attempt, options);
    try {
      const answer = await follow(url, options, asked);
      if (!PASSING.has(answer.response.status)) return answer;
      failure = refusal(url, answer.response, options);
      pause = retryAfter(answer.response) ?? pause;
      answer.discard();
    } catch (error) {
      failure = asWembedError(error, publicUrl(url), options.signal);
      if (failure.code === 'network') failure.url ??= publicUrl(url);
    }
    if (failure.code !== 'network' || attempt >= attempts || pause > maxDelay) throw failure;
    await sleep(pause, options.signal);
  }
}

/**
 * An address as shown in messages and errors: without its query, fragment and user, which may be secret.
 * @param {string} url
 */
export function publicUrl(url) {
  if (!URL.canParse(url)) return withoutUser(url);
  const { protocol, host, pathname } = new URL(url);
  if (protocol === 'data:' || protocol === 'blob:') return `${protocol}…`;
  return `${protocol}//${host}${pathname}`;
}

/**
 * A failure that another attempt may not meet.
 * @param {string} url
 * @param {string} what
 * @param {unknown} [cause]
 * @param {string} [reason]
 */
export const broken = (url, what, cause, reason = 'broken_off') =>
  new WembedError('network', `${publicUrl(url)} ${what}`, { cause, url: publicUrl(url), reason });

/**
 * @param {unknown} error of a body that is being read
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
function brokenBody(error, url, signal) {
  if (error instanceof WembedError || signal?.aborted) return asWembedError(error, publicUrl(url), signal);
  return broken(url, `broke off: ${error instanceof Error ? error.message : String(error)}`, error);
}

/**
 * The pause before the next attempt: it doubles after each failure, with a random factor so that clients do not retry
 * in step.
 * @param {number} attempt the failed attempt, from 1
 * @param {Patience} options
 * @returns {number} milliseconds
 */
export function backoff(attempt, options) {
  const { delay, maxDelay } = patience(options);
  return Math.min(delay * 2 ** (attempt - 1), maxDelay) * (0.5 + Math.random() / 2);
}

/**
 * @param {string} url
 * @param {import('./shared_fetch.js').SharedResponse} response
 * @param {RequestOptions} options of the request
 */
export function refusal(url, { status, statusText, headers }, { headers: sent }) {
  const wait = headers.get('retry-after');
  const when = wait ? ` and asks for a pause (Retry-After: ${wait})` : '';
  const hint =
    status === 401 && !sent?.authorization ? ': is the name right? A private model needs the option token' : '';
  return new WembedError('network', `${publicUrl(url)} answered ${`${status} ${statusText}`.trim()}${when}${hint}`, {
    status,
    url: publicUrl(url),
    reason: 'status',
  });
}

/**
 * @param {import('./shared_fetch.js').SharedResponse} response
 * @returns {number | undefined} milliseconds. (RFC 9110, 10.2.3: seconds, or a date)
 */
function retryAfter({ headers }) {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const pause = /^\d+$/.test(value.trim()) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

/**
 * One attempt. Where redirects are visible (in Node; a browser hides them) they are followed here. Then no other origin
 * receives the headers, and what the hub says about a file before it redirects to its CDN is not lost. A browser removes
 * `authorization` before it follows a redirect to another origin, but no other header: with others, hidden redirects
 * are refused.
 * @param {string} url
 * @param {RequestOptions & Patience} options
 * @param {Record<string, string> | undefined} asked
 * @returns {Promise<Answer>}
 */
async function follow(url, options, asked) {
  const onlyToken = Object.keys(options.headers ?? {}).every((name) => /^authorization$/i.test(name));
  let seesRedirects = inNode() || !onlyToken;
  const { origin } = new URL(url);
  let target = url;
  /** @type {string | undefined} */
  let linkedEtag;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const own = new URL(target).origin === origin ? options.headers : undefined;
    const answer = await ask(target, options, { ...own, ...asked }, seesRedirects ? 'manual' : undefined);
    const { headers, status, type } = answer.response;
    linkedEtag ??= headers.get('x-linked-etag') ?? undefined;
    answer.linkedEtag = linkedEtag;
    const location = [301, 302, 303, 307, 308].includes(status) && headers.get('location');
    if (!location && type !== 'opaqueredirect') return answer;
    answer.discard();
    if (location) target = nextTarget(location, target);
    else if (own && !onlyToken) throw hiddenRedirect(target);
    else seesRedirects = false; // Node with a browser's fetch, as in Electron
  }
  const from = publicUrl(url);
  throw new WembedError('network', `${from} redirects more than ${MAX_REDIRECTS} times`, {
    url: from,
    reason: 'redirects',
  });
}

/**
 * @param {string} url
 * @param {RequestOptions & Patience} options
 * @param {Record<string, string>} headers
 * @param {RequestRedirect} [redirect]
 * @returns {Promise<Answer>}
 */
async function ask(url, options, headers, redirect) {
  const { signal } = options;
  const { timeout, connections } = patience(options);
  throwIfAborted(signal);
  const controller = new AbortController();
  const wait = { signal, timeout, controller };
  const signals = signal ? [signal, controller.signal] : [controller.signal];
  const fetcher = options.fetch ?? globalThis.fetch;
  const key = JSON.stringify([url, redirect, Object.entries(headers).sort()]);
  const other = joined(fetcher, key, signals);
  if (other) return new Answer(await inTime(other, url, wait), url, wait, () => {});
  const release = await connection(url, connections, signal);
  try {
    const start = (/** @type {AbortSignal} */ shared) =>
      fetched(url, { headers, signal: shared, ...(redirect && { redirect }) }, options.fetch);
    const response = joined(fetcher, key, signals) ?? started(fetcher, key, signals, start);
    return new Answer(await inTime(response, url, wait), url, wait, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Names of the errors that fetch, or a replacement for it, rejects with if there is no connection. */
const NO_CONNECTION = /^(TypeError|AbortError|TimeoutError|NetworkError|FetchError|AxiosError|SystemError)$/;

/**
 * @param {string} url
 * @param {RequestInit} init
 * @param {FetchFunction} [own] the caller's: its errors are passed on unchanged, unless they are those of
 *   fetch
 * @returns {Promise<Response>}
 */
async function fetched(url, init, own) {
  if (!own) return pageFetch(url, init);
  try {
    return await own(url, init);
  } catch (error) {
    const { name, code } = /** @type {{ name?: unknown, code?: unknown }} */ (error ?? {});
    const fails = NO_CONNECTION.test(String(name)) || (typeof code === 'string' && /^(E|UND_ERR)/.test(code));
    throw fails || init.signal?.aborted ? error : ofCaller(error);
  }
}

/**
 * The global fetch. It never says why it failed; requests blocked by the page's own policy are told apart from network
 * failures here.
 * @param {string} url
 * @param {RequestInit} init
 */
async function pageFetch(url, init) {
  const policy = watchPolicy();
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    if (await policy.hasBlocked(url)) {
      const why = "this page's Content-Security-Policy forbids it: connect-src does not list the origin";
      throw forbidden(url, 'csp', why, cause);
    }
    if (isMixedContent(url))
      throw forbidden(url, 'mixed_content', 'a page loaded by https cannot request plain http', cause);
    throw cause;
  } finally {
    policy.stop();
  }
}

/**
 * @param {string} url
 * @param {string} reason
 * @param {string} why
 * @param {unknown} cause
 */
const forbidden = (url, reason, why, cause) =>
  new WembedError('unsupported', `${publicUrl(url)} was not requested: ${why}`, { cause, url: publicUrl(url), reason });

/** @param {string} url */
const hiddenRedirect = (url) =>
  forbidden(
    url,
    'hidden_redirect',
    'it redirects, and this browser would send the option headers wherever it redirects to: ' +
      'pass the address that it redirects to, or use the option token alone',
    undefined,
  );

/**
 * @param {string} location
 * @param {string} from
 */
function nextTarget(location, from) {
  const target = URL.canParse(location, from) ? new URL(location, from) : null;
  if (target && /^https?:$/.test(target.protocol) && !hasUser(target)) return target.href;
  const what = target && hasUser(target) ? 'which contains a user name' : 'which is not an http address';
  throw new WembedError('bad_file', `${publicUrl(from)} redirects to '${withoutUser(location)}', ${what}`, {
    url: publicUrl(from),
    reason: 'wrong_answer',
  });
}

/** A response whose body is read with a time limit. */
export class Answer {
  #wait;
  /** @type {string | undefined} X-Linked-ETag: the sha256 of a large file, from the first response that named it */
  linkedEtag;

  /**
   * @param {import('./shared_fetch.js').SharedResponse} response
   * @param {string} asked the address fetched last
   * @param {Wait} wait
   * @param {() => void} release releases the host's connection
   */
  constructor(response, asked, wait, release) {
    this.response = response;
    this.release = release;
    /** The address that answered. */
    this.url = response.url || asked;
    this.#wait = wait;
  }

  /**
   * The body in order. Leaving the loop early ends the download.
   * @param {AbortSignal} [signal] the reader's, if it is not the one of the request
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *chunks(signal = this.#wait.signal) {
    const reader = this.response.body?.getReader();
    let ended = !reader;
    try {
      while (reader && !ended) {
        throwIfAborted(signal);
        const { done, value } = await inTime(reader.read(), this.url, { ...this.#wait, signal });
        ended = done;
        if (value?.length) yield value;
      }
    } catch (error) {
      throw brokenBody(error, this.url, signal);
    } finally {
      if (!ended) reader?.cancel().catch(() => {});
      this.release();
    }
  }

  /** Ends the download, even while it is being waited for. */
  abort() {
    this.#wait.controller.abort();
    this.release();
  }

  /** Abandons the body. */
  discard() {
    this.release();
    const { body } = this.response;
    if (body && !body.locked) body.cancel().catch(() => {});
  }
}

/** @typedef {{ signal: AbortSignal | undefined, timeout: number, controller: AbortController }} Wait */

/**
 * A promise that is rejected when the time limit or the caller's signal ends the wait.
 * @template T
 * @param {Promise<T>} promise
 * @param {string} url
 * @param {Wait} wait its `controller` ends the pending operation
 * @returns {Promise<T>}
 */
function inTime(promise, url, { signal, timeout, controller }) {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const giveUp = (/** @type {WembedError} */ error) => {
      settle();
      reject(error);
      controller.abort(error);
    };
    const abort = () =>
      giveUp(new WembedError('aborted', `reading ${publicUrl(url)} was aborted`, { cause: signal?.reason }));
    const timer = setTimeout(
      () => giveUp(broken(url, `sent nothing for ${timeout} ms`, undefined, 'timeout')),
      timeout,
    );
    signal?.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(settle);
  });
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(new WembedError('aborted', 'the call was aborted', { cause: signal?.reason }));
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
