// The rows of several tables that score best with a vector.
import { runningHeap } from '../memory/heap.js';

/** @typedef {import('../table/storage.js').TableStorage} TableStorage */

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
