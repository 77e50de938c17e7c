// What every recipe does with the texts that it is given: reads them once or again and again, and gives way to the page.
import { mustBe } from '../core/arguments.js';
import { WembedError, asObject, callback, ofCaller, refuseRevoked, throwIfAborted } from '../core/errors.js';

/**
 * Texts to learn from: an array, an iterator, a stream, or a function that returns a new one each time it is called. A
 * function's texts are read again in every pass, so that nothing of them is kept; all others are read once and kept as
 * ids, four bytes a word.
 * @template T
 * @typedef {Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>)} TrainingData
 */

/**
 * How far training has come. What is counted are words, of other recipes texts or pairs.
 * @typedef {object} TrainingProgress
 * @property {number} epoch passes that are complete
 * @property {number} epochs passes in all
 * @property {number} done so far, in all passes
 * @property {number} total in all passes
 * @property {number} loss the mean of -log P of the last batch's examples
 * @property {number} rate the present rate of learning
 * @property {number} perSecond how many are done in a second, since this call began
 * @property {number} secondsLeft at that speed
 */

/**
 * How long training runs, and how it can be watched and stopped.
 * @typedef {object} TrainOptions
 * @property {number} [batches] stop after so many batches, to go on later; default: all that are left
 * @property {number} [epochs] stop at the end of the pass that is so many passes from here; default: all that are left
 * @property {(progress: TrainingProgress) => void} [onProgress] is called after each batch
 * @property {AbortSignal} [signal] stops after the running batch, with error `aborted`: what has been learnt stays
 */

/**
 * Texts to learn from, each a string or an array of its words.
 * @typedef {TrainingData<import('./vocabulary.js').TextOrWords>} TrainingTexts
 */

/**
 * Texts, each a string.
 * @typedef {TrainingData<string>} TrainingStrings
 */

/**
 * Pairs of texts that belong together.
 * @typedef {TrainingData<readonly [string, string]>} TrainingPairs
 */

/** A page is held up for at most about this long, in milliseconds. */
const SLICE = 40;

/**
 * @template T
 * @param {string} name for messages
 * @param {TrainingData<T>} data
 * @returns {Iterable<T> | AsyncIterable<T>}
 */
export function iterableOf(name, data) {
  const found = typeof data === 'function' ? callback(data, undefined) : data;
  const object = /** @type {Partial<Iterable<T> & AsyncIterable<T>>} */ (asObject(found));
  if (typeof found !== 'string' && !ArrayBuffer.isView(found)) {
    try {
      if (typeof object[Symbol.iterator] === 'function' || typeof object[Symbol.asyncIterator] === 'function')
        return found;
    } catch (error) {
      throw ofCaller(error);
    }
  }
  throw mustBe(name, 'an array, an iterator, a stream, or a function that returns one', found);
}

/**
 * The elements in order; whatever the caller's iterator throws is the caller's.
 * @template T
 * @param {string} name
 * @param {TrainingData<T>} data
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<T>}
 */
export async function* eachOf(name, data, signal) {
  const pause = new Pause();
  try {
    for await (const each of heard(wrapped(name, iterableOf(name, data)), signal)) {
      throwIfAborted(signal);
      yield each;
      if (pause.due) await pause.take();
    }
  } catch (error) {
    throw error instanceof WembedError ? error : ofCaller(error);
  }
}

/**
 * The same, but that an element which cannot be waited for is refused: a revoked Proxy.
 * @template T
 * @param {string} name
 * @param {Iterable<T> | AsyncIterable<T>} list
 * @returns {Iterable<T> | AsyncIterable<T>}
 */
function wrapped(name, list) {
  if (!(Symbol.iterator in list) || Symbol.asyncIterator in list) return list;
  return (function* () {
    for (const each of list) {
      refuseRevoked(`an element of ${name}`, each);
      yield each;
    }
  })();
}

/**
 * The same, but that a signal ends the wait for an element that may never come.
 * @template T
 * @param {Iterable<T> | AsyncIterable<T>} list
 * @param {AbortSignal | undefined} signal
 * @returns {Iterable<T> | AsyncIterable<T>}
 */
function heard(list, signal) {
  if (!signal || !(Symbol.asyncIterator in list)) return list;
  return (async function* () {
    const iterator = list[Symbol.asyncIterator]();
    const ended = new AbortController();
    /** @type {Promise<never>} */
    const aborted = new Promise((_, reject) => {
      const stop = () => reject(new WembedError('aborted', 'the call was aborted', { cause: signal.reason }));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { signal: ended.signal });
    });
    aborted.catch(() => {});
    let open = true;
    try {
      for (;;) {
        const { done, value } = await Promise.race([iterator.next(), aborted]);
        if (done) {
          open = false;
          return;
        }
        yield value;
      }
    } finally {
      ended.abort();
      // Not waited for: one that never gives an element may never end either.
      if (open) void Promise.resolve(iterator.return?.()).catch(() => {});
    }
  })();
}

/**
 * Calls what the caller has given, and waits for it.
 * @template A
 * @param {(argument: A) => unknown} call
 * @param {A} argument
 */
export async function called(call, argument) {
  try {
    await callback(call, argument);
  } catch (error) {
    throw ofCaller(error);
  }
}

/** Gives way to whatever else the program has to do, from time to time. */
export class Pause {
  #since = performance.now();

  /** Whether it is time. */
  get due() {
    return performance.now() - this.#since > SLICE;
  }

  /** @returns {Promise<void>} after other tasks have run */
  async take() {
    await nextTask();
    this.#since = performance.now();
  }
}

/** @returns {Promise<void>} in a new task: a timer would wait for 4 milliseconds in a browser */
function nextTask() {
  if (typeof globalThis.setImmediate === 'function')
    return new Promise((resolve) => void globalThis.setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Measures a call of `train`, and gives way from time to time. */
export class Clock {
  #pause = new Pause();
  #began = performance.now();
  #first;

  /** @param {number} done before */
  constructor(done) {
    this.#first = done;
  }

  /**
   * @param {Omit<TrainingProgress, 'perSecond' | 'secondsLeft'>} progress
   * @returns {TrainingProgress}
   */
  reading(progress) {
    const seconds = Math.max(performance.now() - this.#began, 0.01) / 1000;
    const perSecond = (progress.done - this.#first) / seconds;
    return { ...progress, perSecond, secondsLeft: (progress.total - progress.done) / perSecond };
  }

  async pause() {
    if (this.#pause.due) await this.#pause.take();
  }
}
