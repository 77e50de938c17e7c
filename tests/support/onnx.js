// Tensors of ONNX's backend tests: protocol buffers, as far as TensorProto needs them.
import { readFileSync } from 'node:fs';

/** @typedef {{ name: string, shape: number[], data: any }} OnnxTensor */

/** By TensorProto's data types. Halves and 8-bit floats come as their patterns. */
const ARRAYS = /** @type {Record<number, any>} */ ({
  ...{ 1: Float32Array, 2: Uint8Array, 3: Int8Array, 5: Int16Array, 6: Int32Array, 7: BigInt64Array, 11: Float64Array },
  ...{ 10: Uint16Array, 17: Uint8Array },
});

/**
 * The fields of a message, in order.
 * @param {Uint8Array} bytes
 * @returns {Generator<{ field: number, value: number, bytes: Uint8Array }>} a varint's value, or a field's bytes
 */
function* fieldsOf(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wire] = [tag >> 3, tag & 7];
    if (wire !== 0 && wire !== 2) throw new Error(`wire type ${wire}`);
    const value = varint();
    if (wire === 2) at += value;
    yield { field, value, bytes: wire === 2 ? bytes.slice(at - value, at) : bytes.subarray(0, 0) };
  }
}

/** @param {Uint8Array} bytes @returns {number[]} of varints, packed */
function varints(bytes) {
  /** @type {number[]} */
  const values = [];
  for (let at = 0; at < bytes.length; at++) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      value += (bytes[at] & 127) * 2 ** shift;
      if (bytes[at] < 128) break;
      at++;
    }
    values.push(value);
  }
  return values;
}

/** @param {Uint8Array} proto @returns {OnnxTensor} */
function tensorOf(proto) {
  const tensor = { name: '', shape: /** @type {number[]} */ ([]), type: 0, raw: new Uint8Array(0) };
  for (const { field, value, bytes } of fieldsOf(proto)) {
    if (field === 1) tensor.shape.push(...(bytes.length ? varints(bytes) : [value]));
    if (field === 2) tensor.type = value;
    if (field === 5) tensor.raw = new Uint8Array(new ARRAYS[tensor.type](varints(bytes)).buffer); // int32_data
    if (field === 8) tensor.name = new TextDecoder().decode(bytes);
    if (field === 9) tensor.raw = bytes;
  }
  return { name: tensor.name, shape: tensor.shape, data: new ARRAYS[tensor.type](tensor.raw.buffer) };
}

/** @param {string} path of a .pb file @returns {OnnxTensor} */
export const readTensor = (path) => tensorOf(new Uint8Array(readFileSync(path)));

/**
 * The weights in a model.
 * @param {string} path of an .onnx file
 * @returns {OnnxTensor[]}
 */
export function readInitializers(path) {
  const graph = [...fieldsOf(new Uint8Array(readFileSync(path)))].find(({ field }) => field === 7);
  return [...fieldsOf(/** @type {any} */ (graph).bytes)]
    .filter(({ field }) => field === 5)
    .map(({ bytes }) => tensorOf(bytes));
}
