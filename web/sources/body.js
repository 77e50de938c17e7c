/** A download in progress, and its position in the file. */
export class Body {
  #answer;
  #chunks;
  #chunk = new Uint8Array(0);
  #waiting = false;

  /**
   * @param {import('./request.js').Answer} answer
   * @param {AsyncGenerator<Uint8Array>} chunks of its body
   * @param {number} at the position of the next byte in the file
   * @param {boolean} vouched whether the response names the version of the file that was opened
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
   * Skips the bytes before a position in the file, or up to its end.
   * @param {number} at
   * @param {(bytes: Uint8Array) => void} [see] receives the skipped bytes
   * @returns {Promise<this>}
   */
  async skipTo(at, see) {
    for (let bytes; this.at < at && (bytes = await this.next(at - this.at));) see?.(bytes);
    return this;
  }

  async cancel() {
    const ended = this.#chunks.return(undefined);
    if (this.#waiting) {
      ended.catch(() => {}); // it settles when the pending read has ended or been aborted
      this.#answer.abort();
    } else {
      await ended;
    }
    this.#answer.discard(); // a generator that was never started does not do this
  }
}
