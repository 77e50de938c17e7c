import { count, floatsOf, integersOf, mustBe, oneOf, optionsOf, outputArray } from '../core/arguments.js';
import { BAG_MODES } from '../core/codes.js';
import { DISPOSE } from '../core/dispose.js';
import { checkDtype } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { inCore, nearest, products } from './products.js';
import { TableStorage, bagRows, compareRows, lookupRows } from './storage.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/** How a bag's rows become one, as `torch.nn.EmbeddingBag` names it. @typedef {'sum' | 'mean' | 'max'} BagMode */

/**
 * @param {BagMode} mode
 * @returns {number} the core's code of it
 */
export const bagMode = (mode) => oneOf('mode', mode, BAG_MODES);

/**
 * Where the result goes.
 * @typedef {object} OutputOptions
 * @property {Float32Array} [into] written instead of a new array; it has room for the result, and may have more
 */

/**
 * @typedef {object} BagOptions
 * @property {BagMode} [mode] how a bag's rows become one; default 'mean'
 * @property {ArrayLike<number>} [perSampleWeights] (ids.length) what each id's row is multiplied by; with mode 'sum' only
 * @property {number} [paddingIdx] an id that counts for nothing, not even in the mean's denominator; default none
 * @property {Float32Array} [into] written instead of a new array: at least bags × dim numbers
 */

/** What storing a table in fewer bits did to it. @typedef {{ max: number, rms: number, cosine: number }} QuantizationError */

/** @type {(table: object) => TableStorage | undefined} */
let storageIn;

/**
 * A matrix of learned vectors in WebAssembly memory, in the dtype it is stored in: id i stands for row i. Equivalent of
 * `torch.nn.Embedding`; `bag` is `torch.nn.EmbeddingBag`. Made by `EmbeddingTable.from`.
 * @example
 * const table = await EmbeddingTable.from(Float32Array.of(1, 2, 3, 4), { rows: 2, dim: 2, dtype: 'f16' });
 * table.lookup([1, 0]).toArray(); // [[3, 4], [1, 2]]
 */
export class EmbeddingTable {
  #storage;

