import { ggmlBlock } from './ggml_types.js';

/** Numbers that a table can hold as they are, by the names of safetensors and GGUF. */
const PLAIN = /** @type {Record<string, import('../core/dtypes.js').Dtype>} */ ({
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
});

/**
 * What a table's writer makes of a tensor's dtype.
 * @param {string} dtype as safetensors or GGUF has it
 * @returns {import('../core/dtypes.js').Dtype | import('../core/dtypes.js').BlockType | undefined} undefined where it can make nothing
 *   of it
 */
export const writable = (dtype) => (Object.hasOwn(PLAIN, dtype) ? PLAIN[dtype] : ggmlBlock(dtype));

/**
 * The dtype that keeps a tensor's numbers: as they are, or, of ggml's blocks, in the least room that loses hardly
 * anything. Q4_0 is i4; f16 rounds the others by 2^-12 of their size.
 * @param {string} dtype that `writable` knows
 * @returns {import('../core/dtypes.js').Dtype}
 */
export const keptAs = (dtype) => (Object.hasOwn(PLAIN, dtype) ? PLAIN[dtype] : dtype === 'Q4_0' ? 'i4' : 'f16');

/**
 * 8-bit floats, by safetensors' names: what `widening` calls them.
 * @type {Record<string, 'f8_e4m3' | 'f8_e5m2'>}
 */
export const BYTE_FLOATS = { F8_E4M3: 'f8_e4m3', F8_E5M2: 'f8_e5m2' };
