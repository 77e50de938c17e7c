import { count, oneOf } from '../core/arguments.js';
import { DTYPES, blockScaleBytes, rowBytes } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { STRIP_BYTES, loadHeap, runningHeap } from '../memory/heap.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */
/** @typedef {import('../core/dtypes.js').BlockType} BlockType */
/** @typedef {import('../core/arguments.js').Integer32Array} Integer32Array */
/** @typedef {import('../memory/heap.js').Heap} Heap */

/**
 * @typedef {object} TableShape
 * @property {number} rows
 * @property {number} dim
 * @property {Dtype} dtype
 * @property {boolean} [perRowScales] i8: one scale per row; otherwise one per table
 * @property {number} [scale] i8 without scales per row: the table's scale
 * @property {number} [vocab] the number of tokens, if ids are tokens; 0 if they are rows
 * @property {boolean} [tokenWeights]
 * @property {boolean} [tokenMapping]
 */

/** The core's blocks that grow with the rows, and their bytes per row. */
const ROW_BLOCKS = /** @type {const} */ ([
  ['tableData', (/** @type {TableShape} */ { dtype, dim }) => rowBytes(dtype, dim)],
  ['tableBlockScales', (/** @type {TableShape} */ { dtype, dim }) => blockScaleBytes(dtype, dim)],
  ['tableRowScales', (/** @type {TableShape} */ { perRowScales }) => (perRowScales ? 4 : 0)],
]);

/** Starts the core, in whose memory tables are. */
export const startCore = async () => void (await loadHeap());

/**
 * A table's memory in the core. Only this class knows its layout: loaders write through it, and the stored bytes are
 * read through it.
 */
export class TableStorage {
  #handle;
  #shape;

