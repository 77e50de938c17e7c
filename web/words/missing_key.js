import { WembedError } from '../core/errors.js';

/** Longer keys are not looked for under other spellings, in UTF-16 units. */
const LONGEST = 40;
/** Keys that a message names, at most. */
const MOST = 3;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * @param {unknown} key
 * @param {import('../core/key_index.js').KeyIndex} keys that do not have it
 * @returns {WembedError} which names keys that are spelt nearly the same
 */
export function missing(key, keys) {
  if (typeof key !== 'string') {
    return new WembedError('not_found', `a key of type ${typeof key} is not among the ${keys.length} keys`);
  }
  const similar = similarKeys(key, keys).map((each) => `'${each}'`);
  const hint = similar.length > 0 ? `: did you mean ${similar.join(' or ')}?` : '';
  return new WembedError('not_found', `key '${key}' is not among the ${keys.length} keys${hint}`);
}

/**
 * The keys that differ from a word in case, or by one letter left out, swapped with the next, replaced or added.
 * @param {string} word
 * @param {import('../core/key_index.js').KeyIndex} keys
 * @returns {string[]}
 */
function similarKeys(word, keys) {
  if (word.length > LONGEST) return [];
  /** @type {Set<string>} */
  const found = new Set();
  for (const spelling of spellings(word)) {
    if (spelling !== word && keys.find(spelling) >= 0) found.add(spelling);
    if (found.size === MOST) break;
  }
  return [...found];
}

/** @param {string} word */
function* spellings(word) {
  const lower = word.toLowerCase();
  yield* [lower, word.toUpperCase(), lower.slice(0, 1).toUpperCase() + lower.slice(1), word.trim()];
  for (let i = 0; i < word.length; i++) {
    const [before, after] = [word.slice(0, i), word.slice(i + 1)];
    yield before + after;
    if (i + 1 < word.length) yield before + word[i + 1] + word[i] + word.slice(i + 2);
  }
  for (let i = 0; i <= word.length; i++) {
    for (const letter of LETTERS) {
      if (i < word.length) yield word.slice(0, i) + letter + word.slice(i + 1);
      yield word.slice(0, i) + letter + word.slice(i);
    }
  }
}
