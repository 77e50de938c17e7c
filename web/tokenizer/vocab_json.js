import { isFields } from './fields.js';

/** Under this the model of a tokenizer.json that stands for a file of ranks has that file. */
export const RANKS = Symbol('the file of ranks');

/**
 * What reads the lists of the model of one that stands for another file. No property: a caller's object may say anything.
 * @type {WeakMap<object, (lists: import('./lists.js').Lists) => boolean>}
 */
export const LISTS = new WeakMap();

/** The vocabulary of such a model, where its file's bytes are just that. @type {WeakMap<object, VocabSection>} */
export const SECTIONS = new WeakMap();

/**
 * A vocabulary as it stands in a spec, read from the file's bytes by the core or the text module: parsing 30,000 entries
 * as JSON takes longer than all else that a tokenizer's start does.
 * @typedef {object} VocabSection
 * @property {(out: import('./spec_writer.js').SpecWriter) => void} write the spec's vocabulary section
 * @property {number} length bytes of the section, and of the scores, or somewhat more
 * @property {number} size entries
 * @property {(token: string) => number | undefined} idOf for the tokens it was made for
 * @property {boolean} [raw] the tokens are bytes, not the characters that bytes are spelled with
 * @property {Uint8Array} [merges] left, right and merged id of each merge, u32; none where the model's own are to be read
 * @property {ArrayLike<number>} [scores] of Unigram
 * @property {boolean} [apart] the model makes its own vocabulary and merges when they are read, which is to be left undone
 */

/** Tokens that are looked up one by one; with more, the file is parsed as a whole. */
const MOST_TOKENS = 256;

/**
 * Takes the vocabulary of a tokenizer.json out of it.
 * @param {import('../memory/heap.js').Heap} heap
 * @param {Uint8Array} file
 * @returns {{ json: import('./fields.js').Fields, section: VocabSection } | null} `json` has an empty vocabulary; null where this is not a
 *   WordPiece tokenizer.json as usual: then the whole file is to be parsed, which also tells what is wrong with it
 */
export function takeVocab(heap, file) {
  const { core } = heap;
  const at = heap.allocate(file.length);
  let section = 0;
  try {
    heap.u8.set(file, at);
    const out = heap.scratch('out', 8);
    if (!core.findVocab(at, file.length, out)) return null;
    const [begin, end] = heap.u32.subarray(out >>> 2, (out >>> 2) + 2);
    const json = parseAround(file, [{ begin, end, instead: '{}' }]);
    const tokens = json && namedTokens(json);
    if (!tokens) return null;
    section = heap.allocate(3 * (end - begin) + 64);
    const size = core.writeVocabSection(at + begin, end - begin, section) >>> 0;
    if (size === 0) return null;
    return { json, section: readSection(heap.u8.slice(section, section + size), tokens) };
  } finally {
    heap.free(section);
    heap.free(at);
  }
}

/**
 * @param {import('./fields.js').Fields} json
 * @returns {string[] | null} the tokens that are asked for; null where the file is to be parsed
 */
function namedTokens({ model, added_tokens: added = [] }) {
  if (!isFields(model) || model.type !== 'WordPiece' || !Array.isArray(added)) return null;
  const tokens = [model.unk_token, ...added.map((token) => (isFields(token) ? token.content : undefined))];
  return tokens.length <= MOST_TOKENS && tokens.every((token) => typeof token === 'string') ? tokens : null;
}

/**
 * Parses a file but for some of its values.
 * @param {Uint8Array} file
 * @param {{ begin: number, end: number, instead: string }[]} values what stands for each is parsed instead
 * @returns {import('./fields.js').Fields | null} null where it is no JSON object
 */
export function parseAround(file, values) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [text, from] = ['', 0];
  try {
    for (const { begin, end, instead } of values.sort((a, b) => a.begin - b.begin)) {
      text += decoder.decode(file.subarray(from, begin)) + instead;
      from = end;
    }
    const json = parseWhole(text + decoder.decode(file.subarray(from)));
    return isFields(json) ? json : null;
  } catch {
    return null;
  }
}

/**
 * Parses a tokenizer.json as the Rust library does, which refuses half a surrogate pair wherever it stands.
 * @param {string} text
 * @returns {unknown}
 */
export function parseWhole(text) {
  // Few files have such an escape at all.
  if (/\\u[dD][89a-fA-F]/.test(text) && hasHalfPair(text)) throw new SyntaxError('half a surrogate pair in a string');
  return JSON.parse(text);
}

/** @param {string} text JSON, in which some character may be escaped by half a pair @returns {boolean} */
function hasHalfPair(text) {
  let secondAt = -1; // where the other half has to stand
  for (const { 0: escape, index } of text.matchAll(/\\(?:u[\da-f]{4}|[^])/gi)) {
    const second = /^\\ud[c-f]/i.test(escape);
    if (second ? index !== secondAt : secondAt >= 0) return true;
    secondAt = /^\\ud[89ab]/i.test(escape) ? index + escape.length : -1;
  }
  return secondAt >= 0;
}

/**
 * @param {Uint8Array} bytes
 * @param {string[]} tokens
 * @returns {VocabSection}
 */
export function readSection(bytes, tokens) {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
  const size = words[0];
  const pieces = bytes.subarray(4 * (2 * size + 4));
  const encoder = new TextEncoder();
  const wanted = tokens.map((token) => encoder.encode(token));
  const different = new Set(tokens).size;
  const starts = new Uint8Array(256);
  for (const token of wanted) starts[token[0] ?? 0] = 1;
  /** @type {Map<string, number>} */
  const ids = new Map();
  for (let i = 0; i < size && ids.size < different; i++) {
    // The first byte rules nearly all out; the loop runs before the engine has optimised it.
    const begin = words[2 + i];
    if (starts[pieces[begin]] !== 1) continue;
    const piece = pieces.subarray(begin, words[3 + i]);
    const k = wanted.findIndex((token) => token.length === piece.length && token.every((byte, j) => byte === piece[j]));
    if (k >= 0) ids.set(tokens[k], words[3 + size + i]);
  }
  return { write: (out) => out.raw(bytes), length: bytes.length, size, idOf: (token) => ids.get(token) };
}
