import { WembedError, callback, throwIfAborted } from '../core/errors.js';
import { chunksOf } from './source.js';

/**
 * Options of reading a file.
 * @typedef {object} ReadOptions
 * @property {AbortSignal} [signal] stops it: an error of code `aborted`
 * @property {import('./source.js').OnProgress} [onProgress] is called as bytes arrive
 */

/** Reads a source, or a part of it, from front to back, holding no more than one chunk. */
export class Reader {
  #chunks;
  #signal;
  #report;
  #total;
  #chunk = /** @type {Uint8Array} */ (new Uint8Array(0));
  #at = 0;
  /** Bytes read so far, counted from `start`. */
  position = 0;

  /**
   * @param {import('./source.js').ByteSource} source
   * @param {string} name for messages
   * @param {ReadOptions & { start?: number, end?: number }} [options] the part to read: its first byte, and one past
   *   its last byte
   */
  constructor(source, name, { signal, onProgress, start = 0, end = source.byteLength } = {}) {
    this.name = name;
    this.#chunks = chunksOf(source, signal, start, end);
    this.#signal = signal;
    let loaded = 0;
    this.#total = Math.max(0, (end ?? start) - start);
    this.#report = (/** @type {number} */ bytes, /** @type {boolean} */ done) => {
      loaded += bytes;
      if (onProgress)
        callback(onProgress, { status: done ? 'done' : 'progress', file: name, loaded, total: this.#total });
    };
  }

  /** @param {number} total what the file itself says of its length, where the source does not */
  expect(total) {
    this.#total ||= total;
  }

  /**
   * The next bytes, at most `limit` of them; null at the end. They are valid until the next call.
   * @param {number} limit
   * @returns {Promise<Uint8Array | null>}
   */
  async next(limit) {
    while (this.#at === this.#chunk.length) {
      throwIfAborted(this.#signal);
      const { done, value } = await this.#chunks.next();
      throwIfAborted(this.#signal);
      if (done) {
        this.#report(0, true);
        return null;
      }
      this.#chunk = value;
      this.#at = 0;
      this.#report(value.length, false);
    }
    const bytes = this.#chunk.subarray(this.#at, this.#at + limit);
    this.#at += bytes.length;
    this.position += bytes.length;
    return bytes;
  }

  /**
   * Passes exactly `length` bytes to `take`, piece by piece.
   * @param {number} length
   * @param {(bytes: Uint8Array, offset: number) => void} take
   */
  async pass(length, take) {
    for (let offset = 0; offset < length;) {
      const bytes = await this.next(length - offset);
      if (!bytes) {
        const [code, reason] = /** @type {const} */ (['bad_file', this.position === 0 ? 'empty' : 'truncated']);
        const what = `it ends at byte ${this.position}, ${length - offset} bytes early`;
        throw new WembedError(code, `${this.name} is truncated: ${what}`, { reason });
      }
      take(bytes, offset);
      offset += bytes.length;
    }
  }

  /**
   * The next `length` bytes as one array. Only for lengths that have been checked.
   * @param {number} length
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async read(length) {
    const whole = new Uint8Array(length);
    await this.pass(length, (bytes, offset) => whole.set(bytes, offset));
    return whole;
  }

  /** Abandons the rest: an open download ends. */
  async cancel() {
    await this.#chunks.return(undefined);
  }
}
