import { readNumber, readNumbers } from './decimal.js';
import { MAX_DIM, batchRows, latin1, refusal } from '../../formats/row_batches.js';
import { MAX_KEY } from './vector_file.js';

/** @typedef {import('../../formats/byte_window.js').ByteWindow} ByteWindow */
/** @typedef {import('./vector_file.js').VectorFile} VectorFile */
/** @typedef {import('./vector_file.js').VectorFileOptions} VectorFileOptions */

const [TAB, NEWLINE, RETURN, SPACE] = [9, 10, 13, 32];

/** A line that is longer holds no vector. */
const MAX_LINE = 2 ** 24;

/** Two whole numbers: rows and dim. */
const HEADER = /^(\d+)[ \t]+(\d+)[ \t\r]*$/;

/**
 * Reads the head of a file of word2vec's, GloVe's or fastText's (.vec) vectors, and finds out which it is: word2vec's
 * text and binary formats begin with a line "rows dim", as .vec does; GloVe's has none, and its dim is how many numbers
 * end its first line. (word2vec.c, glove.c; gensim's load_word2vec_format)
 *
 * A text row's last `dim` fields are its vector and what stands before them is its key, which may have spaces in it, as
 * some of GloVe's have. Fields stand between spaces or tabs, lines end with \n or \r\n. Numbers are what
 * numpy.float32(text) gives, NaN and infinities among them. Bytes of a key that are no UTF-8 become U+FFFD.
 * @param {ByteWindow} window
 * @param {string} name for messages
 * @param {VectorFileOptions} options
 * @returns {Promise<VectorFile>} as many `rows` as the header promises; undefined without one
 */
export async function openWord2vec(window, name, options) {
  await window.fill(4);
  const mark = latin1(window.bytes.subarray(window.begin, window.begin + 4));
  if (/^\xef\xbb\xbf[^ ]/.test(mark)) window.begin += 3; // a byte order mark, and not a key
  const end = await lineEnd(window, name);
  const line = latin1(window.bytes.subarray(window.begin, Math.min(end, window.begin + 64)));
  const header = end - window.begin < 64 && HEADER.exec(line);
  if (!header) return openGlove(window, name, end, options);
  const [promised, dim] = [Number(header[1]), Number(header[2])];
  if (dim < 1 || dim > MAX_DIM || promised >= 2 ** 32) throw refusal(name, `its header promises ${promised} × ${dim}`);
  window.begin = Math.min(end + 1, window.end);
  const binary = promised > 0 && (await isBinary(window, dim));
  const rows = Math.min(promised, options.limit);
  const shortest = binary ? 4 * dim + 1 : 2 * dim;
  if (rows * shortest > (options.byteLength ?? Infinity) - window.position) {
    throw refusal(name, `its header promises ${promised} × ${dim}, more than its ${options.byteLength} bytes hold`);
  }
  const read = binary ? binaryBatches : textBatches;
  return { dim, rows, batches: () => read(window, name, { ...options, dim, rows, promised, line: 2 }) };
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {number} end of the first line
 * @param {VectorFileOptions} options
 * @returns {VectorFile}
 */
function openGlove(window, name, end, options) {
  const dim = trailingNumbers(window.bytes, window.begin, end);
  if (dim < 1 || dim > MAX_DIM) {
    const first = JSON.stringify(latin1(window.bytes.subarray(window.begin, Math.min(end, window.begin + 40))));
    throw refusal(name, dim < 1 ? `its first line is no key with numbers: ${first}` : `its rows have ${dim} numbers`);
  }
  return { dim, batches: () => textBatches(window, name, { ...options, dim, rows: options.limit, line: 1 }) };
}

/**
 * Waits for a whole line.
 * @param {ByteWindow} window
 * @param {string} name
 * @returns {Promise<number>} where its line break stands in window.bytes, or would
 */
async function lineEnd(window, name) {
  for (let searched = 0; ;) {
    const end = window.bytes.indexOf(NEWLINE, window.begin + searched); // one stands at window.end
    if (end < window.end || window.done) return end;
    searched = window.length;
    if (searched > MAX_LINE) throw refusal(name, `a line is longer than ${MAX_LINE} bytes`);
    await window.more();
  }
}

/**
 * Whether what follows a header is binary: its first line does not read as text.
 * @param {ByteWindow} window
 * @param {number} dim
 */
async function isBinary(window, dim) {
  await window.fill(Math.min(MAX_LINE, 1024 + 32 * dim));
  const { bytes, begin } = window;
  const end = bytes.indexOf(NEWLINE, begin);
  if ((end < window.end || window.done) && trailingNumbers(bytes, begin, end) >= dim) return false;
  for (let i = begin; i < window.end; i++) {
    const c = bytes[i];
    if (c < SPACE && c !== TAB && c !== NEWLINE && c !== RETURN) return true;
  }
  try {
    // Numbers are hardly ever UTF-8. If all of this is text, the reader of text will tell what is wrong with it.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(begin, window.end), { stream: true });
    return false;
  } catch {
    return true;
  }
}

/** @param {number} c */
const isSpace = (c) => c === SPACE || c === TAB;

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} where something else than spaces begins
 */
