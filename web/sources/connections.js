import { WembedError } from '../core/errors.js';

/**
 * Per host: the connections still free, and the calls waiting for one.
 * @type {Map<string, { free: number, waiting: (() => void)[] }>}
 */
const hosts = new Map();

/**
 * Waits until a host may have one more connection.
 * @param {string} url
 * @param {number} most connections at a time
 * @param {AbortSignal} [signal]
 * @returns {Promise<() => void>} releases the connection
 */
export async function connection(url, most, signal) {
  const { host } = new URL(url);
  const queue = hosts.get(host) ?? { free: most, waiting: [] };
  hosts.set(host, queue);
  if (queue.free > 0) queue.free--;
  else await turn(queue.waiting, signal);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const next = queue.waiting.shift();
    if (next) next();
    else if (++queue.free >= most) hosts.delete(host);
  };
}

/**
 * @param {(() => void)[]} waiting
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function turn(waiting, signal) {
  return new Promise((resolve, reject) => {
    const go = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = () => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(new WembedError('aborted', 'the call was aborted', { cause: signal?.reason }));
    };
    waiting.push(go);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
