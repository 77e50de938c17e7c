/**
 * The specification of a tokenizer that the core is built from: little-endian u32 words; texts as length, bytes, padding to
 * a word. `compile.js` has the order, which is that in which `Tokenizer::build` (cpp/text/tokenizer_build.cc) reads.
 */
import { wholePairs } from './fields.js';

/**
 * What few tokenizers need, and is loaded for those.
 * @typedef {object} Tables
 * @property {Uint8Array} [compatibility] what NFKC and NFKD need
 * @property {{ joins: number, ranges: Uint8Array }} [graphemes] what Precompiled needs
 * @property {string} [scripts] what UnicodeScripts needs
 * @property {typeof import('./rare_parts.js')} [rare] what all but BERT's kin need
 */

const encoder = new TextEncoder();

/** Grows as it is written to. */
export class SpecWriter {
  /** @type {Tables} what few tokenizers need */
  tables;
  /** Whether the spec has something that only the text module runs (cpp/text/extent.h). */
  needsTextModule = false;

  /**
   * @param {number} size a guess at the bytes needed
   * @param {Tables} [tables]
   */
  constructor(size, tables = {}) {
    this.tables = tables;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
  }

  /** What all but BERT's kin need. */
  get rare() {
    if (!this.tables.rare) throw new Error('rare_parts.js was not loaded');
    return this.tables.rare;
  }

  /** @param {number} size bytes to make room for */
  reserve(size) {
    if (this.at + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** @param {...number} values */
  u32(...values) {
    this.reserve(values.length * 4);
    for (const value of values) {
      this.view.setUint32(this.at, value, true);
      this.at += 4;
    }
  }

  /** @param {ArrayLike<number>} values a word each */
  words(values) {
    this.reserve(values.length * 4);
    for (let i = 0; i < values.length; i++, this.at += 4) this.view.setUint32(this.at, values[i], true);
  }

  /**
   * A list: how many, then each.
   * @template T
   * @param {readonly T[]} items
   * @param {(out: SpecWriter, item: T) => void} write
   */
  list(items, write) {
    this.u32(items.length);
    for (const item of items) write(this, item);
  }

  /** @param {ArrayLike<number>} values their number, then a word each */
  ids(values) {
    this.u32(values.length);
    this.words(values);
  }

  /** @param {Uint8Array} bytes whole words */
  raw(bytes) {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** @param {Uint8Array} bytes their number, themselves, padding */
  sized(bytes) {
    this.u32(bytes.length);
    this.raw(bytes);
    this.reserve(4);
    this.pad();
  }

  /** @param {number} value */
  f64(value) {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** @param {string} text length, UTF-8, padding */
  text(text) {
    const from = this.at;
    this.u32(0);
    this.utf8(text);
    this.view.setUint32(from, this.at - from - 4, true);
    this.pad();
  }

  /** @param {string} text UTF-8 alone. Most are short and ASCII: a loop beats a call of TextEncoder. */
  utf8(text) {
    this.reserve(text.length * 3);
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        at += encoder.encodeInto(wholePairs(text.slice(i)), bytes.subarray(at)).written;
        break;
      }
      bytes[at++] = unit;
    }
    this.at = at;
  }

  pad() {
    const padded = (this.at + 3) & ~3;
    this.reserve(padded - this.at);
    this.bytes.fill(0, this.at, padded);
    this.at = padded;
  }

  done() {
    return this.bytes.subarray(0, this.at);
  }
}
