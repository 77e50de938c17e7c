import { WembedError } from '../core/errors.js';

/** @typedef {import('./files.js').ModelFiles} ModelFiles */

/**
 * Loads from files, and lets the cache know how that ended.
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
 * An error that says what may be wrong with the location.
 * @param {ModelFiles} files
 * @param {unknown} error
 */
async function withHint(files, error) {
  if (!(error instanceof WembedError) || !['not_found', 'network'].includes(error.code)) return error;
  const hint = await files.hint?.();
  if (hint) error.message += `; ${hint}`;
  return error;
}
