import { mustBe, optionsOf, tagOf } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, isA, isArray } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { Collection } from './collection.js';
import { explained } from './explain.js';
import { writeIndex } from './index_writer.js';
import { indexSettings } from './index_settings.js';
import { idsOf, readItems } from './item_reader.js';
import { readQueries, readQuery, searchAll, searchSettings } from './searching.js';

/** @typedef {import('./items.js').ItemId} ItemId */
/** @typedef {import('./item_reader.js').IndexItem} IndexItem */
/** @typedef {import('./index_settings.js').IndexOptions} IndexOptions */
/** @typedef {import('./searching.js').SearchQuery} SearchQuery */
/** @typedef {import('./searching.js').SearchOptions} SearchOptions */
/** @typedef {import('./searching.js').SearchHit} SearchHit */

/** What only this file has: nobody else makes an index. */
const MADE = Symbol('made');

/**
 * Exact search over your own texts and vectors: by meaning, by keywords, and by both. Made by `VectorIndex.create`.
 * @example
 * const index = await VectorIndex.create({ layer, dtype: 'i8' });
 * index.add([{ id: 7, text: 'How to water a cactus', meta: { url: '/cactus' } }]);
 * index.search('plants that need little water', { topK: 3 }); // [{ id: 7, score, meta: { url: '/cactus' } }]
 */
export class VectorIndex {
  /** @type {Collection | undefined} undefined after dispose */
  #collection;
  /** Whether a function of the caller's may be running, which may look but not change. */
  #busy = false;

