import { SIGN_ROWS } from '../core/codes.js';
import { runningHeap } from '../memory/heap.js';
import { foundRows } from './row_search.js';

/** @typedef {import('../memory/heap.js').Heap} Heap */

/** A row's bytes are a multiple of these, the last bits zeros. */
const ALIGNED = 16;

/** How many rows, chosen by how many signs differ from the query's, are estimated to find some: by measurement. */
const estimated = (/** @type {number} */ most) => 1000 + 10 * most;

/**
 * The numbers of rows in two bits each, their signs apart, in the core's memory: which rows may be near to a vector, in less
 * than a tenth of the time that the rows themselves take. All are rotated, so that every bit says equally much (Gao and Long
 * 2024, "RaBitQ"). First by how many signs differ; then, of those left, by an estimate of the product of row and vector.
 */
export class SignBits {
  #heap = /** @type {Heap} */ (runningHeap());
  /** Addresses: the signs of SIGN_ROWS rows, then the second bits and a factor of each. They never move. @type {number[]} */
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

  /** What they occupy. */
  get bytes() {
    return this.#blocks.length * this.#blockBytes;
  }

  get #blockBytes() {
    return SIGN_ROWS * (2 * this.#bytes + 4);
  }

  /**
   * @param {number} block
   * @returns {number} the address of what stands behind its signs
   */
  #details(block) {
    return this.#blocks[block] + SIGN_ROWS * this.#bytes;
  }

  /**
   * @param {Float32Array} data (n, dim)
   * @param {number} n
   */
  append(data, n) {
    const [heap, dim] = [this.#heap, this.#dim];
    for (let done = 0; done < n;) {
      const [block, row] = [Math.floor(this.count / SIGN_ROWS), this.count % SIGN_ROWS];
      const rows = Math.min(n - done, SIGN_ROWS - row);
      if (block === this.#blocks.length) this.#blocks.push(heap.allocate(this.#blockBytes));
      const x = heap.floats('rows', data.subarray(done * dim, (done + rows) * dim));
      const signs = this.#blocks[block] + row * this.#bytes;
      heap.core.signsStore(x, rows, dim, signs, this.#details(block) + row * (this.#bytes + 4));
      done += rows;
      this.count += rows;
    }
  }

  /** @param {number} rows to keep */
  truncate(rows) {
    for (const address of this.#blocks.splice(Math.ceil(rows / SIGN_ROWS))) this.#heap.free(address);
    this.count = rows;
  }

  /**
   * The rows that are likely to be nearest to a vector.
   * @param {Float32Array} vector (dim)
   * @param {number} most how many rows, 1 or more; and those that are as likely as the last of them
   * @param {Uint8Array} live (count) 1 for rows that may be among them
   * @returns {Uint32Array} in their order
   */
  nearest(vector, most, live) {
    const heap = this.#heap;
    const { core } = heap;
    const n = this.count;
    const signs = heap.scratch('signs', 2 * this.#bytes + 4);
    const alive = heap.scratch('rows', n);
    const x = heap.floats('hidden', vector);
    const out = heap.scratch('out', 4);
    core.signsStore(x, 1, this.#dim, signs, signs + this.#bytes); // rotates x
    heap.u8.set(live.subarray(0, n), alive);
    core.signsStart(this.#dim, Math.min(n, estimated(most)));
    for (const [i, address] of this.#blocks.entries()) {
      const first = i * SIGN_ROWS;
      core.signsTake(address, this.#details(i), Math.min(SIGN_ROWS, n - first), signs, alive + first);
    }
    return foundRows(heap, core.signsBest(x, most, out) >>> 0, out).rows;
  }
}
