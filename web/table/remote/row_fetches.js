import { WembedError } from '../../core/errors.js';
import { runsOf } from './ranges.js';

/**
 * A pending request for rows.
 * @typedef {object} RowFetch
 * @property {Uint32Array} rows
 * @property {Promise<Float32Array>} promise (rows.length, dim)
 * @property {number} waiting the number of lookups that wait for it
 * @property {AbortController} controller
 */

/** The pending requests: simultaneous lookups share the rows that both need. */
export class RowFetches {
  #rowBytes;
  #read;
  /** By row. @type {Map<number, RowFetch>} */
  #underWay = new Map();

  /**
   * @param {number} rowBytes bytes per stored row
   * @param {(rows: Uint32Array, signal: AbortSignal) => Promise<Float32Array>} read the rows of one range, in rising order
   */
  constructor(rowBytes, read) {
    this.#rowBytes = rowBytes;
    this.#read = read;
  }

  /**
   * Waits until all given rows have arrived.
   * @param {number[]} rows all different
   * @param {AbortSignal | undefined} signal
   * @param {(row: number, values: Float32Array) => void} take receives rows as they arrive, including rows that were
   *   not requested
   */
  async wait(rows, signal, take) {
    await waitForAll(this.#fetchesOf(rows), signal, async (fetch) => {
      const values = await fetch.promise;
      const dim = values.length / fetch.rows.length;
      fetch.rows.forEach((row, k) => take(row, values.subarray(k * dim, (k + 1) * dim)));
    });
  }

  /**
   * The requests that bring the given rows: pending ones, and new ones for the rest.
   * @param {number[]} rows
   * @returns {RowFetch[]}
   */
  #fetchesOf(rows) {
    /** @type {Set<RowFetch>} */
    const fetches = new Set();
    const rest = rows.filter((row) => {
      const fetch = this.#underWay.get(row);
      if (fetch) fetches.add(fetch);
      return !fetch;
    });
    for (const run of runsOf(Uint32Array.from(rest).sort(), this.#rowBytes)) fetches.add(this.#start(run));
    return [...fetches];
  }

  /**
   * @param {Uint32Array} rows in rising order, fetched with one request
   * @returns {RowFetch}
   */
  #start(rows) {
    const controller = new AbortController();
    const promise = this.#read(rows, controller.signal);
    /** @type {RowFetch} */
    const fetch = { rows, promise, waiting: 0, controller };
    for (const row of rows) this.#underWay.set(row, fetch);
    const over = () => {
      for (const row of rows) if (this.#underWay.get(row) === fetch) this.#underWay.delete(row);
    };
    controller.signal.addEventListener('abort', over);
    promise.then(over, over);
    return fetch;
  }

  /** Aborts all requests. */
  abort() {
    for (const { controller } of new Set(this.#underWay.values())) controller.abort();
  }
}

/**
 * Waits for requests that other lookups may share; a request without a waiting lookup is aborted.
 * @param {RowFetch[]} fetches
 * @param {AbortSignal | undefined} signal
 * @param {(fetch: RowFetch) => Promise<void>} take
 */
async function waitForAll(fetches, signal, take) {
  for (const fetch of fetches) fetch.waiting++;
  /** @type {(() => void) | undefined} */
  let abort;
  const aborted = new Promise((_, reject) => {
    abort = () => reject(new WembedError('aborted', 'the lookup was aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort);
  });
  try {
    await Promise.race([Promise.all(fetches.map(take)), aborted]);
  } finally {
    if (abort) signal?.removeEventListener('abort', abort);
    for (const fetch of fetches) if (--fetch.waiting === 0) fetch.controller.abort();
  }
}
