import { allocated, count, floatsOf, lengthOf, oneOf, optionsOf, outputArray, putFloats } from '../core/arguments.js';
import { METRICS, NO_ID, VECTOR_GROUP } from '../core/codes.js';
import { WembedError, refuseRevoked } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';

/** Several vectors (n, dim). @typedef {Matrix | readonly (Float32Array | readonly number[])[]} VectorList */
/** One vector (dim), or several (n, dim). @typedef {Float32Array | readonly number[] | VectorList} Vectors */
/** What `nearest` compares by: the dot product or the cosine. @typedef {(typeof METRICS)[number]} Metric */
/**
 * The nearest rows of a table.
 * @typedef {object} Nearest
 * @property {Uint32Array} ids (k), of the rows, the highest score first
 * @property {Float32Array} scores (k)
 */
/** @typedef {import('./storage.js').TableStorage} TableStorage */

/**
 * Reads a caller's vectors, once.
 * @param {string} name for messages
 * @param {Vectors} x
 * @param {number} [dim] the required length; otherwise that of the first vector
 * @returns {{ data: Float32Array, n: number, dim: number, many: boolean }} (n, dim)
 */
export function vectorsOf(name, x, dim) {
  const matrix = matrixIn(x);
  if (matrix) return matrixRows(name, matrix, dim);
  refuseRevoked(name, x);
  if (Array.isArray(x) && isList(x[0])) return listedRows(name, x, dim);
  const data = floatsOf(name, /** @type {Float32Array} */ (x));
  return { data, n: 1, dim: checkLength(name, lengthOf(data), dim), many: false };
}

/** @param {unknown} value */
const isList = (value) => typeof value === 'object' && value !== null;

/**
 * @param {string} name
 * @param {number} found
 * @param {number} [wanted]
 */
function checkLength(name, found, wanted = count(`the length of ${name}`, found, { least: 1 })) {
  if (found === wanted) return wanted;
  throw new WembedError('shape_mismatch', `${name} has ${found} numbers, not ${wanted}`);
}

/**
 * @param {string} name
 * @param {Pick<Matrix, 'data' | 'rows' | 'dim'>} x
 * @param {number} [wanted]
 */
function matrixRows(name, x, wanted) {
  const { rows, dim: found } = x;
  const data = floatsOf(name, x.data);
  const dim = wanted ?? count(`${name}.dim`, found, { least: 1 });
  if (found !== dim) throw new WembedError('shape_mismatch', `${name} has ${found} numbers per row, not ${dim}`);
  count(`${name}.rows`, rows);
  if (lengthOf(data) < rows * dim) {
    throw new WembedError('shape_mismatch', `${name} has ${lengthOf(data)} numbers for ${rows} rows of ${dim}`);
  }
  const exact = lengthOf(data) === rows * dim ? data : new Float32Array(data).subarray(0, rows * dim);
  return { data: exact, n: rows, dim, many: true };
}

/**
 * @param {string} name
 * @param {readonly ArrayLike<number>[]} list
 * @param {number} [dim]
 */
function listedRows(name, list, dim) {
  /** @type {Float32Array[]} */
  const rows = [];
  for (let i = 0, n = count(`the length of ${name}`, list.length); i < n; i++) {
    const row = floatsOf(`${name}[${i}]`, list[i]).slice(); // reading the next one may run the caller's code
    dim = checkLength(`${name}[${i}]`, row.length, dim);
    rows.push(row);
  }
  const width = Number(dim);
  const data = allocated(rows.length * width, () => new Float32Array(rows.length * width));
  rows.forEach((row, i) => data.set(row, i * width));
  return { data, n: rows.length, dim: width, many: true };
}

/**
 * Scores of every row, computed for one group of vectors at a time, so that the core's memory holds the scores of one
 * group only.
 * @param {TableStorage} table
 * @param {Float32Array} x (n, dim)
 * @param {number} n
 * @param {Float32Array | undefined} into
 * @param {(x: number, count: number, out: number) => void} score calls the core; it asks for handles itself, since the
 *   caller's own code may have disposed of the table by then
 * @returns {Float32Array} (n, rows)
 */
export function scoresOf({ heap, shape: { rows, dim } }, x, n, into, score) {
  if (n > VECTOR_GROUP) checkFinite(x); // the core checks only one group at a time
  const data = outputArray(into, n * rows);
  const address = heap.floats('hidden', x);
  const out = heap.scratch('out', 4 * Math.min(n, VECTOR_GROUP) * rows);
  for (let i = 0, size; i < n; i += size) {
    // Never a group of one: a single vector would use another kernel.
    size = n - i === VECTOR_GROUP + 1 ? VECTOR_GROUP - 1 : Math.min(VECTOR_GROUP, n - i);
    score(address + 4 * i * dim, size, out);
    putFloats(data, heap.f32.subarray(out >>> 2, (out >>> 2) + size * rows), i * rows);
  }
  return data;
}

/** @param {Float32Array} x */
function checkFinite(x) {
  const i = x.findIndex((value) => !Number.isFinite(value));
  if (i >= 0) throw new WembedError('invalid_argument', `a number that is not finite: ${x[i]} at index ${i}`);
}

/**
 * `EmbeddingTable.products`
 * @param {TableStorage} table
 * @param {Vectors} x
 * @param {{ into?: Float32Array }} [options]
 * @returns {Float32Array | Matrix}
 */
export function products(table, x, options) {
  const { into } = optionsOf('products', options, ['into']);
  const { heap, shape } = table;
  const { data, n, many } = vectorsOf('x', x, shape.dim);
  const scores = scoresOf(table, data, n, into, (address, size, out) => {
    heap.check(heap.core.tableProducts(table.handle, address, size, out));
  });
  return many ? new Matrix(scores, n, shape.rows) : scores;
}

/**
 * `EmbeddingTable.nearest`
 * @param {TableStorage} table
 * @param {Vectors} x
 * @param {number} k
 * @param {{ metric?: Metric }} [options]
 * @returns {Nearest | Nearest[]}
 */
export function nearest(table, x, k, options) {
  const { metric = 'dot' } = optionsOf('nearest', options, ['metric']);
  const { heap, shape } = table;
  const { rows, dim } = shape;
  const code = oneOf('metric', metric, METRICS);
  const most = Math.min(count('k', k), rows);
  const { data, n, many } = vectorsOf('x', x, dim);
  if (n > VECTOR_GROUP) checkFinite(data);
  const { handle } = table; // nothing of the caller's runs from here on
  /** @type {Nearest[]} */
  const results = [];
  const address = heap.floats('hidden', data);
  const out = heap.scratch('out', 8 * Math.min(n, VECTOR_GROUP) * most);
  for (let i = 0; i < n; i += VECTOR_GROUP) {
    const size = Math.min(VECTOR_GROUP, n - i);
    heap.check(heap.core.tableNearest(handle, address + 4 * i * dim, size, most, code, out));
    for (let j = 0; j < size; j++) results.push(nearestAt(heap, (out >>> 2) + j * most, size * most, most));
  }
  return many ? results : results[0];
}

/**
 * @param {import('../memory/heap.js').Heap} heap
 * @param {number} at the index of the ids, in words
 * @param {number} scoresAfter the offset from the ids to the scores, in words
 * @param {number} most
 * @returns {Nearest}
 */
function nearestAt({ u32, f32 }, at, scoresAfter, most) {
  const end = u32.subarray(at, at + most).indexOf(NO_ID);
  const found = end < 0 ? most : end;
  return { ids: u32.slice(at, at + found), scores: f32.slice(at + scoresAfter, at + scoresAfter + found) };
}
