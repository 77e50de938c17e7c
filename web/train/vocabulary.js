import { count, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, callback, refuseRevoked, shown, isArray } from '../core/errors.js';
import { eachOf } from './texts.js';

/** A text, or its words. @typedef {string | readonly string[]} TextOrWords */

/**
 * Which words of the texts are kept.
 * @typedef {object} VocabularyOptions
 * @property {number} [minCount] words that occur less often are left out; default 5
 * @property {number} [maxFinalVocab] at most this many words, the most frequent ones; default: no limit
 * @property {((text: string) => readonly string[]) | import('../tokenizer/tokenizer.js').Tokenizer} [tokenize] what splits
 *   a text into words: a function, or a tokenizer, whose tokens are then the words. Default: `wordsOf`
 */

/**
 * Words and how often each occurs, the most frequent first, equal ones in the order in which they first occur.
 * @typedef {object} WordVocabulary
 * @property {string[]} words the most frequent first
 * @property {Uint32Array} counts (words.length)
 * @property {number} total all words of the texts, those left out included
 */

/** What stands for a word that is left out, and for a sentence's end. */
export const LEFT_OUT = 0xffffffff;
export const SENTENCE_END = 0xfffffffe;

/**
 * The words of a text: letters, marks and digits without a break, and apostrophes between them, in lower case.
 * @param {string} text
 * @returns {string[]}
 * @example
 * wordsOf("Don't stop!"); // ["don't", 'stop']
 */
export function wordsOf(text) {
  if (typeof text !== 'string') throw mustBe('text', 'a string', text);
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
}

/**
 * Counts the words of texts.
 * @param {import('./texts.js').TrainingTexts} texts
 * @param {VocabularyOptions & { signal?: AbortSignal }} [options]
 * @returns {Promise<WordVocabulary>} errors: `invalid_argument` where no word is left, `aborted`
 */
export async function buildVocabulary(texts, options) {
  const given = optionsOf('buildVocabulary', options, ['minCount', 'maxFinalVocab', 'tokenize', 'signal']);
  const words = new WordCounts();
  for await (const text of eachOf('texts', texts, given.signal)) {
    for (const word of splitter(given.tokenize)(text)) words.add(word);
  }
  const { vocabulary } = words.vocabulary(checkedVocabulary(given));
  return vocabulary;
}

/**
 * @param {VocabularyOptions} options
 * @returns {{ minCount: number, maxFinalVocab: number }}
 */
export function checkedVocabulary({ minCount = 5, maxFinalVocab = 0xfffffff0 }) {
  return { minCount: count('minCount', minCount), maxFinalVocab: count('maxFinalVocab', maxFinalVocab, { least: 1 }) };
}

/**
 * @param {VocabularyOptions['tokenize']} tokenize
 * @returns {(text: unknown) => readonly string[]} checks what it is given, and what a caller's function gives
 */
export function splitter(tokenize) {
  const split = splitOf(tokenize);
  return (text) => {
    const words = typeof text === 'string' ? split(text) : text;
    if (!isArray(words)) {
      throw mustBe('each text', 'a string or an array of words', typeof text === 'string' ? words : text);
    }
    return words;
  };
}

/** @param {VocabularyOptions['tokenize']} tokenize @returns {(text: string) => readonly string[]} */
function splitOf(tokenize) {
  if (tokenize === undefined) return wordsOf;
  if (typeof tokenize === 'function') return (text) => callback(tokenize, text);
  refuseRevoked('tokenize', tokenize);
  const { encode } = Object(tokenize);
  if (typeof encode !== 'function') throw mustBe('tokenize', 'a function or a Tokenizer', tokenize);
  return (text) => callback(() => encode.call(tokenize, text, { addSpecialTokens: false }).tokens, undefined);
}

/** Words by number, in the order in which they first occur, and how often each occurs. */
export class WordCounts {
  /** @type {Map<string, number>} */
  #numbers = new Map();
  /** @type {number[]} */
  #counts = [];
  /** All words so far. */
  total = 0;

  /**
   * @param {unknown} word
   * @returns {number} its number
   */
  add(word) {
    if (typeof word !== 'string') throw mustBe('each word', 'a string', word);
    this.total++;
    const found = this.#numbers.get(word);
    if (found !== undefined) {
      this.#counts[found]++;
      return found;
    }
    this.#numbers.set(word, this.#counts.length);
    return this.#counts.push(1) - 1;
  }

  /**
   * @param {{ minCount: number, maxFinalVocab: number }} options
   * @returns {{ vocabulary: WordVocabulary, idOf: Uint32Array }} `idOf`: each word's place in the vocabulary by its number,
   *   LEFT_OUT for others
   */
  vocabulary({ minCount, maxFinalVocab }) {
    const counts = this.#counts;
    const words = [...this.#numbers.keys()];
    const kept = words.map((_, number) => number).filter((number) => counts[number] >= minCount);
    kept.sort((a, b) => counts[b] - counts[a] || a - b);
    if (kept.length > maxFinalVocab) kept.length = maxFinalVocab;
    if (kept.length === 0) throw this.#nothing(minCount);
    const idOf = new Uint32Array(words.length).fill(LEFT_OUT);
    kept.forEach((number, id) => (idOf[number] = id));
    return {
      vocabulary: {
        words: kept.map((number) => words[number]),
        counts: Uint32Array.from(kept, (number) => counts[number]),
        total: this.total,
      },
      idOf,
    };
  }

  /** @param {number} minCount */
  #nothing(minCount) {
    if (this.total === 0) return new WembedError('invalid_argument', 'the texts have no words');
    const most = this.#counts.reduce((a, b) => Math.max(a, b));
    const what = `minCount ${minCount} leaves no word: the most frequent of ${this.#counts.length} occurs ${most} times`;
    return new WembedError('invalid_argument', what);
  }
}

/** @param {unknown} word @param {number} n */
export const unknownWord = (word, n) =>
  new WembedError('not_found', `'${shown(word)}' is not among the ${n} words of the vocabulary`);
