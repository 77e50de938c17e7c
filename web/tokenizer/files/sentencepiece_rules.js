/** SentencePiece's own rules, by which a model without a class is read: what it does to a text, and what its scores mean. */
import { NO_EXTRA_SPACES } from './sentencepiece_steps.js';

/** @typedef {import('./sentencepiece.js').SentencePieceModel} SentencePieceModel */

/** SentencePiece.Type */
const [NORMAL, USER_DEFINED] = [1, 4];
const UNIGRAM = 1;

/** @param {Pick<SentencePieceModel, 'charsmap'>} model @returns {object[]} */
export const charsmapSteps = ({ charsmap }) =>
  charsmap.length ? [{ type: 'Precompiled', precompiled_charsmap: base64(charsmap) }] : [];

/** @param {Uint8Array} bytes */
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/**
 * Where BPE has neither a map of characters nor a user-defined piece, steps that every tokenizer has do the same. Unigram
 * sums its scores in another way than other libraries: they are to refuse it.
 * @param {SentencePieceModel} model
 */
export function normalizerOf(model) {
  const { charsmap, dummyPrefix, removeExtraWhitespaces, whitespaceAsSuffix, escapeWhitespaces, modelType } = model;
  const pieces = userDefined(model);
  if (modelType === UNIGRAM || charsmap.length || pieces.length || whitespaceAsSuffix || !escapeWhitespaces) {
    return {
      ...{ type: 'SentencePiece', charsmap: base64(charsmap), pieces, trims: removeExtraWhitespaces },
      ...{ adds_space: dummyPrefix, space_last: whitespaceAsSuffix, escapes: escapeWhitespaces },
    };
  }
  const steps = [];
  if (removeExtraWhitespaces) steps.push(...NO_EXTRA_SPACES);
  if (dummyPrefix) steps.push({ type: 'Prepend', prepend: '▁' });
  steps.push({ type: 'Replace', pattern: { String: ' ' }, content: '▁' });
  return { type: 'Sequence', normalizers: steps };
}

/** @param {SentencePieceModel} model */
function userDefined({ types, count, pieceOf }) {
  const pieces = [];
  for (let id = 0; id < count; id++) if (types[id] === USER_DEFINED) pieces.push(pieceOf(id));
  return pieces;
}

/** @param {SentencePieceModel} model */
export function decoderOf({ dummyPrefix, removeExtraWhitespaces, escapeWhitespaces, byteFallback }) {
  const begins = escapeWhitespaces && (dummyPrefix || removeExtraWhitespaces);
  const decoders = [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    ...(byteFallback ? [{ type: 'ByteFallback' }] : []),
    { type: 'Fuse' },
    ...(begins ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  return { type: 'Sequence', decoders };
}

/** A float's. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * Each piece's score in Unigram, null where it is not found in text, and last that of an unknown character: ten less than
 * the least of normal pieces. A user-defined piece has a tenth for each byte but one, whatever the file says.
 * @param {SentencePieceModel} model
 * @returns {(number | null)[]}
 */
export function ownScores({ types, scores, count, pieceOf }) {
  let least = LARGEST;
  for (let id = 0; id < count; id++) if (types[id] === NORMAL) least = Math.min(least, scores[id]);
  /** @type {(number | null)[]} */
  const own = new Array(count + 1).fill(null);
  for (let id = 0; id < count; id++) {
    if (types[id] === NORMAL) own[id] = scores[id];
    if (types[id] !== USER_DEFINED) continue;
    const { length } = new TextEncoder().encode(pieceOf(id));
    own[id] = Math.fround(length * 0.1 - 0.1);
  }
  own[count] = Math.fround(least - 10);
  return own;
}
