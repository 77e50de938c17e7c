import { SECTIONS } from '../vocab_json.js';

/** @typedef {import('../vocab_json.js').VocabSection} VocabSection */

/**
 * The tokens of a vocabulary one after the other, their ids their numbers, as a specification has them: no string is made
 * for a token.
 */
export class PieceBytes {
  #bytes;
  #ends;
  #count = 0;

  /** @param {number} room bytes of all tokens, or more @param {number} count tokens */
  constructor(room, count) {
    this.#bytes = new Uint8Array(room);
    this.#ends = new Uint32Array(count + 1);
  }

  /** @param {...Uint8Array} parts of a token */
  add(...parts) {
    let at = this.#ends[this.#count];
    for (const part of parts) {
      this.#bytes.set(part, at);
      at += part.length;
    }
    this.#ends[++this.#count] = at;
  }

  get count() {
    return this.#count;
  }

  /** Whether each token is UTF-8. */
  isUtf8() {
    const [bytes, ends] = [this.#bytes.subarray(0, this.#ends[this.#count]), this.#ends];
    for (let id = 0; id < this.#count; id++) {
      if (ends[id] < ends[id + 1] && (bytes[ends[id]] & 0xc0) === 0x80) return false; // the rest of a character
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes).length >= 0;
    } catch {
      return false;
    }
  }

  /** @param {string} token @returns {number | undefined} the last one's */
  idOf(token) {
    const [wanted, bytes, ends] = [new TextEncoder().encode(token), this.#bytes, this.#ends];
    for (let id = this.#count - 1; id >= 0; id--) {
      const begin = ends[id];
      if (ends[id + 1] - begin !== wanted.length || (wanted.length > 0 && bytes[begin] !== wanted[0])) continue;
      if (wanted.every((byte, i) => byte === bytes[begin + i])) return id;
    }
    return undefined;
  }

  /** Says that the model, which makes its vocabulary when it is read, has these tokens. @param {object} model */
  give(model) {
    const [size, ends] = [this.#count, this.#ends.subarray(0, this.#count + 1)];
    const bytes = this.#bytes.subarray(0, ends[size]);
    SECTIONS.set(model, {
      ...{ size, length: 4 * size + bytes.length + 64, apart: true },
      idOf: (token) => (/\p{Surrogate}/u.test(token) ? undefined : this.idOf(token)),
      write: (out) => {
        out.u32(size, 0);
        out.words(ends);
        out.sized(bytes);
      },
    });
  }
}
