import { Reader } from './reader.js';

/** The first pieces' bytes. */
const LEAST = 2 ** 18;

/** A longer piece saves no time. */
const MOST = 2 ** 23;

/**
 * Reads a source from front to back by asking for one piece after the other, each at most a quarter of what has been read:
 * for those who will stop at a place they do not know yet, and would not have a server send the rest.
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

  /** Gives up the rest. */
  async cancel() {
    await this.#reader.cancel();
  }
}
