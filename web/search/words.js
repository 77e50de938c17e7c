// Text → the words that keyword search counts.
import { mustBe } from '../core/arguments.js';
import { callback } from '../core/errors.js';
import { KeyIndex } from '../core/key_index.js';
import { LONGEST, stemEnglish } from './porter.js';

/**
 * A word of a text: its UTF-8, `size` bytes in units of four, zeros after them, and where in the text it stands.
 * @typedef {(units: Uint32Array, size: number, begin: number, end: number) => void} UseWord
 */

/**
 * How words are compared.
 * @typedef {object} WordRules
 * @property {'english' | 'none'} [language] default 'english': words count as their stem (Porter 1980), those such as 'the'
 *   are left out. 'none': words as they are, in lower case and without accents
 * @property {(word: string) => string} [stem] what a word counts as, instead of the language's rule: asked once for each word
 * @property {readonly string[] | ReadonlySet<string>} [stopWords] words that are left out, instead of the language's
 */

/** Words that say little about what an English text is about. Single letters are what apostrophes leave. */
const ENGLISH =
  'a an and are as at be been but by can could d did do does for from had has have he her his how i if in into is it its ll m me my no not of on or our re s she should so t than that the their them then there these they this to ve was we were what when where which who why will with would you your';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // U+FEFF at the beginning of a text is its own

/** An ASCII letter or digit → its lower case; 0 for what stands between words. */
const LOWER = Uint8Array.from({ length: 128 }, (_, unit) => {
  const letter = String.fromCharCode(unit);
  return /[0-9a-z]/i.test(letter) ? letter.toLowerCase().charCodeAt(0) : 0;
});

const RUNS = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u;
const PARTS = new RegExp(`${UNSPACED.source}+|(?:(?!${UNSPACED.source})[^])+`, 'gu');

/** Reads the words of texts. */
export class Words {
  #units = new Uint32Array(LONGEST / 4);
  #bytes = new Uint8Array(this.#units.buffer);
  #isEnglish;
  #stem;
  #stopWords = new KeyIndex();
  #longestStopWord = 0;

  /** @param {WordRules} rules checked */
  constructor({ language = 'english', stem, stopWords }) {
    this.#isEnglish = language === 'english';
    this.#stem = stem;
    for (const word of stopWords ?? (this.#isEnglish ? ENGLISH.split(' ') : [])) {
      const utf8 = encoder.encode(plain(word));
      this.#stopWords.add(utf8, 0, utf8.length);
      this.#longestStopWord = Math.max(this.#longestStopWord, utf8.length);
    }
  }

  /** Whether a function of the caller's says what words count as. */
  get asks() {
    return this.#stem !== undefined;
  }

  /**
   * What a word counts as.
   * @param {Uint8Array} word (LONGEST) its UTF-8, whose place the term takes if that is as short
   * @param {number} size of the word
   * @returns {number | Uint8Array} the size of the term, 0 for a word that is left out; or the term
   */
  termOf(word, size) {
    if (size <= this.#longestStopWord && this.#stopWords.findUtf8(word, 0, size) >= 0) return 0;
    if (this.#stem) return this.#asked(this.#stem, decoder.decode(word.subarray(0, size)));
    return this.#isEnglish ? stemEnglish(word, size) : size;
  }

  /** @param {(word: string) => string} stem @param {string} word */
  #asked(stem, word) {
    const term = callback(stem, word);
    if (typeof term !== 'string') throw mustBe(`what stem gives for '${word}'`, 'a string', term);
    return encoder.encode(term);
  }

  /**
   * Calls `use` for every word of a text: a run of letters, digits and marks, in lower case, of compatible characters
   * (NFKC), without accents; of scripts that have no spaces between words, every character and every two neighbours.
   * @param {string} text
   * @param {boolean} isQuery then neighbours count, and a character only where it stands alone
   * @param {UseWord} use
   */
  each(text, isQuery, use) {
    const [units, bytes] = [this.#units, this.#bytes];
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const begin = i;
      let size = 0;
      let unit = 0;
      for (; i < length; i++) {
        unit = text.charCodeAt(i);
        if (unit >= 128 || LOWER[unit] === 0) break;
        if (size === LONGEST) continue;
        if ((size & 3) === 0) units[size >> 2] = 0;
        bytes[size++] = LOWER[unit];
      }
      if (i < length && unit >= 128) {
        while (i < length && ((unit = text.charCodeAt(i)) >= 128 || LOWER[unit] !== 0)) i++;
        this.#eachOfAny(text.slice(begin, i), begin, isQuery, use);
      } else if (size > 0) {
        use(units, size, begin, i);
      }
    }
  }

  /**
   * @param {string} text without a space in it
   * @param {number} at where it begins
   * @param {boolean} isQuery
   * @param {UseWord} use
   */
  #eachOfAny(text, at, isQuery, use) {
    for (const { 0: run, index } of text.matchAll(RUNS)) {
      for (const { 0: part, index: from } of run.matchAll(PARTS)) {
        const begin = at + index + from;
        if (UNSPACED.test(part)) this.#eachPair(part, begin, isQuery, use);
        else this.#giveText(part, begin, begin + part.length, use);
      }
    }
  }

  /**
   * @param {string} part
   * @param {number} begin
   * @param {boolean} isQuery
   * @param {UseWord} use
   */
  #eachPair(part, begin, isQuery, use) {
    let before = '';
    for (const character of part) {
      const end = begin + character.length;
      if (!isQuery || part.length === character.length) this.#giveText(character, begin, end, use);
      if (before) this.#giveText(before + character, begin - before.length, end, use);
      before = character;
      begin = end;
    }
  }

  /**
   * @param {string} word
   * @param {number} begin
   * @param {number} end
   * @param {UseWord} use
   */
  #giveText(word, begin, end, use) {
    const size = encoder.encodeInto(plain(word), this.#bytes).written; // whole characters
    this.#bytes.fill(0, size, (size + 3) & ~3);
    if (size > 0) use(this.#units, size, begin, end);
  }
}

/** @param {string} word */
const plain = (word) =>
  word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]+/g, '')
    .normalize('NFKC')
    .toLowerCase();
