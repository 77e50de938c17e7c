import { count, mustBe, optionsOf } from '../core/arguments.js';
import { checkedSignal } from '../core/checked_signal.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, shown, throwIfAborted, isArray } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { finite } from '../core/numbers.js';
import { Fingerprint, readCheckpoint, writeCheckpoint } from './checkpoints.js';
import { withoutLast } from './columns.js';
import { ContextStates, dropout } from './context_states.js';
import { Corpus } from './corpus.js';
import { logits } from './heads.js';
import { crossEntropy, meanLoss, sampledCrossEntropy } from './softmax_loss.js';
import { DivergedError } from './diverged.js';
import { learnIn } from './in_worker.js';
import { adam } from './optimisers.js';
import { PASS_OPTIONS, checkedPasses, fallingRate, randomFrom, runPasses } from './passes.js';
import { Clock, eachOf } from './texts.js';
import { Variable, viewOf } from './variables.js';
import { splitter } from './vocabulary.js';
import { StreamBuilder, WordDraws, drawn } from './word_streams.js';

/**
 * The size of a small language model and how it learns.
 * @typedef {object} TiedLmOptions
 * @property {number} [vectorSize] numbers per row; default 96
 * @property {number} [context] words that a prediction looks back at; default 6
 * @property {number} [units] of the hidden layer; 0 for none, a log-bilinear model; default 192
 * @property {number} [dropout] the share of a row's and of the hidden layer's numbers that are left out at each step, so that
 *   none relies on another; default 0.2
 * @property {number} [sampled] words that each batch's targets are told from, drawn by their frequency; 0 for all words,
 *   which is exact and slower; default 1024
 * @property {number} [minCount] words that occur less often count as `<unk>`; default 5
 * @property {number} [maxFinalVocab] at most this many words; default: no limit
 * @property {import('./vocabulary.js').VocabularyOptions['tokenize']} [tokenize] what splits a text into words; default
 *   `wordsOf`
 */

const OPTIONS = [
  ...['vectorSize', 'context', 'units', 'dropout', 'sampled', 'minCount', 'maxFinalVocab', 'tokenize'],
  ...PASS_OPTIONS,
];

/** What its files are called. */
const KIND = 'tied language model';

/** Positions that are scored at once when a text is measured. */
const STRIP = 64;

const MADE = Symbol('made');

/**
 * Learns to predict each word of texts from those before it, with one table for both ends (Press and Wolf 2017): the state
 * before a word is Σ row of each word before × the vector of its position, plus a hidden layer over the same rows; a word's
 * score is state · its row + its bias.
 * @param {import('./texts.js').TrainingTexts} texts
 * @param {TiedLmOptions & import('./passes.js').PassOptions} [options] defaults: epochs 6, batchSize 512, rate 0.002
 * @returns {Promise<TiedLM>} errors: `invalid_argument`, `aborted`; a `DivergedError` with the last good model
 * @example
 * const model = await trainTiedLM(texts, { vectorSize: 32, minCount: 1 });
 * await model.perplexity(['the king rules']);
 * model.generate('the king', { length: 5, seed: 1 });
 */
