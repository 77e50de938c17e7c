/** What transformers' classes for SentencePiece models are made of: tokens by role, normalizers, pre-tokenizers, templates. */
import { WembedError } from '../../core/errors.js';
import { show, template } from './special_tokens.js';

/** @typedef {import('./sentencepiece_layout.js').Layout} Layout */
/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./sentencepiece_classes.js').SentencePieceClass} SentencePieceClass */
/** @typedef {import('./sentencepiece_classes.js').Token} Token */
/** @typedef {import('./class_tokens.js').ClassTokens} ClassTokens */

export const ANGLE = {
  ...{ bos_token: '<s>', eos_token: '</s>', sep_token: '</s>', cls_token: '<s>', unk_token: '<unk>' },
  ...{ pad_token: '<pad>', mask_token: '<mask>' },
};
export const SQUARE = {
  ...{ bos_token: '[CLS]', eos_token: '[SEP]', sep_token: '[SEP]', cls_token: '[CLS]', unk_token: '[UNK]' },
  ...{ pad_token: '[PAD]', mask_token: '[MASK]' },
};

export const replace = (/** @type {object} */ pattern, /** @type {string} */ content) => ({
  ...{ type: 'Replace', pattern, content },
});
export const QUOTES = [replace({ String: '``' }, '"'), replace({ String: "''" }, '"')];
export const ONE_SPACE = replace({ Regex: ' {2,}' }, ' ');
/**
 * What SentencePiece calls extra: spaces at a text's ends, at its last also spelled ▁, and after another one. Written so
 * that it means the same in JavaScript and in Oniguruma, whose ^ and $ are lines'.
 */
export const NO_EXTRA_SPACES = [replace({ Regex: '(?<![\\s\\S]) +|[ ▁]+(?![\\s\\S])' }, ''), ONE_SPACE];
export const NO_ACCENTS = [{ type: 'NFKD' }, { type: 'StripAccents' }];
export const LOWERCASE = { type: 'Lowercase' };

export const METASPACE = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
export const spaces = () => METASPACE;
/** Split at white space before SentencePiece's own spaces are put. */
export const words = () => ({ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, METASPACE] });

/** @param {ClassTokens} tokens @param {'never' | 'first'} otherwise where no space is put before every word */
export const prefixed = (tokens, otherwise = 'never') => ({
  ...METASPACE,
  prepend_scheme: tokens.flag('add_prefix_space', true) ? 'always' : otherwise,
});
/** @param {ClassTokens} tokens */
export const prefixedWords = (tokens) => ({
  ...{ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, prefixed(tokens)] },
});

/** What add_bos_token and add_eos_token ask for. @type {SentencePieceClass['around']} */
export const asAsked = (role, tokens, _find, _idOf, begins = false) => {
  const asked = (/** @type {string} */ name, otherwise = false) =>
    tokens.flag(`add_${name}`, otherwise) && tokens.content(name) !== undefined ? role(name) : undefined;
  return template(asked('bos_token', begins), asked('eos_token'), { between: 'after before' });
};

/** @param {ClassTokens} tokens @param {string} otherwise @returns {string} the language of texts */
export function languageOf(tokens, otherwise) {
  const language = tokens.setting('src_lang') ?? otherwise;
  if (typeof language === 'string') return language;
  throw new WembedError('bad_file', `tokenizer_config.json: src_lang is ${show(language)}`);
}

/** [CLS] A [SEP] B [SEP], as BERT. @type {SentencePieceClass['around']} */
export const asBert = (role) => template(role('cls_token'), role('sep_token'));

/**
 * As BERT; where either setting is there, be it false, as it asks. Both of BERT's tokens must be pieces.
 * @type {SentencePieceClass['around']}
 */
export function asAlbert(role, tokens, find, idOf) {
  for (const name of ['cls_token', 'sep_token']) {
    if (idOf(tokens.piece(name)) !== undefined) continue;
    const what = `the ${name} ${show(tokens.piece(name))} is no piece of tokenizer.model`;
    throw new WembedError('bad_file', `the tokenizer's settings: ${what}`);
  }
  const asked = ['add_bos_token', 'add_eos_token'].some((name) => tokens.setting(name) !== undefined);
  return (asked ? asAsked : asBert)(role, tokens, find, idOf);
}

/** @param {boolean} prefix whether the text was given a space at its beginning */
export const byteDecoder = (prefix) => ({
  type: 'Sequence',
  decoders: [
    ...[replace({ String: '▁' }, ' '), { type: 'ByteFallback' }, { type: 'Fuse' }],
    ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ],
});

/** The vocabulary of a class that leaves the pieces as they are. @returns {Layout} */
export const asTheyAre = () => ({});

/**
 * fairseq's first ids.
 * @param {ClassTokens} tokens
 * @param {string} [first] the role of the first
 * @returns {Scored[]}
 */
export const fairseq = (tokens, first = 'bos_token') =>
  [first, 'pad_token', 'eos_token', 'unk_token'].map((name) => [tokens.piece(name), 0]);

export const special = (/** @type {Token} */ { content }, type = 0) => ({
  SpecialToken: { id: content, type_id: type },
});
export const text = (/** @type {'A' | 'B'} */ id, type = 0) => ({ Sequence: { id, type_id: type } });

/** @param {Token[]} around */
export const specialTokens = (...around) =>
  Object.fromEntries(around.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]));

/**
 * A template of a language, a text and its end.
 * @param {Token[]} before
 * @param {Token[]} after
 */
export const around = (before, after) => {
  const [first, last] = [before.map((token) => special(token)), after.map((token) => special(token))];
  return {
    type: 'TemplateProcessing',
    single: [...first, text('A'), ...last],
    pair: [...first, text('A'), text('B'), ...last],
    special_tokens: specialTokens(...before, ...after),
  };
};
