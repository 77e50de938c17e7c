import { DROP_UNKNOWN, KEEP_LAST, NO_ID, WITH_SPANS, WITH_SPECIAL_TOKENS } from '../core/codes.js';
import { utf8Room } from '../memory/heap.js';
import { stripEnd, writeTexts } from '../memory/texts.js';

/**
 * How a text is encoded, checked.
 * @typedef {object} EncodeSettings
 * @property {boolean} addSpecialTokens
 * @property {number} maxIds Infinity for all
 * @property {boolean} keepLast of too many ids the first go
 */

/**
 * The core's tokenizer, or the text module's, built from the spec that `compileTokenizer` makes.
 */
export class WasmEngine {
  #heap;
  #handle = 0;
  /** @type {(string | undefined)[]} by id, as they are asked for: spelling a token anew each time would take longest */
  #tokens = [];
  /** @type {Map<string, number> | undefined} */
  #idOf;
  /** @type {number | undefined} */
  #medianTokenLength;
  vocabSize;
  /** @type {number | undefined} */
  unkId;

  /**
   * @param {import('../memory/heap.js').Heap} heap
   * @param {Uint8Array} spec
   */
  constructor(heap, spec) {
    this.#heap = heap;
    const { core } = heap;
    const at = heap.allocate(spec.length);
    try {
      heap.u8.set(spec, at);
      const out = heap.scratch('out', 4);
      const code = core.textCreate(at, spec.length, out);
      this.#handle = heap.u32[out >>> 2];
      heap.check(code);
    } finally {
      heap.free(at);
    }
    this.vocabSize = core.textVocabSize(this.#handle) >>> 0;
    const unkId = core.textUnkId(this.#handle) >>> 0;
    this.unkId = unkId === NO_ID ? undefined : unkId;
  }

  get handle() {
    return this.#handle;
  }

  get medianTokenLength() {
    return (this.#medianTokenLength ??= this.#heap.core.textMedianTokenLength(this.#handle));
  }

  /**
   * @param {string} text
   * @param {EncodeSettings} settings
   * @param {boolean} spans
   * @returns {{ ids: Uint32Array, spans: number }} the module's own ids, which the next call overwrites; `spans`: where
   *   they came from, an address
   */
  #run(text, settings, spans) {
    const heap = this.#heap;
    const utf8 = heap.scratch('text', utf8Room(text, heap));
    const size = heap.writeText(text, utf8) - utf8;
    const out = heap.scratch('out', 12);
    const flags = flagsOf(settings) | (spans ? WITH_SPANS : 0);
    heap.check(heap.core.textEncode(this.#handle, utf8, size, flags, Math.min(settings.maxIds, NO_ID), out));
    const [idsAt, n, spansAt] = heap.u32.subarray(out >>> 2, (out >>> 2) + 3);
    return { ids: heap.u32.subarray(idsAt >>> 2, (idsAt >>> 2) + n), spans: spansAt };
  }

  /**
   * @param {string} text
   * @param {EncodeSettings} settings
   * @param {(length: number) => Uint32Array} room for so many ids
   * @param {boolean} offsets
   * @returns {{ ids: Uint32Array, offsets: [number, number][] | undefined }}
   */
  encode(text, settings, room, offsets) {
    const { ids: found, spans } = this.#run(text, settings, offsets);
    const ids = room(found.length);
    ids.set(found);
    const { u32 } = this.#heap;
    return { ids, offsets: offsets ? pairs(u32.subarray(spans >>> 2, (spans >>> 2) + 2 * ids.length)) : undefined };
  }

  /** @param {string} text @param {EncodeSettings} settings @returns {number} how many ids */
  count(text, settings) {
    return this.#run(text, settings, false).ids.length;
  }

  /**
   * @param {readonly string[]} texts
   * @param {EncodeSettings} settings
   * @returns {Uint32Array[]} the ids of each
   */
  encodeBatch(texts, settings) {
    // The core, whose tokenizers are slower, has no such call.
    if (!this.#heap.core.textEncodeBatch) return texts.map((text) => this.#run(text, settings, false).ids.slice());
    /** @type {Uint32Array[]} */
    const all = [];
    for (let from = 0, to; from < texts.length; from = to) {
      to = stripEnd(texts, from);
      const found = this.#runStrip(texts, from, to, flagsOf(settings), NO_ID, settings.maxIds);
      const ids = found.ids.slice();
      for (let i = 0, begin = 0; i < to - from; begin = found.ends[i++]) all.push(ids.subarray(begin, found.ends[i]));
    }
    return all;
  }

  /**
   * The ids of a strip of texts as Model2Vec takes them: cut to maxIds × the median token's length in code points, no
   * special tokens, no unknown ids, cut to maxIds.
   * @param {readonly string[]} texts
   * @param {number} from
   * @param {number} to
   * @param {number} maxIds
   * @returns {{ ids: Uint32Array, ends: Uint32Array }} the module's own, which the next call overwrites
   */
  pooledIds(texts, from, to, maxIds) {
    let most = NO_ID; // the median is worked out for the first long text only: no short one can be cut
    for (let i = from; i < to && most === NO_ID; i++) {
      if (texts[i].length > maxIds) most = Math.min(maxIds * this.medianTokenLength, NO_ID);
    }
    return this.#runStrip(texts, from, to, DROP_UNKNOWN, most, maxIds);
  }

  /**
   * @param {readonly string[]} texts
   * @param {number} from
   * @param {number} to
   * @param {number} flags
   * @param {number} mostCodePoints
   * @param {number} maxIds
   */
  #runStrip(texts, from, to, flags, mostCodePoints, maxIds) {
    const heap = this.#heap;
    const utf8 = writeTexts(heap, texts, from, to, mostCodePoints);
    const n = to - from;
    const ends = heap.scratch('offsets', 4 * n);
    const out = heap.scratch('out', 12);
    const most = Math.min(Math.floor(maxIds), NO_ID);
    heap.check(heap.core.textEncodeBatch(this.#handle, utf8, ends, n, flags, mostCodePoints, most, out));
    const [idsAt, count, endsAt] = heap.u32.subarray(out >>> 2, (out >>> 2) + 3);
    return {
      ids: heap.u32.subarray(idsAt >>> 2, (idsAt >>> 2) + count),
      ends: heap.u32.subarray(endsAt >>> 2, (endsAt >>> 2) + n),
    };
  }

  /** @param {Uint32Array} ids special tokens that are text like any other from now on */
  takeLiterally(ids) {
    this.#heap.core.textTakeLiterally(this.#handle, this.#heap.integers('ids', ids), ids.length);
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @param {boolean} skipSpecialTokens
   */
  decode(ids, skipSpecialTokens) {
    const heap = this.#heap;
    const address = heap.integers('ids', ids);
    const out = heap.scratch('out', 8);
    heap.core.textDecode(this.#handle, address, ids.length, skipSpecialTokens, out);
    return heap.readText(heap.u32[out >>> 2], heap.u32[(out >>> 2) + 1]);
  }

  /** @param {string} token */
  tokenToId(token) {
    if (!this.#idOf) {
      this.#idOf = new Map();
      for (let id = this.vocabSize - 1; id >= 0; id--) {
        const spelled = this.idToToken(id);
        if (spelled !== undefined) this.#idOf.set(spelled, id);
      }
    }
    return this.#idOf.get(token);
  }

  /**
   * @param {number} id
   * @returns {string | undefined}
   */
  idToToken(id) {
    if (!Number.isInteger(id) || id < 0 || id >= this.vocabSize) return undefined;
    return (this.#tokens[id] ??= this.#spell(id));
  }

  /** @param {number} id */
  #spell(id) {
    const heap = this.#heap;
    const out = heap.scratch('out', 8);
    heap.core.textToken(this.#handle, id, out);
    const address = heap.u32[out >>> 2];
    return address ? heap.readText(address, heap.u32[(out >>> 2) + 1]) : undefined;
  }

  dispose() {
    this.#heap.core.textFree(this.#handle);
    this.#handle = 0;
  }
}

/** @param {EncodeSettings} settings */
const flagsOf = ({ addSpecialTokens, keepLast }) =>
  (addSpecialTokens ? WITH_SPECIAL_TOKENS : 0) | (keepLast ? KEEP_LAST : 0);

/**
 * @param {Uint32Array} flat
 * @returns {[number, number][]}
 */
function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}
