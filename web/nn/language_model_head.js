import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { outputArray } from '../core/arguments.js';
import { storageOf } from '../table/table.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {{ ids: Uint32Array, logits: Float32Array, probs: Float32Array }} TopK each (k) */
/** @typedef {Float32Array | readonly number[] | Matrix} HiddenStates one state (dim), or several (n × dim) */

/**
 * What hidden states pass through before they are scored, such as the dense layer, GELU and LayerNorm of BERT's masked
 * language model.
 * @typedef {object} HeadTransform
 * @property {number} dim numbers of a hidden state
 * @property {(states: ArrayLike<number>) => Float32Array} apply (n, dim) → (n, the table's dim)
 */

/** Scores of no more hidden states than these are in WebAssembly memory at a time. */
const STATES = 64;

/**
 * The output end of a language model: scores hidden states against a table's rows, softcap(scale × (hidden · tableᵀ +
 * bias)). The table is the one the embedding uses where the checkpoint ties the two: nothing is copied. A whole
 * vocabulary's scores cross into JavaScript in `logits` only.
 *
 * i8 and i4 tables take hidden states rounded to 16 bits: a state's scores are the same bits however many are given. Of
 * f32, f16 and bf16 several at once add up in another order than one.
 */
export class TiedHead {
  #heap;
  #table;
  #storage;
  #transform;
  #handle;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table (vocabSize, dim)
   * @param {object} [options]
   * @param {ArrayLike<number>} [options.bias] (vocabSize)
   * @param {number} [options.scale] default 1
   * @param {number} [options.softcap] scores become softcap × tanh(score / softcap), as in Gemma 2; default none
   * @param {HeadTransform} [options.transform] applied to every hidden state first; default none
   */
  constructor(table, { bias, scale = 1, softcap = 0, transform } = {}) {
    const storage = storageOf(table);
    if (table.vocabSize !== table.rows || table.hasTokenWeights) {
      throw new WembedError('unsupported', 'a head needs an EmbeddingTable of one plain row a token');
    }
    if (bias && bias.length !== table.rows) {
      throw new WembedError('shape_mismatch', `a bias of ${bias.length} numbers for ${table.rows} rows`);
    }
    if (!Number.isFinite(scale)) throw new WembedError('invalid_argument', `scale must be a number, got ${scale}`);
    if (!(softcap >= 0 && softcap < Infinity)) {
      throw new WembedError('invalid_argument', `softcap must be a number above 0, got ${softcap}`);
    }
    this.#table = table;
    this.#transform = transform;
    this.#storage = storage;
    this.#heap = storage.heap;
    const biasAt = bias ? this.#heap.floats('weights', bias) : 0;
    this.#handle = this.#heap.core.headCreate(biasAt, table.rows, scale, softcap) >>> 0;
  }

  /** Tokens that are scored. */
  get vocabSize() {
    return this.#table.rows;
  }

  /** Numbers of a hidden state. */
  get dim() {
    return this.#transform?.dim ?? this.#table.dim;
  }

  /** The table it scores against: the same object, not a copy. */
  get table() {
    return this.#table;
  }

