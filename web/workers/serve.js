// A worker's end of its connections.
import { WembedError } from '../index.js';
import { mustBe } from '../core/arguments.js';
import { shown } from '../core/errors.js';
import { threads } from '../sources/platform.js';
import { CallJob, ListJob } from './jobs.js';
import { buffersIn, packed, sentError, unpacked } from './messages.js';
import { INDEX_CHANGES, INDEX_QUERIES, LISTS, QUERIES, STARTS, indexOf, loadLayer, setEnv } from './methods.js';
import { Schedule } from './schedule.js';
import { Parts, isRecipe, learn } from './training.js';

/** @typedef {import('./messages.js').CallMessage} CallMessage */
/** @typedef {import('./create.js').WorkerOptions} WorkerOptions */
/** @typedef {[WorkerOptions['model'], WorkerOptions['env'], import('../index.js').FromPretrainedOptions]} LoadArguments */

/**
 * @param {unknown} name of a call
 * @param {unknown} list what it says of a list that follows
 * @returns {WembedError | undefined} why the worker does not do it
 */
function refusalOf(name, list) {
  const among = (/** @type {object[]} */ ...calls) => calls.some((each) => Object.hasOwn(each, String(name)));
  if (typeof name === 'string') {
    if (isRecipe(name) || among(LISTS)) return list ? undefined : mustBe('what is given', 'a list', list);
    const [, method = ''] = name.split('index.');
    const ofIndex = Object.hasOwn(INDEX_QUERIES, method) || Object.hasOwn(INDEX_CHANGES, method);
    if (!list && (ofIndex || ['hello', 'load'].includes(name) || among(STARTS, QUERIES))) return undefined;
  }
  return new WembedError('invalid_argument', `the worker has no call ${shown(name)}`);
}

/**
 * Which layer a worker of your own serves.
 * @typedef {object} ServeOptions
 * @property {import('./methods.js').LoadLayer} [load] makes the layer of a connection, of the `model` and the options that
 *   `createWorker` was given. Default: `fromPretrained`, or the small model where none is named
 */

/**
 * Makes the script that calls it a worker that `createWorker({ worker })` takes.
 * @param {ServeOptions} [options]
 * @returns {void} errors: `unsupported` outside a worker
 * @example
 * // worker.js
 * import { serveWorker } from 'wembed/worker-thread';
 * serveWorker();
 */
export function serveWorker({ load = loadLayer } = {}) {
  const connect = (/** @type {{ wembed?: string, port: MessagePort } | undefined} */ message) => {
    if (message?.wembed === 'connect') new Connection(message.port, load);
  };
  if (typeof globalThis.postMessage === 'function') {
    globalThis.addEventListener('message', ({ data }) => connect(data));
    return;
  }
  const { parentPort } = threads() ?? {};
  if (!parentPort) throw new WembedError('unsupported', 'serveWorker is called by the script of a worker');
  parentPort.on('message', connect);
}

