// What crosses between a page and its worker, and in which form.
import { WembedError, kindOf, refuseRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';

/**
 * From the page: a call, a further part of its list, the wish to end it; or that jobs are to pause.
 * @typedef {{ id: number, name: string, index: number, args: unknown[], list?: ListStart }} CallMessage
 *   list: where the call takes one, which the worker asks for in parts
 * @typedef {{ id: number, part: unknown[], last: boolean }} PartMessage
 * @typedef {{ id: number, abort: true }} AbortMessage
 * @typedef {{ pause: boolean } | { close: true }} ControlMessage
 * @typedef {CallMessage | PartMessage | AbortMessage | ControlMessage} ToThread
 */

/** @typedef {{ total: number | undefined }} ListStart how many elements there are, where this is known */

/**
 * How far a long call has come: so many texts, items or bytes.
 * @typedef {object} CallProgress
 * @property {string} status 'encode', 'add' and the like; while a model loads 'progress' and 'done'
 * @property {number} loaded what is done so far, in the same unit as `total`
 * @property {number | undefined} total undefined where the caller's list has no length
 * @property {string} [file] while a model loads
 */

/**
 * From the worker.
 * @typedef {{ id: number, result?: unknown, error?: SentError, progress?: CallProgress, pull?: true }} FromThread
 */

/** An error as it crosses. @typedef {{ name: string, message: string, code?: import('../core/errors.js').ErrorCode,
 *   status?: number, url?: string, reason?: string, cause?: string }} SentError */

/** How a matrix crosses, whose class would be lost. @typedef {{ wembedMatrix: [Float32Array, number, number] }} SentMatrix */

/** @param {unknown} value */
export const isPlain = (value) => kindOf(value) === 'Object';

/**
 * @param {unknown} value an argument or a result: it and its members take another form
 * @param {(value: unknown) => unknown} form
 * @returns {unknown}
 */
function mapped(value, form) {
  const found = form(value);
  if (found !== value || !isPlain(value)) return found;
  return Object.fromEntries(Object.entries(/** @type {object} */ (value)).map(([key, each]) => [key, form(each)]));
}

/** @param {unknown} value @returns {unknown} as it is sent */
export const packed = (value) =>
  mapped(value, (each) => {
    refuseRevoked('an argument', each);
    if (each instanceof URL) return each.href;
    return each instanceof Matrix ? { wembedMatrix: [each.data, each.rows, each.dim] } : each;
  });

/** @param {unknown} value as it came @returns {unknown} */
export const unpacked = (value) =>
  mapped(value, (each) => {
    const sent = /** @type {SentMatrix | undefined} */ (each)?.wembedMatrix;
    return sent ? new Matrix(...sent) : each;
  });

/**
 * The memory of the arrays in an argument or a result, which may then be moved instead of copied. Metas of items are left
 * alone: an index keeps them.
 * @param {unknown} value as it is sent
 * @returns {ArrayBuffer[]}
 */
export function buffersIn(value) {
  const { wembedMatrix, vectors, ids } = Object(value);
  const arrays = [wembedMatrix?.[0], vectors?.wembedMatrix?.[0], ids, ...(Array.isArray(value) ? value : [value])];
  const buffers = arrays.map((each) => (ArrayBuffer.isView(each) ? each.buffer : each));
  return [...new Set(buffers.filter((each) => each instanceof ArrayBuffer))];
}

/** @param {unknown} error @returns {SentError} */
export function sentError(error) {
  const { name = 'Error', message = String(error), code, status, url, reason, cause } = Object(error);
  const told = cause === undefined ? undefined : String(cause);
  if (!(error instanceof WembedError)) return { name: String(name), message: String(message), cause: told };
  return { name: error.name, message: error.message, code, status, url, reason, cause: told };
}

/** @param {SentError} sent @returns {Error} */
export function receivedError({ name, message, code, status, url, reason, cause }) {
  const because = cause === undefined ? undefined : new Error(cause);
  if (code) return new WembedError(code, message, { status, url, reason, cause: because });
  return Object.assign(new Error(message, because && { cause: because }), { name });
}
