import { runningHeap } from '../memory/heap.js';
import { withRoom } from './growing.js';

/** @typedef {import('../memory/heap.js').Heap} Heap */

/** Rows of a block, which never moves. */
const BLOCK_ROWS = 16384;

/** A row's bytes are a multiple of these, the last bits zeros. */
const ALIGNED = 16;

/** Rows whose signs alone are compared with the query's, for each whose signs are multiplied with its numbers. */
const BY_SIGNS = 8;

/**
 * The signs of the numbers of rows, one bit each, in the core's memory: which rows may be near to a vector, in a tenth of the
 * time that the rows themselves take. First by how many signs differ; then, of those left, by Σ ±x[d] ÷ Σ |row[d]|, the
 * signs being the row's: what the row's signs and the sum of its sizes say of its product with x (Gao and Long 2024,
 * "RaBitQ").
 */
export class SignBits {
  #heap = /** @type {Heap} */ (runningHeap());
  /** @type {number[]} addresses */
  #blocks = [];
  #dim;
  #bytes;
  /** 1 ÷ Σ |row[d]| of each row. */
  #factors = new Float32Array(0);
  /** How many rows there are. */
  count = 0;

  /** @param {number} dim */
  constructor(dim) {
    this.#dim = dim;
    this.#bytes = Math.ceil(dim / (8 * ALIGNED)) * ALIGNED;
  }

  /** What they occupy. */
  get bytes() {
    return this.#blocks.length * BLOCK_ROWS * this.#bytes + this.#factors.byteLength;
  }

  /**
   * @param {Float32Array} data (n, dim)
   * @param {number} n
   */
  append(data, n) {
    this.#factors = withRoom(this.#factors, this.count + n);
    for (let i = 0; i < n; i++) {
      const [block, row] = [Math.floor(this.count / BLOCK_ROWS), this.count % BLOCK_ROWS];
      if (block === this.#blocks.length) this.#blocks.push(this.#heap.allocate(BLOCK_ROWS * this.#bytes));
      const vector = data.subarray(i * this.#dim, (i + 1) * this.#dim);
      const size = this.#write(vector, this.#blocks[block] + row * this.#bytes);
      this.#factors[this.count++] = size > 0 ? 1 / size : 0;
    }
  }

  /**
   * @param {Float32Array} vector
   * @param {number} address
   * @returns {number} Σ |vector[d]|
   */
  #write(vector, address) {
    const bytes = this.#heap.u8.subarray(address, address + this.#bytes).fill(0);
    let size = 0;
    for (let d = 0; d < vector.length; d++) {
      const value = vector[d];
      if (value > 0) bytes[d >>> 3] |= 1 << (d & 7);
      size += Math.abs(value);
    }
    return size;
  }

  /** @param {number} rows to keep */
  truncate(rows) {
    for (const address of this.#blocks.splice(Math.ceil(rows / BLOCK_ROWS))) this.#heap.free(address);
    this.count = rows;
  }

  /**
   * The rows that are likely to be nearest to a vector.
   * @param {Float32Array} vector (dim)
   * @param {number} most how many rows
   * @param {Uint8Array} live (count) 1 for rows that may be among them
   * @returns {Uint32Array} in their order
   */
  nearest(vector, most, live) {
    const rows = this.#leastDistant(vector, most * BY_SIGNS, live);
    if (rows.length <= most) return rows;
    const scores = this.#products(vector, rows);
    const least = kthLargest(scores.slice(), most);
    let atLeast = most; // of equal ones those that come first
    for (let i = 0; i < scores.length; i++) if (scores[i] > least) atLeast--;
    const found = new Uint32Array(most);
    let n = 0;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] > least || (scores[i] === least && atLeast-- > 0)) found[n++] = rows[i];
    }
    return found;
  }

  /**
   * The rows whose signs differ least from a vector's.
   * @param {Float32Array} vector
   * @param {number} most
   * @param {Uint8Array} live
   * @returns {Uint32Array} in their order; of the last ones' equals those that come first
   */
  #leastDistant(vector, most, live) {
    const heap = this.#heap;
    const n = this.count;
    const x = heap.scratch('hidden', this.#bytes);
    const distances = heap.scratch('out', 8 * n);
    const out = distances + 4 * n;
    this.#write(vector, x);
    for (const [i, address] of this.#blocks.entries()) {
      const first = i * BLOCK_ROWS;
      heap.core.hamming(address, x, Math.min(BLOCK_ROWS, n - first), this.#bytes, distances + 4 * first);
    }
    const farthest = this.#dim + 1; // of removed rows, which come after all others
    const memory = heap.u32;
    for (let row = live.indexOf(0); row >= 0 && row < n; row = live.indexOf(0, row + 1)) {
      memory[(distances >>> 2) + row] = farthest;
    }
    const size = heap.core.leastDistant(distances, n, farthest, Math.min(n, most), out) >>> 0;
    const nearest = memory.subarray(out >>> 2, (out >>> 2) + size);
    const rows = new Uint32Array(size);
    let found = 0;
    for (let i = 0; i < size; i++) if (live[nearest[i]]) rows[found++] = nearest[i];
    return rows.subarray(0, found);
  }

  /**
   * @param {Float32Array} vector
   * @param {Uint32Array} rows
   * @returns {Float32Array} (rows.length)
   */
  #products(vector, rows) {
    const heap = this.#heap;
    const n = rows.length;
    const x = heap.floats('hidden', vector);
    const out = heap.scratch('out', 8 * n);
    const addresses = heap.u32.subarray(out >>> 2, (out >>> 2) + n);
    const [blocks, bytes] = [this.#blocks, this.#bytes];
    for (let i = 0; i < n; i++) addresses[i] = blocks[(rows[i] / BLOCK_ROWS) | 0] + (rows[i] % BLOCK_ROWS) * bytes;
    heap.core.signProducts(x, this.#dim, out, n, out + 4 * n);
    const [factors, products] = [this.#factors, heap.f32.slice((out >>> 2) + n, (out >>> 2) + 2 * n)];
    for (let i = 0; i < n; i++) products[i] *= factors[rows[i]];
    return products;
  }
}

/**
 * @param {Float32Array} values moved about
 * @param {number} k 1 to values.length
 * @returns {number} the k-th largest
 */
export function kthLargest(values, k) {
  for (let [low, high] = [0, values.length - 1]; ;) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    // Before i none is smaller than the pivot, after j none is larger; between them all equal it.
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else return pivot;
  }
}
