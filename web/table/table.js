import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { DTYPES, blockScaleBytes, rowBytes } from '../core/dtypes.js';
import { BAG_MODES, NO_ID } from '../core/codes.js';
import { STRIP_BYTES, loadHeap } from '../memory/heap.js';
import { nearest, products } from './products.js';

/** @typedef {import('../core/dtypes.js').IntegerArray} IntegerArray */
/** @typedef {import('../core/dtypes.js').Dtype} Dtype */
/** @typedef {'sum' | 'mean' | 'max'} BagMode */

/**
 * @param {BagMode} mode
 * @returns {number} its code
 */
export function bagMode(mode) {
  const code = BAG_MODES.indexOf(mode);
  if (code < 0)
    throw new WembedError('invalid_argument', `mode '${shown(mode)}' is not one of ${BAG_MODES.join(', ')}`);
  return code;
}

/**
 * Rows of f32 this long are copied out one by one, without the block between: below it a call per row costs more than the
 * second pass over the cache.
 */
const COPIED_ROW = 384;

/**
 * @typedef {object} TableShape
 * @property {number} rows
 * @property {number} dim
 * @property {Dtype} dtype
 * @property {boolean} [perRowScales]
 * @property {number} [vocab]
 * @property {boolean} [tokenWeights]
 * @property {boolean} [tokenMapping]
 */

/**
 * A matrix of learned rows, one an id, kept in WebAssembly memory in its stored dtype: `table[i]` is id i's vector.
 * Equivalent of `torch.nn.Embedding`, with `bag` that of `torch.nn.EmbeddingBag`.
 */
export class EmbeddingTable {
  #heap;
  #handle;
  #shape;

  /**
   * Not for callers: use `EmbeddingTable.from`.
   * @param {import('../memory/heap.js').Heap} heap
   * @param {TableShape} shape
   */
  constructor(heap, shape) {
    this.#heap = heap;
    this.#shape = shape;
    const { dtype, rows, dim, perRowScales = false, vocab = 0, tokenWeights = false, tokenMapping = false } = shape;
    checkCount('rows', rows);
    checkCount('dim', dim);
    const code = DTYPES.indexOf(checkDtype(dtype));
    this.#handle = heap.core.tableCreate(code, rows, dim, perRowScales, vocab, tokenWeights, tokenMapping) >>> 0;
    // The code of a failed creation is not returned: out of memory is the only one the checks above leave.
    if (!this.#handle) {
      if (dim === 0) throw new WembedError('invalid_argument', 'dim must be at least 1, got 0');
      throw new WembedError('out_of_memory', `no memory for a table of ${rows} × ${dim} ${dtype}`);
    }
  }

  /**
   * Makes a table of numbers you have. Loading the WebAssembly module is the only asynchronous part.
   * @param {Float32Array | Uint16Array | Int8Array | Uint8Array | readonly number[]} data (rows, dim) row-major: f32 as
   *   floats, f16 and bf16 as the 16-bit patterns, i8 as signed bytes; or bytes of another `format`
   * @param {object} options
   * @param {number} options.rows
   * @param {number} options.dim
   * @param {Dtype} [options.dtype] how to store it; default: as it is, where tables can. 16-bit patterns are bf16 where
   *   that is asked for, f16 otherwise
   * @param {ArrayLike<number> | number} [options.scale] of bytes: one number a row, or one for all (default 1), or one a
   *   block; a value is scale × (byte - zeroPoint)
   * @param {ArrayLike<number> | number} [options.zeroPoint] of bytes, as many as scales; default 0
   * @param {[number, number]} [options.block] the rows and the numbers of each that share a scale and a zero point; the
   *   last blocks may be smaller. Default: [1, dim]
   * @param {import('./dequantize.js').ByteFormat} [options.format] what the bytes are; default: u8 of a Uint8Array, i8 of
   *   an Int8Array. Anything but i8 without zero points and blocks is stored as f32 unless `dtype` says otherwise
   * @param {Float32Array | readonly number[]} [options.tokenWeights] (vocab) scales each token's row, as Model2Vec does
   * @param {IntegerArray} [options.tokenMapping] (vocab) each token's row; ids then mean tokens
   * @returns {Promise<EmbeddingTable>}
   */
  static async from(data, options) {
    if (!options) throw new WembedError('invalid_argument', 'a table is made of data and { rows, dim }');
    const { rows, dim, dtype, scale, tokenWeights, tokenMapping } = options;
    const widen = isPacked(data, options) && (await import('./dequantize.js')).widener(data, options);
    const source = widen ? 'f32' : dtypeOf(data, dtype);
    const type = checkDtype(dtype ?? source);
    const values = Array.isArray(data) ? Float32Array.from(data) : /** @type {Float32Array} */ (data);
    if (values.length !== rows * dim) {
      throw new WembedError('shape_mismatch', `data has ${values.length} values, rows × dim is ${rows} × ${dim}`);
    }
    const converts = source !== type;
    const stored = converts || widen ? undefined : scale;
    if (!widen) checkScales(source, rows, scale);
    const vocab = tokenMapping?.length ?? tokenWeights?.length ?? 0;
    if (tokenMapping && tokenWeights && tokenWeights.length !== vocab) {
      throw new WembedError('shape_mismatch', `${tokenWeights.length} tokenWeights for a tokenMapping of ${vocab}`);
    }
    const perRowScales = converts ? type === 'i8' : stored !== undefined && typeof stored !== 'number';
    const table = new EmbeddingTable(await loadHeap(), {
      ...{ rows, dim, dtype: type, perRowScales, vocab },
      ...{ tokenWeights: !!tokenWeights, tokenMapping: !!tokenMapping },
    });
    try {
      const write = table.writer(source, widen || typeof scale !== 'number' ? 1 : scale);
      if (widen) widen(write);
      else write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      if (stored !== undefined) table.setScale(stored);
      table.setTokens({ tokenWeights, tokenMapping });
    } catch (error) {
      table.dispose();
      throw error;
    }
    return table;
  }

