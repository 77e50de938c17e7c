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
  asAlbert,
  asAsked,
  asBert,
  asTheyAre,
  byteDecoder,
  fairseq,
  languageOf,
  prefixed,
  prefixedWords,
  replace,
  spaces,
  special,
  specialTokens,
  text,
  words,
} from './sentencepiece_steps.js';
import { ClassTokens } from './class_tokens.js';
import { show, template, tokenFinder } from './special_tokens.js';

/** @typedef {import('./sentencepiece.js').SentencePieceModel} SentencePieceModel */
/** @typedef {import('./sentencepiece_layout.js').Layout} Layout */
/** @typedef {import('./sentencepiece_layout.js').Scored} Scored */
/** @typedef {import('./class_settings.js').Added} Added */
/** @typedef {import('./class_tokens.js').TokenOrText} TokenOrText */

/**
 * @typedef {object} SentencePieceClass
 * @property {Record<string, string>} roles role → token, where the files give none
 * @property {Record<string, import('./special_tokens.js').Flags>} [marks] role → flags, where the files give its token none
 * @property {Record<string, string>} [named] further names of tokens, as `roles`
 * @property {boolean} [addedAgain] whether the constructor ends with adding the special tokens as such once more
 * @property {boolean} [ownBesideNull] whether the model's pieces count where the files name no further tokens by null
 * @property {(tokens: ClassTokens, own: Added[]) => TokenOrText[]} [further] special tokens where the files list none, `own`
 *   otherwise: the model's control and user-defined pieces
 * @property {(tokens: ClassTokens) => Layout} vocab
 * @property {(charsmap: object[], tokens: ClassTokens) => object[]} normalizers `charsmap`: its step, if the model has one
 * @property {(tokens: ClassTokens) => object} pre the pre-tokenizer
 * @property {(tokens: ClassTokens) => object} [decoder] Metaspace unless said otherwise
 * @property {{ byteFallback: boolean, unknown: boolean }} [bpe] of a BPE model; else it is Unigram
 * @property {(find: Pieces) => number} [unknownId] of a Unigram model
 * @property {Around} around
 */

/**
 * What stands around a text.
 * @typedef {(
 *   role: (name: string) => Token,
 *   tokens: ClassTokens,
 *   find: (content: string) => Token,
 *   idOf: (content: string) => number | undefined,
 *   begins?: boolean,
 * ) => object | null} Around `find`: of pieces and added tokens, `idOf` of pieces; `begins`: whether a token stands before
 *   a text where no file says
 */

/**
 * What a class asks of its vocabulary to find the unknown piece.
 * @typedef {object} Pieces
 * @property {string} unknown the unknown token
 * @property {number} said the id that the model's trainer settings have for it
 * @property {(content: string) => number | undefined} idOf
 * @property {(id: number) => number} scoreOf
 */

/** @typedef {{ id: number, content: string }} Token */

/** @param {ClassTokens} tokens */
const llamaPrefix = (tokens) => tokens.setting('add_prefix_space') === null || tokens.flag('add_prefix_space', true);

/** Code Llama's further tokens. */
const INFILLING = {
  ...{ prefix_token: '▁<PRE>', middle_token: '▁<MID>', suffix_token: '▁<SUF>', eot_token: '▁<EOT>' },
  ...{ fill_token: '<FILL_ME>' },
};

/** @param {ClassTokens} tokens */
function debertaSpaces(tokens) {
  const metaspace = prefixed(tokens, 'first');
  if (!tokens.flag('split_by_punct', false)) return metaspace;
  return { type: 'Sequence', pretokenizers: [{ type: 'Punctuation', behavior: 'Isolated' }, metaspace] };
}

/** <s> A </s> </s> B </s>, as RoBERTa. @type {SentencePieceClass['around']} */
const asRoberta = (role) => template(role('bos_token'), role('eos_token'), { between: 'after after', oneType: true });

