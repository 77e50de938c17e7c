// Principal component analysis, as scikit-learn's PCA.
import { count, optionsOf } from '../core/arguments.js';
import { WembedError, isA } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { symmetricEigen } from './eigen.js';
import { checkDim, matrixOf } from './embeddings.js';
import { checkFinite } from './units.js';

/** @typedef {import('./embeddings.js').Embeddings} Embeddings */

/** The directions in which vectors differ most. Made by `pca`. */
export class PrincipalComponents {
  /**
   * @param {Matrix} components
   * @param {Float32Array} mean
   * @param {Float64Array} explainedVariance
   * @param {Float64Array} explainedVarianceRatio
   */
  constructor(components, mean, explainedVariance, explainedVarianceRatio) {
    if (!isA(components, Matrix) || !isA(mean, Float32Array) || mean.length !== components.dim) {
      throw new WembedError('invalid_argument', 'components and their mean are made by pca');
    }
    /** (components, dim) each of length 1, the one along which vectors differ most first. */
    this.components = components;
    /** (dim) of the vectors. */
    this.mean = mean;
    /** (components) the variance along each. */
    this.explainedVariance = explainedVariance;
    /** (components) its share in the variance of all dimensions. */
    this.explainedVarianceRatio = explainedVarianceRatio;
  }

  /**
   * Where vectors are along each component.
   * @param {Embeddings} embeddings (n, dim)
   * @returns {Matrix} (n, components). Errors: `shape_mismatch`
   */
  transform(embeddings) {
    const { components, mean } = this;
    const from = matrixOf('embeddings', embeddings);
    checkDim('embeddings', components, from);
    const to = new Matrix(new Float32Array(from.rows * components.rows), from.rows, components.rows);
    for (let i = 0; i < to.data.length; i++) {
      const [x, axis] = [from.row(Math.floor(i / to.dim)), components.row(i % to.dim)];
      let sum = 0;
      for (let d = 0; d < axis.length; d++) sum += (x[d] - mean[d]) * axis[d];
      to.data[i] = sum;
    }
    return to;
  }
}

/**
 * Finds the directions in which vectors differ most: to draw them in a plane, or to keep fewer numbers of each. Exact, with
 * scikit-learn's signs: of each component the number that is furthest from 0 is positive.
 * (`sklearn.decomposition.PCA(svd_solver='full')`)
 * @param {Embeddings} embeddings (n, dim) at least two
 * @param {{ components?: number }} [options] components: how many, at most the lesser of n and dim; default 2
 * @returns {PrincipalComponents} errors: `invalid_argument`, `shape_mismatch`
 * @example
 * const points = pca(vectors).transform(vectors); // Matrix (n, 2)
 */
export function pca(embeddings, options) {
  const { components = 2 } = optionsOf('pca', options, ['components']);
  const x = matrixOf('embeddings', embeddings);
  checkFinite('embeddings', x.data);
  if (x.rows < 2) throw new WembedError('invalid_argument', `pca needs at least two vectors, not ${x.rows}`);
  const k = count('components', components, { least: 1, most: Math.min(x.rows, x.dim) });
  const mean = meanOf(x);
  const centered = Float64Array.from(x.data.subarray(0, x.rows * x.dim));
  for (let at = 0; at < centered.length; at += x.dim) for (let d = 0; d < x.dim; d++) centered[at + d] -= mean[d];
  const { values, axes } = axesOf(centered, x.rows, x.dim, k);
  let total = 0;
  for (const value of centered) total += value * value;
  for (let i = 0; i < k; i++) turnPositive(axes.subarray(i * x.dim, (i + 1) * x.dim));
  const variance = values.map((value) => Math.max(0, value) / (x.rows - 1));
  const ratio = values.map((value) => (total > 0 ? Math.max(0, value) / total : 0));
  return new PrincipalComponents(
    new Matrix(Float32Array.from(axes), k, x.dim),
    Float32Array.from(mean),
    variance,
    ratio,
  );
}

