// What recipes of examples share: passes in another order each, batches, reports, stops, checkpoints, the way back to what was
// good.
import { count } from '../core/arguments.js';
import { callbackOf } from '../core/callbacks.js';
import { checkedSignal } from '../core/checked_signal.js';
import { WembedError, callback, throwIfAborted } from '../core/errors.js';
import { finite } from '../core/numbers.js';
import { checkSame, readCheckpoint, writeCheckpoint } from './checkpoints.js';
import { DivergedError } from './diverged.js';
import { statesOf } from './optimisers.js';
import { Clock, called } from './texts.js';
import { areSound } from './finite.js';
import { viewOf } from './variables.js';

/**
 * How often and in what order training sees its examples.
 * @typedef {object} PassOptions
 * @property {number} [epochs] passes over the examples
 * @property {number} [batchSize] examples that are learnt from at once
 * @property {number} [rate] the rate of learning at the start, from which it falls to 0 in a straight line
 * @property {number} [seed] of the order of the examples; default 1
 * @property {(progress: import('./texts.js').TrainingProgress) => void} [onProgress] is called after each batch
 * @property {AbortSignal} [signal] stops after the running batch, with error `aborted`
 * @property {(checkpoint: Uint8Array<ArrayBuffer>) => unknown} [onCheckpoint] is called, and waited for, after each pass with what `resume` takes
 * @property {Uint8Array} [resume] a checkpoint, to go on from there with the same examples and options; to the same result
 * @property {import('./in_worker.js').LearningWorker} [worker] that of `createWorker`: learns there instead of here, to the
 *   same result
 */

export const PASS_OPTIONS = [
  ...['epochs', 'batchSize', 'rate', 'seed', 'onProgress', 'signal'],
  ...['onCheckpoint', 'resume', 'worker'],
];

/**
 * @param {PassOptions} options
 * @param {{ epochs: number, batchSize: number, rate: number }} defaults
 */
export function checkedPasses(options, defaults) {
  const { epochs, batchSize, rate, seed = 1, onProgress, signal, onCheckpoint, resume } = { ...defaults, ...options };
  callbackOf('onProgress', onProgress);
  callbackOf('onCheckpoint', onCheckpoint);
  if (!(finite('rate', rate) > 0)) throw new WembedError('invalid_argument', `rate must be above 0, got ${rate}`);
  return {
    epochs: count('epochs', epochs, { least: 1 }),
    batchSize: count('batchSize', batchSize, { least: 1, most: 65_536 }),
    ...{ rate, seed: count('seed', seed), onProgress, signal: checkedSignal(signal), onCheckpoint, resume },
  };
}

/** @typedef {ReturnType<typeof checkedPasses>} Passes */

/**
 * @param {Passes & { warmup?: number }} passes
 * @param {number} examples
 * @returns {(step: number) => number} the rate of each batch, which rises over the share `warmup` of all examples, and then
 *   falls to 0, each in a straight line
 */
export function fallingRate({ epochs, batchSize, rate, warmup = 0 }, examples) {
  const perPass = Math.ceil(examples / batchSize);
  const total = epochs * examples;
  return (step) => {
    const before = Math.floor(step / perPass) * examples + (step % perPass) * batchSize;
    if (before < warmup * total) return rate * Math.min(1, (before + batchSize) / (warmup * total));
    return (rate * (1 - before / total)) / (1 - warmup);
  };
}

/**
 * What passes teach.
 * @typedef {object} Learner
 * @property {string} kind what its checkpoints are called
 * @property {Record<string, string | number | boolean>} identity what has to be the same where training goes on
 * @property {readonly import('./variables.js').Variable[]} variables
 * @property {import('./optimisers.js').Optimiser} optimiser of them, whose rate is `fallingRate`
 * @property {(batch: Uint32Array, step: number) => number} loss of some examples, whose gradient it adds
 * @property {{ of: ArrayLike<number>, run: number }} [groups] which group each example is of: batches are made of runs of so
 *   many examples of one group
 * @property {() => void} restart writes what the variables began with
 * @property {() => Promise<import('./diverged.js').Learnt>} result made of the present numbers
 */

/** A loss so many times the first one has gone astray. */
const ASTRAY = 10;

