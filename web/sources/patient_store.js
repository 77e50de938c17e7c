// A cache that gives no answer must not keep a load waiting: a disk or a network folder may hang.

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Key} Key */

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} patience milliseconds
 * @param {() => void} [late] called when they are over
 * @returns {Promise<T>}
 */
export function inTime(promise, patience, late) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late?.();
      reject(new Error(`the cache gave no answer for ${patience} ms`));
    }, patience);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * A store whose answers are waited for only so long. After the first that does not come nothing more is asked of it.
 * @implements {Store}
 */
export class PatientStore {
  #store;
  #patience;
  #hangs = false;

  /**
   * @param {Store} store
   * @param {number} patience milliseconds
   */
  constructor(store, patience) {
    this.#store = store;
    this.#patience = patience;
  }

  /**
   * @template T
   * @param {() => Promise<T>} call
   * @returns {Promise<T>}
   */
  async #ask(call) {
    if (this.#hangs) throw new Error('the cache hangs');
    return inTime(call(), this.#patience, () => (this.#hangs = true));
  }

  /** @param {string} url */
  record(url) {
    return this.#ask(() => this.#store.record(url));
  }

  /**
   * @param {string} url
   * @param {import('./store.js').FileRecord} record
   */
  setRecord(url, record) {
    return this.#ask(() => this.#store.setRecord(url, record));
  }

  /** @param {Key} key */
  get(key) {
    return this.#ask(() => this.#store.get(key));
  }

  /**
   * @param {Key} key
   * @param {import('./store.js').Expected} expected
   * @returns {Promise<import('./store.js').Writer>}
   */
  async put(key, expected) {
    const writer = await this.#ask(() => this.#store.put(key, expected));
    return {
      write: (bytes) => this.#ask(() => writer.write(bytes)),
      commit: () => this.#ask(() => writer.commit()),
      abort: () => this.#ask(() => writer.abort()),
    };
  }

  /**
   * @param {string} url
   * @param {string} [kept]
   */
  remove(url, kept) {
    return this.#ask(() => this.#store.remove(url, kept));
  }

  /** @param {string} root */
  removeAll(root) {
    return this.#ask(() => this.#store.removeAll(root));
  }
}