  /** Stored rows. */
  get rows() {
    return this.#shape.rows;
  }
  /** Ids it takes: its rows, or its tokens where it has a token mapping. */
  get vocabSize() {
    return this.#shape.vocab || this.#shape.rows;
  }
  /** Numbers a row. */
  get dim() {
    return this.#shape.dim;
  }
  /** @returns {Dtype} how its numbers are stored */
  get dtype() {
    return this.#shape.dtype;
  }
  /** What it occupies, scales and token data included. */
  get bytes() {
    const { rows, dim, dtype, perRowScales, vocab = 0, tokenWeights, tokenMapping } = this.#shape;
    const perToken = (tokenWeights ? 4 : 0) + (tokenMapping ? 4 : 0);
    const perRow = rowBytes(dtype, dim) + blockScaleBytes(dtype, dim) + (perRowScales ? 4 : 0);
    return rows * perRow + vocab * perToken;
  }

  /** Ids stand for weighted rows. */
  get hasTokenWeights() {
    return !!this.#shape.tokenWeights;
  }

  /** The memory it is in. Not for callers. */
  get heap() {
    return this.#heap;
  }

  /** The core's handle, for calls that use several of its objects at once. Not for callers. */
  get handle() {
    return this.#live;
  }

  /** @returns {number} the live handle */
  get #live() {
    if (!this.#handle) throw new WembedError('disposed', 'this EmbeddingTable has been disposed');
    return this.#handle;
  }

  /**
   * Copies stored bytes into place. For loaders; a table made by `from` is complete.
   * @param {Uint8Array} bytes
   * @param {number} offset in bytes
   */
  write(bytes, offset) {
    const { rows, dim, dtype } = this.#shape;
    const size = rows * rowBytes(dtype, dim);
    if (offset + bytes.length > size) {
      throw new WembedError('shape_mismatch', `${bytes.length} bytes at ${offset} do not fit a table of ${size} bytes`);
    }
    this.#heap.u8.set(bytes, (this.#heap.core.tableData(this.#live) >>> 0) + offset);
  }

  /**
   * For loaders: takes all bytes of a table in order, in pieces of any length, and converts them a strip at a time.
   * @param {Dtype | import('../core/dtypes.js').BlockType} dtype of the bytes: not i4; or blocks that rows are whole numbers of
   * @param {number} [scale] of i8
   * @returns {(bytes: Uint8Array) => void}
   */
  writer(dtype, scale = 1) {
    const heap = this.#heap;
    const { rows, dim } = this.#shape;
    if (dtype === this.dtype) {
      let offset = 0;
      return (bytes) => {
        this.write(bytes, offset);
        offset += bytes.length;
      };
    }
    const [code, row] =
      typeof dtype === 'string'
        ? [DTYPES.indexOf(dtype), rowBytes(dtype, dim)]
        : [dtype.code, (dim / dtype.numbers) * dtype.bytes];
    const strip = Math.max(1, Math.min(rows, Math.floor(STRIP_BYTES / row))) * row;
    let first = 0;
    // Of a row that has come in part. Not kept in the scratch block, which another table's writer may use meanwhile.
    let rest = new Uint8Array(0);
    return (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + strip - rest.length);
        const size = rest.length + piece.length;
        const buffer = heap.scratch('rows', strip);
        heap.u8.set(rest, buffer);
        heap.u8.set(piece, buffer + rest.length);
        const whole = Math.floor(size / row);
        heap.check(heap.core.tableStore(this.#live, code, buffer, whole, scale, first));
        rest = heap.u8.slice(buffer + whole * row, buffer + size);
        first += whole;
        at += piece.length;
      }
    };
  }

