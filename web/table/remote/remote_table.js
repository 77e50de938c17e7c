import { widening } from '../dequantize.js';
import { WembedError, asWembedError, shown, throwIfAborted } from '../../core/errors.js';
import { BYTE_FLOATS, writable } from '../../formats/tensor_dtypes.js';
import { TensorFiles } from '../../formats/tensors.js';
import { Matrix } from '../../core/matrix.js';
import { locate } from '../../sources/location.js';
import { chunksOf } from '../../sources/source.js';
import { EmbeddingTable, checkDtype, outputArray } from '../table.js';
import { DTYPES, rowBytes } from '../../core/dtypes.js';
import { loadHeap } from '../../memory/heap.js';

/**
 * @typedef {object} RemoteTableOptions
 * @property {string} [tensor] its name in the file; default: the one that the usual names of token tables lead to
 * @property {string} [file] of the location, where it is not model.safetensors or its shards: a .safetensors or .gguf file
 * @property {number} [cacheRows] how many rows are kept in WebAssembly memory, the least recently used leaving first;
 *   default 4096
 * @property {'auto' | import('../../core/dtypes.js').Dtype} [dtype] how they are kept. 'auto': as they are stored, or f32 where that
 *   is a format of blocks or 8-bit floats, so that nothing is rounded
 */

/** @typedef {{ rows: Uint32Array, promise: Promise<Float32Array>, waiting: number, controller: AbortController }} Fetch */

/** What the first request asks for: the header of most files, and little against the rows of one lookup. */
const FIRST_READ = 16384;

/** Names of token tables, the surest first. */
const TOKEN_TABLES = [
  /(^|\.)(embed_tokens|word_embeddings|wte|tok_embeddings|embed_in)\.weight$/,
  /^token_embd\.weight$/,
  /(^|\.)shared\.weight$/,
  /^(embeddings|embedding\.weight)$/,
];

/** A gap between rows that is dearer to download than another request is to make. */
const MAX_GAP = 32768;

/** What is downloaded in vain is at most this part of what is wanted. */
const WASTE = 0.4;

/** Bytes of one request, so that what waits to be converted stays small. */
const MAX_RANGE = 2 ** 22;

/**
 * A table whose rows stay where they are: each is downloaded when it is first looked up, near ones together, and kept while
 * there is room. Works on safetensors, sharded or not, and GGUF, wherever byte ranges can be read.
 */
export class RemoteTable {
  #tensors;
  #files;
  #source;
  #tensor;
  #format;
  /** The rows that are kept. @type {EmbeddingTable} */
  #slots;
  /** Where each is, the least recently used first. @type {Map<number, number>} */
  #slotOf = new Map();
  /** Slots given back. @type {number[]} */
  #free = [];
  /** What is under way. @type {Map<number, Fetch>} */
  #fetches = new Map();
  #live = true;

  /**
   * Not for callers: use `RemoteTable.open`.
   * @param {CountedFiles} files
   * @param {TensorFiles} tensors
   * @param {import('../../formats/tensors.js').StoredTensor} tensor
   * @param {RowFormat} format
   * @param {EmbeddingTable} slots
   */
  constructor(files, tensors, tensor, format, slots) {
    this.#files = files;
    this.#tensors = tensors;
    this.#tensor = tensor;
    this.#format = format;
    this.#slots = slots;
    this.#source = tensors.sourceOf(tensor);
  }

