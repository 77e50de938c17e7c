import { WembedError, refuseRevoked, shown } from '../core/errors.js';
import { canRead } from '../core/own.js';

/**
 * Checks the options for files that need no download. Options of downloads are checked where files are downloaded.
 * @param {{ signal?: AbortSignal, onProgress?: unknown }} options
 */
export function checkReading(options) {
  refuseRevoked('options', options);
  const { signal, onProgress = checkReading } = options ?? {};
  const wrong =
    typeof options !== 'object' || options === null
      ? ['options', 'an object', options]
      : signal !== undefined && !(canRead(signal, 'aborted') && typeof signal?.aborted === 'boolean')
        ? ['signal', 'an AbortSignal', signal]
        : typeof onProgress !== 'function' && ['onProgress', 'a function', onProgress];
  if (wrong) throw new WembedError('invalid_argument', `${wrong[0]} must be ${wrong[1]}, got ${shown(wrong[2])}`);
}
