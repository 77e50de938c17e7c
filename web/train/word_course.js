// The passes over a corpus that teach word vectors: where they are, and the way back to what was good.
import { WembedError, throwIfAborted } from '../core/errors.js';
import { Fingerprint } from './checkpoints.js';
import { areSound } from './finite.js';
import { firstLoss } from './word2vec.js';

/** Training whose loss is so many times that of a model that knows nothing has gone astray. */
const ASTRAY = 10;

/** @typedef {{ epoch: number, batch: number, words: number }} Place passes that are complete; batches and words of this one */
/** @typedef {{ place: Place, numbers: number }} Known a place, and what tells the numbers that were learnt there from others */

/** A number of a word, so that a sum of them tells texts from texts of other words. @param {number} id */
const signOf = (id) => Math.imul(id + 1, Math.imul(id ^ (id >>> 15), 0x9e3779b1) | 1);

/** Passes over a corpus. */
export class WordCourse {
  #corpus;
  #model;
  #rules;
  /** @type {AsyncGenerator<import('./corpus.js').Batch> | undefined} the rest of a pass that has begun */
  #pass;
  /** @type {Known | undefined} where this pass began, or went on */
  #start;
  /** @type {Known | undefined} the last of these that a loss has shown to be good */
  #good;
  /** A loss above this has gone astray. */
  #most;
  /** What tells the words of this pass, so far, from others. */
  #seen = 0;
  /** The same of the words that were counted. @type {number} */
  #counted;
  /** @type {Place} */
  place = { epoch: 0, batch: 0, words: 0 };
  /** That of the last batch's examples. */
  loss = NaN;

  /**
   * @param {import('./corpus.js').Corpus} corpus
   * @param {import('./word2vec.js').Word2Vec} model
   * @param {import('./word2vec.js').Word2VecRules} rules
   */
  constructor(corpus, model, rules) {
    this.#corpus = corpus;
    this.#model = model;
    this.#rules = rules;
    const { counts } = corpus.vocabulary;
    this.#most = ASTRAY * firstLoss(counts, rules);
    this.#counted = 0;
    for (let id = 0; id < counts.length; id++) this.#counted = (this.#counted + Math.imul(counts[id], signOf(id))) | 0;
  }

  /** The present rate of learning. */
  get rate() {
    const { alpha, minAlpha, epochs } = this.#rules;
    const { epoch, words } = this.place;
    return Math.max(minAlpha, alpha - (alpha - minAlpha) * ((epoch + words / this.#corpus.vocabulary.total) / epochs));
  }

  /**
   * Learns from the next batch, and looks whether what was learnt before it was good.
   * @returns {Promise<string | undefined>} where and how it went astray, if it did: `goBack` is then to be called
   */
  async step() {
    this.#start ??= this.#here;
    const { epoch } = this.place;
    const examples = await this.#learn();
    const [ended, { vectors, outputs }] = [this.place.epoch > epoch, this.#model.state];
    if (examples > 0 && !(this.loss <= this.#most)) return `in pass ${epoch + 1}: the loss is ${this.loss}`;
    if (ended && !(areSound(vectors) && areSound(outputs))) {
      return `in pass ${epoch + 1}: a number is 1e9 or more`;
    }
    if (examples > 0) this.#good = this.#start;
    if (ended) this.#start = undefined;
    return undefined;
  }

  /** Learns from the next batch. @returns {Promise<number>} examples in it */
  async #learn() {
    const { total } = this.#corpus.vocabulary;
    const batch = await this.#next();
    const words = this.place.words + (batch?.words ?? 0);
    if (!batch || words > total || (words === total && this.#seen !== this.#counted)) {
      this.#pass = undefined;
      throw new WembedError('invalid_argument', `the texts no longer have the ${total} words that were counted`);
    }
    const { epoch, batch: number } = this.place;
    const { loss, examples } = this.#model.train(batch, this.rate, epoch, number);
    if (examples > 0) this.loss = loss / examples;
    this.place = { epoch, batch: number + 1, words };
    if (this.place.words === total) {
      this.place = { epoch: epoch + 1, batch: 0, words: 0 };
      this.#pass = undefined;
    }
    return examples;
  }

  /** @returns {Promise<import('./corpus.js').Batch | undefined>} of the present pass, which begins where there is none */
  async #next() {
    try {
      if (!this.#pass) {
        this.#pass = this.#corpus.batches(this.#rules.batchWords);
        this.#seen = 0;
        for (let n = 0; n < this.place.batch; n++) this.#see((await this.#pass.next()).value);
      }
      const batch = (await this.#pass.next()).value ?? undefined;
      this.#see(batch);
      return batch;
    } catch (error) {
      this.#pass = undefined; // what the caller's texts threw: the next call reads them again
      throw error;
    }
  }

  /** @param {import('./corpus.js').Batch | undefined | void} batch */
  #see(batch) {
    for (let i = 0; batch && i < batch.length; i++) this.#seen = (this.#seen + signOf(batch.ids[i])) | 0;
  }

  /** @returns {Known} */
  get #here() {
    const { vectors, outputs } = this.#model.state;
    return { place: this.place, numbers: new Fingerprint().addFloats(vectors).addFloats(outputs).value };
  }

  /**
   * Goes back to where the last good pass began, by learning again from the start: so nothing has to be kept of it.
   * @param {import('./texts.js').Clock} clock
   * @param {AbortSignal} [signal]
   * @returns {Promise<boolean>} false where the texts are no longer the same: it is then at the start
   */
  async goBack(clock, signal) {
    const { place, numbers } = /** @type {Known} */ (this.#good ?? this.#start);
    this.#restart();
    try {
      while (this.place.epoch < place.epoch || this.place.batch < place.batch) {
        throwIfAborted(signal);
        await this.#learn();
        await clock.pause();
      }
      if (this.#here.numbers === numbers) return true;
    } catch (error) {
      if (/** @type {WembedError} */ (error)?.code === 'aborted') throw error;
    }
    this.#restart();
    return false;
  }

  #restart() {
    this.#model.restart();
    this.place = { epoch: 0, batch: 0, words: 0 };
    this.loss = NaN;
    this.#pass = this.#start = this.#good = undefined;
  }
}
