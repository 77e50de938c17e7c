import { CODES } from './codes.js';

/**
 * Every way a call can fail.
 * @typedef {'shape_mismatch' | 'id_out_of_range' | 'bad_file' | 'unsupported' | 'out_of_memory' | 'invalid_argument'
 *   | 'not_found' | 'network' | 'aborted' | 'disposed'} ErrorCode
 */

/**
 * What an error knows beside its message.
 * @typedef {object} ErrorDetails
 * @property {unknown} [cause] what was thrown below
 * @property {number} [status] `network`, `not_found`: the HTTP status of the answer
 * @property {string} [url] the address that was asked, without its query
 * @property {string} [reason] `bad_file`, `unsupported`: a stable word for what is wrong, such as 'html', 'git_lfs', 'truncated'
 */

/** The one error this library throws: `code` is stable, `message` names the offending values. */
export class WembedError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {ErrorDetails} [details]
   */
  constructor(code, message, { cause, status, url, reason } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WembedError';
    /**
     * Which kind of failure it is: stable from version to version.
     * @type {ErrorCode}
     */
    this.code = code;
    /**
     * The HTTP status of the answer that failed.
     * @type {number | undefined}
     */
    this.status = status;
    /**
     * The address that was asked, without its query.
     * @type {string | undefined}
     */
    this.url = url;
    /**
     * A stable word for what is wrong with a file.
     * @type {string | undefined}
     */
    this.reason = reason;
  }
}

/**
 * Makes an error of what the C++ core says of its last failure.
 * @param {number} code the core's code, 1 or more
 * @param {{ what: string, value: number, limit: number, index: number }} detail
 * @returns {WembedError}
 */
export function coreError(code, { what, value, limit, index }) {
  const place = index >= 0 ? ` at index ${index}` : '';
  const name = /** @type {ErrorCode} */ (CODES[code] ?? 'invalid_argument');
  return new WembedError(name, `${what}: ${value}${place} (limit ${limit})`);
}

/**
 * Throws `aborted` if the caller has given up.
 * @param {AbortSignal} [signal]
 */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw new WembedError('aborted', 'the call was aborted', { cause: signal.reason });
}

/** What functions of the caller's have thrown. @type {WeakSet<object>} */
const thrownByCaller = new WeakSet();

/**
 * Calls a function of the caller's. What it throws comes out of the library as it is.
 * @template T, R
 * @param {(argument: T) => R} call
 * @param {T} argument
 * @returns {R}
 */
export function callback(call, argument) {
  try {
    return call(argument);
  } catch (error) {
    throw ofCaller(error);
  }
}

/**
 * Notes that an error is the caller's own.
 * @param {unknown} error
 */
export function ofCaller(error) {
  if (typeof error === 'object' && error !== null) thrownByCaller.add(error);
  return error;
}

/**
 * Whether a function of the caller's has thrown this: nothing of ours throws what is no object.
 * @param {unknown} error
 */
export const isOfCaller = (error) => typeof error !== 'object' || error === null || thrownByCaller.has(error);

/**
 * What a failed fetch or read means: an abort, our own error or the caller's unchanged, or the network.
 * @param {unknown} error
 * @param {string} what what was being read
 * @param {AbortSignal} [signal]
 * @returns {WembedError}
 */
export function asWembedError(error, what, signal) {
  if (error instanceof WembedError) return error;
  if (!signal?.aborted && isOfCaller(error)) return /** @type {WembedError} */ (error);
  if (signal?.aborted) return new WembedError('aborted', `reading ${what} was aborted`, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new WembedError('network', `reading ${what} failed: ${message}`, { cause: error });
}

/** Longer values are cut in messages. */
const SHOWN = 80;

/**
 * A value as a message shows it, whatever it is: a file may hold an object whose toString is a number, and an array may say
 * that it has 2^32 elements to join.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  try {
    const text = Array.isArray(value) || ArrayBuffer.isView(value) ? 'an array' : String(value);
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  } catch {
    return typeof value;
  }
}

/**
 * The name that somebody may have meant: the one with the fewest letters to change (Levenshtein 1966).
 * @param {string} name
 * @param {readonly string[]} names
 * @returns {string | undefined} undefined where none is near
 */
export function nearest(name, names) {
  const wanted = name.slice(0, 64).toLowerCase();
  let best;
  let least = Math.floor(wanted.length / 3) + 2;
  for (const each of names) {
    const changes = distance(wanted, each.toLowerCase());
    if (changes < least) [best, least] = [each, changes];
  }
  return best;
}

/**
 * @param {string} a
 * @param {string} b
 * @returns {number} letters to insert, delete or replace
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j] + (a[i] === b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}
