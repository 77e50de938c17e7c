// Calls on their way to a worker: sent as messages, settled by its answers.
import { mustBe } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { signalOf } from '../core/callbacks.js';
import { Chunks } from './chunks.js';
import { buffersIn, isPlain, packed, receivedError, unpacked } from './messages.js';

/**
 * Of every call that takes options.
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal] ends the call: what waits is dropped, what has begun stops within milliseconds
 * @property {(progress: import('./messages.js').CallProgress) => void} [onProgress] of calls that take a list
 * @property {boolean} [transfer] whether the memory of arrays that are arguments is moved to the worker instead of copied: the
 *   caller's arrays are empty afterwards. Items are copied. Default false
 */

/**
 * @typedef {object} Pending
 * @property {(result: unknown) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((progress: import('./messages.js').CallProgress) => void) | undefined} onProgress
 * @property {Chunks | undefined} chunks
 * @property {() => void} forget
 */

/**
 * A MessagePort, as browsers and Node have them.
 * @typedef {object} Port
 * @property {(message: import('./messages.js').ToThread, transfer: ArrayBuffer[]) => void} postMessage
 * @property {() => void} close
 * @property {unknown} onmessage
 */

/** @param {AbortSignal} signal */
const abortedBy = ({ reason }) => new WembedError('aborted', 'the call was aborted', { cause: reason });

/** @param {unknown} cause */
const unsendable = (cause) =>
  new WembedError('invalid_argument', `cannot be sent to a worker: ${shown(cause)}`, {
    cause,
    reason: 'not_cloneable',
  });

/** The page's end of a connection. */
export class Calls {
  #port;
  #setBusy;
  #last = 0;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** Why no call is taken any more. @type {WembedError | undefined} */
  #ended;

  /**
   * @param {Port} port
   * @param {(busy: boolean) => void} setBusy is told when there are calls to wait for, and when there are none
   */
  constructor(port, setBusy) {
    this.#port = port;
    this.#setBusy = setBusy;
    port.onmessage = (/** @type {{ data: import('./messages.js').FromThread }} */ { data }) => this.#receive(data);
  }

  /**
   * @param {string} name of the call
   * @param {readonly unknown[]} args the last may be options, of which those of CallOptions stay here
   * @param {{ index?: number, list?: Iterable<unknown> | AsyncIterable<unknown> }} [where] the index it is for; the list it
   *   takes, which is sent in parts
   * @template T
   * @returns {Promise<T>}
   */
  async call(name, args, { index = 0, list } = {}) {
    if (this.#ended) throw this.#ended;
    const { rest, signal, onProgress, transfer } = takeApart(args);
    if (signal?.aborted) throw abortedBy(signal);
    const chunks = list === undefined ? undefined : new Chunks(`what ${name} takes`, list);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const abort = () => this.#fail(id, abortedBy(/** @type {AbortSignal} */ (signal)));
      const forget = () => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, {
        resolve: /** @type {Pending['resolve']} */ (resolve),
        reject,
        onProgress,
        chunks,
        forget,
      });
      this.#setBusy(true);
      signal?.addEventListener('abort', abort, { once: true });
      this.#send(id, { id, name, index, args: rest, list: chunks && { total: chunks.total } }, transfer);
    });
  }

  /**
   * @param {number} id of the call that fails where this cannot be sent
   * @param {import('./messages.js').ToThread} message
   * @param {boolean} [transfer]
   */
  #send(id, message, transfer = false) {
    try {
      this.#port.postMessage(message, transfer && 'args' in message ? message.args.flatMap(buffersIn) : []);
    } catch (cause) {
      this.#fail(id, unsendable(cause));
    }
  }

  /** @param {{ pause: boolean } | { close: true }} message */
  tell(message) {
    if (this.#ended) throw this.#ended;
    this.#port.postMessage(message, []);
  }

  /** @param {import('./messages.js').FromThread} message */
  #receive({ id, result, error, progress, pull }) {
    const pending = this.#pending.get(id);
    if (!pending) return; // aborted meanwhile
    if (progress) {
      try {
        pending.onProgress?.(progress);
      } catch (thrown) {
        this.#fail(id, thrown);
      }
    } else if (pull) void this.#sendPart(id, pending);
    else this.#settle(id, () => (error ? pending.reject(receivedError(error)) : pending.resolve(unpacked(result))));
  }

  /**
   * @param {number} id
   * @param {Pending} pending
   */
  async #sendPart(id, { chunks }) {
    try {
      const next = await chunks?.next();
      if (next && this.#pending.has(id)) this.#send(id, { id, ...next });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Ends a call from this side. @param {number} id @param {unknown} error */
  #fail(id, error) {
    const pending = this.#pending.get(id);
    this.#settle(id, () => pending?.reject(error));
    if (pending && !this.#ended) this.#port.postMessage({ id, abort: true }, []);
  }

  /** @param {number} id @param {() => void} settle */
  #settle(id, settle) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#setBusy(false);
    pending?.forget();
    pending?.chunks?.stop().catch(() => {});
    settle();
  }

  /** Every call that waits, and every later one, fails with this. @param {WembedError} error */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    for (const id of [...this.#pending.keys()]) this.#fail(id, error);
    this.#port.close();
  }
}

/** @param {readonly unknown[]} args @returns {CallOptions & { rest: unknown[] }} */
function takeApart(args) {
  const rest = args.map(packed);
  while (rest.length > 0 && rest.at(-1) === undefined) rest.pop();
  const last = rest.at(-1);
  if (!isPlain(last)) return { rest };
  const { signal, onProgress, transfer, ...others } = /** @type {CallOptions} */ (last);
  if ('into' in others) {
    throw new WembedError('invalid_argument', "a worker takes no 'into'");
  }
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw mustBe('onProgress', 'a function', onProgress);
  rest[rest.length - 1] = others;
  return { rest, signal: signalOf(signal), onProgress, transfer };
}