function skipSpaces(bytes, begin, end) {
  while (begin < end && bytes[begin] === SPACE) begin++;
  return begin;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} where the first field ends
 */
function fieldEnd(bytes, begin, end) {
  while (begin < end && !isSpace(bytes[begin])) begin++;
  return begin;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} where the line's last field ends
 */
function trimEnd(bytes, begin, end) {
  while (end > begin && (isSpace(bytes[end - 1]) || bytes[end - 1] === RETURN)) end--;
  return end;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} how many of a line's last fields are numbers, its first not counted
 */
function trailingNumbers(bytes, begin, end) {
  let count = 0;
  for (end = trimEnd(bytes, begin, end); ; count++) {
    let start = end;
    while (start > begin && !isSpace(bytes[start - 1])) start--;
    if (start === begin || readNumber(bytes, start, end) === undefined) return count;
    for (end = start; end > begin && isSpace(bytes[end - 1]);) end--;
  }
}

/**
 * @typedef {object} RowsOptions
 * @property {import('../../core/key_index.js').KeyIndex} keys
 * @property {number} dim
 * @property {number} rows to read at most
 * @property {number} [promised] by the header, if there is one
 * @property {number} line the first row's number, from 1
 */

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {RowsOptions} options
 * @returns {AsyncGenerator<Float32Array>}
 */
async function* textBatches(window, name, { keys, dim, rows, promised, line }) {
  const batch = new Float32Array(batchRows(dim) * dim);
  let [read, count] = [0, 0];
  for (; read < rows; line++) {
    const end = await lineEnd(window, name);
    const { bytes, begin } = window;
    if (begin === window.end) break;
    const last = trimEnd(bytes, begin, end);
    window.begin = Math.min(end + 1, window.end);
    if (last === begin) continue; // an empty line
    const key = readRow(bytes, begin, last, batch, count * dim, dim);
    if (typeof key === 'string') throw refusal(name, `line ${line}: ${key}`);
    read++;
    if (keys.add(bytes, skipSpaces(bytes, begin, key), key)) count++;
    if (read % batchRows(dim) !== 0) continue; // keys that come twice count too: the caller gets its turn
    yield batch.subarray(0, count * dim);
    count = 0;
  }
  if (count > 0) yield batch.subarray(0, count * dim);
  await checkEnd(window, name, read, rows, promised);
}

/**
 * Reads a row of text: a key up to the first space and `dim` numbers, as it nearly always is; or, with spaces in its key or
 * with tabs, the last `dim` fields and what stands before them.
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end of its last field
 * @param {Float32Array} out
 * @param {number} first where in `out` its numbers go
 * @param {number} dim
 * @returns {number | string} where its key ends, or what is wrong
 */