/** @type {Record<string, SentencePieceClass>} */
const CLASSES = {
  ...FURTHER_CLASSES,
  'xlm-roberta': {
    ...{ roles: ANGLE, pre: prefixedWords, decoder: prefixed, around: asRoberta, normalizers: (charsmap) => charsmap },
    vocab: (tokens) => ({ first: fairseq(tokens), skip: 3, last: [[tokens.piece('mask_token'), 0]] }),
    unknownId: () => 3,
  },
  camembert: {
    ...{ roles: ANGLE, marks: { mask_token: { lstrip: true, special: true } } },
    ...{ pre: prefixedWords, decoder: prefixed, around: asRoberta },
    normalizers: (charsmap) => charsmap,
    vocab: (tokens) => ({
      first: [
        ['<s>NOTUSED', 0],
        [tokens.piece('pad_token'), 0],
        ['</s>NOTUSED', 0],
        [tokens.piece('unk_token'), 0],
        ['<unk>NOTUSED', -100],
      ],
      skip: 1,
      last: [[tokens.piece('mask_token'), 0]],
    }),
    unknownId: () => 3,
  },
  albert: {
    ...{ roles: { ...SQUARE, unk_token: '<unk>', pad_token: '<pad>' }, pre: prefixedWords, decoder: prefixed },
    ...{ vocab: asTheyAre, unknownId: () => 1 },
    around: asAlbert,
    normalizers: (charsmap, tokens) => [
      ...QUOTES,
      ...(tokens.flag('keep_accents', false) ? [] : NO_ACCENTS),
      ...(tokens.flag('do_lower_case', true) ? [LOWERCASE] : []),
      ...charsmap,
    ],
  },
  'deberta-v2': {
    ...{ roles: SQUARE, around: asBert, vocab: asTheyAre },
    ...{ pre: debertaSpaces, decoder: (tokens) => prefixed(tokens, 'first') },
    unknownId: ({ unknown, said, idOf, scoreOf }) => {
      const id = idOf(unknown);
      return id !== undefined && scoreOf(id) === 0 ? id : said;
    },
    normalizers: (_, tokens) => [
      ...(tokens.flag('do_lower_case', false) ? [LOWERCASE] : []),
      ...[replace({ Regex: '\\s{2,}|[\\n\\r\\t]' }, ' '), { type: 'NFC' }],
      { type: 'Strip', strip_left: false, strip_right: true },
    ],
  },
  xlnet: {
    roles: { ...ANGLE, sep_token: '<sep>', cls_token: '<cls>' },
    ...{ marks: { mask_token: { lstrip: true } }, pre: words, vocab: asTheyAre, unknownId: ({ said }) => said },
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
    further: (tokens, own) => {
      const given = own.filter(({ content }) => content.includes('<extra_id_')).length;
      const all = sentinels(tokens);
      if (given === 0) return [...own, ...all];
      if (all.length === 0 || all.length === given) return own;
      const what = `tokenizer.model has ${given} pieces like <extra_id_0>, extra_ids is ${all.length}`;
      throw new WembedError('bad_file', what);
    },
    vocab: (tokens) => ({ last: sentinels(tokens).map((piece) => /** @type {Scored} */ ([piece, 0])) }),
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
      return { ...METASPACE, prepend_scheme: llamaPrefix(tokens) ? scheme : 'never', split: false };
    },
    decoder: (tokens) => byteDecoder(llamaPrefix(tokens)),
  },
  codellama: {
    roles: { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' },
    ...{ named: INFILLING, bpe: { byteFallback: true, unknown: true }, vocab: asTheyAre, normalizers: () => [] },
    further: (tokens, own) => [...own, ...Object.keys(INFILLING).flatMap((name) => tokens.named(name) ?? [])],
    around: (role, tokens, find, idOf) => asAsked(role, tokens, find, idOf, true),
    pre: (tokens) => ({ ...METASPACE, prepend_scheme: llamaPrefix(tokens) ? 'first' : 'never', split: false }),
    decoder: () => byteDecoder(true),
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
    ...{ roles: ANGLE, marks: { mask_token: { lstrip: true, normalized: true, special: true } }, pre: spaces },
    ...{ bpe: { byteFallback: false, unknown: true }, ownBesideNull: true },
    normalizers: (charsmap) => (charsmap.length ? [...charsmap, ONE_SPACE] : []),
    vocab: (tokens) => ({ first: fairseq(tokens), once: true }),
    around: (role, tokens, find) => nllbTemplate(role('eos_token'), tokens, find),
  },
};

