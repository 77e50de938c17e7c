import { handleSource, makeFolder } from './folder.js';
import { builtin } from './platform.js';
import { chunksOf } from './source.js';
import { wrongHash } from './store.js';

/**
 * The end of an entry's file: the expected hash and length. Fixed in length, so that a truncated file never ends in
 * one.
 */
const TRAILER = 'wembed-1';
const TRAILER_BYTES = TRAILER.length + 1 + 64 + 1 + 16;

/** Entries that this process has verified: path, time and size. @type {Set<string>} */
const verified = new Set();

/** Entries up to this many bytes are read again before their first use; larger entries must have the right length. */
const CHECKED_BYTES = 2 ** 26;

/** A partial file of a dead process is removed after this time. */
const ABANDONED_MS = 3600_000;

const FOLDER = /^[0-9a-f]{32}$/;
const ENTRY = /^[0-9a-f]{16}\./;
const PARTIAL = /^partial-(\d+)-([0-9a-f]+)-/;

/**
 * Entries as files in a folder, in Node:
 *
 *     <folder>/<sha256 of the address>/record.json
 *     <folder>/<sha256 of the address>/<sha256 of the version>.<part>   bytes, then their sha256 and count
 *
 * Files are written under a temporary name and renamed, so that other processes see a complete file or none.
 */
export class FolderStore {
  #path;
  #node;
  #host;

  /**
   * @param {string} path
   * @param {NodeModules} node
   */
  constructor(path, node) {
    this.#path = path;
    this.#node = node;
    this.#host = this.#hash(node.os.hostname()).slice(0, 8);
  }

  /**
   * @param {string} [path] default: WEMBED_CACHE, else the user's cache folder
   * @returns {Promise<FolderStore>}
   */
  static async open(path) {
    const node = await nodeModules();
    const { env } = node.process;
    const user = () => env.XDG_CACHE_HOME || node.path.join(node.os.homedir(), '.cache');
    return new FolderStore(path || env.WEMBED_CACHE || node.path.join(user(), 'wembed'), node);
  }