  /**
   * Reads the header of the file that has the table, and no more.
   * @param {import('../../sources/files.js').ModelLocation | Exclude<import('../../sources/source.js').FileContent, string>} location
   *   as `EmbeddingLayer.fromPretrained` takes it; the address or path of a .safetensors or .gguf file; or such a file
   * @param {RemoteTableOptions & import('../../sources/address.js').FilesOptions} [options] rows do not go to the cache unless
   *   `cache` says so
   * @returns {Promise<RemoteTable>}
   */
  static async open(location, options = {}) {
    const { tensor: name, cacheRows = 4096, dtype = 'auto' } = options;
    if (!Number.isInteger(cacheRows) || cacheRows < 1) {
      throw new WembedError('invalid_argument', `cacheRows must be a whole number above 0, got ${shown(cacheRows)}`);
    }
    if (dtype !== 'auto') checkDtype(dtype);
    const heap = await loadHeap();
    const { localFilesOnly, cache = localFilesOnly ?? false } = options;
    const { files: uncounted, file } = await locate(location, { ...options, cache });
    const files = new CountedFiles(uncounted);
    /** @type {TensorFiles | undefined} */
    let tensors;
    try {
      tensors = await openTensors(files, file, options);
      const tensor = await findTensor(tensors, name);
      const format = rowFormat(tensor);
      const source = tensors.sourceOf(tensor);
      if (source.inOrder) {
        const what = 'the server ignores ranges, so that a row costs all that comes before it';
        throw new WembedError('unsupported', `${tensor.file}: ${what}: load the whole table with EmbeddingLayer`);
      }
      const [rows, dim] = tensor.shape;
      const type = dtype === 'auto' ? format.kept : dtype;
      const perRowScales = type === 'i8' && format.kept !== 'i8';
      const slots = new EmbeddingTable(heap, { rows: Math.min(cacheRows, rows), dim, dtype: type, perRowScales });
      return new RemoteTable(files, tensors, tensor, format, slots);
    } catch (error) {
      await tensors?.close();
      await files.settle(error);
      throw error;
    }
  }

  /** Rows of the table. */
  get rows() {
    return this.#tensor.shape[0];
  }
  /** Numbers a row. */
  get dim() {
    return this.#tensor.shape[1];
  }
  /** How the rows that are here are kept. */
  get dtype() {
    return this.#slots.dtype;
  }
  /** The tensor's name. */
  get tensor() {
    return this.#tensor.name;
  }
  /** Rows that are here. */
  get cachedRows() {
    return this.#slotOf.size;
  }
  /** Bytes read so far, headers included. */
  get bytesFetched() {
    return this.#files.bytes;
  }

  /**
   * The rows of some ids, in their order, as f32. What is not here is downloaded first; lookups at the same time share what
   * they both need. An error leaves `into` as it was.
   * @param {import('../../core/dtypes.js').IntegerArray} ids each < rows
   * @param {{ into?: Float32Array, signal?: AbortSignal }} [options] `into`: at least ids.length × dim numbers, written
   *   instead of a new array
   * @returns {Promise<Matrix>} (ids.length, dim)
   */
  async lookup(ids, { into, signal } = {}) {
    const wanted = this.#checked(ids);
    const target = outputArray(into, wanted.length * this.dim);
    throwIfAborted(signal);
    const data = into ? new Float32Array(target.length) : target;
    // What is here is taken at once: what comes may need its place.
    const missing = this.#takeHere(wanted, data);
    if (missing.size > 0) await this.#takeFetched(missing, data, signal);
    if (into) target.set(data);
    return new Matrix(target, wanted.length, this.dim);
  }

