/** Ranks that are JavaScript objects or JSON, not lines of a file: js-tiktoken's, gpt-tokenizer's, Mistral's tekken.json. */
import { count } from '../../core/arguments.js';
import { WembedError, isA, isArray, shown } from '../../core/errors.js';
import { isFields } from '../fields.js';
import { show } from './special_tokens.js';
import { tokenizerOfRanks, tokenizerOfTiktoken } from './tiktoken.js';

/** @typedef {import('../fields.js').Fields} Fields */
/** @typedef {import('./tiktoken.js').TiktokenOptions} TiktokenOptions */

const MOST = 2 ** 24;

/** The length of the longest token, in bytes. */
const MOST_BYTES = 2 ** 20;

/** The special tokens of a tekken.json that lists none (mistral-common, `Tekkenizer.DEPRECATED_SPECIAL_TOKENS`). */
const TEKKEN_SPECIAL = [
  ...['<unk>', '<s>', '</s>', '[INST]', '[/INST]', '[AVAILABLE_TOOLS]', '[/AVAILABLE_TOOLS]', '[TOOL_RESULTS]'],
  ...[
    '[/TOOL_RESULTS]',
    '[TOOL_CALLS]',
    '[IMG]',
    '<pad>',
    '[IMG_BREAK]',
    '[IMG_END]',
    '[PREFIX]',
    '[MIDDLE]',
    '[SUFFIX]',
  ],
  ...['[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]', '[TOOL_CONTENT]'],
];

/**
 * @param {unknown} value
 * @param {TiktokenOptions} options
 * @returns {object | undefined} the tokenizer.json that it stands for; undefined where it is no such object
 */
export function tokenizerOfObject(value, options) {
  if (isArray(value)) return tokenizerOfTiktoken(linesOf(value), {}, options);
  if (!isFields(value)) return undefined;
  if (typeof value.bpe_ranks === 'string') return tokenizerOfJsTiktoken(value);
  return isFields(value.config) && Array.isArray(value.vocab) ? tokenizerOfTekken(value, value.config) : undefined;
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
  return tokenizerOfRanks(new TextEncoder().encode(lines.join('\n')), size, encoding, {});
}

/**
 * Mistral's: ids are ranks, after so many special tokens.
 * @param {Fields} json
 * @param {Fields} config
 */
function tokenizerOfTekken(json, config) {
  const { pattern, default_vocab_size: size, default_num_special_tokens: specials } = config;
  if (typeof pattern !== 'string') bad(`tekken.json: config.pattern is ${shown(pattern)}`);
  const before = wholeOf(specials, 'config.default_num_special_tokens');
  const most = wholeOf(size, 'config.default_vocab_size') - before;
  const vocab = /** @type {unknown[]} */ (json.vocab);
  if (most < 256 || most > vocab.length) bad(`tekken.json: ${vocab.length} tokens, of which ${most} are to be used`);
  const lines = vocab.slice(0, most).map((token, i) => {
    const { rank, token_bytes: bytes } = isFields(token) ? token : {};
    if (rank !== i || typeof bytes !== 'string') bad(`tekken.json: token ${i} of the vocabulary is ${shown(token)}`);
    return `${bytes} ${i + before}`;
  });
  const encoding = {
    ranks: most,
    pattern: String(pattern),
    special: tekkenSpecial(json.special_tokens, before),
    bos: '<s>',
  };
  return tokenizerOfRanks(new TextEncoder().encode(lines.join('\n')), before + most, encoding, {});
}

/** @param {unknown} value @param {string} name */
function wholeOf(value, name) {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < MOST
    ? Number(value)
    : bad(`tekken.json: ${name} is ${shown(value)}`);
}

/**
 * @param {unknown} list
 * @param {number} count
 * @returns {Record<string, number>} token → id
 */
function tekkenSpecial(list, count) {
  /** @type {Record<string, number>} */
  const special = Object.create(null);
  const names = TEKKEN_SPECIAL.slice(0, count);
  if (isArray(list)) {
    names.length = 0;
    list.forEach((token, i) => {
      const { rank = i, token_str: text } = isFields(token) ? token : {};
      if (rank !== i || typeof text !== 'string' || i >= count)
        bad(`tekken.json: special token ${i} is ${shown(token)}`);
      names.push(String(text));
    });
  }
  for (let i = 0; i < count; i++) special[names[i] ?? `<SPECIAL_${i}>`] = i;
  return special;
}
