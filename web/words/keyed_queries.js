// gensim's other queries: what is made of keys' vectors and of cosines.
import { floatsOf, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, shown, isA, isArray } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { doublesOf, flag } from '../core/numbers.js';
import { Cosines, dot, keysOf, unit } from './queries.js';

/** @typedef {import('./word_vectors.js').SimilarKey} SimilarKey */

/**
 * How vectors become one.
 * @typedef {object} MeanOptions
 * @property {readonly number[] | Float32Array | Float64Array} [weights] (keys.length) how much each counts; default 1
 * @property {boolean} [preNormalize] whether vectors of keys are made of length 1 first; default true
 * @property {boolean} [postNormalize] whether the mean is made of length 1; default false
 * @property {boolean} [ignoreMissing] whether keys without a vector are left out instead of refused; default true
 */

/** How well analogies are solved. @typedef {import('./evaluation.js').AnalogyReport} AnalogyReport */
/** How well similarities agree with people's. @typedef {import('./evaluation.js').PairsReport} PairsReport */
/** What evaluations count. @typedef {import('./evaluation.js').EvaluationOptions} EvaluationOptions */

const MEAN_OPTIONS = ['weights', 'preNormalize', 'postNormalize', 'ignoreMissing'];

/** What stands on the methods of `WordVectors`, which is one of these. */
export class KeyedQueries {
  /** @type {Cosines | undefined} */
  #cosines;

