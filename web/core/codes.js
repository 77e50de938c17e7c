// Written by tools/boundary.mjs from cpp/bindings/boundary.txt.

/** Why a call was refused. JavaScript makes a WembedError with this code of it. A code is the place in this list. */
// prettier-ignore
export const CODES = /** @type {const} */ (['ok', 'shape_mismatch', 'id_out_of_range', 'bad_file', 'unsupported', 'out_of_memory', 'invalid_argument']);

/** How a table's numbers are stored (cpp/core/dtype.h). A code is the place in this list. */
// prettier-ignore
export const DTYPES = /** @type {const} */ (['f32', 'f16', 'i8', 'bf16', 'i4']);

/** How a bag of rows becomes one. A code is the place in this list. */
// prettier-ignore
export const BAG_MODES = /** @type {const} */ (['sum', 'mean', 'max']);

/** What makes a row near to a vector. A code is the place in this list. */
// prettier-ignore
export const METRICS = /** @type {const} */ (['dot', 'cosine']);

/** The types of ggml's blocks that the core reads, by ggml's own codes. */
// prettier-ignore
export const GGML_TYPES = { q4_0: 2, q4_1: 3, q5_0: 6, q5_1: 7, q8_0: 8, q2_k: 10, q3_k: 11, q4_k: 12, q5_k: 13, q6_k: 14, iq4_nl: 20 };

/** Stands for no id, no padding, no limit. */
export const NO_ID = 0xffffffff;

/** How many numbers an i4 block holds. */
export const BLOCK = 32;

/** From here on a dtype's code stands for ggml's blocks: this plus the GgmlType. */
export const GGML_BLOCKS = 256;

/** A flag of textEncode and textEncodeBatch: the template's ids, too. */
export const WITH_SPECIAL_TOKENS = 1;

/** A flag of textEncode: where each id came from, too. */
export const WITH_SPANS = 2;

/** A flag of both: of too many ids the first go. */
export const KEEP_LAST = 4;

/** A flag of both: without the ids of unknown pieces. */
export const DROP_UNKNOWN = 8;

/** How many vectors pass over a table together. */
export const VECTOR_GROUP = 64;
