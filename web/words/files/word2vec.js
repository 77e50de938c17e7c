import { readNumber, readNumbers } from './decimal.js';
import { MAX_DIM, batchRows, latin1, refusal } from '../../formats/row_batches.js';
import { MAX_KEY } from './vector_file.js';

/** @typedef {import('../../formats/byte_window.js').ByteWindow} ByteWindow */
/** @typedef {import('./vector_file.js').VectorFile} VectorFile */
/** @typedef {import('./vector_file.js').VectorFileOptions} VectorFileOptions */

const [TAB, NEWLINE, RETURN, SPACE] = [9, 10, 13, 32];

/** The first of the four control characters that separate fields, groups and records: text may hold them. */
const FIRST_SEPARATOR = 0x1c;

/** The longest line, in bytes: longer lines contain no vector. */
const MAX_LINE = 2 ** 24;

/** Two whole numbers, as Python's split and int read them: rows and dim. Spaces are Unicode's, and five control characters. */
const [GAP, WHOLE] = [String.raw`[\s\x1c-\x1f\x85]`, String.raw`(\+?\d+(?:_\d+)*)`];
const HEADER = new RegExp(`^${GAP}*${WHOLE}${GAP}+${WHOLE}${GAP}*$`);

/** The longest header, in bytes. */
const MAX_HEADER = 256;

/**
 * Reads the beginning of a file of word2vec, GloVe or fastText (.vec) vectors, and finds out which it is. word2vec's
 * text and binary formats and .vec begin with a line "rows dim". GloVe has no header; its dim is the number of numbers
 * at the end of the first line. (word2vec.c, glove.c; gensim's load_word2vec_format)
 *
 * In a text row the last `dim` fields are the vector and the text before them is the key, which may contain spaces, as
 * in some of GloVe's files. Fields are separated by spaces or tabs, lines end with \n or \r\n. Numbers are read like
 * numpy.float32(text), NaN and infinities included. Invalid UTF-8 in a key becomes U+FFFD.
 * @param {ByteWindow} window
 * @param {string} name for messages
 * @param {VectorFileOptions} options
 * @returns {Promise<VectorFile>} with the header's number of rows; undefined without a header
 */
export async function openWord2vec(window, name, options) {
  await window.fill(4);
  const mark = latin1(window.bytes.subarray(window.begin, window.begin + 4));
  if (/^\xef\xbb\xbf[^ ]/.test(mark)) window.begin += 3; // a byte order mark, not a key
  const end = await lineEnd(window, name);
  const line = new TextDecoder().decode(window.bytes.subarray(window.begin, Math.min(end, window.begin + MAX_HEADER)));
  const header = !/^\xef\xbb\xbf /.test(mark) && end - window.begin < MAX_HEADER && HEADER.exec(line);
  if (!header) return openGlove(window, name, end, options);
  const [promised, dim] = header.slice(1).map((number) => Number(number.replaceAll('_', '')));
  if (dim < 1 || dim > MAX_DIM || promised >= 2 ** 32) throw refusal(name, `its header says ${promised} × ${dim}`);
  window.begin = Math.min(end + 1, window.end);
  const binary = promised > 0 && (await isBinary(window, dim));
  const rows = Math.min(promised, options.limit);
  const shortest = binary ? 4 * dim + 1 : 2 * dim;
  if (rows * shortest > (options.byteLength ?? Infinity) - window.position) {
    throw refusal(name, `its header says ${promised} × ${dim}, which does not fit in its ${options.byteLength} bytes`);
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
    throw refusal(
      name,
      dim < 1 ? `its first line is not a key with numbers: ${first}` : `its rows have ${dim} numbers`,
    );
  }
  return { dim, batches: () => textBatches(window, name, { ...options, dim, rows: options.limit, line: 1 }) };
}

/**
 * Waits for a whole line.
 * @param {ByteWindow} window
 * @param {string} name
 * @returns {Promise<number>} the position of its line break in window.bytes, present or not
 */
async function lineEnd(window, name) {
  for (let searched = 0; ;) {
    const end = window.bytes.indexOf(NEWLINE, window.begin + searched); // there is one at window.end
    if (end < window.end || window.done) return end;
    searched = window.length;
    if (searched > MAX_LINE) throw refusal(name, `a line is longer than ${MAX_LINE} bytes`);
    await window.more();
  }
}

