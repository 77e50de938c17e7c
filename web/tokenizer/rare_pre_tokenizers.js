/** The pre-tokenizers that a static model seldom has, for `PreTokenizer::build` (cpp/text/pre_tokenizer.cc). */
import { bad, bits, flag, notCovered, oneOf, patternOf, text, whole } from './fields.js';

/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

const KINDS = {
  whitespaceSplit: 2,
  punctuation: 3,
  digits: 4,
  pattern: 5,
  byteLevel: 6,
  metaspace: 7,
  delimiter: 8,
  fixedLength: 9,
  scripts: 10,
};
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
/** Marks join a neighbour: not in the core. */
const MERGING = [2, 3];
const SCHEMES = ['always', 'first', 'never'];

/**
 * @param {SpecWriter} out
 * @param {import('./fields.js').Step} step
 * @param {boolean} spelled text leaves ByteLevel as the characters that bytes are spelled with, not as bytes
 */
export function writeRarePreTokenizer(out, step, spelled) {
  const put = (/** @type {number} */ kind, a = 0, b = 0, replacement = '') => {
    const merges = kind === KINDS.punctuation && MERGING.includes(a);
    if (merges || kind === KINDS.pattern || kind === KINDS.byteLevel || kind > KINDS.metaspace) {
      out.needsTextModule = true;
    }
    out.u32(kind, a, b);
    out.text(replacement);
  };
  switch (step.type) {
    case 'WhitespaceSplit':
      return put(KINDS.whitespaceSplit);
    case 'Digits':
      return put(KINDS.digits, Number(flag(step, 'individual_digits', false)));
    case 'ByteLevel': {
      const prefix = Number(flag(step, 'add_prefix_space', true));
      return put(KINDS.byteLevel, prefix, bits(flag(step, 'use_regex', true), spelled));
    }
    case 'Punctuation':
      return put(KINDS.punctuation, oneOf(step, 'behavior', BEHAVIORS, 'Isolated'));
    case 'Metaspace':
      return writeMetaspace(step, put);
    case 'Split':
      return writeSplit(step, put);
    case 'CharDelimiterSplit':
      return put(KINDS.delimiter, character(text(step, 'delimiter'), 'the delimiter of CharDelimiterSplit'));
    case 'FixedLength':
      return put(KINDS.fixedLength, whole(step, 'length', 5) || bad('FixedLength of 0'));
    case 'UnicodeScripts':
      if (!out.tables.scripts) throw new Error('the table of scripts was not loaded');
      return put(KINDS.scripts, 0, 0, out.tables.scripts);
    default:
      return notCovered(`the pre-tokenizer ${step.type}`);
  }
}

/** @param {string} value @param {string} name @returns {number} its code point */
function character(value, name) {
  if ([...value].length !== 1) bad(`${name} must be one character, got ${JSON.stringify(value.slice(0, 40))}`);
  return /** @type {number} */ (value.codePointAt(0));
}

/** @typedef {(kind: number, a: number, b: number, text: string) => void} Put */

/** @param {import('./fields.js').Step} step @param {Put} put */
function writeMetaspace(step, put) {
  const scheme = oneOf(step, 'prepend_scheme', SCHEMES, flag(step, 'add_prefix_space', true) ? 'always' : 'never');
  const replacement = text(step, 'replacement');
  character(replacement, 'Metaspace.replacement');
  put(KINDS.metaspace, scheme, Number(flag(step, 'split', true)), replacement);
}

/** @param {import('./fields.js').Step} step @param {Put} put */
function writeSplit(step, put) {
  const { literal, pattern } = patternOf(step);
  const behavior = oneOf(step, 'behavior', BEHAVIORS);
  put(KINDS.pattern, bits(flag(step, 'invert', false), literal), behavior, pattern);
}

/**
 * Refuses what no step shows by itself.
 * @param {import('./fields.js').Step[]} steps
 */
export function checkPreTokenizers(steps) {
  // The reference then asks where in the original text each piece began, of which a space that was put there knows nothing.
  const prefix = steps.findIndex((step) => step.type === 'ByteLevel' && flag(step, 'add_prefix_space', true));
  const first = steps.findIndex(
    (step, i) => i > prefix && step.type === 'Metaspace' && step.prepend_scheme === 'first',
  );
  if (prefix >= 0 && first >= 0) notCovered("Metaspace of the scheme 'first' after ByteLevel with add_prefix_space");
}
