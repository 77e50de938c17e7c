/**
 * Divides each row by its length + epsilon, in place; zeros stay zeros.
 * @param {import('../memory/heap.js').Heap} heap
 * @param {Float32Array} data (n, dim)
 * @param {number} dim
 * @param {number} epsilon
 */
export const normalizeRows = (heap, data, dim, epsilon) =>
  heap.changeRows(data, data, dim, (at, _, rows) => heap.core.normalize(at, rows, dim, epsilon));
