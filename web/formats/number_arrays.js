/**
 * @typedef {typeof Uint8Array | typeof Int8Array | typeof Uint16Array | typeof Int16Array | typeof Uint32Array
 *   | typeof Int32Array | typeof Float32Array | typeof Float64Array | typeof BigUint64Array | typeof BigInt64Array} NumberArray
 */

/** The arrays for each metadata type's numbers; BOOL, STRING and ARRAY are read one by one. */
export const NUMBER_ARRAYS = /** @type {Record<number, NumberArray>} */ ({
  ...{ 0: Uint8Array, 1: Int8Array, 2: Uint16Array, 3: Int16Array, 4: Uint32Array, 5: Int32Array, 6: Float32Array },
  ...{ 10: BigUint64Array, 11: BigInt64Array, 12: Float64Array },
});
