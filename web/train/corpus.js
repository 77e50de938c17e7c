import { eachOf } from './texts.js';
import { LEFT_OUT, SENTENCE_END, WordCounts, checkedVocabulary, splitter } from './vocabulary.js';

/** Sentences end after so many words, as gensim's do: a longer text is several sentences. */
const MOST_WORDS = 10_000;

/**
 * The ids of sentences, one after the other, in blocks: an array that grows would be copied.
 */
export class Sentences {
  /** @type {Uint32Array[]} */
  #blocks = [];
  #used = 0;
  #room = 0;

  /** @param {number} id */
  push(id) {
    if (this.#used === this.#room) {
      this.#room = this.#blocks.length ? 2 ** 20 : 2 ** 12;
      this.#blocks.push(new Uint32Array(this.#room));
      this.#used = 0;
    }
    this.#blocks[this.#blocks.length - 1][this.#used++] = id;
  }

  /** @param {Uint32Array} idOf by number */
  renumber(idOf) {
    for (const block of this.#blocks)
      for (let i = 0; i < block.length; i++) if (block[i] < idOf.length) block[i] = idOf[block[i]];
  }

  /** The blocks, the last one cut to what is used. */
  get blocks() {
    return this.#blocks.map((block, b) => (b === this.#blocks.length - 1 ? block.subarray(0, this.#used) : block));
  }
}

/**
 * A corpus: its vocabulary, and its sentences' ids in batches, as often as they are asked for.
 */
export class Corpus {
  /** @type {Sentences | undefined} */
  #sentences;
  /** @type {() => AsyncGenerator<readonly string[]>} */
  #read;
  /** @type {Map<string, number> | undefined} */
  #ids;

  /**
   * @param {import('./vocabulary.js').WordVocabulary} vocabulary
   * @param {Sentences | undefined} sentences kept ones
   * @param {() => AsyncGenerator<readonly string[]>} read the sentences' words again
   */
  constructor(vocabulary, sentences, read) {
    this.vocabulary = vocabulary;
    this.#sentences = sentences;
    this.#read = read;
  }

  /**
   * Reads texts once, to count their words.
   * @param {import('./texts.js').TrainingTexts} texts
   * @param {import('./vocabulary.js').VocabularyOptions & { signal?: AbortSignal }} options
   * @returns {Promise<Corpus>}
   */
  static async of(texts, { tokenize, signal, ...options }) {
    const rules = checkedVocabulary(options);
    const split = splitter(tokenize);
    const read = async function* () {
      for await (const text of eachOf('texts', texts, signal)) {
        const words = split(text);
        for (let i = 0; i < words.length; i += MOST_WORDS) {
          yield words.length > MOST_WORDS ? words.slice(i, i + MOST_WORDS) : words;
        }
      }
    };
    const counts = new WordCounts();
    const sentences = typeof texts === 'function' ? undefined : new Sentences();
    for await (const words of read()) {
      for (let i = 0; i < words.length; i++) {
        const number = counts.add(words[i]);
        sentences?.push(number);
      }
      sentences?.push(SENTENCE_END);
    }
    const { vocabulary, idOf } = counts.vocabulary(rules);
    sentences?.renumber(idOf);
    return new Corpus(vocabulary, sentences, read);
  }

  /**
   * One pass over the corpus.
   * @param {number} most words in a batch, those left out included, if its sentences are not longer
   * @returns {AsyncGenerator<Batch>}
   */
  async *batches(most) {
    const batch = new Batch(most);
    for await (const sentence of this.sentences()) {
      if (batch.words > 0 && batch.words + sentence.length > most) {
        yield batch;
        batch.clear();
      }
      batch.add(sentence);
    }
    if (batch.words > 0) yield batch;
  }

  /**
   * One pass over the sentences.
   * @returns {Iterable<Uint32Array> | AsyncIterable<Uint32Array>} ids and LEFT_OUT
   */
  sentences() {
    return this.#sentences ? this.#kept() : this.#again();
  }

  /** @returns {Generator<Uint32Array>} each sentence's ids */
  *#kept() {
    /** @type {Uint32Array | undefined} */
    let begun; // of a sentence whose end is in the next block
    for (const block of /** @type {Sentences} */ (this.#sentences).blocks) {
      let begin = 0;
      for (let i = 0; i < block.length; i++) {
        if (block[i] !== SENTENCE_END) continue;
        const rest = block.subarray(begin, i);
        yield begun ? joined(begun, rest) : rest;
        begun = undefined;
        begin = i + 1;
      }
      if (begin < block.length) begun = begun ? joined(begun, block.subarray(begin)) : block.slice(begin);
    }
  }

  /** @returns {AsyncGenerator<Uint32Array>} */
  async *#again() {
    this.#ids ??= new Map(this.vocabulary.words.map((word, id) => [word, id]));
    const ids = this.#ids;
    for await (const words of this.#read()) yield Uint32Array.from(words, (word) => ids.get(word) ?? LEFT_OUT);
  }
}

/** @param {Uint32Array} a @param {Uint32Array} b */
function joined(a, b) {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Sentences that are learnt from in one call. */
export class Batch {
  #room;
  /** The ids of the words that are in the vocabulary. */
  ids = new Uint32Array(0);
  /** @type {number[]} the end of each sentence among them */
  ends = [];
  /** How many ids there are. */
  length = 0;
  /** Words, those left out included. */
  words = 0;

  /** @param {number} room */
  constructor(room) {
    this.#room = room;
    this.ids = new Uint32Array(room);
  }

  clear() {
    this.ends = [];
    this.length = this.words = 0;
  }

  /** @param {Uint32Array} sentence ids and LEFT_OUT */
  add(sentence) {
    if (this.length + sentence.length > this.#room) {
      this.#room = this.length + sentence.length;
      this.ids = joined(this.ids, new Uint32Array(this.#room - this.ids.length));
    }
    const { ids } = this;
    let { length } = this;
    for (let i = 0; i < sentence.length; i++) if (sentence[i] !== LEFT_OUT) ids[length++] = sentence[i];
    this.length = length;
    this.words += sentence.length;
    this.ends.push(length);
  }
}
