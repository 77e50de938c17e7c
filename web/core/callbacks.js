// Arguments that call or are called: signals and functions.
import { asObject } from './errors.js';
import { mustBe } from './arguments.js';

/**
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 */
export function signalOf(signal) {
  const { aborted, addEventListener } = asObject(signal);
  if (signal === undefined || (typeof aborted === 'boolean' && typeof addEventListener === 'function')) {
    return /** @type {AbortSignal | undefined} */ (signal);
  }
  throw mustBe('signal', 'an AbortSignal', signal);
}

/**
 * A caller's function. Whatever it throws is thrown by the call unchanged, past all error handling in between.
 * @template {(...args: never[]) => void} F
 * @param {string} name for messages
 * @param {F | undefined} callback
 * @returns {{ call: F | undefined, rethrow: () => void }} `rethrow` throws again what the function threw
 */
export function callbackOf(name, callback) {
  if (callback !== undefined && typeof callback !== 'function') {
    throw mustBe(name, 'a function', callback);
  }
  /** @type {{ error: unknown } | undefined} */
  let thrown;
  const call = (/** @type {never[]} */ ...args) => {
    try {
      callback?.(...args);
    } catch (error) {
      thrown ??= { error };
      throw error;
    }
  };
  return {
    call: callback && /** @type {F} */ (call),
    rethrow() {
      if (thrown) throw thrown.error;
    },
  };
}
