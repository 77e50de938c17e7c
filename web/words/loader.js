import { callbackOf, signalOf } from '../core/callbacks.js';
import { checkDtype } from '../core/dtypes.js';
import { WembedError, asWembedError, refuseRevoked, throwIfAborted, withoutUser, isA } from '../core/errors.js';
import { openFile } from '../sources/location.js';
import { FILES_OPTIONS } from '../sources/option_names.js';
import { countOrAll, keysOf } from './queries.js';
import { ByteWindow } from '../formats/byte_window.js';
import { eachSubword, openFasttext } from './files/fasttext.js';
import { gunzip } from '../formats/gunzip.js';
import { KeyIndex } from '../core/key_index.js';
import { openNpy } from '../formats/npy.js';
import { batchRows } from '../formats/row_batches.js';
import { HEAD, vectorFormat } from './files/vector_file.js';
import { openWord2vec } from './files/word2vec.js';
import { RowStore } from '../table/row_store.js';
import { startCore } from '../table/storage.js';
import { tableOf } from '../table/table.js';
import { isFolder } from '../sources/platform.js';
import { PieceReader } from '../sources/pieces.js';
import { Reader } from '../sources/reader.js';

/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */

/**
 * The source of vectors for words outside the vocabulary.
 * @typedef {object} Subwords
 * @property {EmbeddingTable} table one row per bucket
 * @property {import('./files/fasttext.js').SubwordRule} rule
 */

/**
 * @typedef {object} LoadedVectors
 * @property {EmbeddingTable} table
 * @property {KeyIndex} keys one per row
 * @property {Subwords} [subwords] of a fastText model with subwords
 */

/** A file of word vectors: its address, its path in Node, its bytes, or a source that reads parts of it. @typedef {string | URL | Blob | Uint8Array | ArrayBuffer | import('../sources/source.js').ByteSource} VectorSource */

/**
 * How a file is read; files on servers also take the options of downloads: headers, token, cache …
 * @typedef {VectorOptions & import('../sources/address.js').FilesOptions} WordVectorsOptions
 */

/**
 * @typedef {object} VectorOptions
 * @property {number} [limit] the maximum number of rows to read; little more than those is downloaded; default: all
 * @property {import('../core/dtypes.js').Dtype} [dtype] how to store the vectors, converted as they arrive; default
 *   'f32'
 * @property {string} [encoding] of the keys, as TextDecoder names it; default 'utf-8'. Invalid bytes become U+FFFD
 * @property {readonly string[]} [keys] of a NumPy file, which has no keys: one per row; default '0', '1', '2' …
 * @property {AbortSignal} [signal]
 * @property {import('../sources/source.js').OnProgress} [onProgress]
 */

export const VECTOR_OPTIONS = Object.freeze(['limit', 'dtype', 'encoding', 'keys', 'onProgress', ...FILES_OPTIONS]);

/** @typedef {VectorOptions & { limit: number, dtype: import('../core/dtypes.js').Dtype }} VectorReading */

/** Milliseconds after which loading yields to the event loop. */
const TURN = 50;

/**
 * Loads a file of word vectors from any source.
 * @param {VectorSource} location
 * @param {WordVectorsOptions} given
 * @returns {Promise<LoadedVectors>}
 */
export async function openVectors(location, given) {
  const signal = signalOf(given.signal);
  const calls = callbackOf('onProgress', given.onProgress);
  const options = {
    ...given,
    limit: countOrAll('limit', given.limit ?? Infinity),
    dtype: checkDtype(given.dtype ?? 'f32'),
    keys: given.keys && keysOf(given.keys),
    onProgress: calls.call,
  };
  throwIfAborted(signal);
  const name = nameOf(location);
  const source = await openFile(location, { ...options, ranges: true });
  if (!source) throw await missing(location, name);
  try {
    await startCore();
    return await readVectors(source, name, options);
  } catch (error) {
    calls.rethrow();
    await source.settle?.(error);
    throw asWembedError(error, name, signal);
  } finally {
    if (source !== location) await source.close?.(); // a caller's own source stays open
  }
}

/**
 * @param {VectorSource} location where there is no file
 * @param {string} name
 */
async function missing(location, name) {
  const path = /^file:/i.test(name) ? new URL(name) : name;
  const folder = typeof location !== 'object' || isA(location, URL) ? await isFolder(path) : false;
  const what = folder ? `${name} is a folder: name the file in it` : `there is no file ${name}`;
  return new WembedError('not_found', what);
}

/**
 * @param {VectorSource} location
 * @returns {string} its name in messages
 */
function nameOf(location) {
  refuseRevoked('a location', location);
  if (typeof location === 'string' || isA(location, URL)) return withoutUser(String(location));
  const { name } = /** @type {{ name?: unknown }} */ (Object(location));
  return typeof name === 'string' ? name : 'the file given';
}