  /** The word vectors themselves. */
  get #own() {
    return /** @type {import('./word_vectors.js').WordVectors} */ (/** @type {unknown} */ (this));
  }

  /**
   * The keys whose vectors point most nearly where a vector does. (`similar_by_vector`)
   * @param {Float32Array | readonly number[]} vector (vectorSize)
   * @param {{ topn?: number, topK?: number, restrictVocab?: number }} [options] as `mostSimilar` takes them
   * @returns {SimilarKey[]} best first
   */
  similarByVector(vector, options) {
    return this.#own.mostSimilar([floatsOf('vector', vector)], options);
  }

  /**
   * The same of a key's. (`similar_by_key`)
   * @param {string} key
   * @param {{ topn?: number, topK?: number, restrictVocab?: number }} [options]
   * @returns {SimilarKey[]} best first, without the key itself
   */
  similarByKey(key, options) {
    return this.#own.mostSimilar(keysOf([key]), options);
  }

  /**
   * 1 - the cosine of a key or vector with each of other keys. (`distances`)
   * @param {string | Float32Array | readonly number[]} keyOrVector
   * @param {readonly string[]} [others] default: all keys, in the order of the rows
   * @returns {Float32Array} (others.length)
   */
  distances(keyOrVector, others) {
    const own = this.#own;
    const vector = typeof keyOrVector === 'string' ? own.get(keyOrVector) : floatsOf('vector', keyOrVector);
    if (vector.length !== own.vectorSize) {
      throw new WembedError('shape_mismatch', `a vector of ${vector.length} numbers, not ${own.vectorSize}`);
    }
    const x = unit(vector);
    if (others !== undefined) return Float32Array.from(own.vectors(others), (row) => 1 - dot(x, unit(row)));
    this.#cosines ??= new Cosines(own.table);
    return this.#cosines.with(x).map((cosine) => 1 - cosine);
  }

  /**
   * 1 - the cosine of two keys. (`distance`)
   * @param {string} a
   * @param {string} b
   * @returns {number} 0 to 2
   */
  distance(a, b) {
    return 1 - this.#own.similarity(a, b);
  }

  /**
   * The keys that are nearer to one key than another is. (`closer_than`)
   * @param {string} key
   * @param {string} other
   * @returns {string[]} in the order of the rows
   */
  closerThan(key, other) {
    const [row, limit] = [this.#rowOf(key), this.#rowOf(other)];
    const distances = this.distances(key);
    const near = Array.from(distances.keys()).filter((i) => distances[i] < distances[limit] && i !== row);
    return near.map((i) => this.#own.indexToKey[i]);
  }

  /**
   * How many keys are nearer to one key than another is, and one. (`rank`)
   * @param {string} key
   * @param {string} other
   * @returns {number}
   */
  rank(key, other) {
    return this.closerThan(key, other).length + 1;
  }

  /** @param {string} key */
  #rowOf(key) {
    const row = this.#own.keyToIndex.get(key);
    if (row === undefined) throw new WembedError('not_found', `no key is '${shown(key)}'`);
    return row;
  }

  /**
   * How alike two groups of keys are: the cosine of their means. (`n_similarity`)
   * @param {readonly string[]} a at least one
   * @param {readonly string[]} b at least one
   * @returns {number} -1 to 1
   */
  nSimilarity(a, b) {
    const [x, y] = [a, b].map((keys) => unit(this.getMeanVector(keys, { preNormalize: false })));
    return dot(x, y);
  }

  /**
   * The mean of the vectors of any number of keys. (`get_mean_vector`)
   * @param {readonly (string | Float32Array)[]} keys or vectors; at least one
   * @param {MeanOptions} [options]
   * @returns {Float32Array} (vectorSize) the weighted sum over the sum of the weights' sizes; zeros where no key is known
   */
  getMeanVector(keys, options) {
    const own = this.#own;
    const given = optionsOf('getMeanVector', options, MEAN_OPTIONS);
    const pre = flag('preNormalize', given.preNormalize ?? true);
    const ignored = flag('ignoreMissing', given.ignoreMissing ?? true);
    if (!isArray(keys) || keys.length === 0) throw mustBe('keys', 'an array of at least one key or vector', keys);
    const items = Array.from(keys, (key) => (typeof key === 'string' ? key : doublesOf('a vector', key)));
    const weights = given.weights === undefined ? undefined : doublesOf('weights', given.weights);
    if (weights && weights.length !== items.length) {
      throw new WembedError('shape_mismatch', `${weights.length} weights for ${items.length} keys`);
    }
    const sum = new Float64Array(own.vectorSize);
    let total = 0;
    for (const [i, item] of items.entries()) {
      if (typeof item === 'string' && ignored && !own.has(item)) continue;
      const vector = typeof item === 'string' ? own.get(item) : item;
      if (vector.length !== sum.length) {
        throw new WembedError('shape_mismatch', `a vector of ${vector.length} numbers, not ${sum.length}`);
      }
      const counted = typeof item === 'string' && pre ? unit(vector) : vector;
      const weight = weights ? weights[i] : 1;
      total += Math.abs(weight);
      for (let d = 0; d < sum.length; d++) sum[d] += weight * counted[d];
    }
    const mean = total > 0 ? sum.map((value) => value / total) : sum;
    return flag('postNormalize', given.postNormalize ?? false) ? unit(mean) : Float32Array.from(mean);
  }

  /**
   * Word vectors of some keys alone: those that have a vector, each once. (`vectors_for_all`)
   * @param {readonly string[] | ReadonlySet<string>} keys
   * @param {{ allowInference?: boolean }} [options] allowInference: whether words that only a fastText model's subwords know
   *   count too; default true
   * @returns {Promise<import('./word_vectors.js').WordVectors>} independent of these
   */
  async vectorsForAll(keys, options) {
    const own = this.#own;
    const { allowInference = true } = optionsOf('vectorsForAll', options, ['allowInference']);
    const inferred = flag('allowInference', allowInference);
    if (!isArray(keys) && !isA(keys, Set)) throw mustBe('keys', 'an array or a Set', keys);
    /** @type {Set<string>} */
    const asked = new Set();
    for (const key of keys) {
      if (typeof key !== 'string') throw mustBe('a key', 'a string', key); // at once: there may be 2^32 of them
      asked.add(key);
    }
    const known = [...asked].filter((key) => (inferred ? own.has(key) : own.keyToIndex.has(key)));
    const Type = /** @type {typeof import('./word_vectors.js').WordVectors} */ (own.constructor);
    return Type.from(known, own.vectors(known));
  }

  /**
   * How many analogies a : b = c : ? are solved. (`evaluate_word_analogies`)
   * @param {string} text a file's, as questions-words.txt: lines of four words, below a line ': section'
   * @param {EvaluationOptions} [options]
   * @returns {Promise<AnalogyReport>}
   */
  async evaluateWordAnalogies(text, options) {
    return (await import('./evaluation.js').catch(importFailed)).evaluateWordAnalogies(this.#own, text, options);
  }

  /**
   * How far similarities agree with those that people have given. (`evaluate_word_pairs`)
   * @param {string} text a file's, as wordsim353.tsv: lines of two words and a number, with tabs between
   * @param {EvaluationOptions & { delimiter?: string }} [options]
   * @returns {Promise<PairsReport>}
   */
  async evaluateWordPairs(text, options) {
    return (await import('./evaluation.js').catch(importFailed)).evaluateWordPairs(this.#own, text, options);
  }
}
