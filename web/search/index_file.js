// An index as bytes, and back.
import { WembedError } from '../core/errors.js';
import { Collection } from './collection.js';
import { readChunks, writeChunk } from './chunks.js';
import { indexSettings } from './index_settings.js';
import { checkId } from './items.js';

/** @typedef {import('./items.js').StoredItem} StoredItem */
/** @typedef {{ id: import('./items.js').ItemId, rows: number, meta?: unknown, spans?: [number, number][], text?: boolean }} ItemRecord */

/** What a file does not hold: functions and layers. @typedef {{ layer?: import('./index_settings.js').TextLayer, stem?: (word: string) => string }} LoadIndexOptions */

/**
 * Of a chunk: settings, items (JSON), texts (UTF-8), their ends; the vectors' numbers, block scales and row scales; terms
 * (UTF-8), their ends, where each row's terms begin, terms, counts, lengths.
 */
const SECTIONS = 13;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param {ArrayBufferView} array */
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * @param {Collection} collection
 * @param {number} first item: only this and those after it, for a chunk that is appended
 * @param {readonly import('./items.js').ItemId[]} removed ids of items of the chunks before
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeIndex(collection, first = 0, removed = []) {
  const { settings, items, vectors, keywords } = collection;
  /** @type {ItemRecord[]} */
  const records = [];
  /** @type {Uint8Array[]} */
  const texts = [];
  for (const [item, number] of items.live()) {
    if (number < first) continue;
    const { id, meta, spans, text } = item;
    const rows = items.starts[number + 1] - items.starts[number];
    records.push({ id, rows, meta, spans: spans?.map(({ begin, end }) => [begin, end]), text: text !== undefined });
    texts.push(encoder.encode(text ?? ''));
  }
  const keep = collection.live.slice(0, collection.rows).fill(0, 0, items.starts[first]);
  const words = keywords?.exported(keep);
  return writeChunk([
    encoder.encode(json('settings', headOf(settings, removed))),
    encoder.encode(json('metas', records)),
    ...packed(texts),
    ...vectors.exported(keep),
    ...packed((words?.terms ?? []).map((term) => encoder.encode(term))),
    ...[words?.starts ?? [], words?.rowTerms ?? []].map((list) => bytesOf(Uint32Array.from(list))),
    bytesOf(Uint16Array.from(words?.counts ?? [])),
    bytesOf(Uint32Array.from(words?.lengths ?? [])),
  ]);
}

/**
 * @param {import('./index_settings.js').IndexSettings} settings
 * @param {readonly import('./items.js').ItemId[]} removed
 */
function headOf({ dim, dtype, metric, words, bm25, passages, texts }, removed) {
  const rules = words && { language: words.rules.language, stopWords: words.rules.stopWords };
  const keywords = words ? { ...rules, ...bm25 } : false;
  return { settings: { dim, dtype, metric, passages, texts, keywords }, ownStem: words?.rules.ownStem, removed };
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 */
function json(name, value) {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const what = `the ${name} cannot be written as JSON: ${/** @type {Error} */ (cause).message}`;
    throw new WembedError('invalid_argument', what, { cause });
  }
}

/**
 * @param {Uint8Array[]} parts
 * @returns {[bytes: Uint8Array, ends: Uint8Array]}
 */
function packed(parts) {
  const ends = new Uint32Array(parts.length);
  let size = 0;
  for (const [i, part] of parts.entries()) ends[i] = size += part.length;
  if (size > 0xffffffff) throw new WembedError('unsupported', `${size} bytes of text: a file takes 4 GB`);
  const bytes = new Uint8Array(size);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i] - part.length);
  return [bytes, bytesOf(ends)];
}

/**
 * @param {Uint8Array} file
 * @param {LoadIndexOptions} options
 * @returns {Promise<Collection>}
 */
export async function readIndex(file, { layer, stem }) {
  const own = file.byteOffset % 4 === 0 ? file : file.slice(); // sections are read as numbers of up to 32 bits
  const chunks = readChunks(own, SECTIONS);
  const [{ settings, ownStem }, ...others] = chunks.map(([head]) => objectOf(head));
  if (others.some((other) => JSON.stringify(other.settings) !== JSON.stringify(settings))) {
    throw corrupted('has parts of different settings');
  }
  if (ownStem && !stem) {
    const what = 'this index was made with a stem function of yours: load it with the same, as the option stem';
    throw new WembedError('invalid_argument', what);
  }
  const keywords = settings?.keywords && { ...Object(settings.keywords), stem };
  const collection = new Collection(await checked(() => indexSettings({ ...settings, keywords, layer })));
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
 * @returns {Record<string, any>}
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
  const items = records.map((record, i) => itemOf(Object(record), texts[i]));
  const rows = items.reduce((sum, each) => sum + each.rows, 0);
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
 * @returns {{ item: StoredItem, rows: number }}
 */
function itemOf({ id, rows, meta, spans, text: hasText }, text) {
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
  return { item: { id: own, text: hasText ? text : undefined, meta, spans: checkedSpans }, rows: count };
}