/**
 * Reads a file of word vectors of any format into a table.
 * @param {import('../sources/source.js').ByteSource} source
 * @param {string} name for messages
 * @param {VectorReading} options
 * @returns {Promise<LoadedVectors>}
 */
async function readVectors(source, name, options) {
  const { byteLength } = source;
  const { signal, onProgress, limit } = options;
  const anyOrder = byteLength !== undefined && !source.inOrder;
  const progress = { file: name, loaded: 0, total: byteLength ?? 0 };
  /** @type {import('../formats/byte_window.js').Pull} counts the bytes read, from any source */
  const counted = {
    async next(most) {
      const bytes = await reader.next(most);
      progress.loaded += bytes?.length ?? 0;
      if (bytes) onProgress?.({ status: 'progress', ...progress });
      return bytes;
    },
  };
  // A server sends everything that was requested; any other source can be abandoned at no cost.
  const inPieces = anyOrder && source.inOrder !== undefined;
  /** @type {Reader | PieceReader} reads the whole file, or pieces if reading may stop early */
  let reader =
    inPieces && limit !== Infinity ? new PieceReader(source, name, { signal }) : new Reader(source, name, { signal });
  const reopen = async (/** @type {number} */ start, /** @type {number | undefined} */ end) => {
    await reader.cancel();
    const part = { signal, start, end };
    reader = inPieces && end === undefined ? new PieceReader(source, name, part) : new Reader(source, name, part);
    return new ByteWindow(counted, start);
  };
  try {
    const window = new ByteWindow(counted);
    const vectors =
      (await formatOf(window, name)) === 'gzip'
        ? await readGzip(window, name, options)
        : await readFormat(window, name, options, { byteLength, reopen: anyOrder ? reopen : undefined });
    onProgress?.({ status: 'done', ...progress });
    return vectors;
  } finally {
    await reader.cancel();
  }
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {VectorReading} options
 * @returns {Promise<LoadedVectors>}
 */
async function readGzip(window, name, options) {
  const unpacked = gunzip(window, name);
  try {
    return await readFormat(new ByteWindow(unpacked), name, options, {});
  } finally {
    await unpacked.cancel().catch(() => {});
  }
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 * @param {VectorReading} options
 * @param {Pick<import('./files/vector_file.js').VectorFileOptions, 'byteLength' | 'reopen'>} source
 * @returns {Promise<LoadedVectors>}
 */
async function readFormat(window, name, options, source) {
  const keys = new KeyIndex(options.encoding);
  const file = { ...source, limit: options.limit, keys };
  const sized = source.byteLength !== undefined;
  switch (await formatOf(window, name)) {
    case 'gzip':
      throw new WembedError('unsupported', `${name} is gzipped twice`);
    case 'fasttext':
      if (source.reopen) window = await source.reopen(window.position); // in pieces, because only a part is needed
      return readFasttext(await openFasttext(window, name, file), keys, { ...options, name, sized });
    case 'npy':
      return readNpy(await openNpy(window, name, file), { ...options, name, sized });
    default:
      return readWord2vec(await openWord2vec(window, name, file), keys, { ...options, name, sized });
  }
}

/**
 * @param {ByteWindow} window
 * @param {string} name
 */
async function formatOf(window, name) {
  await window.fill(HEAD);
  return vectorFormat(window.bytes.subarray(window.begin, Math.min(window.end, window.begin + HEAD)), name);
}

/**
 * @typedef {VectorReading & { name: string, sized: boolean }} StoreOptions sized: whether the file is known to contain
 *   the announced rows: only then are they allocated at once
 */

/**
 * @param {import('./files/vector_file.js').VectorFile} file
 * @param {KeyIndex} keys to which the file's keys are added as they arrive
 * @param {StoreOptions} options
 * @returns {Promise<LoadedVectors>}
 */
function readWord2vec({ dim, rows, batches }, keys, options) {
  return storing(dim, options, async (open) => {
    const store = open(rows);
    await fill(store, batches(), options.signal);
    return { table: tableOf(store.finish()), keys };
  });
}

/**
 * @param {Awaited<ReturnType<typeof openNpy>>} file
 * @param {StoreOptions} options
 * @returns {Promise<LoadedVectors>}
 */
async function readNpy({ dim, rows, batches }, options) {
  const { keys, name } = options;
  if (keys && keys.length < rows) {
    throw new WembedError('shape_mismatch', `${keys.length} keys for the ${rows} rows of ${name}`);
  }
  const given = keys && KeyIndex.from(keys.slice(0, rows));
  return storing(dim, options, async (open) => {
    const store = open(rows);
    await fill(store, batches(), options.signal);
    const numbers = () => KeyIndex.from(Array.from({ length: rows }, (_, i) => String(i)));
    return { table: tableOf(store.finish()), keys: given ?? numbers() };
  });
}

/**
 * @param {import('./files/fasttext.js').FasttextFile} file
 * @param {KeyIndex} keys of the words
 * @param {StoreOptions} options
 * @returns {Promise<LoadedVectors>}
 */
function readFasttext(file, keys, options) {
  const { dim, words, firstSubword, subwordRows, anyOrder, raw } = file;
  const { signal } = options;
  return storing(dim, options, async (open) => {
    const store = open(words);
    const readSubwords = async () => {
      const subwordStore = open(subwordRows);
      await fill(subwordStore, file.rows(firstSubword, firstSubword + subwordRows), signal);
      return { table: tableOf(subwordStore.finish()), rule: file.subwords };
    };
    const early = subwordRows > 0 && anyOrder ? await readSubwords() : undefined;
    await fill(store, file.rows(0, words), signal, early && composer(early, keys, raw));
    // In the file, words precede their subwords: words are stored first, and composed later.
    const late = subwordRows > 0 && !anyOrder ? await readSubwords() : undefined;
    const table = tableOf(store.finish());
    if (late) await recompose(store, table, composer(late, keys, raw), signal);
    return { table, keys, subwords: early ?? late };
  });
}

/**
 * Composes words that have already been stored.
 * @param {RowStore} store
 * @param {EmbeddingTable} table of the finished store
 * @param {(rows: Float32Array, first: number) => void} compose
 * @param {AbortSignal} [signal]
 */
async function recompose(store, table, compose, signal) {
  const turn = turns(signal);
  const strip = batchRows(table.dim);
  const rows = new Float32Array(strip * table.dim);
  for (let first = 0; first < table.rows; first += strip) {
    const ids = Uint32Array.from({ length: Math.min(strip, table.rows - first) }, (_, i) => first + i);
    const { data } = table.lookup(ids, { into: rows });
    compose(data, first);
    store.replace(first, data);
    await turn();
  }
}

/**
 * @param {RowStore} store
 * @param {AsyncGenerator<Float32Array>} batches
 * @param {AbortSignal} [signal]
 * @param {(rows: Float32Array, first: number) => void} [change] applied to rows before they are stored
 */
async function fill(store, batches, signal, change) {
  const turn = turns(signal);
  for await (const rows of batches) {
    change?.(rows, store.length);
    store.add(rows);
    await turn();
  }
}

/**
 * Returns a function that turns words' own rows into their vectors: the mean of the word's row and its subwords' rows.
 * It works in place; its arrays are reused by all calls.
 * @param {Subwords} subwords
 * @param {KeyIndex} keys
 * @param {Map<number, Uint8Array>} raw the bytes of words that are not UTF-8, by index
 * @returns {(rows: Float32Array, first: number) => void} rows (n, dim), n at most a batch; first: the first word's
 *   index
 */
function composer({ table, rule }, keys, raw) {
  const { dim } = table;
  const sums = new Float32Array(batchRows(dim) * dim);
  const offsets = new Uint32Array(batchRows(dim) + 1);
  let ids = new Uint32Array(4096);
  let count = 0;
  const take = (/** @type {number} */ id) => {
    if (count === ids.length) {
      const more = new Uint32Array(2 * count);
      more.set(ids);
      ids = more;
    }
    ids[count++] = id;
  };
  return (rows, first) => {
    const words = rows.length / dim;
    count = 0;
    for (let i = 0; i < words; i++) {
      eachSubword(raw.get(first + i) ?? keys.utf8(first + i), rule, take);
      offsets[i + 1] = count;
    }
    table.bag(ids.subarray(0, count), offsets.subarray(0, words + 1), { mode: 'sum', into: sums });
    for (let word = 0; word < words; word++) {
      const parts = offsets[word + 1] - offsets[word] + 1;
      for (let i = word * dim; i < (word + 1) * dim; i++) rows[i] = (rows[i] + sums[i]) / parts;
    }
  };
}

/**
 * Runs a function that fills stores, and frees the stores if it fails.
 * @param {number} dim
 * @param {StoreOptions} options
 * @param {(open: (rows?: number) => RowStore) => Promise<LoadedVectors>} run
 * @returns {Promise<LoadedVectors>}
 */
async function storing(dim, { dtype, sized }, run) {
  /** @type {RowStore[]} */
  const stores = [];
  try {
    return await run((rows) => {
      const store = new RowStore({ dim, dtype, rows: sized ? rows : undefined });
      stores.push(store);
      return store;
    });
  } catch (error) {
    stores.forEach((store) => store.dispose());
    throw error;
  }
}

/**
 * Yields to the event loop from time to time, so that a page stays responsive and a signal takes effect.
 * @param {AbortSignal} [signal]
 */
function turns(signal) {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    throwIfAborted(signal);
    last = performance.now();
  };
}
