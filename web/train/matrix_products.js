// Products of matrices, which losses over a whole batch are made of: in float64, or by the training module's kernels.

/** Matrices here are their rows, one after the other. @typedef {Float32Array | Float64Array} Numbers */

/**
 * Where the products are computed.
 * @typedef {object} Products
 * @property {(a: Numbers, b: Numbers, n: number, m: number, size: number) => Numbers} scores a · bᵀ of a (n, size) and
 *   b (m, size): (n, m)
 * @property {(g: Numbers, b: Numbers, n: number, m: number, size: number) => Numbers} combined g · b of g (n, m) and
 *   b (m, size): (n, size), the gradient of a where g is that of a · bᵀ
 * @property {(g: Numbers, a: Numbers, n: number, m: number, size: number) => Numbers} combinedBack gᵀ · a of g (n, m) and
 *   a (n, size): (m, size), the gradient of b
 */

/** In float64, without any module. @type {Products} */
export const plainProducts = {
  scores(a, b, n, m, size) {
    const out = new Float64Array(n * m);
    for (let i = 0, at = 0; i < n; i++) {
      for (let j = 0; j < m; j++, at++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += a[i * size + k] * b[j * size + k];
        out[at] = sum;
      }
    }
    return out;
  },
  combined(g, b, n, m, size) {
    const out = new Float64Array(n * size);
    for (let i = 0, at = 0; i < n; i++) {
      for (let j = 0; j < m; j++, at++) {
        for (let k = 0; k < size; k++) out[i * size + k] += g[at] * b[j * size + k];
      }
    }
    return out;
  },
  combinedBack(g, a, n, m, size) {
    const out = new Float64Array(m * size);
    for (let i = 0, at = 0; i < n; i++) {
      for (let j = 0; j < m; j++, at++) {
        for (let k = 0; k < size; k++) out[j * size + k] += g[at] * a[i * size + k];
      }
    }
    return out;
  },
};

/**
 * By the kernels, in f32.
 * @param {import('../memory/heap.js').Heap} heap of the training module
 * @returns {Products}
 */
export function kernelProducts(heap) {
  const sent = (/** @type {string} */ slot, /** @type {Numbers} */ numbers) => {
    const address = heap.scratch(slot, 4 * numbers.length);
    heap.f32.set(numbers, address / 4);
    return address;
  };
  const room = (/** @type {number} */ length) => {
    const address = heap.scratch('products', 4 * length);
    heap.f32.fill(0, address / 4, address / 4 + length);
    return address;
  };
  const read = (/** @type {number} */ address, /** @type {number} */ length) =>
    heap.f32.slice(address / 4, address / 4 + length);
  return {
    scores(a, b, n, m, size) {
      const [left, right, out] = [sent('left', a), sent('right', b), room(n * m)];
      heap.core.trainProducts(left, right, n, m, size, out);
      return read(out, n * m);
    },
    combined(g, b, n, m, size) {
      const [factors, right, out] = [sent('left', g), sent('right', b), room(n * size)];
      heap.core.trainAddProducts(factors, right, n, m, size, out);
      return read(out, n * size);
    },
    combinedBack(g, a, n, m, size) {
      const [factors, left, out] = [sent('left', g), sent('right', a), room(m * size)];
      heap.core.trainAddOuterProducts(factors, left, n, m, size, out);
      return read(out, m * size);
    },
  };
}
