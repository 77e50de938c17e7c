/**
 * Writes a safetensors file: 8 bytes of header length, the header, and the tensors in the given order, which should be
 * of decreasing alignment. (huggingface/safetensors, README, "Format".)
 * @param {{ name: string, dtype: string, shape: number[], data: ArrayBufferView }[]} tensors
 * @param {Record<string, string>} [metadata]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeSafetensors(tensors, metadata) {
  /** @type {Record<string, object>} */
  const header = metadata ? { __metadata__: metadata } : {};
  let length = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype, shape, data_offsets: [length, (length += data.byteLength)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const begin = 8 + Math.ceil(json.length / 8) * 8; // so that the data is aligned
  const file = new Uint8Array(begin + length).fill(0x20, 8, begin);
  new DataView(file.buffer).setUint32(0, begin - 8, true);
  file.set(json, 8);
  let at = begin;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
