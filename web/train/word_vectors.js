import { count, optionsOf, textsOf } from '../core/arguments.js';
import { callbackOf } from '../core/callbacks.js';
import { checkedSignal } from '../core/checked_signal.js';
import { checkDtype } from '../core/dtypes.js';
import { DISPOSE } from '../core/dispose.js';
import { KeyIndex } from '../core/key_index.js';
import { WembedError, callback, shown, throwIfAborted } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { loadTrainHeap } from '../memory/train_module.js';
import { WordVectors } from '../words/word_vectors.js';
import { Fingerprint, checkSame, readCheckpoint, writeCheckpoint } from './checkpoints.js';
import { Corpus } from './corpus.js';
import { DivergedError } from './diverged.js';
import { learnIn } from './in_worker.js';
import { LOST } from './passes.js';
import { Clock, called } from './texts.js';
import { splitter, unknownWord } from './vocabulary.js';
import { WORD2VEC_OPTIONS, Word2Vec, checkedWord2Vec } from './word2vec.js';
import { WordCourse } from './word_course.js';

/** @typedef {import('./word2vec.js').Word2VecOptions} Word2VecOptions */
/** @typedef {import('./vocabulary.js').VocabularyOptions} VocabularyOptions */
/** @typedef {import('./vocabulary.js').TextOrWords} TextOrWords */
/** @typedef {import('./texts.js').TrainingProgress} TrainingProgress */
/** @typedef {import('./texts.js').TrainOptions} TrainOptions */

/**
 * What trained word vectors are stored as.
 * @typedef {object} ResultOptions
 * @property {import('../core/dtypes.js').Dtype} [dtype] how the result stores its numbers; default 'f32'
 * @property {Uint8Array} [resume] a checkpoint, to go on from there with the same texts and options; to the same result
 * @property {(checkpoint: Uint8Array<ArrayBuffer>) => unknown} [onCheckpoint] is called, and waited for, after each pass with what `resume` takes
 * @property {import('./in_worker.js').LearningWorker} [worker] that of `createWorker`: learns there instead of here, to the
 *   same result
 */

const KIND = 'word vectors';
const CREATE_OPTIONS = [...WORD2VEC_OPTIONS, 'minCount', 'maxFinalVocab', 'tokenize', 'signal'];

/**
 * Learns vectors of the words of texts: gensim's `Word2Vec(texts, …).wv`.
 * @param {import('./texts.js').TrainingTexts} texts an array, an iterator or a stream of texts (or of arrays of
 *   words), or a function that returns one
 * @param {Word2VecOptions & VocabularyOptions & Omit<TrainOptions, 'batches'> & ResultOptions} [options]
 * @returns {Promise<WordVectors>} the most frequent word first. Errors: `invalid_argument` (no words, one word, nothing
 *   left by minCount; with reason 'diverged' a `DivergedError`), `aborted`, `out_of_memory`
 * @example
 * const words = await trainWordVectors(texts, { vectorSize: 50, sg: 1, minCount: 2, seed: 1 });
 * words.mostSimilar({ positive: ['king', 'woman'], negative: ['man'] });
 */
export async function trainWordVectors(texts, options) {
  const names = [...CREATE_OPTIONS, 'onProgress', 'dtype', 'resume', 'onCheckpoint', 'worker'];
  const { dtype, worker, ...given } = optionsOf('trainWordVectors', options, names);
  const { onProgress, resume, onCheckpoint, ...rest } = given;
  if (dtype !== undefined) checkDtype(dtype);
  if (worker !== undefined) {
    const { tokenize, ...sent } = given;
    const each = tokenize && splitter(tokenize); // a function cannot cross: its words do
    const finish = (/** @type {import('./in_worker.js').Taught} */ { words, vectors }) =>
      WordVectors.from(words, vectors, { dtype });
    return learnIn('trainWordVectors', { ...sent, worker }, { name: 'texts', list: texts, each, finish });
  }
  callbackOf('onProgress', onProgress);
  callbackOf('onCheckpoint', onCheckpoint);
  const trainer =
    resume === undefined
      ? await WordVectorTrainer.create(texts, rest)
      : await WordVectorTrainer.resume(resume, texts, rest);
  try {
    while (trainer.progress.epoch < trainer.progress.epochs) {
      await trainer.train({ epochs: 1, onProgress, signal: rest.signal });
      if (onCheckpoint) await called(onCheckpoint, trainer.checkpoint());
    }
    return await trainer.wordVectors({ dtype });
  } finally {
    trainer.dispose();
  }
}

