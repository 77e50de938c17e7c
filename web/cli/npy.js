// NumPy's .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0.

/** Bytes of the head: room for any count of rows. */
export const HEAD = 128;

/**
 * @param {number} rows
 * @param {number} dim
 * @returns {Buffer} what precedes the float32 numbers, HEAD bytes long
 */
export function npyHead(rows, dim) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, HEAD - 10, 0]);
  return Buffer.concat([magic, Buffer.from(`${text.padEnd(HEAD - 11)}\n`)]);
}
