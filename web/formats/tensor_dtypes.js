import { ggmlBlock } from './ggml_types.js';

/** Dtypes that a table can store unchanged, by the names of safetensors and GGUF. */
const PLAIN = /** @type {Record<string, import('../core/dtypes.js').Dtype>} */ ({
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
});

/**
 * The form in which a table's writer takes a tensor's dtype.
 * @param {string} dtype a name of safetensors or GGUF
 * @returns {import('../core/dtypes.js').Dtype | import('../core/dtypes.js').BlockType | undefined} undefined for
 *   unsupported dtypes
 */
export const writable = (dtype) => (Object.hasOwn(PLAIN, dtype) ? PLAIN[dtype] : ggmlBlock(dtype));

/**
 * The dtype to store a tensor's numbers in: their own, or for ggml's blocks the smallest one with almost no loss: i4
 * for Q4_0, and f16 for the others, with a relative rounding error of 2^-12.
 * @param {string} dtype that `writable` knows
 * @returns {import('../core/dtypes.js').Dtype}
 */
export const keptAs = (dtype) => (Object.hasOwn(PLAIN, dtype) ? PLAIN[dtype] : (KEPT[dtype] ?? 'f16'));

/** MXFP4 has the exponents of f32 and few bits: bf16 holds its numbers. @type {Record<string, import('../core/dtypes.js').Dtype>} */
const KEPT = { Q4_0: 'i4', MXFP4: 'bf16', F64: 'f32' };

/**
 * 8-bit floats: safetensors' names and those of `widening`.
 * @type {Record<string, 'f8_e4m3' | 'f8_e5m2'>}
 */
export const BYTE_FLOATS = { F8_E4M3: 'f8_e4m3', F8_E5M2: 'f8_e5m2' };
