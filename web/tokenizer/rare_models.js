/** The models that a static model seldom has, for `Tokenizer::read_model` (cpp/text/tokenizer_build.cc). */
import { allocated } from '../core/arguments.js';
import { shown } from '../core/errors.js';
import { NO_ID, bad, bits, flag, idOf, listOf, notCovered, text } from './fields.js';
import { SAME_RANK } from './merge_ranks.js';
import { KINDS, unknownId, writeVocab } from './models.js';

/** @typedef {import('./fields.js').Fields} Fields */
/** @typedef {import('./models.js').ModelVocabulary} ModelVocabulary */
/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

/**
 * @param {SpecWriter} out
 * @param {Fields} model
 * @param {ModelVocabulary} vocabulary
 * @param {boolean} byteLevel
 * @param {import('./vocab_json.js').VocabSection} [section] with its merges; or `raw`: there are none, and any two tokens
 *   that make a third are one, as in tiktoken
 */
export function writeBpe(out, model, vocabulary, byteLevel, section) {
  out.needsTextModule = true;
  const ranks = section?.raw === true;
  const fallback = flag(model, 'byte_fallback', false);
  const unk = unknownId(model, vocabulary);
  if (unk === NO_ID && typeof model.unk_token === 'string' && !byteLevel && !(fallback && hasBytes(vocabulary))) {
    notCovered(`an unk_token that the vocabulary lacks, ${shown(model.unk_token)},`);
  }
  out.u32(KINDS.bpe, unk);
  out.u32(bits(fallback, flag(model, 'fuse_unk', false), flag(model, 'ignore_merges', false), ranks));
  const prefix = text(model, 'continuing_subword_prefix', '');
  out.text(prefix);
  out.text(text(model, 'end_of_word_suffix', ''));
  if (section?.merges) return writeMerged(out, section.merges);
  const merges = ranks ? [] : listOf(model.merges, 'model.merges');
  writeMerged(out, new Uint8Array(mergedIds(merges, vocabulary, prefix.length).buffer));
}

/** @param {SpecWriter} out @param {Uint8Array} words three a merge */
function writeMerged(out, words) {
  out.u32(words.length / 12);
  out.raw(words);
}

/** @param {ModelVocabulary} vocabulary @returns {boolean} whether every byte has a token like <0x0A> */
function hasBytes(vocabulary) {
  const name = (/** @type {number} */ byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  for (let byte = 0; byte < 256; byte++) if (vocabulary.idOf(name(byte)) === undefined) return false;
  return true;
}

/**
 * Left, right and merged id of each merge.
 * @param {unknown[]} merges
 * @param {ModelVocabulary} vocabulary
 * @param {number} skip the length of the prefix that the right part leaves behind
 */
function mergedIds(merges, vocabulary, skip) {
  const words = allocated(3 * merges.length, () => new Uint32Array(3 * merges.length));
  for (let i = 0; i < merges.length; i++) {
    const [left, right, rank] = pairOf(merges[i], i);
    for (const [k, token] of [left, right, left + right.slice(skip)].entries()) {
      const id = vocabulary.idOf(token);
      if (id === undefined) bad(`merge ${i} names a token that is not in the vocabulary: ${shown(token)}`);
      words[3 * i + k] = /** @type {number} */ (id);
    }
    if (rank === SAME_RANK) words[3 * i + 2] |= 2 ** 31;
  }
  return words;
}

/** @param {unknown} merge @param {number} i @returns {[string, string, unknown?]} */
function pairOf(merge, i) {
  const pair = typeof merge === 'string' ? merge.split(' ') : merge;
  const [left, right, rank, ...more] = Array.isArray(pair) ? pair : [];
  const whole = (Array.isArray(pair) && pair.length === 2) || (rank === SAME_RANK && more.length === 0);
  if (!whole || typeof left !== 'string' || typeof right !== 'string') {
    return bad(`merge ${i} is no pair of tokens: ${shown(merge)}`);
  }
  return [left, right, rank];
}

/**
 * @param {SpecWriter} out
 * @param {Fields} model
 * @param {import('./vocab_json.js').VocabSection} [section]
 * @returns {ModelVocabulary}
 */
export function writeUnigram(out, model, section) {
  const listed = section ? undefined : piecesOf(model);
  const vocabulary = section ?? /** @type {NonNullable<typeof listed>} */ (listed);
  const { size, scores = [] } = vocabulary;
  const unk = model.unk_id === undefined || model.unk_id === null ? NO_ID : idOf(model.unk_id, 'unk_id');
  if (unk !== NO_ID && unk >= size) bad(`unk_id is ${unk}, the vocabulary has ${size}`);
  section?.write(out);
  if (listed) writeVocab(out, listed.pieces, null);
  const own = model.scores === undefined ? undefined : ownScores(model.scores, size);
  out.u32(KINDS.unigram, unk, bits(flag(model, 'byte_fallback', false), own !== undefined), size);
  for (let id = 0; id < size; id++) out.f64((own ?? scores)[id]);
  if (own) out.f64(own[size]);
  return vocabulary;
}

/**
 * Scores by SentencePiece's own rules, as `ownScores` (files/sentencepiece_rules.js) has them.
 * @param {unknown} given
 * @param {number} size pieces
 * @returns {number[]}
 */
function ownScores(given, size) {
  const scores = listOf(given, 'model.scores');
  if (scores.length !== size + 1) {
    bad(
      `model.scores must have ${size + 1}: one for each piece and one for the unknown piece; it has ${scores.length}`,
    );
  }
  // null stands for a piece that is not found in texts.
  const wrong = scores.findIndex((score, i) => !Number.isFinite(score) && (score !== null || i === size));
  if (wrong >= 0) bad(`model.scores[${wrong}] must be a number, got ${shown(scores[wrong])}`);
  return scores.map((score) => (score === null ? NaN : Number(score)));
}

/** @param {Fields} model */
function piecesOf(model) {
  const vocab = listOf(model.vocab, 'the vocabulary of Unigram');
  if (vocab.length === 0) notCovered('an empty vocabulary');
  /** @type {Map<string, number>} */
  const ids = new Map();
  const scores = vocab.map((entry, id) => {
    const [piece, score] = Array.isArray(entry) ? entry : [];
    if (typeof piece !== 'string' || !Number.isFinite(score)) {
      return bad(`entry ${id} of the vocabulary is no [piece, score]: ${shown(entry)}`);
    }
    ids.set(piece, id);
    return /** @type {number} */ (score);
  });
  if (ids.size !== vocab.length) notCovered('a Unigram vocabulary with a piece twice');
  return { pieces: [...ids.keys()], scores, size: ids.size, idOf: (/** @type {string} */ token) => ids.get(token) };
}
