// The options of everything that reads: their names, for faces that refuse others, and what each must be.
import { WembedError, shown } from '../core/errors.js';

/** How a file is read. */
export const READ_OPTIONS = /** @type {const} */ (['signal', 'onProgress']);

/** How patient downloads are: see `Patience`. */
export const PATIENCE_OPTIONS = /** @type {const} */ (['attempts', 'delay', 'maxDelay', 'timeout', 'connections']);

/** Whether downloads are kept: see `CacheOptions`. */
export const CACHE_OPTIONS = /** @type {const} */ (['cache', 'localFilesOnly']);

/** How files come from servers: what `env` may hold too. */
export const DOWNLOAD_OPTIONS = /** @type {const} */ ([...PATIENCE_OPTIONS, ...CACHE_OPTIONS, 'fetch']);

/** Where files are: see `PlaceOptions`. */
export const PLACE_OPTIONS = /** @type {const} */ (['signal', 'headers', 'token', 'revision', 'subfolder', 'hub']);

/** All that a call takes which reads files of a location. */
export const FILES_OPTIONS = /** @type {const} */ ([
  ...new Set([...DOWNLOAD_OPTIONS, ...PLACE_OPTIONS, ...READ_OPTIONS, 'file']),
]);

/** @typedef {(typeof FILES_OPTIONS)[number]} FilesOption */

const isText = (/** @type {unknown} */ value) => typeof value === 'string';
const isToken = (/** @type {unknown} */ value) => typeof value === 'string' && /^[!-~]+( [!-~]+)*$/.test(value);
const isFunction = (/** @type {unknown} */ value) => typeof value === 'function';
const isTime = (/** @type {unknown} */ value) => typeof value === 'number' && value >= 0;
const isCount = (/** @type {unknown} */ value) => Number.isInteger(value) && Number(value) > 0;
const isSignal = (/** @type {any} */ value) =>
  typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function';

/** What each option must be. `cache` and `headers` are looked at where they are used. */
const CHECKS = /** @type {Record<FilesOption, [(value: unknown) => boolean, string] | undefined>} */ ({
  signal: [isSignal, 'an AbortSignal'],
  onProgress: [isFunction, 'a function'],
  fetch: [isFunction, 'a function'],
  attempts: [isCount, 'a whole number above 0'],
  connections: [isCount, 'a whole number above 0'],
  delay: [isTime, 'a number of milliseconds'],
  maxDelay: [isTime, 'a number of milliseconds'],
  timeout: [isTime, 'a number of milliseconds'],
  localFilesOnly: [(value) => typeof value === 'boolean', 'true or false'],
  token: [isToken, 'printable ASCII without line breaks'],
  revision: [isText, 'a string'],
  subfolder: [isText, 'a string'],
  file: [isText, 'a string'],
  hub: [(value) => isText(value) || value instanceof URL, 'an address'],
});

/**
 * Copies the options that reading takes, each read once and checked; others are left to whoever takes them.
 * @template {object} T
 * @param {T | undefined} given
 * @param {Partial<Record<FilesOption, unknown>>} [defaults] where a call says nothing
 * @returns {Pick<T, Extract<keyof T, FilesOption>>}
 */
export function readingOptions(given, defaults = {}) {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new WembedError('invalid_argument', `options must be an object, got ${shown(given)}`);
  }
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of FILES_OPTIONS) {
    const own = /** @type {any} */ (given)?.[name];
    const value = own === undefined ? defaults[name] : own;
    if (value === undefined) continue;
    const [isRight, what] = CHECKS[name] ?? [];
    if (isRight && !isRight(value)) {
      const got = name === 'token' ? 'something else' : shown(value);
      throw new WembedError('invalid_argument', `${name} must be ${what}, got ${got}`);
    }
    options[name] = name === 'headers' ? checkedHeaders(value) : value;
  }
  return /** @type {any} */ (options);
}

/** Headers that say what is asked for: they are the library's. */
const OWN_HEADERS = ['range', 'if-range', 'if-none-match', 'if-modified-since'];

/**
 * @param {any} given
 * @returns {Record<string, string>} by lower-case name
 */
function checkedHeaders(given) {
  if (typeof given !== 'object' || given === null) {
    throw new WembedError('invalid_argument', `headers must be an object of names and texts, got ${shown(given)}`);
  }
  let headers;
  try {
    headers = new Headers(given);
  } catch (cause) {
    throw new WembedError('invalid_argument', 'headers hold a name or a value that HTTP does not allow', { cause });
  }
  const taken = OWN_HEADERS.find((name) => headers.has(name));
  if (!taken) return Object.fromEntries(headers);
  throw new WembedError('invalid_argument', `headers cannot hold '${taken}', which downloads set themselves`);
}
