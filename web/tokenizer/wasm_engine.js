import { utf8Room } from '../memory/heap.js';

const NONE = 0xffffffff;

/**
 * The core's tokenizer, built from the spec that `compileTokenizer` makes.
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
    this.unkId = unkId === NONE ? undefined : unkId;
  }

  get handle() {
    return this.#handle;
  }

  get medianTokenLength() {
    return (this.#medianTokenLength ??= this.#heap.core.textMedianTokenLength(this.#handle));
  }

  /**
   * @param {string} text
   * @param {import('./tokenizer.js').TokenizeOptions} options
   * @returns {import('./tokenizer.js').Encoding}
   */
  encode(text, { addSpecialTokens = true, maxLength = Infinity, offsets = false }) {
    const heap = this.#heap;
    const utf8 = heap.scratch('text', utf8Room(text));
    const size = heap.writeText(text, utf8) - utf8;
    const out = heap.scratch('out', 12);
    heap.check(
      heap.core.textEncode(this.#handle, utf8, size, addSpecialTokens, Math.min(maxLength, NONE), offsets, out),
    );
    const [idsAt, n, spansAt] = heap.u32.subarray(out >>> 2, (out >>> 2) + 3);
    const ids = heap.u32.slice(idsAt >>> 2, (idsAt >>> 2) + n);
    /** @type {import('./tokenizer.js').Encoding} */
    const encoding = { ids, tokens: Array.from(ids, (id) => /** @type {string} */ (this.idToToken(id))) };
    if (offsets) encoding.offsets = pairs(heap.u32.slice(spansAt >>> 2, (spansAt >>> 2) + 2 * n));
    return encoding;
  }

  /**
   * @param {number[]} ids
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

/**
 * @param {Uint32Array} flat
 * @returns {[number, number][]}
 */
function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}
