/** The strings of a GGUF file's array as they stand there, a u64 length before each: an object for each takes more time and memory. */
export class GgufStrings {
  /** @type {Uint32Array | undefined} where each begins, as it is asked for */
  #begins;

  /**
   * @param {Uint8Array} bytes of all of them, their lengths checked
   * @param {number} length how many
   */
  constructor(bytes, length) {
    this.bytes = bytes;
    this.length = length;
  }

  *[Symbol.iterator]() {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #indexed() {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    const begins = new Uint32Array(this.length + 1);
    for (let i = 0; i < this.length; i++) begins[i + 1] = begins[i] + 8 + view.getUint32(begins[i], true);
    return begins;
  }

  /** @param {number} i @returns {string | undefined} undefined where there is none, or it is no UTF-8 */
  at(i) {
    if (!Number.isInteger(i) || i < 0 || i >= this.length) return undefined;
    this.#begins ??= this.#indexed();
    try {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      return decoder.decode(this.bytes.subarray(this.#begins[i] + 8, this.#begins[i + 1]));
    } catch {
      return undefined;
    }
  }
}

/**
 * What reads the strings under a key of the metadata in another way than one by one; undefined for most.
 * @typedef {(key: string) => ((cursor: StringsCursor, n: number) => Generator<number, import('./gguf.js').GgufValue, void>) | undefined} Keep
 */

/** @type {Keep} A vocabulary's stay as they stand, as `GgufStrings`. */
export const keepStrings = (key) => (/^tokenizer\.ggml\.(tokens|merges)$/.test(key) ? readStrings : undefined);

/**
 * The parser of a header.
 * @typedef {object} StringsCursor
 * @property {number} at
 * @property {() => number} count
 * @property {(n: number) => number} take
 * @property {(begin: number) => Uint8Array} since
 * @property {(wants: () => boolean, read: () => unknown) => Generator<number, unknown, void>} each
 */

/**
 * @param {StringsCursor} cursor
 * @param {number} n
 * @returns {Generator<number, import('./gguf.js').GgufValue, void>} no value of that type, as loaders know
 */
function* readStrings(cursor, n) {
  const begin = cursor.at;
  let left = n;
  const read = () => {
    cursor.take(cursor.count());
    left--;
  };
  yield* cursor.each(() => left > 0, read);
  const strings = new GgufStrings(cursor.since(begin), n);
  return /** @type {import('./gguf.js').GgufValue} */ (/** @type {unknown} */ (strings));
}
