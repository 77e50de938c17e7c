// A bias as the last number of a row: what it is multiplied by, and matrices without it.
import { Matrix } from '../core/matrix.js';

/**
 * @param {Float32Array} data (n, dim)
 * @param {number} dim
 * @param {number} value
 * @returns {Matrix} (n, dim + 1) with that value behind each row
 */
export function withLast(data, dim, value) {
  const n = data.length / dim;
  const wider = new Matrix(new Float32Array(n * (dim + 1)).fill(value), n, dim + 1);
  for (let i = 0; i < n; i++) wider.data.set(data.subarray(i * dim, (i + 1) * dim), i * (dim + 1));
  return wider;
}

/** @param {Matrix} matrix (n, dim) @returns {Float32Array} (n, dim - 1) */
export function withoutLast({ data, rows, dim }) {
  const own = new Float32Array(rows * (dim - 1));
  for (let i = 0; i < rows; i++) own.set(data.subarray(i * dim, (i + 1) * dim - 1), i * (dim - 1));
  return own;
}
