import { WembedError } from '../core/errors.js';
import { bf16ToF32, f16ToF32 } from '../core/halves.js';

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
      return f16ToF32(new Uint16Array(bytes.buffer));
    case 'BF16':
      return bf16ToF32(new Uint16Array(bytes.buffer));
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
