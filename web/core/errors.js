/**
 * Every way a call can fail.
 * @typedef {'shape_mismatch' | 'id_out_of_range' | 'bad_file' | 'unsupported' | 'out_of_memory' | 'invalid_argument'
 *   | 'not_found' | 'network' | 'aborted' | 'disposed'} ErrorCode
 */

/**
 * Further properties of an error.
 * @typedef {object} ErrorDetails
 * @property {unknown} [cause] the underlying error
 * @property {number} [status] `network`, `not_found`: the HTTP status of the response
 * @property {string} [url] the requested address, without its query
 * @property {string} [reason] `bad_file`, `unsupported`: a stable word for the cause: 'html', 'git_lfs', 'truncated', …
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
     * The kind of failure: stable from version to version.
     * @type {ErrorCode}
     */
    this.code = code;
    /**
     * The HTTP status of the failed response.
     * @type {number | undefined}
     */
    this.status = status;
    /**
     * The requested address, without its query.
     * @type {string | undefined}
     */
    this.url = url;
    /**
     * A stable word for the cause, such as 'html' or 'truncated'.
     * @type {string | undefined}
     */
    this.reason = reason;
  }
}

/**
 * Throws `aborted` if the caller has aborted the call.
 * @param {AbortSignal} [signal]
 */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw new WembedError('aborted', 'the call was aborted', { cause: signal.reason });
}

/** Errors that the caller's functions have thrown. @type {WeakSet<object>} */
const thrownByCaller = new WeakSet();

/**
 * Calls one of the caller's functions. Whatever it throws leaves the library unchanged.
 * @template T, R
 * @param {(argument: T) => R} call
 * @param {T} argument
 * @returns {R}
 */
export function callback(call, argument) {
  refuseRevoked('a function', call);
  try {
    return call(argument);
  } catch (error) {
    throw ofCaller(error);
  }
}

/**
 * Marks an error as the caller's own.
 * @param {unknown} error
 */
export function ofCaller(error) {
  if (typeof error === 'object' && error !== null) thrownByCaller.add(error);
  return error;
}

/**
 * Whether one of the caller's functions has thrown this. The library itself throws only objects.
 * @param {unknown} error
 */
export const isOfCaller = (error) => typeof error !== 'object' || error === null || thrownByCaller.has(error);

/**
 * The error for a failed fetch or read: `aborted`, the library's own or the caller's error unchanged, or `network`.
 * @param {unknown} error
 * @param {string} what the thing being read
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

/** Longer values are shortened in messages. */
const SHOWN = 80;

/**
 * A value as shown in messages. It never throws and stays short: in a file's object `toString` may be a number, and an
 * array may claim 2^32 elements.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  try {
    const kind = ArrayBuffer.isView(value) && `a ${kindOf(value)}`.replace('a I', 'an I');
    const text = Array.isArray(value) ? 'an array' : kind || String(value);
    if (String(+text) === value) return `'${text}'`; // which is not the number
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  } catch {
    return typeof value;
  }
}

/**
 * The kind of a platform's object, in whatever frame it was made.
 * @param {unknown} value
 */
export const kindOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

/**
 * Whether a value is an array, and undefined for a revoked Proxy, of which nothing can be read. No code of the caller's
 * runs: `isArray` looks through a Proxy without its traps, and throws only if it is revoked. What it says is returned: a
 * minifier drops a call whose answer nobody uses.
 * @param {unknown} value
 */
const kindOfArray = (value) => {
  try {
    return Array.isArray(value);
  } catch {
    return undefined;
  }
};

/**
 * Whether a value is a revoked Proxy.
 * @param {unknown} value
 */
export const isRevoked = (value) => kindOfArray(value) === undefined;

/**
 * @param {string} name for messages
 * @param {unknown} value
 */
export function refuseRevoked(name, value) {
  if (isRevoked(value)) throw new WembedError('invalid_argument', `${name} must not be a revoked Proxy`);
}

/**
 * `Array.isArray` of a caller's value: false for a revoked Proxy, which the calling function then refuses.
 * @type {typeof Array.isArray}
 */
export const isArray = /** @type {typeof Array.isArray} */ ((value) => kindOfArray(value) === true);

/** Getters that work on what their class has made: in a Proxy, or made with Object.create, it is not that. */
const OWN_GETTERS = ['byteLength', 'size', 'href'];

/**
 * `instanceof` of a caller's value: false for a Proxy of what the platform keeps outside its properties, too.
 * @template T
 * @param {unknown} value
 * @param {abstract new (...args: never[]) => T} Type
 * @returns {value is T}
 */
export const isA = (value, Type) => {
  try {
    return value instanceof Type && OWN_GETTERS.every((name) => [Reflect.get(Type.prototype, name, value)]);
  } catch {
    return false;
  }
};

/**
 * Any value as an object whose properties can be asked for: without properties for a revoked Proxy.
 * @param {unknown} value
 * @returns {Record<PropertyKey, unknown>}
 */
export const asObject = (value) => (isRevoked(value) ? {} : Object(value));

/**
 * An address, or what may be meant as one, as it may stand in a message: without user name and password.
 * @param {string} address
 */
export const withoutUser = (address) => address.replace(/(:?\/\/|:).*@/s, '$1…@');

/**
 * Whether an address contains a user name or a password, which fetch refuses.
 * @param {URL} url
 */
export const hasUser = ({ username, password }) => !!(username || password);

/**
 * The most similar name, for "did you mean": the one with the fewest letters to change (Levenshtein 1966).
 * @param {string} name
 * @param {readonly string[]} names
 * @returns {string | undefined} undefined if no name is similar
 */
export function nearest(name, names) {
  const given = name.slice(0, 64).toLowerCase();
  let best;
  let least = Math.floor(given.length / 3) + 2;
  for (const each of names) {
    const changes = distance(given, each.toLowerCase());
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
