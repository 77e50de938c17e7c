/** Arrays that grow. @typedef {Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array} Growable */

/**
 * @template {Growable} T
 * @param {T} array
 * @param {number} length that it must have room for
 * @returns {T} the array, or a copy with room for half as much again
 */
export function withRoom(array, length) {
  if (length <= array.length) return array;
  const Type = /** @type {{ new (length: number): T }} */ (array.constructor);
  const copy = new Type(Math.max(64, Math.ceil(1.5 * length)));
  copy.set(array);
  return copy;
}
