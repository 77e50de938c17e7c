/** More of transformers' classes for SentencePiece models: of summaries, translation and long texts. (transformers 5.24) */
import { WembedError } from '../../core/errors.js';
import {
  ANGLE,
  LOWERCASE,
  NO_ACCENTS,
  ONE_SPACE,
  QUOTES,
  SQUARE,
  around,
  asAsked,
  asBert,
  asTheyAre,
  fairseq,
  languageOf,
  prefixed,
  replace,
  spaces,
  words,
} from './sentencepiece_steps.js';
import { show } from './special_tokens.js';

/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./sentencepiece_classes.js').SentencePieceClass} SentencePieceClass */
/** @typedef {import('./class_tokens.js').ClassTokens} ClassTokens */

const LANGUAGES_25 = (
  'ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM ne_NP nl_XX ' +
  'ro_RO ru_RU si_LK tr_TR vi_VN zh_CN'
).split(' ');
const LANGUAGES_52 = [
  ...LANGUAGES_25,
  ...(
    'af_ZA az_AZ bn_IN fa_IR he_IL hr_HR id_ID ka_GE km_KH mk_MK ml_IN mn_MN mr_IN pl_PL ps_AF pt_XX sv_SE sw_KE ' +
    'ta_IN te_IN th_TH tl_XX uk_UA ur_PK xh_ZA gl_ES sl_SI'
  ).split(' '),
];

/** @param {string[]} contents @param {number} [score] @returns {Scored[]} */
const scored = (contents, score = 0) => contents.map((content) => [content, score]);

/**
 * @param {string[]} languages
 * @param {string} [first] the role of the first piece
 * @returns {SentencePieceClass['vocab']}
 */
const withLanguages = (languages, first) => (tokens) => ({
  first: fairseq(tokens, first),
  skip: 3,
  last: scored([...languages, tokens.piece('mask_token')]),
});

/** Pegasus's masks and <unk_2> to <unk_102>, which come between the model's first two pieces and its others. @param {ClassTokens} tokens */
function pegasusTokens(tokens) {
  const offset = tokens.count('offset', 2, 103);
  const sentence = tokens.setting('mask_token_sent') === undefined ? '<mask_1>' : tokens.setting('mask_token_sent');
  const word = tokens.content('mask_token');
  if (String(sentence) !== '<mask_1>' || word !== '<mask_2>') {
    const what = `Pegasus's mask tokens ${show(word ?? null)} and, of sentences, ${show(sentence)} instead of <mask_2> and <mask_1>`;
    throw new WembedError(
      'unsupported',
      `tokenizer_config.json: ${what}: versions of transformers give them other ids`,
    );
  }
  const unknown = Array.from({ length: offset - 2 }, (_, i) => `<unk_${i + 2}>`);
  return { sentence: /** @type {import('./class_tokens.js').TokenOrText} */ (sentence), unknown };
}

/** mBART-50 has no token of the role, unless its files name one. */
const WITHOUT_BOS = Object.fromEntries(Object.entries(ANGLE).filter(([role]) => role !== 'bos_token'));
/** White space before the mask token is taken. */
const MASK = { mask_token: { lstrip: true } };

/** @type {Record<string, SentencePieceClass>} */
export const FURTHER_CLASSES = {
  mbart: {
    ...{ roles: ANGLE, marks: MASK, pre: words, unknownId: () => 3 },
    ...{ further: (_, own) => [...LANGUAGES_25, ...own], vocab: withLanguages(LANGUAGES_25) },
    normalizers: () => [],
    around: (role, tokens, find) => around([], [role('eos_token'), find(languageOf(tokens, 'en_XX'))]),
  },
  mbart50: {
    ...{ roles: WITHOUT_BOS, marks: MASK, pre: spaces, unknownId: () => 3 },
    ...{ further: (_, own) => [...own, ...LANGUAGES_52], vocab: withLanguages(LANGUAGES_52, 'cls_token') },
    normalizers: (charsmap) => [...charsmap, ONE_SPACE],
    around: (role, tokens, find) => {
      const language = languageOf(tokens, 'en_XX');
      if (LANGUAGES_52.includes(language)) return around([find(language)], [role('eos_token')]);
      throw new WembedError('bad_file', `tokenizer_config.json: src_lang ${show(language)} is none of mBART-50's`);
    },
  },
  pegasus: {
    roles: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>', mask_token: '<mask_2>' },
    pre: spaces,
    // The further special tokens: the model's own pieces do not count here.
    further: (tokens) => {
      const { sentence, unknown } = pegasusTokens(tokens);
      return [sentence, ...unknown];
    },
    vocab: (tokens) => {
      // In the order of Pegasus's published files; transformers 5 has the masks the other way round.
      const first = scored([tokens.piece('pad_token'), tokens.piece('eos_token'), '<mask_1>', '<mask_2>']);
      return { first: [...first, ...scored(pegasusTokens(tokens).unknown, -100)], skip: 2 };
    },
    unknownId: ({ unknown, idOf, scoreOf }) => {
      const id = idOf(unknown);
      if (id !== undefined && id > 0 && scoreOf(id) === 0) return id;
      throw new WembedError('bad_file', `tokenizer.model: no piece of score 0 is the unknown token ${show(unknown)}`);
    },
    normalizers: (charsmap) => [...(charsmap.length ? charsmap : [replace({ Regex: '\\n' }, ' ')]), ONE_SPACE],
    around: (role) => around([], [role('eos_token')]),
  },
  bigbird: {
    roles: { ...SQUARE, bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' },
    ...{ marks: MASK, pre: prefixed, decoder: prefixed, around: asBert, vocab: asTheyAre },
    unknownId: ({ unknown, idOf, scoreOf }) => {
      const id = idOf(unknown);
      return id !== undefined && scoreOf(id) === 0 ? id : 100;
    },
    normalizers: () => [{ type: 'Strip', strip_left: false, strip_right: false }, replace({ Regex: ' {2,}' }, '▁')],
  },
  rembert: {
    roles: { ...SQUARE, unk_token: '<unk>', pad_token: '<pad>' },
    ...{ addedAgain: true, pre: prefixed, decoder: prefixed, vocab: asTheyAre },
    unknownId: () => 2,
    normalizers: (charsmap, tokens) => [
      ...[...QUOTES, ONE_SPACE],
      ...(tokens.flag('keep_accents', true) ? [] : NO_ACCENTS),
      ...(tokens.flag('do_lower_case', false) ? [LOWERCASE] : []),
      ...charsmap,
    ],
    around: (role, tokens, ...rest) => {
      // transformers makes BERT's template first: there a missing token becomes the unknown one, so that one must exist.
      if (tokens.content('unk_token') === undefined) ['cls_token', 'sep_token'].forEach(role);
      return asAsked(role, tokens, ...rest);
    },
  },
};

/** As `NAMES` of sentencepiece_classes.js. */
export const FURTHER_NAMES = {
  ...{ mbart: 'mbart', mbart50: 'mbart50', pegasus: 'pegasus pegasus_x bigbird_pegasus' },
  ...{ bigbird: 'bigbird big_bird', rembert: 'rembert' },
};
