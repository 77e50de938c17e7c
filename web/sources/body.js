/** A download, and the byte of the file that it stands at. */
export class Body {
  #answer;
  #chunks;
  #chunk = new Uint8Array(0);
  #waiting = false;

  /**
   * @param {import('./request.js').Answer} answer
   * @param {AsyncGenerator<Uint8Array>} chunks of its body
   * @param {number} at
   * @param {boolean} vouched the answer says that it is of the version of the file that was opened
   */
  constructor(answer, chunks, at, vouched) {
    this.#answer = answer;
    this.#chunks = chunks;
    this.at = at;
    this.vouched = vouched;
  }

  /**
   * @param {number} limit
   * @returns {Promise<Uint8Array | undefined>} undefined at the end
   */
  async next(limit) {
    while (this.#chunk.length === 0) {
      this.#waiting = true;
      const { done, value } = await this.#chunks.next();
      this.#waiting = false;
      if (done) return undefined;
      this.#chunk = /** @type {Uint8Array<ArrayBuffer>} */ (value);
    }
    const bytes = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.at += bytes.length;
    return bytes;
  }

  /**
   * Passes over the bytes before a place in the file, or as many as there are.
   * @param {number} at
   * @param {(bytes: Uint8Array) => void} [see] is shown them
   * @returns {Promise<this>}
   */
  async skipTo(at, see) {
    for (let bytes; this.at < at && (bytes = await this.next(at - this.at));) see?.(bytes);
    return this;
  }

  async cancel() {
    const ended = this.#chunks.return(undefined);
    if (this.#waiting) {
      ended.catch(() => {}); // only when what it waits for has come, or has been given up
      this.#answer.abort();
    } else {
      await ended;
    }
    this.#answer.discard(); // a generator that nobody has started does not do it
  }
}
