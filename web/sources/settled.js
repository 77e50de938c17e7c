import { WembedError } from '../core/errors.js';

/** @typedef {import('./files.js').ModelFiles} ModelFiles */

/**
 * Runs a load, and reports its outcome to the cache.
 * @template T
 * @param {ModelFiles} files
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
export async function settled(files, load) {
  let result;
  try {
    result = await load();
  } catch (error) {
    await files.settle?.(error);
    throw await withHint(files, error);
  }
  await files.settle?.();
  return result;
}

/**
 * Adds to an error what may be wrong with the location.
 * @param {ModelFiles} files
 * @param {unknown} error
 */
async function withHint(files, error) {
  if (!(error instanceof WembedError) || !['not_found', 'network'].includes(error.code)) return error;
  const hint = await files.hint?.();
  if (hint) error.message += `; ${hint}`;
  return error;
}
