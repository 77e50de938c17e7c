import { oneOf } from './arguments.js';
import { BLOCK, DTYPES } from './codes.js'; // a block of i4 takes 16 bytes and a scale of 2

export { DTYPES };

/**
 * How a table's numbers are stored. cpp/core/dtype.h says what each is.
 * @typedef {'f32' | 'f16' | 'i8' | 'bf16' | 'i4'} Dtype
 */

/**
 * @param {unknown} dtype
 * @returns {Dtype} the same, if it is one
 */
export function checkDtype(dtype) {
  return DTYPES[oneOf('dtype', dtype, DTYPES, 'unsupported')];
}

/**
 * @param {Dtype} dtype
 * @param {number} dim
 * @returns {number} the bytes of a row, without scales
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