  /** @param {string} text */
  #hash(text) {
    return this.#node.crypto.createHash('sha256').update(text).digest('hex');
  }

  /** @param {string} url */
  #folder(url) {
    return this.#node.path.join(this.#path, this.#hash(url).slice(0, 32));
  }

  /** @param {import('./store.js').Key} key */
  #file({ url, version, part }) {
    return this.#node.path.join(this.#folder(url), `${this.#hash(version).slice(0, 16)}.${part}`);
  }

  /**
   * @param {string} url
   * @returns {Promise<import('./store.js').FileRecord | undefined>}
   */
  async record(url) {
    return (await this.#readRecord(this.#folder(url)))?.record;
  }

  /**
   * @param {string} folder
   * @returns {Promise<{ url: string, record: import('./store.js').FileRecord } | undefined>}
   */
  async #readRecord(folder) {
    try {
      return JSON.parse(await this.#node.fs.readFile(this.#node.path.join(folder, 'record.json'), 'utf8'));
    } catch {
      return undefined; // missing or damaged
    }
  }

  /**
   * @param {string} url
   * @param {import('./store.js').FileRecord} record
   */
  async setRecord(url, record) {
    const folder = this.#folder(url);
    const partial = await this.#partial(folder);
    try {
      await this.#node.fs.writeFile(partial, JSON.stringify({ url, record }));
      await this.#node.fs.rename(partial, this.#node.path.join(folder, 'record.json'));
    } catch (error) {
      await this.#node.fs.rm(partial, { force: true });
      throw error;
    }
  }

  /**
   * @param {import('./store.js').Key} key
   * @returns {Promise<import('./source.js').ByteSource | undefined>}
   */
  async get(key) {
    const path = this.#file(key);
    const handle = await this.#node.fs.open(path, 'r').catch(() => undefined);
    if (!handle) return undefined;
    let length;
    try {
      length = await this.#verify(handle, path);
    } catch {
      length = undefined;
    }
    if (length !== undefined) return handleSource(handle, length, `${key.url} in the cache`);
    await handle.close();
    await this.#node.fs.rm(path, { force: true }).catch(() => {});
    return undefined;
  }

  /**
   * @param {import('node:fs/promises').FileHandle} handle
   * @param {string} path
   * @returns {Promise<number | undefined>} the entry's length; undefined if it is damaged
   */
  async #verify(handle, path) {
    const { size, mtimeMs } = await handle.stat();
    const length = size - TRAILER_BYTES;
    if (length < 0) return undefined;
    const trailer = new Uint8Array(TRAILER_BYTES);
    await handle.read(trailer, 0, TRAILER_BYTES, length);
    const [magic, sha256, count] = new TextDecoder().decode(trailer).split(' ');
    if (magic !== TRAILER || Number.parseInt(count, 16) !== length) return undefined;
    const name = `${path} ${size} ${mtimeMs}`;
    if (length > CHECKED_BYTES || verified.has(name)) return length;
    const hash = this.#node.crypto.createHash('sha256');
    for await (const bytes of chunksOf(handleSource(handle, length, path))) hash.update(bytes);
    if (hash.digest('hex') !== sha256) return undefined;
    verified.add(name);
    return length;
  }

  /**
   * @param {import('./store.js').Key} key
   * @param {import('./store.js').Expected} expected
   * @returns {Promise<import('./store.js').Writer>}
   */
  async put(key, { sha256 }) {
    const { fs, crypto } = this.#node;
    const folder = this.#folder(key.url);
    const partial = await this.#partial(folder);
    const handle = await fs.open(partial, 'wx');
    const hash = crypto.createHash('sha256');
    let length = 0;
    const abort = async () => {
      await handle.close().catch(() => {});
      await fs.rm(partial, { force: true }).catch(() => {});
    };
    return {
      abort,
      write: async (bytes) => {
        hash.update(bytes);
        length += bytes.length;
        for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
      },
      commit: async () => {
        const found = hash.digest('hex');
        try {
          if (sha256 && found !== sha256) throw wrongHash(key.url, found, sha256);
          await handle.write(`${TRAILER} ${found} ${length.toString(16).padStart(16, '0')}`);
          await handle.close();
          await fs.rename(partial, this.#file(key));
        } catch (error) {
          await abort();
          throw error;
        }
      },
    };
  }

  /**
   * A temporary name for a file being written. Files left by dead processes are removed.
   * @param {string} folder created if necessary
   */
  async #partial(folder) {
    const { fs, path, crypto } = this.#node;
    await makeFolder(folder);
    for (const name of await fs.readdir(folder)) {
      const file = path.join(folder, name);
      if (PARTIAL.test(name) && (await this.#abandoned(file, name))) await fs.rm(file, { force: true });
    }
    const unique = crypto.randomBytes(8).toString('hex');
    return path.join(folder, `partial-${this.#node.process.pid}-${this.#host}-${unique}`);
  }

  /**
   * @param {string} file
   * @param {string} name
   */
  async #abandoned(file, name) {
    const [, pid, host] = /** @type {RegExpExecArray} */ (PARTIAL.exec(name));
    if (host === this.#host && !this.#isRunning(Number(pid))) return true;
    const stat = await this.#node.fs.stat(file).catch(() => undefined);
    return !!stat && Date.now() - stat.mtimeMs > ABANDONED_MS;
  }

  /** @param {number} pid */
  #isRunning(pid) {
    try {
      this.#node.process.kill(pid, 0);
      return true;
    } catch (error) {
      return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
    }
  }

  /**
   * @param {string} url
   * @param {string} [keep]
   */
  async remove(url, keep) {
    const { fs, path } = this.#node;
    const folder = this.#folder(url);
    if (keep === undefined) {
      await fs.rm(folder, { recursive: true, force: true });
      return;
    }
    const current = this.#hash(keep).slice(0, 16);
    for (const file of await fs.readdir(folder).catch(() => [])) {
      if (ENTRY.test(file) && !file.startsWith(current)) await fs.rm(path.join(folder, file), { force: true });
    }
  }

  /** @param {string} prefix '' for everything */
  async removeAll(prefix) {
    const { fs, path } = this.#node;
    for (const name of await fs.readdir(this.#path).catch(() => [])) {
      if (!FOLDER.test(name)) continue; // files of the user
      const folder = path.join(this.#path, name);
      if (prefix && !String((await this.#readRecord(folder))?.url).startsWith(prefix)) continue;
      await fs.rm(folder, { recursive: true, force: true });
    }
  }
}

/**
 * @typedef {object} NodeModules
 * @property {typeof import('node:fs/promises')} fs
 * @property {typeof import('node:path')} path
 * @property {typeof import('node:os')} os
 * @property {typeof import('node:crypto')} crypto
 * @property {typeof import('node:process')} process
 */

/** @returns {Promise<NodeModules>} */
async function nodeModules() {
  const found = await Promise.all([
    builtin('fs/promises'),
    builtin('path'),
    builtin('os'),
    builtin('crypto'),
    builtin('process'),
  ]);
  const [fs, path, os, crypto, process] = /** @type {{ [K in keyof typeof found]: NonNullable<(typeof found)[K]> }} */ (
    found
  );
  return { fs, path, os, crypto, process };
}
