// The second module, with every tokenizer, for those that the core leaves out (cpp/text/extent.h). It is loaded only
// when a tokenizer needs it.
import { Heap } from './heap.js';
import { secondModule } from './second_module.js';

/** So many units pass at once: they stay in the processor's cache. */
const UNITS = 2 ** 14;

/** Shorter texts gain nothing. */
const SHORTEST = 256;

/**
 * Whether strings can be copied as they are, in UTF-16, which takes Node a tenth of the time of its `encodeInto`. (Where
 * `Buffer` is JavaScript, as in Deno and on pages, it takes longer.)
 */
const copiesUnits = /native code/.test(String(globalThis.Buffer?.prototype.ucs2Write));

class TextHeap extends Heap {
  /** @type {Buffer | undefined} a block for UTF-16 */
  #units;

  /** @type {Heap['countRoom']} */
  countRoom = copiesUnits
    ? (text) => {
        let bytes = 0;
        this.#pass(text, (units, n) => void (bytes += this.core.textUtf8Room(units, n) >>> 0));
        return bytes;
      }
    : undefined;

  /** @type {Heap['writeText']} */
  writeText(text, address, limit) {
    if (!copiesUnits || text.length < SHORTEST || limit !== undefined) return super.writeText(text, address, limit);
    let to = address;
    this.#pass(text, (units, n) => void (to += this.core.textUtf8(units, n, to)));
    return to;
  }

  /**
   * Copies a text's units into the memory, strip by strip.
   * @param {string} text
   * @param {(units: number, n: number) => void} take where a strip's are, and how many: no character is in two strips
   */
  #pass(text, take) {
    const units = this.scratch('units', 2 * UNITS);
    const { buffer } = this.u8;
    if (this.#units?.buffer !== buffer) this.#units = globalThis.Buffer.from(buffer, units, 2 * UNITS);
    for (let i = 0, end; i < text.length; i = end) {
      end = Math.min(i + UNITS, text.length);
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--; // its other half comes with it
      this.#units.write(text.slice(i, end), 'utf16le');
      take(units, end - i);
    }
  }
}

/** Its heap. The two addresses are written out as in `module.js`. */
export const loadTextHeap = secondModule(
  'text',
  {
    simd128: (file = new URL('../../dist/assets/text_simd128.wasm', import.meta.url)) => file,
    scalar: (file = new URL('../../dist/assets/text_scalar.wasm', import.meta.url)) => file,
  },
  TextHeap,
);
