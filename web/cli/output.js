// Where results go: standard output, which waits for whoever reads it, or a file, which is there when it is whole.
import { randomUUID } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WembedError } from '../index.js';
import { usage } from './options.js';

/** @param {Uint8Array | string} bytes @returns {Promise<void>} once they are taken: no more is made before */
export function print(bytes) {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Refuses to write over what is read.
 * @param {import('./options.js').CommandLine} given
 * @param {(string | undefined)[]} inputs paths; others are ignored
 */
export function refuseInputs({ name, options: { output } }, inputs) {
  const isSame = (/** @type {string | undefined} */ input) => input !== undefined && isSameFile(input, output ?? '-');
  if (inputs.some(isSame)) throw usage(name, `${output} is what is read: name another file with --output`);
}

/** @param {string} a @param {string} b */
function isSameFile(a, b) {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (!one || !other || !(one.isFile() || one.isDirectory())) return false;
  return one.dev === other.dev && one.ino === other.ino;
}

/** Files that are not whole yet: none of them stays where somebody ends the program. @type {Set<string>} */
const parts = new Set();
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @param {NodeJS.Signals} signal */
function endBy(signal) {
  for (const part of parts) rmSync(part, { force: true });
  for (const each of SIGNALS) process.off(each, endBy);
  process.kill(process.pid, signal); // as if nobody had listened
}

/** @param {string} part */
function keepUntilWhole(part) {
  if (parts.size === 0) for (const signal of SIGNALS) process.on(signal, endBy);
  parts.add(part);
}

/** @param {string} part */
function forget(part) {
  parts.delete(part);
  if (parts.size === 0) for (const signal of SIGNALS) process.off(signal, endBy);
}

/** Standard output, a file, or what a path may name besides: a device, a named pipe. */
export class Output {
  #path;
  #needsHead;
  #part = '';
  /** @type {import('node:fs/promises').FileHandle | undefined} */
  #device;
  /** @type {import('node:fs/promises').FileHandle | undefined} */
  #file;
  #isSpooled;
  #length = 0;

  /**
   * @param {string | undefined} path undefined or '-': standard output
   * @param {boolean} [needsHead] whether the first bytes are known only at the end: standard output then goes by a file
   */
  constructor(path, needsHead = false) {
    this.#path = path === '-' ? undefined : path;
    this.#needsHead = needsHead;
    this.#isSpooled = this.#path === undefined && needsHead;
    this.#setPart();
  }

  #setPart() {
    const part = `${randomUUID()}.part`;
    this.#part = this.#isSpooled ? join(tmpdir(), `wembed-${part}`) : `${this.#path}.${part}`;
  }

  /** The file that bytes go to first, if they do. */
  async #opened() {
    try {
      if (!this.#file && !this.#device) await this.#openDevice();
      if ((this.#path === undefined || this.#device) && !this.#isSpooled) return undefined;
      if (this.#file) return this.#file;
      keepUntilWhole(this.#part);
      return (this.#file = await open(this.#part, 'wx+'));
    } catch (cause) {
      throw this.#unwritable(cause);
    }
  }

  /** A file takes the place of what was there; a device or a pipe stays, and takes the bytes. */
  async #openDevice() {
    if (this.#path === undefined) return;
    const there = await stat(this.#path).catch(() => undefined);
    if (!there || there.isFile()) return;
    this.#device = await open(this.#path, 'w');
    this.#isSpooled = this.#needsHead;
    this.#setPart();
  }

  /** @param {unknown} cause */
  #unwritable(cause) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause);
    // The system's message ends in the name of the file that is written first.
    const reason = code === 'ENOENT' ? 'its folder does not exist' : message.replace(/, \w+ '.*$/s, '');
    return new WembedError('invalid_argument', `${this.#path} cannot be written: ${reason}`, { cause });
  }

  /** @param {Uint8Array} bytes for standard output or a device */
  #give(bytes) {
    return this.#device ? this.#put(this.#device, bytes) : print(bytes);
  }

  /**
   * @param {import('node:fs/promises').FileHandle} file
   * @param {Uint8Array} bytes
   * @param {number} [position]
   */
  async #put(file, bytes, position) {
    await writeAll(file, bytes, position).catch((cause) => {
      throw cause.code === 'EPIPE' ? cause : this.#unwritable(cause);
    });
  }

  /** @param {Uint8Array | string} data */
  async write(data) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const file = await this.#opened();
    if (file) await this.#put(file, bytes, this.#length);
    else await this.#give(bytes);
    this.#length += bytes.length;
  }

  get isTerminal() {
    return this.#path === undefined && process.stdout.isTTY === true;
  }

  /**
   * For another thread, which writes the rest: `write` must not be called after this.
   * @returns {Promise<import('./vector_writer.js').Target>}
   */
  async target() {
    const file = await this.#opened();
    if (file) return { fd: file.fd, position: this.#length };
    if (this.#device) return { fd: this.#device.fd, position: null };
    // Whoever writes waits in the system for the reader: the thread has nothing else to do.
    const { _handle: handle } = /** @type {{ _handle?: { setBlocking?: (on: boolean) => void } }} */ (
      /** @type {unknown} */ (process.stdout)
    );
    handle?.setBlocking?.(true);
    return { fd: 1, position: null };
  }

  /** @param {NodeJS.ErrnoException} cause what another thread met @returns {unknown} the error that `write` would throw */
  failure(cause) {
    return this.#path === undefined || cause.code === 'EPIPE' ? cause : this.#unwritable(cause);
  }

  /** @param {Uint8Array} [head] takes the place of the first bytes */
  async close(head) {
    const file = await this.#opened();
    if (!file) return this.#device?.close();
    if (head) await this.#put(file, head, 0);
    if (this.#isSpooled) {
      for (let at = 0; ;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(2 ** 20), 0, 2 ** 20, at);
        if (bytesRead === 0) break;
        await this.#give(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
      return this.abandon();
    }
    await file.sync();
    await file.close();
    await rename(this.#part, /** @type {string} */ (this.#path));
    forget(this.#part);
  }

  /** Leaves nothing behind. */
  async abandon() {
    for (const file of [this.#file, this.#device]) await file?.close().catch(() => {});
    if (this.#file) await rm(this.#part, { force: true });
    forget(this.#part);
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {Uint8Array} bytes
 * @param {number} [position] undefined: after what was written before
 */
async function writeAll(file, bytes, position) {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(
      bytes,
      at,
      bytes.length - at,
      position === undefined ? null : position + at,
    );
    at += bytesWritten;
  }
}

/**
 * Writes an output to its end, or leaves nothing.
 * @template T
 * @param {Output} output
 * @param {() => Promise<T>} write
 */
export async function writing(output, write) {
  try {
    return await write();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