function readRow(bytes, begin, end, out, first, dim) {
  let key = begin;
  while (key < end && bytes[key] !== SPACE) key++;
  if (readNumbers(bytes, key, end, out, first, dim)) return key;
  let start = end;
  let fields = 0;
  for (; fields < dim; fields++) {
    while (start > begin && !isSpace(bytes[start - 1])) start--;
    if (start === begin) return `${fields} numbers after a key, of ${dim}`;
    while (start > begin && isSpace(bytes[start - 1])) start--;
  }
  if (!readNumbers(bytes, start, end, out, first, dim)) return `${wrongNumber(bytes, start, end)} is no number`;
  // A key may be "1 2 3", but "word 1" is a vector of one number too many.
  const keyNumbers = trailingNumbers(bytes, begin, start);
  const isNumber = readNumber(bytes, begin, fieldEnd(bytes, begin, start)) !== undefined;
  return keyNumbers > 0 && !isNumber ? `${dim + keyNumbers} numbers, not ${dim}` : start;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {string} the first field that is no number, in quotes
 */
function wrongNumber(bytes, begin, end) {
  const fields = latin1(bytes.subarray(begin, Math.min(end, begin + 65536))).split(/[ \t]+/);
  const encoded = (/** @type {string} */ field) => Uint8Array.from(field, (c) => c.charCodeAt(0));
  const wrong = fields.find((field) => field && readNumber(encoded(field), 0, field.length) === undefined);
  return JSON.stringify((wrong ?? fields[0]).slice(0, 40));
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {RowsOptions} options
 * @returns {AsyncGenerator<Float32Array>}
 */
async function* binaryBatches(window, name, { keys, dim, rows, promised }) {
  const batch = new Uint8Array(batchRows(dim) * dim * 4);
  const vectors = new Float32Array(batch.buffer);
  const size = 4 * dim;
  let [read, count] = [0, 0];
  while (read < rows) {
    const space = await keyEnd(window, name);
    const row = space + 1 - window.begin;
    if (space < 0 || (window.length < row + size && !(await window.fill(row + size)))) break;
    const { bytes, begin } = window;
    window.begin += row + size;
    read++;
    if (keys.add(bytes, begin, begin + row - 1)) {
      batch.set(bytes.subarray(begin + row, begin + row + size), count * size);
      count++;
    }
    if (read % batchRows(dim) !== 0) continue;
    yield vectors.subarray(0, count * dim);
    count = 0;
  }
  if (count > 0) yield vectors.subarray(0, count * dim);
  await checkEnd(window, name, read, rows, promised);
}

/**
 * Steps over line breaks, which word2vec.c writes after each vector, and waits for a whole key.
 * @param {ByteWindow} window
 * @param {string} name
 * @returns {Promise<number>} where in window.bytes the space after it stands, -1 where the file ends before
 */
async function keyEnd(window, name) {
  for (let searched = 0; ;) {
    if (searched === 0) while (window.length > 0 && window.bytes[window.begin] === NEWLINE) window.begin++;
    const space = window.bytes.indexOf(SPACE, window.begin + searched);
    const found = space >= 0 && space < window.end;
    searched = found ? space - window.begin : window.length;
    if (searched > MAX_KEY) throw refusal(name, `at byte ${window.position}: a key of more than ${MAX_KEY} bytes`);
    if (found) return space;
    if (window.done) return -1;
    await window.more();
  }
}

/**
 * A file must have as many rows as its header promises, and nothing behind them.
 * @param {ByteWindow} window
 * @param {string} name
 * @param {number} read
 * @param {number} wanted
 * @param {number} [promised]
 */
async function checkEnd(window, name, read, wanted, promised) {
  if (promised === undefined) return;
  if (read < wanted) throw refusal(name, `it is truncated: its header promises ${promised} rows, it has ${read}`);
  if (wanted < promised) return; // the caller's limit: the rest is not even read
  do {
    for (; window.length > 0; window.begin++) {
      const c = window.bytes[window.begin];
      if (isSpace(c) || c === NEWLINE || c === RETURN) continue;
      throw refusal(name, `more follows the ${promised} rows its header promises, at byte ${window.position}`);
    }
    await window.more();
  } while (window.length > 0 || !window.done);
}
