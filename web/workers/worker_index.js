import { DISPOSE } from '../core/dispose.js';

/** @typedef {import('./calls.js').CallOptions} CallOptions */
/** @typedef {import('../core/matrix.js').Matrix} Matrix */
/** @typedef {import('../search.js').IndexItem} IndexItem */
/** @typedef {import('../search.js').ItemId} ItemId */
/** @typedef {import('../search.js').SearchHit} SearchHit */
/** @typedef {import('../search.js').SearchQuery} SearchQuery */
/** Items as they come: an array, a generator, or an async one. @typedef {Iterable<IndexItem> | AsyncIterable<IndexItem>} ItemList */

/**
 * @typedef {Omit<import('../search.js').SearchOptions, 'filter'> & CallOptions & { filter?: readonly ItemId[] | ReadonlySet<ItemId> }} WorkerSearchOptions
 *   filter: ids; a function cannot cross to a worker
 */

/** A `VectorIndex` in a worker: its methods are those of `VectorIndex`, and give promises. */
export class WorkerIndex {
  #calls;
  #index;

  /**
   * Made by `worker.index` and `worker.loadIndex`.
   * @internal
   * @param {import('./calls.js').Calls} calls
   * @param {{ index: number, dim: number, dtype: import('../index.js').Dtype, metric: import('../index.js').Metric }} made
   */
  constructor(calls, { index, dim, dtype, metric }) {
    this.#calls = calls;
    this.#index = index;
    /** The dimension of the vectors. */
    this.dim = dim;
    /** How vectors are stored. */
    this.dtype = dtype;
    /** What vectors are compared by. */
    this.metric = metric;
  }

  /**
   * @param {string} name
   * @param {readonly unknown[]} args
   * @param {Iterable<unknown> | AsyncIterable<unknown>} [list]
   * @template T
   * @returns {Promise<T>}
   */
  #call(name, args, list) {
    return this.#calls.call(`index.${name}`, args, { index: this.#index, list });
  }

  /**
   * Adds items in strips: searches are answered meanwhile, by what has been added so far. Where one of the items is refused,
   * or the call is aborted, none stays.
   * @param {ItemList} items an array, or what can be iterated over: a generator that reads a file
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  add(items, options) {
    return this.#call('add', [options], items);
  }

  /**
   * Gives items that are there another text, vector and meta, in strips. Where one is refused, those before it stay changed.
   * @param {ItemList} items
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  update(items, options) {
    return this.#call('update', [options], items);
  }

  /**
   * Removes items. Where one of them is not there, none is removed.
   * @param {ItemId | readonly ItemId[]} ids
   * @returns {Promise<void>}
   */
  remove(ids) {
    return this.#call('remove', [ids]);
  }

  /**
   * The items that fit a text or a vector best, as `VectorIndex.search`. Where several searches wait, the newest is
   * answered first.
   * @param {SearchQuery} query
   * @param {WorkerSearchOptions} [options]
   * @returns {Promise<SearchHit[]>}
   */
  search(query, options) {
    return this.#call('search', [query, options ?? {}]);
  }

  /**
   * The same for several queries: a job, which runs in strips.
   * @param {readonly SearchQuery[] | Matrix} queries
   * @param {WorkerSearchOptions} [options]
   * @returns {Promise<SearchHit[][]>} the hits of each
   */
  searchMany(queries, options) {
    return this.#call('searchMany', [options], queries);
  }

  /**
   * Why an item fits a text, as `VectorIndex.explain`.
   * @param {ItemId} id
   * @param {string} query
   * @param {{ passage?: number, pairs?: number }} [options]
   * @returns {Promise<import('../search.js').Explanation>}
   */
  explain(id, query, options) {
    return this.#call('explain', [id, query, options]);
  }

  /** Whether there is an item of this id. @param {ItemId} id @returns {Promise<boolean>} */
  has(id) {
    return this.#call('has', [id]);
  }

  /**
   * An item as the index keeps it.
   * @param {ItemId} id
   * @returns {Promise<ReturnType<import('../search.js').VectorIndex['get']>>}
   */
  get(id) {
    return this.#call('get', [id]);
  }

  /** All ids, in the order in which they were added. @returns {Promise<ItemId[]>} */
  ids() {
    return this.#call('ids', []);
  }

  /** The index in figures. @returns {Promise<ReturnType<import('../search.js').VectorIndex['describe']>>} */
  describe() {
    return this.#call('describe', []);
  }

  /**
   * Saves the index, once what was asked for before is done: to a file, or as bytes, which are moved here.
   * @param {import('../search.js').IndexTarget} [target] a path (in Node) or the handle of a file
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  save(target) {
    return this.#call('save', target === undefined ? [] : [target]);
  }

  /** What has changed since it was last saved or loaded, as `VectorIndex.changes`. @returns {Promise<Uint8Array<ArrayBuffer>>} */
  changes() {
    return this.#call('changes', []);
  }

  /** Frees its memory, once what was asked for before is done. @returns {Promise<void>} */
  dispose() {
    return this.#call('dispose', []);
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose().catch(() => {});
  }
}
