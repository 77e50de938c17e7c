import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { eachScores, productsOf } from './scores.js';
import { TableStorage, lookupRows } from '../table/storage.js';
import { withRoom } from './growing.js';
import { SignBits } from './sign_bits.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/**
 * Rows of a table, at most: as many as the core scores at a time. Its rows are read half of that apart, which is no power
 * of two.
 */
const MOST_ROWS = 16400;
const FIRST_ROWS = 64;
/** How far a vector's square may be from 1 for its length to be 1, as far as float32 can tell. */
const UNIT = 2e-7;
/** Rows whose numbers are looked up at a time. */
const STRIP = 256;

/**
 * Rows of vectors that grow: tables in the core's memory, of which only the last has room left. The scores of a vector with
 * all of them are exact: what the stored numbers give.
 */
export class VectorRows {
  /** @type {TableStorage[]} */
  #tables = [];
  /** 1 / the length of each stored row, where rounding has changed it. */
  #inverse = new Float32Array(0);
  #bits;
  /** How many rows there are. */
  count = 0;

  /**
   * @param {number} dim
   * @param {Dtype} dtype
   * @param {boolean} cosine otherwise dot products
   * @param {boolean} [hasBits] whether the signs of the numbers are kept too
   */
  constructor(dim, dtype, cosine, hasBits = false) {
    this.#bits = hasBits ? new SignBits(dim) : undefined;
    this.dim = dim;
    this.dtype = dtype;
    this.cosine = cosine;
  }

