import { count, mustBe } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { finite, flag, positive } from '../core/numbers.js';
import { areFinite } from './finite.js';
import { TableStorage, startCore, writerOf } from '../table/storage.js';
import { tableOf } from '../table/table.js';

/**
 * gensim's options of `Word2Vec`, by its names, with its defaults.
 * @typedef {object} Word2VecOptions
 * @property {number} [vectorSize] numbers per vector; default 100
 * @property {number} [window] the most words between a word and one of its context, on each side; default 5
 * @property {0 | 1 | boolean} [sg] skip-gram (each word of the context is to predict the word), else the context's mean
 *   (CBOW); default 0
 * @property {number} [negative] random words to tell each word from; 0 for none; default 5
 * @property {0 | 1 | boolean} [hs] hierarchical softmax, beside negative samples or instead of them; default 0
 * @property {number} [alpha] the rate of learning at the start; default 0.025
 * @property {number} [minAlpha] the rate at the end, to which it falls in a straight line; default 0.0001
 * @property {number} [epochs] passes over the texts; default 5
 * @property {number} [sample] the share of the text above which a word is left out at times; 0 for never; default 0.001
 * @property {number} [nsExponent] random words are drawn in proportion to count^nsExponent; default 0.75
 * @property {0 | 1 | boolean} [cbowMean] the mean of the context, else its sum; default 1
 * @property {boolean} [shrinkWindows] a random width from 1 to `window` at each word; default true
 * @property {number} [batchWords] words that are learnt from in one call; default 10000
 * @property {number | null} [seed] the same seed gives the same vectors; null for another result each time; default 1
 */

/** So many rows are copied at once. */
const STRIP = 1024;

/** @typedef {Required<Word2VecOptions> & { seed: number, sg: boolean, hs: boolean, cbowMean: boolean }} Word2VecRules */

export const WORD2VEC_OPTIONS = /** @type {const} */ ([
  ...['vectorSize', 'window', 'sg', 'negative', 'hs', 'alpha', 'minAlpha', 'epochs', 'sample', 'nsExponent'],
  ...['cbowMean', 'shrinkWindows', 'batchWords', 'seed'],
]);

/** @param {string} name @param {unknown} value @returns {boolean} */
const switched = (name, value) => (value === 0 || value === 1 ? value === 1 : flag(name, value));

/** @param {string} name @param {unknown} value */
function notNegative(name, value) {
  if (finite(name, value) >= 0) return Number(value);
  throw mustBe(name, 'at least 0', value);
}

/**
 * @param {Word2VecOptions} options
 * @param {() => number} randomSeed
 * @returns {Word2VecRules} checked, with defaults
 */
export function checkedWord2Vec(options, randomSeed) {
  const { vectorSize = 100, window = 5, sg = 0, negative = 5, hs = 0, alpha = 0.025, minAlpha = 0.0001 } = options;
  const { epochs = 5, sample = 1e-3, nsExponent = 0.75, cbowMean = 1, shrinkWindows = true } = options;
  const { batchWords = 10_000, seed = 1 } = options;
  const rules = {
    vectorSize: count('vectorSize', vectorSize, { least: 1, most: 65_536 }),
    window: count('window', window, { least: 1, most: 1e9 }),
    sg: switched('sg', sg),
    negative: count('negative', negative, { most: 1000 }),
    hs: switched('hs', hs),
    alpha: positive('alpha', alpha),
    minAlpha: notNegative('minAlpha', minAlpha),
    epochs: count('epochs', epochs, { least: 1 }),
    sample: notNegative('sample', sample),
    nsExponent: finite('nsExponent', nsExponent),
    cbowMean: switched('cbowMean', cbowMean),
    shrinkWindows: flag('shrinkWindows', shrinkWindows),
    batchWords: count('batchWords', batchWords, { least: 1, most: 1e7 }),
    seed: seed === null ? randomSeed() : count('seed', seed),
  };
  if (rules.negative || rules.hs) return rules;
  throw new WembedError('invalid_argument', 'negative 0 needs hs: there is nothing to learn from');
}

/** The model in the training module's memory. */
export class Word2Vec {
  #heap;
  #handle;
  #words;
  #size;
  #layers;

  /**
   * @param {import('../memory/heap.js').Heap} heap
   * @param {Uint32Array} counts none above the one before it
   * @param {Word2VecRules} rules
   */
  constructor(heap, counts, rules) {
    const { vectorSize, window, negative, sg, hs, cbowMean, shrinkWindows, seed, sample, nsExponent } = rules;
    const integers = [vectorSize, window, negative, sg, hs, cbowMean, shrinkWindows, seed].map(Number);
    const at = heap.integers('counts', counts);
    const settings = heap.integers('settings', Uint32Array.from(integers));
    const numbers = heap.scratch('numbers', 16);
    heap.u8.set(new Uint8Array(Float64Array.of(sample, nsExponent).buffer), numbers);
    const out = heap.scratch('out', 4);
    heap.check(heap.core.word2vecCreate(at, counts.length, settings, numbers, out));
    this.#heap = heap;
    this.#handle = heap.u32[out >>> 2];
    this.#words = counts.length;
    this.#size = vectorSize;
    this.#layers = Number(negative > 0) + Number(hs);
  }

