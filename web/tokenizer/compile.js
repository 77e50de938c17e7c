/**
 * tokenizer.json → the compact binary specification that the core's tokenizer is built from. What is broken is `bad_file`,
 * what is fine but not covered `unsupported`. The order is the one in which `Tokenizer::build`
 * (cpp/text/tokenizer_build.cc) reads.
 */
import { SPECIAL, addedTokensOf, writeAddedToken } from './added_tokens.js';
import { decodersOf, writeDecoder } from './decoders.js';
import { isArray } from '../core/errors.js';
import { bits, isFields } from './fields.js';
import { checkModel, modelType, writeModel } from './models.js';
import { normalizersOf, writeNormalizer } from './normalizers.js';
import { preTokenizersOf, writePreTokenizer } from './pre_tokenizers.js';
import { SpecWriter } from './spec_writer.js';
import { templateOf } from './templates.js';

/** @typedef {import('./fields.js').Fields} Fields */
/** @typedef {import('./spec_writer.js').Tables} Tables */
/** @typedef {import('./vocab_json.js').VocabSection} VocabSection */

const MAGIC = 0x314b5457; // "WTK1"

/**
 * @typedef {object} Compiled
 * @property {Uint8Array} spec for `Tokenizer::build`, which may still refuse a pattern as `unsupported`
 * @property {boolean} needsTextModule it has what the core leaves out (cpp/text/extent.h)
 * @property {[string, number][]} special the special tokens and their ids
 * @property {unknown} post the post-processors, for pairs of texts
 */

/**
 * @param {unknown} source a parsed tokenizer.json
 * @param {VocabSection} [section] of a vocabulary that `source` then lacks
 * @param {Tables} [tables] those that `neededTables` names
 * @returns {Compiled}
 */
export function compileTokenizer(source, section, tables) {
  const { json, model, added } = checkModel(source, section);
  const out = new SpecWriter(estimate(model, added, section), tables);
  const template = templateOf(json.post_processor);
  const preTokenizers = preTokenizersOf(json.pre_tokenizer);
  tables?.rare?.checkPreTokenizers(preTokenizers);
  const { byteLevel, spelled } = bytesOf(json, model, preTokenizers);
  out.u32(MAGIC, bits(byteLevel, template.trim, template.prefixSpace, section?.raw === true, spelled));
  out.list(normalizersOf(json.normalizer), writeNormalizer);
  out.list(preTokenizers, (to, step) => writePreTokenizer(to, step, spelled));
  const vocabulary = writeModel(out, model, section, byteLevel);
  const tokens = addedTokensOf(added, vocabulary, section?.raw);
  out.list(tokens, writeAddedToken);
  out.ids(template.before);
  out.ids(template.after);
  out.list(decodersOf(json.decoder), writeDecoder);
  /** @type {[string, number][]} */
  const special = tokens.filter(({ flags }) => flags & SPECIAL).map(({ content, id }) => [content, id]);
  return {
    spec: out.done(),
    needsTextModule: out.needsTextModule || byteLevel,
    special,
    post: json.post_processor ?? null,
  };
}

/** What a tokenizer of BERT's kin is made of. */
const COMMON = [
  ...['BertNormalizer', 'NFC', 'NFD', 'Lowercase', 'StripAccents', 'BertPreTokenizer', 'Whitespace'],
  ...['WordPiece', 'WordLevel'],
];

/**
 * @param {unknown} json a parsed tokenizer.json
 * @returns {{ compatibility: boolean, graphemes: boolean, scripts: boolean, rare: boolean }} which tables it needs
 */
export function neededTables(json) {
  const { normalizer, pre_tokenizer: split, decoder, model } = isFields(json) ? json : {};
  const steps = [...normalizersOf(normalizer), ...preTokenizersOf(split), ...decodersOf(decoder)];
  const types = [...steps.map(({ type }) => type), isFields(model) ? modelType(model) : 'WordPiece'];
  return {
    compatibility: types.includes('NFKC') || types.includes('NFKD'),
    graphemes: types.includes('Precompiled'),
    scripts: types.includes('UnicodeScripts'),
    rare: types.some((type) => !COMMON.includes(type)),
  };
}

/** Bytes. */
const MOST_GUESSED = 2 ** 27;

/** @param {Fields} model @param {unknown[]} added @param {VocabSection} [section] */
function estimate(model, added, section) {
  if (section) return 4096 + section.length + (section.merges?.length ?? 0) + 64 * added.length;
  const merges = isArray(model.merges) ? model.merges.length : 0;
  const guess = 1024 + 32 * (Object.keys(/** @type {object} */ (model.vocab)).length + merges + added.length);
  return Math.min(guess, MOST_GUESSED); // a Proxy may say any length
}

/**
 * Where ByteLevel comes last and BPE after it, text stays bytes, and the vocabulary becomes bytes, too: the fast way. In
 * other places text becomes the characters that bytes are spelled with, as in the reference.
 * @param {Fields} json
 * @param {Fields} model
 * @param {{ type: string }[]} preTokenizers
 * @returns {{ byteLevel: boolean, spelled: boolean }}
 */
function bytesOf(json, model, preTokenizers) {
  const at = preTokenizers.findIndex(({ type }) => type === 'ByteLevel');
  const normalizer = normalizersOf(json.normalizer).some(({ type }) => type === 'ByteLevel');
  const byteLevel = at >= 0 && at === preTokenizers.length - 1 && modelType(model) === 'BPE' && !normalizer;
  return { byteLevel, spelled: (at >= 0 || normalizer) && !byteLevel };
}