/** Where what was good could not be learnt again. */
export const LOST =
  'What was good before it cannot be learnt again from what is now given: lastGood is what training began with';

/** What a loss, or a number that is not finite, says: that what is learnt is lost. */
class Astray extends Error {}

/**
 * @param {number} examples
 * @param {Passes & { warmup?: number }} passes
 * @param {Learner} learner
 */
export async function runPasses(examples, passes, learner) {
  const { epochs, onProgress, onCheckpoint } = passes;
  const course = new Course(examples, passes, learner);
  course.begin(passes.resume);
  const rateAt = fallingRate(passes, examples);
  const clock = new Clock(course.epoch * examples);
  const report = (/** @type {number} */ loss, /** @type {number} */ done) => {
    const counted = { epoch: Math.floor(done / examples), epochs, done, total: epochs * examples };
    if (onProgress) callback(onProgress, clock.reading({ ...counted, loss, rate: rateAt(course.step - 1) }));
  };
  let good = course.epoch; // the last start of a pass whose numbers a loss has shown to be good
  try {
    for (; course.epoch < epochs; course.epoch++) {
      const check = (/** @type {number} */ loss) => {
        if (!course.isSound(loss)) throw new Astray(`the loss is ${loss}`);
        good = course.epoch;
      };
      await course.pass(clock, check, report);
      if (!learner.variables.every((variable) => areSound(viewOf(variable))))
        throw new Astray('a number is 1e9 or more');
      if (onCheckpoint) await called(onCheckpoint, course.checkpoint());
    }
  } catch (error) {
    if (!(error instanceof Astray)) throw error;
    const what = `training diverged in pass ${course.epoch + 1}: ${error.message}. A lower rate than ${passes.rate} may help`;
    const found = await course.goBackTo(good, clock);
    throw new DivergedError(found ? what : `${what}. ${LOST}`, await learner.result());
  }
}

/** Passes over the examples: where they are, what moves the variables, and the way there. */
class Course {
  #examples;
  #passes;
  #learner;
  #order = new Uint32Array(0);
  /** @type {() => number} */
  #random = Math.random;
  #first = NaN;
  /** Passes that are complete. */
  epoch = 0;
  /** Steps that have been made. */
  step = 0;

  /** @param {number} examples @param {Passes} passes @param {Learner} learner */
  constructor(examples, passes, learner) {
    this.#examples = examples;
    this.#passes = passes;
    this.#learner = learner;
  }

