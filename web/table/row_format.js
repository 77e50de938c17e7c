import { WembedError } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { isRareBlock } from '../formats/ggml_types.js';
import { BYTE_FLOATS, writable } from '../formats/tensor_dtypes.js';
import { widening } from './dequantize.js';
import { writeRows } from './stored_rows.js';

/** @typedef {import('./storage.js').TableStorage} TableStorage */

/**
 * How a tensor's stored rows are converted to rows of a table, one by one.
 * @typedef {object} RowFormat
 * @property {number} bytes per stored row
 * @property {import('../core/dtypes.js').Dtype} exact the dtype that represents its numbers without rounding
 * @property {(storage: TableStorage, row: number, bytes: Uint8Array) => void} store
 */

/**
 * @param {import('../formats/tensors.js').StoredTensor} tensor of two dimensions
 * @returns {Promise<RowFormat>} errors: `unsupported`
 */
export async function rowFormat({ name, file, dtype, shape, begin, end }) {
  const [rows, dim] = shape;
  if (shape.length !== 2 || rows < 1 || dim < 1 || rows > 0xffffffff) {
    throw new WembedError('unsupported', `${file}: '${name}' of shape [${shape}] is not a table`);
  }
  const bytes = (end - begin) / rows;
  const float = BYTE_FLOATS[dtype];
  if (float) return { bytes, exact: 'f32', store: storing(dim, (write) => widening(float, { rows: 1, dim }, write)) };
  if (isRareBlock(dtype)) {
    const { rareWidening } = await import('../formats/ggml_rare_blocks.js').catch(importFailed);
    return { bytes, exact: 'f32', store: storing(dim, (write) => rareWidening(dtype, write)) };
  }
  const stored = dtype === 'I8' ? 'i8' : writable(dtype);
  if (!stored)
    throw new WembedError('unsupported', `${file}: '${name}' has the dtype ${dtype}, which is not supported`);
  const exact = typeof stored === 'string' ? stored : 'f32';
  return { bytes, exact, store: (storage, row, own) => writeRows(storage, stored, own, row) };
}

/**
 * @param {number} dim
 * @param {(write: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => void} widens a row's bytes to f32
 * @returns {RowFormat['store']}
 */
function storing(dim, widens) {
  const floats = new Uint8Array(4 * dim);
  let at = 0;
  const widen = widens((some) => {
    floats.set(some, at);
    at += some.length;
  });
  return (storage, row, bytes) => {
    at = 0;
    widen(bytes);
    writeRows(storage, 'f32', floats, row);
  };
}
