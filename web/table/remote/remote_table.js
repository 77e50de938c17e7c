import { count, integersOf, lengthOf, optionsOf, outputArray, putFloats, mustBe } from '../../core/arguments.js';
import { signalOf } from '../../core/callbacks.js';
import { DISPOSE } from '../../core/dispose.js';
import { checkDtype } from '../../core/dtypes.js';
import { WembedError, throwIfAborted, isA } from '../../core/errors.js';
import { Matrix } from '../../core/matrix.js';
import { FILES_OPTIONS } from '../../sources/option_names.js';
import { startCore } from '../storage.js';
import { RemoteTensor } from './remote_tensor.js';
import { RowCache } from './row_cache.js';
import { RowFetches } from './row_fetches.js';

/** @typedef {import('../../sources/files.js').ModelLocation} ModelLocation */
/** A file that holds one table, or a source that reads parts of it. @typedef {Exclude<import('../../sources/source.js').FileContent, string>} TableFile */

/**
 * @typedef {object} RemoteRowsOptions
 * @property {string} [tensor] its name in the file; default: found by the usual names of token tables
 * @property {string} [file] the .safetensors or .gguf file to read, if it is not model.safetensors or its shards
 * @property {number} [cacheRows] rows held in WebAssembly memory; the least recently used rows leave first. Default
 *   4096
 * @property {'auto' | import('../../core/dtypes.js').Dtype} [dtype] of the rows held. 'auto' (default): as stored in
 *   the file, or f32 for formats of blocks and 8-bit floats, so that nothing is rounded
 */

/**
 * Rows are not stored in the download cache unless `cache` is set.
 * @typedef {RemoteRowsOptions & import('../../sources/address.js').FilesOptions} RemoteTableOptions
 */

const OPTIONS = ['tensor', 'file', 'cacheRows', 'dtype', ...FILES_OPTIONS];

/**
 * A table whose rows stay on their server. A row is downloaded when it is first looked up, together with near ones, and
 * held while there is room. Works with safetensors, sharded or not, and GGUF, from any source that can be read by
 * ranges. Created by `RemoteTable.fromPretrained`.
 * @example
 * const remote = await RemoteTable.fromPretrained('org/name', { tensor: 'model.embed_tokens.weight' });
 * const rows = await remote.lookup([1, 15043]); // (2, dim); downloads those rows
 */
export class RemoteTable {
  #tensor;
  #cache;
  #fetches;
  #live = true;

  /**
   * @internal
   * @param {RemoteTensor} tensor
   * @param {RowCache} cache
   */
  constructor(tensor, cache) {
    if (!isA(tensor, RemoteTensor)) {
      throw new WembedError('invalid_argument', 'a remote table is made by RemoteTable.fromPretrained(location)');
    }
    this.#tensor = tensor;
    this.#cache = cache;
    this.#fetches = new RowFetches(tensor.format.bytes, (rows, signal) => this.#fetch(rows, signal));
  }

  /**
   * Reads only the header of the file that contains the table.
   * @param {ModelLocation | TableFile} location as `EmbeddingLayer.fromPretrained` takes it; the address or path of a
   *   .safetensors or .gguf file; or such a file
   * @param {RemoteTableOptions} [options]
   * @returns {Promise<RemoteTable>} errors: `not_found`, `unsupported`, `bad_file`, `network`, `aborted`
   */
  static async fromPretrained(location, options) {
    const given = optionsOf('RemoteTable.fromPretrained', options, OPTIONS);
    const { cacheRows = 4096, dtype = 'auto', localFilesOnly } = given;
    count('cacheRows', cacheRows, { least: 1 });
    if (dtype !== 'auto') checkDtype(dtype);
    for (const name of /** @type {const} */ (['tensor', 'file'])) {
      const value = given[name];
      if (value === undefined || typeof value === 'string') continue;
      throw mustBe(name, 'a string', value);
    }
    throwIfAborted(signalOf(given.signal));
    await startCore();
    const tensor = await RemoteTensor.open(location, { cache: localFilesOnly ?? false, ...given });
    try {
      const { format, dim } = tensor;
      const shape = { rows: Math.min(cacheRows, tensor.rows), dim, dtype: dtype === 'auto' ? format.exact : dtype };
      return new RemoteTable(tensor, new RowCache(shape, format));
    } catch (error) {
      tensor.close();
      throw error;
    }
  }

