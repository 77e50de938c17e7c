import { blockScaleBytes, rowBytes } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { runningHeap } from '../memory/heap.js';
import { withRoom } from './growing.js';
import { bestRows } from './row_search.js';
import { eachScores, productsOf } from './scores.js';
import { RowLengths, squaredLengths } from './row_lengths.js';
import { lookupRows } from '../table/lookup.js';
import { TableStorage } from '../table/storage.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/**
 * Rows of a table, at most: as many as the core scores at a time. Its rows are read half of that apart, which is no power
 * of two.
 */
const MOST_ROWS = 16400;
const FIRST_ROWS = 64;
/** Rows whose signs are read at a time when others have been removed. */
const MEASURED = 256;
/** Numbers that are written at a time: they stay in the processor's cache. */
const STRIP = 2 ** 16;

/**
 * Rows of vectors that grow: tables in the core's memory, of which only the last has room left. The scores of a vector with
 * all of them are exact: what the stored numbers give.
 */
export class VectorRows {
  /** @type {TableStorage[]} */
  #tables = [];
  /** Where rounding changes the lengths of rows. @type {RowLengths | undefined} */
  #lengths;
  #bits;
  /** How many rows there are. */
  count = 0;
  /** Numbers of rows whose signs are read. */
  #strip = new Float32Array(0);

  /**
   * @param {number} dim
   * @param {Dtype} dtype
   * @param {boolean} cosine otherwise dot products
   * @param {import('./sign_search.js').SignBits} [bits] what keeps the signs of the numbers too, empty
   */
  constructor(dim, dtype, cosine, bits) {
    this.#bits = bits;
    this.#lengths = cosine && dtype !== 'f32' ? new RowLengths(MOST_ROWS) : undefined;
    this.dim = dim;
    this.dtype = dtype;
    this.cosine = cosine;
  }

