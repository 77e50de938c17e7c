import { WembedError } from '../core/errors.js';
import { TableStorage } from './storage.js';
import { writeRows } from './stored_rows.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/** Bytes of f32 rows converted together if the number of rows is unknown. */
const PIECE_BYTES = 2 ** 22;

/**
 * Builds a table from f32 rows as they arrive. Each row is converted to the table's dtype at once, so that only the
 * table itself is held. If the number of rows is unknown, rows wait in pieces outside the core's memory, which never
 * shrinks; each piece is freed as it moves into the table.
 */
export class RowStore {
  #dim;
  #dtype;
  /** The table, or the piece whose rows are being converted. */
  #storage;
  /** The number of rows filled in #storage. */
  #filled = 0;
  /**
   * @type {{ rows: number, buffers: ArrayBuffer[] }[] | undefined} full pieces; undefined if the number of rows is
   *   known
   */
  #pieces;
  /** The number of rows stored. */
  length = 0;

  /**
   * @param {{ dim: number, dtype: Dtype, rows?: number }} shape rows: the maximum number, if known
   */
  constructor({ dim, dtype, rows }) {
    this.#dim = dim;
    this.#dtype = dtype;
    this.#pieces = rows === undefined ? [] : undefined;
    this.#storage = this.#create(rows ?? Math.max(1, Math.floor(PIECE_BYTES / (4 * dim))));
  }

  /** @param {number} rows */
  #create(rows) {
    const [dim, dtype] = [this.#dim, this.#dtype];
    return new TableStorage({ rows, dim, dtype, perRowScales: dtype === 'i8' });
  }

  /**
   * Appends rows.
   * @param {Float32Array} rows (n, dim)
   */
  add(rows) {
    const dim = this.#dim;
    for (let at = 0; at < rows.length;) {
      if (this.#filled === this.#storage.shape.rows) this.#setAside();
      const numbers = Math.min(rows.length - at, (this.#storage.shape.rows - this.#filled) * dim);
      this.#put(this.#filled, rows.subarray(at, at + numbers), this.length);
      this.#filled += numbers / dim;
      this.length += numbers / dim;
      at += numbers;
    }
  }

  /**
   * Overwrites rows of the finished table.
   * @param {number} first the index of the first row
   * @param {Float32Array} rows (n, dim)
   */
  replace(first, rows) {
    this.#put(first, rows, first);
  }

  /**
   * @param {number} first the row in #storage to write to
   * @param {Float32Array} rows (n, dim)
   * @param {number} number of the first row, counted by the caller
   */
  #put(first, rows, number) {
    try {
      this.#write(first, rows);
    } catch (cause) {
      const wrong = this.#wrongRow(first, rows);
      const what = `row ${number + wrong} cannot be stored as ${this.#dtype}: its numbers are not finite, or too large`;
      throw wrong < 0 ? cause : new WembedError('bad_file', what, { cause });
    }
  }

  /**
   * @param {number} first a row that may be overwritten
   * @param {Float32Array} rows (n, dim)
   * @returns {number} the first row that cannot be stored, -1 if all can
   */
  #wrongRow(first, rows) {
    const dim = this.#dim;
    for (let i = 0; i < rows.length / dim; i++) {
      try {
        this.#write(first, rows.subarray(i * dim, (i + 1) * dim));
      } catch {
        return i;
      }
    }
    return -1;
  }

  /**
   * @param {number} first
   * @param {Float32Array} rows
   */
  #write(first, rows) {
    writeRows(this.#storage, 'f32', new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), first);
  }

  /** Moves the rows of #storage out of the core. */
  #setAside() {
    if (!this.#pieces) throw new WembedError('shape_mismatch', `more than ${this.#storage.shape.rows} rows`);
    const buffers = this.#storage.rowBlocks(0, this.#filled).map((block) => {
      // Resizable, so that its memory can be freed before the garbage collector runs.
      const buffer = new ArrayBuffer(block.length, { maxByteLength: block.length });
      new Uint8Array(buffer).set(block);
      return buffer;
    });
    this.#pieces.push({ rows: this.#filled, buffers });
    this.#filled = 0;
  }

  /** @returns {TableStorage} with the rows added; nothing may be added afterwards */
  finish() {
    const pieces = this.#pieces;
    if (!pieces) {
      this.#storage.truncate(this.length);
      return this.#storage;
    }
    if (this.#filled > 0) this.#setAside();
    this.#storage.dispose();
    this.#storage = this.#create(this.length);
    let first = 0;
    for (const { rows, buffers } of pieces) {
      const blocks = this.#storage.rowBlocks(first, rows);
      buffers.forEach((buffer, i) => {
        blocks[i].set(new Uint8Array(buffer));
        if (buffer.resizable) buffer.resize(0);
      });
      first += rows;
    }
    return this.#storage;
  }

  /** Frees everything, for a file that turns out to be damaged. */
  dispose() {
    this.#storage.dispose();
    this.#pieces = [];
  }
}
