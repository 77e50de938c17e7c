import { BLOCK } from './codes.js'; // of i4: it takes 16 bytes and a scale of 2

/**
 * How a table's numbers are stored: cpp/core/dtype.h says what each is.
 * @typedef {'f32' | 'f16' | 'i8' | 'bf16' | 'i4'} Dtype
 */

export { DTYPES } from './codes.js';

/**
 * @param {Dtype} dtype
 * @param {number} dim
 * @returns {number} a row's bytes, without scales
 */
export function rowBytes(dtype, dim) {
  if (dtype === 'i4') return Math.ceil(dim / BLOCK) * (BLOCK / 2);
  return dim * { f32: 4, f16: 2, bf16: 2, i8: 1 }[dtype];
}

/**
 * @param {Dtype} dtype
 * @param {number} dim
 * @returns {number} the bytes of a row's block scales
 */
export const blockScaleBytes = (dtype, dim) => (dtype === 'i4' ? 2 * Math.ceil(dim / BLOCK) : 0);

/**
 * Rows in blocks of numbers, as GGUF files have them: what the core calls the type, and a block's numbers and bytes.
 * @typedef {{ code: number, numbers: number, bytes: number }} BlockType
 */

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
