/** Collects bytes that arrive in parts in one buffer; each byte is copied at most twice on average. */
export class GrowingBytes {
  #bytes = new Uint8Array(0);
  length = 0;

  /**
   * The bytes so far. Bytes added later are not in it.
   * @returns {Uint8Array<ArrayBuffer>}
   */
  get view() {
    return this.#bytes.subarray(0, this.length);
  }

  /** @param {number} length an upper bound of the bytes that will be added */
  reserve(length) {
    const needed = this.length + length;
    if (needed <= this.#bytes.length) return;
    // The first part is often the only one.
    const bytes = new Uint8Array(this.length === 0 ? needed : Math.max(needed, 2 * this.length));
    bytes.set(this.view);
    this.#bytes = bytes;
  }

  /** @param {Uint8Array | ArrayBuffer} part */
  add(part) {
    const bytes = part instanceof Uint8Array ? part : new Uint8Array(part);
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
}
