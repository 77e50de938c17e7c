/**
 * A source of bytes: `Reader`, or any object with its `next`. Bytes are valid until the next call.
 * @typedef {{ next(limit: number): Promise<Uint8Array | null> }} Pull
 */

const CHUNK = 2 ** 18; // fits the processor's cache

const NEWLINE = 10;

/**
 * The part of a stream being parsed: `bytes[begin]` to `bytes[end - 1]`. A parser consumes bytes by advancing `begin`,
 * and asks for more if a record is incomplete. `bytes[end]` is a line break, so that loops over digits need no bounds
 * check.
 */
export class ByteWindow {
  #source;
  bytes = Uint8Array.of(NEWLINE);
  begin = 0;
  end = 0;
  /** Whether the stream's last byte has been read. */
  done = false;
  /** Bytes of the file before `bytes[0]`. */
  #before;

  /**
   * @param {Pull} source
   * @param {number} [position] of the first byte in the file
   */
  constructor(source, position = 0) {
    this.#source = source;
    this.#before = position;
  }

  /** Bytes available. */
  get length() {
    return this.end - this.begin;
  }

  /** The position of `begin` in the file. */
  get position() {
    return this.#before + this.begin;
  }

  /** Appends the stream's next bytes. At the end it adds nothing and sets `done`. */
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
   * Waits for a number of bytes.
   * @param {number} length
   * @returns {Promise<boolean>} false if the stream ends before
   */
  async fill(length) {
    while (this.length < length && !this.done) await this.more();
    return this.length >= length;
  }
}
