// Bytes as an index: whatever they are, an index that works or an error.
import { WembedError } from '../core/errors.js';
import { readChunks } from './chunk_reader.js';
import { Collection } from './collection.js';
import { indexSettings } from './index_settings.js';
import { SECTIONS } from './index_writer.js';
import { checkId, noItems, pushItem } from './items.js';

/** @typedef {import('./items.js').ItemColumns} ItemColumns */
/**
 * What a file does not hold: functions and layers.
 * @typedef {object} LoadIndexOptions
 * @property {import('./index_settings.js').TextLayer} [layer] makes vectors of queries and of
 *   added texts: the one that the index was made with
 * @property {(word: string) => string} [stem] the function that the index was made with, if any
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // U+FEFF at the beginning of a text is its own

/**
 * @param {Uint8Array} file
 * @param {LoadIndexOptions} options
 * @returns {Promise<Collection>}
 */
export async function readIndex(file, { layer, stem }) {
  const own = file.byteOffset % 4 === 0 ? file : new Uint8Array(file); // sections are read as numbers of up to 32 bits
  const chunks = readChunks(own, SECTIONS);
  const [{ settings, ownStem }, ...others] = chunks.map(([head]) => objectOf(head));
  if (others.some((other) => JSON.stringify(other.settings) !== JSON.stringify(settings))) {
    throw corrupted('has parts of different settings');
  }
  if (ownStem && !stem) {
    const what = 'this index was made with a stem function of yours: load it with the same, as the option stem';
    throw new WembedError('invalid_argument', what);
  }
  const given = Object(settings);
  const keywords = given.keywords && { ...given.keywords, stem };
  const collection = new Collection(await checked(() => indexSettings({ ...given, keywords, layer })));
  try {
    for (const [head, ...sections] of chunks) await checked(() => addChunk(collection, objectOf(head), sections));
    collection.markWritten();
  } catch (error) {
    collection.dispose();
    throw error;
  }
  return collection;
}

/**
 * What does not fit in a file is the file's fault.
 * @template T
 * @param {() => T | Promise<T>} read
 */
async function checked(read) {
  try {
    return await read();
  } catch (cause) {
    const { code, message } = /** @type {WembedError} */ (cause);
    if (cause instanceof WembedError && code !== 'out_of_memory' && code !== 'bad_file') {
      throw new WembedError('bad_file', `the index file does not hold an index: ${message}`, {
        cause,
        reason: 'corrupted',
      });
    }
    throw cause;
  }
}

/** @param {string} what */
const corrupted = (what) => new WembedError('bad_file', `the index file ${what}`, { reason: 'corrupted' });

/**
 * @param {Uint8Array} bytes
 * @returns {Record<string, unknown>}
 */
function objectOf(bytes) {
  try {
    return Object(JSON.parse(decoder.decode(bytes)));
  } catch (cause) {
    throw new WembedError('bad_file', 'the index file has no JSON where it should', { cause, reason: 'corrupted' });
  }
}

/**
 * @template {Uint32Array | Uint16Array} T
 * @param {{ new (buffer: ArrayBufferLike, offset: number, length: number): T, BYTES_PER_ELEMENT: number }} Type
 * @param {Uint8Array} bytes
 * @returns {T} a view
 */
function numbers(Type, bytes) {
  const length = bytes.length / Type.BYTES_PER_ELEMENT;
  if (!Number.isInteger(length)) throw corrupted('has half a number');
  return new Type(bytes.buffer, bytes.byteOffset, length);
}

/**
 * @param {Uint8Array} bytes
 * @param {Uint8Array} endBytes
 * @returns {string[]}
 */
function unpacked(bytes, endBytes) {
  const ends = numbers(Uint32Array, endBytes);
  checkRising(ends, bytes.length);
  return Array.from(ends, (end, i) => decoder.decode(bytes.subarray(i ? ends[i - 1] : 0, end)));
}

/**
 * @param {Uint32Array} values
 * @param {number} last
 */
function checkRising(values, last) {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) throw corrupted('has parts out of order');
  if ((values[values.length - 1] ?? 0) !== last) throw corrupted('has parts that do not fit together');
}

/**
 * @param {Collection} collection
 * @param {Record<string, unknown>} head
 * @param {Uint8Array[]} sections after it
 */
function addChunk(collection, head, [itemBytes, text, textEnds, data, blockScales, rowScales, ...words]) {
  const records = objectOf(itemBytes);
  const texts = unpacked(text, textEnds);
  if (!Array.isArray(records) || records.length !== texts.length)
    throw corrupted('has more texts than items, or fewer');
  const items = noItems();
  records.forEach((record, i) => readRecord(Object(record), texts[i], items));
  let rows = items.ids.length;
  items.rows.forEach((each) => (rows += each - 1)); // of those with several
  const [terms, [starts, rowTerms, lengths], counts] = [
    unpacked(words[0], words[1]),
    [words[2], words[3], words[5]].map((bytes) => numbers(Uint32Array, bytes)),
    numbers(Uint16Array, words[4]),
  ];
  if (collection.keywords) {
    checkRising(starts, rowTerms.length);
    const fits =
      starts.length === rows + 1 && starts[0] === 0 && lengths.length === rows && counts.length === rowTerms.length;
    if (!fits || !rowTerms.every((term) => term < terms.length)) throw corrupted('has words that do not fit its items');
  }
  if (head.removed !== undefined && !Array.isArray(head.removed)) throw corrupted('has no list of removed items');
  collection.remove(/** @type {unknown[]} */ (head.removed ?? []).map((id) => checkId(id, 'a removed id')));
  collection.addStored(items, rows, [data, blockScales, rowScales], { terms, starts, rowTerms, counts, lengths });
}

/**
 * @param {Record<string, unknown>} record
 * @param {string} text
 * @param {ItemColumns} items takes it
 */
function readRecord({ id, rows, meta, spans, text: hasText }, text, items) {
  const own = checkId(id, 'an id');
  const list = spans === undefined ? undefined : /** @type {[number, number][]} */ (spans);
  const count = Number(rows);
  if (!Number.isInteger(rows) || count < 1) throw corrupted(`has an item of ${String(rows)} rows`);
  if (list ? !Array.isArray(list) || list.length !== count : count !== 1)
    throw corrupted('has passages that do not fit');
  const checkedSpans = list?.map((span) => {
    const [begin, end] = Array.isArray(span) ? span : [NaN, NaN];
    if (!(Number.isInteger(begin) && Number.isInteger(end) && begin >= 0 && begin <= end))
      throw corrupted('has a wrong passage');
    return { begin, end };
  });
  pushItem(items, own, hasText ? text : undefined, meta, checkedSpans, count);
}
