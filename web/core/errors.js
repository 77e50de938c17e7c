/**
 * Every way a call can fail. The first seven stand in the order of `Code` in cpp/core/status.h.
 * @typedef {'shape_mismatch' | 'id_out_of_range' | 'bad_file' | 'unsupported' | 'out_of_memory' | 'invalid_argument'
 *   | 'not_found' | 'network' | 'aborted' | 'disposed'} ErrorCode
 */

/** @type {ErrorCode[]} what the C++ core's codes 1, 2, … mean */
const CORE_CODES = [
  'shape_mismatch',
  'id_out_of_range',
  'bad_file',
  'unsupported',
  'out_of_memory',
  'invalid_argument',
];

/** The one error this library throws: `code` is stable, `message` names the offending values. */
export class WembedError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'WembedError';
    /** @type {ErrorCode} */
    this.code = code;
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
  return new WembedError(CORE_CODES[code - 1] ?? 'invalid_argument', `${what}: ${value}${place} (limit ${limit})`);
}

/**
 * Throws `aborted` if the caller has given up.
 * @param {AbortSignal} [signal]
 */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw new WembedError('aborted', 'the call was aborted', { cause: signal.reason });
}

/**
 * What a failed fetch or read means: an abort, our own error unchanged, or the network.
 * @param {unknown} error
 * @param {string} what what was being read
 * @param {AbortSignal} [signal]
 * @returns {WembedError}
 */
export function asWembedError(error, what, signal) {
  if (error instanceof WembedError) return error;
  if (signal?.aborted) return new WembedError('aborted', `reading ${what} was aborted`, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new WembedError('network', `reading ${what} failed: ${message}`, { cause: error });
}

/**
 * A value in a message, whatever it is: a file may hold an object whose toString is a number.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  try {
    return String(value);
  } catch {
    return `an ${typeof value}`;
  }
}
