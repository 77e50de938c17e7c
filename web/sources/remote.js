import { below } from './below.js';
import { cachedSource, holds, openStore } from './cached.js';
import { soundRecord } from './records.js';
import { urlSource } from './http.js';

/**
 * @typedef {import('./cached.js').CachedOptions & { token?: string }} RemoteOptions
 */

const KEY = /** @type {const} */ (['url', 'version', 'part']);

/**
 * Files below an address, and what the cache is told of them: the ModelFiles of an address.
 */
export class RemoteFiles {
  #root;
  #options;
  /** @type {Promise<import('./store.js').Store | undefined> | undefined} */
  #kept;
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {import('./cached.js').CachedSource[]} */
  #opened = [];
  /** @type {Set<Promise<unknown>>} */
  #opening = new Set();

  /**
   * @param {URL} root ends in a slash
   * @param {string} name for messages
   * @param {RemoteOptions} options which have been checked; headers by lower-case name
   * @param {() => Promise<string | undefined>} [hint] as ModelFiles has it
   */
  constructor(root, name, { token, headers, ...options }, hint) {
    this.#root = root;
    this.name = name;
    this.hint = hint;
    this.#options = { ...options, headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
  }

  get #store() {
    return (this.#kept ??= openStore(this.#options.cache));
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
   * To be told how a load ended. Files that were refused leave the cache; of those that served it is noted that a load
   * finds all it needs.
   * @param {unknown} [error]
   */
  async settle(error) {
    await Promise.allSettled(this.#opening); // of a load that failed elsewhere
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
      // A cache that cannot be written to notes nothing.
    }
  }

  /** @returns {Promise<import('./store.js').Key[]>} what loads have used; nothing where the record has been spoilt */
  async #noted() {
    const store = await this.#store;
    const parts = (await store?.record(this.#root.href).catch(() => undefined))?.parts;
    const sound =
      Array.isArray(parts) && parts.every((key) => key && KEY.every((name) => typeof key[name] === 'string'));
    return sound ? parts : [];
  }

  /**
   * Whether all is in the cache that a load has needed.
   * @param {string} [file] this file alone
   */
  async isCached(file) {
    const store = await this.#store;
    const url = file && below(this.#root, file, 'file').href;
    const parts = (await this.#noted()).filter((part) => !url || part.url === url);
    for (const part of parts) {
      const kept = await store?.get(part);
      if (!kept) return false;
      await kept.close?.();
    }
    if (!url || parts.length > 0) return parts.length > 0;
    const record = soundRecord(await store?.record(url).catch(() => undefined)); // read on its own, by no model
    return !!record && holds(store, url, record, {});
  }

  /** @param {string} [file] this file alone */
  async clear(file) {
    const store = await this.#store;
    if (file) await store?.remove(below(this.#root, file, 'file').href);
    else await store?.removeAll(this.#root.href);
  }
}