/** @param {Matrix} x */
function meanOf({ data, rows, dim }) {
  const mean = new Float64Array(dim);
  for (let at = 0; at < rows * dim; at += dim) for (let d = 0; d < dim; d++) mean[d] += data[at + d] / rows;
  return mean;
}

/**
 * @param {Float64Array} x (n, dim) of mean 0
 * @param {number} n
 * @param {number} dim
 * @param {number} k how many axes
 * @returns {{ values: Float64Array, axes: Float64Array }} the squares of the singular values (k); axes (k, dim)
 */
function axesOf(x, n, dim, k) {
  // The eigenvectors of xᵀx, or where x has fewer rows than dimensions, those of xxᵀ carried over.
  const few = n < dim;
  const size = few ? n : dim;
  const products = few ? rowProducts(x, n, dim) : columnProducts(x, n, dim);
  const { values, vectors } = symmetricEigen(products, size);
  if (!few) return { values: values.slice(0, k), axes: vectors.slice(0, k * dim) };
  const axes = new Float64Array(k * dim);
  for (let i = 0; i < k; i++) {
    const axis = axes.subarray(i * dim, (i + 1) * dim);
    for (let row = 0; row < n; row++) {
      for (let d = 0; d < dim; d++) axis[d] += vectors[i * n + row] * x[row * dim + d];
    }
    perpendicular(axes, i, dim);
  }
  return { values: values.slice(0, k), axes };
}

/**
 * @param {Float64Array} x
 * @param {number} n
 * @param {number} dim
 */
function rowProducts(x, n, dim) {
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += x[i * dim + d] * x[j * dim + d];
      products[i * n + j] = products[j * n + i] = sum;
    }
  }
  return products;
}

/**
 * @param {Float64Array} x
 * @param {number} n
 * @param {number} dim
 */
function columnProducts(x, n, dim) {
  const products = new Float64Array(dim * dim);
  const zeros = new Float64Array(dim);
  const vector = (/** @type {number} */ row) => (row < n ? x.subarray(row * dim, (row + 1) * dim) : zeros);
  for (let row = 0; row < n; row += 4) {
    // Four rows at a time: each sum is read and written a quarter as often.
    const [a, b, c, d] = [vector(row), vector(row + 1), vector(row + 2), vector(row + 3)];
    for (let i = 0; i < dim; i++) {
      const [ai, bi, ci, di] = [a[i], b[i], c[i], d[i]];
      for (let j = 0, at = i * dim; j <= i; j++, at++) products[at] += ai * a[j] + bi * b[j] + ci * c[j] + di * d[j];
    }
  }
  for (let i = 0; i < dim; i++) for (let j = i + 1; j < dim; j++) products[i * dim + j] = products[j * dim + i];
  return products;
}

/**
 * Makes axis i perpendicular to those before it, and of length 1: where the vectors do not differ any further, any
 * direction that is.
 * @param {Float64Array} axes
 * @param {number} i
 * @param {number} dim
 */
function perpendicular(axes, i, dim) {
  const axis = axes.subarray(i * dim, (i + 1) * dim);
  const first = Math.sqrt(dotOf(axes.subarray(0, dim), axes.subarray(0, dim)));
  for (let unit = -1; unit < dim; unit++) {
    if (unit >= 0) axis.fill(0)[unit] = 1;
    const before = unit >= 0 ? 1 : first;
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j < i; j++) {
        const other = axes.subarray(j * dim, (j + 1) * dim);
        const inner = dotOf(axis, other);
        for (let d = 0; d < dim; d++) axis[d] -= inner * other[d];
      }
    }
    const length = Math.sqrt(dotOf(axis, axis));
    if (!(length > 1e-7 * before)) continue;
    for (let d = 0; d < dim; d++) axis[d] /= length;
    return;
  }
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dotOf(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {Float64Array} axis */
function turnPositive(axis) {
  let largest = 0;
  for (const value of axis) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let d = 0; d < axis.length; d++) axis[d] = -axis[d];
}
