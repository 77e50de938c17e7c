import { oneOf } from './arguments.js';
import { WembedError, shown } from './errors.js';
import { BLOCK, DTYPES } from './codes.js'; // an i4 block takes 16 bytes, and 2 for its scale

export { DTYPES };

/**
 * How a table's numbers are stored. cpp/core/dtype.h defines each dtype.
 * @typedef {'f32' | 'f16' | 'i8' | 'bf16' | 'i4'} Dtype
 */

/**
 * @param {unknown} dtype
 * @returns {Dtype} the same value, if it is a dtype
 */
export function checkDtype(dtype) {
  const name = shown(dtype);
  const [, whole, b = '', float] = /^(?:(?:int|q)_?(4|8)|(b)?(?:fp?|float)_?(16|32))$/i.exec(name) ?? [];
  const meant = DTYPES.find((each) => each === (whole ? `i${whole}` : `${b.toLowerCase()}f${float}`));
  if (meant && meant !== dtype) throw new WembedError('unsupported', `dtype '${name}': did you mean '${meant}'?`);
  return DTYPES[oneOf('dtype', dtype, DTYPES, 'unsupported')];
}

/**
 * @param {Dtype} dtype
 * @param {number} dim
 * @returns {number} bytes per row, without the scales
 */
export function rowBytes(dtype, dim) {
  if (dtype === 'i4') return Math.ceil(dim / BLOCK) * (BLOCK / 2);
  return dim * { f32: 4, f16: 2, bf16: 2, i8: 1 }[dtype];
}

/**
 * @param {Dtype} dtype
 * @param {number} dim
 * @returns {number} bytes per row of block scales
 */
export const blockScaleBytes = (dtype, dim) => (dtype === 'i4' ? 2 * Math.ceil(dim / BLOCK) : 0);

/**
 * A block type of GGUF files: the core's code for it, numbers per block, bytes per block.
 * @typedef {{ code: number, numbers: number, bytes: number }} BlockType
 */
