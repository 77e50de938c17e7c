import { count, mustBe, optionsOf } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { finite } from '../core/numbers.js';
import { Corpus } from './corpus.js';
import { crossEntropy, logits, meanLoss, sampledCrossEntropy } from './heads.js';
import { adagrad } from './optimisers.js';
import { PASS_OPTIONS, checkedPasses, randomFrom, runPasses } from './passes.js';
import { eachOf } from './texts.js';
import { Variable } from './variables.js';
import { LEFT_OUT, splitter } from './vocabulary.js';

/**
 * @typedef {object} TiedLmOptions
 * @property {number} [vectorSize] numbers per row; default 64
 * @property {number} [context] words that a prediction looks back at; default 8
 * @property {number} [sampled] words that each batch's targets are told from, drawn by their frequency; 0 for all words,
 *   which is exact and slower; default 1024
 * @property {number} [minCount] words that occur less often count as `<unk>`; default 5
 * @property {number} [maxFinalVocab] at most this many words; default: no limit
 * @property {import('./vocabulary.js').VocabularyOptions['tokenize']} [tokenize] what splits a text into words; default
 *   `wordsOf`
 */

const OPTIONS = ['vectorSize', 'context', 'sampled', 'minCount', 'maxFinalVocab', 'tokenize', ...PASS_OPTIONS];

/** Positions that are scored at once when a text is measured. */
const STRIP = 64;

const MADE = Symbol('made');

/**
 * Learns to predict each word of texts from those before it, with one table for both ends: hidden = Σ row of a word before
 * × the vector of its position, scores = hidden · all rows + bias (Mnih and Hinton 2009, with tied rows: Press and Wolf
 * 2017).
 * @param {import('./texts.js').TrainingTexts} texts
 * @param {TiedLmOptions & import('./passes.js').PassOptions} [options] defaults: epochs 5, batchSize 128, rate 0.1
 * @returns {Promise<TiedLM>} errors: `invalid_argument`, `aborted`; a `DivergedError` with the last good model
 * @example
 * const model = await trainTiedLM(texts, { vectorSize: 32, minCount: 1 });
 * await model.perplexity(['the king rules']);
 * model.generate('the king', { length: 5, seed: 1 });
 */
