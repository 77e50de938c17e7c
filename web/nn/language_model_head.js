import { count, floatsOf, integersOf, lengthOf, mustBe, optionsOf } from '../core/arguments.js';
import { finite, fitsF32, positive } from '../core/numbers.js';
import { NO_ID } from '../core/codes.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, refuseRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { scoresOf, vectorsOf } from '../table/products.js';
import { storageOf } from '../table/table.js';
import { samplingOf } from './sampling.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/**
 * The best tokens of a hidden state.
 * @typedef {object} TopK
 * @property {Uint32Array} ids (k), the best first
 * @property {Float32Array} logits (k), their scores
 * @property {Float32Array} probs (k), the softmax over the whole vocabulary
 */
/** @typedef {import('../table/products.js').Vectors} HiddenStates one state (dim), or several (n, dim) */

/**
 * A transform of hidden states before they are scored, such as the dense layer, GELU and LayerNorm of BERT's masked
 * language model.
 * @typedef {object} HeadTransform
 * @property {number} dim of a hidden state
 * @property {(states: ArrayLike<number>) => Float32Array} apply (n, dim) → (n, the table's dim)
 */

/**
 * The output end of a language model: scores hidden states against a table's rows, softcap(scale × (hidden · tableᵀ +
 * bias)). If the checkpoint ties the two ends, the table is the embedding's own, without a copy. Only `logits` copies a
 * whole vocabulary's scores into JavaScript.
 *
 * i8 and i4 tables take hidden states rounded to 16 bits: a state's scores have the same bits in every call. With f32,
 * f16 and bf16, several states in one call are summed in another order than one state.
 */
