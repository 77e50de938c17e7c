import { importFailed } from '../core/import_failed.js';
import { utf8Room } from '../memory/heap.js';
import { NO_ID, isFields } from './fields.js';
import { modelType } from './models.js';
import { parseAround } from './vocab_json.js';

/** @typedef {import('./vocab_json.js').VocabSection} VocabSection */
/** @typedef {import('./fields.js').Fields} Fields */

/** Bytes of a file that are read at once; more where one value takes more. */
const STRIP = 2 ** 21;

/**
 * A vocabulary, and the merges of BPE or the scores of Unigram, read by the text module from the bytes of a file: no
 * JavaScript object is made for a token. They stay in the module's memory until `free`. What returns false has found
 * something unusual: then JavaScript reads the file, and says what is wrong with it.
 */
export class Lists {
  #heap;
  #at;
  /** Whether ids are not just the tokens' numbers. */
  hasIds = false;
  /** @type {ArrayLike<number> | undefined} */
  #scores;
  /** What is not the pieces of a SentencePiece model. */
  rest = new Uint8Array(0);
  /** @type {VocabSection | undefined} */
  #given;

  /** @param {import('../memory/heap.js').Heap} heap the text module's */
  constructor(heap) {
    this.#heap = heap;
    this.#at = heap.core.listsCreate();
  }

  static async make() {
    const { loadTextHeap } = await import('../memory/text_module.js').catch(importFailed);
    return new Lists(await loadTextHeap());
  }

  free() {
    this.#heap.core.listsFree(this.#at);
  }

