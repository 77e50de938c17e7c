/** Two texts as one input. */
import { isOfOtherCopy } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { fieldsOf, idOf, stepsOf } from './fields.js';
import { MOST_IDS, idsOf, tokenId } from './templates.js';
import { Tokenizer } from './tokenizer.js';

/** @typedef {import('./tokenizer.js').Encoding} Encoding */

/**
 * A part of a pair: 0 or 1 for one of the texts, or special tokens' ids; then the type of their ids (`token_type_ids`).
 * @typedef {[0 | 1 | number[], number]} PairPart
 */

/** @type {PairPart[]} */
const BARE_PAIR = [
  [0, 0],
  [1, 1],
];

/**
 * The ids of two texts as one input, as [CLS] a [SEP] b [SEP]. Where there are too many, the longer text is cut until both
 * are equally long, then both, as Hugging Face's strategy `longest_first` does.
 * @param {import('./tokenizer.js').Tokenizer} tokenizer
 * @param {string} first
 * @param {string} second
 * @param {{ addSpecialTokens?: boolean, maxLength?: number, truncationSide?: 'right' | 'left', offsets?: boolean }} [options]
 *   as of `Tokenizer.encode`
 * @returns {{ ids: Uint32Array, typeIds: Uint32Array, offsets: [number, number][] | undefined }} `typeIds`: which text each id
 *   belongs to, as the template says (`token_type_ids`); `offsets`: each in its own text
 * @throws {WembedError} as `Tokenizer.encode`; `unsupported` where the template has no form for a pair
 * @example
 * const { ids, typeIds } = encodePair(tokenizer, 'a question', 'an answer', { maxLength: 512 });
 */
export function encodePair(tokenizer, first, second, options) {
  if (!isOwn(tokenizer, Tokenizer, 'postProcessor') && !isOfOtherCopy(tokenizer, Tokenizer, 'postProcessor'))
    throw mustBe('the tokenizer of encodePair', 'a Tokenizer', tokenizer);
  const names = ['addSpecialTokens', 'maxLength', 'truncationSide', 'offsets'];
  const { addSpecialTokens = true, maxLength = Infinity, ...rest } = optionsOf('encodePair', options, names);
  tokenizer.count('', { maxLength, truncationSide: rest.truncationSide }); // checked
  const sides = [first, second].map((text) =>
    tokenizer.encode(text, { addSpecialTokens: false, offsets: rest.offsets ?? false }),
  );
  const keepLast = rest.truncationSide === 'left';
  const template = addSpecialTokens ? pairTemplate(tokenizer.postProcessor) : BARE_PAIR;
  return joinPair(sides, template, { maxLength: Math.floor(maxLength), keepLast });
}

/** @param {unknown} post @returns {PairPart[]} */
function pairTemplate(post) {
  const found = stepsOf(post, 'processors').filter(({ type }) => type !== 'ByteLevel');
  const parts = found.length === 0 ? BARE_PAIR : found.length === 1 ? pairOf(found[0]) : null;
  if (parts) return parts;
  throw new WembedError('unsupported', "this tokenizer's template has no form for a pair");
}

/** @param {import('./fields.js').Step} step @returns {PairPart[] | null} */
function pairOf(step) {
  if (step.type !== 'TemplateProcessing') {
    const [cls, sep] = [[tokenId(step.cls, 'cls')], [tokenId(step.sep, 'sep')]];
    const [between, second] = step.type === 'BertProcessing' ? [sep, 1] : [[...sep, ...sep], 0];
    return [
      [cls, 0],
      [0, 0],
      [between, 0],
      [1, second],
      [sep, second],
    ];
  }
  if (!Array.isArray(step.pair)) return null;
  const special = fieldsOf(step.special_tokens ?? {}, 'special_tokens');
  let room = MOST_IDS;
  const parts = step.pair.map((each) => {
    const item = fieldsOf(each, "a template's part");
    const { type_id: type = 0, id } = fieldsOf(item.Sequence ?? item.SpecialToken, "a template's part");
    /** @type {PairPart} */
    const part = [item.Sequence ? (id === 'B' ? 1 : 0) : idsOf(item, special, room), idOf(type, 'type_id')];
    if (typeof part[0] !== 'number') room -= part[0].length;
    return part;
  });
  const texts = parts.map(([part]) => part).filter((part) => typeof part === 'number');
  return texts.length === 2 && texts.includes(0) && texts.includes(1) ? parts : null;
}

/**
 * Two texts' ids as one input. Where there are too many, the longer one is cut until both are equally long, as the
 * reference's strategy `longest_first` does.
 * @param {Encoding[]} sides
 * @param {PairPart[]} parts
 * @param {{ maxLength: number, keepLast: boolean }} settings
 */
function joinPair(sides, parts, { maxLength, keepLast }) {
  const around = parts.reduce((sum, [part]) => sum + (typeof part === 'number' ? 0 : part.length), 0);
  const kept = pairLengths(sides[0].ids.length, sides[1].ids.length, Math.max(0, maxLength - around));
  /** @type {number[]} */
  const ids = [];
  /** @type {number[]} */
  const typeIds = [];
  /** @type {[number, number][]} */
  const offsets = [];
  for (const [part, type] of parts) {
    if (typeof part === 'number') {
      const n = sides[part].ids.length;
      const [begin, end] = keepLast ? [n - kept[part], n] : [0, kept[part]];
      for (let i = begin; i < end; i++) {
        ids.push(sides[part].ids[i]);
        offsets.push(sides[part].offsets?.[i] ?? [0, 0]);
      }
    } else {
      ids.push(...part);
      while (offsets.length < ids.length) offsets.push([0, 0]);
    }
    while (typeIds.length < ids.length) typeIds.push(type);
  }
  return { ids: Uint32Array.from(ids), typeIds: Uint32Array.from(typeIds), offsets: sides[0].offsets && offsets };
}

/**
 * @param {number} first
 * @param {number} second lengths
 * @param {number} most of both
 * @returns {[number, number]} how many of each are kept
 */
function pairLengths(first, second, most) {
  if (first + second <= most) return [first, second];
  let short = Math.min(first, second);
  let long = Math.max(short, most - short);
  if (short > most) long = short;
  if (short + long > most) {
    short = Math.floor(most / 2);
    long = short + (most % 2);
  }
  return first > second ? [long, short] : [short, long];
}
