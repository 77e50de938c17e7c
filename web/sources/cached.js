import { WembedError, asWembedError, isOfCaller, shown, throwIfAborted } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { isForeign } from './source.js';
import { HttpSource, firstBytes } from './http.js';
import { inNode } from './platform.js';
import { PatientStore, inTime } from './patient_store.js';
import { patience, publicUrl } from './request.js';
import { chunksOf, collect } from './source.js';
import { WHOLE, isVersioned, partOf, quietly, soundRecord, versionOf } from './records.js';
import { CacheStore } from './store_cache.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').FileRecord} FileRecord */
/** @typedef {import('./store.js').Key} Key */

/**
 * Where downloaded files are kept.
 * @typedef {object} CacheOptions
 * @property {boolean | string | import('./store_cache.js').CacheLike} [cache] false: no cache; in Node a folder
 *   (default `WEMBED_CACHE`, else ~/.cache/wembed), in a browser its Cache API, or your own object with `match` and
 *   `put`
 * @property {boolean} [localFilesOnly] true: never uses the network; a file that is not in the cache is a `not_found`
 *   error
 */

/**
 * @typedef {CacheOptions & import('./http.js').UrlOptions & import('./request.js').RequestOptions
 * & import('./request.js').Patience & { hub?: boolean, fixed?: boolean }} CachedOptions `hub`: the address is on the
 * hub; `fixed`: the content at this address never changes, so that a file which needs no token is not asked for again
 */

/** Failures that do not mean that a file is damaged. After any other failure of a load the file may be at fault. */
const BLAMELESS = new Set(['aborted', 'network', 'not_found', 'out_of_memory', 'invalid_argument', 'disposed']);

/**
 * @param {CacheOptions['cache']} cache
 * @param {number} [timeout] milliseconds after which a cache that gives no answer is done without
 * @returns {Promise<Store | undefined>} undefined if nothing is or can be cached
 */
export async function openStore(cache = true, timeout = patience({}).timeout) {
  if (cache === false) return undefined;
  try {
    const store = await inTime(storeOf(cache), timeout);
    return store && new PatientStore(store, timeout);
  } catch (error) {
    if (error instanceof WembedError) throw error;
    return undefined;
  }
}

/**
 * @param {Exclude<CacheOptions['cache'], false>} cache
 * @returns {Promise<Store | undefined>}
 */
async function storeOf(cache) {
  if (typeof cache === 'object' && typeof cache?.match === 'function' && typeof cache.put === 'function') {
    return new CacheStore(cache);
  }
  if (cache !== true && typeof cache !== 'string') {
    throw new WembedError(
      'invalid_argument',
      `cache must be true, false, a folder, or have match and put: ${shown(cache)}`,
    );
  }
  if (!inNode()) return CacheStore.open();
  const { FolderStore } = await import('./store_folder.js').catch(importFailed); // not needed in a page
  return FolderStore.open(cache === true ? undefined : cache);
}

/**
 * A file on a server, read through the cache. Cached parts are used if the server says that the file is unchanged;
 * missing parts come from the server and are cached. If there is no connection, or the server is out of order (408, 429,
 * 5xx), the cache is used alone.
 * @param {string} url
 * @param {CachedOptions} options
 * @param {Store | undefined} store
 * @returns {Promise<CachedSource | null>} null if there is no such file
 */
export async function cachedSource(url, options, store) {
  const known = soundRecord(await quietly(store?.record(url)));
  const { record, http, offline } = await find(url, known, store, options);
  if (http && JSON.stringify(record) !== JSON.stringify(known)) {
    await quietly(store?.setRecord(url, record));
    if (known) await quietly(store?.remove(url, versionOf(record)));
  }
  if (record.missing) return null;
  const source = new CachedSource(url, record, store, http, options, offline);
  await source.prepare(firstBytes(options.ranges));
  return source;
}

/**
 * @param {string} url
 * @param {FileRecord | undefined} known the cache's record of the file
 * @param {Store | undefined} store
 * @param {CachedOptions} options
 * @returns {Promise<{ record: FileRecord, http?: HttpSource, offline?: unknown }>}
 */
async function find(url, known, store, options) {
  if (options.localFilesOnly) {
    if (known) return { record: known };
    throw notCached(url, '');
  }
  const http = new HttpSource(url, options);
  const usable = known && (known.missing || (await holds(store, url, known, options))) ? known : undefined;
  if (options.fixed && usable && (usable.missing || usable.open)) {
    http.adopt(usable);
    return { record: usable, http };
  }
  try {
    return { record: await ask(http, usable, options), http };
  } catch (error) {
    if (known && isOutOfReach(asWembedError(error, url))) return { record: known, offline: error };
    throw error;
  }
}