  /**
   * @param {Uint8Array | Uint8Array[]} bytes copied to the module's memory for the call, one after the other
   * @param {(address: number, size: number) => number | boolean} read
   */
  #copied(bytes, read) {
    const parts = Array.isArray(bytes) ? bytes : [bytes];
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const address = this.#heap.allocate(size);
    try {
      let at = address;
      for (const part of parts) {
        this.#heap.u8.set(part, at);
        at += part.length;
      }
      return Boolean(read(address, size));
    } finally {
      this.#heap.free(address);
    }
  }

  get #core() {
    return this.#heap.core;
  }

  /** @param {Uint8Array} file a tokenizer.json or a tekken.json, of which a strip at a time is in the module's memory */
  readJson(file) {
    this.hasIds = true;
    for (let at = 0, size = STRIP; ;) {
      const strip = file.subarray(at, at + size);
      const last = at + strip.length === file.length;
      let done = NO_ID;
      this.#copied(strip, (address) => {
        done = this.#core.listsReadJson(this.#at, address, strip.length, last) >>> 0;
        return true;
      });
      if (last || done === NO_ID) return done !== NO_ID;
      at += done;
      if (done === 0) size *= 2;
    }
  }

  /** @param {Uint8Array} file vocab.json */
  readVocab(file) {
    this.hasIds = true;
    return this.#copied(file, (address) => this.#core.listsReadVocab(this.#at, address, file.length));
  }

  /** @param {import('../formats/gguf_values.js').GgufStrings} strings */
  readStrings({ bytes, length }) {
    return this.#copied(bytes, (address) => this.#core.listsReadStrings(this.#at, address, bytes.length, length));
  }

  /** @param {...Uint8Array} model of SentencePiece, in parts */
  readPieces(...model) {
    return this.#copied(model, (address, size) => {
      if (!this.#core.listsReadPieces(this.#at, address, size)) return false;
      this.rest = this.#heap.u8.slice(address, address + this.#found()[7]);
      return true;
    });
  }

  /** @param {import('../formats/gguf_values.js').GgufStrings} strings */
  mergeStrings({ bytes, length }) {
    return this.#copied(bytes, (address) => this.#core.listsMergeStrings(this.#at, address, bytes.length, length));
  }

  /** @param {Uint8Array} file merges.txt */
  mergeLines(file) {
    return this.#copied(file, (address) => this.#core.listsMergeLines(this.#at, address, file.length));
  }

  /** @param {number} order @param {Float32Array} [scores] those that were read with the pieces, if none are given */
  mergeBy(order, scores) {
    if (!scores) return Boolean(this.#core.listsMergeBy(this.#at, order, 0));
    const bytes = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength);
    return this.#copied(bytes, (address) => this.#core.listsMergeBy(this.#at, order, address));
  }

  /** @param {ArrayLike<number>} scores of a Unigram vocabulary that was read without them */
  setScores(scores) {
    this.#scores = scores;
    return Array.prototype.every.call(scores, Number.isFinite);
  }

  /** @param {VocabSection} section that was made before */
  give(section) {
    this.#given = section;
    return true;
  }

  #found() {
    const out = this.#heap.scratch('out', 56);
    this.#core.listsFound(this.#at, out);
    return [...this.#heap.u32.subarray(out >>> 2, (out >>> 2) + 14)];
  }

  /** Where the values stood in a tokenizer.json; in a tekken.json there are no merges. */
  get places() {
    const [vocabBegin, vocabEnd, mergesBegin, mergesEnd] = this.#found();
    return { vocab: { begin: vocabBegin, end: vocabEnd }, merges: { begin: mergesBegin, end: mergesEnd } };
  }

  /**
   * As a file of ranks has them, which outlives the lists: the pieces are bytes.
   * @param {number} size of the first tokens
   * @param {number} first the first one's id
   * @returns {VocabSection | null} null where they do not begin with the 256 bytes, in order
   */
  ranksSection(size, first) {
    const [offsets, , bytes] = this.#found().slice(8);
    const { u8, u32 } = this.#heap;
    const ends = u32.slice(offsets >>> 2, (offsets >>> 2) + size + 1);
    const pieces = u8.slice(bytes, bytes + ends[size]);
    for (let byte = 0; byte < 256; byte++) if (ends[byte] !== byte || pieces[byte] !== byte) return null;
    if (ends[256] !== 256) return null;
    return {
      ...{ size, length: 8 * size + pieces.length + 64, raw: true, apart: true },
      idOf: () => undefined, // tokens that are added have the ids that they are given
      write: (out) => {
        out.u32(size, 1);
        out.words(ends);
        out.words(ends.subarray(1).map((_, i) => first + i));
        out.sized(pieces);
      },
    };
  }

  /** Tokens. */
  get count() {
    return this.#found()[4];
  }

  /** One more than the largest id, and what looks ids up. */
  get tokens() {
    const [n, at] = [this.#found()[4], this.#found()[9]];
    const size = this.#heap.u32.subarray(at >>> 2, (at >>> 2) + n).reduce((most, id) => Math.max(most, id + 1), 0);
    return { size, idOf: (/** @type {string} */ token) => this.idOf(token) };
  }

  /** SentencePiece.Type of each piece. */
  get types() {
    const [size, at] = [this.#found()[4], this.#found()[13]];
    return this.#heap.u8.slice(at, at + size);
  }

  /** @param {number} id of a piece @returns {string} */
  piece(id) {
    const { u32 } = this.#heap;
    const [offsets, , bytes] = this.#found().slice(8);
    const [begin, end] = u32.subarray((offsets >>> 2) + id, (offsets >>> 2) + id + 2);
    return this.#heap.readText(bytes + begin, end - begin);
  }

  /** @param {string} token @returns {number | undefined} */
  idOf(token) {
    // A lone surrogate is in no vocabulary that the core has read, but U+FFFD, as which it would be written, may be.
    if (/\p{Surrogate}/u.test(token)) return undefined;
    const utf8 = this.#heap.scratch('text', utf8Room(token, this.#heap));
    const id = this.#core.listsId(this.#at, utf8, this.#heap.writeText(token, utf8) - utf8) >>> 0;
    return id === NO_ID ? undefined : id;
  }

  /** @returns {VocabSection} */
  get section() {
    if (this.#given) return this.#given;
    const heap = this.#heap;
    const [size, length, merges, , offsets, ids, bytes, mergesAt, scores] = this.#found().slice(4);
    // Views are made when they are asked for: memory that grows leaves them behind.
    const words = (/** @type {number} */ at, /** @type {number} */ n) => heap.u8.subarray(at, at + 4 * n);
    return {
      size,
      length: 8 * size + length + 64 + 8 * size,
      write: (/** @type {import('./spec_writer.js').SpecWriter} */ out) => {
        out.u32(size, Number(this.hasIds));
        out.raw(words(offsets, size + 1));
        if (this.hasIds) out.raw(words(ids, size));
        out.sized(heap.u8.subarray(bytes, bytes + length));
      },
      get merges() {
        return words(mergesAt, 3 * merges);
      },
      scores: this.#scores ?? new Float64Array(heap.u8.slice(scores, scores + 8 * size).buffer),
      idOf: (token) => this.idOf(token),
    };
  }
}

/**
 * Takes the vocabulary of a BPE or Unigram tokenizer.json out of it, and the merges, or that of a tekken.json.
 * @param {Lists} lists
 * @param {Uint8Array} file
 * @returns {Fields | null} with neither; null where this is no such tokenizer.json as usual: then the whole file is to be
 *   parsed, which also tells what is wrong with it
 */
export function takeLists(lists, file) {
  if (!lists.readJson(file)) return null;
  const { vocab, merges } = lists.places;
  const scored = file[vocab.begin] === 0x5b;
  lists.hasIds = !scored;
  const values = [{ ...vocab, instead: scored ? '[]' : '{}' }];
  if (merges.end) values.push({ ...merges, instead: '[]' });
  const json = parseAround(file, values);
  if (!json) return null;
  if (!('model' in json)) return json;
  if (!isFields(json.model)) return null;
  const type = modelType(json.model);
  if (scored || !merges.end) return scored && type === 'Unigram' ? json : null;
  // What a merge leaves out of its right token is counted in JavaScript's characters.
  return type === 'BPE' && !json.model.continuing_subword_prefix ? json : null;
}