/** Tokenizer classes (without 'Tokenizer', 'Fast' and case) and model types, by class. */
const NAMES = {
  ...FURTHER_NAMES,
  'xlm-roberta': 'xlm-roberta xlmroberta xlm-roberta-xl xmod',
  camembert: 'camembert',
  albert: 'albert',
  'deberta-v2': 'deberta-v2 debertav2',
  xlnet: 'xlnet',
  t5: 't5 mt5 umt5',
  llama: 'llama mistral mixtral',
  codellama: 'codellama code_llama',
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
 * @param {Added[]} own the model's control and user-defined pieces
 * @returns {object} a tokenizer.json
 */
export function tokenizerOfClass(model, charsmap, kind, settings, own) {
  const tokens = new ClassTokens(settings, kind, own);
  const vocab = laidOut(model, kind.vocab(tokens));
  const added = tokens.list(vocab.idOf, vocab.size);
  const find = tokenFinder(added, vocab.idOf);
  const needed = (/** @type {string} */ content) => {
    const token = find(content);
    if (token) return token;
    throw new WembedError('bad_file', `tokenizer.model: the token ${show(content)} is not there`);
  };
  const role = (/** @type {string} */ name) => {
    const content = tokens.content(name);
    if (content !== undefined) return needed(content);
    throw new WembedError('bad_file', `the tokenizer's settings: there is no ${name}, which stands around texts`);
  };
  const normalizers = kind.normalizers(charsmap, tokens);
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: added },
    normalizer: normalizers.length ? { type: 'Sequence', normalizers } : null,
    pre_tokenizer: kind.pre(tokens),
    post_processor: kind.around(role, tokens, needed, vocab.idOf),
    decoder: kind.decoder?.(tokens) ?? METASPACE,
    model: modelOf(model, kind, vocab, tokens.piece('unk_token')),
  };
}

/**
 * @param {SentencePieceModel} model
 * @param {SentencePieceClass} kind
 * @param {import('./sentencepiece_layout.js').LaidOut} vocab
 * @param {string} unknown the unknown token
 */
function modelOf(model, kind, vocab, unknown) {
  const read = model.read?.(ORDER.ids, vocab.parts);
  if (kind.bpe) {
    return lazyModel(
      {
        ...{ type: 'BPE', dropout: null, unk_token: kind.bpe.unknown ? unknown : null, fuse_unk: true },
        ...{ continuing_subword_prefix: null, end_of_word_suffix: null, ignore_merges: false },
        byte_fallback: kind.bpe.byteFallback,
      },
      model.modelType === 2 ? read : read && ((lists) => read(lists) && lists.mergeBy(ORDER.ids)),
      { vocab: () => Object.fromEntries(idsOf(vocab.scored())), merges: () => mergesById(idsOf(vocab.scored())) },
    );
  }
  const { idOf, scoreOf } = vocab;
  const unk = kind.unknownId?.({ unknown, said: model.unkId, idOf, scoreOf });
  return lazyModel({ type: 'Unigram', unk_id: unk, byte_fallback: false }, read, { vocab: vocab.scored });
}

/** @param {Scored[]} scored @returns {Map<string, number>} */
const idsOf = (scored) => new Map(scored.map(([piece], id) => [piece, id]));

/** T5's further tokens, the last first. @param {ClassTokens} tokens */
function sentinels(tokens) {
  const n = tokens.count('extra_ids', 0, 100);
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
 * @param {ClassTokens} tokens
 * @param {(content: string) => Token} find
 */
function nllbTemplate(eos, tokens, find) {
  const language = find(languageOf(tokens, 'eng_Latn'));
  return tokens.flag('legacy_behaviour', false) ? around([], [eos, language]) : around([language], [eos]);
}
