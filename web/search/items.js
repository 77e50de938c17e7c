import { mustBe } from '../core/arguments.js';
import { WembedError, nearest, shown } from '../core/errors.js';
import { withRoom } from './growing.js';

/** What an item is known by: numbers stand before strings where scores are equal. @typedef {number | string} ItemId */
/** @typedef {import('./passages.js').Span} Span */

/**
 * An item as the index keeps it.
 * @typedef {{ id: ItemId, text: string | undefined, meta: unknown, spans: Span[] | undefined }} StoredItem spans: its passages
 *   where it has several
 */

/**
 * Items that are added together, a member of each in an array: a million items need no million objects.
 * @typedef {object} ItemColumns
 * @property {ItemId[]} ids
 * @property {(string | undefined)[]} texts may end before the ids do, as the next three: then it is undefined of the rest
 * @property {unknown[]} metas
 * @property {(Span[] | undefined)[]} spans
 * @property {number[]} rows how many each has; 1 where that is undefined
 */

/** @returns {ItemColumns} of no items */
export const noItems = () => ({ ids: [], texts: [], metas: [], spans: [], rows: [] });

/**
 * Adds an item, whose members are no object: of many items those would be most of the work.
 * @param {ItemColumns} items
 * @param {ItemId} id
 * @param {string | undefined} text
 * @param {unknown} meta
 * @param {Span[] | undefined} spans
 * @param {number} rows that it has
 */
export function pushItem(items, id, text, meta, spans, rows) {
  const at = items.ids.length;
  if (text !== undefined) items.texts[at] = text;
  if (meta !== undefined) items.metas[at] = meta;
  if (spans) items.spans[at] = spans;
  if (rows !== 1) items.rows[at] = rows;
  items.ids.push(id);
}

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
 * @returns {ItemId | undefined} undefined for what is none
 */
export function idOf(id) {
  if (typeof id === 'string') return id;
  return typeof id === 'number' && Number.isFinite(id) ? id + 0 : undefined; // not -0
}

/**
 * @param {unknown} id
 * @param {string} name for messages
 * @returns {ItemId}
 */
export function checkId(id, name) {
  const own = idOf(id);
  if (own === undefined) throw mustBe(name, 'a string or a finite number', id);
  return own;
}

/** Of so many ids one is looked for that is spelt nearly the same, among so many like it: of all it would take too long. */
const MOST_ASKED = 100_000;
const MOST_LIKE = 2000;

/** The items of an index and the rows that each has, in the order in which they were added. */
export class Items {
  /** Of each item; undefined: removed. @type {(ItemId | undefined)[]} */
  #ids = [];
  /** Of those that have one. @type {(string | undefined)[]} */
  #texts = [];
  /** @type {unknown[]} */
  #metas = [];
  /** @type {(Span[] | undefined)[]} */
  #spans = [];
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
    if (this.#numbers) {
      const number = this.#numbers.get(/** @type {ItemId} */ (id));
      return Number(number) < this.length ? number : undefined; // others are being added
    }
    return typeof id === 'number' && this.#ids[id] !== undefined ? id : undefined;
  }

  /**
   * @param {unknown} id
   * @returns {number} the item's number. Errors: `not_found`
   */
  find(id) {
    const number = this.#numberOf(id);
    if (number === undefined) throw new WembedError('not_found', `no item has the id ${shown(id)}${this.#hint(id)}`);
    return number;
  }

  /** @param {unknown} id that no item has @returns {string} the id that is spelt most like it, with the same first letter */
  #hint(id) {
    if (idOf(id) === undefined) return '';
    const like = String(id);
    const isLike = (/** @type {unknown} */ each) =>
      String(each)[0] === like[0] && Math.abs(String(each).length - like.length) < 2;
    const ids = this.#ids.slice(0, MOST_ASKED).filter(isLike).slice(0, MOST_LIKE);
    const similar = nearest(like, ids.map(String));
    return similar === undefined ? '' : `: did you mean ${shown(ids.find((each) => String(each) === similar))}?`;
  }

  /** @param {number} number of an item that has not been removed */
  idOf(number) {
    return /** @type {ItemId} */ (this.#ids[number]);
  }

  /** @param {number} number of an item that has not been removed @returns {StoredItem} */
  at(number) {
    return { id: this.idOf(number), text: this.#texts[number], meta: this.#metas[number], spans: this.#spans[number] };
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
   * Keeps ids for items that are to be added: they are not found yet.
   * @param {readonly ItemId[]} ids
   * @returns {number} the index of the first that is there already, or twice: then none is kept; -1: all are new
   */
  reserve(ids) {
    const { length } = this;
    if (!this.#numbers && ids.every((id, i) => id === length + i)) return -1;
    const numbers = (this.#numbers ??= new Map(Array.from(this.#live(), (each) => [this.idOf(each), each])));
    for (let i = 0, { size } = numbers; i < ids.length; i++, size++) {
      numbers.set(ids[i], length + i);
      if (numbers.size > size) continue;
      this.release(ids.slice(0, i + 1));
      const number = this.#ids.indexOf(ids[i]);
      if (number >= 0) numbers.set(ids[i], number);
      return i;
    }
    return -1;
  }

  /** @param {readonly ItemId[]} ids that were kept, for items that are not added */
  release(ids) {
    for (const id of ids) this.#numbers?.delete(id);
  }

  /** @param {ItemColumns} added whose ids were kept; the arrays are nobody else's from now on */
  append({ ids, texts, metas, spans, rows }) {
    const first = this.length;
    const starts = (this.#starts = withRoom(this.#starts, first + ids.length + 1));
    for (let i = 0, number = first; i < ids.length; i++, number++) {
      starts[number + 1] = starts[number] + (i < rows.length ? (rows[i] ?? 1) : 1);
      if (first === 0) continue;
      this.#ids.push(ids[i]);
      if (i < texts.length && texts[i] !== undefined) this.#texts[number] = texts[i];
      if (i < metas.length && metas[i] !== undefined) this.#metas[number] = metas[i];
      if (i < spans.length && spans[i]) this.#spans[number] = spans[i];
    }
    if (first === 0) [this.#ids, this.#texts, this.#metas, this.#spans] = [ids, texts, metas, spans];
    this.size += ids.length;
  }

  /** @param {number} number of an item */
  remove(number) {
    this.#numbers?.delete(this.idOf(number));
    this.#ids[number] = undefined;
    for (const column of [this.#texts, this.#metas, this.#spans]) delete column[number];
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
