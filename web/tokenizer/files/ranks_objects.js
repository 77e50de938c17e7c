/** Ranks that are JavaScript objects, not lines of a file: js-tiktoken's and gpt-tokenizer's. */
import { count } from '../../core/arguments.js';
import { WembedError, isA, isArray, shown } from '../../core/errors.js';
import { isFields } from '../fields.js';
import { show } from './special_tokens.js';
import { isTekken, tokenizerOfTekken } from './tekken.js';
import { tokenizerOfRanks, tokenizerOfTiktoken } from './tiktoken.js';

/** @typedef {import('../fields.js').Fields} Fields */
/** @typedef {import('./tiktoken.js').TiktokenOptions} TiktokenOptions */

const MOST = 2 ** 24;

/** The length of the longest token, in bytes. */
const MOST_BYTES = 2 ** 20;

/**
 * @param {unknown} value
 * @param {TiktokenOptions} options
 * @returns {object | undefined} the tokenizer.json that it stands for; undefined where it is no such object
 */
export function tokenizerOfObject(value, options) {
  if (isArray(value)) return tokenizerOfTiktoken(linesOf(value), {}, options);
  if (!isFields(value)) return undefined;
  if (typeof value.bpe_ranks === 'string') return tokenizerOfJsTiktoken(value);
  return isTekken(value) ? tokenizerOfTekken(value) : undefined;
}

/** @param {string} what @returns {never} */
function bad(what) {
  throw new WembedError('bad_file', what);
}

/** @param {Uint8Array} bytes @returns {string} */
function base64(bytes) {
  let binary = '';
  for (let i = 0; i < bytes.length; i++) binary += String.fromCharCode(bytes[i]);
  return btoa(binary);
}

/**
 * @param {string} what its elements are, for messages
 * @param {ArrayLike<unknown>} array a caller's, whose length may be a lie
 * @param {number} most
 * @returns {unknown[]} a copy
 */
function copied(what, array, most) {
  const length = count(`the number of ${what}`, array.length, { most });
  const copy = [];
  for (let i = 0; i < length; i++) copy.push(array[i]);
  return copy;
}

/**
 * gpt-tokenizer's: each token at the index of its rank, as text or, where it is none, as bytes.
 * @param {unknown[]} tokens
 * @returns {Uint8Array} as a file of ranks
 */
function linesOf(tokens) {
  const encoder = new TextEncoder();
  const lines = copied('ranks', tokens, MOST).map((token, rank) => {
    if (token === undefined || token === null) return '';
    if (typeof token === 'string') return `${base64(encoder.encode(token))} ${rank}`;
    const bytes = isArray(token) || isA(token, Uint8Array) ? copied('bytes', token, MOST_BYTES) : [];
    const good =
      bytes.length > 0 && bytes.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256);
    return good
      ? `${base64(Uint8Array.from(/** @type {number[]} */ (bytes)))} ${rank}`
      : bad(`the token of rank ${rank} is ${shown(token)}`);
  });
  return encoder.encode(lines.join('\n'));
}

/** @param {unknown} value @returns {Record<string, number>} */
function specialOf(value) {
  if (!isFields(value)) return bad(`special_tokens must map tokens to ids, got ${shown(value)}`);
  for (const [token, id] of Object.entries(value)) {
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= MOST) bad(`${show(token)} has the id ${shown(id)}`);
  }
  return /** @type {Record<string, number>} */ (value);
}

/**
 * js-tiktoken's: lines of a name, the first rank and tokens in base64.
 * @param {Fields} value
 */
function tokenizerOfJsTiktoken({ bpe_ranks: ranks, pat_str: pattern, special_tokens: special = {} }) {
  if (typeof pattern !== 'string') bad(`pat_str must be a pattern, got ${shown(pattern)}`);
  /** @type {string[]} */
  const lines = [];
  let size = 0;
  for (const line of String(ranks).split('\n')) {
    if (line === '') continue;
    const [, first, ...tokens] = line.split(' ');
    if (!/^\d{1,8}$/.test(first ?? '')) bad(`a line of bpe_ranks has no first rank: ${show(line)}`);
    tokens.forEach((token, i) => lines.push(`${token} ${Number(first) + i}`));
    size = Math.max(size, Number(first) + tokens.length);
  }
  const encoding = { ranks: lines.length, pattern: String(pattern), special: specialOf(special) };
  const file = new TextEncoder().encode(lines.join('\n'));
  return tokenizerOfRanks(() => file, size, encoding, {});
}
