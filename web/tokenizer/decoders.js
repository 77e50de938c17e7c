/** The decoders of a tokenizer.json, for `Decoder::build` (cpp/text/decoder.cc). */
import { flag, stepsOf, text } from './fields.js';

/** @typedef {import('./fields.js').Fields & { type: string }} Step */
/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

const WORD_PIECE = 0;

/** @param {unknown} part @returns {Step[]} */
export const decodersOf = (part) => stepsOf(part, 'decoders');

/** @param {SpecWriter} out @param {Step} step */
export function writeDecoder(out, step) {
  if (step.type !== 'WordPiece') return out.rare.writeRareDecoder(out, step);
  out.u32(WORD_PIECE, Number(flag(step, 'cleanup', true)), 0);
  out.text(text(step, 'prefix', '##'));
  out.text('');
}
