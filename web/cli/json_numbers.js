// Float32 numbers as text: nine digits, which give the same number back. WebAssembly writes them; `text` says what.
import module from '../../dist/wasm/numbers.js';

const [OPEN, CLOSE] = [91, 93];
/** Where the memory that the module has used itself ends, and the pages by which it grows, in bytes. */
const [OWN, PAGE] = [2 ** 17, 2 ** 16];
/** So many numbers are written at once; the most bytes that one of them takes or touches (cpp/text/json_numbers.h). */
const [PART, MOST] = [4096, 24];
/** Where the result of a call is, the numbers, and the JSON. */
const [WRITTEN, VALUES, JSON_BEGIN] = [OWN, OWN + 8, OWN + 8 + 4 * PART];
/** A string of more letters is measured before it is written; below, its letters are taken to have three bytes each. */
const LONG = 2 ** 16;

/**
 * @param {number} value a float32
 * @returns {string} JSON has no other numbers than finite ones
 */
export const text = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(9))) : 'null');

/**
 * The function of cpp/bindings/json_numbers.cc.
 * @typedef {{ memory: WebAssembly.Memory, write: (values: number, n: number, to: number, written: number) => void }} NumberModule
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
    this.#length = at + this.#bytes.write(json, at);
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