  /**
   * The scores of every token. `torch.nn.functional.linear(hidden, table)`.
   * @overload
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {{ into?: Float32Array }} [options] at least vocabSize numbers, written instead of a new array
   * @returns {Float32Array} (vocabSize)
   */
  /**
   * @overload
   * @param {Matrix} hidden (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × vocabSize numbers
   * @returns {Matrix} (n, vocabSize)
   */
  /**
   * @param {HiddenStates} hidden
   * @param {{ into?: Float32Array }} [options]
   * @returns {Float32Array | Matrix}
   */
  logits(hidden, { into } = {}) {
    const { states, n } = this.#states(hidden);
    const { rows } = this.#table;
    if (n > STATES) checkFinite(states); // the core sees a part at a time
    const data = outputArray(into, n * rows);
    const address = this.#heap.floats('hidden', states);
    const out = this.#heap.scratch('out', 4 * Math.min(n, STATES) * rows);
    for (let i = 0, count; i < n; i += count) {
      count = n - i === STATES + 1 ? STATES - 1 : Math.min(STATES, n - i); // a single state is another kernel's
      this.#call('headLogits', address + 4 * i * this.#table.dim, count, out);
      data.set(this.#heap.f32.subarray(out >>> 2, (out >>> 2) + count * rows), i * rows);
    }
    return hidden instanceof Matrix ? new Matrix(data, n, rows) : data;
  }

  /**
   * The k best tokens, best first; of equals the lower id. Their probabilities are among all tokens.
   * @overload
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {number} k 0 to vocabSize
   * @returns {TopK}
   */
  /**
   * The same of several hidden states, an answer each: they pass over the table together.
   * @overload
   * @param {Matrix} hidden (n, dim)
   * @param {number} k 0 to vocabSize
   * @returns {TopK[]} (n)
   */
  /**
   * @param {HiddenStates} hidden
   * @param {number} k
   * @returns {TopK | TopK[]}
   */
  topK(hidden, k) {
    if (!Number.isInteger(k) || k < 0 || k > this.vocabSize) {
      throw new WembedError('invalid_argument', `k must be 0 to ${this.vocabSize}, got ${shown(k)}`);
    }
    const { states, n } = this.#states(hidden);
    const address = this.#heap.floats('hidden', states);
    const out = this.#heap.scratch('out', 12 * n * k);
    this.#call('headTopK', address, n, k, out);
    const { u32, f32 } = this.#heap;
    const results = Array.from({ length: n }, (_, i) => {
      const [ids, logits, probs] = [0, 1, 2].map((part) => out / 4 + (part * n + i) * k);
      return {
        ids: u32.slice(ids, ids + k),
        logits: f32.slice(logits, logits + k),
        probs: f32.slice(probs, probs + k),
      };
    });
    return hidden instanceof Matrix ? results : results[0];
  }

  /**
   * Draws a token. The filters work in the order of transformers' warpers: temperature, topK, topP, minP.
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {object} [options]
   * @param {number} [options.temperature] scores are divided by it; 0 takes the best token; default 1
   * @param {number} [options.topK] only the so many best tokens; default 0, all
   * @param {number} [options.topP] only the fewest best tokens that have this probability together; default 1, all
   * @param {number} [options.minP] only tokens with at least this part of the best one's probability; default 0, all
   * @param {number} [options.seed] a whole number: the same seed draws the same token. Take another one for each token
   *   of a text (seed + position). Default: Math.random
   * @returns {number} its id
   */
  sample(hidden, { temperature = 1, topK = 0, topP = 1, minP = 0, seed } = {}) {
    check('temperature', temperature, temperature >= 0 && temperature < Infinity, 'at least 0');
    check('topK', topK, Number.isInteger(topK) && topK >= 0 && topK < 2 ** 32, 'a whole number, at least 0');
    check('topP', topP, topP > 0 && topP <= 1, 'above 0 and at most 1');
    check('minP', minP, minP >= 0 && minP <= 1, '0 to 1');
    check('seed', seed, seed === undefined || Number.isSafeInteger(seed), 'a whole number');
    const address = this.#one(hidden);
    const out = this.#heap.scratch('out', 4);
    const u = seed === undefined ? Math.random() : uniform(seed);
    this.#call('headSample', address, temperature, topK, topP, minP, u, out);
    return this.#heap.u32[out >>> 2];
  }

  /**
   * The log-probability of a target token for each hidden state.
   * @param {HiddenStates} hidden (n, dim)
   * @param {IntegerArray} targets (n) ids
   * @returns {Float32Array} (n)
   */
  logProbs(hidden, targets) {
    const { states, n } = this.#states(hidden);
    if (targets?.length !== n) {
      throw new WembedError('shape_mismatch', `${targets?.length} targets for ${n} hidden states`);
    }
    const address = this.#heap.floats('hidden', states);
    const ids = this.#heap.integers('ids', targets);
    const out = this.#heap.scratch('out', 24 * n);
    this.#call('headLogProbs', address, n, ids, out);
    const parts = new Float64Array(this.#heap.u8.slice(out, out + 24 * n).buffer);
    return Float32Array.from({ length: n }, (_, i) => parts[3 * i] - parts[3 * i + 1] - Math.log(parts[3 * i + 2]));
  }

  /**
   * The mean of -log p(target): `torch.nn.functional.cross_entropy`. NaN for no states, as torch has it.
   * @param {HiddenStates} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   */
  crossEntropy(hidden, targets) {
    const logProbs = this.logProbs(hidden, targets);
    return -logProbs.reduce((sum, value) => sum + value, 0) / logProbs.length;
  }

  /**
   * e to the cross-entropy.
   * @param {HiddenStates} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   */
  perplexity(hidden, targets) {
    return Math.exp(this.crossEntropy(hidden, targets));
  }

  /**
   * Checks and calls one of the core's head functions, all of which begin with the two handles.
   * @param {'headLogits' | 'headTopK' | 'headSample' | 'headLogProbs'} name
   * @param {number[]} args
   */
  #call(name, ...args) {
    const call = /** @type {(...args: number[]) => number} */ (this.#heap.core[name]);
    try {
      this.#heap.check(call(this.#live, this.#storage.handle, ...args));
    } catch (error) {
      throw this.#heap.explain(error);
    }
  }

  get #live() {
    if (!this.#handle) throw new WembedError('disposed', 'this TiedHead has been disposed');
    return this.#handle;
  }

  /**
   * @param {HiddenStates} hidden
   * @returns {{ states: ArrayLike<number>, n: number }}
   */
  #states(hidden) {
    const { dim } = this;
    const many = hidden instanceof Matrix;
    const found = many ? hidden.dim : hidden?.length;
    if (found !== dim) {
      throw new WembedError('shape_mismatch', `hidden states of ${found} numbers, this head takes ${dim}`);
    }
    const states = many ? hidden.data.subarray(0, hidden.rows * dim) : hidden;
    return { states: this.#transform?.apply(states) ?? states, n: many ? hidden.rows : 1 };
  }

  /**
   * @param {Float32Array | readonly number[]} hidden
   * @returns {number} its address
   */
  #one(hidden) {
    const { states, n } = this.#states(hidden);
    if (n !== 1) throw new WembedError('shape_mismatch', `one hidden state is wanted, got ${n}`);
    return this.#heap.floats('hidden', states);
  }

  /** Frees the head, not the table. Any later use is a `disposed` error; disposing twice is not. */
  dispose() {
    if (this.#handle) this.#heap.core.headFree(this.#handle);
    this.#handle = 0;
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.dispose();
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {boolean} good
 * @param {string} what it must be
 */
function check(name, value, good, what) {
  if (!good) throw new WembedError('invalid_argument', `${name} must be ${what}, got ${shown(value)}`);
}

/** @param {ArrayLike<number>} states */
function checkFinite(states) {
  for (let i = 0; i < states.length; i++) {
    if (Number.isFinite(states[i])) continue;
    throw new WembedError('invalid_argument', `a hidden state that is not finite: ${states[i]} at index ${i}`);
  }
}

/**
 * A number in [0, 1) of a seed (splitmix32's finalizer, twice for 53 bits).
 * @param {number} seed
 */
function uniform(seed) {
  const mix = (/** @type {number} */ x) => {
    let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const high = mix((seed + 0x9e3779b9) >>> 0) ^ mix(Math.floor(seed / 2 ** 32) >>> 0);
  return ((high >>> 0) * 2 ** 21 + (mix(high + 0x9e3779b9) >>> 11)) / 2 ** 53;
}