export async function trainTiedLM(texts, options) {
  const given = optionsOf('trainTiedLM', options, OPTIONS);
  const { vectorSize = 64, context = 8, sampled = 1024, tokenize, minCount, maxFinalVocab, ...rest } = given;
  const passes = checkedPasses(rest, { epochs: 5, batchSize: 128, rate: 0.1 });
  const shape = {
    dim: count('vectorSize', vectorSize, { least: 1, most: 65_536 }),
    context: count('context', context, { least: 1, most: 1000 }),
  };
  const most = count('sampled', sampled);
  const corpus = await Corpus.of(texts, { minCount, maxFinalVocab, tokenize, signal: passes.signal });
  const model = await TiedLM.fresh(corpus.vocabulary, shape, splitter(tokenize), passes.seed);
  try {
    const stream = await model.stream(corpus);
    let now = passes.rate;
    const optimiser = adagrad({ rate: () => now, eps: 1e-6, initialAccumulatorValue: 0.01 });
    const random = randomFrom(passes.seed + 1);
    await runPasses(
      stream.positions.length,
      passes,
      (batch, rate) => {
        now = rate;
        return model.learn(stream, batch, optimiser, most, random);
      },
      { keep: () => model.kept() },
    );
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** @typedef {{ ids: Uint32Array, positions: Uint32Array }} Stream ids, `context` boundaries before each text; where the words to predict are */

/**
 * A language model of words whose two ends share one table. Made by `trainTiedLM`.
 */
export class TiedLM {
  #rows;
  #positions;
  #split;
  #words;
  /** @type {Map<string, number>} */
  #ids;
  #context;
  #draws;

  /**
   * @internal
   * @param {typeof MADE} made
   * @param {{ rows: Variable, positions: Variable, words: string[], shares: Float64Array, split: ReturnType<typeof splitter> }} parts
   */
  constructor(made, parts) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a TiedLM is made by trainTiedLM');
    const { rows, positions, words, shares, split } = parts;
    this.#rows = rows;
    this.#positions = positions;
    this.#words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.#split = split;
    this.#draws = new Draws(shares);
    this.#context = positions.rows;
  }

  /**
   * @internal
   * @param {import('./vocabulary.js').WordVocabulary} vocabulary
   * @param {{ dim: number, context: number }} shape
   * @param {ReturnType<typeof splitter>} split
   * @param {number} seed
   */
  static async fresh({ words, counts, total }, { dim, context }, split, seed) {
    const known = counts.reduce((sum, each) => sum + each, 0);
    const all = [...words, '<unk>', '<s>'];
    const expected = [...counts, Math.max(1, total - known), Math.max(1, total / 20)];
    const sum = expected.reduce((a, b) => a + b, 0);
    const shares = Float64Array.from(expected, (each) => each / sum);
    const random = randomFrom(seed);
    const size = dim + 1; // the last is the word's bias
    const rows = new Float32Array(all.length * size);
    for (let i = 0; i < rows.length; i++)
      rows[i] = (i + 1) % size ? (random() - 0.5) / Math.sqrt(dim) : Math.log(shares[(i + 1) / size - 1]);
    const positions = new Float32Array(context * size);
    for (let c = 0; c < context; c++)
      for (let d = 0; d < dim; d++) positions[c * size + d] = (0.5 + random()) / (c + 1);
    return new TiedLM(MADE, {
      rows: await Variable.from(rows, { rows: all.length, dim: size }),
      positions: await Variable.from(positions, { rows: context, dim: size }),
      ...{ words: all, shares, split },
    });
  }

  /** Its words; the last two are `<unk>`, for all others, and `<s>`, for the end of a text. */
  get words() {
    return [...this.#words];
  }

  get #end() {
    return this.#words.length - 1;
  }

  /**
   * @internal
   * @param {Corpus} corpus
   * @returns {Promise<Stream>}
   */
  async stream(corpus) {
    const builder = new StreamBuilder(this.#context, this.#end);
    for await (const sentence of corpus.sentences()) builder.add(sentence);
    return builder.stream();
  }

  /**
   * @internal
   * @param {Stream} stream
   * @param {Uint32Array} batch numbers of positions
   * @param {import('./optimisers.js').Optimiser} optimiser
   * @param {number} sampled
   * @param {() => number} random
   * @returns {number} the loss
   */
  learn(stream, batch, optimiser, sampled, random) {
    const at = Array.from(batch, (i) => stream.positions[i]);
    const targets = Uint32Array.from(at, (i) => stream.ids[i]);
    const { hidden, backward } = this.#hidden(stream.ids, at);
    const { loss, gradient } =
      sampled && sampled < this.#words.length
        ? sampledCrossEntropy(this.#rows, hidden, targets, this.#draws.with(targets, sampled, random))
        : crossEntropy(this.#rows, hidden, targets);
    backward(gradient);
    optimiser.step([this.#rows, this.#positions]);
    return loss;
  }

  /**
   * @param {Uint32Array} ids
   * @param {number[]} at places whose word is to be predicted
   */
  #hidden(ids, at) {
    const [context, size] = [this.#context, this.#rows.dim];
    const before = Uint32Array.from(
      { length: at.length * context },
      (_, i) => ids[at[Math.floor(i / context)] - 1 - (i % context)],
    );
    const places = Uint32Array.from(before, (_, i) => i % context);
    const rows = this.#rows.lookup(before).data;
    const positions = this.#positions.value().data;
    const hidden = new Matrix(new Float32Array(at.length * size), at.length, size);
    for (let i = 0; i < at.length; i++) {
      const own = hidden.row(i);
      for (let c = 0; c < context; c++) {
        for (let d = 0; d < size - 1; d++) own[d] += rows[(i * context + c) * size + d] * positions[c * size + d];
      }
      own[size - 1] = 1; // the bias is taken as it is
    }
    const backward = (/** @type {Matrix} */ gradient) => {
      const [toRows, toPositions] = [new Float32Array(rows.length), new Float32Array(rows.length)];
      for (let i = 0; i < at.length; i++) {
        for (let c = 0; c < context; c++) {
          const first = (i * context + c) * size;
          for (let d = 0; d < size - 1; d++) {
            const g = gradient.data[i * size + d];
            toRows[first + d] = g * positions[c * size + d];
            toPositions[first + d] = g * rows[first + d];
          }
        }
      }
      this.#rows.lookupBackward(before, toRows);
      this.#positions.lookupBackward(places, toPositions);
    };
    return { hidden, backward };
  }

  /** @internal @returns {() => Promise<TiedLM>} makes a model of the present state */
  kept() {
    const state = [this.#rows.value(), this.#positions.value()];
    return async () => {
      const [rows, positions] = await Promise.all(state.map((matrix) => Variable.from(matrix)));
      return new TiedLM(MADE, { rows, positions, words: this.#words, shares: this.#draws.shares, split: this.#split });
    };
  }

  /**
   * How many words the model is as unsure as to choose among, at each word and at the end of each text: e to the mean of
   * -log P.
   * @param {import('./texts.js').TrainingTexts} texts
   * @returns {Promise<number>}
   */
  async perplexity(texts) {
    const builder = new StreamBuilder(this.#context, this.#end);
    for await (const text of eachOf('texts', texts)) builder.add(Uint32Array.from(this.#idsOf(text)));
    const { ids, positions } = builder.stream();
    if (positions.length === 0) throw mustBe('texts', 'at least one text', 'none');
    let sum = 0;
    for (let i = 0; i < positions.length; i += STRIP) {
      const at = [...positions.subarray(i, i + STRIP)];
      const { hidden } = this.#hidden(ids, at);
      const targets = Uint32Array.from(at, (place) => ids[place]);
      sum += meanLoss(this.#rows, hidden, targets) * at.length;
    }
    return Math.exp(sum / positions.length);
  }

  /** An array that is not of words is refused at its first, however long it is. @param {unknown} text @returns {number[]} */
  #idsOf(text) {
    const ids = [];
    for (const word of this.#split(text)) {
      if (typeof word !== 'string') throw mustBe('each word', 'a string', word);
      ids.push(this.#ids.get(word) ?? this.#end - 1);
    }
    return ids;
  }

  /**
   * Goes on from a text, word by word, until it ends or is long enough.
   * @param {string} prompt
   * @param {{ length?: number, temperature?: number, seed?: number }} [options] length: at most so many words, default 20;
   *   temperature: 0 for the most probable word, default 1; seed: default 1
   * @returns {string[]} the words after the prompt
   */
  generate(prompt, options) {
    const {
      length = 20,
      temperature = 1,
      seed = 1,
    } = optionsOf('generate', options, ['length', 'temperature', 'seed']);
    const [most, heat, random] = [
      count('length', length),
      finite('temperature', temperature),
      randomFrom(count('seed', seed)),
    ];
    if (heat < 0) throw mustBe('temperature', 'at least 0', heat);
    if (typeof prompt !== 'string') throw mustBe('prompt', 'a string', shown(prompt));
    const ids = [...Array(this.#context).fill(this.#end), ...this.#idsOf(prompt)];
    /** @type {string[]} */
    const words = [];
    while (words.length < most) {
      const { hidden } = this.#hidden(Uint32Array.from([...ids, 0]), [ids.length]);
      const scores = logits(this.#rows, hidden).data;
      scores[this.#end - 1] = -Infinity; // `<unk>` is no word to say
      const id = drawn(scores, heat, random());
      if (id === this.#end) break;
      ids.push(id);
      words.push(this.#words[id]);
    }
    return words;
  }

  /**
   * The rows without their biases, as a table: row i is that of word i of `words`.
   * @returns {Promise<import('../table/table.js').EmbeddingTable>}
   */
  async toTable() {
    const { data, rows, dim } = this.#rows.value();
    const own = new Float32Array(rows * (dim - 1));
    for (let i = 0; i < rows; i++) own.set(data.subarray(i * dim, (i + 1) * dim - 1), i * (dim - 1));
    const variable = await Variable.from(own, { rows, dim: dim - 1 });
    try {
      return await variable.toTable();
    } finally {
      variable.dispose();
    }
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#rows.dispose();
    this.#positions.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/** Draws words by how often they occur. */
class Draws {
  #cumulated;

  /** @param {Float64Array} shares of each word, of 1 */
  constructor(shares) {
    this.shares = shares;
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
    return { ids: list, offsets: Float32Array.from(list, (id) => -Math.log(1 - (1 - this.shares[id]) ** draws)) };
  }
}

/** Texts as one stream of ids: boundaries, the words, and one boundary to predict. */
class StreamBuilder {
  /** @type {number[]} */
  #ids = [];
  /** @type {number[]} */
  #positions = [];
  #context;
  #end;

  /** @param {number} context @param {number} end */
  constructor(context, end) {
    this.#context = context;
    this.#end = end;
  }

  /** @param {Uint32Array} sentence ids, and LEFT_OUT */
  add(sentence) {
    if (sentence.length === 0) return;
    for (let c = 0; c < this.#context; c++) this.#ids.push(this.#end);
    for (const id of [...sentence, this.#end]) {
      this.#positions.push(this.#ids.length);
      this.#ids.push(id === LEFT_OUT ? this.#end - 1 : id);
    }
  }

  /** @returns {Stream} */
  stream() {
    return { ids: Uint32Array.from(this.#ids), positions: Uint32Array.from(this.#positions) };
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

/** @param {Float32Array} scores @param {number} temperature @param {number} u uniform in [0, 1) */
function drawn(scores, temperature, u) {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
  if (temperature === 0) return best;
  const weights = Float64Array.from(scores, (score) => Math.exp((score - scores[best]) / temperature));
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) if ((left -= weights[id]) < 0) return id;
  return best;
}
