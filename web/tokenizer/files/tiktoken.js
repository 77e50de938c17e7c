import { WembedError } from '../../core/errors.js';
import { RANKS } from '../vocab_json.js';
import { BYTE_CHARACTERS, byteLevelParts } from './byte_level.js';
import { ENCODINGS } from './encodings.js';
import { SpecialTokens, show, template, tokenFinder } from './special_tokens.js';

/**
 * What a file of tiktoken ranks does not say.
 * @typedef {object} TiktokenOptions
 * @property {string} [encoding] whose pattern and special tokens go with a file of ranks: r50k_base (gpt2), p50k_base,
 *   cl100k_base, o200k_base, llama3, llama4, qwen or kimi; else their number of ranks tells
 */

/** A rank that no bytes have, as whisper's file ends with: it is never met. */
const EMPTY_TOKEN = /^=? \d{1,9}$/;

const MAX_RANK = 2 ** 24;
/** In bytes. All ways to cut a token are tried: a file of endless ones would never be done. */
const MAX_TOKEN = 512;

/** @param {Uint8Array} bytes @returns {boolean} whether they begin as a file of ranks does */
export const beginsLikeTiktoken = (bytes) =>
  /^[A-Za-z0-9+/]+={0,2} \d+\r?(\n|$)/.test(String.fromCharCode(...bytes.subarray(0, 200)));

/**
 * The tokenizer.json that a file of ranks stands for: a token a line, its bytes in base64 and its rank, which is its id
 * and the order in which pairs are merged.
 * @param {Uint8Array} bytes
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @param {TiktokenOptions} [options]
 * @returns {object}
 */
export function tokenizerOfTiktoken(bytes, settings, { encoding: name } = {}) {
  const { count, size } = countRanks(bytes);
  const encoding = findEncoding(name, count);
  if (encoding) return tokenizerOfRanks(() => bytes, size, encoding, settings);
  readRanks(bytes); // a file that is broken is that first
  const what = `a file of ${count} ranks is of no known encoding, and does not hold its pattern`;
  throw new WembedError('unsupported', `${what}: say { encoding: one of ${Object.keys(ENCODINGS).join(', ')} }`);
}

/**
 * @param {() => Uint8Array} file of ranks
 * @param {number} size one more than the largest rank
 * @param {import('./encodings.js').RanksEncoding} encoding
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {{ model: object } & Record<string, unknown>} whose `model.vocab` and `model.merges` are made when they are first read: the text module reads
 *   the file itself
 */
export function tokenizerOfRanks(file, size, encoding, settings) {
  /** @type {Map<string, number> | undefined} */
  let ranks;
  const read = () => (ranks ??= readRanks(file()));
  /** @type {Record<string, number> | undefined} */
  let vocab;
  const spelled = () => (vocab ??= spelledVocab(read()));
  const tokens = new SpecialTokens(settings, {});
  const added = tokens.list((content) => spelled()[content], size);
  // The files beside it count before what is known of the encoding.
  const taken = new Set(added.flatMap(({ id, content }) => [id, content]));
  for (const [content, id] of Object.entries(encoding.special)) {
    if (taken.has(id) || taken.has(content)) continue;
    added.push({ id, content, special: true, normalized: false, lstrip: false, rstrip: false, single_word: false });
  }
  added.sort((a, b) => a.id - b.id);
  const parts = byteLevelParts(encoding.pattern);
  const bos = tokens.flag('add_bos_token', encoding.bos !== undefined)
    ? tokenFinder(added, () => undefined)(tokens.content('bos_token') ?? encoding.bos)
    : undefined;
  const model = {
    ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null },
    ...{ fuse_unk: false, byte_fallback: false, ignore_merges: true },
    get vocab() {
      return spelled();
    },
    get merges() {
      return mergesOf(read());
    },
  };
  Object.defineProperty(model, RANKS, { get: file }); // not enumerable: no part of what is saved as JSON
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: parts.pre_tokenizer,
    post_processor: template(bos, undefined) ?? parts.noTemplate,
    decoder: parts.decoder,
    model,
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ count: number, size: number }} how many ranks there are, and one more than the largest
 */