export async function trainTiedLM(texts, options) {
  const given = optionsOf('trainTiedLM', options, OPTIONS);
  const { tokenize, minCount, maxFinalVocab } = given;
  const passes = checkedPasses(given, { epochs: 6, batchSize: 512, rate: 0.002 });
  const { sampled, share, ...shape } = checkedShape(given);
  if (given.worker !== undefined) {
    const { tokenize: _, ...sent } = given;
    const finish = (/** @type {import('./in_worker.js').Taught} */ { bytes }) => TiedLM.from(bytes, { tokenize });
    const each = tokenize && splitter(tokenize); // a function cannot cross: its words do
    return learnIn('trainTiedLM', sent, { name: 'texts', list: texts, each, finish });
  }
  const corpus = await Corpus.of(texts, { minCount, maxFinalVocab, tokenize, signal: passes.signal });
  const { words, shares } = withMarks(corpus.vocabulary);
  const states = await ContextStates.of(words.length, shape);
  const model = new TiedLM(MADE, { states, words, split: splitter(tokenize) });
  try {
    const { ids, positions } = await model.stream(corpus);
    const draws = new WordDraws(shares);
    await runPasses(positions.length, passes, {
      kind: `training of a ${KIND}`,
      identity: { ...shape, sampled, dropout: share, texts: new Fingerprint().add(ids).addText(words.join(' ')).value },
      variables: states.variables,
      optimiser: adam({ rate: fallingRate(passes, positions.length), betas: [0.9, 0.99] }),
      restart: () => states.start(shares, randomFrom(passes.seed)),
      result: async () => model,
      loss(batch, step) {
        const random = randomFrom(Math.imul(passes.seed + 1, 0x9e3779b1) + Math.imul(step, 0x85ebca6b));
        const at = Array.from(batch, (i) => positions[i]);
        const targets = Uint32Array.from(at, (place) => ids[place]);
        const { states: hidden, backward } = states.forward(ids, at, share ? dropout(share, random) : undefined);
        const { loss, gradient } =
          sampled && sampled < words.length
            ? sampledCrossEntropy(states.rows, hidden, targets, draws.with(targets, sampled, random))
            : crossEntropy(states.rows, hidden, targets);
        backward(gradient);
        return loss;
      },
    });
    return model;
  } catch (error) {
    if (!(error instanceof DivergedError)) model.dispose(); // or it is what was good last
    throw error;
  }
}

/** @param {TiedLmOptions} options */
function checkedShape({ vectorSize = 96, context = 6, units = 192, dropout: share = 0.2, sampled = 1024 }) {
  if (!(finite('dropout', share) >= 0 && share < 1)) throw mustBe('dropout', 'at least 0 and below 1', share);
  return {
    dim: count('vectorSize', vectorSize, { least: 1, most: 65_536 }),
    context: count('context', context, { least: 1, most: 1000 }),
    units: count('units', units, { most: 65_536 }),
    sampled: count('sampled', sampled),
    share,
  };
}

/**
 * A vocabulary's words and their shares of all, with `<unk>`, for those left out, and `<s>`, for the end of a text.
 * @param {import('./vocabulary.js').WordVocabulary} vocabulary
 */
function withMarks({ words, counts, total }) {
  const known = counts.reduce((sum, each) => sum + each, 0);
  const expected = [...counts, Math.max(1, total - known), Math.max(1, total / 20)];
  const sum = expected.reduce((a, b) => a + b, 0);
  return { words: [...words, '<unk>', '<s>'], shares: Float64Array.from(expected, (each) => each / sum) };
}

/**
 * A language model of words whose two ends share one table. Made by `trainTiedLM`.
 */
export class TiedLM {
  #states;
  #split;
  #words;
  /** @type {Map<string, number>} */
  #ids;

