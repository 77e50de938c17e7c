import { WembedError } from '../core/errors.js';
import { Reader } from '../sources/reader.js';
import { chunksOf } from '../sources/source.js';

/** Where a run of bytes is, and who takes it: in order, in pieces of any length, each good only until the call ends. */
/** @typedef {{ begin: number, end: number, take: (bytes: Uint8Array) => void }} Wanted */

/** Parts this near to each other come with one request: what lies between costs less than another would. */
const NEAR = 4096;

/**
 * One file of a model, read in places: first its head, as far as a parser asks for it, then what is wanted of the rest,
 * in rising order, so that a source that can only be read from front to back serves as well.
 */
export class ModelFile {
  #source;
  #signal;
  #onProgress;
  /** For sources that are read in order. @type {Reader | undefined} */
  #reader;
  #head = new Uint8Array(0);
  #loaded = 0;
  /** Bytes before its data, once a parser knows. */
  headerLength = 0;
  #total;

  /**
   * @param {import('../sources/source.js').ByteSource} source
   * @param {string} name for messages
   * @param {{ signal?: AbortSignal, onProgress?: import('../sources/source.js').OnProgress }} [options]
   */
  constructor(source, name, { signal, onProgress } = {}) {
    this.name = name;
    this.#source = source;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#total = source.byteLength ?? 0;
    if (source.inOrder) this.#reader = new Reader(source, name, { signal });
  }

  /** What it is read from. */
  get source() {
    return this.#source;
  }

  /** undefined where the source does not say */
  get byteLength() {
    return this.#source.byteLength;
  }

  /**
   * The file's first bytes; they stay.
   * @param {number} length
   * @returns {Promise<Uint8Array>} of that length, or the whole file
   */
  async head(length) {
    const wanted = Math.min(length, this.byteLength ?? Infinity);
    const had = this.#head;
    if (wanted > had.length) {
      const joined = new Uint8Array(wanted);
      joined.set(had);
      let at = had.length;
      for await (const bytes of this.#between(at, wanted)) {
        joined.set(bytes, at);
        at += bytes.length;
      }
      this.#head = joined.subarray(0, at);
    }
    return this.#head.subarray(0, length);
  }

  /**
   * Reads what is wanted and hardly more.
   * @param {Wanted[]} wanted
   */
  async read(wanted) {
    const spans = spansOf(wanted);
    const known = this.#head.length;
    const rest = spans.reduce((sum, { begin, end }) => sum + Math.max(0, end - Math.max(begin, known)), 0);
    this.#total = this.#loaded + rest;
    for (const { begin, end, parts } of spans) {
      deal(parts, this.#head.subarray(begin, end), begin);
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
   * @param {number} begin no lower than the end of the call before
   * @param {number} end
   * @returns {AsyncGenerator<Uint8Array>} pieces that are `end - begin` bytes together, fewer at the file's end
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
    return new WembedError('bad_file', `${this.name} is truncated: it ends at byte ${found}, ${needed} are needed`);
  }

  /**
   * @param {number} bytes
   * @param {'progress' | 'done'} status
   */
  #report(bytes, status) {
    this.#loaded += bytes;
    this.#onProgress?.({ status, file: this.name, loaded: this.#loaded, total: this.#total });
  }
}

/**
 * Parts in rising order, those near each other together.
 * @param {Wanted[]} wanted
 * @returns {{ begin: number, end: number, parts: Wanted[] }[]}
 */
function spansOf(wanted) {
  /** @type {{ begin: number, end: number, parts: Wanted[] }[]} */
  const spans = [];
  for (const part of wanted.slice().sort((a, b) => a.begin - b.begin)) {
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
 * Gives each part what is its own of some bytes.
 * @param {Wanted[]} parts
 * @param {Uint8Array} bytes
 * @param {number} at where they stand in the file
 */
function deal(parts, bytes, at) {
  for (const { begin, end, take } of parts) {
    const from = Math.max(begin, at);
    const to = Math.min(end, at + bytes.length);
    if (from < to) take(bytes.subarray(from - at, to - at));
  }
}
