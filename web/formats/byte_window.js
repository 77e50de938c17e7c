/**
 * What bytes are taken from: `Reader`, or anything with its `next`. Bytes are good until the next call.
 * @typedef {{ next(limit: number): Promise<Uint8Array | null> }} Pull
 */

const CHUNK = 2 ** 18; // what stays in the processor's cache

const NEWLINE = 10;

/**
 * The part of a stream that is being looked at: `bytes[begin]` to `bytes[end - 1]`. A parser takes from the front by
 * moving `begin`, and asks for more where a record is not complete. A line break stands at `bytes[end]`, so that loops
 * over digits end without counting.
 */
export class ByteWindow {
  #source;
  bytes = Uint8Array.of(NEWLINE);
  begin = 0;
  end = 0;
  /** Whether the stream's last byte is in the window, or was. */
  done = false;
  /** The file's bytes before `bytes[0]`. */
  #before;

  /**
   * @param {Pull} source
   * @param {number} [position] of its first byte in the file
   */
  constructor(source, position = 0) {
    this.#source = source;
    this.#before = position;
  }

  /** Bytes at hand. */
  get length() {
    return this.end - this.begin;
  }

  /** Where in the file `begin` is. */
  get position() {
    return this.#before + this.begin;
  }

  /** Adds what the stream gives next; at its end nothing, which `done` then tells. */
  async more() {
    if (this.done) return;
    const chunk = await this.#source.next(CHUNK);
    if (!chunk) {
      this.done = true;
      return;
    }
    const { length } = this;
    const needed = length + chunk.length + 1;
    const bytes = needed <= this.bytes.length ? this.bytes : new Uint8Array(Math.max(needed, 2 * length, CHUNK + 1024));
    bytes.set(this.bytes.subarray(this.begin, this.end)); // to its own front, which `set` does as memmove
    bytes.set(chunk, length);
    bytes[length + chunk.length] = NEWLINE;
    this.#before += this.begin;
    this.bytes = bytes;
    this.begin = 0;
    this.end = length + chunk.length;
  }

  /**
   * Waits for so many bytes.
   * @param {number} length
   * @returns {Promise<boolean>} false where the stream ends before
   */
  async fill(length) {
    while (this.length < length && !this.done) await this.more();
    return this.length >= length;
  }
}
