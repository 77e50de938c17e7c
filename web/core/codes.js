// Written by tools/boundary.mjs from cpp/bindings/boundary.txt.

/** Why a call was refused. JavaScript makes a WembedError with this code of it. A code is an index into this list. */
// prettier-ignore
export const CODES = /** @type {const} */ (['ok', 'shape_mismatch', 'id_out_of_range', 'bad_file', 'unsupported', 'out_of_memory', 'invalid_argument']);

/** How a table's numbers are stored (cpp/core/dtype.h). A code is an index into this list. */
// prettier-ignore
export const DTYPES = /** @type {const} */ (['f32', 'f16', 'i8', 'bf16', 'i4']);

/** How the rows of a bag are reduced to one. A code is an index into this list. */
// prettier-ignore
export const BAG_MODES = /** @type {const} */ (['sum', 'mean', 'max']);

/** How the nearness of a row to a vector is measured. A code is an index into this list. */
// prettier-ignore
export const METRICS = /** @type {const} */ (['dot', 'cosine']);

/** The ggml block types that the core reads, with ggml's own codes. */
// prettier-ignore
export const GGML_TYPES = { q4_0: 2, q4_1: 3, q5_0: 6, q5_1: 7, q8_0: 8, q2_k: 10, q3_k: 11, q4_k: 12, q5_k: 13, q6_k: 14, iq4_nl: 20 };

/** Means: no id, no padding, no limit. */
export const NO_ID = 0xffffffff;

/** Numbers per i4 block. */
export const BLOCK = 32;

/** A dtype code of this or more means ggml blocks: this plus the GgmlType. */
export const GGML_BLOCKS = 256;

/** A flag of textEncode and textEncodeBatch: the template's ids, too. */
export const WITH_SPECIAL_TOKENS = 1;

/** A flag of textEncode: where each id came from, too. */
export const WITH_SPANS = 2;

/** A flag of both: of too many ids the first go. */
export const KEEP_LAST = 4;

/** A flag of both: without the ids of unknown pieces. */
export const DROP_UNKNOWN = 8;

/** Rows of a block of signs. */
export const SIGN_ROWS = 16384;

/** Vectors multiplied with a table in one pass. */
export const VECTOR_GROUP = 64;