/**
 * Whether the data after a header is binary: its first line cannot be read as text.
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
    if (c < TAB || (c > RETURN && c < FIRST_SEPARATOR)) return true;
  }
  try {
    // Numbers are hardly ever valid UTF-8. If all of this is text, the text reader will say what is wrong with it.
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
 * @returns {number} the position of the first other character
 */
function skipSpaces(bytes, begin, end) {
  while (begin < end && bytes[begin] === SPACE) begin++;
  return begin;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} the end of the first field
 */
function fieldEnd(bytes, begin, end) {
  while (begin < end && !isSpace(bytes[begin])) begin++;
  return begin;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} the end of the line's last field
 */
function trimEnd(bytes, begin, end) {
  while (end > begin && (isSpace(bytes[end - 1]) || bytes[end - 1] === RETURN)) end--;
  return end;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number} the number of numeric fields at the end of a line, not counting its first field
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
 * @property {number} rows the maximum number to read
 * @property {number} [promised] the header's number of rows, if there is a header
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
    if (read % batchRows(dim) !== 0) continue; // repeated keys count too, so that the caller runs regularly
    yield batch.subarray(0, count * dim);
    count = 0;
  }
  if (count > 0) yield batch.subarray(0, count * dim);
  await checkEnd(window, name, read, rows, promised);
}

/**
 * Reads a row of text: a key up to the first space and `dim` numbers, the usual form; or, with spaces in its key or
 * with tabs, the last `dim` fields and the text before them.
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end of its last field
 * @param {Float32Array} out
 * @param {number} first the index in `out` of its first number
 * @param {number} dim
 * @returns {number | string} the end of its key, or what is wrong
 */
function readRow(bytes, begin, end, out, first, dim) {
  let key = begin;
  while (key < end && bytes[key] !== SPACE) key++;
  if (readNumbers(bytes, key, end, out, first, dim)) return key;
  let start = end;
  let fields = 0;
  for (; fields < dim; fields++) {
    while (start > begin && !isSpace(bytes[start - 1])) start--;
    if (start === begin) return `${fields} numbers after the key, not ${dim}`;
    while (start > begin && isSpace(bytes[start - 1])) start--;
  }
  if (!readNumbers(bytes, start, end, out, first, dim)) return `${wrongNumber(bytes, start, end)} is not a number`;
  // A key may be "1 2 3", but "word 1" is a vector of one number too many.
  const keyNumbers = trailingNumbers(bytes, begin, start);
  const isNumber = readNumber(bytes, begin, fieldEnd(bytes, begin, start)) !== undefined;
  return keyNumbers > 0 && !isNumber ? `${dim + keyNumbers} numbers, not ${dim}` : start;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {string} the first field that is not a number, in quotes
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
 * Skips line breaks, which word2vec.c writes after each vector, and waits for a whole key.
 * @param {ByteWindow} window
 * @param {string} name
 * @returns {Promise<number>} the position in window.bytes of the space after it, -1 if the file ends before
 */
async function keyEnd(window, name) {
  for (let searched = 0; ;) {
    if (searched === 0) while (window.length > 0 && window.bytes[window.begin] === NEWLINE) window.begin++;
    const space = window.bytes.indexOf(SPACE, window.begin + searched);
    const found = space >= 0 && space < window.end;
    searched = found ? space - window.begin : window.length;
    if (searched > MAX_KEY) throw refusal(name, `at byte ${window.position}: the key has more than ${MAX_KEY} bytes`);
    if (found) return space;
    if (window.done) return -1;
    await window.more();
  }
}

/**
 * A file must have exactly as many rows as its header says, and no bytes after them.
 * @param {ByteWindow} window
 * @param {string} name
 * @param {number} read
 * @param {number} expected
 * @param {number} [promised]
 */
async function checkEnd(window, name, read, expected, promised) {
  if (promised === undefined) return;
  if (read < expected) throw refusal(name, `it is truncated: its header says ${promised} rows, but it has ${read}`);
  if (expected < promised) return; // the caller's limit: the rest is not read
  do {
    for (; window.length > 0; window.begin++) {
      const c = window.bytes[window.begin];
      if (isSpace(c) || c === NEWLINE || c === RETURN) continue;
      throw refusal(name, `it has more bytes after the ${promised} rows of its header, at byte ${window.position}`);
    }
    await window.more();
  } while (window.length > 0 || !window.done);
}
