// JSON as bytes: float32 numbers of nine digits, which give the same number back, and texts. WebAssembly writes both; `text`
// says what of numbers, JSON.stringify of texts.
import module from '../../dist/wasm/numbers.js';

const [OPEN, CLOSE] = [91, 93];
/** Where the memory that the module has used itself ends, and the pages by which it grows, in bytes. */
const [OWN, PAGE] = [2 ** 17, 2 ** 16];
/** So many numbers are written at once; the most bytes that one of them takes or touches (cpp/text/json_numbers.h). */
const [PART, MOST] = [4096, 24];
/** So many bytes of texts are there at once; the most that one of them takes, and what is read and written beyond (json_text.h). */
const [TEXTS, ESCAPED, SPARE] = [2 ** 18, 6, 16];
/** Where the result of a call is, the numbers, the texts, and the JSON. */
const [WRITTEN, VALUES] = [OWN, OWN + 8];
const TEXT_BEGIN = VALUES + 4 * PART;
const JSON_BEGIN = TEXT_BEGIN + TEXTS + SPARE;
/** A string of more letters is measured before it is written; below, its letters are taken to have three bytes each. */
const LONG = 2 ** 16;
/** A string of so few letters is written here: a call takes longer. */
const SHORT = 16;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * @param {number} value a float32
 * @returns {string} JSON has no other numbers than finite ones
 */
export const text = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(9))) : 'null');

/**
 * The function of cpp/bindings/json_numbers.cc.
 * @typedef {{ memory: WebAssembly.Memory, write: (values: number, n: number, to: number, written: number) => void,
 *   text: (utf8: number, size: number, to: number) => number }} NumberModule
 */

/** @returns {NumberModule | undefined} a new one; undefined where WebAssembly has no SIMD */
export function startNumberModule() {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(module, 'base64')));
    return /** @type {NumberModule} */ (/** @type {unknown} */ (exports));
  } catch {
    return undefined;
  }
}

/** JSON as bytes: texts and arrays of numbers, one after the other, in a memory that is used again. */
export class JsonBytes {
  #module;
  #memory;
  #bytes = Buffer.alloc(0);
  #values = new Float32Array(0);
  #written = new Uint32Array(0);
  #length = 0;
  /** Bytes of whose texts some are in the memory, and which. */
  #texts = { of: /** @type {Uint8Array} */ (new Uint8Array(0)), begin: 0, end: 0 };

  /** @param {NumberModule | undefined} module undefined: `text` writes the numbers */
  constructor(module) {
    this.#module = module;
    this.#memory = module?.memory ?? new WebAssembly.Memory({ initial: OWN / PAGE });
    this.#grow(JSON_BEGIN);
  }

  /** @param {number} end of the memory that is needed */
  #grow(end) {
    const memory = this.#memory;
    const { byteLength } = memory.buffer;
    if (end > byteLength) memory.grow(Math.ceil(Math.max(end - byteLength, Math.min(byteLength, 2 ** 26)) / PAGE));
    this.#bytes = Buffer.from(memory.buffer, JSON_BEGIN);
    this.#values = new Float32Array(memory.buffer, VALUES, PART);
    this.#written = new Uint32Array(memory.buffer, WRITTEN, 2);
  }

  /** @param {number} more @returns {number} where they go */
  #room(more) {
    if (this.#length + more > this.#bytes.length) this.#grow(JSON_BEGIN + this.#length + more);
    return this.#length;
  }

  get length() {
    return this.#length;
  }

  /** @param {string} json */
  text(json) {
    const at = this.#room(json.length > LONG ? Buffer.byteLength(json) : 3 * json.length);
    let i = 0;
    if (json.length <= SHORT) {
      for (let unit; i < json.length && (unit = json.charCodeAt(i)) < 0x80; i++) this.#bytes[at + i] = unit;
    }
    this.#length = i === json.length ? at + i : at + this.#bytes.write(json, at);
  }

  /**
   * A text with its quotes.
   * @param {Uint8Array} utf8 valid
   * @param {number} begin of the text in `utf8`
   * @param {number} end
   */
  quoted(utf8, begin, end) {
    const size = end - begin;
    if (!this.#module || size > TEXTS) return this.text(JSON.stringify(decoder.decode(utf8.subarray(begin, end))));
    if (utf8 !== this.#texts.of || begin < this.#texts.begin || end > this.#texts.end) this.#load(utf8, begin);
    const at = this.#room(ESCAPED * size + 2 + SPARE);
    this.#length = at + this.#module.text(TEXT_BEGIN + begin - this.#texts.begin, size, JSON_BEGIN + at);
  }

  /** @param {Uint8Array} utf8 @param {number} begin of what is needed next */
  #load(utf8, begin) {
    const end = Math.min(utf8.length, begin + TEXTS);
    new Uint8Array(this.#memory.buffer, TEXT_BEGIN, TEXTS).set(utf8.subarray(begin, end));
    this.#texts = { of: utf8, begin, end };
  }

  /** @param {Float32Array} row `[0.5,-0.25]` */
  numbers(row) {
    if (!this.#module) return this.text(`[${Array.from(row, text).join(',')}]`);
    this.#bytes[this.#room(1)] = OPEN;
    this.#length++;
    for (let from = 0; from < row.length;) {
      const at = this.#room(PART * MOST + 1);
      const part = row.subarray(from, from + PART);
      this.#values.set(part);
      this.#module.write(VALUES, part.length, JSON_BEGIN + at, WRITTEN);
      const { 0: count, 1: bytes } = this.#written;
      this.#length = at + bytes;
      from += count;
      if (count < part.length) this.text(`${text(row[from++])},`);
    }
    if (row.length > 0) this.#length--; // the last comma
    this.#bytes[this.#room(1)] = CLOSE;
    this.#length++;
  }

  /** @returns {Buffer} all of it, valid until the next call; there is none afterwards */
  take() {
    const all = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return all;
  }
}
