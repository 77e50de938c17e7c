import { utf8Room } from '../memory/heap.js';
import { NO_ID, isFields } from './fields.js';
import { modelType } from './models.js';
import { parseAround } from './vocab_json.js';

/** @typedef {import('./vocab_json.js').VocabSection} VocabSection */

/** Tokens like <0x0A>, one for each byte, that a model with `byte_fallback` asks for. */
const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

/**
 * Takes the vocabulary and the merges of a BPE tokenizer.json out of it: they stay in the text module's memory, until
 * `free`.
 * @param {import('../memory/heap.js').Heap} heap the text module's
 * @param {Uint8Array} file
 * @returns {{ json: import('./fields.js').Fields, section: VocabSection, free: () => void } | null} `json` has an empty vocabulary and
 *   no merges; null where this is no BPE tokenizer.json as usual: then the whole file is to be parsed, which also tells
 *   what is wrong with it
 */
export function takeBpe(heap, file) {
  const { core } = heap;
  const at = heap.allocate(file.length);
  let reader = 0;
  /** @type {number[]} */
  let found;
  try {
    heap.u8.set(file, at);
    const out = heap.scratch('out', 32);
    reader = core.bpeJsonRead(at, file.length, out) >>> 0;
    if (!reader) return null;
    found = [...heap.u32.subarray(out >>> 2, (out >>> 2) + 8)];
  } finally {
    heap.free(at);
  }
  const free = () => core.bpeJsonFree(reader);
  const [vocabBegin, vocabEnd, mergesBegin, mergesEnd] = found;
  const json = parseAround(file, [
    { begin: vocabBegin, end: vocabEnd, instead: '{}' },
    { begin: mergesBegin, end: mergesEnd, instead: '[]' },
  ]);
  const ids = json && idsOf(heap, reader, json);
  if (ids) return { json, section: sectionOf(heap, found.slice(4), ids), free };
  free();
  return null;
}

/**
 * @param {import('../memory/heap.js').Heap} heap
 * @param {number[]} found where the vocabulary's section and the merges are, and their bytes
 * @param {Map<string, number>} ids
 * @returns {VocabSection}
 */
function sectionOf(heap, [section, sectionBytes, merges, mergesBytes], ids) {
  const size = heap.u32[section >>> 2];
  return {
    // Views are made when they are asked for: memory that grows leaves them behind.
    get bytes() {
      return heap.u8.subarray(section, section + sectionBytes);
    },
    get merges() {
      return heap.u8.subarray(merges, merges + mergesBytes);
    },
    size,
    idOf: (token) => ids.get(token),
  };
}

/**
 * @param {import('../memory/heap.js').Heap} heap
 * @param {number} reader
 * @param {import('./fields.js').Fields} json
 * @returns {Map<string, number> | null} of the tokens that are asked for, those that the vocabulary has; null where the file
 *   is to be parsed
 */
function idsOf(heap, reader, { model, added_tokens: added = [] }) {
  if (!isFields(model) || modelType(model) !== 'BPE' || !Array.isArray(added)) return null;
  // What a merge leaves out of its right token is counted in JavaScript's characters.
  if (model.continuing_subword_prefix) return null;
  const named = [model.unk_token, ...added.map((token) => (isFields(token) ? token.content : undefined)), ...BYTES];
  // A lone surrogate is in no vocabulary that the core has read, but U+FFFD, as which it would be written, may be.
  const tokens = named.filter((token) => typeof token === 'string' && !/\p{Surrogate}/u.test(token));
  return found(heap, reader, /** @type {string[]} */ (tokens));
}

/** @param {import('../memory/heap.js').Heap} heap @param {number} reader @param {string[]} tokens @returns {Map<string, number>} */
function found(heap, reader, tokens) {
  const n = tokens.length;
  const room = tokens.reduce((sum, token) => sum + utf8Room(token, heap), 0);
  const utf8 = heap.allocate(room);
  const ends = heap.allocate(4 * n);
  const ids = heap.allocate(4 * n);
  try {
    for (let i = 0, to = utf8; i < n; i++) heap.u32[(ends >>> 2) + i] = (to = heap.writeText(tokens[i], to)) - utf8;
    heap.core.bpeJsonIds(reader, utf8, ends, n, ids);
    /** @type {Map<string, number>} */
    const known = new Map();
    for (const [i, id] of heap.u32.subarray(ids >>> 2, (ids >>> 2) + n).entries()) {
      if (id !== NO_ID) known.set(tokens[i], id);
    }
    return known;
  } finally {
    for (const address of [utf8, ends, ids]) heap.free(address);
  }
}