  /** Whether rows are shorter or longer than 1 after they are stored, which their scores must undo. */
  get #rounded() {
    return this.cosine && this.dtype !== 'f32';
  }

  /** What the rows occupy in the core, room for more included. */
  get bytes() {
    const own = this.#inverse.byteLength + (this.#bits?.bytes ?? 0);
    return this.#tables.reduce((sum, table) => sum + table.bytes, own);
  }

  /**
   * Adds rows; where that fails, none.
   * @param {Float32Array} data (n, dim), finite
   * @param {number} n
   */
  append(data, n) {
    const { count, dim } = this;
    try {
      for (let done = 0; done < n;) {
        const { table, first, room } = this.#room(n - done);
        const address = table.heap.floats('rows', data.subarray(done * dim, (done + room) * dim));
        table.storeRows('f32', address, room, first, 1);
        done += room;
        this.count += room;
      }
      this.#measure(count);
    } catch (error) {
      this.truncate(count);
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
    const table = new TableStorage({ rows: larger, dim, dtype, perRowScales: dtype === 'i8' });
    const from = old?.rowBlocks(0, first) ?? [];
    table.rowBlocks(0, larger).forEach((block, i) => block.fill(0).set(from[i] ?? []));
    old?.dispose();
    this.#tables[at] = table;
    return { table, first, room: Math.min(wanted, larger - first) };
  }

  /**
   * Finds the lengths and the signs of stored rows.
   * @param {number} first of the rows that are new
   */
  #measure(first) {
    const [rounded, bits] = [this.#rounded, this.#bits];
    const { dim, count } = this;
    if (!rounded && !bits) return;
    if (rounded) this.#inverse = withRoom(this.#inverse, count);
    const strip = new Float32Array(Math.min(STRIP, count - first) * dim);
    for (let row = first; row < count; row += STRIP) {
      const n = Math.min(STRIP, count - row);
      this.read(row, n, strip);
      bits?.append(strip, n);
      for (let i = 0; rounded && i < n; i++) {
        const squares = squareOf(strip, i * dim, (i + 1) * dim);
        this.#inverse[row + i] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
      }
    }
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
    const scores = new Float32Array(rows.length);
    for (let first = 0, end = 0; first < rows.length; first = end) {
      const at = Math.floor(rows[first] / MOST_ROWS);
      while (end < rows.length && rows[end] < (at + 1) * MOST_ROWS) end++;
      const ids = rows.subarray(first, end).map((row) => row - at * MOST_ROWS);
      scores.set(productsOf(this.#tables[at], ids, x), first);
    }
    if (this.#rounded) for (let i = 0; i < rows.length; i++) scores[i] *= this.#inverse[rows[i]];
    if (this.cosine) toCosines(scores);
    return { rows, scores };
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
      const ids = Uint32Array.from({ length: size }, (_, i) => from + i);
      lookupRows(this.#tables[at], ids, into.subarray(done * this.dim, (done + size) * this.dim));
      done += size;
    }
  }

  /**
   * @param {number} first
   * @param {number} n
   * @returns {Matrix} (n, dim)
   */
  matrix(first, n) {
    const data = new Float32Array(n * this.dim);
    this.read(first, n, data);
    return new Matrix(data, n, this.dim);
  }

  /** @param {number} rows to keep */
  truncate(rows) {
    this.#tables.splice(Math.ceil(rows / MOST_ROWS)).forEach((table) => table.dispose());
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
      eachScores(table, x, n, (scores, i) => into.set(scores.subarray(0, size), i * count + first));
    }
    const inverse = this.#rounded ? this.#inverse : undefined;
    if (this.cosine) for (let i = 0; i < n; i++) toCosines(into.subarray(i * count, (i + 1) * count), inverse);
  }

  /**
   * The stored bytes of some rows.
   * @param {Uint8Array} keep (count) 1 for each of them
   * @returns {Uint8Array[]} copies: numbers, block scales, row scales; each may be empty
   */
  exported(keep) {
    const n = keep.reduce((sum, one) => sum + one, 0);
    const sample = new TableStorage({ rows: 1, dim: this.dim, dtype: this.dtype, perRowScales: this.dtype === 'i8' });
    const sizes = sample.rowBlocks(0, 1).map(({ length }) => length);
    sample.dispose();
    const copies = sizes.map((size) => new Uint8Array(n * size));
    let to = 0;
    for (let row = 0; row < this.count; row++) {
      if (!keep[row]) continue;
      const blocks = this.#tables[Math.floor(row / MOST_ROWS)].rowBlocks(row % MOST_ROWS, 1);
      blocks.forEach((block, i) => copies[i].set(block, to * sizes[i]));
      to++;
    }
    return copies;
  }

  /**
   * Adds rows as they are stored.
   * @param {number} n
   * @param {Uint8Array[]} blocks numbers, block scales, row scales, of all n rows
   */
  appendStored(n, blocks) {
    const before = this.count;
    try {
      for (let done = 0; done < n;) {
        const { table, first, room } = this.#room(n - done);
        table.rowBlocks(first, room).forEach((target, i) => {
          const row = target.length / room;
          if (blocks[i].length !== n * row)
            throw new WembedError('shape_mismatch', `${blocks[i].length} bytes of ${n * row}`);
          target.set(blocks[i].subarray(done * row, (done + room) * row));
        });
        done += room;
        this.count += room;
      }
      this.#measure(before);
    } catch (error) {
      this.truncate(before);
      throw error;
    }
  }

  /**
   * Moves the rows that remain together, in place.
   * @param {Uint8Array} keep (count) 1 for rows to keep
   */
  compact(keep) {
    const blocksOf = (/** @type {number} */ row) =>
      this.#tables[Math.floor(row / MOST_ROWS)].rowBlocks(row % MOST_ROWS, 1);
    let to = 0;
    for (let row = 0; row < this.count; row++) {
      if (!keep[row]) continue;
      if (to < row) {
        const from = blocksOf(row);
        blocksOf(to).forEach((block, i) => block.set(from[i]));
        if (this.#rounded) this.#inverse[to] = this.#inverse[row];
      }
      to++;
    }
    this.truncate(to);
    if (!this.#bits) return;
    this.#bits.truncate(0);
    this.#measure(0);
  }

  /** Frees the memory. */
  dispose() {
    this.truncate(0);
  }
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

/**
 * @param {Float32Array | Float64Array} data
 * @param {number} begin
 * @param {number} end
 */
function squareOf(data, begin, end) {
  let squares = 0;
  for (let i = begin; i < end; i++) squares += data[i] * data[i];
  return squares;
}

/**
 * Makes vectors of length 1.
 * @param {Float32Array | Float64Array} data (n, dim) changed in place
 * @param {number} dim
 * @param {(row: number) => void} isZero called for a vector that has no direction
 */
export function toUnits(data, dim, isZero) {
  for (let begin = 0; begin < data.length; begin += dim) {
    const squares = squareOf(data, begin, begin + dim);
    if (squares === 0) isZero(begin / dim);
    else if (Math.abs(squares - 1) > UNIT) {
      const length = Math.sqrt(squares);
      for (let i = begin; i < begin + dim; i++) data[i] /= length;
    }
  }
}

/**
 * @param {string} name for messages
 * @param {Float32Array} data
 */
export function checkFinite(name, data) {
  let zero = 0; // or NaN, where a number is not finite
  for (let i = 0; i < data.length; i++) zero += 0 * data[i];
  if (zero === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new WembedError('invalid_argument', `${name} holds ${data[at]} at index ${at}`);
}
