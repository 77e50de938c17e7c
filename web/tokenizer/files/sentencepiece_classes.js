/**
 * transformers' classes that use a SentencePiece model in another way than SentencePiece itself: other ids, words split at
 * white space, normalizers of their own. (transformers 5.24, the class of each.)
 */
import { WembedError } from '../../core/errors.js';
import { ORDER, lazyModel } from './lazy_model.js';
import { laidOut } from './sentencepiece_layout.js';
import { FURTHER_CLASSES, FURTHER_NAMES } from './sentencepiece_further_classes.js';
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
  special,
  specialTokens,
  text,
  words,
} from './sentencepiece_steps.js';
import { SpecialTokens, show, template, tokenFinder } from './special_tokens.js';

/** @typedef {import('./sentencepiece.js').SentencePieceModel} SentencePieceModel */
/** @typedef {import('./sentencepiece_layout.js').Layout} Layout */
/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./special_tokens.js').AddedToken} AddedToken */

/**
 * @typedef {object} SentencePieceClass
 * @property {Record<string, string>} roles role → token
 * @property {boolean} [ownSpecial] whether the model's user-defined pieces are special tokens
 * @property {string[]} [leftStrip] roles whose token takes the white space before it
 * @property {boolean} [normalized] whether such a token is found in normalized text
 * @property {(role: (name: string) => string, tokens: SpecialTokens) => Layout} vocab
 * @property {(charsmap: object[], tokens: SpecialTokens) => object[]} normalizers `charsmap`: its step, if the model has one
 * @property {(tokens: SpecialTokens) => object} pre the pre-tokenizer
 * @property {(tokens: SpecialTokens) => object} [decoder] Metaspace unless said otherwise
 * @property {{ byteFallback: boolean, unknown: boolean }} [bpe] of a BPE model; else it is Unigram
 * @property {(tokens: SpecialTokens) => string[]} [further] special tokens that no file names
 * @property {(unknown: Token) => number} [unknownId] of a Unigram model, where it is not the unknown token's: the class
 *   has a number of its own, whatever token that is
 * @property {(role: (name: string) => Token, tokens: SpecialTokens, find: (content: string) => Token) => object | null} around
 */

/** @typedef {{ id: number, content: string }} Token */

/** @param {boolean} prefix whether the text was given a space at its beginning */
const byteDecoder = (prefix) => ({
  type: 'Sequence',
  decoders: [
    ...[replace({ String: '▁' }, ' '), { type: 'ByteFallback' }, { type: 'Fuse' }],
    ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ],
});

/** What add_bos_token and add_eos_token ask for. @type {SentencePieceClass['around']} */
const asAsked = (role, tokens) =>
  template(
    tokens.flag('add_bos_token', false) ? role('bos_token') : undefined,
    tokens.flag('add_eos_token', false) ? role('eos_token') : undefined,
    { between: 'after before' },
  );

