import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { STRIP_BYTES, runningHeap } from '../memory/heap.js';

/** Several vectors, or one. @typedef {{ data: Float32Array, rows: number, dim: number }} VectorRows data: (rows, dim) */

/**
 * The cosine of each vector of `a` with each of `b`, 0 if one of the two is all zeros.
 * `torch.nn.functional.cosine_similarity`. Requires a running core, which anything that produced vectors has started.
 * @param {VectorRows} a
 * @param {VectorRows} b
 * @returns {Matrix} (a.rows, b.rows)
 */
export function cosineSimilarity(a, b) {
  const heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap());
  const { dim } = a;
  if (dim !== b.dim) throw new WembedError('shape_mismatch', `vectors of ${dim} and of ${b.dim} numbers`);
  const scores = new Matrix(new Float32Array(a.rows * b.rows), a.rows, b.rows);
  const strip = Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)));
  for (let first = 0; first < b.rows; first += strip) {
    const rows = b.data.subarray(first * dim, Math.min(first + strip, b.rows) * dim);
    for (let i = 0; i < a.rows; i++) {
      const left = heap.floats('hidden', a.data.subarray(i * dim, (i + 1) * dim));
      const right = i === 0 ? heap.floats('rows', rows) : heap.scratch('rows', rows.byteLength);
      for (let at = 0; at < rows.length; at += dim) {
        scores.data[i * b.rows + first + at / dim] = heap.core.cosine(left, right + 4 * at, dim);
      }
    }
  }
  return scores;
}
