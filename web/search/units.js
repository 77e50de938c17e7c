// Lengths of vectors.
import { WembedError } from '../core/errors.js';

/** How far a vector's square may be from 1 for its length to be 1, as far as float32 can tell. */
const UNIT = 2e-7;

/** Rows whose squares are summed up together: one sum alone waits for each addition before the next. */
const TOGETHER = 4;

/**
 * Σ x² of rows, in float64, each in the order of its numbers.
 * @param {Float32Array | Float64Array} data
 * @param {number} begin of the first row
 * @param {number} dim
 * @param {number} n rows
 * @param {Float64Array} squares (n) written
 */
export function squaresOf(data, begin, dim, n, squares) {
  let row = 0;
  for (; row + TOGETHER <= n; row += TOGETHER, begin += TOGETHER * dim) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = begin, end = begin + dim; i < end; i++) {
      const [w, x, y, z] = [data[i], data[i + dim], data[i + 2 * dim], data[i + 3 * dim]];
      a += w * w;
      b += x * x;
      c += y * y;
      d += z * z;
    }
    squares[row] = a;
    squares[row + 1] = b;
    squares[row + 2] = c;
    squares[row + 3] = d;
  }
  for (; row < n; row++, begin += dim) {
    let sum = 0;
    for (let i = begin; i < begin + dim; i++) sum += data[i] * data[i];
    squares[row] = sum;
  }
}

/**
 * Makes vectors of length 1.
 * @param {Float32Array | Float64Array} data (n, dim) changed in place
 * @param {number} dim
 * @param {(row: number) => void} isZero called for a vector that has no direction
 * @param {string} [name] for messages, where it is not known that all numbers are finite
 */
export function toUnits(data, dim, isZero, name) {
  const n = data.length / dim;
  const squares = new Float64Array(n);
  squaresOf(data, 0, dim, n, squares);
  for (let row = 0; row < n; row++) {
    if (Math.abs(squares[row] - 1) <= UNIT) continue;
    if (squares[row] === 0) isZero(row);
    else {
      if (name !== undefined && !(squares[row] < Infinity)) checkFinite(name, data);
      const length = Math.sqrt(squares[row]);
      for (let i = row * dim; i < (row + 1) * dim; i++) data[i] /= length;
    }
  }
}

/**
 * @param {string} name for messages
 * @param {Float32Array | Float64Array} data
 */
export function checkFinite(name, data) {
  let [zero, also] = [0, 0]; // or NaN, where a number is not finite
  for (let i = 0; i < data.length; i += 2) {
    zero += 0 * data[i];
    if (i + 1 < data.length) also += 0 * data[i + 1];
  }
  if (zero + also === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new WembedError('invalid_argument', `${name} holds ${data[at]} at index ${at}`);
}