  /**
   * @internal
   * @param {typeof MADE} made
   * @param {{ states: ContextStates, words: string[], split: ReturnType<typeof splitter> }} parts
   */
  constructor(made, parts) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a TiedLM is made by trainTiedLM or TiedLM.from');
    const { states, words, split } = parts;
    this.#states = states;
    this.#words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.#split = split;
  }

  /**
   * A model from what `save` gave.
   * @param {Uint8Array} file
   * @param {{ tokenize?: import('./vocabulary.js').VocabularyOptions['tokenize'] }} [options] tokenize: as it was trained with;
   *   default `wordsOf`
   * @returns {Promise<TiedLM>} errors: `bad_file`, `out_of_memory`
   */
  static async from(file, options) {
    const { tokenize } = optionsOf('TiedLM.from', options, ['tokenize']);
    const split = splitter(tokenize);
    const { state, tensors } = readCheckpoint(KIND, file);
    const { words, context, dim, units } = /** @type {Record<string, any>} */ (state);
    const isWords = isArray(words) && words.every((word) => typeof word === 'string');
    const counts = [context, dim, units].every((each) => Number.isInteger(each) && each >= 0 && each <= 65_536);
    const shapes = isWords && counts && context > 0 && dim > 0 ? shapesOf(words.length, { context, dim, units }) : [];
    const all = shapes.map(([rows, size], v) => {
      const data = tensors[`rows.${v}`]?.slice();
      if (data?.length === rows * size && data.every(Number.isFinite)) return new Matrix(data, rows, size);
      throw new WembedError('bad_file', `the model has no ${rows} × ${size} finite numbers 'rows.${v}'`);
    });
    if (all.length === 0 || words.length < 2)
      throw new WembedError('bad_file', 'the model lacks its words or its shape');
    const variables = await Promise.all(all.map((each) => Variable.from(each)));
    return new TiedLM(MADE, { states: new ContextStates(variables), words, split });
  }

  /** The model as a file, for `TiedLM.from`. @returns {Uint8Array<ArrayBuffer>} */
  save() {
    const { variables, context } = this.#states;
    const tensors = Object.fromEntries(variables.map((variable, v) => [`rows.${v}`, viewOf(variable)]));
    const state = { words: this.#words, context, dim: variables[1].dim, units: variables[2]?.rows ?? 0 };
    return writeCheckpoint(KIND, state, tensors);
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
   * @returns {Promise<import('./word_streams.js').Stream>}
   */
  async stream(corpus) {
    const builder = new StreamBuilder(this.#states.context, this.#end);
    for await (const sentence of corpus.sentences()) builder.add(sentence);
    return builder.stream();
  }

  /**
   * How many words the model is as unsure as to choose among, at each word and at the end of each text: e to the mean of
   * -log P, of all words exactly.
   * @param {import('./texts.js').TrainingTexts} texts
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<number>}
   */
  async perplexity(texts, options) {
    const { signal } = optionsOf('perplexity', options, ['signal']);
    checkedSignal(signal);
    const builder = new StreamBuilder(this.#states.context, this.#end);
    for await (const text of eachOf('texts', texts, signal)) builder.add(Uint32Array.from(this.#idsOf(text)));
    const { ids, positions } = builder.stream();
    if (positions.length === 0) throw mustBe('texts', 'at least one text', 'none');
    const clock = new Clock(0);
    let sum = 0;
    for (let i = 0; i < positions.length; i += STRIP) {
      throwIfAborted(signal);
      const at = [...positions.subarray(i, i + STRIP)];
      const { states } = this.#states.forward(ids, at);
      const targets = Uint32Array.from(at, (place) => ids[place]);
      sum += meanLoss(this.#states.rows, states, targets) * at.length;
      await clock.pause();
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
    const ids = [...Array(this.#states.context).fill(this.#end), ...this.#idsOf(prompt)];
    /** @type {string[]} */
    const words = [];
    while (words.length < most) {
      const { states } = this.#states.forward(Uint32Array.from([...ids, 0]), [ids.length]);
      const scores = logits(this.#states.rows, states).data;
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
    const { rows, dim } = this.#states.rows;
    const variable = await Variable.from(withoutLast(this.#states.rows.value()), { rows, dim: dim - 1 });
    try {
      return await variable.toTable();
    } finally {
      variable.dispose();
    }
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#states.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * @param {number} words
 * @param {{ context: number, dim: number, units: number }} shape
 * @returns {[number, number][]} rows and numbers per row of each variable
 */
function shapesOf(words, { context, dim, units }) {
  /** @type {[number, number][]} */
  const all = [[words, dim + 1], [context, dim], [units, context * dim], [dim, units]]; // prettier-ignore
  return units ? all : all.slice(0, 2);
}
