// The type of each option of everything that reads files.
import { WembedError, refuseRevoked, shown, isA } from '../core/errors.js';
import { canRead } from '../core/own.js';
import { FILES_OPTIONS } from './option_names.js';

/** @typedef {import('./option_names.js').FilesOption} FilesOption */

const isText = (/** @type {unknown} */ value) => typeof value === 'string';
const isToken = (/** @type {unknown} */ value) => typeof value === 'string' && /^[!-~]+( [!-~]+)*$/.test(value);
const isFunction = (/** @type {unknown} */ value) => typeof value === 'function';
const isTime = (/** @type {unknown} */ value) => typeof value === 'number' && value >= 0;
const isCount = (/** @type {unknown} */ value) => Number.isInteger(value) && Number(value) > 0;
const isSignal = (/** @type {unknown} */ value) => {
  if (!canRead(value, 'aborted')) return false;
  const { aborted, addEventListener } = /** @type {Partial<AbortSignal>} */ (value ?? {});
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
};

/** The check of each option, and its description. `cache` and `headers` are checked where they are used. */
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
  hub: [(value) => isText(value) || isA(value, URL), 'an address'],
});

/**
 * Copies the options of reading, each read once and checked; other options are ignored here.
 * @template {object} T
 * @param {T | undefined} given
 * @param {Partial<Record<FilesOption, unknown>>} [defaults] for options that the call does not give
 * @returns {T}
 */
export function readingOptions(given, defaults = {}) {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new WembedError('invalid_argument', `options must be an object, got ${shown(given)}`);
  }
  refuseRevoked('options', given);
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of FILES_OPTIONS) {
    const own = /** @type {Record<string, unknown> | undefined} */ (given)?.[name];
    const value = own === undefined ? defaults[name] : own;
    if (value === undefined) continue;
    checkOption(name, value);
    options[name] = name === 'headers' ? checkedHeaders(value) : value;
  }
  return /** @type {T} */ (options);
}

/**
 * Refuses a value that an option cannot have.
 * @param {FilesOption} name
 * @param {unknown} value
 * @param {string} [shownName] for messages
 */
export function checkOption(name, value, shownName = name) {
  const [isRight, what] = CHECKS[name] ?? [];
  if (!isRight || isRight(value)) return;
  const got = name === 'token' ? 'something else' : shown(value);
  throw new WembedError('invalid_argument', `${shownName} must be ${what}, got ${got}`);
}

/** Request headers that the library sets itself. */
const OWN_HEADERS = ['range', 'if-range', 'if-none-match', 'if-modified-since'];

/**
 * @param {unknown} given
 * @returns {Record<string, string>} by lower-case name
 */
function checkedHeaders(given) {
  if (typeof given !== 'object' || given === null) {
    throw new WembedError('invalid_argument', `headers must be an object of strings, got ${shown(given)}`);
  }
  let headers;
  try {
    headers = new Headers(/** @type {HeadersInit} */ (given));
  } catch (cause) {
    throw new WembedError('invalid_argument', 'headers contain a name or a value that HTTP does not allow', { cause });
  }
  const taken = OWN_HEADERS.find((name) => headers.has(name));
  if (!taken) return Object.fromEntries(headers);
  throw new WembedError('invalid_argument', `headers cannot contain '${taken}', which downloads set themselves`);
}
