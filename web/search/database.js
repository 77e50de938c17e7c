// Indexes in the browser's database (IndexedDB).
import { WembedError, shown } from '../core/errors.js';

/**
 * An index in the browser's database, where every tab of the origin finds it.
 * @typedef {object} DatabaseIndex
 * @property {string} database its name
 * @property {boolean} [overwrite] whether what another tab has saved under this name since this index was loaded or saved may
 *   be lost; default false: then saving is an error
 */

/** @typedef {{ version: string, bytes: Uint8Array<ArrayBuffer> }} Saved */

const DATABASE = 'wembed-indexes';
const STORE = 'indexes';

/** The version that each index was last loaded or saved with, by name. @type {WeakMap<object, Map<string, string>>} */
const known = new WeakMap();

/**
 * Notes the version of what an index was read from or written to.
 * @param {object} index
 * @param {string} name
 * @param {string} version
 */
export function noteVersion(index, name, version) {
  const versions = known.get(index) ?? new Map();
  known.set(index, versions.set(name, version));
}

/** @returns {Promise<IDBDatabase>} */
async function openDatabase() {
  if (!globalThis.indexedDB) throw new WembedError('unsupported', 'there is no IndexedDB here');
  const opening = globalThis.indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return resultOf(opening);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {string} name
 * @returns {Promise<Saved>} errors: `not_found`, `unsupported`
 */
export async function readDatabase(name) {
  const database = await openDatabase();
  try {
    /** @type {Saved | undefined} */
    const saved = await resultOf(database.transaction(STORE).objectStore(STORE).get(name));
    if (saved) return saved;
  } finally {
    database.close();
  }
  throw new WembedError('not_found', `the database has no index '${shown(name)}'`);
}

/**
 * @param {string} name
 * @param {unknown} cause
 * @returns {WembedError} `reason`: 'quota' where there is no more room
 */
export function unwritable(name, cause) {
  const { message, code, name: kind } = Object(cause);
  const reason = kind === 'QuotaExceededError' || code === 'ENOSPC' ? 'quota' : undefined;
  // The system's message ends in the name of the file that is written first.
  const what = message ? shown(String(message).replace(/, \w+ '.*$/s, '')) : shown(kind);
  return new WembedError('invalid_argument', `'${name}' cannot be written: ${what}`, { cause, reason });
}

/**
 * Writes all of the bytes, or leaves what was there. What is there is compared and replaced in one transaction, which no
 * other tab's can come between.
 * @param {object} index whose bytes they are
 * @param {DatabaseIndex} target checked
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function writeDatabase(index, { database: name, overwrite = false }, bytes) {
  const version = crypto.randomUUID();
  const database = await openDatabase();
  try {
    const transaction = database.transaction(STORE, 'readwrite');
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    done.catch(() => {}); // awaited below, after the request before it may have failed
    const store = transaction.objectStore(STORE);
    /** @type {Saved | undefined} */
    const there = await resultOf(store.get(name));
    if (there && !overwrite && there.version !== known.get(index)?.get(name)) {
      transaction.abort();
      throw new WembedError(
        'invalid_argument',
        `the index '${shown(name)}' was saved elsewhere since this one was loaded or saved: load it again, or pass overwrite: true`,
        { reason: 'conflict' },
      );
    }
    store.put({ version, bytes }, name);
    await done;
  } catch (cause) {
    throw cause instanceof WembedError ? cause : unwritable(shown(name), cause);
  } finally {
    database.close();
  }
  noteVersion(index, name, version);
}