  /** Numbers of a row in memory, the zeros after it included. */
  get #stride() {
    return Math.ceil(this.#size / 4) * 4;
  }

  get #live() {
    if (this.#handle) return this.#handle;
    throw new WembedError('disposed', 'this WordVectorTrainer has been disposed');
  }

  /**
   * Learns from a batch.
   * @param {import('./corpus.js').Batch} batch
   * @param {number} alpha
   * @param {number} epoch
   * @param {number} number of the batch in this epoch
   * @returns {{ loss: number, examples: number, words: number }} sums
   */
  train({ ids, length, ends }, alpha, epoch, number) {
    const heap = this.#heap;
    const idsAt = heap.integers('ids', ids.subarray(0, length));
    const endsAt = heap.integers('ends', Uint32Array.from(ends));
    const out = heap.scratch('out', 24);
    heap.check(heap.core.word2vecTrain(this.#live, idsAt, endsAt, ends.length, alpha, epoch, number, out));
    const [loss, examples, words] = new Float64Array(heap.u8.slice(out, out + 24).buffer);
    return { loss, examples, words };
  }

  /**
   * @param {Iterable<number>} rows
   * @param {number} n how many
   * @returns {Float32Array} (n, vectorSize), a copy
   */
  rows(rows, n) {
    const [size, stride] = [this.#size, this.#stride];
    const at = this.#heap.core.word2vecVectors(this.#live) >>> 2;
    const data = new Float32Array(n * size);
    const { f32 } = this.#heap;
    let i = 0;
    for (const row of rows) {
      data.set(f32.subarray(at + row * stride, at + row * stride + size), i);
      i += size;
    }
    return data;
  }

  /** @returns {Float32Array} all vectors, (words, vectorSize), a copy */
  vectors() {
    return this.rows(Array(this.#words).keys(), this.#words);
  }

  /** What has been learnt, as it is in memory: views that are valid until the memory grows. */
  get state() {
    const size = this.#words * this.#stride;
    const vectors = this.#heap.core.word2vecVectors(this.#live) >>> 2;
    const outputs = this.#heap.core.word2vecOutputs(this.#live) >>> 2;
    const { f32 } = this.#heap;
    return {
      vectors: f32.subarray(vectors, vectors + size),
      outputs: f32.subarray(outputs, outputs + this.#layers * size),
    };
  }

  /**
   * All vectors as a table, a few rows at a time: no other copy is made.
   * @param {import('../core/dtypes.js').Dtype} dtype
   * @returns {Promise<import('../table/table.js').EmbeddingTable>} (words, vectorSize)
   */
  async toTable(dtype) {
    await startCore();
    const [rows, dim] = [this.#words, this.#size];
    const storage = new TableStorage({ rows, dim, dtype, perRowScales: dtype === 'i8' });
    try {
      const write = writerOf(storage, 'f32');
      for (let row = 0; row < rows; row += STRIP) {
        const n = Math.min(STRIP, rows - row);
        write(new Uint8Array(this.rows(Array.from({ length: n }, (_, i) => row + i), n).buffer)); // prettier-ignore
      }
      return tableOf(storage);
    } catch (error) {
      storage.dispose();
      throw error;
    }
  }

  /** Forgets what has been learnt. */
  restart() {
    this.#heap.core.word2vecRestart(this.#live);
  }

  /** @param {{ vectors: Float32Array, outputs: Float32Array }} saved by a model of the same shape */
  restore(saved) {
    const { state } = this;
    for (const name of /** @type {const} */ (['vectors', 'outputs'])) {
      if (saved[name].length !== state[name].length) {
        const what = `${name} has ${saved[name].length} numbers, not ${state[name].length}`;
        throw new WembedError('bad_file', `the checkpoint's ${what}`);
      }
      if (!areFinite(saved[name])) throw new WembedError('bad_file', `the checkpoint's ${name} are not all finite`);
    }
    state.vectors.set(saved.vectors);
    state.outputs.set(saved.outputs);
  }

  dispose() {
    if (this.#handle) this.#heap.core.word2vecFree(this.#handle);
    this.#handle = 0;
  }
}

/**
 * What a model that knows nothing loses at each example.
 * @param {Uint32Array} counts
 * @param {Word2VecRules} rules
 */
export function firstLoss(counts, { negative, hs }) {
  const total = counts.reduce((sum, each) => sum + each, 0);
  const bits = counts.reduce((sum, each) => sum - (each / total) * Math.log2(each / total), 0); // of a word, in the tree
  return Math.LN2 * ((negative ? negative + 1 : 0) + (hs ? bits + 1 : 0));
}
