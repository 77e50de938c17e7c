/**
 * `value` of a number, else `bytes`; `end`: of the field in the message.
 * @typedef {{ number: number, wire: number, value: number, bytes: Uint8Array, end: number }} ProtobufField
 */

export const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
const NONE = new Uint8Array(0);

/**
 * The fields of a protobuf message, in order. (protobuf.dev, Encoding.)
 * @param {Uint8Array} message
 * @param {(what: string) => Error} refusal what is thrown for bytes that are no message
 * @returns {Generator<ProtobufField>}
 */
export function* protobufFields(message, refusal) {
  let at = 0;
  const take = (/** @type {number} */ n) => {
    if (n > message.length - at) throw refusal(`a field of ${n} bytes, ${message.length - at} are left`);
    at += n;
    return message.subarray(at - n, at);
  };
  const varint = () => {
    let value = 0;
    for (let k = 0; k < 10; k++) {
      const [byte] = take(1);
      value += (byte & 127) * 2 ** (7 * k);
      if (byte < 128) return value;
    }
    throw refusal('a number of more than 10 bytes');
  };
  while (at < message.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (number < 1 || number >= 2 ** 29) throw refusal(`the field number ${number}`);
    if (wire === VARINT) yield { number, wire, value: varint(), bytes: NONE, end: at };
    else if (wire === BYTES) yield { number, wire, value: 0, bytes: take(varint()), end: at };
    else if (wire === FIXED64) yield { number, wire, value: 0, bytes: take(8), end: at };
    else if (wire === FIXED32) yield { number, wire, value: 0, bytes: take(4), end: at };
    else throw refusal(`the wire type ${wire} of field ${number}`);
  }
}
