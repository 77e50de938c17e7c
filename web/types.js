/**
 * How a table's numbers are stored. The order is the wire order of cpp/core/dtype.h.
 * @typedef {'f32' | 'f16' | 'i8'} Dtype
 */

/** @type {Dtype[]} */
export const DTYPES = ['f32', 'f16', 'i8'];

/** @type {Record<Dtype, number>} */
export const BYTES_PER_VALUE = { f32: 4, f16: 2, i8: 1 };

/**
 * Any array of whole numbers: ids, positions, offsets.
 * @typedef {readonly number[] | Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array
 *   | BigInt64Array | BigUint64Array} IntegerArray
 */

/**
 * Told as files load. `total` is 0 where the source does not say how long it is.
 * @typedef {(event: { status: 'progress' | 'done', file: string, loaded: number, total: number }) => void} OnProgress
 */

export {};
