// The progress of all files of a load together.
import { callback } from '../core/errors.js';

/** @typedef {import('./source.js').OnProgress} OnProgress */

/**
 * Adds to each event what all files of the load have come to.
 * @param {OnProgress | undefined} onProgress the caller's
 * @returns {OnProgress | undefined}
 */
export function summed(onProgress) {
  if (!onProgress) return undefined;
  /** By file. @type {Map<string, { loaded: number, total: number }>} */
  const files = new Map();
  return ({ status, file, loaded, total }) => {
    // A file that has come to its end is as long as what has come of it.
    files.set(file, { loaded, total: status === 'done' ? loaded : Math.max(total, total && loaded) });
    const all = [...files.values()];
    const overall = {
      loaded: all.reduce((sum, each) => sum + each.loaded, 0),
      total: all.every((each) => each.total > 0 || each.loaded === 0)
        ? all.reduce((sum, each) => sum + each.total, 0)
        : 0,
    };
    callback(onProgress, { status, file, loaded, total, overall });
  };
}
