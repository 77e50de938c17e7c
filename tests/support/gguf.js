// GGUF files made in memory. (ggml-org/ggml, docs/gguf.md)

/** Writes metadata and tensors, and the file of them. */
export class GgufWriter {
  /** @type {number[]} */
  #pairs = [];
  /** @type {{ name: string, shape: number[], type: number, data: Uint8Array }[]} */
  #tensors = [];
  #count = 0;

  /** @param {number[]} bytes @param {number | bigint} value @param {number} size */
  #int(bytes, value, size) {
    for (let i = 0; i < size; i++) bytes.push(Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
  }

  /** @param {number[]} bytes @param {string} text */
  #text(bytes, text) {
    const utf8 = new TextEncoder().encode(text);
    this.#int(bytes, utf8.length, 8);
    bytes.push(...utf8);
  }

  /** @param {string} key @param {number} type */
  #key(key, type) {
    this.#count++;
    this.#text(this.#pairs, key);
    this.#int(this.#pairs, type, 4);
  }

  /** @param {string} key @param {number} value */
  u32(key, value) {
    this.#key(key, 4);
    this.#int(this.#pairs, value, 4);
    return this;
  }

  /** @param {string} key @param {string} value */
  string(key, value) {
    this.#key(key, 8);
    this.#text(this.#pairs, value);
    return this;
  }

  /**
   * @param {string} name
   * @param {number[]} shape row-major
   * @param {number} type of ggml
   * @param {Uint8Array} data
   */
  tensor(name, shape, type, data) {
    this.#tensors.push({ name, shape, type, data });
    return this;
  }

  /** @returns {Uint8Array<ArrayBuffer>} */
  file() {
    /** @type {number[]} */
    const bytes = [];
    this.#int(bytes, 0x46554747, 4);
    this.#int(bytes, 3, 4);
    this.#int(bytes, this.#tensors.length, 8);
    this.#int(bytes, this.#count, 8);
    for (const byte of this.#pairs) bytes.push(byte);
    let offset = 0;
    for (const { name, shape, type, data } of this.#tensors) {
      this.#text(bytes, name);
      this.#int(bytes, shape.length, 4);
      for (const size of shape.slice().reverse()) this.#int(bytes, size, 8);
      this.#int(bytes, type, 4);
      this.#int(bytes, offset, 8);
      offset += aligned(data.length);
    }
    const begin = aligned(bytes.length);
    const file = new Uint8Array(begin + offset);
    file.set(bytes);
    let at = begin;
    for (const { data } of this.#tensors) {
      file.set(data, at);
      at += aligned(data.length);
    }
    return file;
  }
}

const aligned = (/** @type {number} */ length) => Math.ceil(length / 32) * 32;
