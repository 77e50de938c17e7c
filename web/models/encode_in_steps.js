import { putFloats } from '../core/arguments.js';
import { NO_ID } from '../core/codes.js';
import { runningHeap } from '../memory/heap.js';
import { stripEnd } from '../memory/texts.js';
import { bagMode } from '../table/bag.js';
import { storageOf } from '../table/table.js';

/**
 * Encodes texts with a tokenizer of the text module: ids cross to the core in one copy a strip, and are pooled there.
 * @param {import('../table/table.js').EmbeddingTable} table
 * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
 * @param {readonly string[]} texts
 * @param {import('./text_encoder.js').Pooling} pooling
 * @param {Float32Array} data (texts.length, dimensions): written, not yet normalized
 */
export function encodeInSteps(table, tokenizer, texts, { dimensions, mode, maxLength }, data) {
  const heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap()); // which has the table
  for (let from = 0, to; from < texts.length; from = to) {
    to = stripEnd(texts, from);
    const n = to - from;
    const { ids, ends } = tokenizer.pooledIds(texts, from, to, maxLength);
    const idsAt = heap.scratch('ids', 4 * ids.length);
    heap.u32.set(ids, idsAt >>> 2);
    const offsets = heap.scratch('offsets', 4 * (n + 1));
    heap.u32[offsets >>> 2] = 0;
    heap.u32.set(ends, (offsets >>> 2) + 1);
    const out = heap.scratch('out', 4 * n * table.dim);
    const rows = storageOf(table).handle;
    heap.check(heap.core.tableBag(rows, idsAt, ids.length, offsets, n, bagMode(mode), 0, NO_ID, out));
    for (let i = 0; i < n; i++) {
      const row = (out >>> 2) + i * table.dim;
      putFloats(data, heap.f32.subarray(row, row + dimensions), (from + i) * dimensions);
    }
  }
}
