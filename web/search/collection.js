import { WembedError, shown } from '../core/errors.js';
import { vectorWriters } from '../core/own.js';
import { withRoom } from './growing.js';
import { encodeTexts } from './index_settings.js';
import { Items, noItems, pushItem } from './items.js';
import { checkFinite, toUnits } from './units.js';
import { VectorRows } from './vector_rows.js';

/** @typedef {import('./items.js').ItemId} ItemId */
/** @typedef {import('./item_reader.js').ReadItems} ReadItems */
/** @typedef {import('./items.js').ItemColumns} ItemColumns */

/** For messages. */
const ENCODED = 'what layer.encode gives';

/** From so many removed rows on, a quarter of all, those that remain move together. */
const MANY_REMOVED = 1024;

/** What an index holds: items, and of each of their rows a vector and words. */
export class Collection {
  /** (rows) 1 where the row's item has not been removed. */
  live = new Uint8Array(64);
  items = new Items();
  /** For scores: zeros, while nobody uses them. @type {Float64Array | undefined} */
  zeros;
  #removed = 0;
  /** Items that are in the last file. */
  #written = 0;
  /** Of those that are not there any longer. @type {ItemId[]} */
  #removedWritten = [];

  /** @param {import('./index_settings.js').IndexSettings} settings */
  constructor(settings) {
    const { dim, dtype, metric, keywords, words, signs } = settings;
    this.settings = settings;
    this.vectors = new VectorRows(dim, dtype, metric === 'cosine', signs && new signs(dim));
    this.keywords = keywords && words && new words(keywords);
  }

  /** How many rows there are, those of removed items among them. */
  get rows() {
    return this.vectors.count;
  }

  /** @param {ReadItems} read of ids that no item has */
  add(read) {
    const { ids } = read;
    const at = this.items.reserve(ids);
    if (at >= 0 && !this.items.has(ids[at])) throw twice('add', ids[at]);
    if (at >= 0) {
      const what = `the index has an item with the id ${shown(ids[at])}: update or remove it`;
      throw new WembedError('invalid_argument', what);
    }
    try {
      this.#appendRows(read);
    } catch (error) {
      this.items.release(ids);
      throw error;
    }
    this.#appendItems(read);
  }

  /** @param {ReadItems} read of ids that are there */
  update(read) {
    const { ids } = read;
    if (new Set(ids).size < ids.length)
      throw twice(
        'update',
        ids.find((id, i) => ids.indexOf(id) < i),
      );
    const old = ids.map((id) => this.items.find(id));
    this.#appendRows(read);
    for (const number of old) this.#remove(number);
    this.items.reserve(ids);
    this.#appendItems(read);
    this.#compact();
  }

  /** @param {ItemId[]} ids */
  remove(ids) {
    for (const number of new Set(ids.map((id) => this.items.find(id)))) this.#remove(number);
    this.#compact();
  }

  /**
   * Adds items of a file.
   * @param {ItemColumns} stored
   * @param {number} rows of all of them
   * @param {Uint8Array[]} blocks of their vectors, as they are stored
   * @param {import('./term_lists.js').StoredWords} words
   */
  addStored(stored, rows, blocks, words) {
    const at = this.items.reserve(stored.ids);
    if (at >= 0) {
      const what = `the index file has the id ${shown(stored.ids[at])} twice`;
      throw new WembedError('bad_file', what, { reason: 'corrupted' });
    }
    this.vectors.appendStored(rows, blocks);
    this.keywords?.addStored(words);
    this.#appendItems(stored);
  }

