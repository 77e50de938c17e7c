/** More of transformers' classes for SentencePiece models: of summaries, translation and long texts. (transformers 5.24) */
import { WembedError } from '../../core/errors.js';
import {
  ANGLE,
  LOWERCASE,
  METASPACE,
  NO_ACCENTS,
  ONE_SPACE,
  QUOTES,
  SQUARE,
  around,
  asBert,
  asTheyAre,
  fairseq,
  replace,
  spaces,
  words,
} from './sentencepiece_steps.js';
import { show } from './special_tokens.js';

/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./sentencepiece_classes.js').SentencePieceClass} SentencePieceClass */
/** @typedef {import('./special_tokens.js').SpecialTokens} SpecialTokens */

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

/** @param {string[]} languages @returns {SentencePieceClass['vocab']} */
const withLanguages = (languages) => (role) => ({
  first: fairseq(role),
  skip: 3,
  last: scored([...languages, role('mask_token')]),
});

/** @param {SpecialTokens} tokens */
const language = (tokens) => String(tokens.setting('src_lang') ?? 'en_XX');

/** @param {SpecialTokens} tokens */
const prefixed = (tokens) => ({
  ...METASPACE,
  prepend_scheme: tokens.flag('add_prefix_space', true) ? 'always' : 'never',
});

/** Pegasus's masks and <unk_2> to <unk_102>, which come between the model's first two pieces and its others. @param {SpecialTokens} tokens */
function pegasusTokens(tokens) {
  const offset = tokens.setting('offset') ?? 103;
  if (!Number.isInteger(offset) || offset < 2 || offset > 65536) {
    throw new WembedError('bad_file', `tokenizer_config.json: offset is ${show(offset)}`);
  }
  const sentence = tokens.setting('mask_token_sent') ?? '<mask_1>';
  return {
    masks: [String(sentence), tokens.content('mask_token') ?? '<mask_2>'],
    unknown: Array.from({ length: offset - 2 }, (_, i) => `<unk_${i + 2}>`),
  };
}

/** @type {Record<string, SentencePieceClass>} */
export const FURTHER_CLASSES = {
  mbart: {
    ...{ roles: ANGLE, leftStrip: ['mask_token'], pre: words },
    ...{ further: () => LANGUAGES_25, vocab: withLanguages(LANGUAGES_25) },
    normalizers: () => [],
    around: (role, tokens, find) => around([], [role('eos_token'), find(language(tokens))]),
  },
  mbart50: {
    ...{ roles: ANGLE, leftStrip: ['mask_token'], pre: spaces },
    ...{ further: () => LANGUAGES_52, vocab: withLanguages(LANGUAGES_52) },
    normalizers: (charsmap) => [...charsmap, ONE_SPACE],
    around: (role, tokens, find) => around([find(language(tokens))], [role('eos_token')]),
  },
  pegasus: {
    roles: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>', mask_token: '<mask_2>' },
    pre: spaces,
    further: (tokens) => {
      const { masks, unknown } = pegasusTokens(tokens);
      return [...masks, ...unknown];
    },
    vocab: (role, tokens) => {
      const { masks, unknown } = pegasusTokens(tokens);
      const first = scored([role('pad_token'), role('eos_token'), ...masks]);
      return { first: [...first, ...scored(unknown, -100)], skip: 2 };
    },
    normalizers: (charsmap) => [...(charsmap.length ? charsmap : [replace({ Regex: '\\n' }, ' ')]), ONE_SPACE],
    around: (role) => around([], [role('eos_token')]),
  },
  bigbird: {
    roles: { ...SQUARE, bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' },
    ...{ leftStrip: ['mask_token'], pre: prefixed, decoder: prefixed, around: asBert, vocab: asTheyAre },
    normalizers: () => [{ type: 'Strip', strip_left: false, strip_right: false }, replace({ Regex: ' {2,}' }, '▁')],
  },
  rembert: {
    roles: { ...SQUARE, unk_token: '<unk>', pad_token: '<pad>' },
    ...{ ownSpecial: true, pre: prefixed, decoder: prefixed, around: () => null, vocab: asTheyAre },
    unknownId: () => 2,
    normalizers: (charsmap, tokens) => [
      ...[...QUOTES, ONE_SPACE],
      ...(tokens.flag('keep_accents', true) ? [] : NO_ACCENTS),
      ...(tokens.flag('do_lower_case', false) ? [LOWERCASE] : []),
      ...charsmap,
    ],
  },
};

/** As `NAMES` of sentencepiece_classes.js. */
export const FURTHER_NAMES = {
  ...{ mbart: 'mbart', mbart50: 'mbart50', pegasus: 'pegasus pegasus_x bigbird_pegasus' },
  ...{ bigbird: 'bigbird big_bird', rembert: 'rembert' },
};
