import { WembedError } from '../core/errors.js';

/**
 * A tensor's numbers.
 * @param {Uint8Array<ArrayBuffer>} bytes the whole of its buffer
 * @param {string} dtype as safetensors calls it: F64, F32, F16 or BF16
 * @returns {Float64Array | Float32Array}
 */
export function floatValues(bytes, dtype) {
  switch (dtype) {
    case 'F64':
      return new Float64Array(bytes.buffer);
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(bytes.buffer), floatFromHalf);
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
  }
  throw unreadable(dtype);
}

/**
 * A tensor's whole numbers.
 * @param {Uint8Array<ArrayBuffer>} bytes the whole of its buffer
 * @param {string} dtype as safetensors calls it: I32, U32 or I64
 * @returns {Int32Array | Uint32Array | BigInt64Array}
 */
export function integerValues(bytes, dtype) {
  switch (dtype) {
    case 'I32':
      return new Int32Array(bytes.buffer);
    case 'U32':
      return new Uint32Array(bytes.buffer);
    case 'I64':
      return new BigInt64Array(bytes.buffer);
  }
  throw unreadable(dtype);
}

/** @param {string} dtype */
const unreadable = (dtype) => new WembedError('unsupported', `a tensor of ${dtype} cannot be read as numbers`);

/** @param {number} half an IEEE 754 binary16 pattern */
function floatFromHalf(half) {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
}
