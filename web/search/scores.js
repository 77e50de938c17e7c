// Scores of the rows of one table, read from the core's memory where they are.
import { VECTOR_GROUP } from '../core/codes.js';

/** @typedef {import('../table/storage.js').TableStorage} TableStorage */

/**
 * Calls `use` with the scores of all rows, for one vector after the other, without copying them.
 * @param {TableStorage} table
 * @param {Float32Array} x (n, dim) finite
 * @param {number} n
 * @param {(scores: Float32Array, i: number) => void} use scores: (rows) a view that is valid until the core is used again
 */
export function eachScores({ heap, shape: { rows, dim }, handle }, x, n, use) {
  const address = heap.floats('hidden', x);
  const out = heap.scratch('out', 4 * Math.min(n, VECTOR_GROUP) * rows);
  for (let first = 0, size; first < n; first += size) {
    // Never a group of one: a single vector would use another kernel.
    size = n - first === VECTOR_GROUP + 1 ? VECTOR_GROUP - 1 : Math.min(VECTOR_GROUP, n - first);
    heap.check(heap.core.tableProducts(handle, address + 4 * first * dim, size, out));
    for (let i = 0; i < size; i++) {
      const at = (out >>> 2) + i * rows;
      use(heap.f32.subarray(at, at + rows), first + i);
    }
  }
}

/**
 * Scores of some rows with one vector: the same numbers that scores of all rows hold.
 * @param {TableStorage} table
 * @param {Uint32Array} ids of rows
 * @param {Float32Array} x (dim)
 * @returns {Float32Array} (ids.length) a view, valid until the core is used again
 */
export function productsOf({ heap, handle }, ids, x) {
  const n = ids.length;
  const address = heap.floats('hidden', x);
  const out = heap.scratch('out', 8 * n);
  heap.u32.set(ids, out >>> 2);
  heap.check(heap.core.tableProductsOf(handle, out, n, address, out + 4 * n));
  return heap.f32.subarray((out >>> 2) + n, (out >>> 2) + 2 * n);
}
