/** The model of a tokenizer.json, for `Tokenizer::read_vocab` and `Tokenizer::read_model` (cpp/text/tokenizer_build.cc). */
import { isArray, shown } from '../core/errors.js';
import { NO_ID, bad, isFields, isId, listOf, notCovered, text, whole } from './fields.js';

/** @typedef {import('./fields.js').Fields} Fields */
/** @typedef {import('./spec_writer.js').SpecWriter} SpecWriter */

export const KINDS = { wordPiece: 0, bpe: 1, unigram: 2, wordLevel: 3 };

/**
 * What is asked of a model's vocabulary after it was written.
 * @typedef {object} ModelVocabulary
 * @property {number} size tokens
 * @property {(token: string) => number | undefined} idOf
 */

/** @param {Fields} model files of older versions have no type @returns {string} */
export function modelType(model) {
  if (typeof model.type === 'string') return model.type;
  if (Array.isArray(model.vocab)) return 'Unigram';
  return model.merges ? 'BPE' : 'WordPiece';
}

/**
 * @param {SpecWriter} out
 * @param {Fields} model
 * @param {import('./vocab_json.js').VocabSection} [section] the vocabulary, which `model` then lacks
 * @param {boolean} [byteLevel]
 * @returns {ModelVocabulary}
 */
export function writeModel(out, model, section, byteLevel = false) {
  const type = modelType(model);
  if (type === 'Unigram') return out.rare.writeUnigram(out, model, section);
  if (!['WordPiece', 'WordLevel', 'BPE'].includes(type)) notCovered(`the model ${type}`);
  section?.write(out);
  const vocabulary = section ?? writeTokens(out, model, type);
  if (type === 'WordPiece') writeWordPiece(out, model, vocabulary);
  else if (type === 'WordLevel') out.u32(KINDS.wordLevel, unknownId(model, vocabulary));
  else out.rare.writeBpe(out, model, vocabulary, byteLevel, section);
  return vocabulary;
}

/** @param {SpecWriter} out @param {Fields} model @param {string} type @returns {ModelVocabulary} */
function writeTokens(out, model, type) {
  if (!isFields(model.vocab)) return bad(`the vocabulary of ${type} must be an object`);
  const vocab = model.vocab;
  const tokens = Object.keys(vocab);
  if (tokens.length === 0) notCovered('an empty vocabulary');
  const ids = tokens.map((token) => vocab[token]);
  const wrong = ids.findIndex((id) => !isId(id));
  if (wrong >= 0) bad(`token ${JSON.stringify(tokens[wrong])} has the id ${shown(ids[wrong])}`);
  writeVocab(out, tokens, /** @type {number[]} */ (ids));
  return {
    size: tokens.length,
    idOf: (token) => (Object.hasOwn(vocab, token) ? /** @type {number} */ (vocab[token]) : undefined),
  };
}

/** @param {SpecWriter} out @param {string[]} tokens @param {number[] | null} ids null: their indices */
export function writeVocab(out, tokens, ids) {
  out.u32(tokens.length, Number(ids !== null));
  const ends = out.at;
  out.words(new Uint32Array(tokens.length + 1));
  if (ids) out.words(ids);
  const from = out.at;
  out.u32(0);
  for (let i = 0; i < tokens.length; i++) {
    out.utf8(tokens[i]);
    out.view.setUint32(ends + 4 * (i + 1), out.at - from - 4, true);
  }
  out.view.setUint32(from, out.at - from - 4, true);
  out.reserve(4);
  out.pad();
}

/** @param {Fields} model @param {ModelVocabulary} vocabulary @returns {number} NO_ID where it has none */
export function unknownId(model, vocabulary) {
  if (model.unk_token === undefined || model.unk_token === null) return NO_ID;
  return vocabulary.idOf(text(model, 'unk_token')) ?? NO_ID;
}

/** @param {SpecWriter} out @param {Fields} model @param {ModelVocabulary} vocabulary */
function writeWordPiece(out, model, vocabulary) {
  const unk = vocabulary.idOf(text(model, 'unk_token', '[UNK]'));
  if (unk === undefined) bad(`model.unk_token ${shown(model.unk_token)} is not in the vocabulary`);
  out.u32(KINDS.wordPiece, unk);
  out.text(text(model, 'continuing_subword_prefix', '##'));
  out.u32(whole(model, 'max_input_chars_per_word', 100));
}

/** @param {unknown} json a parsed tokenizer.json @param {import('./vocab_json.js').VocabSection} [section] of its vocabulary @returns {{ json: Fields, model: Fields, added: unknown[] }} */
export function checkModel(json, section) {
  // Copies: an object of the caller's may give something else when it is read again.
  const fields = isFields(json) ? { ...json } : bad('no object');
  const model = isFields(fields.model) ? copyOf(fields.model, section?.apart) : bad('no model');
  if (!section && !isFields(model.vocab) && !isArray(model.vocab)) bad('no model.vocab');
  const added = fields.added_tokens ?? [];
  return { json: fields, model, added: listOf(added, 'added_tokens') };
}

/**
 * @param {Fields} model
 * @param {boolean} [apart] what it makes when it is asked for its vocabulary takes seconds
 * @returns {Fields}
 */
function copyOf(model, apart) {
  if (!apart) return { ...model };
  const names = Object.keys(model).filter((name) => name !== 'vocab' && name !== 'merges');
  return Object.fromEntries(names.map((name) => [name, model[name]]));
}
