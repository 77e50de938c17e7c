// A caller's list in parts, each small enough to be copied into a message without the page stopping.
import { mustBe } from '../core/arguments.js';
import { refuseRevoked } from '../core/errors.js';

/** A part has at most so many elements, */
const MOST_ELEMENTS = 1000;
/** and no further one once it has so many letters and numbers. */
const MOST_SIZE = 2 ** 17;

/** Arrays of at most so many elements are copied when the call is made; longer ones are read while they are sent. */
const MOST_COPIED = 1e7;

/** @param {unknown} element a text, a vector, or an item with either @returns {number} letters and numbers, about */
function sizeOf(element) {
  refuseRevoked('an argument', element);
  const { length, text, vector } = Object(element);
  return 16 + (Number(length ?? text?.length) || 0) + (Number(vector?.length) || 0);
}

/** Takes a list apart: an array, or what can be iterated over, now or as it comes. */
export class Chunks {
  #iterator;
  /** How many elements there are; undefined where only the end will tell. @type {number | undefined} */
  total;

  /**
   * @param {string} name for messages
   * @param {Iterable<unknown> | AsyncIterable<unknown>} list
   */
  constructor(name, list) {
    refuseRevoked(name, list);
    const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(list);
    const iterate = /** @type {() => Iterator<unknown> | AsyncIterator<unknown>} */ (
      typeof list === 'string' ? undefined : (later ?? now)
    );
    if (typeof iterate !== 'function') throw mustBe(name, 'an iterable', list);
    const copied = Array.isArray(list) && list.length <= MOST_COPIED ? /** @type {unknown[]} */ (list).slice() : list;
    this.#iterator = iterate.call(copied);
    this.total = Array.isArray(list) ? list.length : undefined;
  }

  /** @returns {Promise<{ part: unknown[], last: boolean }>} the next part */
  async next() {
    /** @type {unknown[]} */
    const part = [];
    for (let size = 0; part.length < MOST_ELEMENTS && size < MOST_SIZE;) {
      const next = this.#iterator.next();
      const { done, value } = next instanceof Promise ? await next : /** @type {IteratorResult<unknown>} */ (next);
      if (done) return { part, last: true };
      part.push(value);
      size += sizeOf(value);
    }
    return { part, last: false };
  }

  /** Tells the caller's iterator that no more is wanted. */
  async stop() {
    await this.#iterator.return?.();
  }
}