  /** What has changed since the last file: for a chunk that is appended to it. */
  get changes() {
    return { first: this.#written, removed: this.#removedWritten };
  }

  /** Notes that all that is there has been written, or read. */
  markWritten() {
    this.#written = this.items.length;
    this.#removedWritten = [];
  }

  /** @param {number} number of an item */
  #remove(number) {
    if (number < this.#written) this.#removedWritten.push(this.items.at(number).id);

    const { starts } = this.items;
    for (let row = starts[number]; row < starts[number + 1]; row++) {
      this.keywords?.remove(row);
      this.live[row] = 0;
      this.#removed++;
    }
    this.items.remove(number);
  }

  /** @param {ItemColumns} added whose rows are there, and whose ids are kept for them */
  #appendItems(added) {
    this.live = withRoom(this.live, this.rows).fill(1, this.items.rows, this.rows);
    this.items.append(added);
  }

  /**
   * Adds the rows of all items, or none.
   * @param {ReadItems} read
   */
  #appendRows({ rowTexts, rowVectors }) {
    const { layer, dim } = this.settings;
    const before = this.rows;
    const read = (/** @type {number} */ row, /** @type {number} */ rows) => rowTexts.slice(row, row + rows);
    const write = rowVectors.length === 0 && layer ? vectorWriters.get(layer) : undefined;
    let strip = new Float32Array(0);
    try {
      this.keywords?.addAll(rowTexts);
      if (write?.([], dim, 0)) {
        const make = (/** @type {number} */ row, /** @type {number} */ rows) => {
          const texts = read(row, rows);
          return (/** @type {number} */ address) => write(texts, dim, address);
        };
        this.vectors.appendMade(rowTexts.length, make);
      } else {
        this.vectors.appendStrips(rowTexts.length, (row, rows) => {
          strip = withRoom(strip, rows * dim);
          return this.#vectorsOf(read(row, rows), rowVectors.slice(row, row + rows), strip);
        });
      }
    } catch (error) {
      this.vectors.truncate(before);
      this.keywords?.truncate(before);
      throw error;
    }
  }

  /**
   * @param {string[]} texts
   * @param {(Float32Array | undefined)[]} vectors of those that are not to be encoded; may end before the texts do
   * @param {Float32Array} strip memory for the result, which may be elsewhere
   * @returns {Float32Array} (texts.length, dim)
   */
  #vectorsOf(texts, vectors, strip) {
    const { layer, dim, metric, writesInto } = this.settings;
    const wanted = vectors.length > 0 ? texts.filter((_, i) => !vectors[i]) : texts;
    const into = strip.subarray(0, wanted.length * dim);
    const encoded = layer && wanted.length > 0 ? encodeTexts(layer, wanted, dim, writesInto ? into : undefined) : into;
    if (metric === 'cosine')
      toUnits(encoded, dim, () => {}, ENCODED); // a text of no known tokens stays zero: like nothing
    else checkFinite(ENCODED, encoded);
    if (wanted.length === texts.length) return encoded;
    const data = new Float32Array(texts.length * dim);
    let from = 0;
    for (let i = 0; i < texts.length; i++) {
      data.set(vectors[i] ?? encoded.subarray(from, (from += dim)), i * dim);
    }
    return data;
  }

  /** Gives back what removed rows occupy, once they are many. */
  #compact() {
    if (this.#removed < MANY_REMOVED || 4 * this.#removed < this.rows) return;
    this.vectors.compact(this.live);
    this.keywords?.compact(this.live);
    const [kept, items] = [noItems(), new Items()];
    let written = 0;
    for (const [item, number] of this.items.live()) {
      if (number < this.#written) written++;
      const { id, text, meta, spans } = item;
      pushItem(kept, id, text, meta, spans, this.items.starts[number + 1] - this.items.starts[number]);
    }
    items.reserve(kept.ids);
    items.append(kept);
    this.items = items;
    this.#written = written;
    this.live.fill(1, 0, this.rows);
    this.#removed = 0;
  }

  /** Frees the memory. */
  dispose() {
    this.vectors.dispose();
  }
}

/**
 * @param {string} call
 * @param {unknown} id
 */
const twice = (call, id) => new WembedError('invalid_argument', `two items of ${call} have the id ${shown(id)}`);