  /** What the rows occupy in the core, room for more included. */
  get bytes() {
    const of = (/** @type {TableStorage} */ table) => table.bytes + (this.#lengths ? 4 * table.shape.rows : 0);
    return this.#tables.reduce((sum, table) => sum + of(table), this.#bits?.bytes ?? 0);
  }

  /** Adds rows; where that fails, none. @param {Float32Array} data (n, dim), finite @param {number} n */
  append(data, n) {
    this.appendStrips(n, (row, rows) => data.subarray(row * this.dim, (row + rows) * this.dim));
  }

  /**
   * The same of rows that are made when their turn comes.
   * @param {number} n
   * @param {(row: number, rows: number) => Float32Array} make (rows, dim), finite: those from `row` on
   */
  appendStrips(n, make) {
    this.#fill(n, (table, first, row, rows) => {
      const data = make(row, rows);
      if (this.dtype === 'f32') {
        table.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 4 * first * this.dim);
      } else table.storeRows('f32', table.heap.floats('rows', data), rows, first, 1);
    });
  }

  /**
   * The same of rows that are made in the core's memory.
   * @param {number} n
   * @param {(row: number, rows: number) => (address: number) => void} make what writes (rows, dim) f32, finite, at an address:
   *   those from `row` on
   */
  appendMade(n, make) {
    const strip = this.dtype === 'f32' && !this.#bits ? MOST_ROWS : undefined; // nothing is read again
    this.#fill(n, (table, first, row, rows) => storeMade(table, first, rows, make(row, rows)), strip);
  }

  /**
   * @param {number} n rows to be added, all or none
   * @param {(table: TableStorage, first: number, done: number, rows: number) => void} write those from `done` on
   * @param {number} [strip] rows that are written at a time
   */
  #fill(n, write, strip = Math.max(64, Math.floor(STRIP / this.dim))) {
    const before = this.count;
    if (n > MOST_ROWS) growOnce(n * (rowBytes(this.dtype, this.dim) + blockScaleBytes(this.dtype, this.dim) + 8));
    try {
      for (let done = 0; done < n;) {
        const { table, first, room } = this.#room(n - done);
        const rows = Math.min(room, strip);
        write(table, first, done, rows);
        done += rows;
        this.count += rows;
        this.#measure(this.count - rows, rows);
      }
    } catch (error) {
      this.truncate(before);
      throw error;
    }
  }

  /**
   * A table with room, larger than the last where that was too small.
   * @param {number} wanted
   * @returns {{ table: TableStorage, first: number, room: number }}
   */
  #room(wanted) {
    const [at, first] = [Math.floor(this.count / MOST_ROWS), this.count % MOST_ROWS];
    const old = this.#tables[at];
    const rows = old ? old.shape.rows : 0;
    if (first < rows) return { table: old, first, room: Math.min(wanted, rows - first) };
    const larger = Math.min(MOST_ROWS, Math.max(FIRST_ROWS, 2 * rows, first + wanted));
    const { dim, dtype } = this;
    const table = largerTable(old, first, { rows: larger, dim, dtype, perRowScales: dtype === 'i8' }, () =>
      this.#lengths?.makeRoom(at, first, larger),
    );
    this.#tables[at] = table;
    return { table, first, room: Math.min(wanted, larger - first) };
  }

  /** Finds the lengths and the signs of stored rows, all of one table. @param {number} first @param {number} n */
  #measure(first, n) {
    if (this.#lengths) measureRows(this.#lengths, this.#tables[Math.floor(first / MOST_ROWS)], first, n);
    this.#keepSigns(first, n);
  }

  /** @param {number} first @param {number} n */
  #keepSigns(first, n) {
    if (!this.#bits) return;
    this.#strip = withRoom(this.#strip, n * this.dim);
    const strip = this.#strip.subarray(0, n * this.dim);
    this.read(first, n, strip);
    this.#bits.append(strip, n);
  }

  /**
   * The rows that may be nearest to a vector, by the signs of their numbers alone, with their scores.
   * @param {Float32Array} x (dim), as `score` takes it
   * @param {number} most how many
   * @param {Uint8Array} live (count) 1 for rows that may be among them
   * @returns {{ rows: Uint32Array, scores: Float32Array } | undefined} undefined where no signs are kept
   */
  nearBySigns(x, most, live) {
    if (!this.#bits) return undefined;
    const rows = this.#bits.nearest(x, most, live);
    const scores = scoresOf(this.#tables, rows, x);
    const lengths = this.#lengths;
    if (lengths) for (let i = 0; i < rows.length; i++) scores[i] *= lengths.inverse(rows[i]);
    if (this.cosine) toCosines(scores);
    return { rows, scores };
  }

  /**
   * The rows with the highest scores.
   * @param {Float32Array} x (dim), as `score` takes it
   * @param {number} k
   * @param {Uint8Array} live (count) 1 for rows that may be among them
   * @returns {{ rows: Uint32Array, scores: Float32Array }} in their order; k of them, or as many as there are, and all others
   *   whose scores equal the least of those. The scores are those of `score`; none is NaN or -Infinity
   */
  best(x, k, live) {
    const tables = this.#tables.map((table, at) => ({
      table,
      first: at * MOST_ROWS,
      rows: Math.min(table.shape.rows, this.count - at * MOST_ROWS),
      scales: this.#lengths?.address(at) ?? 0,
    }));
    return bestRows(tables, x, k, this.cosine, live.subarray(0, this.count));
  }

  /**
   * @param {number} first
   * @param {number} n
   * @param {Float32Array} into (n, dim)
   */
  read(first, n, into) {
    for (let done = 0; done < n;) {
      const [at, from] = [Math.floor((first + done) / MOST_ROWS), (first + done) % MOST_ROWS];
      const size = Math.min(n - done, MOST_ROWS - from);
      lookupRows(this.#tables[at], range(from, size), into.subarray(done * this.dim, (done + size) * this.dim));
      done += size;
    }
  }

  /** @param {number} first @param {number} n @returns {Matrix} (n, dim) */
  matrix(first, n) {
    const data = new Float32Array(n * this.dim);
    this.read(first, n, data);
    return new Matrix(data, n, this.dim);
  }

  /** @param {number} rows to keep */
  truncate(rows) {
    const tables = Math.ceil(rows / MOST_ROWS);
    for (const table of this.#tables.splice(tables)) table.dispose();
    this.#lengths?.truncate(tables);
    if (this.#bits && this.#bits.count > rows) this.#bits.truncate(rows);
    this.count = rows;
  }

  /**
   * Scores of all rows with vectors.
   * @param {Float32Array} x (n, dim), finite; for cosines of length 1
   * @param {number} n
   * @param {Float32Array} into (n, count)
   */
  score(x, n, into) {
    const { count } = this;
    for (const [at, table] of this.#tables.entries()) {
      const [first, rows] = [at * MOST_ROWS, table.shape.rows];
      const size = Math.min(rows, count - first);
      eachScores(table, x, n, (scores, i) => {
        const own = into.subarray(i * count + first, i * count + first + size);
        own.set(scores.subarray(0, size));
        if (this.cosine) toCosines(own, this.#lengths?.inverses(first, size));
      });
    }
  }

  /**
   * Adds rows as they are stored.
   * @param {number} n
   * @param {Uint8Array[]} blocks numbers, block scales, row scales, of all n rows
   */
  appendStored(n, blocks) {
    this.#fill(n, (table, first, done, rows) => {
      for (const [i, target] of table.rowBlocks(first, rows).entries()) {
        const bytes = target.length / rows;
        if (blocks[i].length !== n * bytes)
          throw new WembedError('shape_mismatch', `${blocks[i].length} bytes of ${n * bytes}`);
        target.set(blocks[i].subarray(done * bytes, (done + rows) * bytes));
      }
    });
  }

  /** @param {number} row @returns {Uint8Array[]} its stored bytes: numbers, block scales, row scale; each may be empty */
  blocksOf(row) {
    return this.#tables[Math.floor(row / MOST_ROWS)].rowBlocks(row % MOST_ROWS, 1);
  }

  /**
   * Moves the rows that remain together, in place.
   * @param {Uint8Array} keep (count) 1 for rows to keep
   */
  compact(keep) {
    let to = 0;
    for (let row = 0; row < this.count; row++) {
      if (!keep[row]) continue;
      if (to < row) {
        const from = this.blocksOf(row);
        this.blocksOf(to).forEach((block, i) => block.set(from[i]));
        this.#lengths?.setInverse(to, this.#lengths.inverse(row));
      }
      to++;
    }
    this.truncate(to);
    if (!this.#bits) return;
    this.#bits.truncate(0);
    for (let row = 0; row < to; row += MEASURED) this.#keepSigns(row, Math.min(MEASURED, to - row));
  }

  /** Frees the memory. */
  dispose() {
    this.truncate(0);
  }
}

/**
 * Makes the core's memory grow at once for several tables: the engine collects garbage after every growth.
 * @param {number} bytes that are free afterwards, if there are as many: what is missing is found out by who needs it
 */
function growOnce(bytes) {
  const { core } = /** @type {import('../memory/heap.js').Heap} */ (runningHeap());
  core._free(bytes < 2 ** 32 - 4096 ? core._malloc(bytes) : 0);
}

/**
 * @param {RowLengths} lengths
 * @param {TableStorage} table that has the rows
 * @param {number} first
 * @param {number} n
 */
function measureRows(lengths, table, first, n) {
  const squares = squaredLengths(table, first % MOST_ROWS, n);
  for (let i = 0; i < n; i++) lengths.setInverse(first + i, squares[i] && 1 / Math.sqrt(squares[i]));
}

/**
 * @param {TableStorage[]} tables
 * @param {Uint32Array} rows in their order
 * @param {Float32Array} x (dim)
 * @returns {Float32Array} (rows)
 */
function scoresOf(tables, rows, x) {
  const scores = new Float32Array(rows.length);
  for (let first = 0, end = 0; first < rows.length; first = end) {
    const at = Math.floor(rows[first] / MOST_ROWS);
    while (end < rows.length && rows[end] < (at + 1) * MOST_ROWS) end++;
    const ids = rows.subarray(first, end).map((row) => row - at * MOST_ROWS);
    scores.set(productsOf(tables[at], ids, x), first);
  }
  return scores;
}

/**
 * @param {TableStorage | undefined} old disposed
 * @param {number} kept its first rows, which the larger one has too
 * @param {import('../table/storage.js').TableShape} shape
 * @param {() => void} makeRoom for what stands beside the rows
 */
function largerTable(old, kept, shape, makeRoom) {
  const table = new TableStorage(shape);
  try {
    makeRoom();
  } catch (error) {
    table.dispose();
    throw error;
  }
  const from = old?.rowBlocks(0, kept) ?? []; // what follows the rows that are there is never read
  if (old) table.rowBlocks(0, kept).forEach((block, i) => block.set(from[i]));
  old?.dispose();
  return table;
}

/**
 * @param {TableStorage} table
 * @param {number} first row
 * @param {number} rows
 * @param {(address: number) => void} write has run the caller's code already, by which other scratch blocks come and go
 */
function storeMade(table, first, rows, write) {
  const { heap, handle, shape } = table;
  const { dim, dtype } = shape;
  if (dtype === 'f32') return write((heap.core.tableData(handle) >>> 0) + 4 * first * dim);
  const address = heap.scratch('rows', 4 * rows * dim);
  write(address);
  table.storeRows('f32', address, rows, first, 1);
}

/**
 * @param {number} first
 * @param {number} n
 * @returns {Uint32Array} first, first + 1, …
 */
function range(first, n) {
  const numbers = new Uint32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = first + i;
  return numbers;
}

/**
 * @param {Float32Array} scores changed in place
 * @param {Float32Array} [inverse] what each is multiplied by
 */
function toCosines(scores, inverse) {
  if (inverse) for (let i = 0; i < scores.length; i++) scores[i] *= inverse[i];
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] > 1) scores[i] = 1;
    else if (scores[i] < -1) scores[i] = -1;
  }
}