/**
 * Whether there is no network, or the server is out of order: then the last known state is used. A server that refuses
 * (401, 403 and the like) is in order: what an earlier caller was allowed to read may be secret from this one.
 * @param {WembedError} error
 */
function isOutOfReach({ code, status, reason }) {
  if (code !== 'network' || reason === 'redirects') return false;
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

/**
 * Whether a file, or the first part with which it is opened, is in the cache. If not, asking the server whether it is
 * unchanged would be useless.
 * @param {Store | undefined} store
 * @param {string} url
 * @param {FileRecord} record
 * @param {CachedOptions} options
 */
export async function holds(store, url, record, { ranges }) {
  const beginning = partOf(0, Math.min(firstBytes(ranges), record.size ?? 0), record.size);
  for (const part of [WHOLE, beginning]) {
    const cached = await quietly(store?.get({ url, version: versionOf(record), part }));
    if (!cached) continue;
    await cached.close?.();
    return true;
  }
  return false;
}

/**
 * @param {HttpSource} http
 * @param {FileRecord | undefined} known
 * @param {CachedOptions} options
 * @returns {Promise<FileRecord>} the file's present state
 */
async function ask(http, known, { ranges, hub, headers = {} }) {
  const open = Object.keys(headers).length === 0;
  // A page that sends If-None-Match to another origin must ask that origin first whether it may.
  const conditional = inNode();
  const { etag: had, lastModified: dated } = (conditional && known) || {};
  const unchanged = { etag: had, lastModified: dated, attempts: known && 1 };
  const answer = await http.open(firstBytes(ranges), unchanged);
  if (answer === 'missing') return { missing: true };
  if (answer === 'same' && known) {
    http.adopt(known);
    return open ? { ...known, open } : known;
  }
  const { etag, lastModified, byteLength, linkedEtag, redirected } = http;
  // The hub names a large file by the sha256 of its content. After a redirect, the ETag is the other server's own.
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(linkedEtag ?? (hub && !redirected ? etag : '') ?? '')?.[1];
  return { etag, lastModified, size: byteLength, sha256, open: open || undefined };
}

/**
 * @param {string} url
 * @param {string} what
 */
const notCached = (url, what) =>
  new WembedError('not_found', `${publicUrl(url)}${what} is not in the cache, and localFilesOnly is set`, {
    url: publicUrl(url),
    reason: 'not_cached',
  });

/** A file whose parts are in the cache, or are added to it when they are read. */
export class CachedSource {
  #url;
  #record;
  #store;
  #http;
  #signal;
  #fixed;
  #offline;
  /** All of it. @type {import('./source.js').ByteSource | undefined} */
  #whole;
  #head = new Uint8Array(0);
  /** The parts that have been read and are in the cache. @type {Map<string, Key>} */
  parts = new Map();
  /** Whether a part that was read could not be cached. */
  incomplete = false;

  /**
   * @param {string} url
   * @param {FileRecord} record
   * @param {Store | undefined} store
   * @param {HttpSource | undefined} http undefined if the cache is used alone
   * @param {CachedOptions} options
   * @param {unknown} [offline] the failure for which it is used alone
   */
  constructor(url, record, store, http, { signal, fixed }, offline) {
    this.#url = url;
    this.#record = record;
    this.#store = store;
    this.#http = http;
    this.#signal = signal;
    this.#fixed = fixed;
    this.#offline = offline;
    this.byteLength = record.size;
  }

  get received() {
    return this.#http?.received ?? 0;
  }

  get inOrder() {
    return !this.#whole && !!this.#http?.inOrder;
  }

  /**
   * Looks up the whole file, or its first part, in the cache before anything is requested.
   * @param {number} first the number of bytes of the first part
   */
  async prepare(first) {
    this.#whole = await this.#cached(WHOLE);
    if (this.#whole) {
      this.byteLength = this.#whole.byteLength;
      await this.#http?.close(); // ends a download that has begun
      return;
    }
    const came = this.#http?.head ?? this.#head;
    const part = partOf(0, came.length || Math.min(first, this.byteLength ?? 0), this.byteLength);
    const cached = first > 0 ? await this.#cached(part) : undefined;
    if (cached) {
      this.#head = new Uint8Array(await cached.slice(0));
      await cached.close?.();
    } else if (came.length > 0) {
      this.#head = came;
      const writer = await this.#writer(part, 0, came.length);
      await writer.write(came);
      await writer.commit();
    }
  }

  /**
   * @param {number} start
   * @param {number} [end]
   * @param {AbortSignal} [signal]
   * @returns {Promise<ArrayBuffer>}
   */
  async slice(start, end, signal) {
    return (await collect(this.stream(signal, start, end))).buffer;
  }

  /**
   * @param {AbortSignal} [signal]
   * @param {number} [start]
   * @param {number} [end]
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *stream(signal = this.#signal, start = 0, end = this.byteLength) {
    throwIfAborted(signal);
    const size = this.byteLength;
    const last = size === undefined ? end : Math.min(end ?? Infinity, size);
    if (last !== undefined && last <= start) return;
    if (this.#whole) {
      yield* chunksOf(this.#whole, signal, start, last);
    } else if (last !== undefined && last <= this.#head.length) {
      yield this.#head.slice(start, last);
    } else {
      const part = partOf(start, last, size);
      const cached = await this.#cached(part);
      if (!cached) yield* this.#download(part, start, last, signal);
      else yield* closing(cached, chunksOf(cached, signal));
    }
  }

  /**
   * @param {string} part
   * @returns {Promise<import('./source.js').ByteSource | undefined>}
   */
  async #cached(part) {
    // Without ETag or date it is unknown whether the file is unchanged.
    if (this.#http && !this.#fixed && !isVersioned(this.#record)) return undefined;
    const key = this.#key(part);
    const cached = await quietly(this.#store?.get(key));
    if (cached) this.parts.set(part, key);
    return cached;
  }

  /** @param {string} part */
  #key(part) {
    return { url: this.#url, version: versionOf(this.#record), part };
  }

  /**
   * @param {string} part
   * @param {number} start
   * @param {number | undefined} end
   * @param {AbortSignal | undefined} signal
   */
  async *#download(part, start, end, signal) {
    const http = this.#http;
    if (!http) throw this.#offline ?? notCached(this.#url, part === WHOLE ? '' : ` from byte ${start} to ${end}`);
    const writer = await this.#writer(part, start, end);
    let at = start;
    let ended = false;
    const origin = { mixed: false };
    try {
      for await (const bytes of http.stream(signal, start, end, { origin })) {
        await writer.write(bytes);
        at += bytes.length;
        yield bytes;
      }
      ended = true;
    } finally {
      // Readers that know the length do not request anything after it.
      const complete = end === undefined ? ended : at === end;
      await (complete && !origin.mixed ? writer.commit() : writer.abort());
    }
  }

  /**
   * Caching is optional: if it fails, the bytes still go to the reader. Only a wrong hash is an error.
   * @param {string} part
   * @param {number} start
   * @param {number | undefined} end
   * @returns {Promise<import('./store.js').Writer>}
   */
  async #writer(part, start, end) {
    const key = this.#key(part);
    const length = end === undefined ? undefined : end - start;
    const sha256 = part === WHOLE ? this.#record.sha256 : undefined;
    // Parts of a file without ETag or date may be of two versions: such a file is cached only as one whole response.
    const cacheable = part === WHOLE || this.#fixed || isVersioned(this.#record);
    let writer = cacheable ? await quietly(this.#store?.put(key, { length, sha256 })) : undefined;
    let first = start === 0;
    const abort = async () => {
      const given = writer;
      writer = undefined;
      this.incomplete = true;
      await quietly(given?.abort());
    };
    return {
      abort,
      write: async (bytes) => {
        if (first && isForeign(bytes)) await abort();
        first = false;
        await writer?.write(bytes).catch(abort);
      },
      commit: async () => {
        try {
          await writer?.commit();
        } catch (error) {
          if (error instanceof WembedError) throw error;
          writer = undefined;
        }
        if (writer) this.parts.set(part, key);
        else this.incomplete = true;
      },
    };
  }

  async close() {
    await this.#whole?.close?.();
    await this.#http?.close();
  }

  /**
   * Called when reading has ended: files that the loader refused are removed from the cache.
   * @param {unknown} [error]
   */
  async settle(error) {
    if (error === undefined || isOfCaller(error)) return;
    if (error instanceof WembedError && BLAMELESS.has(error.code)) return;
    await quietly(this.#store?.remove(this.#url));
  }
}

/**
 * @param {import('./source.js').ByteSource} source
 * @param {AsyncIterable<Uint8Array>} chunks of the source
 */
async function* closing(source, chunks) {
  try {
    yield* chunks;
  } finally {
    await source.close?.();
  }
}
