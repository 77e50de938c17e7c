import { WembedError } from '../core/errors.js';
import { TableStorage } from './storage.js';
import { writeRows } from './stored_rows.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/** How many bytes of f32 rows are converted together where nobody knows how many rows there will be. */
const PIECE_BYTES = 2 ** 22;

/**
 * Makes a table of f32 rows as they arrive, converted to its dtype at once, so that only the table itself is held. Where
 * nobody knows how many rows there will be, they wait in pieces outside the core's memory, which never shrinks, and each
 * piece is given back as it moves into the table.
 */
export class RowStore {
  #dim;
  #dtype;
  /** The table; or what converts and holds the rows of one piece. */
  #storage;
  /** How many rows of #storage are filled. */
  #filled = 0;
  /** @type {{ rows: number, buffers: ArrayBuffer[] }[] | undefined} full pieces; undefined where rows are known */
  #pieces;
  /** How many rows are stored. */
  length = 0;

  /**
   * @param {{ dim: number, dtype: Dtype, rows?: number }} shape rows: how many there will be at most, if known
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
   * Adds rows behind those that are there.
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
   * Changes rows of the table, when it is finished.
   * @param {number} first the row they begin at
   * @param {Float32Array} rows (n, dim)
   */
  replace(first, rows) {
    this.#put(first, rows, first);
  }

  /**
   * @param {number} first where in #storage they go
   * @param {Float32Array} rows (n, dim)
   * @param {number} number of the first row, as the caller counts
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
   * @returns {number} the first that cannot be stored, -1 if each can
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

  /** Moves the rows in #storage out of the core. */
  #setAside() {
    if (!this.#pieces) throw new WembedError('shape_mismatch', `more than ${this.#storage.shape.rows} rows`);
    const buffers = this.#storage.rowBlocks(0, this.#filled).map((block) => {
      // Resizable, so that its memory can be given back before the garbage collector comes.
      const buffer = new ArrayBuffer(block.length, { maxByteLength: block.length });
      new Uint8Array(buffer).set(block);
      return buffer;
    });
    this.#pieces.push({ rows: this.#filled, buffers });
    this.#filled = 0;
  }

  /** @returns {TableStorage} of the rows added; the store must not be added to any more */
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

  /** Gives everything back, for a file that turns out to be broken. */
  dispose() {
    this.#storage.dispose();
    this.#pieces = [];
  }
}
