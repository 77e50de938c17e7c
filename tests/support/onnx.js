// Tensors of ONNX's backend tests: protocol buffers, as far as TensorProto needs them.
import { readFileSync } from 'node:fs';

/** @typedef {{ name: string, shape: number[], data: any }} OnnxTensor */

const ARRAYS = /** @type {Record<number, any>} */ ({
  ...{ 1: Float32Array, 2: Uint8Array, 3: Int8Array, 5: Int16Array, 6: Int32Array, 7: BigInt64Array, 11: Float64Array },
});

/**
 * @param {string} path of a .pb file
 * @returns {OnnxTensor}
 */
export function readTensor(path) {
  const bytes = new Uint8Array(readFileSync(path));
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  const tensor = { name: '', shape: /** @type {number[]} */ ([]), type: 0, raw: new Uint8Array(0) };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wire] = [tag >> 3, tag & 7];
    if (wire === 0) {
      const value = varint();
      if (field === 1) tensor.shape.push(value);
      if (field === 2) tensor.type = value;
      continue;
    }
    if (wire !== 2) throw new Error(`${path}: wire type ${wire}`);
    const end = varint() + at;
    if (field === 1) while (at < end) tensor.shape.push(varint());
    if (field === 8) tensor.name = new TextDecoder().decode(bytes.subarray(at, end));
    if (field === 9) tensor.raw = bytes.slice(at, end);
    at = end;
  }
  return { name: tensor.name, shape: tensor.shape, data: new ARRAYS[tensor.type](tensor.raw.buffer) };
}
