// What recipes of examples share: passes in another order each, batches, reports, stops, and the last good state.
import { count } from '../core/arguments.js';
import { callbackOf, signalOf } from '../core/callbacks.js';
import { WembedError, callback, throwIfAborted } from '../core/errors.js';
import { finite } from '../core/numbers.js';
import { DivergedError } from './diverged.js';
import { Clock } from './texts.js';

/**
 * How often and in what order training sees its examples.
 * @typedef {object} PassOptions
 * @property {number} [epochs] passes over the examples
 * @property {number} [batchSize] examples that are learnt from at once
 * @property {number} [rate] the rate of learning at the start, from which it falls to 0 in a straight line
 * @property {number} [seed] of the order of the examples; default 1
 * @property {(progress: import('./texts.js').TrainingProgress) => void} [onProgress] is called after each batch
 * @property {AbortSignal} [signal] stops after the running batch, with error `aborted`
 */

export const PASS_OPTIONS = ['epochs', 'batchSize', 'rate', 'seed', 'onProgress', 'signal'];

/**
 * @param {PassOptions} options
 * @param {{ epochs: number, batchSize: number, rate: number }} defaults
 */
export function checkedPasses(options, defaults) {
  const { epochs, batchSize, rate, seed = 1, onProgress, signal } = { ...defaults, ...options };
  callbackOf('onProgress', onProgress);
  if (!(finite('rate', rate) > 0)) throw new WembedError('invalid_argument', `rate must be above 0, got ${rate}`);
  return {
    epochs: count('epochs', epochs, { least: 1 }),
    batchSize: count('batchSize', batchSize, { least: 1, most: 65_536 }),
    ...{ rate, seed: count('seed', seed), onProgress, signal: signalOf(signal) },
  };
}

/** A loss so many times the first one has gone astray. */
const ASTRAY = 10;

/**
 * @param {number} examples
 * @param {ReturnType<typeof checkedPasses>} passes
 * @param {(batch: Uint32Array, rate: number) => number} learn from some examples; the loss
 * @param {{ keep: () => () => Promise<import('./diverged.js').Learnt> }} good `keep` notes the present state at the start of a pass; what it returns
 *   makes the result of that
 */
export async function runPasses(examples, { epochs, batchSize, rate, seed, onProgress, signal }, learn, good) {
  const order = Uint32Array.from({ length: examples }, (_, i) => i);
  const random = randomFrom(seed);
  const clock = new Clock(0);
  const total = epochs * examples;
  let first = NaN;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const lastGood = good.keep();
    shuffle(order, random);
    for (let at = 0; at < examples; at += batchSize) {
      throwIfAborted(signal);
      const before = epoch * examples + at;
      const now = rate * (1 - before / total);
      const batch = order.slice(at, at + batchSize);
      const loss = learn(batch, now);
      if (Number.isNaN(first)) first = loss;
      if (!(loss <= ASTRAY * Math.max(first, 1e-3))) {
        const what = `training diverged in pass ${epoch + 1}: the loss is ${loss}. A lower rate than ${rate} may help`;
        throw new DivergedError(what, await lastGood());
      }
      const done = before + batch.length;
      const progress = { epoch: Math.floor(done / examples), epochs, done, total, loss, rate: now };
      if (onProgress) callback(onProgress, clock.reading(progress));
      await clock.pause();
    }
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
