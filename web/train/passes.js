// What recipes of examples share: passes in another order each, batches, reports, stops, checkpoints, the last good state.
import { count } from '../core/arguments.js';
import { callbackOf } from '../core/callbacks.js';
import { checkedSignal } from '../core/checked_signal.js';
import { WembedError, callback, throwIfAborted } from '../core/errors.js';
import { finite } from '../core/numbers.js';
import { checkSame, readCheckpoint, writeCheckpoint } from './checkpoints.js';
import { DivergedError } from './diverged.js';
import { Clock } from './texts.js';
import { partsOf } from './variables.js';

/**
 * How often and in what order training sees its examples.
 * @typedef {object} PassOptions
 * @property {number} [epochs] passes over the examples
 * @property {number} [batchSize] examples that are learnt from at once
 * @property {number} [rate] the rate of learning at the start, from which it falls to 0 in a straight line
 * @property {number} [seed] of the order of the examples; default 1
 * @property {(progress: import('./texts.js').TrainingProgress) => void} [onProgress] is called after each batch
 * @property {AbortSignal} [signal] stops after the running batch, with error `aborted`
 * @property {(checkpoint: Uint8Array<ArrayBuffer>) => void} [onCheckpoint] is called after each pass with what `resume` takes
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
 * @property {() => () => Promise<import('./diverged.js').Learnt>} keep notes the present state; what it returns makes the
 *   result of that
 */

/** A loss so many times the first one has gone astray. */
const ASTRAY = 10;

/**
 * @param {number} examples
 * @param {Passes & { warmup?: number }} passes
 * @param {Learner} learner
 */
export async function runPasses(examples, passes, learner) {
  const { epochs, batchSize, seed, onProgress, signal, onCheckpoint } = passes;
  const order = Uint32Array.from({ length: examples }, (_, i) => i);
  const random = randomFrom(seed);
  const rateAt = fallingRate(passes, examples);
  let { epoch, first } = await begin(examples, passes, learner);
  for (let before = 0; before < epoch; before++) reorder(order, random, learner.groups);
  const clock = new Clock(epoch * examples);
  let step = epoch * Math.ceil(examples / batchSize);
  /** @type {ReturnType<Learner['keep']> | undefined} */
  let lastGood;
  const diverged = async (/** @type {string} */ what) => {
    const text = `training diverged in pass ${epoch + 1}: ${what}. A lower rate than ${passes.rate} may help`;
    return new DivergedError(text, await (lastGood ?? learner.keep())());
  };
  for (; epoch < epochs; epoch++) {
    reorder(order, random, learner.groups);
    for (let at = 0; at < examples; at += batchSize, step++) {
      throwIfAborted(signal);
      const batch = order.slice(at, at + batchSize);
      const loss = learner.loss(batch, step);
      if (Number.isNaN(first)) first = loss;
      if (!(loss <= ASTRAY * Math.max(first, 1e-3))) throw await diverged(`the loss is ${loss}`);
      if (at === 0) {
        // One copy of what learns, made where the loss has shown it to be good. Undoing the last step alone would need none,
        // but rows can be lost long before a loss of cosines, which never is large, shows it.
        lastGood = undefined;
        lastGood = learner.keep();
      }
      learner.optimiser.step(learner.variables);
      const done = epoch * examples + at + batch.length;
      const counted = { epoch: Math.floor(done / examples), epochs, done, total: epochs * examples };
      if (onProgress) callback(onProgress, clock.reading({ ...counted, loss, rate: rateAt(step) }));
      await clock.pause();
    }
    if (!learner.variables.every(areFinite)) throw await diverged('a number is no longer finite');
    if (onCheckpoint) callback(onCheckpoint, checkpointOf(examples, passes, learner, { epoch: epoch + 1, first }));
  }
}

/** @param {import('./variables.js').Variable} variable whether all its numbers are finite */
function areFinite(variable) {
  const { heap, address } = partsOf(variable);
  const { f32 } = heap;
  for (let i = address / 4, end = i + variable.rows * variable.dim; i < end; i++)
    if (!(f32[i] - f32[i] === 0)) return false;
  return true;
}

/**
 * @param {number} examples
 * @param {Passes} passes
 * @param {Learner} learner
 */
const identityOf = (examples, { epochs, batchSize, rate, seed }, { identity }) => ({
  ...{ examples, epochs, batchSize, rate, seed },
  ...identity,
});

/**
 * @param {number} examples
 * @param {Passes} passes
 * @param {Learner} learner
 * @param {{ epoch: number, first: number }} place how many passes are complete, and the first loss
 */
function checkpointOf(examples, passes, learner, place) {
  const { kind, variables, optimiser } = learner;
  const { steps, variables: states } = optimiser.save(variables);
  /** @type {Record<string, Float32Array>} */
  const tensors = {};
  for (const [v, variable] of variables.entries()) {
    tensors[`rows.${v}`] = variable.value().data;
    for (const [i, numbers] of states[v].entries()) tensors[`optimiser.${v}.${i}`] = numbers;
  }
  return writeCheckpoint(kind, { ...identityOf(examples, passes, learner), ...place, steps }, tensors);
}

/**
 * @param {number} examples
 * @param {Passes} passes
 * @param {Learner} learner which becomes what it was in the checkpoint, if there is one
 * @returns {Promise<{ epoch: number, first: number }>} where passes begin
 */
async function begin(examples, passes, learner) {
  if (passes.resume === undefined) return { epoch: 0, first: NaN };
  const { kind, variables, optimiser } = learner;
  const { state, tensors } = await readCheckpoint(kind, passes.resume);
  checkSame(identityOf(examples, passes, learner), state);
  const sizes = optimiser.save(variables).variables;
  const restored = sizes.map((state, v) => state.map((_, i) => tensors[`optimiser.${v}.${i}`]));
  if (variables.some(({ rows, dim }, v) => tensors[`rows.${v}`]?.length !== rows * dim)) {
    throw new WembedError('invalid_argument', 'the checkpoint has rows of another size');
  }
  const place = { epoch: count('the passes of the checkpoint', state.epoch, { most: passes.epochs }) };
  optimiser.restore(variables, { steps: count('the steps of the checkpoint', state.steps), variables: restored });
  for (const [v, variable] of variables.entries()) {
    const { heap, address } = partsOf(variable);
    heap.f32.set(tensors[`rows.${v}`], address / 4);
  }
  return { ...place, first: finite('the first loss of the checkpoint', state.first) };
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
