// The texts that tokenizers are tested on, and what the ids of one are compared by.
import { readBytes } from './wembed.js';

/** tests/golden/tokenizer_models/texts.bin: their number, then length and UTF-8 of each. */
export function goldenTexts() {
  const bytes = readBytes('tests/golden/tokenizer_models/texts.bin');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts = [];
  for (let at = 4; texts.length < view.getUint32(0, true);) {
    const size = view.getUint32(at, true);
    texts.push(decoder.decode(bytes.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return texts;
}

/** FNV-1a over u32s. */
export class Fnv {
  hash = 0x811c9dc5;
  /** @param {number} value */
  add(value) {
    for (let i = 0; i < 4; i++) this.hash = Math.imul(this.hash ^ ((value >>> (8 * i)) & 0xff), 0x01000193) >>> 0;
  }
}
