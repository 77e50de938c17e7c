/** Mistral's tekken.json: ids are ranks, after so many special tokens. */
import { WembedError, isArray, shown } from '../../core/errors.js';
import { isFields } from '../fields.js';
import { LISTS, parseAround } from '../vocab_json.js';
import { openLists } from './lazy_model.js';
import { tokenizerOfRanks } from './tiktoken.js';

/** @typedef {import('../fields.js').Fields} Fields */
/** @typedef {import('../lists.js').Lists} Lists */

const MOST = 2 ** 24;

/** Special tokens; the real ones have 1,000. */
const MOST_SPECIAL = 2 ** 16;

/** The special tokens of a tekken.json that lists none (mistral-common, `Tekkenizer.DEPRECATED_SPECIAL_TOKENS`). */
const SPECIAL = [
  ...['<unk>', '<s>', '</s>', '[INST]', '[/INST]', '[AVAILABLE_TOOLS]', '[/AVAILABLE_TOOLS]', '[TOOL_RESULTS]'],
  ...['[/TOOL_RESULTS]', '[TOOL_CALLS]', '[IMG]', '<pad>', '[IMG_BREAK]', '[IMG_END]', '[PREFIX]', '[MIDDLE]'],
  ...['[SUFFIX]', '[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]', '[TOOL_CONTENT]'],
];

/** What a text begins with. */
const BOS = '<s>';

/** @param {string} what @returns {never} */
function bad(what) {
  throw new WembedError('bad_file', `tekken.json: ${what}`);
}

/** @param {Fields} value @returns {boolean} */
export const isTekken = ({ bpe_ranks: ranks, config, vocab }) =>
  typeof ranks !== 'string' && isFields(config) && isArray(vocab);

/** @param {Fields} json @returns {object} the tokenizer.json that it stands for */
export function tokenizerOfTekken(json) {
  const settings = settingsOf(json, /** @type {unknown[]} */ (json.vocab).length);
  const ranks = ranksOf(json, settings);
  return tokenizerOfRanks(() => ranks, settings.size, settings, {});
}

/**
 * The same of a file that the text module has read.
 * @param {Lists} lists
 * @param {Fields} json without its vocabulary
 * @param {Uint8Array} file
 * @returns {Fields | null} null where it is something else
 */
export function takeTekken(lists, json, file) {
  if (!isTekken(json)) return null;
  const settings = settingsOf(json, lists.count);
  const section = lists.ranksSection(settings.most, settings.before);
  if (!section) return null;
  lists.give(section);
  const parsed = () => JSON.parse(new TextDecoder().decode(file));
  const tokenizer = tokenizerOfRanks(() => ranksOf(parsed(), settings), settings.size, settings, {});
  LISTS.set(tokenizer.model, (to) => to.give(section));
  return tokenizer;
}

/**
 * @param {Uint8Array} file
 * @returns {Promise<object | null | undefined>} null or undefined where JavaScript has to read it, which says what is wrong
 */
export async function tokenizerOfTekkenFile(file) {
  const lists = await openLists((opened) => opened.readJson(file));
  if (!lists) return undefined;
  try {
    const json = parseAround(file, [{ ...lists.places.vocab, instead: '[]' }]);
    return json && takeTekken(lists, json, file);
  } finally {
    lists.free();
  }
}

/**
 * @typedef {object} TekkenSettings
 * @property {number} before special tokens, whose ids come first
 * @property {number} most tokens of the vocabulary that are used
 * @property {number} size one more than the largest id
 * @property {number} ranks as `most`
 * @property {string} pattern
 * @property {Record<string, number>} special
 * @property {string} bos
 */

/** @param {Fields} json @param {number} count tokens @returns {TekkenSettings} */
function settingsOf({ config, special_tokens: special }, count) {
  const { pattern, default_vocab_size: size, default_num_special_tokens: specials } = /** @type {Fields} */ (config);
  if (typeof pattern !== 'string' || pattern === '') return bad(`config.pattern is ${shown(pattern)}`);
  const before = wholeOf(specials, 'config.default_num_special_tokens', MOST_SPECIAL);
  const most = wholeOf(size, 'config.default_vocab_size', MOST) - before;
  if (most < 256 || most > count) bad(`${count} tokens, of which ${most} are to be used`);
  return { before, most, size: before + most, ranks: most, pattern, special: specialOf(special, before), bos: BOS };
}

/** @param {Fields} json @param {TekkenSettings} settings @returns {Uint8Array} as a file of ranks */
function ranksOf({ vocab }, { most, before }) {
  const lines = /** @type {unknown[]} */ (vocab).slice(0, most).map((token, i) => {
    const { rank, token_bytes: bytes } = isFields(token) ? token : {};
    if (rank !== i || typeof bytes !== 'string') bad(`token ${i} of the vocabulary is ${shown(token)}`);
    if (i < BYTES && !isByte(String(bytes), i)) bad(`token ${i} is ${shown(bytes)} and not the byte ${i}`);
    return `${bytes} ${i + before}`;
  });
  return new TextEncoder().encode(lines.join('\n'));
}

/** So many tokens come first, a byte each, in order. */
const BYTES = 256;

/** @param {string} token in base64 @param {number} byte */
function isByte(token, byte) {
  try {
    return atob(token) === String.fromCharCode(byte);
  } catch {
    return true; // no base64, which whoever reads the token says
  }
}

/** @param {unknown} value @param {string} name @param {number} most @returns {number} */
function wholeOf(value, name, most) {
  const good = Number.isInteger(value) && Number(value) >= 0 && Number(value) < most;
  return good ? Number(value) : bad(`${name} is ${shown(value)}`);
}

/**
 * @param {unknown} list
 * @param {number} count
 * @returns {Record<string, number>} token → id
 */
function specialOf(list, count) {
  /** @type {Record<string, number>} */
  const special = Object.create(null);
  const names = [...SPECIAL];
  if (isArray(list)) {
    names.length = 0;
    list.forEach((token, i) => {
      const { rank = i, token_str: text } = isFields(token) ? token : {};
      if (rank !== i || typeof text !== 'string' || i >= count) bad(`special token ${i} is ${shown(token)}`);
      names.push(String(text));
    });
  }
  if (names.length > count) bad(`${names.length} special tokens, of which there are to be ${count}`);
  for (let i = 0; i < count; i++) {
    const name = names[i] ?? `<SPECIAL_${i}>`;
    if (name in special) bad(`the special tokens ${special[name]} and ${i} are both ${shown(name)}`);
    special[name] = i;
  }
  if (!(BOS in special)) bad(`no special token is ${BOS}`);
  return special;
}
