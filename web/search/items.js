import { mustBe } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { withRoom } from './growing.js';

/** What an item is known by: numbers stand before strings where scores are equal. @typedef {number | string} ItemId */
/** @typedef {import('./passages.js').Span} Span */

/**
 * An item as the index keeps it.
 * @typedef {{ id: ItemId, text: string | undefined, meta: unknown, spans: Span[] | undefined }} StoredItem spans: its passages
 *   where it has several
 */

/**
 * @param {ItemId} a
 * @param {ItemId} b
 * @returns {boolean} whether a stands before b: numbers by value, then strings by their UTF-16 units
 */
export function isBefore(a, b) {
  return typeof a === typeof b ? a < b : typeof a === 'number';
}

/**
 * @param {unknown} id
 * @param {string} name for messages
 * @returns {ItemId}
 */
export function checkId(id, name) {
  if (typeof id === 'string') return id;
  if (typeof id === 'number' && Number.isFinite(id)) return id + 0; // not -0
  throw mustBe(name, 'a string or a finite number', id);
}

/** The items of an index and the rows that each has, in the order in which they were added. */
export class Items {
  /** @type {(StoredItem | undefined)[]} undefined: removed */
  #list = [];
  /** @type {Map<ItemId, number>} */
  #numbers = new Map();
  #starts = new Uint32Array(64); // the first row of each; one more than items

  /** How many have not been removed. */
  get size() {
    return this.#numbers.size;
  }
  /** How many there are, removed ones among them. */
  get length() {
    return this.#list.length;
  }
  /** How many rows they have, those of removed ones among them. */
  get rows() {
    return this.#starts[this.length];
  }
  /** Where each item's rows begin, and after the last where they end. */
  get starts() {
    return this.#starts;
  }

  /** @param {ItemId} id */
  has(id) {
    return this.#numbers.has(id);
  }

  /**
   * @param {unknown} id
   * @returns {number} the item's number. Errors: `not_found`
   */
  find(id) {
    const number = this.#numbers.get(/** @type {ItemId} */ (id));
    if (number === undefined) throw new WembedError('not_found', `no item has the id ${shown(id)}`);
    return number;
  }

  /** @param {number} number of an item that has not been removed */
  at(number) {
    return /** @type {StoredItem} */ (this.#list[number]);
  }

  /**
   * @param {number} row
   * @returns {number} the number of its item
   */
  ofRow(row) {
    let [low, high] = [0, this.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * @param {StoredItem} item of an id that no other has
   * @param {number} rows
   */
  add(item, rows) {
    const number = this.#list.push(item) - 1;
    this.#numbers.set(item.id, number);
    this.#starts = withRoom(this.#starts, number + 2);
    this.#starts[number + 1] = this.#starts[number] + rows;
  }

  /** @param {number} number of an item */
  remove(number) {
    this.#numbers.delete(this.at(number).id);
    this.#list[number] = undefined;
  }

  /** @returns {IterableIterator<ItemId>} in the order in which they were added */
  ids() {
    return this.#numbers.keys();
  }

  /** @returns {Generator<[item: StoredItem, number: number]>} those that have not been removed */
  *live() {
    for (const [number, item] of this.#list.entries()) if (item) yield [item, number];
  }
}
