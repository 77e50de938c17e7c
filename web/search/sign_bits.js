import { runningHeap } from '../memory/heap.js';

/** @typedef {import('../memory/heap.js').Heap} Heap */

/** Rows of a block, which never moves. */
const BLOCK_ROWS = 16384;

/** A row's bytes are a multiple of these, the last bits zeros. */
const ALIGNED = 16;

/**
 * The signs of the numbers of rows, one bit each, in the core's memory: how many of them differ from a vector's says which
 * rows may be near to it, in a thirtieth of the time that the rows themselves take.
 */
export class SignBits {
  #heap = /** @type {Heap} */ (runningHeap());
  /** @type {number[]} addresses */
  #blocks = [];
  #dim;
  #bytes;
  /** How many rows there are. */
  count = 0;

  /** @param {number} dim */
  constructor(dim) {
    this.#dim = dim;
    this.#bytes = Math.ceil(dim / (8 * ALIGNED)) * ALIGNED;
  }

  /** What they occupy in the core. */
  get bytes() {
    return this.#blocks.length * BLOCK_ROWS * this.#bytes;
  }

  /**
   * @param {Float32Array} data (n, dim)
   * @param {number} n
   */
  append(data, n) {
    for (let i = 0; i < n; i++) {
      const [block, row] = [Math.floor(this.count / BLOCK_ROWS), this.count % BLOCK_ROWS];
      if (block === this.#blocks.length) this.#blocks.push(this.#heap.allocate(BLOCK_ROWS * this.#bytes));
      this.#write(data.subarray(i * this.#dim, (i + 1) * this.#dim), this.#blocks[block] + row * this.#bytes);
      this.count++;
    }
  }

  /**
   * @param {Float32Array} vector
   * @param {number} address
   */
  #write(vector, address) {
    const bytes = this.#heap.u8.subarray(address, address + this.#bytes).fill(0);
    for (let d = 0; d < vector.length; d++) if (vector[d] > 0) bytes[d >>> 3] |= 1 << (d & 7);
  }

  /** @param {number} rows to keep */
  truncate(rows) {
    for (const address of this.#blocks.splice(Math.ceil(rows / BLOCK_ROWS))) this.#heap.free(address);
    this.count = rows;
  }

  /**
   * The rows whose signs differ least from a vector's.
   * @param {Float32Array} vector (dim)
   * @param {number} most how many rows
   * @param {Uint8Array} live (count) 1 for rows that may be among them
   * @returns {Uint32Array} in their order; of the last ones' equals those that come first
   */
  nearest(vector, most, live) {
    const distances = this.#distances(vector);
    const numbers = new Uint32Array(this.#dim + 1); // of rows at each distance
    for (let row = 0; row < distances.length; row++) numbers[distances[row]] += live[row];
    let [limit, below] = [0, 0];
    while (limit <= this.#dim && below + numbers[limit] <= most) below += numbers[limit++];
    let atLimit = most - below;
    const rows = new Uint32Array(most);
    let found = 0;
    for (let row = 0; row < distances.length; row++) {
      if (distances[row] > limit || !live[row] || (distances[row] === limit && atLimit-- <= 0)) continue;
      rows[found++] = row;
    }
    return rows.subarray(0, found);
  }

  /** @param {Float32Array} vector */
  #distances(vector) {
    const heap = this.#heap;
    const distances = new Uint32Array(this.count);
    const x = heap.scratch('hidden', this.#bytes);
    const out = heap.scratch('out', 4 * BLOCK_ROWS);
    this.#write(vector, x);
    for (const [i, address] of this.#blocks.entries()) {
      const [first, n] = [i * BLOCK_ROWS, Math.min(BLOCK_ROWS, this.count - i * BLOCK_ROWS)];
      heap.core.hamming(address, x, n, this.#bytes, out);
      distances.set(heap.u32.subarray(out >>> 2, (out >>> 2) + n), first);
    }
    return distances;
  }
}
