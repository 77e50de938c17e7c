/** Bytes that come in parts, in one piece of memory; each is copied no more than twice on average. */
export class GrowingBytes {
  #bytes = new Uint8Array(0);
  length = 0;

  /**
   * Bytes so far. What is added later is not in it.
   * @returns {Uint8Array<ArrayBuffer>}
   */
  get view() {
    return this.#bytes.subarray(0, this.length);
  }

  /** @param {number} length so many bytes will be added, or fewer */
  reserve(length) {
    const needed = this.length + length;
    if (needed <= this.#bytes.length) return;
    // The first part often is all there is.
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
