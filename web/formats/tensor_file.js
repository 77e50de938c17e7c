import { WembedError, callback } from '../core/errors.js';
import { GrowingBytes } from './growing_bytes.js';
import { Reader } from '../sources/reader.js';
import { chunksOf } from '../sources/source.js';

/**
 * Requested bytes of a file, and their receiver. `take` gets them in order, in pieces of any length, each valid only
 * during the call.
 * @typedef {{ begin: number, end: number, take: (bytes: Uint8Array) => void }} ByteRange
 */

/** Parts at most this many bytes apart come with one request: reading the gap is cheaper than another request. */
const NEAR = 4096;

/**
 * One file of a model, read in parts: first its head, as far as the parser needs it, then the requested ranges in
 * rising order, so that a source that can only be read from front to back works too.
 */
export class ModelFile {
  #source;
  #signal;
  #onProgress;
  /** For sources that are read from front to back. @type {Reader | undefined} */
  #reader;
  #head = new GrowingBytes();
  #loaded = 0;
  /** Bytes before its data, once the header has been parsed. */
  headerLength = 0;
  #total;

  /**
   * @param {import('../sources/source.js').ByteSource} source
   * @param {string} name for messages
   * @param {import('../sources/reader.js').ReadOptions} [options]
   */
  constructor(source, name, { signal, onProgress } = {}) {
    this.name = name;
    this.#source = source;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#total = source.byteLength ?? 0;
    if (source.inOrder) this.#reader = new Reader(source, name, { signal });
  }

  /** The source. */
  get source() {
    return this.#source;
  }

  /** undefined if the source does not say */
  get byteLength() {
    return this.#source.byteLength;
  }

  /**
   * The file's first bytes; they remain valid.
   * @param {number} length
   * @returns {Promise<Uint8Array>} of that length, or the whole file
   */
  async head(length) {
    const end = Math.min(length, this.byteLength ?? Infinity);
    if (end > this.#head.length) {
      for await (const bytes of this.#between(this.#head.length, end)) this.#head.add(bytes);
    }
    return this.#head.view.subarray(0, length);
  }

  /**
   * Reads the requested ranges and little more.
   * @param {ByteRange[]} ranges
   */
  async read(ranges) {
    const spans = spansOf(ranges);
    const known = this.#head.length;
    const rest = spans.reduce((sum, { begin, end }) => sum + Math.max(0, end - Math.max(begin, known)), 0);
    this.#total = this.#loaded + rest;
    for (const { begin, end, parts } of spans) {
      deal(parts, this.#head.view.subarray(begin, end), begin);
      let at = Math.max(begin, known);
      if (at >= end) continue;
      for await (const bytes of this.#between(at, end)) {
        deal(parts, bytes, at);
        at += bytes.length;
      }
      if (at < end) throw this.truncated(at, end);
    }
    this.#report(0, 'done');
  }

  async close() {
    await this.#reader?.cancel();
    await this.#source.close?.();
  }

  /**
   * @param {number} begin at least the end of the previous call
   * @param {number} end
   * @returns {AsyncGenerator<Uint8Array>} pieces of `end - begin` bytes together, fewer at the file's end
   */
  async *#between(begin, end) {
    for await (const bytes of this.#reader
      ? this.#inOrder(begin, end)
      : chunksOf(this.#source, this.#signal, begin, end)) {
      this.#report(bytes.length, 'progress');
      yield bytes;
    }
  }

  /**
   * @param {number} begin
   * @param {number} end
   */
  async *#inOrder(begin, end) {
    const reader = /** @type {Reader} */ (this.#reader);
    while (reader.position < begin && (await reader.next(begin - reader.position)));
    for (let bytes; reader.position < end && (bytes = await reader.next(end - reader.position));) yield bytes;
  }

  /**
   * @param {number} found
   * @param {number} needed
   */
  truncated(found, needed) {
    const what = `it ends at byte ${found}, but ${needed} bytes are needed`;
    return new WembedError('bad_file', `${this.name} is truncated: ${what}`, { reason: found ? 'truncated' : 'empty' });
  }

  /**
   * @param {number} bytes
   * @param {'progress' | 'done'} status
   */
  #report(bytes, status) {
    this.#loaded += bytes;
    if (!this.#onProgress) return;
    callback(this.#onProgress, { status, file: this.name, loaded: this.#loaded, total: this.#total });
  }
}

/**
 * Ranges in rising order; neighbouring ranges are merged.
 * @param {ByteRange[]} ranges
 * @returns {{ begin: number, end: number, parts: ByteRange[] }[]}
 */
function spansOf(ranges) {
  /** @type {{ begin: number, end: number, parts: ByteRange[] }[]} */
  const spans = [];
  for (const part of ranges.slice().sort((a, b) => a.begin - b.begin)) {
    const last = spans.at(-1);
    if (last && part.begin - last.end <= NEAR) {
      last.end = Math.max(last.end, part.end);
      last.parts.push(part);
    } else {
      spans.push({ begin: part.begin, end: part.end, parts: [part] });
    }
  }
  return spans;
}

/**
 * Passes each part its share of some bytes.
 * @param {ByteRange[]} parts
 * @param {Uint8Array} bytes
 * @param {number} at the position of the bytes in the file
 */
function deal(parts, bytes, at) {
  for (const { begin, end, take } of parts) {
    const from = Math.max(begin, at);
    const to = Math.min(end, at + bytes.length);
    if (from < to) take(bytes.subarray(from - at, to - at));
  }
}
