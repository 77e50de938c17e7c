// Lengths of vectors.
import { WembedError } from '../core/errors.js';

/** How far a vector's square may be from 1 for its length to be 1, as far as float32 can tell. */
const UNIT = 2e-7;

/**
 * Σ x² of rows, in float64, each in the order of its numbers: of four rows together, since one sum alone waits for each
 * addition before the next.
 * @param {Float32Array | Float64Array} data (n, dim)
 * @param {number} dim
 * @param {number} n
 * @returns {Float64Array} (n)
 */
export function squaresOf(data, dim, n) {
  const squares = new Float64Array(n + 3); // those after n are of the last row again
  for (let row = 0; row < n; row += 4) {
    const at = row * dim;
    const left = n - row - 1;
    const [second, third, fourth] = [1, 2, 3].map((i) => Math.min(i, left) * dim);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = at, end = at + dim; i < end; i++) {
      a += data[i] * data[i];
      b += data[i + second] * data[i + second];
      c += data[i + third] * data[i + third];
      d += data[i + fourth] * data[i + fourth];
    }
    squares.set([a, b, c, d], row);
  }
  return squares.subarray(0, n);
}

/**
 * Makes vectors of length 1.
 * @param {Float32Array | Float64Array} data (n, dim) changed in place
 * @param {number} dim
 * @param {(row: number) => void} isZero called for a vector that has no direction
 * @param {string} [name] for messages, where it is not known that all numbers are finite
 */
export function toUnits(data, dim, isZero, name) {
  for (const [row, squares] of squaresOf(data, dim, data.length / dim).entries()) {
    if (squares === 0) isZero(row);
    if (squares === 0 || Math.abs(squares - 1) <= UNIT) continue;
    if (name !== undefined && !(squares < Infinity)) checkFinite(name, data);
    const length = Math.sqrt(squares);
    for (let i = row * dim; i < (row + 1) * dim; i++) data[i] /= length;
  }
}

/**
 * @param {string} name for messages
 * @param {Float32Array | Float64Array} data
 */
export function checkFinite(name, data) {
  let at = 0;
  while (at < data.length && data[at] - data[at] === 0) at++;
  if (at === data.length) return;
  throw new WembedError('invalid_argument', `${name} holds ${data[at]} at index ${at}`);
}
