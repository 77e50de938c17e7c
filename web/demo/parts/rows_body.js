import { pause } from './timing.js';
import { headWithout, hiddenState } from './topic_head.js';

/** @typedef {import('./llama_body.js').Body} Body */

/**
 * The rows of the text, added up, in place of a model's layers.
 * @implements {Body}
 */
export class RowsBody {
  #layer;
  #table;
  /** @type {import('../../index.js').LanguageModelHead | undefined} of the last text */
  #head;
  #run = 0;

  /**
   * @param {import('../../index.js').EmbeddingLayer} layer
   * @param {import('../../index.js').EmbeddingTable} table its rows, each made of length 1
   */
  constructor(layer, table) {
    this.#layer = layer;
    this.#table = table;
  }

  /** @param {string} context @param {{ decay: number, again: boolean }} options */
  async read(context, { decay, again }) {
    const run = ++this.#run;
    await pause();
    if (run !== this.#run) return null;
    const { ids, hidden } = hiddenState(this.#layer, context, decay);
    this.#head?.dispose();
    this.#head = headWithout(this.#table, again ? null : ids);
    return { hidden, head: this.#head, seen: [], note: '', full: false };
  }

  /** @param {number} id */
  piece(id) {
    return String(this.#layer.tokenizer.idToToken(id));
  }

  /** @param {string} context @param {number} id */
  append(context, id) {
    const token = this.piece(id);
    return token.startsWith('##') ? context.trimEnd() + token.slice(2) : `${context.trimEnd()} ${token}`;
  }

  ends() {
    return false;
  }
}
