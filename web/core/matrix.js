/** Rows of equal length in one array: what a batch of vectors comes back as. */
export class Matrix {
  /**
   * @param {Float32Array} data (rows, dim), row-major
   * @param {number} rows
   * @param {number} dim
   */
  constructor(data, rows, dim) {
    this.data = data;
    this.rows = rows;
    this.dim = dim;
  }

  /**
   * Row i as a view, not a copy: writing to it writes to `data`.
   * @param {number} i
   * @returns {Float32Array}
   */
  row(i) {
    return this.data.subarray(i * this.dim, (i + 1) * this.dim);
  }

  /** @returns {Generator<Float32Array>} the rows in order */
  *[Symbol.iterator]() {
    for (let i = 0; i < this.rows; i++) yield this.row(i);
  }
}
