/** The decoders that a static model seldom has, for `Decoder::build` (cpp/text/decoder.cc). */
import { flag, notCovered, oneOf, patternOf, text, whole } from './fields.js';

/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

const KINDS = {
  byteLevel: 1,
  metaspace: 2,
  byteFallback: 3,
  fuse: 4,
  strip: 5,
  replace: 6,
  bpe: 7,
  ctc: 8,
};

/** @param {SpecWriter} out @param {import('./fields.js').Step} step */
export function writeRareDecoder(out, step) {
  const put = (/** @type {number} */ kind, a = 0, b = 0, from = '', to = '') => {
    if (kind === KINDS.byteLevel || kind === KINDS.ctc) out.needsTextModule = true;
    out.u32(kind, a, b);
    out.text(from);
    out.text(to);
  };
  switch (step.type) {
    case 'ByteLevel':
      return put(KINDS.byteLevel);
    case 'ByteFallback':
      return put(KINDS.byteFallback);
    case 'Fuse':
      return put(KINDS.fuse);
    case 'BPEDecoder':
      return put(KINDS.bpe, 0, 0, text(step, 'suffix', '</w>'));
    case 'Metaspace': {
      const fallback = flag(step, 'add_prefix_space', true) ? 'always' : 'never';
      const scheme = oneOf(step, 'prepend_scheme', ['always', 'first', 'never'], fallback);
      return put(KINDS.metaspace, Number(scheme !== 2), 0, text(step, 'replacement'));
    }
    case 'Strip':
      return put(KINDS.strip, whole(step, 'start', 0), whole(step, 'stop', 0), text(step, 'content'));
    case 'Replace':
      return put(KINDS.replace, 0, 0, literal(step), text(step, 'content'));
    case 'CTC': {
      const [pad, delimiter] = [text(step, 'pad_token', '<pad>'), text(step, 'word_delimiter_token', '|')];
      if (pad === '') return notCovered('CTC without a pad_token');
      return put(KINDS.ctc, Number(flag(step, 'cleanup', true)), 0, pad, delimiter);
    }
    default:
      return notCovered(`the decoder ${step.type}`);
  }
}

/** @param {import('./fields.js').Step} step */
function literal(step) {
  const { literal: isLiteral, pattern } = patternOf(step);
  return isLiteral ? pattern : notCovered(`a decoder that replaces by the pattern ${JSON.stringify(pattern)}`);
}