/** What only this file has: nobody else makes a trainer. */
const CREATED = Symbol('created');

/**
 * The same as `trainWordVectors`, step by step: to stop, look, and go on. Made by `WordVectorTrainer.create` or
 * `WordVectorTrainer.resume`.
 * @example
 * const trainer = await WordVectorTrainer.create(texts, { vectorSize: 50 });
 * await trainer.train({ batches: 10 });
 * trainer.vectors(['king', 'queen']); // as learnt so far
 */
export class WordVectorTrainer {
  #corpus;
  #model;
  #rules;
  #course;
  #running = false;

  /**
   * @internal
   * @param {symbol} created
   * @param {Corpus} corpus
   * @param {Word2Vec} model
   * @param {import('./word2vec.js').Word2VecRules} rules
   */
  constructor(created, corpus, model, rules) {
    if (created !== CREATED) {
      throw new WembedError('invalid_argument', 'a WordVectorTrainer is made by WordVectorTrainer.create or .resume');
    }
    this.#corpus = corpus;
    this.#model = model;
    this.#rules = rules;
    this.#course = new WordCourse(corpus, model, rules);
  }

  /**
   * Counts the words and makes vectors that know nothing yet.
   * @param {import('./texts.js').TrainingTexts} texts as `trainWordVectors` takes them
   * @param {Word2VecOptions & VocabularyOptions & { signal?: AbortSignal }} [options]
   * @returns {Promise<WordVectorTrainer>} errors: `invalid_argument`, `aborted`, `out_of_memory`
   */
  static async create(texts, options) {
    const given = optionsOf('WordVectorTrainer.create', options, CREATE_OPTIONS);
    checkedSignal(given.signal);
    const heap = await loadTrainHeap();
    const rules = checkedWord2Vec(given, () => heap.core.randomSeed() >>> 0);
    const corpus = await Corpus.of(texts, given);
    const { words, counts } = corpus.vocabulary;
    if (words.length > 1) return new WordVectorTrainer(CREATED, corpus, new Word2Vec(heap, counts, rules), rules);
    throw new WembedError(
      'invalid_argument',
      `'${shown(words[0])}' is the only word: there is nothing to tell it from`,
    );
  }

  /**
   * Goes on from a checkpoint, to the same result as without a break.
   * @param {Uint8Array} checkpoint from `checkpoint()`
   * @param {import('./texts.js').TrainingTexts} texts the same ones
   * @param {Word2VecOptions & VocabularyOptions & { signal?: AbortSignal }} [options] the same ones
   * @returns {Promise<WordVectorTrainer>} errors: `bad_file`, and `invalid_argument` where texts or options are others
   */
  static async resume(checkpoint, texts, options) {
    readCheckpoint(KIND, checkpoint); // refused before the texts are read
    const trainer = await WordVectorTrainer.create(texts, options);
    try {
      const { state, tensors } = readCheckpoint(KIND, checkpoint); // and if it was changed while they were
      trainer.#restore(state, tensors);
      return trainer;
    } catch (error) {
      trainer.dispose();
      throw error;
    }
  }

  /** The words, the most frequent first, and how often each occurs. */
  get vocabulary() {
    const { words, counts, total } = this.#corpus.vocabulary;
    return { words: [...words], counts: counts.slice(), total };
  }

  /** How far it has come. @returns {Omit<TrainingProgress, 'perSecond' | 'secondsLeft'>} */
  get progress() {
    const { total } = this.#corpus.vocabulary;
    const { loss, rate, place } = this.#course;
    const { epoch, words } = place;
    const { epochs } = this.#rules;
    return { epoch, epochs, done: epoch * total + words, total: epochs * total, loss, rate };
  }

