// Where the bytes of an index go, and come from.
import { mustBe, optionsOf, tagOf } from '../core/arguments.js';
import { WembedError, shown, isA, isRevoked, asObject } from '../core/errors.js';
import { openFile } from '../sources/location.js';
import { builtin } from '../sources/platform.js';
import { flag } from '../core/numbers.js';
import { Reader } from '../sources/reader.js';
import { noteVersion, readDatabase, writeDatabase, unwritable } from './database.js';
import { readIndex } from './index_reader.js';

/** @typedef {import('./collection.js').Collection} Collection */
/** @typedef {import('./database.js').DatabaseIndex} DatabaseIndex */

/**
 * The handle of a file, as the page's private file system has them (OPFS): a FileSystemFileHandle, whose name is not known
 * to programs that are compiled for Node alone.
 * @typedef {object} FileHandle
 * @property {string} name the file's name
 * @property {() => Promise<Blob>} getFile what it holds
 * @property {(options?: { mode: 'exclusive' }) => Promise<{ write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>, close: () => Promise<void>,
 *   abort: () => Promise<void> }>} createWritable writes it anew: on close, all at once
 */

/**
 * Where an index is saved: a path (in Node), the handle of a file, or a name in the browser's database.
 * @typedef {string | URL | FileHandle | DatabaseIndex} IndexTarget
 */

/**
 * Where an index is: its bytes, a Blob or File, an address, a path (in Node), the handle of a file, or a name in the browser's
 * database.
 * @typedef {string | URL | Uint8Array | ArrayBuffer | Blob | FileHandle | DatabaseIndex} IndexSource
 */

/**
 * Writes all of the bytes, or leaves what was there.
 * @param {IndexTarget} target
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Collection} collection whose bytes they are
 */
export async function writeTo(target, bytes, collection) {
  const named = databaseOf(target);
  if (named) {
    return writeDatabase(collection, named, bytes).catch((cause) => {
      throw cause instanceof WembedError ? cause : unwritable(named.database, cause);
    });
  }
  if (typeof asObject(target).createWritable === 'function') {
    return writeToHandle(/** @type {FileHandle} */ (target), bytes);
  }
  if (!(typeof target === 'string' && target !== '') && !isA(target, URL)) {
    throw mustBe('what save takes', 'a path, the handle of a file or { database }', target);
  }
  const [fs, url] = await Promise.all([builtin('fs/promises'), builtin('url')]);
  if (!fs || !url) throw new WembedError('unsupported', `'${target}' is a path, and paths can only be written in Node`);
  const path = /^file:/.test(String(target)) ? url.fileURLToPath(target) : String(target);
  const there = await fs.stat(path).catch(() => undefined);
  if (there && !there.isFile()) throw mustBe('what save takes', 'the path of a file', path);
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    const file = await fs.open(part, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(part, path);
  } catch (cause) {
    await fs.rm(part, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

/**
 * @param {FileHandle} handle
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function writeToHandle(handle, bytes) {
  try {
    const stream = await createWritable(handle); // takes the file's place when it is closed
    try {
      await stream.write(bytes);
      await stream.close();
    } catch (error) {
      await stream.abort().catch(() => {});
      throw error;
    }
  } catch (cause) {
    throw unwritable(shown(handle.name), cause);
  }
}

/**
 * A stream that no other tab can have at the same time, in browsers that know such.
 * @param {FileHandle} handle
 */
const createWritable = (handle) => handle.createWritable({ mode: 'exclusive' });

/**
 * @param {unknown} place
 * @returns {DatabaseIndex | undefined} undefined for what is no name in a database
 */
function databaseOf(place) {
  if (typeof place !== 'object' || place === null || isRevoked(place) || !('database' in place)) return undefined;
  const { database, overwrite } = optionsOf('a place in the database', /** @type {DatabaseIndex} */ (place), [
    'database',
    'overwrite',
  ]);
  if (typeof database !== 'string' || database === '') throw mustBe('database', 'a name', database);
  return { database, overwrite: overwrite === undefined ? false : flag('overwrite', overwrite) };
}

/**
 * @param {IndexSource} source
 * @param {import('./index_reader.js').LoadIndexOptions} options
 * @returns {Promise<Collection>}
 */
export async function loadFrom(source, options) {
  const named = databaseOf(source);
  if (!named) return readIndex(await readFrom(source), options);
  const { version, bytes } = await readDatabase(named.database);
  const collection = await readIndex(bytes, options);
  noteVersion(collection, named.database, version);
  return collection;
}

/**
 * @param {IndexSource} source
 * @returns {Promise<Uint8Array>}
 */
async function readFrom(source) {
  if (tagOf(source) === 'Uint8Array') return /** @type {Uint8Array} */ (source);
  if (isA(source, ArrayBuffer)) return new Uint8Array(source);
  if (typeof asObject(source).getFile === 'function') {
    return readFrom(await /** @type {FileHandle} */ (source).getFile());
  }
  const location = /** @type {string | URL | Blob} */ (source);
  const opened = await openFile(location);
  const name = typeof location === 'string' || isA(location, URL) ? String(location) : 'the file given';
  if (!opened) throw new WembedError('not_found', `there is no file ${name}`);
  const reader = new Reader(opened, name, {});
  /** @type {Uint8Array[]} */
  const parts = [];
  try {
    for (let part; (part = await reader.next(2 ** 22));) parts.push(part.slice());
  } finally {
    await reader.cancel();
    await opened.close?.();
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
