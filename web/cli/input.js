// Lines of files and of standard input, in batches that are never larger than they need be.
import { createReadStream } from 'node:fs';
import { WembedError } from '../index.js';

/**
 * Lines that were read together.
 * @typedef {{ lines: string[], utf8: Buffer | undefined, first: number, bytes: number, file: string }} Batch utf8: the lines as
 *   they were read, if they are valid; first: the number of the first line, counted from 1 over all files; bytes: read so far
 */

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
/** A read takes so many bytes at most; a pipe gives fewer. */
const READ = 2 ** 20;
/** The longest line: JavaScript's strings hold no more. */
const LONGEST = 2 ** 29 - 24;

/** Bytes of a line that has not ended yet. */
class Rest {
  /** @type {Buffer[]} */
  #parts = [];
  #length = 0;

  /** @param {Buffer} part @param {() => string} place */
  push(part, place) {
    this.#length += part.length;
    if (this.#length > LONGEST) {
      throw new WembedError(
        'unsupported',
        `${place()} is longer than ${LONGEST} bytes: cut it into lines, with fold -s`,
      );
    }
    if (part.length > 0) this.#parts.push(part);
  }

  /** @returns {Buffer} all of them; there are none afterwards */
  take() {
    const all = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    [this.#parts, this.#length] = [[], 0];
    return all;
  }

  get length() {
    return this.#length;
  }
}

/** UTF-8 to lines. */
class LineDecoder {
  #strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #lossy = new TextDecoder('utf-8', { ignoreBOM: true });
  #isLossy;
  /** After a fault: so many bytes stand before its line. */
  good = 0;

  /** @param {boolean} isLossy */
  constructor(isLossy) {
    this.#isLossy = isLossy;
  }

  /**
   * @param {Buffer} bytes whole lines, without the last newline
   * @param {number} first the number of the first
   * @param {string} file for messages
   * @returns {string[]}
   */
  lines(bytes, first, file) {
    const text = this.#text(bytes, first, file);
    const lines = text.split('\n');
    return bytes.includes(CARRIAGE_RETURN)
      ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
      : lines;
  }

  /** @param {Buffer} bytes @param {number} first @param {string} file */
  #text(bytes, first, file) {
    if (this.#isLossy) return this.#lossy.decode(bytes);
    try {
      return this.#strict.decode(bytes);
    } catch (cause) {
      const { line, byte, start } = this.#wrongPlace(bytes, first);
      this.good = start;
      const where = `line ${line} of ${file} is not UTF-8, from its byte ${byte} on`;
      throw new WembedError('bad_file', `${where}: convert it with iconv, or pass --lossy`, { cause, reason: 'utf8' });
    }
  }