  /**
   * Learns until all passes are done, or as much as asked for.
   * @param {TrainOptions} [options]
   * @returns {Promise<boolean>} whether all passes are done. Errors: `aborted`; a `DivergedError`, after which the trainer
   *   is where the pass began
   */
  async train(options) {
    const given = optionsOf('train', options, ['batches', 'epochs', 'onProgress', 'signal']);
    const { batches = 0xffffffff, epochs = 0xffffffff, onProgress, signal } = given;
    const last = this.#course.place.epoch + count('epochs', epochs);
    count('batches', batches);
    checkedSignal(signal);
    callbackOf('onProgress', onProgress);
    if (this.#running) throw new WembedError('invalid_argument', 'this trainer is training already');
    this.#running = true;
    try {
      const clock = new Clock(this.progress.done);
      for (let n = 0; n < batches && this.#course.place.epoch < Math.min(last, this.#rules.epochs); n++) {
        throwIfAborted(signal);
        const astray = await this.#course.step();
        if (astray) throw await this.#diverged(astray, clock, signal);
        if (onProgress) callback(onProgress, clock.reading(this.progress));
        await clock.pause();
      }
      return this.#course.place.epoch === this.#rules.epochs;
    } finally {
      this.#running = false;
    }
  }

  /**
   * @param {string} what happened
   * @param {Clock} clock
   * @param {AbortSignal} [signal]
   */
  async #diverged(what, clock, signal) {
    const text = `training diverged ${what}. A lower alpha than ${this.#rules.alpha} may help`;
    const found = await this.#course.goBack(clock, signal);
    return new DivergedError(found ? text : `${text}. ${LOST}`, await this.wordVectors());
  }

  #matrix() {
    const { words } = this.#corpus.vocabulary;
    return new Matrix(this.#model.vectors(), words.length, this.#rules.vectorSize);
  }

  /**
   * Vectors as they are now.
   * @param {readonly string[]} [keys] words of the vocabulary; default: all, in its order
   * @returns {Matrix} (keys.length, vectorSize), a copy. Errors: `not_found`, `disposed`
   */
  vectors(keys) {
    if (keys === undefined) return this.#matrix();
    const { words } = this.#corpus.vocabulary;
    this.#ids ??= new Map(words.map((word, id) => [word, id]));
    const ids = textsOf('vectors', keys).map((key) => {
      const id = this.#ids?.get(key);
      if (id === undefined) throw unknownWord(key, words.length);
      return id;
    });
    return new Matrix(this.#model.rows(ids, ids.length), ids.length, this.#rules.vectorSize);
  }
  /** @type {Map<string, number> | undefined} */
  #ids;

  /**
   * All vectors as they are now, for queries, saving and searching: a copy, independent of the trainer.
   * @param {{ dtype?: import('../core/dtypes.js').Dtype }} [options] how to store them; default 'f32'
   * @returns {Promise<WordVectors>}
   */
  async wordVectors(options) {
    const { dtype } = optionsOf('wordVectors', options, ['dtype']);
    const keys = KeyIndex.from(this.#corpus.vocabulary.words);
    return new WordVectors({ table: await this.#model.toTable(checkDtype(dtype ?? 'f32')), keys });
  }

  /**
   * What `resume` goes on from.
   * @returns {Uint8Array<ArrayBuffer>}
   */
  checkpoint() {
    return writeCheckpoint(KIND, { ...this.#identity(), ...this.#course.place }, this.#model.state);
  }

  /** What must be the same where training goes on. */
  #identity() {
    const { words, counts, total } = this.#corpus.vocabulary;
    const vocabulary = new Fingerprint();
    for (const [id, word] of words.entries()) vocabulary.addText(word).add([counts[id]]);
    return { ...this.#rules, total, words: undefined, vocabulary: vocabulary.value };
  }

  /**
   * @param {Record<string, unknown>} state
   * @param {Record<string, Float32Array>} tensors
   */
  #restore(state, tensors) {
    checkSame(this.#identity(), state);
    const { vectors = new Float32Array(0), outputs = new Float32Array(0) } = tensors;
    const [epoch, batch, words] = [state.epoch, state.batch, state.words].map((each) => count('the place', each));
    this.#model.restore({ vectors, outputs });
    this.#course.place = { epoch, batch, words };
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#model.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}