  static {
    storageIn = (table) => (#storage in table ? table.#storage : undefined);
  }

  /**
   * @internal
   * @param {TableStorage} storage
   */
  constructor(storage) {
    if (!(storage instanceof TableStorage)) throw mustBe('a table', 'made by EmbeddingTable.from', storage);
    this.#storage = storage;
  }

  /**
   * Makes a table of numbers you have. The numbers are read before the promise resolves: leave them as they are until
   * then. Loading the WebAssembly module is the only asynchronous part.
   * @param {import('./from_data.js').TableData} data (rows, dim) row-major: f32 as floats, f16 and bf16 as the 16-bit
   *   patterns, i8 as signed bytes; or bytes of another `format`
   * @param {import('./from_data.js').TableOptions} options
   * @returns {Promise<EmbeddingTable>} errors: `shape_mismatch`, `invalid_argument`, `unsupported`, `out_of_memory`
   */
  static async from(data, options) {
    const given = { ...options }; // before anything is waited for
    const { storageOfData } = await import('./from_data.js');
    return new EmbeddingTable(await storageOfData(data, given));
  }

  /** How many rows are stored. */
  get rows() {
    return this.#storage.shape.rows;
  }
  /** How many ids it takes: its rows, or its tokens where it has a token mapping. */
  get vocabSize() {
    return this.#storage.vocabSize;
  }
  /** How many numbers a row has. */
  get dim() {
    return this.#storage.shape.dim;
  }
  /** How its numbers are stored. @returns {Dtype} */
  get dtype() {
    return this.#storage.shape.dtype;
  }
  /** How many bytes it occupies, scales and token data included. */
  get bytes() {
    return this.#storage.bytes;
  }
  /** Whether each token's row is multiplied by a weight of its own. */
  get hasTokenWeights() {
    return this.#storage.shape.tokenWeights;
  }

  /**
   * The rows of some ids, in their order, as f32. `torch.nn.functional.embedding`.
   * @param {IntegerArray} ids each < vocabSize
   * @param {OutputOptions} [options] `into`: at least ids.length × dim numbers
   * @returns {Matrix} (ids.length, dim). Errors: `id_out_of_range`, `shape_mismatch`, `invalid_argument`, `disposed`
   */
  lookup(ids, options) {
    const { into } = optionsOf('lookup', options, ['into']);
    const wanted = integersOf('ids', ids);
    const n = wanted.length;
    const data = outputArray(into, n * this.dim);
    lookupRows(this.#storage, wanted, data);
    return new Matrix(data, n, this.dim);
  }

  /**
   * The row of one id, as f32.
   * @param {number} id
   * @returns {Float32Array} (dim)
   */
  row(id) {
    return this.lookup([id]).data;
  }

  /**
   * Reduces each bag of ids to one row. `torch.nn.EmbeddingBag` with `include_last_offset=True`.
   * @param {IntegerArray} ids all bags' ids, one after the other
   * @param {IntegerArray} offsets (bags + 1): bag b is ids[offsets[b]] … ids[offsets[b + 1] - 1]; an empty bag gives zeros
   * @param {BagOptions} [options]
   * @returns {Matrix} (bags, dim). Errors: `id_out_of_range`, `shape_mismatch`, `invalid_argument`, `disposed`
   */
  bag(ids, offsets, options) {
    const { mode = 'mean', perSampleWeights, paddingIdx = NO_PADDING, into } = optionsOf('bag', options, BAG_OPTIONS);
    const [wanted, ends] = [integersOf('ids', ids), integersOf('offsets', offsets)];
    const weights = perSampleWeights === undefined ? undefined : floatsOf('perSampleWeights', perSampleWeights);
    const [n, bags] = [wanted.length, ends.length - 1];
    if (bags < 0) throw new WembedError('shape_mismatch', 'offsets needs bags + 1 entries, got 0');
    if (weights && weights.length !== n) {
      throw new WembedError('shape_mismatch', `${weights.length} perSampleWeights for ${n} ids`);
    }
    const checked = { mode: bagMode(mode), weights, paddingIdx: count('paddingIdx', paddingIdx) };
    const data = outputArray(into, bags * this.dim);
    bagRows(this.#storage, wanted, ends, checked, data);
    return new Matrix(data, bags, this.dim);
  }

  /**
   * The same numbers in another dtype: a table of its own. f16 and bf16 round to nearest; i8 has one scale for each row,
   * i4 one for each block of 32.
   * @param {Dtype} dtype
   * @returns {EmbeddingTable} errors: `unsupported`, `out_of_memory`, `invalid_argument` for numbers that are not finite
   */
  quantize(dtype) {
    return new EmbeddingTable(this.#storage.convert(checkDtype(dtype)));
  }

  /**
   * What storing a table in fewer bits did to it: how far what `lookup` gives for each id is from what the original gives
   * for it, token weights included.
   * @param {EmbeddingTable} original of as many ids and the same dim
   * @returns {QuantizationError} the largest difference of two numbers, the root of the mean square of all differences,
   *   and the mean over ids of the cosine between the two vectors
   */
  quantizationError(original) {
    return compareRows(this.#storage, storageOf(original));
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {{ into?: Float32Array }} [options] at least `rows` numbers, written instead of a new array
   * @returns {Float32Array} (rows)
   */
  /**
   * @overload
   * @param {Matrix} x (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × `rows` numbers
   * @returns {Matrix} (n, rows)
   */
  /**
   * The scores of vectors against every row: `torch.nn.functional.linear(x, table)`.
   * @param {import('./products.js').Vectors} x
   * @param {{ into?: Float32Array }} [options]
   * @returns {Float32Array | Matrix}
   */
  products(x, options) {
    return products(inCore(this.#storage), x, options);
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {number} k as many rows as there are where it is more
   * @param {{ metric?: import('./products.js').Metric }} [options] 'dot' (default), or 'cosine': in [-1, 1], 0 where x or
   *   the row is zero. The rows' norms are computed at the first such call, and again after the table is written to
   * @returns {import('./products.js').Nearest}
   */
  /**
   * @overload
   * @param {Matrix} x (n, dim)
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest[]} (n)
   */
  /**
   * The k rows with the highest scores, highest first; of equal scores the lower row. Rows whose score is NaN are left
   * out.
   * The same for several vectors, which pass over the table together: a result for each.
   * @param {import('./products.js').Vectors} x
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest | import('./products.js').Nearest[]}
   */
  nearest(x, k, options) {
    return nearest(inCore(this.#storage), x, k, options);
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    this.#storage.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/** The core's word for it. */
const NO_PADDING = 0xffffffff;

const BAG_OPTIONS = ['mode', 'perSampleWeights', 'paddingIdx', 'into'];

/**
 * @internal
 * @param {TableStorage} storage
 * @returns {EmbeddingTable} which owns it
 */
export const tableOf = (storage) => new EmbeddingTable(storage);

/**
 * @internal
 * @param {unknown} table
 * @returns {TableStorage} of a live table. Errors: `invalid_argument` for anything else, `disposed`
 */
export function storageOf(table) {
  const storage = storageIn(Object(table));
  if (!storage) throw mustBe('table', 'an EmbeddingTable', table);
  storage.handle; // throws where it has been disposed
  return storage;
}
