import { floatsOf, lengthOf, tagOf } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { STRIP_BYTES } from '../memory/heap.js';

/** Several vectors, or one: (rows, dim). @typedef {{ data: Float32Array, rows: number, dim: number, one: boolean }} Vectors */

/**
 * @param {unknown} value a vector or a Matrix
 * @returns {Vectors}
 */
export function vectorsOf(value) {
  if (!(value instanceof Matrix)) {
    const data = floatsOf('similarity', /** @type {ArrayLike<number>} */ (value));
    return { data, rows: 1, dim: lengthOf(data), one: true };
  }
  const { data, rows, dim } = value;
  if (tagOf(data) === 'Float32Array' && lengthOf(data) >= rows * dim) return { data, rows, dim, one: false };
  throw new WembedError('shape_mismatch', `a Matrix of ${shown(rows)} × ${shown(dim)} that has not so many numbers`);
}

/**
 * The cosine of each of some vectors with each of others; 0 where one is all zeros.
 * @param {import('../memory/heap.js').Heap} heap
 * @param {Vectors} a
 * @param {Vectors} b
 * @returns {number | Matrix} (a.rows, b.rows); a number for one with one
 */
export function cosines(heap, a, b) {
  const { dim } = a;
  if (dim !== b.dim) throw new WembedError('shape_mismatch', `vectors of ${dim} and of ${b.dim} numbers`);
  const scores = new Matrix(new Float32Array(a.rows * b.rows), a.rows, b.rows);
  const strip = Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)));
  const first = heap.scratch('out', 8 * strip * dim);
  const second = first + 4 * strip * dim;
  let last = 0;
  for (let j = 0; j < b.rows; j += strip) {
    const columns = Math.min(strip, b.rows - j);
    heap.f32.set(b.data.subarray(j * dim, (j + columns) * dim), second >>> 2);
    for (let i = 0; i < a.rows; i += strip) {
      const rows = Math.min(strip, a.rows - i);
      heap.f32.set(a.data.subarray(i * dim, (i + rows) * dim), first >>> 2);
      for (let at = 0; at < rows * columns; at++) {
        const [row, column] = [Math.floor(at / columns), at % columns];
        last = heap.core.cosine(first + 4 * row * dim, second + 4 * column * dim, dim);
        scores.data[(i + row) * b.rows + j + column] = last;
      }
    }
  }
  return a.one && b.one ? last : scores;
}
