// 16-bit floats: not all of today's JavaScript engines have typed arrays of them.

/**
 * @param {number} bits of an IEEE 754 binary16
 * @returns {number}
 */
export function f16ToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

/**
 * @param {Uint16Array} bits of IEEE 754 binary16 numbers
 * @returns {Float32Array<ArrayBuffer>} the same numbers, which f32 holds exactly
 */
export const f16ToF32 = (bits) => Float32Array.from(bits, f16ToNumber);

/**
 * @param {Uint16Array} bits of bfloat16 numbers: the upper half of an f32's
 * @returns {Float32Array<ArrayBuffer>} the same numbers, which f32 holds exactly
 */
export const bf16ToF32 = (bits) => new Float32Array(Uint32Array.from(bits, (each) => each << 16).buffer);
