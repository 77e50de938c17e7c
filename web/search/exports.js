// Indexes and vectors for other programs.
import { mustBe } from '../core/arguments.js';
import { WembedError, asObject } from '../core/errors.js';
import { canRead } from '../core/own.js';
import { matrixOf } from './embeddings.js';
import { checkMeta } from './metas.js';

/**
 * What `jsonLines` reads: a VectorIndex.
 * @typedef {object} ExportedIndex
 * @property {() => (string | number)[]} ids of all items
 * @property {(id: string | number) => { text: string | undefined, meta: unknown,
 *   vectors: import('../core/matrix.js').Matrix, passages: import('./passages.js').Span[] | undefined }} get an item
 */

/**
 * @param {string} call for messages
 * @param {unknown} index
 */
export function checkIndex(call, index) {
  if (
    typeof asObject(index).ids === 'function' &&
    typeof asObject(index).get === 'function' &&
    canRead(index, 'length')
  )
    return;
  throw mustBe(`what ${call} takes`, 'a VectorIndex', index);
}

/**
 * An index as JSON, a line for each vector: `{"id":…,"vector":[…],"payload":{"text":…,"meta":…}}`, as Qdrant names them. An
 * item that was cut into passages has a line for each, with `begin` and `end` in its payload. DuckDB reads such a file with
 * `read_json`; pgvector takes the text of `vector` as it is.
 * @param {ExportedIndex} index a VectorIndex, which must not change before the last line is read
 * @returns {Generator<string>} lines, each with its line break
 * @example
 * for (const line of jsonLines(index)) file.write(line);
 */
export function* jsonLines(index) {
  checkIndex('jsonLines', index);
  for (const id of index.ids()) {
    const { text, meta, vectors, passages } = index.get(id);
    checkMeta(id, meta);
    for (let i = 0; i < vectors.rows; i++) {
      const span = passages?.[i];
      const part = span ? text?.slice(span.begin, span.end) : text;
      const payload = { text: part, meta, ...span };
      yield `${jsonOf(id, { id, vector: Array.from(vectors.row(i)), payload })}\n`;
    }
  }
}

/**
 * Vectors as a NumPy file, which `numpy.load` reads: float32, (n, dim).
 * @param {import('./embeddings.js').Embeddings} embeddings (n, dim)
 * @returns {Uint8Array<ArrayBuffer>} the bytes of the file
 */
export function npy(embeddings) {
  const { data, rows, dim } = matrixOf('embeddings', embeddings);
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64; // numbers begin at a multiple of 64
  const bytes = new Uint8Array(length + 4 * rows * dim);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]); // '\x93NUMPY', version 1.0
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  for (let i = 0; i < rows * dim; i++) view.setFloat32(length + 4 * i, data[i], true);
  return bytes;
}

/**
 * @param {string | number} id
 * @param {unknown} meta
 * @returns {string | undefined}
 */
export function jsonOf(id, meta) {
  try {
    return JSON.stringify(meta);
  } catch (cause) {
    const what = `the meta of item '${id}' cannot be written as JSON: ${/** @type {Error} */ (cause).message}`;
    throw new WembedError('invalid_argument', what, { cause });
  }
}