  /** @param {Buffer} bytes @param {number} line */
  #wrongPlace(bytes, line) {
    for (let start = 0; ; line++) {
      const end = bytes.indexOf(NEWLINE, start);
      const one = bytes.subarray(start, end < 0 ? bytes.length : end);
      const good = Buffer.from(this.#lossy.decode(one));
      let same = 0;
      while (same < one.length && good[same] === one[same]) same++;
      if (same < one.length || end < 0) return { line, byte: same + 1, start };
      start = end + 1;
    }
  }
}

/**
 * The lines of files, or of standard input where there are none or where a name is '-'. The last newline ends a line and
 * begins none; an empty line is a line.
 * @param {string[]} files
 * @param {{ lossy?: boolean }} options
 * @returns {AsyncGenerator<Batch>}
 */
export async function* readLines(files, { lossy = false }) {
  const decoder = new LineDecoder(lossy);
  let [first, bytes] = [1, 0];
  for (const name of files.length > 0 ? files : ['-']) {
    const file = name === '-' ? 'standard input' : name;
    const rest = new Rest();
    /** @param {Buffer} whole @returns {Batch} */
    const batch = (whole) => {
      const lines = decoder.lines(whole, first, file);
      first += lines.length;
      return { lines, utf8: lossy ? undefined : whole, first: first - lines.length, bytes, file };
    };
    /** What stands before a line that is wrong comes before its error. @param {Buffer} whole */
    const batches = function* (whole) {
      let fault;
      try {
        yield batch(whole);
        return;
      } catch (error) {
        fault = error;
      }
      if (decoder.good > 0) yield batch(whole.subarray(0, decoder.good - 1));
      throw fault;
    };
    for await (const chunk of openInput(name)) {
      bytes += chunk.length;
      const end = chunk.lastIndexOf(NEWLINE);
      const place = () => `line ${first} of ${file}`;
      if (end < 0) rest.push(chunk, place);
      else {
        rest.push(chunk.subarray(0, end), place);
        yield* batches(rest.take());
        rest.push(Buffer.from(chunk.subarray(end + 1)), place);
      }
    }
    if (rest.length > 0) yield* batches(rest.take());
  }
}

/** @param {string} name @returns {AsyncGenerator<Buffer>} */
async function* openInput(name) {
  try {
    yield* name === '-' ? process.stdin : createReadStream(name, { highWaterMark: READ });
  } catch (cause) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause);
    if (code === 'ENOENT') throw new WembedError('not_found', `there is no file ${name}`, { cause });
    throw new WembedError('bad_file', `${name} cannot be read: ${message}`, { cause, reason: 'unreadable' });
  }
}

/**
 * A line as it was meant: itself, or what its JSON says.
 * @typedef {{ text: string, record: Record<string, unknown>, json: string, line: number }} Row record: the object that a line
 *   was, or its text; json: the line, where it was JSON; line: its number, from 1
 */

/**
 * @param {Batch} batch
 * @param {{ jsonl?: boolean, field?: string }} options
 * @returns {Row[]}
 */
export function rowsOf(batch, options) {
  const { rows, fault } = rowsToFault(batch, options);
  if (fault) throw fault;
  return rows;
}

/**
 * The rows before the first line that is wrong, if one is.
 * @param {Batch} batch
 * @param {{ jsonl?: boolean, field?: string }} options
 * @returns {{ rows: Row[], fault?: unknown }}
 */
export function rowsToFault({ lines, first, file }, { jsonl = false, field = 'text' }) {
  if (!jsonl) return { rows: lines.map((text, i) => ({ text, record: { text }, json: '', line: first + i })) };
  /** @type {Row[]} */
  const rows = [];
  try {
    lines.forEach((line, i) => {
      if (line.trim() !== '') rows.push(rowOf(line, first + i, file, field));
    });
    return { rows };
  } catch (fault) {
    return { rows, fault };
  }
}

/** @param {string} json @param {number} line @param {string} file @param {string} field @returns {Row} */
function rowOf(json, line, file, field) {
  const place = `line ${line} of ${file}`;
  const value = parsed(json, place);
  if (typeof value === 'string') return { text: value, record: { text: value }, json, line };
  const text = Object(value)[field];
  if (typeof text === 'string') return { text, record: value, json, line };
  throw new WembedError('bad_file', `${place} has no text in '${field}': name the member with --field`);
}

/** @param {string} line @param {string} place */
function parsed(line, place) {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new WembedError('bad_file', `${place} is not JSON: ${/** @type {Error} */ (cause).message}`, { cause });
  }
}

/** @param {string[]} files @param {{ lossy?: boolean, jsonl?: boolean, field?: string }} options @returns {Promise<Row[]>} all */
export async function allRows(files, options) {
  /** @type {Row[]} */
  const rows = [];
  for await (const batch of readLines(files, options)) for (const row of rowsOf(batch, options)) rows.push(row);
  return rows;
}

/** @param {string[]} files @param {{ lossy?: boolean, jsonl?: boolean, field?: string }} options @returns {AsyncGenerator<string>} */
export async function* allTexts(files, options) {
  for await (const batch of readLines(files, options)) for (const { text } of rowsOf(batch, options)) yield text;
}