  /**
   * @private
   * @param {typeof MADE} made
   * @param {Collection} collection
   */
  constructor(made, collection) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a VectorIndex is made by VectorIndex.create');
    this.#collection = collection;
    Object.preventExtensions(this); // as EmbeddingLayer
  }

  /**
   * Makes an index that is empty. Loading the WebAssembly module is the only asynchronous part.
   * @param {IndexOptions} options a `layer` for texts, or the `dim` of vectors of your own
   * @returns {Promise<VectorIndex>} errors: `invalid_argument`, `unsupported`
   */
  static async create(options) {
    return new VectorIndex(MADE, new Collection(await indexSettings(options)));
  }

  /**
   * An index from its bytes: those of `data` or `save`, and after them those of `changes`, if there are any.
   * @param {Uint8Array | ArrayBuffer} bytes
   * @param {import('./index_reader.js').LoadIndexOptions} [options] `layer`: what encodes texts, the one that the index was made
   *   with; `stem`: a function of yours, where the index was made with one
   * @returns {Promise<VectorIndex>} errors: `bad_file`, `unsupported` (a newer version), `invalid_argument`, `out_of_memory`
   */
  static async from(bytes, options) {
    if (isA(bytes, ArrayBuffer) || tagOf(bytes) === 'Uint8Array') return VectorIndex.load(bytes, options);
    throw mustBe('what VectorIndex.from takes', 'a Uint8Array or an ArrayBuffer', bytes);
  }

  /**
   * The same from wherever they are.
   * @param {import('./stores.js').IndexSource} source bytes, a Blob or File, an address, a path (in Node), the handle of a
   *   file, or `{ database: name }`
   * @param {import('./index_reader.js').LoadIndexOptions} [options]
   * @returns {Promise<VectorIndex>} errors: those of `from`; `not_found`, `network`
   */
  static async load(source, options) {
    const given = optionsOf('VectorIndex.load', options, ['layer', 'stem']);
    return new VectorIndex(MADE, await (await import('./files.js').catch(importFailed)).loadFrom(source, given));
  }

  get #open() {
    if (this.#collection) return this.#collection;
    throw new WembedError('disposed', 'this VectorIndex has been disposed');
  }

  /**
   * @template T
   * @param {(collection: Collection) => T} run may call functions of the caller's, which must not change the index
   * @param {boolean} [isChange]
   * @returns {T}
   */
  #run(run, isChange = false) {
    if (isChange) this.#checkIdle();
    const [collection, before] = [this.#open, this.#busy];
    this.#busy = true;
    try {
      return run(collection);
    } finally {
      this.#busy = before;
    }
  }

  #checkIdle() {
    if (!this.#busy) return;
    throw new WembedError('invalid_argument', 'an index cannot change while it calls a function or a getter of yours');
  }

  /** How many items there are. */
  get length() {
    return this.#open.items.size;
  }
  /** The dimension of the vectors: the count of numbers in each. */
  get dim() {
    return this.#open.settings.dim;
  }
  /** How vectors are stored. @returns {import('../core/dtypes.js').Dtype} */
  get dtype() {
    return this.#open.settings.dtype;
  }
  /** What vectors are compared by. @returns {import('../table/products.js').Metric} */
  get metric() {
    return this.#open.settings.metric;
  }

  /** The index in figures. `rows`: passages, removed ones among them that still occupy memory. */
  describe() {
    const { items, vectors, keywords, settings } = this.#open;
    const { dim, dtype, metric } = settings;
    const [vectorBytes, passages] = [vectors.bytes, settings.passages && { ...settings.passages }];
    const counts = { length: items.size, rows: items.rows, vectorBytes };
    return { ...counts, dim, dtype, metric, keywords: keywords !== undefined, passages };
  }

  /**
   * Adds items. Where one of them is refused, none is added.
   * @param {readonly IndexItem[]} items each with an `id` that the index does not have, and a `text`, a `vector` or both
   * @returns {void} errors: `invalid_argument` (an id that is there, a vector that is zero or not finite), `shape_mismatch`,
   *   `out_of_memory`
   */
  add(items) {
    this.#run((collection) => collection.add(readItems(collection.settings, items, 'add')), true);
  }

  /**
   * Gives items that are there another text, vector and meta: all three are replaced.
   * @param {readonly IndexItem[]} items each with an `id` that the index has
   * @returns {void} errors: those of `add`, and `not_found`
   */
  update(items) {
    this.#run((collection) => collection.update(readItems(collection.settings, items, 'update')), true);
  }

  /**
   * Removes items. Where one of them is not there, none is removed.
   * @param {ItemId | readonly ItemId[]} ids
   * @returns {void} errors: `not_found`, `invalid_argument`
   */
  remove(ids) {
    this.#run((collection) => collection.remove(idsOf('ids', isArray(ids) ? ids : [ids])), true);
  }

  /**
   * Whether there is an item of this id.
   * @param {ItemId} id
   * @returns {boolean}
   */
  has(id) {
    return this.#open.items.has(id);
  }

  /**
   * An item as the index keeps it.
   * @param {ItemId} id
   * @returns {{ id: ItemId, text: string | undefined, meta: unknown, vectors: import('../core/matrix.js').Matrix,
   *   passages: import('./passages.js').Span[] | undefined }} vectors: one, or one for each passage; in a cosine index of
   *   length 1, and rounded to the dtype. Errors: `not_found`
   */
  get(id) {
    const { items, vectors } = this.#open;
    const number = items.find(id);
    const { text, meta, spans } = items.at(number);
    const [first, end] = [items.starts[number], items.starts[number + 1]];
    const passages = spans?.map((span) => ({ ...span }));
    return { id: items.at(number).id, text, meta, vectors: vectors.matrix(first, end - first), passages };
  }

  /** All ids, in the order in which they were added. @returns {ItemId[]} */
  ids() {
    return [...this.#open.items.ids()];
  }

  /**
   * The items that fit a text or a vector best: by the scores of all of them, none of which is estimated.
   * @param {SearchQuery} query
   * @param {SearchOptions} [options]
   * @returns {SearchHit[]} the best first; equal scores in the order of their ids, numbers before strings. Items that share
   *   no word with a query are no hits of a search by keywords. Errors: `shape_mismatch`, `invalid_argument`
   */
  search(query, options) {
    return this.#run((collection) => {
      const settings = searchSettings(options, collection);
      return searchAll(collection, [readQuery(collection, query, 'the query')], settings)[0];
    });
  }

  /**
   * The same for several queries, whose vectors pass over the index together. Scores may differ from those of `search` in
   * their last bit.
   * @param {readonly SearchQuery[] | import('../core/matrix.js').Matrix} queries
   * @param {SearchOptions} [options]
   * @returns {SearchHit[][]} the hits of each
   */
  searchMany(queries, options) {
    return this.#run((collection) => {
      const settings = searchSettings(options, collection);
      return searchAll(collection, readQueries(collection, queries), settings);
    });
  }

  /**
   * Why an item fits a text: the words they share, what each adds to the score, and where they stand; and, with a static
   * model, the part of the cosine that each pair of tokens makes. A page can highlight these.
   * @param {ItemId} id
   * @param {string} query
   * @param {{ passage?: number, pairs?: number }} [options] passage: the number of the passage, default 0; pairs: how many
   *   pairs of tokens, default 20
   * @returns {import('./explain.js').Explanation} errors: `not_found`, `unsupported` in an index that keeps no texts
   */
  explain(id, query, options) {
    return this.#run((collection) => explained(collection, id, query, options));
  }

  /**
   * The whole index as bytes, which `VectorIndex.from` takes: versioned, with checksums, without the layer. Metas become
   * JSON (what it would change in them is an `invalid_argument` that names its place), lone surrogates of texts U+FFFD.
   * @returns {Uint8Array<ArrayBuffer>}
   */
  get data() {
    return this.#run((collection) => writeIndex(collection));
  }

  /**
   * Saves the whole index: to a place that has all of it or what it had before; or, without a target, as bytes.
   * @param {import('./stores.js').IndexTarget} [target] a path (in Node), the handle of a file, or `{ database: name }`, where
   *   what another tab has saved meanwhile is an error (`reason: 'conflict'`), unless `overwrite` is true
   * @returns {Promise<Uint8Array<ArrayBuffer>>} the bytes. Errors: `invalid_argument` (`reason: 'quota'` without room)
   */
  async save(target) {
    const bytes = this.data;
    this.#open.markWritten();
    if (target !== undefined) await (await import('./files.js').catch(importFailed)).writeTo(target, bytes, this.#open);
    return bytes;
  }

  /**
   * What has changed since the index was last saved or loaded, or since the last call of this: bytes to be appended to
   * those, by which nothing need be written twice.
   * @returns {Uint8Array<ArrayBuffer>}
   */
  changes() {
    return this.#run((collection) => {
      const { first, removed } = collection.changes;
      const bytes = writeIndex(collection, first, removed);
      collection.markWritten();
      return bytes;
    }, true);
  }

  /** Frees its memory; the layer stays. Later uses are `disposed` errors; disposing twice is not. */
  dispose() {
    this.#checkIdle();
    this.#collection?.dispose();
    this.#collection = undefined;
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}
