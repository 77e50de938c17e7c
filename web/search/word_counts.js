// The words of many texts, counted by WebAssembly: cpp/text/word_counts.h. What a word counts as, JavaScript says.
import { startWordModule } from '../memory/word_module.js';

/** @typedef {import('../memory/word_module.js').WordModule} WordModule */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts that are counted together, in UTF-16 units and in number. A longer one is counted by itself. */
const STRIP = 2 ** 15;
const MOST_TEXTS = 2 ** 12;
/** Longer ones would need too much memory. */
const LONGEST = 2 ** 16;
/** The most bytes of a strip. */
const BYTES = 3 * LONGEST;

/** Words that have numbers at a time: beyond, they are forgotten and met again. */
const FEWEST_WORDS = 2 ** 15;
const MOST_WORDS = 2 ** 18;

/** Those of cpp/text/word_counts.h. */
const SPARE = 64;
const FOREIGN = 2 ** 31;
const TERM_LIST = 2 ** 31;
const NO_TERM = 2 ** 32 - 1;

/** Where the memory that the module has used itself ends, and the pages by which it grows, in bytes. */
const BEGIN = 2 ** 16;
const PAGE = 2 ** 16;

/**
 * What rows hold, in the order of their texts: views that are valid until the next call.
 * @typedef {object} RowTerms
 * @property {Uint32Array} terms of all rows, one after the other
 * @property {Uint16Array} counts of each of those
 * @property {Uint32Array} ends where in `terms` each row ends
 * @property {Uint32Array} lengths words of each row
 */

/**
 * Whose words are counted.
 * @typedef {object} WordOwner
 * @property {(run: string) => number[]} termsOf what a run of letters and digits counts as: always the same
 * @property {((utf8: Uint8Array, begin: number, size: number) => number) | undefined} [addAscii] the same of one that is ASCII,
 *   from `begin` on
 * @property {number} length how many terms there are
 */

/** There is no memory for more texts: they are counted in another way. */
class Full extends Error {}

/** Counts words. It remembers what words count as for the owner that called last: one serves the whole program. */
export class WordCounts {
  #module;
  #u8 = new Uint8Array(0);
  #u32 = new Uint32Array(0);
  /** @type {WordOwner | undefined} */
  #owner;
  #isBusy = false;
  #mostWords = FEWEST_WORDS;
  /** Numbers in the lists of terms. */
  #listed = 0;
  /** Where everything is. */
  #at = layout(FEWEST_WORDS);

  /** @param {WordModule} module that nobody else uses */
  constructor(module) {
    this.#module = module;
  }

