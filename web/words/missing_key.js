import { WembedError, nearest } from '../core/errors.js';

/** Of more keys none is looked for that is spelt nearly the same: it would take too long. */
const MOST_KEYS = 100_000;

/**
 * @param {unknown} key
 * @param {import('../core/key_index.js').KeyIndex} keys that do not have it
 * @returns {WembedError} which names the key that is spelt most like it, with the same first letter
 */
export function missing(key, keys) {
  if (typeof key !== 'string') return unknownKey(`a key of type ${typeof key}`, keys);
  const first = key.slice(0, 1).toLowerCase();
  const isLike = (/** @type {string} */ each) =>
    Math.abs(each.length - key.length) < 2 && each.slice(0, 1).toLowerCase() === first;
  const similar = keys.length <= MOST_KEYS && nearest(key, keys.list.filter(isLike));
  return unknownKey(`key '${key}'`, keys, similar ? `: did you mean '${similar}'?` : '');
}

/**
 * @param {string} what
 * @param {import('../core/key_index.js').KeyIndex} keys
 * @param {string} [hint]
 */
const unknownKey = (what, keys, hint = '') =>
  new WembedError('not_found', `${what} is not among the ${keys.length} keys${hint}`);
