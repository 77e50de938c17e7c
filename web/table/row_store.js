import { WembedError } from '../core/errors.js';
import { EmbeddingTable } from './table.js';
import { blockScaleBytes, rowBytes } from '../core/dtypes.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/** Rows of a number not known yet are kept in pieces of so many bytes. */
const PIECE_BYTES = 2 ** 22;

/** Where a table's bytes are: the functions that tell each block's address, and its bytes a row. */
const BLOCKS = /** @type {const} */ ([
  ['tableData', (/** @type {Dtype} */ dtype, /** @type {number} */ dim) => rowBytes(dtype, dim)],
  ['tableRowScales', (/** @type {Dtype} */ dtype) => (dtype === 'i8' ? 4 : 0)],
  ['tableBlockScales', (/** @type {Dtype} */ dtype, /** @type {number} */ dim) => blockScaleBytes(dtype, dim)],
]);

/**
 * Makes a table of f32 rows as they arrive, converted to its dtype at once, so that only the table itself is held. Where
 * nobody knows how many rows there will be, they wait in pieces outside the core's memory, which never shrinks, and each
 * piece is given back as it moves into the table.
 */
export class RowStore {
  #heap;
  #dim;
  #dtype;
  /** The table; or what converts and holds the rows of one piece. */
  #table;
  /** Rows in #table. */
  #filled = 0;
  /** @type {ArrayBuffer[][] | undefined} of pieces that are full, a buffer a block; undefined where rows are known */
  #pieces;
  /** Rows stored. */
  length = 0;

  /**
   * @param {import('../memory/heap.js').Heap} heap
   * @param {{ dim: number, dtype: Dtype, rows?: number }} shape rows: how many there will be at most, if known
   */
  constructor(heap, { dim, dtype, rows }) {
    this.#heap = heap;
    this.#dim = dim;
    this.#dtype = dtype;
    this.#pieces = rows === undefined ? [] : undefined;
    this.#table = this.#create(rows ?? Math.max(1, Math.floor(PIECE_BYTES / (4 * dim))));
  }

  /** @param {number} rows */
  #create(rows) {
    const [dim, dtype] = [this.#dim, this.#dtype];
    return new EmbeddingTable(this.#heap, { rows, dim, dtype, perRowScales: dtype === 'i8' });
  }

  /**
   * Adds rows behind those that are there.
   * @param {Float32Array} rows (n, dim)
   */
  add(rows) {
    const dim = this.#dim;
    for (let at = 0; at < rows.length;) {
      if (this.#filled === this.#table.rows) this.#setAside();
      const wanted = Math.min(rows.length - at, (this.#table.rows - this.#filled) * dim);
      this.#put(this.#filled, rows.subarray(at, at + wanted), this.length);
      this.#filled += wanted / dim;
      this.length += wanted / dim;
      at += wanted;
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
   * @param {number} first where in #table they go
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
    const table = this.#table;
    const dim = this.#dim;
    if (this.#dtype === 'f32') {
      table.write(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), 4 * first * dim);
      return;
    }
    const heap = this.#heap;
    const address = heap.floats('rows', rows);
    heap.check(heap.core.tableStore(table.handle, 0, address, rows.length / dim, 1, first));
  }

  /** Moves the rows in #table out of the core. */
  #setAside() {
    if (!this.#pieces) throw new WembedError('shape_mismatch', `more than ${this.#table.rows} rows`);
    const { core, u8 } = this.#heap;
    const buffers = BLOCKS.map(([address, bytesOf]) => {
      const bytes = this.#filled * bytesOf(this.#dtype, this.#dim);
      // Resizable, so that its memory can be given back before the garbage collector comes.
      const buffer = new ArrayBuffer(bytes, { maxByteLength: bytes });
      const at = core[address](this.#table.handle) >>> 0;
      new Uint8Array(buffer).set(u8.subarray(at, at + bytes));
      return buffer;
    });
    this.#pieces.push(buffers);
    this.#filled = 0;
  }

  /** @returns {EmbeddingTable} of the rows added; the store is at its end */
  finish() {
    const pieces = this.#pieces;
    if (!pieces) return this.#table.truncate(this.length);
    if (this.#filled > 0) this.#setAside();
    this.#table.dispose();
    this.#table = this.#create(this.length);
    const { core, u8 } = this.#heap;
    const ends = BLOCKS.map(([address]) => core[address](this.#table.handle) >>> 0);
    pieces.forEach((buffers) =>
      buffers.forEach((buffer, block) => {
        u8.set(new Uint8Array(buffer), ends[block]);
        ends[block] += buffer.byteLength;
        if (buffer.resizable) buffer.resize(0);
      }),
    );
    return this.#table;
  }

  /** Gives everything back, for a file that turns out to be broken. */
  dispose() {
    this.#table.dispose();
    this.#pieces = [];
  }
}
