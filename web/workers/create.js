import { mustBe } from '../core/arguments.js';
import { Calls } from './calls.js';
import { EmbeddingWorker } from './embedding_worker.js';
import { FIRST_ANSWER, hasEnded, keepAlive, notStarted, spawn, terminate, watch, watchLock } from './spawn.js';

/**
 * What a worker is made of, besides options of `EmbeddingLayer.fromPretrained`: `dtype`, `revision`, `token` and the others.
 * @typedef {object} OwnWorkerOptions
 * @property {string | URL | import('../index.js').ModelFilesInMemory} [model] where the model is, as `fromPretrained` takes it.
 *   Default: the small English model of this package, whose options `base` and `dtype` are then taken
 * @property {string | URL} [base] of the small model: where its files are, if they were moved
 * @property {import('./spawn.js').WorkerLike | (() => import('./spawn.js').WorkerLike)} [worker] a worker of your own, or what
 *   makes one, whose script calls `serveWorker` of `wembed/worker-thread`. Default: a worker is started
 * @property {Partial<import('../index.js').Environment>} [env] what is set in the worker's `env`: where the .wasm file is
 */

/** Which model a worker loads, and which worker runs it. @typedef {OwnWorkerOptions & import('../index.js').FromPretrainedOptions} WorkerOptions */

/**
 * The layer, the index and the tokenizer in a worker, so that a page stays free while texts are encoded and indexed. Calls
 * give promises; results are moved here, not copied. Many calls may wait at once: the newest query is answered first, and
 * none waits for a long job, which runs in strips of some milliseconds.
 * @param {WorkerOptions} [options]
 * @returns {Promise<EmbeddingWorker>} errors: those of `fromPretrained`; `unsupported` with the reason 'worker_script' where
 *   the script does not run
 * @example
 * const worker = await createWorker();
 * const index = await worker.index([{ id: 1, text: 'Take an umbrella' }]);
 * await index.search('rain'); // [{ id: 1, score, meta }]
 */
export async function createWorker(options = {}) {
  if (typeof options !== 'object' || options === null)
    throw mustBe('the options of createWorker', 'an object', options);
  const { model, env, signal, onProgress, worker, ...rest } = options; // unknown ones are refused where they arrive
  const thread = spawn(worker);
  const { port1, port2 } = new MessageChannel();
  const watching = new AbortController();
  let started = false;
  const calls = new Calls(port1, (busy) => keepAlive([thread.worker, port1], busy));
  const end = (/** @type {import('../core/errors.js').WembedError} */ error) => {
    watching.abort();
    calls.end(error);
    terminate(thread);
  };
  const close = (/** @type {string} */ why) => {
    if (!thread.own && !watching.signal.aborted) calls.tell({ close: true });
    end(hasEnded(why));
  };
  watch(thread.worker, () => started, end);
  const late = setTimeout(() => end(notStarted('no answer in a minute')), FIRST_ANSWER);
  try {
    thread.worker.postMessage({ wembed: 'connect', port: port2 }, /** @type {never[]} */ ([port2]));
    const lock = await calls.call('hello', [{ signal }]).finally(() => clearTimeout(late));
    started = true;
    if (lock) watchLock(lock, watching.signal, end);
    const layer = await calls.call('load', [model, env, { ...rest, signal, onProgress }]);
    return new EmbeddingWorker(calls, layer, () => close('dispose was called'));
  } catch (error) {
    close('no model');
    throw error;
  }
}
