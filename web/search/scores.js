// Scores of the rows of one table, read from the core's memory where they are.
import { VECTOR_GROUP } from '../core/codes.js';
import { runningHeap } from '../memory/heap.js';

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

/**
 * The best rows of several tables.
 * @param {{ table: TableStorage, first: number, rows: number, scales: number }[]} tables `first`: the number of a table's
 *   first row in the result; `rows`: how many of them count; `scales`: the address of what their scores are multiplied by,
 *   or 0
 * @param {Float32Array} x (dim) finite
 * @param {number} k
 * @param {boolean} cosine whether scores are at least -1 and at most 1
 * @param {Uint8Array} live 1 for rows that may be found
 * @returns {{ rows: Uint32Array, scores: Float32Array }} see VectorRows.best
 */
export function bestRows(tables, x, k, cosine, live) {
  const heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap());
  const { core } = heap;
  const vector = heap.floats('hidden', x);
  const alive = heap.scratch('rows', live.length);
  const out = heap.scratch('out', 4);
  heap.u8.set(live, alive);
  core.rowsStart(k, cosine);
  for (const { table, first, rows, scales } of tables) {
    heap.check(core.rowsTake(table.handle, vector, rows, scales, alive + first, first));
  }
  return foundRows(heap, core.rowsFound(out) >>> 0, out);
}

/**
 * What a search of the core has found.
 * @param {import('../memory/heap.js').Heap} heap
 * @param {number} n
 * @param {number} out where the address of scores and rows stands
 * @returns {{ rows: Uint32Array, scores: Float32Array }}
 */
export function foundRows(heap, n, out) {
  const at = heap.u32[out >>> 2] >>> 2;
  const [rows, scores] = [new Uint32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    scores[i] = heap.f32[at + 2 * i];
    rows[i] = heap.u32[at + 2 * i + 1];
  }
  return { rows, scores };
}
