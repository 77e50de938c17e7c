// A table's rows as stored, for saving tables, making smaller ones, and storing row by row.
import { rowBytes } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { TableStorage, setTokens, storedRow } from './storage.js';

/**
 * A table's stored bytes, copied from the core's memory.
 * @typedef {object} StoredTable
 * @property {Uint8Array<ArrayBuffer>} data the rows
 * @property {Uint16Array} [blockScales] i4: f16 bits, one per block of 32
 * @property {Float32Array} [rowScales] i8: (rows)
 * @property {number} scale i8 without row scales: the table's scale
 * @property {Float32Array} [tokenWeights] (vocab)
 * @property {Uint32Array} [tokenMapping] (vocab)
 */

/**
 * @param {TableStorage} storage
 * @returns {StoredTable} copies
 */
export function takeOut(storage) {
  const { dtype, rows, perRowScales } = storage.shape;
  const [data, blockScales, rowScales] = storage.rowBlocks(0, rows).map((block) => block.slice());
  const { tokenWeights, tokenMapping } = storage.tokens;
  return {
    ...{ data, scale: storage.shape.scale },
    blockScales: dtype === 'i4' ? new Uint16Array(blockScales.buffer) : undefined,
    rowScales: perRowScales ? new Float32Array(rowScales.buffer) : undefined,
    tokenWeights: tokenWeights?.slice(),
    tokenMapping: tokenMapping?.slice(),
  };
}

/**
 * A table of the given ids, whose rows are copied as stored. Rows without any of these ids are left out.
 * @param {TableStorage} storage
 * @param {Uint32Array} ids
 * @returns {TableStorage}
 */
export function gather(storage, ids) {
  const { vocabSize, shape } = storage;
  const bad = ids.find((id) => id >= vocabSize);
  if (bad !== undefined) throw new WembedError('id_out_of_range', `id out of range: ${bad} (limit ${vocabSize})`);
  const mapping = storage.tokens.tokenMapping;
  const rowOf = mapping ? ids.map((id) => mapping[id]) : ids;
  const rows = mapping ? Uint32Array.from(new Set(rowOf)) : rowOf;
  const vocab = shape.tokenWeights || mapping ? ids.length : 0;
  const gathered = new TableStorage({ ...shape, rows: rows.length, vocab });
  const targets = gathered.rowBlocks(0, rows.length);
  storage.rowBlocks(0, shape.rows).forEach((source, i) => {
    const bytes = source.length / shape.rows;
    rows.forEach((row, at) => targets[i].set(source.subarray(row * bytes, (row + 1) * bytes), at * bytes));
  });
  gathered.setScale(storage.shape.scale);
  const newRow = new Map(Array.from(rows, (row, i) => [row, i]));
  const weights = storage.tokens.tokenWeights;
  setTokens(gathered, {
    tokenWeights: weights && Float32Array.from(ids, (id) => weights[id]),
    tokenMapping: mapping && rowOf.map((row) => /** @type {number} */ (newRow.get(row))),
  });
  return gathered;
}

/**
 * Stores whole rows, converting rows of another dtype.
 * @param {TableStorage} storage
 * @param {import('../core/dtypes.js').Dtype | import('../core/dtypes.js').BlockType} dtype of the bytes: the table's, or
 *   one that `storeRows` takes
 * @param {Uint8Array} bytes
 * @param {number} first the table's row to begin at
 */
export function writeRows(storage, dtype, bytes, first) {
  const { heap, shape } = storage;
  if (dtype === shape.dtype) {
    storage.write(bytes, first * rowBytes(dtype, shape.dim));
    return;
  }
  const address = heap.scratch('rows', bytes.length);
  heap.u8.set(bytes, address);
  storage.storeRows(dtype, address, bytes.length / storedRow(dtype, shape.dim), first, 1);
}
