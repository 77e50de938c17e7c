import { Reader } from './reader.js';

/** Bytes of the first pieces. */
const LEAST = 2 ** 18;

/** The largest piece, in bytes: longer pieces save no time. */
const MOST = 2 ** 23;

/**
 * Reads a source from front to back in separate requests, each at most a quarter as long as the bytes read so far. For
 * readers that stop at an unknown position, so that the server does not send the rest.
 */
export class PieceReader {
  #open;
  #start;
  #last;
  #reader;

  /**
   * @param {import('./source.js').ByteSource} source whose length is known
   * @param {string} name for messages
   * @param {{ signal?: AbortSignal, start?: number }} options
   */
  constructor(source, name, { signal, start = 0 }) {
    this.#open = (/** @type {number} */ begin, /** @type {number} */ end) =>
      new Reader(source, name, { signal, start: begin, end });
    this.#start = start;
    this.#last = source.byteLength ?? 0;
    this.#reader = this.#piece();
  }

  #piece() {
    const length = Math.min(MOST, Math.max(LEAST, Math.ceil(this.#start / 4)));
    return this.#open(this.#start, Math.min(this.#last, this.#start + length));
  }

  /**
   * @param {number} limit
   * @returns {Promise<Uint8Array | null>} as `Reader.next`
   */
  async next(limit) {
    for (;;) {
      const bytes = await this.#reader.next(limit);
      if (bytes) return bytes;
      this.#start += this.#reader.position;
      if (this.#reader.position === 0 || this.#start >= this.#last) return null;
      this.#reader = this.#piece();
    }
  }

  /** Abandons the rest. */
  async cancel() {
    await this.#reader.cancel();
  }
}
