import { WembedError, shown } from './errors.js';

/** Rows of equal length in one array: the result type of calls that return several vectors. */
export class Matrix {
  /**
   * @param {Float32Array} data (rows, dim), row-major
   * @param {number} rows
   * @param {number} dim
   * @throws {WembedError} `shape_mismatch` for numbers that are more or fewer than rows × dim
   */
  constructor(data, rows, dim) {
    if (
      ![rows, dim].every(Number.isInteger) ||
      rows < 0 ||
      dim < 0 ||
      !ArrayBuffer.isView(data) ||
      data.length !== rows * dim
    )
      throw new WembedError('shape_mismatch', `data is not ${shown(rows)} × ${shown(dim)}`);
    /** The numbers, row after row. */
    this.data = data;
    /** The number of rows. */
    this.rows = rows;
    /** The numbers per row. */
    this.dim = dim;
  }

  /**
   * Both sizes, as NumPy's `shape`.
   * @returns {[rows: number, dim: number]}
   */
  get shape() {
    return [this.rows, this.dim];
  }

  /**
   * Row i as a view, not a copy: writing to it writes to `data`.
   * @param {number} i 0 to rows - 1
   * @returns {Float32Array} (dim)
   */
  row(i) {
    if (!(i === i >>> 0 && i < this.rows)) {
      throw new WembedError('id_out_of_range', `row ${shown(i)} of a Matrix of ${shown(this.rows)} rows`);
    }
    return this.data.subarray(i * this.dim, (i + 1) * this.dim);
  }

  /**
   * The rows as arrays of numbers, copied.
   * @returns {number[][]} rows arrays of dim numbers
   */
  toArray() {
    return [...this].map((row) => [...row]);
  }

  /** For JSON.stringify: the same as `toArray`. */
  toJSON() {
    return this.toArray();
  }

  /** @returns {Generator<Float32Array>} the rows in order, as views */
  *[Symbol.iterator]() {
    for (let i = 0; i < this.rows; i++) yield this.row(i);
  }
}

/**
 * What a caller's value holds if it is a Matrix, read once: of this copy of the package, of another one, or what is left of it
 * after it was sent to a worker, its three properties. They are still to be checked.
 * @param {unknown} value
 * @returns {Pick<Matrix, 'data' | 'rows' | 'dim'> | undefined}
 */
export function matrixIn(value) {
  try {
    const { data, rows, dim } = /** @type {Matrix} */ (value);
    if (ArrayBuffer.isView(data)) return { data, rows, dim };
  } catch {
    // null, a revoked Proxy, or a getter that throws
  }
  return undefined;
}