  /**
   * The same numbers in another dtype: a table of its own. f16 and bf16 round to nearest; i8 has a scale a row, i4 one a
   * block of 32.
   * @param {Dtype} dtype
   * @returns {EmbeddingTable}
   */
  quantize(dtype) {
    const { rows, dim, vocab, tokenWeights, tokenMapping } = this.#shape;
    const heap = this.#heap;
    const from = this.#live;
    const shape = {
      rows,
      dim,
      dtype: checkDtype(dtype),
      perRowScales: dtype === 'i8',
      vocab,
      tokenWeights,
      tokenMapping,
    };
    const table = new EmbeddingTable(heap, shape);
    try {
      heap.check(heap.core.tableConvert(table.#live, from));
      const bytes = 4 * (vocab ?? 0);
      for (const [of, has] of /** @type {const} */ ([
        ['tableTokenWeights', tokenWeights],
        ['tableTokenMapping', tokenMapping],
      ])) {
        const at = heap.core[of](from) >>> 0;
        if (has) heap.u8.copyWithin(heap.core[of](table.#live) >>> 0, at, at + bytes);
      }
      return table;
    } catch (error) {
      table.dispose();
      throw error;
    }
  }

  /**
   * What storing a table in fewer bits did to it.
   * @param {EmbeddingTable} original of the same shape
   * @returns {{ max: number, rms: number, cosine: number }} the largest difference of two numbers, the root of the mean
   *   square of all, and the mean over rows of the cosine between a row and the original's
   */
  quantizationError(original) {
    if (!(original instanceof EmbeddingTable)) {
      throw new WembedError('invalid_argument', 'quantizationError takes the table that this one was made of');
    }
    const heap = this.#heap;
    const out = heap.scratch('out', 24);
    heap.check(heap.core.tableCompare(this.#live, original.#live, out));
    const [max, rms, cosine] = new Float64Array(heap.u8.slice(out, out + 24).buffer);
    return { max, rms, cosine };
  }

  /**
   * For loaders: drops the last rows.
   * @param {number} rows to keep, at most as many as there are
   * @returns {this}
   */
  truncate(rows) {
    this.#heap.core.tableTruncate(this.#live, rows);
    this.#shape = { ...this.#shape, rows };
    return this;
  }

  /** @param {ArrayLike<number> | number} scale one a row where the table was made for that, or one for all */
  setScale(scale) {
    if (typeof scale === 'number') this.#heap.core.tableSetScale(this.#live, scale);
    else this.#heap.f32.set(scale, this.#heap.core.tableRowScales(this.#live) >>> 2);
  }

  /**
   * Fills in what each token is. Every mapped row must exist.
   * @param {{ tokenWeights?: ArrayLike<number>, tokenMapping?: IntegerArray }} tokens as many as the table was made for
   */
  setTokens({ tokenWeights, tokenMapping }) {
    const { core } = this.#heap;
    if (tokenWeights) this.#heap.f32.set(tokenWeights, core.tableTokenWeights(this.#live) >>> 2);
    if (tokenMapping) {
      const from = this.#heap.integers('ids', tokenMapping);
      const to = core.tableTokenMapping(this.#live) >>> 0;
      this.#heap.u8.copyWithin(to, from, from + 4 * tokenMapping.length);
    }
    this.#heap.check(core.tableCheckTokens(this.#live));
  }

  /**
   * The rows of some ids, in their order, as f32. `torch.nn.functional.embedding`.
   * @param {IntegerArray} ids each < vocabSize
   * @param {{ into?: Float32Array }} [options] `into`: at least ids.length × dim numbers, written instead of a new array
   * @returns {Matrix} (ids.length, dim)
   */
  lookup(ids, { into } = {}) {
    const handle = this.#live;
    const { dim, dtype, tokenWeights, tokenMapping } = this.#shape;
    const address = this.#heap.integers('ids', ids);
    const data = outputArray(into, ids.length * dim);
    this.#checkIds(address, ids);
    const asStored = dtype === 'f32' && !tokenWeights && !tokenMapping;
    if (asStored && dim >= COPIED_ROW) this.#copyRows(handle, address, ids.length, data);
    else this.#widenRows(handle, address, ids.length, data);
    return new Matrix(data, ids.length, dim);
  }

  /**
   * For rows that are stored as they are wanted.
   * @param {number} handle
   * @param {number} address of the ids as u32, checked
   * @param {number} n
   * @param {Float32Array} data (n, dim)
   */
  #copyRows(handle, address, n, data) {
    const { dim } = this.#shape;
    const { u32, f32 } = this.#heap;
    const table = (this.#heap.core.tableDataToRead(handle) >>> 0) / 4;
    for (let i = 0, at = address >>> 2; i < n; i++, at++) {
      const row = table + u32[at] * dim;
      data.set(f32.subarray(row, row + dim), i * dim);
    }
  }

  /**
   * @param {number} handle
   * @param {number} address of the ids as u32, checked
   * @param {number} n
   * @param {Float32Array} data (n, dim)
   */
  #widenRows(handle, address, n, data) {
    const { dim } = this.#shape;
    const strip = Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)));
    const out = this.#heap.scratch('out', 4 * dim * Math.min(strip, n));
    for (let i = 0; i < n; i += strip) {
      const rows = Math.min(strip, n - i);
      this.#heap.check(this.#heap.core.tableLookup(handle, address + 4 * i, rows, out));
      data.set(this.#heap.f32.subarray(out >>> 2, (out >>> 2) + rows * dim), i * dim);
    }
  }

  /**
   * Before anything is written: one bad id refuses the whole call. The core checks again; here the caller's own number
   * is at hand for the message.
   * @param {number} address of the ids as u32
   * @param {IntegerArray} ids
   */
  #checkIds(address, ids) {
    const limit = this.vocabSize;
    const copied = this.#heap.u32;
    for (let i = 0, at = address >>> 2; i < ids.length; i++, at++) {
      if (copied[at] >= limit) {
        throw new WembedError('id_out_of_range', `id out of range: ${ids[i]} at index ${i} (the table has ${limit})`);
      }
    }
  }

  /**
   * The row of one id, as f32.
   * @param {number} id
   * @returns {Float32Array} (dim)
   */
  row(id) {
    return this.lookup([id]).data;
  }

  /**
   * Reduces each bag of ids to one row. `torch.nn.EmbeddingBag` with `include_last_offset=True`.
   * @param {IntegerArray} ids all bags' ids, one after the other
   * @param {IntegerArray} offsets bags + 1: bag b is ids[offsets[b]] … ids[offsets[b + 1] - 1]; an empty bag gives zeros
   * @param {object} [options]
   * @param {BagMode} [options.mode] default 'mean'
   * @param {ArrayLike<number>} [options.perSampleWeights] one an id; mode 'sum' only, as torch has it
   * @param {number} [options.paddingIdx] an id that counts for nothing, not even in the mean's denominator
   * @param {Float32Array} [options.into] at least bags × dim numbers, written instead of a new array
   * @returns {Matrix} (bags, dim)
   */
  bag(ids, offsets, { mode = 'mean', perSampleWeights, paddingIdx, into } = {}) {
    const heap = this.#heap;
    const handle = this.#live;
    const { dim } = this;
    const idsAt = heap.integers('ids', ids);
    const offsetsAt = heap.integers('offsets', offsets);
    if (offsets.length === 0) throw new WembedError('shape_mismatch', 'offsets must have bags + 1 entries, got 0');
    const bags = offsets.length - 1;
    const data = outputArray(into, bags * dim);
    if (perSampleWeights && perSampleWeights.length !== ids.length) {
      throw new WembedError('shape_mismatch', `${perSampleWeights.length} perSampleWeights for ${ids.length} ids`);
    }
    const code = bagMode(mode);
    const weightsAt = perSampleWeights ? heap.floats('weights', perSampleWeights) : 0;
    const out = heap.scratch('out', 4 * bags * dim);
    this.#checkIds(idsAt, ids);
    heap.check(
      heap.core.tableBag(handle, idsAt, ids.length, offsetsAt, bags, code, weightsAt, paddingIdx ?? NO_ID, out),
    );
    data.set(heap.f32.subarray(out >>> 2, (out >>> 2) + bags * dim));
    return new Matrix(data, bags, dim);
  }

  /**
   * The scores of vectors against every row: `torch.nn.functional.linear(x, table)`.
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {{ into?: Float32Array }} [options] at least `rows` numbers, written instead of a new array
   * @returns {Float32Array} (rows)
   */
  /**
   * @overload
   * @param {Matrix} x (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × `rows` numbers
   * @returns {Matrix} (n, rows)
   */
  /**
   * @param {import('./products.js').Vectors} x
   * @param {{ into?: Float32Array }} [options]
   * @returns {Float32Array | Matrix}
   */
  products(x, options) {
    return products(this, x, options);
  }

  /**
   * The k rows with the highest scores, highest first; of equal scores the lower row. Rows whose score is NaN are left
   * out.
   * @overload
   * @param {Float32Array | readonly number[]} x (dim)
   * @param {number} k as many rows as there are where it is more
   * @param {{ metric?: import('./products.js').Metric }} [options] 'dot' (default), or 'cosine': in [-1, 1], 0 where x or
   *   the row is zero. The rows' norms are computed at the first such call, and again after the table is written to
   * @returns {import('./products.js').Nearest}
   */
  /**
   * The same for several vectors, which pass over the table together: a result for each.
   * @overload
   * @param {Matrix} x (n, dim)
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest[]} (n)
   */
  /**
   * @param {import('./products.js').Vectors} x
   * @param {number} k
   * @param {{ metric?: import('./products.js').Metric }} [options]
   * @returns {import('./products.js').Nearest | import('./products.js').Nearest[]}
   */
  nearest(x, k, options) {
    return nearest(this, x, k, options);
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    if (this.#handle) this.#heap.core.tableFree(this.#handle);
    this.#handle = 0;
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.dispose();
  }
}

/**
 * @param {Float32Array | undefined} into
 * @param {number} length
 * @returns {Float32Array} of exactly `length` numbers
 */
export function outputArray(into, length) {
  if (into === undefined) return new Float32Array(length);
  if (into[Symbol.toStringTag] !== 'Float32Array') {
    throw new WembedError('invalid_argument', 'into must be a Float32Array');
  }
  if (into.length < length) {
    throw new WembedError('shape_mismatch', `into has ${into.length} numbers, the result ${length}`);
  }
  return into.length === length ? into : into.subarray(0, length);
}

/**
 * @param {string} name
 * @param {number} value
 */
function checkCount(name, value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new WembedError('invalid_argument', `${name} must be a whole number below 2^32, got ${shown(value)}`);
  }
}

/**
 * How an array's numbers are stored, which for 16-bit patterns depends on what is wanted.
 * @param {unknown} data
 * @param {Dtype | undefined} wanted
 * @returns {Dtype}
 */
function dtypeOf(data, wanted) {
  if (Array.isArray(data)) return 'f32';
  const tag = ArrayBuffer.isView(data) ? /** @type {any} */ (data)[Symbol.toStringTag] : typeof data;
  if (tag === 'Uint16Array') return wanted === 'bf16' ? 'bf16' : 'f16';
  if (tag === 'Int8Array') return 'i8';
  if (tag === 'Float32Array') return 'f32';
  const known = 'a Float32Array, Uint16Array, Int8Array, Uint8Array or an array of numbers';
  throw new WembedError('invalid_argument', `a table is made of ${known}, got ${tag}`);
}

/**
 * @param {Dtype} dtype
 * @returns {Dtype}
 */
export function checkDtype(dtype) {
  if (DTYPES.includes(dtype)) return dtype;
  throw new WembedError('unsupported', `dtype '${shown(dtype)}' is not one of ${DTYPES.join(', ')}`);
}

/**
 * Bytes that no table stores as they are, or i8 with a scale a row that is to become something else.
 * @param {any} data
 * @param {any} options of `from`
 */
function isPacked(data, { format, zeroPoint, block, scale, dtype = 'i8' }) {
  const tag = data?.[Symbol.toStringTag];
  return (
    format || zeroPoint || block || tag === 'Uint8Array' || (tag === 'Int8Array' && scale?.length && dtype !== 'i8')
  );
}

/**
 * @param {Dtype} dtype
 * @param {number} rows
 * @param {ArrayLike<number> | number | undefined} scale
 */
function checkScales(dtype, rows, scale) {
  if (scale === undefined) return;
  if (dtype !== 'i8') throw new WembedError('invalid_argument', `a table of ${dtype} takes no scale`);
  if (typeof scale !== 'number' && scale.length !== rows) {
    throw new WembedError('shape_mismatch', `${scale.length} scales for ${rows} rows`);
  }
}
