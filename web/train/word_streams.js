// Texts as one stream of ids, for models that predict each word, and the words that they are told from.
import { LEFT_OUT } from './vocabulary.js';

/**
 * @typedef {object} Stream
 * @property {Uint32Array} ids boundaries before each text, as many as a prediction looks back at, then its words and one more
 * @property {Uint32Array} positions where in `ids` the words to predict are
 */

/** Texts as one stream of ids. */
export class StreamBuilder {
  /** @type {number[]} */
  #ids = [];
  /** @type {number[]} */
  #positions = [];
  #context;
  #end;

  /**
   * @param {number} context words that a prediction looks back at
   * @param {number} end the id of the boundary; the id before it is that of unknown words
   */
  constructor(context, end) {
    this.#context = context;
    this.#end = end;
  }

  /** @param {Uint32Array} sentence ids, and LEFT_OUT */
  add(sentence) {
    if (sentence.length === 0) return;
    for (let c = 0; c < this.#context; c++) this.#ids.push(this.#end);
    for (const id of sentence) this.#predict(id === LEFT_OUT ? this.#end - 1 : id);
    this.#predict(this.#end);
  }

  /** @param {number} id */
  #predict(id) {
    this.#positions.push(this.#ids.push(id) - 1);
  }

  /** @returns {Stream} */
  stream() {
    return { ids: Uint32Array.from(this.#ids), positions: Uint32Array.from(this.#positions) };
  }
}

/** Draws words by how often they occur. */
export class WordDraws {
  #shares;
  #cumulated;

  /** @param {Float64Array} shares of each word, of 1 */
  constructor(shares) {
    this.#shares = shares;
    let sum = 0;
    this.#cumulated = shares.map((share) => (sum += share));
  }

  /**
   * Words to tell targets from: the targets themselves and others, and how much each must be raised for being drawn often.
   * @param {Uint32Array} targets
   * @param {number} n
   * @param {() => number} random
   */
  with(targets, n, random) {
    const ids = new Set(targets);
    for (let i = 0; i < n; i++) ids.add(firstAtLeast(this.#cumulated, random()));
    const draws = n + targets.length;
    const list = Uint32Array.from(ids);
    return { ids: list, offsets: Float32Array.from(list, (id) => -Math.log(1 - (1 - this.#shares[id]) ** draws)) };
  }
}

/** @param {Float64Array} rising @param {number} x @returns {number} the first place whose number is at least x */
function firstAtLeast(rising, x) {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {Float32Array} scores
 * @param {number} temperature 0 for the highest
 * @param {number} u uniform in [0, 1)
 * @returns {number} a place, drawn by e^(score / temperature)
 */
export function drawn(scores, temperature, u) {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
  if (temperature === 0) return best;
  const weights = Float64Array.from(scores, (score) => Math.exp((score - scores[best]) / temperature));
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) if ((left -= weights[id]) < 0) return id;
  return best;
}
