import { KeyIndex } from '../core/key_index.js';
import { withRoom } from './growing.js';

const encoder = new TextEncoder();

/** Of words that are left out. */
export const NO_TERM = 0xffffffff;

/** The terms that words count as, numbered in the order in which they come. */
export class Terms {
  /** Words as texts have them, and what each counts as: the number of a term, or NO_TERM. */
  #surface = new KeyIndex();
  #termOfSurface = new Uint32Array(64);
  #keys = new KeyIndex();

  /** @param {import('./words.js').Words} words */
  constructor(words) {
    this.words = words;
  }

  /** How many there are. */
  get length() {
    return this.#keys.length;
  }

  /** @param {number} term */
  key(term) {
    return this.#keys.key(term);
  }

  /**
   * The number of a term, which is added where it is new.
   * @param {string} key
   */
  numberOf(key) {
    const utf8 = encoder.encode(key);
    return this.#keys.numberOf(utf8, 0, utf8.length);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} size of the word in `bytes`
   * @returns {number} its term, which is added where it is new
   */
  add(bytes, size) {
    const known = this.#surface.findUtf8(bytes, 0, size);
    if (known >= 0) return this.#termOfSurface[known];
    const word = bytes.slice(0, size); // a function of the caller's may read other words meanwhile
    const key = this.words.termOf(word, size);
    const term = key === '' ? NO_TERM : this.numberOf(key);
    const number = this.#surface.numberOf(word, 0, size);
    this.#termOfSurface = withRoom(this.#termOfSurface, number + 1);
    return (this.#termOfSurface[number] = term);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} size
   * @returns {number} the term of a word; -1 where no row has had one; NO_TERM where it is known to be left out
   */
  find(bytes, size) {
    const known = this.#surface.findUtf8(bytes, 0, size);
    if (known >= 0) return this.#termOfSurface[known];
    return this.#keys.find(this.words.termOf(bytes.slice(0, size), size));
  }
}
