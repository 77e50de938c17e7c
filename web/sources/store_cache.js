import { browserCache, subtleCrypto } from './page.js';
import { wrongHash } from './store.js';

/**
 * A browser's Cache, or a caller's object with match and put. Without `delete` and `keys`, old entries stay until they
 * are overwritten.
 * @typedef {object} CacheLike
 * @property {(key: string) => Promise<Response | undefined>} match
 * @property {(key: string, response: Response) => Promise<unknown>} put
 * @property {(key: string) => Promise<unknown>} [delete]
 * @property {() => Promise<readonly (Request | string)[]>} [keys]
 */

/** The query parameter that distinguishes an entry's address from the file's own. */
const PARAMETER = 'wembed';

/** The largest input, in bytes, that crypto.subtle is given. */
const HASHED_BYTES = 2 ** 26;

/** The header that holds an entry's length. */
const LENGTH = 'X-Wembed-Length';

/** The name of the Cache in browsers. */
const NAME = 'wembed';

/**
 * Entries in a Cache, which stores a response completely or not at all.
 */
export class CacheStore {
  #cache;

  /** @param {CacheLike} cache */
  constructor(cache) {
    this.#cache = cache;
  }

  /** @returns {Promise<CacheStore | undefined>} undefined if there is no Cache: insecure or opaque origins */
  static async open() {
    const cache = await browserCache(NAME);
    return cache && new CacheStore(/** @type {CacheLike} */ (cache));
  }

  /**
   * @param {string} url
   * @returns {Promise<import('./store.js').FileRecord | undefined>}
   */
  async record(url) {
    const response = await this.#match(address(url, 'record'));
    return (await response?.json().catch(() => undefined)) ?? undefined;
  }

  /**
   * @param {string} url
   * @param {import('./store.js').FileRecord} record
   */
  async setRecord(url, record) {
    await this.#cache.put(address(url, 'record'), new Response(JSON.stringify(record)));
  }

  /** @param {string} key */
  async #match(key) {
    return (await this.#cache.match(key)) ?? undefined;
  }

  /**
   * @param {import('./store.js').Key} key
   * @returns {Promise<import('./source.js').ByteSource | undefined>}
   */
  async get({ url, version, part }) {
    const key = address(url, version, part);
    const response = await this.#match(key);
    if (!response) return undefined;
    const length = response.headers.get(LENGTH);
    const blob = await response.blob();
    if (length === null || blob.size === Number(length)) return storedSource(blob);
    await this.#cache.delete?.(key);
    return undefined;
  }

  /**
   * @param {import('./store.js').Key} key
   * @param {import('./store.js').Expected} expected
   * @returns {Promise<import('./store.js').Writer>}
   */
  async put({ url, version, part }, { length, sha256 }) {
    const key = address(url, version, part);
    const feed = new Feed();
    /** @type {Record<string, string>} */
    const headers = length === undefined ? {} : { [LENGTH]: String(length) };
    const stored = Promise.resolve(this.#cache.put(key, new Response(feed.stream, { headers })));
    let ended = false;
    stored.catch(() => {}).finally(() => (ended = true)); // the writer gets the error
    const abort = async () => {
      feed.fail();
      await stored.catch(() => {});
      await this.#cache.delete?.(key); // a Cache has stored nothing, but a caller's object might have
    };
    /** @type {Uint8Array[] | undefined} collected if they are to be hashed */
    const parts = sha256 && length !== undefined && length <= HASHED_BYTES ? [] : undefined;
    return {
      abort,
      write: async (bytes) => {
        parts?.push(bytes);
        if (ended) return stored.then(() => {});
        await Promise.race([feed.write(bytes), stored]); // if storing has failed, nobody reads the feed
      },
      commit: async () => {
        try {
          if (parts) await checkHash(url, parts, /** @type {string} */ (sha256));
          feed.end();
          await stored;
        } catch (error) {
          await abort();
          throw error;
        }
      },
    };
  }

  /**
   * @param {string} url
   * @param {string} [keep]
   */
  async remove(url, keep) {
    // An object of the caller's may have no list: what no record speaks of is not used.
    if (!this.#cache.keys && keep === undefined) await this.#cache.put(address(url, 'record'), new Response('null'));
    for (const entry of await this.#entries()) {
      const tag = tagOf(entry) ?? [];
      const old = keep === undefined || (tag.length > 1 && tag[0] !== keep);
      if (old && entry === address(url, ...tag)) await this.#cache.delete?.(entry);
    }
  }

  /** @param {string} prefix */
  async removeAll(prefix) {
    for (const entry of await this.#entries()) {
      if (entry.startsWith(prefix) && tagOf(entry)) await this.#cache.delete?.(entry);
    }
  }

  async #entries() {
    const keys = (await this.#cache.keys?.()) ?? [];
    return keys.map((key) => (typeof key === 'string' ? key : key.url));
  }
}

/** A stream of written bytes at the reader's pace; aborting never waits. */
class Feed {
  #controller = /** @type {ReadableStreamDefaultController<Uint8Array>} */ (/** @type {unknown} */ (undefined));
  #pulled = () => {};
  stream = new ReadableStream({
    start: (controller) => {
      this.#controller = controller;
    },
    pull: () => this.#pulled(),
    cancel: () => this.#pulled(),
  });

  /** @param {Uint8Array} bytes */
  async write(bytes) {
    const taken = new Promise((resolve) => (this.#pulled = () => resolve(null)));
    this.#controller.enqueue(bytes.slice()); // readers may transfer the buffer
    if ((this.#controller.desiredSize ?? 0) <= 0) await taken;
  }

  end() {
    this.#controller.close();
  }

  fail() {
    this.#controller.error(new Error('aborted'));
  }
}

/**
 * An entry's key: Caches accept addresses only.
 * @param {string} url
 * @param {string[]} tag
 */
function address(url, ...tag) {
  const key = new URL(url);
  key.searchParams.append(PARAMETER, JSON.stringify(tag));
  return key.href;
}

/**
 * @param {string} entry
 * @returns {string[] | undefined} undefined if it is not an entry of wembed
 */
function tagOf(entry) {
  const tag = URL.canParse(entry) && new URL(entry).searchParams.getAll(PARAMETER).at(-1);
  try {
    return tag ? JSON.parse(tag) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} url
 * @param {Uint8Array[]} parts
 * @param {string} sha256
 */
async function checkHash(url, parts, sha256) {
  const subtle = subtleCrypto();
  if (!subtle) return;
  const bytes = await new Blob(/** @type {Uint8Array<ArrayBuffer>[]} */ (parts)).arrayBuffer();
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256) throw wrongHash(url, found, sha256);
}

/**
 * @param {Blob} blob
 * @returns {import('./source.js').ByteSource}
 */
const storedSource = (blob) => ({
  byteLength: blob.size,
  slice: (start, end) => blob.slice(start, end).arrayBuffer(),
  stream: (_, start, end) => chunks(blob.slice(start, end).stream()),
});

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* chunks(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
