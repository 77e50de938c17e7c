import { putFloats } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { STRIP_BYTES } from '../memory/heap.js';

/** @typedef {import('../core/arguments.js').Integer32Array} Integer32Array */
/** @typedef {import('./storage.js').TableStorage} TableStorage */

/**
 * From this dim on, f32 rows are copied out one by one; for shorter rows one call per row costs more than a second
 * pass.
 */
const COPIED_ROW = 384;

/**
 * The rows of the given ids as f32. Every id is checked before anything is written.
 * @param {TableStorage} storage
 * @param {Integer32Array} ids
 * @param {Float32Array} data (ids.length, dim)
 */
export function lookupRows(storage, ids, data) {
  const { heap, handle } = storage;
  const { dim, dtype, tokenWeights, tokenMapping } = storage.shape;
  const n = ids.length;
  const address = heap.integers('ids', ids);
  checkIds(storage, address, ids);
  if (dtype === 'f32' && !tokenWeights && !tokenMapping && dim >= COPIED_ROW) {
    const { u32, f32 } = heap;
    const table = (heap.core.tableDataToRead(handle) >>> 0) / 4;
    for (let i = 0; i < n; i++) {
      const row = table + u32[address / 4 + i] * dim;
      putFloats(data, f32.subarray(row, row + dim), i * dim);
    }
    return;
  }
  const strip = Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)));
  const out = heap.scratch('out', 4 * dim * Math.min(strip, n));
  for (let i = 0; i < n; i += strip) {
    const rows = Math.min(strip, n - i);
    heap.check(heap.core.tableLookup(handle, address + 4 * i, rows, out));
    putFloats(data, heap.f32.subarray(out >>> 2, (out >>> 2) + rows * dim), i * dim);
  }
}

/**
 * One bad id refuses the whole call before anything is written. The core checks again; here the caller's own value is
 * available for the message.
 * @param {TableStorage} storage
 * @param {number} address of the ids as u32
 * @param {Integer32Array} ids
 */
export function checkIds({ heap, vocabSize }, address, ids) {
  const copied = heap.u32;
  for (let i = 0; i < ids.length; i++) {
    if (copied[address / 4 + i] < vocabSize) continue;
    const what = `id out of range: ${ids[i]} at index ${i} (limit ${vocabSize})`;
    throw new WembedError('id_out_of_range', what);
  }
}
