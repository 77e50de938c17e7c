/** The normalizers of a tokenizer.json, for `Normalizer::build` (cpp/text/normalizer.cc). */
import { bits, flag, stepsOf } from './fields.js';

/** @typedef {import('./fields.js').Fields & { type: string }} Step */
/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

/** Those of BERT and its kin: the core's code and flags. @type {Record<string, (step: Step) => [number, number]>} */
const COMMON = {
  BertNormalizer: (step) => [0, bertFlags(step)],
  NFD: () => [1, 0],
  NFC: () => [1, 2],
  Lowercase: () => [2, 0],
  StripAccents: () => [3, 0],
};

/** @param {unknown} part @returns {Step[]} */
export const normalizersOf = (part) => stepsOf(part, 'normalizers');

/** @param {SpecWriter} out @param {Step} step */
export function writeNormalizer(out, step) {
  if (!Object.hasOwn(COMMON, step.type)) return out.rare.writeRareNormalizer(out, step);
  out.u32(...COMMON[step.type](step));
  out.text('');
  out.text('');
}

/** @param {Step} step accents follow the case where nothing is said of them */
function bertFlags(step) {
  const lowercase = flag(step, 'lowercase', true);
  return bits(
    flag(step, 'clean_text', true),
    flag(step, 'handle_chinese_chars', true),
    flag(step, 'strip_accents', lowercase),
    lowercase,
  );
}
