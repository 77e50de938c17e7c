// An index as bytes.
import { WembedError } from '../core/errors.js';
import { TableStorage } from '../table/storage.js';
import { writeChunk } from './chunks.js';
import { checkMeta } from './metas.js';

/** @typedef {{ id: import('./items.js').ItemId, rows: number, meta?: unknown, spans?: [number, number][], text?: boolean }} ItemRecord */

/**
 * Of a chunk: settings, items (JSON), texts (UTF-8), their ends; the vectors' numbers, block scales and row scales; terms
 * (UTF-8), their ends, where each row's terms begin, terms, counts, lengths.
 */
export const SECTIONS = 13;

const encoder = new TextEncoder();

/** @param {ArrayBufferView} array */
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * @param {import('./collection.js').Collection} collection
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
    checkMeta(id, meta);
    records.push({ id, rows, meta, spans: spans?.map(({ begin, end }) => [begin, end]), text: text !== undefined });
    texts.push(encoder.encode(text ?? ''));
  }
  const keep = collection.live.slice(0, collection.rows).fill(0, 0, items.starts[first]);
  const words = keywords?.exported(keep);
  return writeChunk([
    encoder.encode(json('settings', headOf(settings, removed))),
    encoder.encode(json('metas', records)),
    ...packed(texts),
    ...storedRows(vectors, keep),
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
function headOf({ dim, dtype, metric, keywords, passages, texts, bits }, removed) {
  const { stem, language, stopWords, k1, b } = keywords ?? {};
  return {
    settings: {
      ...{ dim, dtype, metric, passages, texts, bits: bits || undefined },
      keywords: keywords ? { language, stopWords, k1, b } : false,
    },
    ownStem: keywords && Boolean(stem),
    removed,
  };
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
 * The stored bytes of some rows.
 * @param {import('./vector_rows.js').VectorRows} rows
 * @param {Uint8Array} keep (count) 1 for each of them
 * @returns {Uint8Array[]} copies: numbers, block scales, row scales; each may be empty
 */
function storedRows(rows, keep) {
  const { dim, dtype, count } = rows;
  const n = keep.reduce((sum, one) => sum + one, 0);
  const sample = new TableStorage({ rows: 1, dim, dtype, perRowScales: dtype === 'i8' });
  const sizes = sample.rowBlocks(0, 1).map(({ length }) => length);
  sample.dispose();
  const copies = sizes.map((size) => new Uint8Array(n * size));
  for (let row = 0, to = 0; row < count; row++) {
    if (!keep[row]) continue;
    for (const [i, block] of rows.blocksOf(row).entries()) copies[i].set(block, to * sizes[i]);
    to++;
  }
  return copies;
}