  /**
   * @param {import('../../core/dtypes.js').IntegerArray} ids
   * @returns {Uint32Array}
   */
  #checked(ids) {
    this.#checkLive();
    const { heap } = this.#slots;
    const address = heap.integers('ids', ids);
    const wanted = heap.u32.slice(address >>> 2, (address >>> 2) + ids.length);
    const bad = wanted.findIndex((id) => id >= this.rows);
    if (bad < 0) return wanted;
    throw new WembedError(
      'id_out_of_range',
      `id out of range: ${ids[bad]} at index ${bad} (the table has ${this.rows})`,
    );
  }

  #checkLive() {
    if (!this.#live) throw new WembedError('disposed', 'this RemoteTable has been disposed');
  }

  /**
   * @param {Uint32Array} wanted
   * @param {Float32Array} data (wanted.length, dim)
   * @returns {Map<number, number[]>} rows that are not here, and where in `data` they belong
   */
  #takeHere(wanted, data) {
    /** @type {Map<number, number[]>} */
    const missing = new Map();
    const slots = [];
    const places = [];
    for (let i = 0; i < wanted.length; i++) {
      const slot = this.#slotOf.get(wanted[i]);
      if (slot === undefined) {
        const others = missing.get(wanted[i]);
        if (others) others.push(i);
        else missing.set(wanted[i], [i]);
      } else {
        this.#touch(wanted[i], slot);
        slots.push(slot);
        places.push(i);
      }
    }
    const { dim } = this;
    const here = this.#slots.lookup(slots).data;
    places.forEach((i, k) => data.set(here.subarray(k * dim, (k + 1) * dim), i * dim));
    return missing;
  }

  /**
   * @param {number} row
   * @param {number} slot
   */
  #touch(row, slot) {
    this.#slotOf.delete(row);
    this.#slotOf.set(row, slot);
  }

  /**
   * @param {Map<number, number[]>} missing
   * @param {Float32Array} data
   * @param {AbortSignal | undefined} signal
   */
  async #takeFetched(missing, data, signal) {
    const { dim } = this;
    const fetches = this.#fetchesOf([...missing.keys()]);
    await waitForAll(fetches, signal, async (fetch) => {
      const rows = await fetch.promise;
      fetch.rows.forEach((row, k) => {
        for (const i of missing.get(row) ?? []) data.set(rows.subarray(k * dim, (k + 1) * dim), i * dim);
      });
    });
    this.#checkLive();
  }

  /**
   * What brings some rows: what is under way already, and new ones for the rest.
   * @param {number[]} rows
   * @returns {Fetch[]}
   */
  #fetchesOf(rows) {
    const fetches = new Set(rows.map((row) => this.#fetches.get(row)));
    fetches.delete(undefined);
    const rest = Uint32Array.from(rows.filter((row) => !this.#fetches.has(row))).sort();
    for (const run of runsOf(rest, this.#format.bytes)) fetches.add(this.#start(run));
    return /** @type {Fetch[]} */ ([...fetches]);
  }

  /**
   * @param {Uint32Array} rows in rising order, to be had with one request
   * @returns {Fetch}
   */
  #start(rows) {
    const controller = new AbortController();
    const promise = this.#fetch(rows, controller.signal);
    /** @type {Fetch} */
    const fetch = { rows, promise, waiting: 0, controller };
    for (const row of rows) this.#fetches.set(row, fetch);
    const over = () => {
      for (const row of rows) if (this.#fetches.get(row) === fetch) this.#fetches.delete(row);
    };
    controller.signal.addEventListener('abort', over);
    promise.then(over, over);
    return fetch;
  }

  /**
   * @param {Uint32Array} rows
   * @param {AbortSignal} signal
   * @returns {Promise<Float32Array>} (rows.length, dim)
   */
  async #fetch(rows, signal) {
    const { bytes } = this.#format;
    const { begin, name, file } = this.#tensor;
    const start = begin + rows[0] * bytes;
    const end = begin + (rows[rows.length - 1] + 1) * bytes;
    let found;
    try {
      found = new Uint8Array(await this.#source.slice(start, end, signal));
    } catch (error) {
      this.#checkLive();
      throw asWembedError(error, `rows of '${name}'`, signal);
    }
    this.#checkLive();
    if (found.length !== end - start) {
      throw new WembedError('bad_file', `${file} is truncated: bytes ${start} to ${end} are ${found.length}`);
    }
    return this.#keep(rows, found);
  }

  /**
   * Takes rows in, as many at a time as there is room for.
   * @param {Uint32Array} rows
   * @param {Uint8Array} found the bytes from the first row's to the last's
   * @returns {Float32Array} (rows.length, dim)
   */
  #keep(rows, found) {
    const { bytes } = this.#format;
    const { dim } = this;
    const room = this.#slots.rows;
    const data = new Float32Array(rows.length * dim);
    for (let from = 0; from < rows.length; from += room) {
      const some = rows.subarray(from, from + room);
      const slots = [];
      for (const row of some) {
        const at = (row - rows[0]) * bytes;
        slots.push(this.#keepRow(row, found.subarray(at, at + bytes)));
      }
      this.#slots.lookup(slots, { into: data.subarray(from * dim, (from + some.length) * dim) });
    }
    return data;
  }

  /**
   * @param {number} row
   * @param {Uint8Array} bytes
   * @returns {number} its slot
   */
  #keepRow(row, bytes) {
    const slot = this.#slotFor(row);
    try {
      this.#format.store(this.#slots, slot, bytes);
    } catch (error) {
      this.#free.push(slot); // what cannot be converted leaves no row that is half another
      throw error;
    }
    this.#slotOf.set(row, slot);
    return slot;
  }

  /**
   * Takes a slot from nobody, or from the row that has not been asked for for the longest time.
   * @param {number} row
   * @returns {number}
   */
  #slotFor(row) {
    const free = this.#slotOf.get(row) ?? this.#free.pop();
    this.#slotOf.delete(row);
    if (free !== undefined) return free;
    const used = this.#slotOf.size;
    if (used < this.#slots.rows) return used;
    const [[oldest, slot]] = this.#slotOf;
    this.#slotOf.delete(oldest);
    return slot;
  }

  /** Frees the memory and ends what is under way. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    if (!this.#live) return;
    this.#live = false;
    for (const { controller } of new Set(this.#fetches.values())) controller.abort();
    this.#slotOf.clear();
    this.#slots.dispose();
    this.#tensors.close().catch(() => {});
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.dispose();
  }
}

/**
 * Waits for fetches that others may wait for too: one that nobody waits for any more is given up.
 * @param {Fetch[]} fetches
 * @param {AbortSignal | undefined} signal
 * @param {(fetch: Fetch) => Promise<void>} take
 */
async function waitForAll(fetches, signal, take) {
  for (const fetch of fetches) fetch.waiting++;
  /** @type {(() => void) | undefined} */
  let abort;
  const aborted = new Promise((_, reject) => {
    abort = () => reject(new WembedError('aborted', 'the lookup was aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort);
  });
  try {
    await Promise.race([Promise.all(fetches.map(take)), aborted]);
  } finally {
    if (abort) signal?.removeEventListener('abort', abort);
    for (const fetch of fetches) if (--fetch.waiting === 0) fetch.controller.abort();
  }
}

/**
 * Rows as the requests that bring them: neighbours together, and rows with a small gap between them, the smallest gaps
 * first, as long as little comes in vain.
 * @param {Uint32Array} rows in rising order
 * @param {number} bytes a row
 * @returns {Uint32Array[]}
 */
export function runsOf(rows, bytes) {
  const gap = (/** @type {number} */ i) => (rows[i] - rows[i - 1] - 1) * bytes;
  const gaps = Array.from(rows.keys()).slice(1);
  let budget = WASTE * rows.length * bytes;
  const bridged = new Set(
    gaps
      .filter((i) => gap(i) <= MAX_GAP)
      .sort((a, b) => gap(a) - gap(b))
      .filter((i) => (budget -= gap(i)) >= 0),
  );
  const runs = [];
  for (let from = 0, i = 1; i <= rows.length; i++) {
    const long = i < rows.length && (rows[i] - rows[from] + 1) * bytes > MAX_RANGE;
    if (i < rows.length && bridged.has(i) && !long) continue;
    runs.push(rows.subarray(from, i));
    from = i;
  }
  return runs;
}

/**
 * How a tensor's rows become rows of a table.
 * @typedef {object} RowFormat
 * @property {number} bytes of a stored row
 * @property {import('../../core/dtypes.js').Dtype} kept the dtype that holds them without rounding
 * @property {(table: EmbeddingTable, row: number, bytes: Uint8Array) => void} store
 */

/**
 * @param {import('../../formats/tensors.js').StoredTensor} tensor
 * @returns {RowFormat}
 */
function rowFormat({ name, file, dtype, shape, begin, end }) {
  const [rows, dim] = shape;
  if (shape.length !== 2 || rows < 1 || dim < 1 || rows > 0xffffffff) {
    throw new WembedError('unsupported', `${file}: '${name}' of shape [${shape}] is no table`);
  }
  const bytes = (end - begin) / rows;
  const float = BYTE_FLOATS[dtype];
  if (float) return { bytes, kept: 'f32', store: storingFloats(float, rows, dim) };
  const stored = dtype === 'I8' ? 'i8' : writable(dtype);
  if (!stored) throw new WembedError('unsupported', `${file}: '${name}' is ${dtype}, which is not read`);
  const kept = typeof stored === 'string' ? stored : 'f32';
  return { bytes, kept, store: (table, row, own) => storeRow(table, row, own, stored) };
}

/**
 * @param {import('../dequantize.js').ByteFormat} format
 * @param {number} rows
 * @param {number} dim
 * @returns {RowFormat['store']}
 */
function storingFloats(format, rows, dim) {
  const floats = new Uint8Array(4 * dim);
  let at = 0;
  const widen = widening(format, { rows, dim }, (some) => {
    floats.set(some, at);
    at += some.length;
  });
  return (table, row, bytes) => {
    at = 0;
    widen(bytes);
    storeRow(table, row, floats, 'f32');
  };
}

/**
 * @param {EmbeddingTable} table
 * @param {number} row
 * @param {Uint8Array} bytes
 * @param {import('../../core/dtypes.js').Dtype | import('../../core/dtypes.js').BlockType} stored what they are
 */
function storeRow(table, row, bytes, stored) {
  const { heap, handle, dim } = table;
  if (stored === table.dtype) {
    table.write(bytes, row * rowBytes(table.dtype, dim));
    return;
  }
  const buffer = heap.scratch('rows', bytes.length);
  heap.u8.set(bytes, buffer);
  const code = typeof stored === 'string' ? DTYPES.indexOf(stored) : stored.code;
  heap.check(heap.core.tableStore(handle, code, buffer, 1, 1, row));
}

/**
 * @param {TensorFiles} tensors
 * @param {string | undefined} name
 * @returns {Promise<import('../../formats/tensors.js').StoredTensor>}
 */
async function findTensor(tensors, name) {
  return tensors.plan((map) => {
    const names = [...map.keys()];
    const found = name ?? TOKEN_TABLES.map((pattern) => names.find((each) => pattern.test(each))).find(Boolean);
    const tensor = found === undefined ? undefined : map.get(found);
    if (!tensor) {
      const what = name === undefined ? 'no table of a usual name; say which `tensor` is meant' : `no tensor '${name}'`;
      throw new WembedError('not_found', `${tensors.name} has ${what}: ${names.slice(0, 8).join(', ')}`);
    }
    const scales = names.find((each) => each === `${found}_scale_inv` || each === `${found}_scale`);
    if (scales) throw new WembedError('unsupported', `${tensors.name}: '${found}' has scales of its own, '${scales}'`);
    return tensor;
  });
}

/**
 * @param {CountedFiles} files
 * @param {string | undefined} file
 * @param {import('../../sources/address.js').FilesOptions} options
 */
function openTensors(files, file, options) {
  const { signal } = options;
  if (file && /\.gguf([?#]|$)/i.test(file)) return TensorFiles.gguf(files, file, { signal });
  return TensorFiles.safetensors(files, { signal }, file);
}

/** Files whose bytes are counted as they are read, the first few asked for first. */
class CountedFiles {
  #files;
  /** @type {Map<string, { source: import('../../sources/source.js').ByteSource, sliced: number }>} */
  #opened = new Map();

  /** @param {import('../../sources/files.js').ModelFiles} files */
  constructor(files) {
    this.#files = files;
    this.name = files.name;
  }

  /**
   * @param {string} file
   * @param {{ ranges?: boolean | number }} [how]
   * @returns {Promise<import('../../sources/source.js').ByteSource | null>}
   */
  async open(file, how) {
    const source = await this.#files.open(file, how?.ranges === true ? { ranges: FIRST_READ } : how);
    if (!source) return null;
    const opened = { source, sliced: 0 };
    this.#opened.set(file, opened);
    return {
      ...{ byteLength: source.byteLength, inOrder: source.inOrder, close: async () => source.close?.() },
      slice: async (start, end, signal) => {
        const bytes = await source.slice(start, end, signal);
        opened.sliced += bytes.byteLength;
        return bytes;
      },
      stream: async function* (signal, start, end) {
        for await (const bytes of chunksOf(source, signal, start, end)) {
          opened.sliced += bytes.length;
          yield bytes;
        }
      },
    };
  }

  /** @param {unknown} error */
  async settle(error) {
    await this.#files.settle?.(error);
  }

  /** What a server has sent, or, of other places, what was read. */
  get bytes() {
    return [...this.#opened.values()].reduce((sum, { source, sliced }) => sum + (source.received ?? sliced), 0);
  }
}