/** Holds a lock as long as this worker lives. @returns {Promise<string | undefined>} its name */
function holdLock() {
  const { locks } = Object(globalThis.navigator);
  if (!locks || globalThis.process) return Promise.resolve(undefined);
  const name = `wembed-worker-${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const hold = () => {
      resolve(name);
      return new Promise(() => {});
    };
    locks.request(name, hold).catch(() => resolve(undefined));
  });
}

/** One `createWorker`'s layer, its indexes, and the calls that they have to answer. */
class Connection {
  #port;
  #load;
  #schedule = new Schedule();
  /** @type {import('./methods.js').Session} */
  #session = { layer: undefined, indexes: new Map(), lastIndex: 0 };
  /** Calls that have not been answered. @type {Map<number, { abort: () => void, receive?: ListJob['receive'] }>} */
  #calls = new Map();

  /** @param {MessagePort} port @param {import('./methods.js').LoadLayer} load */
  constructor(port, load) {
    this.#port = port;
    this.#load = load;
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /** @param {import('./messages.js').ToThread} message */
  #receive(message) {
    if ('pause' in message) this.#schedule.paused = message.pause;
    else if ('close' in message) this.#close();
    else if ('abort' in message) this.#calls.get(message.id)?.abort();
    else if ('part' in message) this.#calls.get(message.id)?.receive?.(message.part, message.last);
    else this.#begin(message);
    this.#schedule.wake();
  }

  /** @param {CallMessage} message */
  #begin(message) {
    const { id, name, index, args, list } = message;
    const answers = this.#answers(id);
    const given = /** @type {never} */ (args.map(unpacked));
    const refused = refusalOf(name, list);
    if (refused) return answers.fail(refused);
    const [, method] = name.split('index.');
    if (isRecipe(name)) {
      void this.#learn(message, answers).then(answers.done, answers.fail);
    } else if (list) {
      const job = this.#listJob(message, answers);
      if (job) this.#addJob(index ? `index ${index}` : `call ${id}`, id, job);
    } else if (method in INDEX_CHANGES) {
      const run = () => this.#change(index, method, given);
      this.#addJob(`index ${index}`, id, new CallJob(run, answers, () => this.#schedule.wake()));
    } else if (name in QUERIES || method in INDEX_QUERIES) {
      this.#addQuery(id, answers, () =>
        name in QUERIES
          ? QUERIES[name](this.#session, given)
          : INDEX_QUERIES[method](indexOf(this.#session, index), given),
      );
    } else void this.#start(name, id, given).then(answers.done, answers.fail);
  }

  /** @param {number} id @param {import('./jobs.js').Answers} answers @param {() => unknown} run */
  #addQuery(id, answers, run) {
    let aborted = false;
    this.#calls.set(id, { abort: () => (aborted = true) });
    this.#schedule.addQuery(() => {
      try {
        if (aborted) answers.fail(new WembedError('aborted', 'the call was aborted'));
        else answers.done(run());
      } catch (error) {
        answers.fail(error);
      }
    });
  }

  /** @param {CallMessage} message @param {import('./jobs.js').Answers} answers */
  #listJob({ name, index, args, list }, answers) {
    try {
      return new ListJob(
        LISTS[name](this.#session, index, /** @type {never} */ (args[0]), list?.total),
        answers,
        list?.total,
      );
    } catch (error) {
      answers.fail(error);
    }
  }

  /** @param {string} lane @param {number} id @param {ListJob | CallJob} job */
  #addJob(lane, id, job) {
    this.#calls.set(id, {
      abort: () => job.abort(),
      receive: job instanceof ListJob ? (part, isLast) => job.receive(part, isLast) : undefined,
    });
    this.#schedule.addJob(lane, job);
  }

  /** @param {CallMessage} message @param {import('./jobs.js').Answers} answers @returns {Promise<unknown>} */
  async #learn({ id, name, args }, { pull }) {
    const [controller, list] = [new AbortController(), new Parts(pull)];
    const abort = () => {
      controller.abort();
      list.abort();
    };
    this.#calls.set(id, { abort, receive: (part, isLast) => list.receive(part, isLast) });
    const [lesson, options] = /** @type {[import('./training.js').Lesson, object]} */ (args.map(unpacked));
    const tell = (/** @type {object} */ progress) => {
      if (this.#calls.has(id)) this.#port.postMessage({ id, progress });
    };
    return learn(name, lesson, options, list, { signal: controller.signal, tell });
  }

  /** @param {number} index @param {string} method @param {never} args */
  async #change(index, method, args) {
    const result = await INDEX_CHANGES[method](indexOf(this.#session, index), args);
    if (method === 'dispose') this.#session.indexes.delete(index);
    return result;
  }

  /** @param {string} name @param {number} id @param {never} args @returns {Promise<unknown>} */
  async #start(name, id, args) {
    if (name === 'hello') return holdLock();
    const controller = new AbortController();
    this.#calls.set(id, { abort: () => controller.abort() });
    if (name !== 'load') return STARTS[name](this.#session, args);
    const [model, env, options] = /** @type {LoadArguments} */ (args);
    setEnv(env);
    const onProgress = (/** @type {import('./messages.js').CallProgress} */ progress) =>
      this.#answers(id).progress(progress);
    const layer = await this.#load(model, { ...options, signal: controller.signal, onProgress });
    this.#session.layer = layer;
    return layer.describe();
  }

  /** @param {number} id @returns {import('./jobs.js').Answers} */
  #answers(id) {
    return {
      done: (result) => this.#answer({ id, result: packed(result) }),
      fail: (error) => this.#answer({ id, error: sentError(error) }),
      progress: (progress) => this.#port.postMessage({ id, progress: { ...progress } }),
      pull: () => this.#port.postMessage({ id, pull: true }),
    };
  }

  /** @param {import('./messages.js').FromThread} message */
  #answer(message) {
    this.#calls.delete(message.id);
    try {
      this.#port.postMessage(message, buffersIn(message.result));
    } catch (error) {
      this.#port.postMessage({ id: message.id, error: sentError(error) });
    }
  }

  #close() {
    for (const { abort } of this.#calls.values()) abort();
    for (const index of this.#session.indexes.values()) index.dispose();
    this.#session.layer?.dispose();
    this.#session.layer = undefined;
    this.#port.close();
  }
}
