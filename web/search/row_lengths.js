import { runningHeap } from '../memory/heap.js';

/**
 * Σ x² of rows as they are stored.
 * @param {import('../table/storage.js').TableStorage} table
 * @param {number} first
 * @param {number} rows
 * @returns {Float64Array} (rows)
 */
export function squaredLengths({ heap, handle }, first, rows) {
  const out = heap.scratch('out', 8 * rows);
  heap.check(heap.core.tableSquaredLengths(handle, first, rows, out));
  return new Float64Array(heap.u8.slice(out, out + 8 * rows).buffer);
}

/**
 * 1 / the length of each row that rounding has changed, in the core's memory, beside the tables that hold the rows: with the
 * rows' scores they make cosines.
 */
export class RowLengths {
  #heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap());
  /** Of each table. @type {number[]} */
  #addresses = [];
  #tableRows;

  /** @param {number} tableRows rows of every table but the last */
  constructor(tableRows) {
    this.#tableRows = tableRows;
  }

  /**
   * @param {number} at of a table
   * @param {number} kept its first rows, whose lengths are kept
   * @param {number} rows that there must be room for
   */
  makeRoom(at, kept, rows) {
    const [heap, old] = [this.#heap, this.#addresses[at] ?? 0];
    const address = heap.allocate(4 * rows);
    heap.f32.copyWithin(address >>> 2, old >>> 2, (old >>> 2) + kept);
    heap.free(old);
    this.#addresses[at] = address;
  }

  /** @param {number} at of a table @returns {number} where those of its rows stand */
  address(at) {
    return this.#addresses[at];
  }

  /** @param {number} row */
  #index(row) {
    return (this.#addresses[Math.floor(row / this.#tableRows)] >>> 2) + (row % this.#tableRows);
  }

  /** @param {number} row */
  inverse(row) {
    return this.#heap.f32[this.#index(row)];
  }

  /**
   * @param {number} first
   * @param {number} rows of one table
   * @returns {Float32Array} a view, valid until the core is used again
   */
  inverses(first, rows) {
    const at = this.#index(first);
    return this.#heap.f32.subarray(at, at + rows);
  }

  /**
   * @param {number} row
   * @param {number} inverse
   */
  setInverse(row, inverse) {
    this.#heap.f32[this.#index(row)] = inverse;
  }

  /** @param {number} tables to keep */
  truncate(tables) {
    for (const address of this.#addresses.splice(tables)) this.#heap.free(address);
  }
}
