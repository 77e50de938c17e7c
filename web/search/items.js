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

/** @typedef {Partial<Omit<StoredItem, 'id'>>} ItemDetails */
/** @type {ItemDetails} */
const NO_DETAILS = {};

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
  /** Of each item; undefined: removed. @type {(ItemId | undefined)[]} */
  #ids = [];
  /** What else those have that have more: a million vectors alone need no million objects. @type {(ItemDetails | undefined)[]} */
  #details = [];
  /** Of each id; undefined while every id is its item's number. @type {Map<ItemId, number> | undefined} */
  #numbers;
  #starts = new Uint32Array(64); // the first row of each; one more than items

  /** How many have not been removed. */
  size = 0;

  /** How many there are, removed ones among them. */
  get length() {
    return this.#ids.length;
  }
  /** How many rows they have, those of removed ones among them. */
  get rows() {
    return this.#starts[this.length];
  }
  /** Where each item's rows begin, and after the last where they end. */
  get starts() {
    return this.#starts;
  }

  /** @param {unknown} id */
  has(id) {
    return this.#numberOf(id) !== undefined;
  }

  /** @param {unknown} id @returns {number | undefined} */
  #numberOf(id) {
    if (this.#numbers) return this.#numbers.get(/** @type {ItemId} */ (id));
    return typeof id === 'number' && this.#ids[id] !== undefined ? id : undefined;
  }

  /**
   * @param {unknown} id
   * @returns {number} the item's number. Errors: `not_found`
   */
  find(id) {
    const number = this.#numberOf(id);
    if (number === undefined) throw new WembedError('not_found', `no item has the id ${shown(id)}`);
    return number;
  }

  /** @param {number} number of an item that has not been removed */
  idOf(number) {
    return /** @type {ItemId} */ (this.#ids[number]);
  }

  /** @param {number} number of an item that has not been removed @returns {StoredItem} */
  at(number) {
    const { text, meta, spans } = this.#details[number] ?? NO_DETAILS;
    return { id: this.idOf(number), text, meta, spans };
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
  add({ id, text, meta, spans }, rows) {
    const number = this.length;
    if (id !== number) this.#numbers ??= new Map(Array.from(this.#live(), (each) => [this.idOf(each), each]));
    this.#numbers?.set(id, number);
    this.#starts = withRoom(this.#starts, number + 2);
    this.#starts[number + 1] = this.#starts[number] + rows;
    this.#ids.push(id);
    if (spans || text !== undefined || meta !== undefined) this.#details[number] = { text, meta, spans };
    this.size++;
  }

  /** @param {number} number of an item */
  remove(number) {
    this.#numbers?.delete(this.idOf(number));
    this.#ids[number] = undefined;
    if (this.#details[number]) this.#details[number] = undefined;
    this.size--;
  }

  *#live() {
    for (let number = 0; number < this.length; number++) if (this.#ids[number] !== undefined) yield number;
  }

  /** @returns {Generator<ItemId>} in the order in which they were added */
  *ids() {
    for (const number of this.#live()) yield this.idOf(number);
  }

  /** @returns {Generator<[item: StoredItem, number: number]>} those that have not been removed */
  *live() {
    for (const number of this.#live()) yield [this.at(number), number];
  }
}
