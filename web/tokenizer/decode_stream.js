/** Text from ids as they come, without half characters. */
import { isOfOtherCopy } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { integersOf, mustBe, optionsOf } from '../core/arguments.js';
import { Tokenizer } from './tokenizer.js';

/** What a character that is not complete yet ends with. */
const REPLACEMENT = '\ufffd';

/** A character takes at most four bytes, a token at least one: after so many ids a text that ends so is what it is. */
const MOST_PENDING = 8;

/** So many ids that add nothing are kept. */
const MOST_EMPTY = 64;

/**
 * Decodes ids one after the other: what `add` returns, put together, is the text of all of them.
 *
 * @example
 * const stream = new DecodeStream(tokenizer);
 * for await (const id of model) process.stdout.write(stream.add(id));
 * process.stdout.write(stream.end());
 */
export class DecodeStream {
  #decode;
  /** @type {number[]} the ids of the last text that was returned, then those after it */
  #ids = [];
  /** The text of the first of them. */
  #prefix = '';
  #known = 0;

  /**
   * @param {import('./tokenizer.js').Tokenizer} tokenizer
   * @param {{ skipSpecialTokens?: boolean }} [options] default true
   */
  constructor(tokenizer, options) {
    if (!isOwn(tokenizer, Tokenizer, 'postProcessor') && !isOfOtherCopy(tokenizer, Tokenizer, 'postProcessor'))
      throw mustBe('the tokenizer of a DecodeStream', 'a Tokenizer', tokenizer);
    const given = optionsOf('DecodeStream', options, ['skipSpecialTokens']);
    this.#decode = (/** @type {number[]} */ ids) => tokenizer.decode(ids, given);
  }

  /**
   * Takes the next ids.
   * @param {number | import('../core/arguments.js').IntegerArray} ids one or several, in order
   * @returns {string} the text that they complete; '' where a character is not complete yet
   */
  add(ids) {
    let text = '';
    for (const id of integersOf('ids', typeof ids === 'number' ? [ids] : ids)) text += this.#addOne(id);
    return text;
  }

  /** @param {number} id */
  #addOne(id) {
    const all = this.#decode([...this.#ids, id]); // throws for an id outside the vocabulary, before anything changes
    this.#ids.push(id);
    const pending = this.#ids.length - this.#known;
    if (all.endsWith(REPLACEMENT) && pending < MOST_PENDING) return '';
    // What adds nothing by itself may say how the next one is written: a word's mark, a special token between two words.
    if (all.length === this.#prefix.length && pending < MOST_EMPTY) return '';
    return this.#take(all);
  }

  /** @param {string} all @returns {string} */
  #take(all) {
    const text = all.slice(this.#prefix.length);
    this.#ids = this.#ids.slice(this.#known);
    this.#known = this.#ids.length;
    this.#prefix = this.#decode(this.#ids);
    return text;
  }

  /**
   * Ends the text.
   * @returns {string} what is left, a character that was never completed as U+FFFD; the stream begins anew
   */
  end() {
    const text = this.#ids.length > this.#known ? this.#decode(this.#ids).slice(this.#prefix.length) : '';
    this.#ids = [];
    this.#prefix = '';
    this.#known = 0;
    return text;
  }
}
