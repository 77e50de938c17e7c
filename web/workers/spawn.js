// The thread itself: how it is started, told things, and seen to die.
import { mustBe } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { threads } from '../sources/platform.js';

/**
 * A worker of the page, of Node's worker_threads, or anything that takes messages as they do.
 * @typedef {object} WorkerLike
 * @property {(message: unknown, transfer: never[]) => void} postMessage sends it something
 * @property {(event: string, listener: (event: Event) => void) => void} [addEventListener] in a browser
 * @property {(event: string, listener: (value: unknown) => void) => unknown} [on] in Node
 * @property {() => unknown} [terminate] ends it
 */

/**
 * @typedef {object} Thread
 * @property {WorkerLike} worker
 * @property {boolean} own whether it was started here, and may be ended here
 */

/**
 * @param {WorkerLike | (() => WorkerLike) | undefined} given
 * @returns {Thread}
 */
export function spawn(given) {
  if (given === undefined) return { worker: start(), own: true };
  const worker = typeof given === 'function' ? given() : given;
  if (typeof Object(worker).postMessage === 'function') return { worker, own: typeof given === 'function' };
  throw mustBe('worker', 'a Worker or a function', worker);
}

/** @returns {WorkerLike} */
function start() {
  // Written out in one expression, because bundlers look for exactly this form.
  if (globalThis.Worker) return new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name: 'wembed' });
  const node = threads();
  if (node) return new node.Worker(new URL(import.meta.url.replace(/[^/]*$/, 'thread.js')), { name: 'wembed' });
  throw new WembedError('unsupported', 'no workers');
}

/** @param {string} why */
export const hasEnded = (why) =>
  new WembedError('disposed', `the worker has ended: ${why}. Call createWorker() again`, { reason: 'worker_ended' });

/** @param {string} why */
export const notStarted = (why) =>
  new WembedError('unsupported', `no worker script runs: ${why}. It calls serveWorker`, {
    reason: 'worker_script',
  });

/**
 * Calls back once, when a worker is seen to have ended or not to have started.
 * @param {WorkerLike} worker
 * @param {() => boolean} hasStarted
 * @param {(error: WembedError) => void} onEnd
 */
export function watch(worker, hasStarted, onEnd) {
  const fail = (/** @type {unknown} */ why) => {
    const words = shown(Object(why).message || 'no reason known');
    onEnd(hasStarted() ? hasEnded(words) : notStarted(words));
  };
  if (typeof worker.on === 'function') {
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`exit code ${code}`)));
  } else {
    // An error in a script that runs does not end it.
    worker.addEventListener?.('error', (event) => hasStarted() || fail(event));
  }
}

/**
 * The same by the lock that the worker holds as long as it lives: browsers tell nobody when a worker ends.
 * @param {string} lock its name
 * @param {AbortSignal} signal ends the watch
 * @param {(error: WembedError) => void} onEnd
 */
export function watchLock(lock, signal, onEnd) {
  const { locks } = Object(globalThis.navigator);
  const free = locks?.request(lock, { signal }, () => onEnd(hasEnded('terminated')));
  free?.catch(() => {}); // where the watch was ended
}

/**
 * Lets a Node process end while no call waits.
 * @param {readonly object[]} holders the worker and the port, which keep it alive
 * @param {boolean} busy
 */
export function keepAlive(holders, busy) {
  for (const each of holders) {
    const { ref, unref } = /** @type {{ ref?: () => void, unref?: () => void }} */ (each);
    (busy ? ref : unref)?.call(each);
  }
}

/** @param {Thread} thread */
export function terminate({ worker, own }) {
  if (own) void worker.terminate?.();
}

/** How long a worker has to answer for the first time, in milliseconds: a script on a slow network among them. */
export const FIRST_ANSWER = 60_000;