export class LanguageModelHead {
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
   * @param {number} [options.softcap] scores become softcap × tanh(score / softcap), as in Gemma 2; default: no cap
   * @param {HeadTransform} [options.transform] applied to every hidden state first; default: no transform
   */
  constructor(table, options) {
    const { bias, scale = 1, softcap = 0, transform } = optionsOf('LanguageModelHead', options, OPTIONS);
    const storage = storageOf(table);
    if (table.vocabSize !== table.rows || table.hasTokenWeights) {
      throw new WembedError('unsupported', 'a head needs an EmbeddingTable without token weights or a token mapping');
    }
    fitsF32('scale', finite('scale', scale));
    if (softcap !== 0) fitsF32('softcap', positive('softcap', softcap));
    const biases = bias === undefined ? undefined : floatsOf('bias', bias);
    if (biases && lengthOf(biases) !== table.rows) {
      throw new WembedError(
        'shape_mismatch',
        `the bias has ${lengthOf(biases)} numbers, but the table has ${table.rows} rows`,
      );
    }
    this.#table = table;
    this.#transform = transform === undefined ? undefined : checkedTransform(transform);
    this.#storage = storage;
    const heap = (this.#heap = storage.heap);
    const biasAt = biases ? heap.floats('weights', biases) : 0;
    const out = heap.scratch('out', 4);
    heap.check(heap.core.headCreate(biasAt, table.rows, scale, softcap, out));
    this.#handle = heap.u32[out >>> 2];
  }

  /** The number of tokens scored. */
  get vocabSize() {
    return this.#table.rows;
  }

  /** The dim of a hidden state. */
  get dim() {
    return this.#transform?.dim ?? this.#table.dim;
  }

  /** The table of the scores: the same object, not a copy. */
  get table() {
    return this.#table;
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {{ into?: Float32Array }} [options] an array for the result, at least vocabSize numbers, instead of a new
   *   one
   * @returns {Float32Array} (vocabSize)
   */
  /**
   * @overload
   * @param {import('../table/products.js').VectorList} hidden (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × vocabSize numbers
   * @returns {Matrix} (n, vocabSize)
   */
  /**
   * The scores of every token. `torch.nn.functional.linear(hidden, table)`.
   * @param {HiddenStates} hidden
   * @param {{ into?: Float32Array }} [options]
   * @returns {Float32Array | Matrix}
   */
  logits(hidden, options) {
    const { into } = optionsOf('logits', options, ['into']);
    const { states, n, many } = this.#states(hidden);
    const data = scoresOf(this.#storage, states, n, into, (...args) => this.#call('headLogits', ...args));
    return many ? new Matrix(data, n, this.#table.rows) : data;
  }

  /**
   * @overload
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {number} k 0 to vocabSize
   * @returns {TopK}
   */
  /**
   * @overload
   * @param {import('../table/products.js').VectorList} hidden (n, dim)
   * @param {number} k 0 to vocabSize
   * @returns {TopK[]} (n)
   */
  /**
   * The k best tokens, best first, equal scores by id, with their probabilities among all tokens. Several hidden states
   * share one pass over the table and give one result each.
   * @param {HiddenStates} hidden
   * @param {number} k
   * @returns {TopK | TopK[]}
   */
  topK(hidden, k) {
    count('k', k, { most: this.vocabSize });
    const { states, n, many } = this.#states(hidden);
    const address = this.#heap.floats('hidden', states);
    const out = this.#heap.scratch('out', 12 * n * k);
    this.#call('headTopK', address, n, k, out);
    const { u32, f32 } = this.#heap;
    const results = Array.from({ length: n }, (_, i) => {
      const [ids, logits, probs] = [0, 1, 2].map((part) => (out >>> 2) + (part * n + i) * k);
      const end = u32.subarray(ids, ids + k).indexOf(NO_ID); // fewer than k if scores are NaN
      const found = end < 0 ? k : end;
      return {
        ids: u32.slice(ids, ids + found),
        logits: f32.slice(logits, logits + found),
        probs: f32.slice(probs, probs + found),
      };
    });
    return many ? results : results[0];
  }

  /**
   * Draws a token. The filters work in the order of transformers' warpers: temperature, topK, topP, minP.
   * @param {Float32Array | readonly number[]} hidden (dim)
   * @param {import('./sampling.js').SampleOptions} [options]
   * @returns {number} its id
   */
  sample(hidden, options) {
    const { temperature, topK, topP, minP, u } = samplingOf(options);
    const { states, n } = this.#states(hidden);
    if (n !== 1) throw new WembedError('shape_mismatch', `sample takes one hidden state, got ${n}`);
    const address = this.#heap.floats('hidden', states);
    const out = this.#heap.scratch('out', 4);
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
    const given = integersOf('targets', targets);
    const { states, n } = this.#states(hidden);
    if (lengthOf(given) !== n) {
      throw new WembedError('shape_mismatch', `${lengthOf(given)} targets for ${n} hidden states`);
    }
    const address = this.#heap.floats('hidden', states);
    const ids = this.#heap.integers('ids', given);
    const out = this.#heap.scratch('out', 24 * n);
    this.#call('headLogProbs', address, n, ids, out);
    const parts = new Float64Array(this.#heap.u8.slice(out, out + 24 * n).buffer);
    return Float32Array.from({ length: n }, (_, i) => parts[3 * i] - parts[3 * i + 1] - Math.log(parts[3 * i + 2]));
  }

  /**
   * The mean of -log p(target): `torch.nn.functional.cross_entropy`. NaN for no states, as in torch.
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
   * Checks and calls one of the core's head functions, which all take the two handles first.
   * @param {'headLogits' | 'headTopK' | 'headSample' | 'headLogProbs'} name
   * @param {number[]} args
   */
  #call(name, ...args) {
    const call = /** @type {(...args: number[]) => number} */ (this.#heap.core[name]);
    this.#heap.check(call(this.#live, this.#storage.handle, ...args));
  }

  get #live() {
    if (!this.#handle) throw new WembedError('disposed', 'this LanguageModelHead has been disposed');
    return this.#handle;
  }

  /**
   * @param {HiddenStates} hidden
   * @returns {{ states: Float32Array, n: number, many: boolean }} (n, the table's dim)
   */
  #states(hidden) {
    const { data, n, many } = vectorsOf('hidden', hidden, this.dim);
    if (!this.#transform) return { states: data, n, many };
    const states = floatsOf('what transform.apply returns', this.#transform.apply(data));
    if (lengthOf(states) === n * this.#table.dim) return { states, n, many };
    throw new WembedError(
      'shape_mismatch',
      `transform.apply returned ${lengthOf(states)} numbers for ${n} states of ${this.#table.dim}`,
    );
  }

  /** Frees the head, not the table. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    if (this.#handle) this.#heap.core.headFree(this.#handle);
    this.#handle = 0;
  }

  /** The method that `using` calls: the same as `dispose`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * @param {HeadTransform} transform
 * @returns {HeadTransform}
 */
function checkedTransform(transform) {
  refuseRevoked('transform', transform);
  const { dim, apply } = Object(transform);
  if (typeof transform !== 'object' || typeof apply !== 'function') {
    throw mustBe('transform', 'an object with a number dim and a function apply', transform);
  }
  return { dim: count('transform.dim', dim, { least: 1 }), apply: (states) => apply.call(transform, states) };
}

const OPTIONS = ['bias', 'scale', 'softcap', 'transform'];

/** @typedef {LanguageModelHead} TiedHead */

/** Another name for `LanguageModelHead`, for heads that share the embedding's table. */
export const TiedHead = LanguageModelHead;
