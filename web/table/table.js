import { floatsOf, indexFromEnd, integersOf, mustBe, optionsOf, outputArray } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { checkDtype } from '../core/dtypes.js';
import { WembedError, isA, refuseRevoked } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { Matrix } from '../core/matrix.js';
import { bagMode, bagRows } from './bag.js';
import { lookupRows } from './lookup.js';
import { nearest, products } from './products.js';
import { TableStorage, compareRows, convertedStorage } from './storage.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/**
 * Where the result is written.
 * @typedef {object} OutputOptions
 * @property {Float32Array} [into] an array for the result, at least as long, instead of a new one
 */

/**
 * The error of storing a table in fewer bits.
 * @typedef {object} QuantizationError
 * @property {number} max the largest difference of two numbers
 * @property {number} rms root of the mean squared difference
 * @property {number} cosine mean cosine of a row and the original
 */

/** @type {(table: object) => TableStorage | undefined} */
let storageIn;

/**
 * A matrix of learned vectors in WebAssembly memory, in its stored dtype: id i is row i. Equivalent to
 * `torch.nn.Embedding`; `bag` is `torch.nn.EmbeddingBag`. Created by `EmbeddingTable.from`.
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
    if (!isA(storage, TableStorage)) throw mustBe('a table', 'made by EmbeddingTable.from', storage);
    this.#storage = storage;
    Object.preventExtensions(this); // as EmbeddingLayer
  }

  /**
   * Makes a table from your own numbers. They are read before the promise resolves: do not change them until then. Only
   * loading the WebAssembly module is asynchronous.
   * @param {import('./from_data.js').TableData} data (rows, dim) row-major: f32 as floats, f16 and bf16 as the 16-bit
   *   patterns, i8 as signed bytes; or bytes of another `format`
   * @param {import('./from_data.js').TableOptions} options
   * @returns {Promise<EmbeddingTable>} errors: `shape_mismatch`, `invalid_argument`, `unsupported`, `out_of_memory`
   */
  static async from(data, options) {
    refuseRevoked('the options of EmbeddingTable.from', options);
    const given = { ...options }; // before anything is waited for
    const { storageOfData } = await import('./from_data.js').catch(importFailed);
    return new EmbeddingTable(await storageOfData(data, given));
  }

  /** The number of rows. */
  get rows() {
    return this.#storage.shape.rows;
  }
  /** The number of ids: its rows, or its tokens if it has a token mapping. */
  get vocabSize() {
    return this.#storage.vocabSize;
  }
  /** Numbers per row. */
  get dim() {
    return this.#storage.shape.dim;
  }
  /** The dtype of its numbers. @returns {Dtype} */
  get dtype() {
    return this.#storage.shape.dtype;
  }
  /** Bytes occupied, scales and token data included. */
  get bytes() {
    return this.#storage.bytes;
  }
  /** Whether each token's row is multiplied by the token's weight. */
  get hasTokenWeights() {
    return this.#storage.shape.tokenWeights;
  }

  /**
   * The rows of the given ids, in their order, as f32. `torch.nn.functional.embedding`.
   * @param {IntegerArray} ids each < vocabSize
   * @param {OutputOptions} [options] `into`: at least ids.length × dim numbers
   * @returns {Matrix} (ids.length, dim). Errors: `id_out_of_range`, `shape_mismatch`, `invalid_argument`, `disposed`
   */
  lookup(ids, options) {
    const { into } = optionsOf('lookup', options, ['into']);
    const given = integersOf('ids', ids);
    const n = given.length;
    const data = outputArray(into, n * this.dim);
    lookupRows(this.#storage, given, data);
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
   * @param {IntegerArray} ids the ids of all bags, one bag after the other
   * @param {IntegerArray} offsets (bags + 1): bag b is ids[offsets[b]] … ids[offsets[b + 1] - 1]; an empty bag gives zeros
   * @param {import('./bag.js').BagOptions} [options]
   * @returns {Matrix} (bags, dim). Errors: `id_out_of_range`, `shape_mismatch`, `invalid_argument`, `disposed`
   */
  bag(ids, offsets, options) {
    const { mode = 'mean', perSampleWeights, paddingIdx, into } = optionsOf('bag', options, BAG_OPTIONS);
    const [given, ends] = [integersOf('ids', ids), integersOf('offsets', offsets)];
    const weights = perSampleWeights === undefined ? undefined : floatsOf('perSampleWeights', perSampleWeights);
    const [n, bags] = [given.length, ends.length - 1];
    if (bags < 0) throw new WembedError('shape_mismatch', 'offsets needs bags + 1 entries, got 0');
    if (weights && weights.length !== n) {
      throw new WembedError('shape_mismatch', `${weights.length} perSampleWeights for ${n} ids`);
    }
    const checked = {
      mode: bagMode(mode),
      weights,
      paddingIdx: paddingIdx === undefined ? NO_PADDING : indexFromEnd('paddingIdx', paddingIdx, this.vocabSize),
    };
    const data = outputArray(into, bags * this.dim);
    bagRows(this.#storage, given, ends, checked, data);
    return new Matrix(data, bags, this.dim);
  }

  /**
   * The same numbers in another dtype, as a new table. f16 and bf16 round to nearest; i8 has one scale per row, i4 one
   * per block of 32.
   * @param {Dtype} dtype
   * @returns {EmbeddingTable} errors: `unsupported`, `out_of_memory`, `invalid_argument` for numbers that the dtype cannot
   *   store: above 65504 in f16 (above 3.39e38 in bf16), infinities and NaN in i8 and i4
   */
  quantize(dtype) {
    return new EmbeddingTable(convertedStorage(this.#storage, checkDtype(dtype)));
  }

  /**
   * The error of storing a table in fewer bits: how far the rows that `lookup` gives differ from the original's, token
   * weights included.
   * @param {EmbeddingTable} original with the same number of ids and the same dim
   * @returns {QuantizationError} the largest difference of two numbers, the root of the mean square of all differences,
   *   and the mean over ids of the cosine between the two vectors
   */
  quantizationError(original) {
    return compareRows(this.#storage, storageOf(original));
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {{ into?: Float32Array }} [options] an array for the result, at least `rows` numbers, instead of a new one
   * @returns {Float32Array} (rows)
   */
  /**
   * @overload
   * @param {import('./products.js').VectorList} x (n, dim)
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
    return products(this.#storage, x, options);
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {number} k at most this many rows
   * @param {{ metric?: import('./products.js').Metric }} [options] 'dot' (default), or 'cosine': in [-1, 1], 0 if x or
   *   the row is zero. The rows' norms are computed at the first such call, and again after the table has been written
   *   to
   * @returns {import('./products.js').Nearest}
   */
  /**
   * @overload
   * @param {import('./products.js').VectorList} x (n, dim)
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest[]} (n)
   */
  /**
   * The k rows with the highest scores, highest first, equal scores by row. Rows whose score is NaN are left out.
   * Several vectors share one pass over the table and give one result each.
   * @param {import('./products.js').Vectors} x
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest | import('./products.js').Nearest[]}
   */
  nearest(x, k, options) {
    return nearest(this.#storage, x, k, options);
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#storage.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/** The core's code for: no padding. */
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
  if (!storage) throw mustBe('table', 'an EmbeddingTable of this copy of wembed', table);
  storage.handle; // throws where it has been disposed
  return storage;
}
