/**
 * The principal axes of many rows: the eigenvectors of their covariance, by subspace iteration.
 * @param {Float32Array} rows (n, dim)
 * @param {number} dim
 * @param {number} [rounds]
 * @returns {{ mean: Float32Array, axes: Float32Array, scores: Float32Array, share: number }} `axes` (2, dim) of length 1;
 *   `scores` (n, 2); `share` of the variance that two axes keep
 */
export function principalAxes(rows, dim, rounds = 12) {
  const many = rows.length / dim;
  const { mean, covariance } = covarianceOf(rows, dim);
  let total = 0;
  for (let d = 0; d < dim; d++) total += covariance[d * dim + d];

  // A few axes more than wanted: the first two settle the sooner. Each round applies the covariance four times.
  const kept = Math.min(8, dim);
  let axes = Array.from({ length: kept }, (_, k) =>
    Float64Array.from({ length: dim }, (_, d) => Math.sin(1 + d * (k + 1))),
  );
  for (let round = 0; round < rounds; round++) {
    for (let power = 0; power < 4; power++) axes = axes.map((axis) => times(covariance, axis));
    orthonormalise(axes);
  }
  axes = axes
    .map((axis) => ({ axis, size: dotOf(axis, times(covariance, axis)) }))
    .sort((a, b) => b.size - a.size)
    .map(({ axis }) => axis);
  const [x, y] = axes;
  const two = new Float32Array([...x, ...y]);
  const share = (dotOf(x, times(covariance, x)) + dotOf(y, times(covariance, y))) / (total || 1);
  const scores = new Float32Array(2 * many);
  for (let i = 0; i < many; i++) {
    let [a, b] = [0, 0];
    for (let d = 0; d < dim; d++) {
      const value = rows[i * dim + d] - mean[d];
      a += value * x[d];
      b += value * y[d];
    }
    scores[2 * i] = a;
    scores[2 * i + 1] = b;
  }
  return { mean, axes: two, scores, share };
}

/** @param {Float32Array} rows @param {number} dim */
function covarianceOf(rows, dim) {
  const many = rows.length / dim;
  const mean = new Float32Array(dim);
  const sum = new Float64Array(dim);
  for (let i = 0; i < rows.length; i += dim) for (let d = 0; d < dim; d++) sum[d] += rows[i + d];
  for (let d = 0; d < dim; d++) mean[d] = sum[d] / many;
  const covariance = new Float64Array(dim * dim);
  const row = new Float64Array(dim);
  for (let i = 0; i < rows.length; i += dim) {
    for (let d = 0; d < dim; d++) row[d] = rows[i + d] - mean[d];
    for (let a = 0; a < dim; a++) {
      const value = row[a];
      for (let b = a, at = a * dim + a; b < dim; b++, at++) covariance[at] += value * row[b];
    }
  }
  for (let a = 0; a < dim; a++) {
    for (let b = a; b < dim; b++) covariance[b * dim + a] = covariance[a * dim + b] /= many;
  }
  return { mean, covariance };
}

/** @param {Float64Array} matrix (n, n), symmetric @param {Float64Array} vector */
function times(matrix, vector) {
  const dim = vector.length;
  return Float64Array.from({ length: dim }, (_, a) => dotOf(matrix.subarray(a * dim, (a + 1) * dim), vector));
}

/** Gram-Schmidt, in place. @param {Float64Array[]} axes */
export function orthonormalise(axes) {
  axes.forEach((axis, k) => {
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < k; j++) {
        const along = dotOf(axis, axes[j]);
        for (let d = 0; d < axis.length; d++) axis[d] -= along * axes[j][d];
      }
      const length = Math.sqrt(dotOf(axis, axis)) || 1;
      for (let d = 0; d < axis.length; d++) axis[d] /= length;
    }
  });
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function dotOf(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
