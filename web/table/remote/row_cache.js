import { partOf } from '../../core/numbers.js';
import { lookupRows } from '../lookup.js';
import { TableStorage } from '../storage.js';

/** The rows held in memory, up to a maximum; the least recently used rows leave first. */
export class RowCache {
  #storage;
  #format;
  /** The slot of each row held, the least recently used first. @type {Map<number, number>} */
  #slotOf = new Map();
  /** Slots whose rows could not be stored. @type {number[]} */
  #free = [];

  /**
   * @param {{ rows: number, dim: number, dtype: import('../../core/dtypes.js').Dtype }} shape rows: the maximum number
   *   held
   * @param {import('../row_format.js').RowFormat} format of the arriving rows
   */
  constructor({ rows, dim, dtype }, format) {
    const perRowScales = dtype === 'i8' && format.exact !== 'i8';
    this.#storage = new TableStorage({ rows, dim, dtype, perRowScales });
    this.#format = format;
  }

  /** The number of rows held. */
  get size() {
    return this.#slotOf.size;
  }
  get dtype() {
    return this.#storage.shape.dtype;
  }

  /**
   * Copies out the rows that are held.
   * @param {Uint32Array} rows
   * @param {Float32Array} data (rows.length, dim)
   * @returns {Map<number, number[]>} the missing rows, and their row numbers in `data`
   */
  take(rows, data) {
    /** @type {Map<number, number[]>} */
    const missing = new Map();
    const slots = [];
    const targets = [];
    for (let i = 0; i < rows.length; i++) {
      const slot = this.#slotOf.get(rows[i]);
      if (slot === undefined) {
        const others = missing.get(rows[i]);
        if (others) others.push(i);
        else missing.set(rows[i], [i]);
      } else {
        this.#slotOf.delete(rows[i]); // and inserted again at the end, as the most recently used
        this.#slotOf.set(rows[i], slot);
        slots.push(slot);
        targets.push(i);
      }
    }
    const { dim } = this.#storage.shape;
    const here = new Float32Array(slots.length * dim);
    lookupRows(this.#storage, Uint32Array.from(slots), here);
    targets.forEach((i, k) => data.set(here.subarray(k * dim, (k + 1) * dim), i * dim));
    return missing;
  }

  /**
   * Stores rows, at most as many at a time as there is room for.
   * @param {Uint32Array} rows in rising order
   * @param {Uint8Array} found the stored bytes of the first row up to those of the last
   * @returns {Float32Array} (rows.length, dim)
   */
  keep(rows, found) {
    const { bytes } = this.#format;
    const { dim, rows: room } = this.#storage.shape;
    const data = new Float32Array(rows.length * dim);
    for (let from = 0; from < rows.length; from += room) {
      const some = rows.subarray(from, from + room);
      const slots = some.map((row) => {
        const at = (row - rows[0]) * bytes;
        return this.#keepRow(row, found.subarray(at, at + bytes));
      });
      lookupRows(this.#storage, slots, partOf(data, from * dim, (from + some.length) * dim));
    }
    return data;
  }

  /**
   * @param {number} row
   * @param {Uint8Array} bytes
   * @returns {number} its slot
   */
  #keepRow(row, bytes) {
    const slot = this.#slotFor(row);
    try {
      this.#format.store(this.#storage, slot, bytes);
    } catch (error) {
      this.#free.push(slot); // a failed conversion may have overwritten part of the slot
      throw error;
    }
    this.#slotOf.set(row, slot);
    return slot;
  }

  /**
   * A free slot, or that of the least recently used row.
   * @param {number} row
   * @returns {number}
   */
  #slotFor(row) {
    const free = this.#slotOf.get(row) ?? this.#free.pop();
    this.#slotOf.delete(row);
    if (free !== undefined) return free;
    const used = this.#slotOf.size;
    if (used < this.#storage.shape.rows) return used;
    const [[oldest, slot]] = this.#slotOf;
    this.#slotOf.delete(oldest);
    return slot;
  }

  /** Frees the memory. */
  dispose() {
    this.#slotOf.clear();
    this.#storage.dispose();
  }
}