function countRanks(bytes) {
  let [count, size, rank, digits] = [0, 0, 0, 0];
  for (let i = 0; i <= bytes.length; i++) {
    const byte = i < bytes.length ? bytes[i] : 0x0a;
    if (byte === 0x0a) {
      if (digits > 0) count++;
      if (digits > 0) size = Math.max(size, rank + 1);
      [rank, digits] = [0, 0];
    } else if (byte === 0x20) [rank, digits] = [0, 1];
    else if (digits > 0 && byte >= 0x30 && byte <= 0x39) rank = Math.min(rank * 10 + byte - 0x30, MAX_RANK);
  }
  return { count, size };
}

/**
 * @param {string | undefined} name
 * @param {number} ranks
 * @returns {import('./encodings.js').RanksEncoding | undefined}
 */
function findEncoding(name, ranks) {
  const known = Object.keys(ENCODINGS).join(', ');
  if (name !== undefined) {
    if (Object.hasOwn(ENCODINGS, name)) return ENCODINGS[name];
    throw new WembedError('invalid_argument', `the encoding ${show(name)} is not one of ${known}`);
  }
  return Object.values(ENCODINGS).find((encoding) => encoding.ranks === ranks);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Map<string, number>} a character for each byte → its rank, in the order of ranks
 */
function readRanks(bytes) {
  const lines = new TextDecoder('latin1').decode(bytes).split(/\r?\n/);
  /** @type {[string, number][]} */
  const entries = [];
  const seen = new Set();
  lines.forEach((line, i) => {
    if (line === '') return;
    if (EMPTY_TOKEN.test(line)) return;
    const [, spelled, rank] = /^(\S+) (\d{1,9})$/.exec(line) ?? [];
    const token = spelled === undefined ? undefined : fromBase64(spelled);
    if (!token || Number(rank) >= MAX_RANK || token.length > MAX_TOKEN) {
      throw new WembedError('bad_file', `line ${i + 1} is no token in base64 and rank below 2^24: ${show(line)}`);
    }
    if (seen.has(token) || seen.has(Number(rank))) {
      throw new WembedError('bad_file', `line ${i + 1} has a token or rank that was there before: ${show(line)}`);
    }
    seen.add(token).add(Number(rank));
    entries.push([token, Number(rank)]);
  });
  entries.sort((a, b) => a[1] - b[1]);
  const ranks = new Map(entries);
  const missing = BYTE_CHARACTERS.findIndex((_, byte) => !ranks.has(String.fromCharCode(byte)));
  if (missing >= 0) throw new WembedError('bad_file', `the ranks lack a token of the byte ${missing}`);
  return ranks;
}

/** @param {string} text */
function fromBase64(text) {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** @param {string} token a character a byte */
function spell(token) {
  let spelled = '';
  for (let i = 0; i < token.length; i++) spelled += BYTE_CHARACTERS[token.charCodeAt(i)];
  return spelled;
}

/** @param {Map<string, number>} ranks */
function spelledVocab(ranks) {
  /** @type {Record<string, number>} */
  const vocab = Object.create(null);
  for (const [token, rank] of ranks) vocab[spell(token)] = rank;
  return vocab;
}

/**
 * Every way to make a token of two others, in the order of its rank: tiktoken merges any pair that makes a token.
 * @param {Map<string, number>} ranks in order
 * @returns {[string, string][]}
 */
function mergesOf(ranks) {
  /** @type {[string, string][]} */
  const merges = [];
  for (const token of ranks.keys()) {
    const ways = [];
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [ranks.get(token.slice(0, cut)), ranks.get(token.slice(cut))];
      if (left !== undefined && right !== undefined) ways.push({ left, right, cut });
    }
    ways.sort((a, b) => a.left - b.left || a.right - b.right);
    for (const { cut } of ways) merges.push([spell(token.slice(0, cut)), spell(token.slice(cut))]);
  }
  return merges;
}