  /**
   * Goes to the start, or to where a checkpoint is.
   * @param {Uint8Array} [checkpoint]
   */
  begin(checkpoint) {
    const { variables, optimiser, restart, groups } = this.#learner;
    const { seed, batchSize } = this.#passes;
    for (const variable of variables) variable.clearGradient();
    if (checkpoint === undefined) {
      restart();
      const states = statesOf(optimiser, variables);
      for (const numbers of states.flat()) numbers.fill(0);
      optimiser.restore(variables, { steps: 0, variables: states });
    }
    const { epoch, first } = checkpoint === undefined ? { epoch: 0, first: NaN } : this.#restore(checkpoint);
    this.epoch = epoch;
    this.#first = first;
    this.#order = Uint32Array.from({ length: this.#examples }, (_, i) => i);
    this.#random = randomFrom(seed);
    for (let before = 0; before < epoch; before++) reorder(this.#order, this.#random, groups);
    this.step = epoch * Math.ceil(this.#examples / batchSize);
  }

  /** @param {number} loss @returns {boolean} whether it is near the first one, or lower */
  isSound(loss) {
    return Number.isFinite(loss) && loss <= ASTRAY * Math.max(this.#first, 0.25); // a first batch may be learnt already
  }

  /**
   * @param {Clock} clock
   * @param {(loss: number) => void} [check] of a loss, before its step
   * @param {(loss: number, done: number) => void} [report] after it: examples in all passes
   */
  async pass(clock, check, report) {
    const { variables, optimiser, groups } = this.#learner;
    const { batchSize, signal } = this.#passes;
    reorder(this.#order, this.#random, groups);
    for (let at = 0; at < this.#examples; at += batchSize) {
      throwIfAborted(signal);
      const batch = this.#order.slice(at, at + batchSize);
      const loss = this.#learner.loss(batch, this.step);
      if (Number.isNaN(this.#first)) this.#first = loss;
      check?.(loss);
      optimiser.step(variables);
      this.step++;
      report?.(loss, this.epoch * this.#examples + at + batch.length);
      await clock.pause();
    }
  }

  /**
   * Goes back to where a pass began, and learns again up to there: so nothing has to be kept of it. (To undo the last step
   * alone would need no time, but rows can be lost long before a loss of cosines, which never is large, shows it.)
   * @param {number} epoch passes that are then complete
   * @param {Clock} clock
   * @returns {Promise<boolean>} false where a caller has changed what is learnt from: it is then where training began
   */
  async goBackTo(epoch, clock) {
    try {
      this.#beginAgain();
      for (; this.epoch < epoch; this.epoch++) await this.pass(clock);
      return true;
    } catch (error) {
      if (/** @type {WembedError} */ (error)?.code === 'aborted') throw error;
    }
    this.begin();
    return false;
  }

  /** From the checkpoint, if it is still what it was: if not, from the start, which leads to the same numbers. */
  #beginAgain() {
    try {
      this.begin(this.#passes.resume);
    } catch {
      this.begin();
    }
  }

  /** What has to be the same where training goes on. */
  get #identity() {
    const { epochs, batchSize, rate, seed } = this.#passes;
    return { examples: this.#examples, epochs, batchSize, rate, seed, ...this.#learner.identity };
  }

  /** @returns {Uint8Array<ArrayBuffer>} of the end of this pass */
  checkpoint() {
    const { kind, variables, optimiser } = this.#learner;
    /** @type {Record<string, Float32Array>} */
    const tensors = {};
    for (const [v, state] of statesOf(optimiser, variables).entries()) {
      tensors[`rows.${v}`] = viewOf(variables[v]);
      for (const [i, numbers] of state.entries()) tensors[`optimiser.${v}.${i}`] = numbers;
    }
    const place = { epoch: this.epoch + 1, first: this.#first, steps: this.step };
    return writeCheckpoint(kind, { ...this.#identity, ...place }, tensors);
  }

  /**
   * Makes of what learns what it was in a checkpoint.
   * @param {Uint8Array} checkpoint
   * @returns {{ epoch: number, first: number }} passes that are complete, and the first loss
   */
  #restore(checkpoint) {
    const { kind, variables, optimiser } = this.#learner;
    const { state, tensors } = readCheckpoint(kind, checkpoint);
    checkSame(this.#identity, state);
    const states = statesOf(optimiser, variables).map((own, v) => own.map((_, i) => tensors[`optimiser.${v}.${i}`]));
    if (variables.some(({ rows, dim }, v) => tensors[`rows.${v}`]?.length !== rows * dim)) {
      throw new WembedError('invalid_argument', 'the checkpoint has rows of another size');
    }
    if (!Object.values(tensors).every(areSound)) {
      throw new WembedError('bad_file', 'the checkpoint has numbers that are not finite', { reason: 'corrupted' });
    }
    const epoch = count('the passes of the checkpoint', state.epoch, { most: this.#passes.epochs });
    const first = finite('the first loss of the checkpoint', state.first);
    optimiser.restore(variables, { steps: count('the steps of the checkpoint', state.steps), variables: states });
    for (const [v, variable] of variables.entries()) viewOf(variable).set(tensors[`rows.${v}`]);
    return { epoch, first };
  }
}

/**
 * mulberry32: the same numbers everywhere.
 * @param {number} seed
 * @returns {() => number} in [0, 1)
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {Uint32Array} order @param {() => number} random */
function shuffle(order, random) {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}

/**
 * Another order: all at random, or in runs of one group, these at random.
 * @param {Uint32Array} order
 * @param {() => number} random
 * @param {Learner['groups']} groups
 */
function reorder(order, random, groups) {
  shuffle(order, random);
  if (!groups) return;
  const { of, run } = groups;
  const grouped = Array.from(order).sort((a, b) => of[a] - of[b]); // a stable sort: at random within a group
  const starts = Uint32Array.from({ length: Math.ceil(order.length / run) }, (_, i) => i * run);
  shuffle(starts, random);
  let at = 0;
  for (const start of starts) {
    const members = grouped.slice(start, start + run);
    order.set(members, at);
    at += members.length;
  }
}