/** <s> A </s> </s> B </s>, as RoBERTa. @type {SentencePieceClass['around']} */
const asRoberta = (role) => template(role('bos_token'), role('eos_token'), { between: 'after after', oneType: true });
/** @type {Record<string, SentencePieceClass>} */
const CLASSES = {
  ...FURTHER_CLASSES,
  'xlm-roberta': {
    ...{ roles: ANGLE, pre: words, around: asRoberta, normalizers: (charsmap) => charsmap },
    vocab: (role) => ({ first: fairseq(role), skip: 3, last: [[role('mask_token'), 0]] }),
  },
  camembert: {
    ...{ roles: ANGLE, leftStrip: ['mask_token'], pre: words, around: asRoberta },
    normalizers: (charsmap) => charsmap,
    vocab: (role) => ({
      first: [
        ['<s>NOTUSED', 0],
        [role('pad_token'), 0],
        ['</s>NOTUSED', 0],
        [role('unk_token'), 0],
        ['<unk>NOTUSED', -100],
      ],
      skip: 1,
      last: [[role('mask_token'), 0]],
    }),
  },
  albert: {
    ...{ roles: { ...SQUARE, unk_token: '<unk>', pad_token: '<pad>' }, pre: words, around: asBert },
    ...{ vocab: asTheyAre, unknownId: () => 1 },
    normalizers: (charsmap, tokens) => [
      ...QUOTES,
      ...(tokens.flag('keep_accents', false) ? [] : NO_ACCENTS),
      ...(tokens.flag('do_lower_case', true) ? [LOWERCASE] : []),
      ...charsmap,
    ],
  },
  'deberta-v2': {
    ...{ roles: SQUARE, pre: spaces, around: asBert, vocab: asTheyAre },
    normalizers: (_, tokens) => [
      ...(tokens.flag('do_lower_case', false) ? [LOWERCASE] : []),
      ...[replace({ Regex: '\\s{2,}|[\\n\\r\\t]' }, ' '), { type: 'NFC' }],
      { type: 'Strip', strip_left: false, strip_right: true },
    ],
  },
  xlnet: {
    roles: { ...ANGLE, sep_token: '<sep>', cls_token: '<cls>' },
    ...{ leftStrip: ['mask_token'], pre: words, vocab: asTheyAre },
    normalizers: (charsmap, tokens) => [
      ...[...QUOTES, ...NO_ACCENTS],
      ...(tokens.flag('do_lower_case', false) ? [LOWERCASE] : []),
      ...charsmap,
    ],
    around: (role) => xlnetTemplate(role('sep_token'), role('cls_token')),
  },
  t5: {
    ...{ roles: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }, pre: words },
    normalizers: (charsmap) => charsmap,
    further: sentinels,
    vocab: (_, tokens) => ({ last: sentinels(tokens).map((piece) => /** @type {Scored} */ ([piece, 0])) }),
    around: (role) => template(undefined, role('eos_token'), { oneType: true }),
    unknownId: () => 2,
  },
  llama: {
    roles: { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' },
    ...{
      bpe: { byteFallback: true, unknown: false },
      vocab: asTheyAre,
      around: asAsked,
      normalizers: () => [],
    },
    pre: (tokens) => {
      const scheme = tokens.flag('legacy', false) ? 'always' : 'first';
      return { ...METASPACE, prepend_scheme: tokens.flag('add_prefix_space', true) ? scheme : 'never', split: false };
    },
    decoder: (tokens) => byteDecoder(tokens.flag('add_prefix_space', true)),
  },
  gemma: {
    roles: {
      ...{ bos_token: '<bos>', eos_token: '<eos>', unk_token: '<unk>', pad_token: '<pad>', mask_token: '<mask>' },
    },
    ...{ bpe: { byteFallback: true, unknown: true }, vocab: asTheyAre, around: asAsked },
    normalizers: () => [replace({ String: ' ' }, '▁')],
    pre: () => ({ type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false }),
    decoder: () => byteDecoder(false),
  },
  nllb: {
    ...{ roles: ANGLE, leftStrip: ['mask_token'], normalized: true, pre: spaces },
    bpe: { byteFallback: false, unknown: true },
    normalizers: (charsmap) => (charsmap.length ? [...charsmap, ONE_SPACE] : []),
    vocab: (role) => ({ first: fairseq(role), once: true }),
    around: (role, tokens, find) => nllbTemplate(role('eos_token'), tokens, find),
  },
};

/** Tokenizer classes (without 'Tokenizer', 'Fast' and case) and model types, by class. */
const NAMES = {
  ...FURTHER_NAMES,
  'xlm-roberta': 'xlm-roberta xlmroberta xlm-roberta-xl xmod layoutxlm',
  camembert: 'camembert',
  albert: 'albert',
  'deberta-v2': 'deberta-v2 debertav2',
  xlnet: 'xlnet',
  t5: 't5 mt5 umt5',
  llama: 'llama mistral mixtral codellama',
  gemma: 'gemma gemma2 gemma3_text',
  nllb: 'nllb nllb-moe',
};

/** @type {Map<string, SentencePieceClass>} */
export const SENTENCEPIECE_CLASSES = new Map(
  Object.entries(NAMES).flatMap(([key, names]) => names.split(' ').map((name) => [name, CLASSES[key]])),
);

/**
 * @param {SentencePieceModel} model
 * @param {object[]} charsmap its step, if the model has one
 * @param {SentencePieceClass} kind
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @param {AddedToken[]} own the model's control and user-defined pieces
 * @returns {object} a tokenizer.json
 */
