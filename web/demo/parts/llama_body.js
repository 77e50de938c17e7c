import { Llama } from '../../../examples/llama/llama.js';
import { pause } from './timing.js';

/** The most tokens that are read: a body in plain JavaScript becomes slow with more. */
const MOST = 512;
/** Tokens between two pauses. */
const STEP = 4;
const UNLIKELY = 3; // of the tokens that could have come, so many are named

/** A token of the text, and what the model thought of it before it read it. @typedef {{ piece: string, share: number, likelier: { piece: string, share: number }[] }} SeenToken */

/**
 * What makes the hidden state of a text. `read` gives null where another text came meanwhile; `seen` is empty where
 * nothing was foretold.
 * @typedef {object} Body
 * @property {(context: string, options: { decay: number, again: boolean }) => Promise<{ hidden: Float32Array, head: import('../../index.js').LanguageModelHead, seen: SeenToken[], note: string, full: boolean } | null>} read
 * @property {(id: number) => string} piece of text, for the eye: a space is seen
 * @property {(context: string, id: number) => string} append
 * @property {(id: number) => boolean} ends the text
 */

/** The LLaMA of examples/llama as what makes the hidden state. @implements {Body} */
export class LlamaBody {
  #model;
  /** What the model has read, and the hidden state after each token. @type {number[]} */
  #ids = [];
  /** @type {Float32Array[]} */
  #states = [];
  /** A text and the tokens that were drawn for it: cutting it again might give others. */
  #told = { text: '', ids: /** @type {number[]} */ ([]) };
  #run = 0;
  #begin;

  /** @param {Llama} model @param {string} name */
  constructor(model, name) {
    this.#model = model;
    this.name = name;
    this.most = Math.min(MOST, model.context);
    this.#begin = model.tokenizer.encode('').ids[0]; // a new text ends the one before
  }

  /** @param {Uint8Array<ArrayBuffer>} file GGUF @param {string} name */
  static async from(file, name) {
    return new LlamaBody(await Llama.load(file), name);
  }

  /** Its sizes. */
  get about() {
    const { blocks, bodySize, layer } = this.#model;
    const { vocabSize, dim } = layer.describe();
    return { blocks, vocabSize, dim, parameters: bodySize + vocabSize * dim };
  }

  dispose() {
    this.#run++;
    this.#model.layer.dispose();
  }

  /** @param {string} context */
  async read(context) {
    const run = ++this.#run;
    const all = this.#idsOf(context);
    const ids = all.slice(0, this.most);
    let from = 0;
    while (from < ids.length && ids[from] === this.#ids[from]) from++;
    for (let at = from; at < ids.length; at++) {
      if ((at - from) % STEP === STEP - 1) await pause();
      if (run !== this.#run) return null;
      this.#ids.length = this.#states.length = at;
      this.#states.push(this.#model.next(ids[at], at));
      this.#ids.push(ids[at]);
    }
    const { head } = this.#model;
    const seen = ids.slice(1).map((id, i) => this.#seen(id, this.#states[i]));
    const full = ids.length === this.most;
    const note =
      all.length > ids.length
        ? `Of the ${all.length} tokens, the first ${this.most} are read: it learned no more.`
        : '';
    return { hidden: this.#states[ids.length - 1], head, seen, note, full };
  }

  /** @param {string} context */
  #idsOf(context) {
    if (context === this.#told.text && this.#told.ids.length > 0) return this.#told.ids;
    return Array.from(this.#model.tokenizer.encode(context.trimEnd()).ids);
  }

  /** @param {number} id @param {Float32Array} before the hidden state before it @returns {SeenToken} */
  #seen(id, before) {
    const { head } = this.#model;
    const { ids, probs } = head.topK(before, UNLIKELY);
    const share = Math.exp(head.logProbs(before, [id])[0]);
    const likelier = Array.from(ids, (each, i) => ({ id: each, piece: this.piece(each), share: probs[i] }));
    return { piece: this.piece(id), share, likelier: likelier.filter((each) => each.id !== id && each.share > share) };
  }

  /** @param {number} id */
  piece(id) {
    if (this.ends(id)) return '(the end)';
    const piece = String(this.#model.tokenizer.idToToken(id));
    const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
    if (byte) return byte[1] === '0A' ? '⏎' : piece;
    return piece.replaceAll('▁', '·');
  }

  /** @param {string} context @param {number} id */
  append(context, id) {
    const ids = [...this.#idsOf(context), id];
    this.#told = { text: this.#model.tokenizer.decode(ids), ids };
    return this.#told.text;
  }

  /** @param {number} id */
  ends(id) {
    return id === this.#begin;
  }
}
