import { WembedError, shown } from '../core/errors.js';
import { withRoom } from './growing.js';
import { encodeTexts } from './index_settings.js';
import { Items } from './items.js';
import { Keywords } from './keywords.js';
import { VectorRows, checkFinite, toUnits } from './vector_rows.js';

/** @typedef {import('./items.js').ItemId} ItemId */
/** @typedef {import('./item_reader.js').ReadItem} ReadItem */

/** Texts that are encoded together. */
const STRIP = 1024;

/** From so many removed rows on, a quarter of all, those that remain move together. */
const MANY_REMOVED = 1024;

/** What an index holds: items, and of each of their rows a vector and words. */
export class Collection {
  /** (rows) 1 where the row's item has not been removed. */
  live = new Uint8Array(64);
  items = new Items();
  #removed = 0;
  /** Items that are in the last file. */
  #written = 0;
  /** Of those that are not there any longer. @type {ItemId[]} */
  #removedWritten = [];

  /** @param {import('./index_settings.js').IndexSettings} settings */
  constructor(settings) {
    const { dim, dtype, metric, words, bm25, signs } = settings;
    this.settings = settings;
    this.vectors = new VectorRows(dim, dtype, metric === 'cosine', signs && new signs(dim));
    this.keywords = words && new Keywords(words, bm25);
  }

  /** How many rows there are, those of removed items among them. */
  get rows() {
    return this.vectors.count;
  }

  /**
   * @param {ReadItem[]} read of ids that no item has
   */
  add(read) {
    const old = read.find(({ item }) => this.items.has(item.id));
    if (old) {
      const what = `the index has an item with the id ${shown(old.item.id)}: update or remove it`;
      throw new WembedError('invalid_argument', what);
    }
    this.#appendRows(read);
    this.#appendItems(read.map(({ item, texts }) => ({ item, rows: texts.length })));
  }

  /**
   * @param {ReadItem[]} read of ids that are there
   */
  update(read) {
    const old = read.map(({ item }) => this.items.find(item.id));
    this.#appendRows(read);
    for (const number of old) this.#remove(number);
    this.#appendItems(read.map(({ item, texts }) => ({ item, rows: texts.length })));
    this.#compact();
  }

  /** @param {ItemId[]} ids */
  remove(ids) {
    for (const number of new Set(ids.map((id) => this.items.find(id)))) this.#remove(number);
    this.#compact();
  }

  /**
   * Adds items of a file.
   * @param {{ item: import('./items.js').StoredItem, rows: number }[]} stored
   * @param {number} rows of all of them
   * @param {Uint8Array[]} blocks of their vectors, as they are stored
   * @param {import('./term_lists.js').StoredWords} words
   */
  addStored(stored, rows, blocks, words) {
    const seen = new Set();
    for (const { item } of stored) {
      if (seen.has(item.id) || this.items.has(item.id)) {
        throw new WembedError('bad_file', `the index file has the id ${shown(item.id)} twice`, { reason: 'corrupted' });
      }
      seen.add(item.id);
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

  /** @param {{ item: import('./items.js').StoredItem, rows: number }[]} added whose rows are there */
  #appendItems(added) {
    this.live = withRoom(this.live, this.rows);
    for (const { item, rows } of added) {
      this.live.fill(1, this.items.rows, this.items.rows + rows);
      this.items.add(item, rows);
    }
    this.keywords?.settle();
  }

  /**
   * Adds the rows of all items, or none.
   * @param {ReadItem[]} read
   */
  #appendRows(read) {
    const before = this.rows;
    const { dim, layer } = this.settings;
    this.vectors.expected = read.reduce((rows, { texts }) => rows + texts.length, before);
    const strip = new Float32Array(layer ? Math.min(read.length, STRIP) * dim : 0);
    try {
      for (let first = 0, last = 0; first < read.length; first = last) {
        let rows = 0;
        while (last < read.length && (rows === 0 || rows + read[last].texts.length <= STRIP)) {
          rows += read[last++].texts.length;
        }
        this.vectors.append(this.#vectorsOf(read.slice(first, last), rows, strip), rows);
      }
      if (this.keywords) for (const { texts } of read) for (const text of texts) this.keywords.add(text);
    } catch (error) {
      this.vectors.truncate(before);
      this.keywords?.truncate(before);
      throw error;
    }
  }

  /**
   * @param {ReadItem[]} read
   * @param {number} rows that they have
   * @param {Float32Array} strip memory for vectors
   * @returns {Float32Array} (rows, dim)
   */
  #vectorsOf(read, rows, strip) {
    const { layer, dim, metric } = this.settings;
    const texts = read.flatMap((each) => (each.vector ? [] : each.texts));
    const encoded = layer && texts.length > 0 ? encodeTexts(layer, texts, dim, strip) : new Float32Array(0);
    checkFinite('what layer.encode gives', encoded);
    if (metric === 'cosine') toUnits(encoded, dim, () => {}); // a text of no known tokens stays zero: like nothing
    if (texts.length === rows) return encoded;
    const data = new Float32Array(rows * dim);
    let [to, from] = [0, 0];
    for (const { vector, texts: own } of read) {
      const size = own.length * dim;
      data.set(vector ?? encoded.subarray(from, (from += size)), to);
      to += size;
    }
    return data;
  }

  /** Gives back what removed rows occupy, once they are many. */
  #compact() {
    if (this.#removed < MANY_REMOVED || 4 * this.#removed < this.rows) return;
    this.vectors.compact(this.live);
    this.keywords?.compact(this.live);
    const items = new Items();
    let written = 0;
    for (const [item, number] of this.items.live()) {
      if (number < this.#written) written++;
      items.add(item, this.items.starts[number + 1] - this.items.starts[number]);
    }
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
