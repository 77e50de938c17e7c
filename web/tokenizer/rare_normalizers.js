/** The normalizers that a static model seldom has, for `Normalizer::build` (cpp/text/normalizer.cc). */
import { bad, bits, flag, listOf, notCovered, patternOf, text, textOf } from './fields.js';

/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

const KINDS = {
  form: 1,
  strip: 4,
  replace: 5,
  prepend: 6,
  replaceRun: 7,
  charsmap: 8,
  replacePattern: 9,
  spellBytes: 10,
  nmt: 11,
  pieces: 12,
};
const FORMS = ['NFD', 'NFKD', 'NFC', 'NFKC'];
/** Patterns of runs that have loops of their own in the core, and the flags they are written as. */
const RUNS = ['\\s+', ' {2,}', '(?<![\\s\\S]) +|[ ▁]+(?![\\s\\S])'];

/** @param {SpecWriter} out @param {import('./fields.js').Step} step */
export function writeRareNormalizer(out, step) {
  const put = (/** @type {number} */ kind, flags = 0, from = '', to = '') => {
    if (kind > KINDS.charsmap) out.needsTextModule = true;
    out.u32(kind, flags);
    out.text(from);
    out.text(to);
  };
  switch (step.type) {
    case 'NFKC':
    case 'NFKD':
      return writeCompatibilityForm(out, FORMS.indexOf(step.type));
    case 'Precompiled':
      return writeCharsmap(out, step);
    case 'Strip':
      return put(KINDS.strip, bits(flag(step, 'strip_left', true), flag(step, 'strip_right', true)));
    case 'Prepend':
      return put(KINDS.prepend, 0, '', text(step, 'prepend'));
    case 'Replace':
      return writeReplace(step, put);
    case 'ByteLevel':
      return put(KINDS.spellBytes);
    case 'Nmt':
      return put(KINDS.nmt);
    case 'SentencePiece':
      return writePieces(out, step);
    default:
      return notCovered(`the normalizer ${step.type}`);
  }
}

/**
 * @param {import('./fields.js').Step} step
 * @param {(kind: number, flags: number, from: string, to: string) => void} put
 */
function writeReplace(step, put) {
  const { literal, pattern } = patternOf(step);
  const content = text(step, 'content');
  const run = literal ? -1 : RUNS.indexOf(pattern);
  if (run >= 0 && (run < 2 || content === '')) return put(KINDS.replaceRun, run, '', content);
  return put(literal ? KINDS.replace : KINDS.replacePattern, 0, pattern, content);
}

/** @param {SpecWriter} out @param {number} form */
function writeCompatibilityForm(out, form) {
  const { compatibility } = out.tables;
  if (!compatibility) throw new Error('the table of compatibility decompositions was not loaded');
  out.u32(KINDS.form, form);
  out.sized(compatibility);
  out.text('');
}

/** @param {SpecWriter} out @param {import('./fields.js').Step} step SentencePiece's map of characters to texts */
function writeCharsmap(out, step) {
  const { graphemes } = out.tables;
  if (!graphemes) throw new Error('the table of graphemes was not loaded');
  out.u32(KINDS.charsmap, graphemes.joins);
  out.sized(fromBase64(text(step, 'precompiled_charsmap')));
  out.sized(graphemes.ranges);
}

/**
 * What SentencePiece itself does to a text, for `PieceNormalizer` (cpp/text/piece_normalizer.h). Other libraries refuse a
 * tokenizer.json that has this.
 * @param {SpecWriter} out
 * @param {import('./fields.js').Step} step
 */
function writePieces(out, step) {
  out.needsTextModule = true;
  const of = (/** @type {string} */ name) => flag(step, name, false);
  out.u32(KINDS.pieces, bits(of('trims'), of('adds_space'), of('space_last'), of('escapes')));
  out.sized(fromBase64(text(step, 'charsmap', '')));
  const pieces = listOf(step.pieces, 'pieces').map((piece) => `${textOf(piece, 'a piece')}\0`);
  out.text(pieces.join(''));
}

/** @param {string} encoded @returns {Uint8Array} */
function fromBase64(encoded) {
  try {
    return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    return bad('precompiled_charsmap is not base64');
  }
}
