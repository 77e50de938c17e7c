/** What transformers' classes for SentencePiece models are made of: tokens by role, normalizers, pre-tokenizers, templates. */
import { template } from './special_tokens.js';

/** @typedef {import('./sentencepiece_layout.js').Layout} Layout */
/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./sentencepiece_classes.js').SentencePieceClass} SentencePieceClass */
/** @typedef {import('./sentencepiece_classes.js').Token} Token */

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

/** [CLS] A [SEP] B [SEP], as BERT. @type {SentencePieceClass['around']} */
export const asBert = (role) => template(role('cls_token'), role('sep_token'));

/** The vocabulary of a class that leaves the pieces as they are. @returns {Layout} */
export const asTheyAre = () => ({});

/** fairseq's first ids. @param {(name: string) => string} role @returns {Scored[]} */
export const fairseq = (role) => ['bos_token', 'pad_token', 'eos_token', 'unk_token'].map((name) => [role(name), 0]);

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