  /**
   * Counts the words of texts, strip by strip.
   * @param {readonly string[]} texts
   * @param {WordOwner} owner
   * @param {(rows: RowTerms, more: number) => void} use takes the rows of each strip, and how many rows come after them
   * @returns {number} of how many texts, from the first: fewer than all where one of them is too long, where there is no memory,
   *   or where `termsOf` calls this
   */
  count(texts, owner, use) {
    if (this.#isBusy) return 0;
    this.#isBusy = true;
    let from = 0;
    try {
      while (from < texts.length && texts[from].length <= LONGEST) {
        const to = stripEnd(texts, from);
        use(this.#rowsOf(texts.slice(from, to), owner), texts.length - to);
        from = to;
      }
    } catch (error) {
      this.#owner = undefined; // some words have a number and count as nothing yet
      if (!(error instanceof Full)) throw error;
    } finally {
      this.#isBusy = false;
    }
    return from;
  }

  /**
   * @param {string[]} texts of a strip
   * @param {WordOwner} owner
   * @returns {RowTerms}
   */
  #rowsOf(texts, owner) {
    const [n, module] = [texts.length, this.#module];
    this.#makeRoom(this.#at.seen);
    this.#prepare(owner, this.#write(texts), n);
    const at = this.#at;
    this.#learn(module.find(at.table, at.texts, at.textEnds, n) >>> 0, owner);
    this.#makeRoom(at.seen + 4 * owner.length);
    const terms = module.count(at.counting, at.found, at.wordEnds, n) >>> 0;
    return {
      terms: this.#numbers(at.terms, terms),
      counts: new Uint16Array(this.#u8.buffer, at.counts, terms),
      ends: this.#numbers(at.rowEnds, n),
      lengths: this.#numbers(at.lengths, n),
    };
  }

  /** @param {number} address @param {number} length */
  #numbers(address, length) {
    return this.#u32.subarray(address >>> 2, (address >>> 2) + length);
  }

  /** @param {number} end of the memory that is needed */
  #makeRoom(end) {
    const { memory } = this.#module;
    const missing = end - memory.buffer.byteLength;
    try {
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    } catch {
      throw new Full();
    }
    if (this.#u8.buffer === memory.buffer) return;
    this.#u8 = new Uint8Array(memory.buffer);
    this.#u32 = new Uint32Array(memory.buffer);
  }

  /**
   * Copies texts into the memory.
   * @param {string[]} texts
   * @returns {number} their bytes
   */
  #write(texts) {
    const { texts: begin, textEnds } = this.#at;
    const own = this.#u8.subarray(begin, begin + BYTES);
    const ends = this.#numbers(textEnds, texts.length);
    const all = texts.join('');
    let end = 0;
    if (encoder.encodeInto(all, own).written === all.length) {
      for (let i = 0; i < texts.length; i++) ends[i] = end += texts[i].length; // all ASCII
    } else {
      for (let i = 0; i < texts.length; i++) ends[i] = end += encoder.encodeInto(texts[i], own.subarray(end)).written;
    }
    return end;
  }

  /**
   * Makes room for the words of a strip.
   * @param {WordOwner} owner
   * @param {number} bytes of the strip
   * @param {number} n texts of it
   */
  #prepare(owner, bytes, n) {
    const [at, words] = [this.#at.table >>> 2, (bytes >>> 1) + n];
    const isFull =
      this.#u32[at + WORDS] + words > this.#mostWords ||
      this.#u32[at + SPELLED] + 2 * bytes > spelledRoom(this.#mostWords) ||
      this.#listed + 2 * bytes > listRoom(this.#mostWords);
    if (this.#owner === owner && !isFull) return;
    if (this.#owner === owner && this.#mostWords < MOST_WORDS) this.#mostWords *= 2;
    while (this.#mostWords < words) this.#mostWords *= 2;
    this.#forget();
    this.#owner = owner;
  }

  /** Empties the table of words. */
  #forget() {
    const at = (this.#at = layout(this.#mostWords));
    this.#makeRoom(at.seen);
    this.#u8.fill(0, at.slots, at.values);
    this.#listed = 0;
    const table = [at.slots, at.spelled, at.spellings, at.added, at.found, at.wordEnds, 2 * this.#mostWords - 1];
    this.#u32.set([...table, Math.floor(Math.random() * 2 ** 32), 0, 0], at.table >>> 2);
    const counting = [at.values, at.lists, at.seen, at.terms, at.counts, at.rowEnds, at.lengths];
    this.#u32.set(counting, at.counting >>> 2);
  }

  /**
   * Asks what new words count as.
   * @param {number} n how many have been added
   * @param {WordOwner} owner
   */
  #learn(n, owner) {
    const at = this.#at;
    const first = this.#u32[(at.table >>> 2) + WORDS] - n;
    for (let i = 0; i < n; i++) {
      const place = (at.added >>> 2) + 2 * i;
      const [begin, size] = [at.texts + this.#u32[place], this.#u32[place + 1]];
      this.#u32[(at.values >>> 2) + first + i] =
        owner.addAscii && size < FOREIGN
          ? owner.addAscii(this.#u8, begin, size)
          : this.#listOf(owner.termsOf(decoder.decode(this.#u8.subarray(begin, begin + (size % FOREIGN)))));
    }
  }

  /** @param {number[]} terms of a run @returns {number} what stands for them */
  #listOf(terms) {
    if (terms.length < 2) return terms[0] ?? NO_TERM;
    const value = TERM_LIST + this.#listed;
    this.#u32.set([terms.length, ...terms], (this.#at.lists >>> 2) + this.#listed);
    this.#listed += terms.length + 1;
    return value;
  }
}

/** Where in a WordTable two of its numbers are. */
const SPELLED = 8;
const WORDS = 9;

/** @param {number} words */
const spelledRoom = (words) => 16 * words + 2 * BYTES;
/** @param {number} words */
const listRoom = (words) => 2 * words + 2 * BYTES;

/**
 * @param {number} words that there is room for
 * @returns addresses
 */
function layout(words) {
  let end = BEGIN;
  const take = (/** @type {number} */ bytes) => (end += bytes) - bytes;
  const most = BYTES / 2 + MOST_TEXTS; // words of a strip
  return {
    table: take(64),
    counting: take(64),
    texts: take(BYTES + SPARE),
    textEnds: take(4 * MOST_TEXTS),
    wordEnds: take(4 * MOST_TEXTS),
    rowEnds: take(4 * MOST_TEXTS),
    lengths: take(4 * MOST_TEXTS),
    found: take(4 * most),
    added: take(8 * most),
    terms: take(4 * BYTES),
    counts: take(2 * BYTES),
    slots: take(24 * 2 * words),
    values: take(4 * words),
    spellings: take(4 * words),
    spelled: take(spelledRoom(words)),
    lists: take(4 * listRoom(words)),
    seen: end, // of each term, and as long as need be
  };
}

/**
 * @param {readonly string[]} texts
 * @param {number} from
 * @returns {number} the index after the last text of a strip: at least one
 */
function stripEnd(texts, from) {
  const most = Math.min(texts.length, from + MOST_TEXTS);
  let to = from + 1;
  for (let units = texts[from].length; to < most && (units += texts[to].length) <= STRIP;) to++;
  return to;
}

/** @type {WordCounts | undefined} */
let shared;

/** Starts it, where it runs. */
export async function startWordCounts() {
  const module = shared ? undefined : await startWordModule();
  if (module) shared ??= new WordCounts(module);
}

/** The program's: undefined until it has started, and where it does not run. */
export const wordCounts = () => shared;
