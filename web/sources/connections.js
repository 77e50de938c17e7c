import { WembedError } from '../core/errors.js';

/** @typedef {{ most: number, go: () => void }} Waiting a call, and up to how many connections it accepts */

/**
 * Per host: the connections in use, and the calls waiting for one. Hosts without connections have no entry.
 * @type {Map<string, { used: number, waiting: Waiting[] }>}
 */
const hosts = new Map();

/**
 * Waits until a host may have one more connection. Every call has a limit of its own: it counts the connections of all
 * calls, and binds no other call.
 * @param {string} url
 * @param {number} most connections at a time, with this one
 * @param {AbortSignal} [signal]
 * @returns {Promise<() => void>} releases the connection
 */
export async function connection(url, most, signal) {
  const { host } = new URL(url);
  const queue = hosts.get(host) ?? { used: 0, waiting: [] };
  hosts.set(host, queue);
  if (queue.used < most) queue.used++;
  else await turn(queue.waiting, most, signal);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    queue.used--;
    for (let next; (next = queue.waiting.findIndex((call) => queue.used < call.most)) >= 0;) {
      queue.used++;
      queue.waiting.splice(next, 1)[0].go();
    }
    if (queue.used === 0) hosts.delete(host);
  };
}

/** @returns {number} hosts with open connections */
export const busyHosts = () => hosts.size;

/**
 * @param {Waiting[]} waiting
 * @param {number} most
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function turn(waiting, most, signal) {
  return new Promise((resolve, reject) => {
    const call = {
      most,
      go() {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
    };
    const abort = () => {
      waiting.splice(waiting.indexOf(call), 1);
      reject(new WembedError('aborted', 'the call was aborted', { cause: signal?.reason }));
    };
    waiting.push(call);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