export function tokenizerOfClass(model, charsmap, kind, settings, own) {
  const tokens = new SpecialTokens(settings, kind.roles, { defaultsCount: true });
  const role = (/** @type {string} */ name) => tokens.content(name) ?? kind.roles[name];
  const vocab = laidOut(model, kind.vocab(role, tokens));
  const read = model.read?.(ORDER.ids, vocab.parts);
  const added = addedTokens(kind, tokens, vocab, own);
  const find = tokenFinder(added, vocab.idOf);
  const needed = (/** @type {string} */ content) => {
    const token = find(content);
    if (token) return token;
    throw new WembedError('bad_file', `tokenizer.model: the token ${show(content)} is not there`);
  };
  const normalizers = kind.normalizers(charsmap, tokens);
  const unknown = needed(role('unk_token'));
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: added },
    normalizer: normalizers.length ? { type: 'Sequence', normalizers } : null,
    pre_tokenizer: kind.pre(tokens),
    post_processor: kind.around((name) => needed(role(name)), tokens, needed),
    decoder: kind.decoder?.(tokens) ?? METASPACE,
    model: kind.bpe
      ? lazyModel(
          {
            ...{ type: 'BPE', dropout: null, unk_token: kind.bpe.unknown ? unknown.content : null, fuse_unk: true },
            ...{ continuing_subword_prefix: null, end_of_word_suffix: null, ignore_merges: false },
            byte_fallback: kind.bpe.byteFallback,
          },
          model.modelType === 2 ? read : read && ((lists) => read(lists) && lists.mergeBy(ORDER.ids)),
          { vocab: () => Object.fromEntries(idsOf(vocab.scored())), merges: () => mergesById(idsOf(vocab.scored())) },
        )
      : lazyModel({ type: 'Unigram', unk_id: kind.unknownId?.(unknown) ?? unknown.id, byte_fallback: false }, read, {
          vocab: vocab.scored,
        }),
  };
}

/** @param {Scored[]} scored @returns {Map<string, number>} */
const idsOf = (scored) => new Map(scored.map(([piece], id) => [piece, id]));

const NO_FLAGS = { normalized: false, lstrip: false, rstrip: false, single_word: false };

/**
 * What is found in text before anything else: what the files name, then the model's own pieces.
 * @param {SentencePieceClass} kind
 * @param {SpecialTokens} tokens
 * @param {{ size: number, idOf: (content: string) => number | undefined }} vocab
 * @param {AddedToken[]} own
 * @returns {AddedToken[]}
 */
function addedTokens(kind, tokens, vocab, own) {
  const { leftStrip = [] } = kind;
  const stripped = leftStrip.filter((name) => tokens.isPlain(name)).map((name) => tokens.content(name));
  const pieces = tokens.areNamed ? [] : own;
  const plain = new Set(pieces.map(({ content }) => content).filter((content) => !tokens.hasId(content)));
  const list = tokens.list(vocab.idOf, vocab.size).map((token) => {
    // The model's own pieces are added last, and have no flags.
    if (plain.has(token.content)) return { ...token, ...NO_FLAGS };
    if (!stripped.includes(token.content)) return token;
    return { ...token, lstrip: true, normalized: kind.normalized ?? token.normalized };
  });
  const known = new Set(list.map(({ content }) => content));
  const sentinel = (/** @type {string} */ content) => ({ id: 0, content, special: true, ...NO_FLAGS });
  const further = tokens.areNamed ? [] : (kind.further?.(tokens) ?? []).map(sentinel);
  const more = [...pieces, ...further].flatMap((token) => {
    const id = vocab.idOf(token.content);
    const special = token.special || kind.ownSpecial === true;
    return id === undefined || known.has(token.content) ? [] : [{ ...token, special, normalized: false, id }];
  });
  return [...list, ...more].sort((a, b) => a.id - b.id);
}

/** T5's further tokens, the last first. @param {SpecialTokens} tokens */
function sentinels(tokens) {
  const n = tokens.setting('extra_ids') ?? 100;
  if (!Number.isInteger(n) || n < 0 || n > 65536) {
    throw new WembedError('bad_file', `tokenizer_config.json: extra_ids is ${show(n)}`);
  }
  return Array.from({ length: n }, (_, i) => `<extra_id_${n - 1 - i}>`);
}

/**
 * Every way to make a piece of two others, in the order of ids.
 * @param {Map<string, number>} ids
 * @returns {[string, string][]}
 */
function mergesById(ids) {
  /** @type {[string, string][]} */
  const merges = [];
  for (const piece of ids.keys()) {
    for (let cut = 1; cut < piece.length; cut++) {
      const [left, right] = [piece.slice(0, cut), piece.slice(cut)];
      if (ids.has(left) && ids.has(right)) merges.push([left, right]);
    }
  }
  return merges;
}

/** A <sep> <cls> @param {Token} sep @param {Token} cls */
function xlnetTemplate(sep, cls) {
  return {
    type: 'TemplateProcessing',
    single: [text('A'), special(sep), special(cls, 2)],
    pair: [text('A'), special(sep), text('B', 1), special(sep, 1), special(cls, 2)],
    special_tokens: specialTokens(sep, cls),
  };
}

/**
 * The language, a text and its end; in `legacy_behaviour` the language comes last.
 * @param {Token} eos
 * @param {SpecialTokens} tokens
 * @param {(content: string) => Token} find
 */
function nllbTemplate(eos, tokens, find) {
  const language = find(String(tokens.setting('src_lang') ?? 'eng_Latn'));
  return tokens.flag('legacy_behaviour', false) ? around([], [eos, language]) : around([language], [eos]);
}
