/** The options of `Tokenizer.encode` and its kin, and what is done with them in JavaScript. */
import { flag, lengthLimit, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, shown, isA, isArray } from '../core/errors.js';

/**
 * How a text becomes ids.
 * @typedef {object} TokenizeOptions
 * @property {boolean} [addSpecialTokens] default true: [CLS] … [SEP] and the like, where the file has them
 * @property {number} [maxLength] in ids, special tokens among them; default Infinity
 * @property {'right' | 'left'} [truncationSide] which end of the text goes where it has more ids; default 'right'
 * @property {boolean} [offsets] also say where in the text each id came from; default false
 * @property {Uint32Array} [into] the ids are written to its begin; default a new array
 * @property {'all' | readonly string[]} [allowedSpecial] the special tokens that are found in the text; the others are text
 *   like any other. Default 'all', as in Hugging Face's libraries; [] takes all of them literally
 * @property {'all' | readonly string[]} [disallowedSpecial] special tokens that a text must not hold: an `invalid_argument`
 *   error where it does. 'all' means those that `allowedSpecial` does not name. Default []
 */

/**
 * @typedef {object} CheckedOptions
 * @property {boolean} addSpecialTokens
 * @property {number} maxIds
 * @property {boolean} keepLast
 * @property {boolean} offsets
 * @property {Uint32Array | undefined} into
 * @property {number[]} literal ids of special tokens that are not found
 * @property {string[]} refused special tokens that a text must not hold
 */

const NAMES = [
  ...['addSpecialTokens', 'maxLength', 'truncationSide', 'offsets', 'into'],
  ...['allowedSpecial', 'disallowedSpecial'],
];
const FOR_MANY = NAMES.filter((name) => !['offsets', 'into'].includes(name));
/** Those of `isWithinLimit`. */
export const WITHIN_LIMIT = FOR_MANY.filter((name) => name !== 'maxLength');

/** @type {string[]} */
const NONE = [];

/** @type {CheckedOptions} */
const DEFAULTS = {
  addSpecialTokens: true,
  maxIds: Infinity,
  keepLast: false,
  offsets: false,
  into: undefined,
  literal: [],
  refused: [],
};

/**
 * @param {string} call
 * @param {TokenizeOptions | undefined} given
 * @param {[string, number][]} special the tokenizer's special tokens
 * @returns {CheckedOptions}
 */
export function checkSettings(call, given, special) {
  if (given === undefined) return DEFAULTS;
  const options = optionsOf(call, given, call === 'encode' ? NAMES : FOR_MANY);
  const { addSpecialTokens = true, maxLength = Infinity, truncationSide = 'right', offsets = false, into } = options;
  lengthLimit(maxLength);
  if (truncationSide !== 'right' && truncationSide !== 'left') {
    throw mustBe('truncationSide', "'right' or 'left'", truncationSide);
  }
  if (into !== undefined && !isA(into, Uint32Array)) throw mustBe('into', 'a Uint32Array', into);
  const { literal, refused } = specialOf(options, special);
  // Spread out: what `...` makes of objects took half of the time of a line of text.
  return {
    addSpecialTokens: flag('addSpecialTokens', addSpecialTokens),
    maxIds: Math.floor(maxLength),
    keepLast: truncationSide === 'left',
    offsets: flag('offsets', offsets),
    into,
    literal,
    refused,
  };
}

/**
 * @param {TokenizeOptions} options
 * @param {[string, number][]} special
 */
function specialOf({ allowedSpecial = 'all', disallowedSpecial = NONE }, special) {
  if (allowedSpecial === 'all' && disallowedSpecial === NONE) return DEFAULTS; // most calls: without making sets
  const allowed = namesOf('allowedSpecial', allowedSpecial, special);
  const literal = allowed ? special.filter(([content]) => !allowed.has(content)) : [];
  const named = namesOf('disallowedSpecial', disallowedSpecial, special);
  const refused = named ? [...named] : literal.map(([content]) => content);
  return { literal: literal.map(([, id]) => id), refused };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {[string, number][]} special
 * @returns {Set<string> | null} null for all
 */
function namesOf(name, value, special) {
  if (value === 'all') return null;
  if (!isArray(value)) throw mustBe(name, "'all' or an array of special tokens", value);
  const known = new Set(special.map(([content]) => content));
  const stranger = value.find((each) => !known.has(each));
  if (stranger !== undefined) {
    throw new WembedError('invalid_argument', `${name} names ${shown(stranger)}, which is no special token here`);
  }
  return new Set(value);
}

/**
 * Fails where a text holds a token that it must not.
 * @param {readonly string[]} texts
 * @param {string[]} refused
 */
export function contentsFound(texts, refused) {
  for (const token of refused) {
    const i = texts.findIndex((text) => text.includes(token));
    if (i < 0) continue;
    const where = texts.length > 1 ? `text ${i}` : 'the text';
    throw new WembedError('invalid_argument', `${where} holds the special token ${shown(token)}, which is not allowed`);
  }
}
