import { below } from './below.js';
import { cachedSource, holds, openStore } from './cached.js';
import { soundRecord } from './records.js';
import { urlSource } from './http.js';

/**
 * @typedef {import('./cached.js').CachedOptions & { token?: string }} RemoteOptions
 */

const KEY = /** @type {const} */ (['url', 'version', 'part']);

/**
 * The files below an address, and the cache's record of them: the ModelFiles of an address.
 */
export class RemoteFiles {
  #root;
  #options;
  /** @type {Promise<import('./store.js').Store | undefined> | undefined} */
  #openedStore;
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {import('./cached.js').CachedSource[]} */
  #opened = [];
  /** @type {Set<Promise<unknown>>} */
  #opening = new Set();

  /**
   * @param {URL} root ends in a slash
   * @param {string} name for messages
   * @param {RemoteOptions} options already checked; headers by lower-case name
   * @param {() => Promise<string | undefined>} [hint] see ModelFiles
   */
  constructor(root, name, { token, headers, ...options }, hint) {
    this.#root = root;
    this.name = name;
    this.hint = hint;
    this.#options = { ...options, headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
  }

  get #store() {
    return (this.#openedStore ??= openStore(this.#options.cache, this.#options.timeout));
  }

  /**
   * @param {string} file
   * @param {import('./http.js').UrlOptions} [how]
   * @returns {Promise<import('./source.js').ByteSource | null>}
   */
  async open(file, { ranges } = {}) {
    const { href } = below(this.#root, file, 'file');
    const options = { ...this.#options, ranges };
    const store = await this.#store;
    if (!store && !options.localFilesOnly) return urlSource(href, options);
    const opening = cachedSource(href, options, store);
    this.#opening.add(opening);
    try {
      const source = await opening;
      this.#asked.add(href);
      if (source) this.#opened.push(source);
      return source;
    } finally {
      this.#opening.delete(opening);
    }
  }

  later() {
    return new RemoteFiles(this.#root, this.name, { ...this.#options, signal: undefined }, this.hint);
  }

  /**
   * Called when a load has ended. Refused files leave the cache; for a successful load the parts that it used are
   * recorded.
   * @param {unknown} [error]
   */
  async settle(error) {
    await Promise.allSettled(this.#opening); // if the load failed elsewhere, some may still be opening
    const sources = this.#opened;
    await Promise.all(sources.map((source) => source.settle(error)));
    if (error !== undefined || sources.some((source) => source.incomplete)) return;
    await this.#note(sources.flatMap((source) => [...source.parts.values()]));
  }

  /** @param {import('./store.js').Key[]} parts */
  async #note(parts) {
    const store = await this.#store;
    const { href } = this.#root;
    try {
      const others = (await this.#noted()).filter(({ url }) => !this.#asked.has(url));
      await store?.setRecord(href, { parts: [...others, ...parts] });
    } catch {
      // If the cache cannot be written to, nothing is recorded.
    }
  }

  /** @returns {Promise<import('./store.js').Key[]>} the parts that loads have used; empty if the record is damaged */
  async #noted() {
    const store = await this.#store;
    const parts = (await store?.record(this.#root.href).catch(() => undefined))?.parts;
    const sound =
      Array.isArray(parts) && parts.every((key) => key && KEY.every((name) => typeof key[name] === 'string'));
    return sound ? parts : [];
  }

  /**
   * Whether the cache has everything that a load needed.
   * @param {string} [file] only this file
   */
  async isCached(file) {
    const store = await this.#store;
    const url = file && below(this.#root, file, 'file').href;
    const parts = (await this.#noted()).filter((part) => !url || part.url === url);
    for (const part of parts) {
      const stored = await store?.get(part);
      if (!stored) return false;
      await stored.close?.();
    }
    if (!url || parts.length > 0) return parts.length > 0;
    const record = soundRecord(await store?.record(url).catch(() => undefined)); // a file read by itself
    return !!record && holds(store, url, record, {});
  }

  /** @param {string} [file] only this file */
  async clear(file) {
    const store = await this.#store;
    if (file) await store?.remove(below(this.#root, file, 'file').href);
    else await store?.removeAll(this.#root.href);
  }
}
