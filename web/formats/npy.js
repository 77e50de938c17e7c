import { WembedError } from '../core/errors.js';
import { f16ToNumber } from '../core/halves.js';
import { MAX_DIM, batchRows, latin1, refusal } from './row_batches.js';

/** @typedef {import('./byte_window.js').ByteWindow} ByteWindow */

/** Longer headers do not describe a plain array. */
const MAX_HEADER = 65536;

/** Number types by `descr`; DataView reads either byte order. */
const READERS =
  /** @type {Record<string, [size: number, read: (view: DataView, at: number, little: boolean) => number]>} */ ({
    f2: [2, (view, at, little) => f16ToNumber(view.getUint16(at, little))],
    f4: [4, (view, at, little) => view.getFloat32(at, little)],
    f8: [8, (view, at, little) => view.getFloat64(at, little)],
    i1: [1, (view, at) => view.getInt8(at)],
  });

/**
 * Reads the header of a NumPy file: one array of two dimensions, row-major. (numpy.lib.format, versions 1 to 3)
 * @param {ByteWindow} window
 * @param {string} name for messages
 * @param {{ limit: number, byteLength?: number }} options
 * @returns {Promise<{ dim: number, rows: number,
 *   batches: () => AsyncGenerator<Float32Array> }>}
 */
export async function openNpy(window, name, { limit, byteLength }) {
  const { descr, fortran, shape } = await readHeader(window, name);
  const [, order, type] = /^([<>|=])([a-z]\d+)$/.exec(descr) ?? [];
  const reader = READERS[type];
  if (!reader) throw new WembedError('unsupported', `${name} has numbers of type '${descr}', not f2, f4, f8 or i1`);
  if (shape.length !== 2 || (fortran && shape[1] > 1)) {
    const layout = fortran ? 'in column-major order' : `of shape (${shape})`;
    throw new WembedError(
      'unsupported',
      `${name} contains an array ${layout}; only row-major arrays of two dimensions are supported`,
    );
  }
  const [total, dim] = shape;
  if (dim < 1 || dim > MAX_DIM || total >= 2 ** 32) throw refusal(name, `it has ${total} rows of ${dim} numbers`);
  const [size, read] = reader;
  const rows = Math.min(total, limit);
  if (rows * dim * size > (byteLength ?? Infinity) - window.position) {
    throw refusal(name, `its header says ${total} × ${dim} numbers, which do not fit in its ${byteLength} bytes`);
  }
  const plain = type === 'f4' && order !== '>';
  const number = plain ? null : (/** @type {DataView} */ view, /** @type {number} */ i) => read(view, i, order !== '>');
  const batches = () => readRows(window, name, { rows, dim, size, number });
  return { dim, rows, batches };
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 */
async function readHeader(window, name) {
  await window.fill(12);
  const { bytes, begin } = window;
  const [major, low, high] = [bytes[begin + 6], bytes[begin + 8], bytes[begin + 9]];
  if (window.length < 12 || major < 1 || major > 3) throw refusal(name, `its .npy header has version ${major}`);
  const wide = major > 1;
  const length = low + 256 * high + (wide ? 2 ** 16 * bytes[begin + 10] + 2 ** 24 * bytes[begin + 11] : 0);
  const from = wide ? 12 : 10;
  if (length > MAX_HEADER) throw refusal(name, `its .npy header has ${length} bytes`);
  if (!(await window.fill(from + length))) throw refusal(name, 'it ends within its .npy header');
  const text = latin1(window.bytes.subarray(window.begin + from, window.begin + from + length));
  window.begin += from + length;
  const descr = /'descr': *'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order': *(True|False)/.exec(text)?.[1];
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  if (!descr || !fortran || shape === undefined) throw refusal(name, `its .npy header is ${JSON.stringify(text)}`);
  const sizes = shape.split(',').filter((size) => size.trim());
  return { descr, fortran: fortran === 'True', shape: sizes.map(Number) };
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {{ rows: number, dim: number, size: number, number: ((view: DataView, at: number) => number) | null }} layout
 * number: reads one number; null if the bytes can be used unchanged
 * @returns {AsyncGenerator<Float32Array>}
 */
async function* readRows(window, name, { rows, dim, size, number }) {
  const batch = new Float32Array(batchRows(dim) * dim);
  const target = new Uint8Array(batch.buffer);
  for (let at = 0; at < rows;) {
    const numbers = Math.min(batchRows(dim), rows - at) * dim;
    if (!(await window.fill(numbers * size))) throw refusal(name, `it is truncated within row ${at} of ${rows}`);
    const bytes = window.bytes.subarray(window.begin, window.begin + numbers * size);
    if (number) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < numbers; i++) batch[i] = number(view, i * size);
    } else {
      target.set(bytes);
    }
    window.begin += numbers * size;
    at += numbers / dim;
    yield batch.subarray(0, numbers);
  }
}
