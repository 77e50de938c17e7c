import { signalOf } from './callbacks.js';
import { canRead } from './own.js';

/**
 * `signalOf`, which also refuses what only has the prototype of an AbortSignal and throws when it is asked.
 * @param {unknown} signal
 */
export const checkedSignal = (signal) => signalOf(canRead(signal, 'aborted') ? signal : {});
