// Eigenvalues of symmetric matrices, in float64: Householder's reduction, then QL steps (Golub and Van Loan, "Matrix
// Computations", 8.3).

/**
 * All eigenvalues and eigenvectors of a symmetric matrix.
 * @param {Float64Array} matrix (n, n) changed
 * @param {number} n
 * @returns {{ values: Float64Array, vectors: Float64Array }} the largest value first; vectors: (n, n), row i of length 1
 *   belongs to value i
 */
export function symmetricEigen(matrix, n) {
  const { diagonal, beside, rows } = tridiagonal(matrix, n);
  for (let first = 0; first < n; first++) diagonalizeFrom(first, n, diagonal, beside, rows);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b] - diagonal[a]);
  const values = Float64Array.from(order, (i) => diagonal[i]);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(rows.subarray(from * n, (from + 1) * n), to * n);
  return { values, vectors };
}

/**
 * The tridiagonal matrix Q × matrix × Qᵀ.
 * @param {Float64Array} a (n, n) symmetric, changed
 * @param {number} n
 * @returns {{ diagonal: Float64Array, beside: Float64Array, rows: Float64Array }} beside: what stands beside the diagonal, a
 *   zero at the end; rows: Q
 */
function tridiagonal(a, n) {
  const mirrors = new Float64Array(n * n); // row k: the unit vector of the k-th reflection
  for (let k = 0; k + 2 < n; k++) {
    const v = mirrors.subarray(k * n, (k + 1) * n);
    if (mirrorOf(a, n, k, v)) reflect(a, n, k + 1, v);
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  const beside = Float64Array.from({ length: n }, (_, i) => (i + 1 < n ? a[i * n + i + 1] : 0));
  return { diagonal, beside, rows: productOf(mirrors, n) };
}

/**
 * @param {Float64Array} a
 * @param {number} n
 * @param {number} k the column that is to vanish below the number after its diagonal
 * @param {Float64Array} v (n) receives the unit vector of the reflection
 * @returns {boolean} false where nothing need vanish
 */
function mirrorOf(a, n, k, v) {
  let largest = 0;
  for (let i = k + 1; i < n; i++) largest = Math.max(largest, Math.abs(a[k * n + i]));
  if (largest === 0) return false;
  for (let i = k + 1; i < n; i++) v[i] = a[k * n + i] / largest;
  v[k + 1] += Math.sign(v[k + 1] || 1) * lengthOf(v, k + 1, n);
  const length = lengthOf(v, k + 1, n);
  for (let i = k + 1; i < n; i++) v[i] /= length;
  return true;
}

/**
 * @param {Float64Array} v
 * @param {number} begin
 * @param {number} end
 */
function lengthOf(v, begin, end) {
  let squares = 0;
  for (let i = begin; i < end; i++) squares += v[i] * v[i];
  return Math.sqrt(squares);
}

/**
 * a becomes H × a × H, where H = 1 - 2 × v × vᵀ.
 * @param {Float64Array} a (n, n)
 * @param {number} n
 * @param {number} first of v that is not zero
 * @param {Float64Array} v (n)
 */
function reflect(a, n, first, v) {
  const w = new Float64Array(n);
  let inner = 0;
  for (let i = first - 1; i < n; i++) {
    for (let j = first; j < n; j++) w[i] += a[i * n + j] * v[j];
    inner += v[i] * w[i];
  }
  for (let i = first; i < n; i++) w[i] -= inner * v[i];
  for (let i = first - 1; i < n; i++) {
    for (let j = first - 1; j < n; j++) a[i * n + j] -= 2 * (v[i] * w[j] + w[i] * v[j]);
  }
}

/**
 * @param {Float64Array} mirrors (n, n)
 * @param {number} n
 * @returns {Float64Array} (n, n) the product of all reflections, the last first
 */
function productOf(mirrors, n) {
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--) {
    const v = mirrors.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) {
      let inner = 0;
      for (let j = k + 1; j < n; j++) inner += rows[i * n + j] * v[j];
      for (let j = k + 1; j < n; j++) rows[i * n + j] -= 2 * inner * v[j];
    }
  }
  return rows;
}

/**
 * QL steps until the number beside diagonal[first] has vanished.
 * @param {number} first
 * @param {number} n
 * @param {Float64Array} diagonal (n)
 * @param {Float64Array} beside (n)
 * @param {Float64Array} rows (n, n) turned with them
 */
function diagonalizeFrom(first, n, diagonal, beside, rows) {
  for (let step = 0; step < 60; step++) {
    let last = first;
    while (last + 1 < n && !isSmall(beside[last], diagonal[last], diagonal[last + 1])) last++;
    if (last === first) return;
    stepQl(first, last, n, diagonal, beside, rows);
  }
}

/**
 * @param {number} value
 * @param {number} a
 * @param {number} b
 */
const isSmall = (value, a, b) => Math.abs(value) <= Number.EPSILON * (Math.abs(a) + Math.abs(b));

/**
 * One implicit QL step with Wilkinson's shift on the block from `first` to `last`.
 * @param {number} first
 * @param {number} last
 * @param {number} n
 * @param {Float64Array} diagonal
 * @param {Float64Array} beside
 * @param {Float64Array} rows
 */
function stepQl(first, last, n, diagonal, beside, rows) {
  const half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
  const root = Math.hypot(half, 1);
  let bulge = diagonal[last] - diagonal[first] + beside[first] / (half + (half < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const [far, near] = [sine * beside[i], cosine * beside[i]];
    const length = Math.hypot(far, bulge);
    beside[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1] -= shift;
      beside[last] = 0;
      return;
    }
    [sine, cosine] = [far / length, bulge / length];
    const moved = diagonal[i + 1] - shift;
    const turned = (diagonal[i] - moved) * sine + 2 * cosine * near;
    shift = sine * turned;
    diagonal[i + 1] = moved + shift;
    bulge = cosine * turned - near;
    turnRows(rows, i * n, (i + 1) * n, n, sine, cosine);
  }
  diagonal[first] -= shift;
  beside[first] = bulge;
  beside[last] = 0;
}

/**
 * @param {Float64Array} rows
 * @param {number} a where one row begins
 * @param {number} b where the other begins
 * @param {number} n
 * @param {number} sine
 * @param {number} cosine
 */
function turnRows(rows, a, b, n, sine, cosine) {
  for (let j = 0; j < n; j++) {
    const [x, y] = [rows[a + j], rows[b + j]];
    rows[b + j] = sine * x + cosine * y;
    rows[a + j] = cosine * x - sine * y;
  }
}