  /**
   * Allocates the memory, after `startCore`. Its content is undefined: the caller fills all of it.
   * @param {TableShape} shape
   */
  constructor(shape) {
    const heap = /** @type {Heap} */ (runningHeap());
    const full = { perRowScales: false, scale: 1, vocab: 0, tokenWeights: false, tokenMapping: false, ...shape };
    const { dtype, rows, dim, perRowScales, vocab, tokenWeights, tokenMapping } = full;
    const code = oneOf('dtype', dtype, DTYPES, 'unsupported');
    count('rows', rows);
    count('dim', dim, { least: 1 });
    this.heap = heap;
    this.#shape = full;
    this.#handle = heap.core.tableCreate(code, rows, dim, perRowScales, vocab, tokenWeights, tokenMapping) >>> 0;
    // After the checks above, only one cause of failure remains.
    if (!this.#handle) throw new WembedError('out_of_memory', `no memory for a table of ${rows} × ${dim} ${dtype}`);
  }

  /** @returns {number} the core's handle of the table */
  get handle() {
    if (!this.#handle) throw new WembedError('disposed', 'this EmbeddingTable has been disposed');
    return this.#handle;
  }

  /** The build of the core that holds the table. */
  get variant() {
    return this.heap.variant;
  }

  /** Its shape and dtype. */
  get shape() {
    return this.#shape;
  }

  /** The number of ids: its rows, or its tokens. */
  get vocabSize() {
    return this.#shape.vocab || this.#shape.rows;
  }

  /** Bytes occupied, scales and token data included. */
  get bytes() {
    const { rows, vocab, tokenWeights, tokenMapping } = this.#shape;
    const perRow = ROW_BLOCKS.reduce((sum, [, bytesOf]) => sum + bytesOf(this.#shape), 0);
    return rows * perRow + vocab * ((tokenWeights ? 4 : 0) + (tokenMapping ? 4 : 0));
  }

  /**
   * The stored bytes of some rows: views that are valid until the core's memory grows.
   * @param {number} first
   * @param {number} rows
   * @returns {Uint8Array[]} numbers, block scales, row scales; each may be empty
   */
  rowBlocks(first, rows) {
    const { heap, handle } = this;
    return ROW_BLOCKS.map(([address, bytesOf]) => {
      const bytes = bytesOf(this.#shape);
      const at = (heap.core[address](handle) >>> 0) + first * bytes;
      return heap.u8.subarray(at, at + rows * bytes);
    });
  }

  /**
   * Copies stored bytes into the table.
   * @param {Uint8Array} bytes
   * @param {number} offset in bytes
   */
  write(bytes, offset) {
    const [data] = this.rowBlocks(0, this.#shape.rows);
    if (offset + bytes.length > data.length) {
      throw new WembedError('shape_mismatch', `bytes up to ${offset + bytes.length} of ${data.length}`);
    }
    data.set(bytes, offset);
  }

  /**
   * Converts rows in the core's memory.
   * @param {Dtype | BlockType} dtype of the rows: not the table's own, and not i4; or a block type, with whole blocks
   *   per row
   * @param {number} address
   * @param {number} rows
   * @param {number} first the table's row to begin at
   * @param {number} scale of i8
   */
  storeRows(dtype, address, rows, first, scale) {
    const code = typeof dtype === 'string' ? DTYPES.indexOf(dtype) : dtype.code;
    this.heap.check(this.heap.core.tableStore(this.handle, code, address, rows, scale, first));
  }

  /**
   * Drops the last rows, for a file with fewer rows than it announced.
   * @param {number} rows the rows to keep, at most the present number
   */
  truncate(rows) {
    this.heap.core.tableTruncate(this.handle, rows);
    this.#shape.rows = rows;
  }

  /** @param {Float32Array | number} scale one per row if the table was created with those, otherwise one */
  setScale(scale) {
    const { core } = this.heap;
    if (typeof scale === 'number') core.tableSetScale(this.handle, (this.#shape.scale = scale));
    else this.heap.f32.set(scale, core.tableRowScales(this.handle) >>> 2);
  }

  /** Token weights and mapping: views that are valid until the core's memory grows. */
  get tokens() {
    const { heap, handle } = this;
    const { vocab, tokenWeights, tokenMapping } = this.#shape;
    const weights = heap.core.tableTokenWeights(handle) >>> 2;
    const mapping = heap.core.tableTokenMapping(handle) >>> 2;
    return {
      tokenWeights: tokenWeights ? heap.f32.subarray(weights, weights + vocab) : undefined,
      tokenMapping: tokenMapping ? heap.u32.subarray(mapping, mapping + vocab) : undefined,
    };
  }

  /** Frees the memory. */
  dispose() {
    if (this.#handle) this.heap.core.tableFree(this.#handle);
    this.#handle = 0;
  }
}

/**
 * @param {Dtype | BlockType} dtype
 * @param {number} dim
 * @returns {number} bytes per row
 */
export const storedRow = (dtype, dim) =>
  typeof dtype === 'string' ? rowBytes(dtype, dim) : (dim / dtype.numbers) * dtype.bytes;

/**
 * Sets token weights and mapping. Every mapped row must exist.
 * @param {TableStorage} storage
 * @param {{ tokenWeights?: ArrayLike<number>, tokenMapping?: Integer32Array }} tokens one per token of the table
 */
export function setTokens({ heap, handle, tokens: own }, { tokenWeights, tokenMapping }) {
  if (tokenWeights) own.tokenWeights?.set(tokenWeights);
  if (tokenMapping) own.tokenMapping?.set(tokenMapping);
  heap.check(heap.core.tableCheckTokens(handle));
}

/**
 * The same numbers in another dtype.
 * @param {TableStorage} storage
 * @param {Dtype} dtype
 * @returns {TableStorage}
 */
export function convertedStorage(storage, dtype) {
  const { heap, handle, shape } = storage;
  const converted = new TableStorage({ ...shape, dtype, perRowScales: dtype === 'i8', scale: 1 });
  try {
    heap.check(heap.core.tableConvert(converted.handle, handle));
    setTokens(converted, storage.tokens);
    return converted;
  } catch (error) {
    converted.dispose();
    throw error;
  }
}

/**
 * Takes all bytes of a table in order, in pieces of any length, and converts them in strips.
 * @param {TableStorage} storage
 * @param {Dtype | BlockType} dtype the table's, or one that `storeRows` takes
 * @param {number} [scale] of i8
 * @param {number} [row] the first to be written
 * @returns {(bytes: Uint8Array) => void}
 */
export function writerOf(storage, dtype, scale = 1, row = 0) {
  if (dtype !== storage.shape.dtype) return convertingWriter(storage, dtype, scale, row);
  let offset = row && row * rowBytes(dtype, storage.shape.dim);
  return (bytes) => {
    storage.write(bytes, offset);
    offset += bytes.length;
  };
}

/**
 * @param {TableStorage} storage
 * @param {Dtype | BlockType} dtype
 * @param {number} scale
 * @param {number} first row
 * @returns {(bytes: Uint8Array) => void}
 */
function convertingWriter(storage, dtype, scale, first) {
  const { heap } = storage;
  const { rows, dim } = storage.shape;
  const row = storedRow(dtype, dim);
  const strip = Math.max(1, Math.min(rows, Math.floor(STRIP_BYTES / row))) * row;
  // Bytes of an incomplete row. Not in the scratch block, which another table's writer may use meanwhile.
  let rest = new Uint8Array(0);
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + strip - rest.length);
      const size = rest.length + piece.length;
      const buffer = heap.scratch('rows', strip);
      heap.u8.set(rest, buffer);
      heap.u8.set(piece, buffer + rest.length);
      const whole = Math.floor(size / row);
      storage.storeRows(dtype, buffer, whole, first, scale);
      rest = heap.u8.slice(buffer + whole * row, buffer + size);
      first += whole;
      at += piece.length;
    }
  };
}

/**
 * How far the rows that one table gives for each id differ from those of another.
 * @param {TableStorage} storage
 * @param {TableStorage} original
 */
export function compareRows(storage, original) {
  const { heap } = storage;
  const out = heap.scratch('out', 24);
  heap.check(heap.core.tableCompare(storage.handle, original.handle, out));
  const [max, rms, cosine] = new Float64Array(heap.u8.slice(out, out + 24).buffer);
  return { max, rms, cosine };
}
