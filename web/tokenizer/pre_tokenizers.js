/** The pre-tokenizers of a tokenizer.json, for `PreTokenizer::build` (cpp/text/pre_tokenizer.cc). */
import { stepsOf } from './fields.js';

/** @typedef {import('./fields.js').Fields & { type: string }} Step */
/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

/** Those of BERT and its kin. */
const COMMON = ['BertPreTokenizer', 'Whitespace'];

/** @param {unknown} part @returns {Step[]} */
export const preTokenizersOf = (part) => stepsOf(part, 'pretokenizers');

/**
 * @param {SpecWriter} out
 * @param {Step} step
 * @param {boolean} spelled text leaves ByteLevel as the characters that bytes are spelled with, not as bytes
 */
export function writePreTokenizer(out, step, spelled) {
  const kind = COMMON.indexOf(step.type);
  if (kind < 0) return out.rare.writeRarePreTokenizer(out, step, spelled);
  out.u32(kind, 0, 0);
  out.text('');
}