  /**
   * The same for a file of your own.
   * @param {TableFile} file a .safetensors or .gguf file: bytes, a Blob, or anything with `byteLength` and `slice`
   * @param {RemoteTableOptions} [options]
   * @returns {Promise<RemoteTable>}
   */
  static async from(file, options) {
    return RemoteTable.fromPretrained(file, options);
  }

  /**
   * Another name for `fromPretrained`.
   * @param {ModelLocation | TableFile} location
   * @param {RemoteTableOptions} [options]
   * @returns {Promise<RemoteTable>}
   */
  static async open(location, options) {
    return RemoteTable.fromPretrained(location, options);
  }

  /** The number of rows. */
  get rows() {
    return this.#tensor.rows;
  }
  /** Numbers per row. */
  get dim() {
    return this.#tensor.dim;
  }
  /** The dtype of the rows held in memory. */
  get dtype() {
    return this.#cache.dtype;
  }
  /** The tensor's name. */
  get tensor() {
    return this.#tensor.name;
  }
  /** The number of rows held in memory. */
  get cachedRows() {
    return this.#cache.size;
  }
  /** Bytes read so far, headers included. */
  get bytesFetched() {
    return this.#tensor.bytesFetched;
  }

  /**
   * The rows of the given ids, in their order, as f32. Missing rows are downloaded first; simultaneous lookups share
   * downloads. An error leaves `into` unchanged.
   * @param {import('../../core/arguments.js').IntegerArray} ids each < rows
   * @param {{ into?: Float32Array, signal?: AbortSignal }} [options] `into`: an array of at least ids.length × dim
   *   numbers for the result, instead of a new one
   * @returns {Promise<Matrix>} (ids.length, dim). Errors: `id_out_of_range`, `network`, `bad_file`, `aborted`, `disposed`
   */
  async lookup(ids, options) {
    const { into, signal } = optionsOf('lookup', options, ['into', 'signal']);
    this.#checkLive();
    const rows = this.#checked(ids);
    const size = rows.length * this.dim;
    if (into !== undefined) outputArray(into, size); // before anything is downloaded
    throwIfAborted(signalOf(signal));
    const data = outputArray(undefined, size);
    // Rows in memory are copied at once: arriving rows may replace them.
    const missing = this.#cache.take(rows, data);
    if (missing.size > 0) {
      await this.#fetches.wait([...missing.keys()], signal, (row, values) => {
        for (const i of missing.get(row) ?? []) data.set(values, i * values.length);
      });
      this.#checkLive();
    }
    const target = into === undefined ? data : outputArray(into, size); // its buffer may have changed meanwhile
    if (target !== data) putFloats(target, data);
    return new Matrix(target, rows.length, this.dim);
  }

  /**
   * @param {import('../../core/arguments.js').IntegerArray} ids
   * @returns {Uint32Array} a copy
   */
  #checked(ids) {
    const given = integersOf('ids', ids);
    const rows = new Uint32Array(lengthOf(given));
    rows.set(given);
    const bad = rows.findIndex((id) => id >= this.rows);
    if (bad < 0) return rows;
    const what = `id out of range: ${given[bad]} at index ${bad} (the table has ${this.rows})`;
    throw new WembedError('id_out_of_range', what);
  }

  #checkLive() {
    if (!this.#live) throw new WembedError('disposed', 'this RemoteTable has been disposed');
  }

  /**
   * @param {Uint32Array} rows in rising order
   * @param {AbortSignal} signal
   * @returns {Promise<Float32Array>} (rows.length, dim)
   */
  async #fetch(rows, signal) {
    let found;
    try {
      found = await this.#tensor.read(rows[0], rows[rows.length - 1], signal);
    } catch (error) {
      this.#checkLive();
      throw error;
    }
    this.#checkLive();
    return this.#cache.keep(rows, found);
  }

  /** Frees the memory and aborts pending downloads. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    if (!this.#live) return;
    this.#live = false;
    this.#fetches.abort();
    this.#cache.dispose();
    this.#tensor.close();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}
