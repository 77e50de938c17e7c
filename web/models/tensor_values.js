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

/** @type {Record<string, new (buffer: ArrayBuffer) => import('../core/arguments.js').IntegerArray>} */
const INTEGERS = {
  ...{ I8: Int8Array, U8: Uint8Array, I16: Int16Array, U16: Uint16Array },
  ...{ I32: Int32Array, U32: Uint32Array, I64: BigInt64Array, U64: BigUint64Array },
};

/**
 * A tensor's whole numbers.
 * @param {Uint8Array<ArrayBuffer>} bytes the whole of its buffer
 * @param {string} dtype as safetensors calls it: I8 to I64, U8 to U64, and no other
 * @returns {import('../core/arguments.js').IntegerArray}
 */
export const integerValues = (bytes, dtype) => new INTEGERS[dtype](bytes.buffer);

/** @param {string} dtype */
const unreadable = (dtype) => new WembedError('unsupported', `a tensor of ${dtype} cannot be read as numbers`);
