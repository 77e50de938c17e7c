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
 * Takes float64 in pieces and hands them on as float32.
 * @param {(bytes: Uint8Array) => void} write
 * @returns {(bytes: Uint8Array) => void}
 */
export function narrowing(write) {
  let rest = new Uint8Array(0);
  return (bytes) => {
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const whole = all.length - (all.length % 8);
    rest = all.slice(whole);
    write(new Uint8Array(Float32Array.from(new Float64Array(all.buffer, 0, whole / 8)).buffer));
  };
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
