import { KeyIndex } from '../core/key_index.js';
import { withRoom } from './growing.js';
import { LONGEST } from './porter.js';

const encoder = new TextEncoder();

/** Of words that are left out. */
export const NO_TERM = 0xffffffff;

/** Words that are kept for each term, on average, where they come from readers and not from rows. */
const MOST_SURFACES = 8;

/** Numbers of a slot: the word's hash, its term, where its UTF-8 begins in #units, and its bytes; 0 of these: empty. */
const SLOT = 4;

/**
 * The terms that words count as, numbered in the order in which they come. Words are found by their UTF-8, four bytes at a
 * time; what is asked of each stands together, since most of the time goes into waiting for memory.
 */
export class Terms {
  /** Random, so that no text can be made to collide. */
  #seed = Math.floor(Math.random() * 2 ** 32);
  /** Words as texts have them: a power of two of slots, at least half of them empty. */
  #slots = new Uint32Array(SLOT * 2 ** 11);
  #surfaces = 0;
  #units = new Uint32Array(2 ** 12);
  #end = 0;
  #keys = new KeyIndex();

  /** A word in lower case, which becomes its term: as units and as bytes. */
  #spelled = new Uint32Array(LONGEST / 4);
  #word = new Uint8Array(this.#spelled.buffer);
  /** The same as it was. */
  #copy = new Uint32Array(LONGEST / 4);

  /**
   * What a word counts as, added where it is new, unless a function of the caller's says it.
   * @type {((utf8: Uint8Array, begin: number, size: number) => number) | undefined} size: of the word from `begin` on, at most
   *   LONGEST ASCII letters and digits
   */
  addAscii;

  /** @param {import('./words.js').Words} words */
  constructor(words) {
    this.words = words;
    if (words.asks) return;
    this.addAscii = (utf8, begin, size) => {
      const word = this.#word;
      for (let i = 0; i < size; i++) word[i] = utf8[begin + i] | 0x20; // of digits, too
      for (let i = size; i % 4 > 0; i++) word[i] = 0;
      return this.add(this.#spelled, size);
    };
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
   * @param {Uint32Array} units the word's UTF-8, four bytes each, the last filled up with zeros
   * @param {number} size its bytes
   * @returns {number} its term, which is added where it is new
   */
  add(units, size) {
    const hash = this.#hash(units, size);
    const slot = this.#slotOf(hash, units, size);
    if (this.#slots[slot + 3] > 0) return this.#slots[slot + 1];
    // Whose stem takes its place, or a function of the caller's reads other words meanwhile.
    const word = this.#copyOf(units, size);
    const term = this.#numberOf(word, size);
    this.#put(hash, word, size, term);
    return term;
  }

  /** @param {Uint32Array} units @param {number} size @returns {Uint32Array} valid until the next call, if nobody is asked */
  #copyOf(units, size) {
    const n = (size + 3) >> 2;
    if (this.words.asks) return units.slice(0, n);
    for (let i = 0; i < n; i++) this.#copy[i] = units[i];
    return this.#copy;
  }

  /** @param {Uint32Array} word @param {number} size @returns what it counts as, as `Words.termOf` says: in #word, or by itself */
  #termOf(word, size) {
    for (let i = 0; 4 * i < size; i++) this.#spelled[i] = word[i];
    return this.words.termOf(this.#word, size);
  }

  /**
   * @param {Uint32Array} word
   * @param {number} size
   * @returns {number} its term, which is added where it is new
   */
  #numberOf(word, size) {
    const term = this.#termOf(word, size);
    if (typeof term !== 'number') return term.length > 0 ? this.#keys.numberOf(term, 0, term.length) : NO_TERM;
    return term > 0 ? this.#keys.numberOf(this.#word, 0, term) : NO_TERM;
  }

  /**
   * @param {string} text
   * @returns {number[]} those of its words, which are added where they are new
   */
  termsOf(text) {
    /** @type {number[]} */
    const terms = [];
    this.words.each(text, false, (units, size) => {
      const term = this.add(units, size);
      if (term !== NO_TERM) terms.push(term);
    });
    return terms;
  }

  /**
   * @param {Uint32Array} units
   * @param {number} size
   * @returns {number} the term of a word; -1 where no row has had one; NO_TERM where it is known to be left out
   */
  find(units, size) {
    const hash = this.#hash(units, size);
    const slot = this.#slotOf(hash, units, size);
    if (this.#slots[slot + 3] > 0) return this.#slots[slot + 1];
    const word = this.#copyOf(units, size);
    const found = this.#termOf(word, size);
    if (typeof found !== 'number') return this.#keys.findUtf8(found, 0, found.length);
    const term = this.#keys.findUtf8(this.#word, 0, found);
    // Met again in an index from a file. Queries may have words without end: some of them are not kept.
    if (term >= 0 && this.#surfaces < MOST_SURFACES * this.length) this.#put(hash, word, size, term);
    return term;
  }

  /**
   * @param {Uint32Array} units
   * @param {number} size
   */
  #hash(units, size) {
    let hash = this.#seed;
    for (let i = 0; 4 * i < size; i++) {
      hash = Math.imul(hash ^ units[i], 0x85ebca6b); // murmur's mixing
      hash ^= hash >>> 13;
    }
    return Math.imul(hash ^ size, 0xc2b2ae35) >>> 0;
  }

  /**
   * @param {number} hash
   * @param {Uint32Array} units
   * @param {number} size
   * @returns {number} where the slot of this word begins, or the empty one where it belongs
   */
  #slotOf(hash, units, size) {
    const [slots, own] = [this.#slots, this.#units];
    const mask = slots.length / SLOT - 1;
    for (let at = hash >>> 7; ; at++) {
      const slot = SLOT * (at & mask);
      if (slots[slot + 3] === 0) return slot;
      if (slots[slot] !== hash || slots[slot + 3] !== size) continue;
      const begin = slots[slot + 2];
      let i = 0;
      while (4 * i < size && own[begin + i] === units[i]) i++;
      if (4 * i >= size) return slot;
    }
  }

  /**
   * @param {number} hash
   * @param {Uint32Array} word
   * @param {number} size
   * @param {number} term
   */
  #put(hash, word, size, term) {
    const slot = this.#slotOf(hash, word, size);
    const slots = this.#slots;
    if (slots[slot + 3] > 0) return; // a function of the caller's has added it meanwhile
    const end = this.#end + ((size + 3) >> 2);
    if (end > this.#units.length) this.#units = withRoom(this.#units, end);
    for (let i = 0, at = this.#end; at < end; i++, at++) this.#units[at] = word[i];
    slots[slot] = hash;
    slots[slot + 1] = term;
    slots[slot + 2] = this.#end;
    slots[slot + 3] = size;
    this.#end = end;
    if (2 * SLOT * ++this.#surfaces > slots.length) this.#grow();
  }

  #grow() {
    const old = this.#slots;
    const slots = (this.#slots = new Uint32Array(4 * old.length));
    const mask = slots.length / SLOT - 1;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from + 3] === 0) continue;
      let at = old[from] >>> 7;
      while (slots[SLOT * (at & mask) + 3] > 0) at++;
      const to = SLOT * (at & mask);
      for (let i = 0; i < SLOT; i++) slots[to + i] = old[from + i];
    }
  }
}
