import { GGML_BLOCKS, GGML_TYPES as WIDENED } from '../core/codes.js';

/** ggml's tensor types: numbers per block, bytes per block. (ggml.h, `ggml_type`; sizes as in the `gguf` package.) */
export const GGML_TYPES = /** @type {Record<number, [name: string, numbers: number, bytes: number]>} */ ({
  ...{ 0: ['F32', 1, 4], 1: ['F16', 1, 2], 2: ['Q4_0', 32, 18], 3: ['Q4_1', 32, 20], 6: ['Q5_0', 32, 22] },
  ...{ 7: ['Q5_1', 32, 24], 8: ['Q8_0', 32, 34], 9: ['Q8_1', 32, 40], 10: ['Q2_K', 256, 84] },
  ...{ 11: ['Q3_K', 256, 110], 12: ['Q4_K', 256, 144], 13: ['Q5_K', 256, 176], 14: ['Q6_K', 256, 210] },
  ...{ 15: ['Q8_K', 256, 292], 16: ['IQ2_XXS', 256, 66], 17: ['IQ2_XS', 256, 74], 18: ['IQ3_XXS', 256, 98] },
  ...{ 19: ['IQ1_S', 256, 50], 20: ['IQ4_NL', 32, 18], 21: ['IQ3_S', 256, 110], 22: ['IQ2_S', 256, 82] },
  ...{ 23: ['IQ4_XS', 256, 136], 24: ['I8', 1, 1], 25: ['I16', 1, 2], 26: ['I32', 1, 4], 27: ['I64', 1, 8] },
  ...{ 28: ['F64', 1, 8], 29: ['IQ1_M', 256, 56], 30: ['BF16', 1, 2], 34: ['TQ1_0', 256, 54] },
  ...{ 35: ['TQ2_0', 256, 66], 39: ['MXFP4', 32, 17], 40: ['NVFP4', 64, 36] },
});

/** The types that the core converts. @type {Map<string, import('../core/dtypes.js').BlockType>} */
const BLOCKS = new Map(
  Object.entries(GGML_TYPES)
    .filter(([, [name]]) => Object.hasOwn(WIDENED, name.toLowerCase()))
    .map(([code, [name, numbers, bytes]]) => [name, { code: GGML_BLOCKS + Number(code), numbers, bytes }]),
);

/** The types that few files have: ggml_rare_blocks.js converts them. */
const RARE = /^(TQ[12]_0|MXFP4|NVFP4|IQ[123]_(XXS|XS|S|M)|IQ4_XS)$/;

/** @param {string} type @returns {boolean} whether it is a block type that the core does not convert */
export const isRareBlock = (type) => RARE.test(type);

/**
 * @param {string} type
 * @returns {import('../core/dtypes.js').BlockType | undefined} undefined for unsupported types
 */
export const ggmlBlock = (type) => BLOCKS.get(type);
