import { WembedError } from '../../core/errors.js';
import { PATTERNS, byteLevelParts } from './byte_level.js';
import { tokenizerClass } from './special_tokens.js';

/**
 * How a family uses its vocab.json and merges.txt. (transformers 5.24, the class of each family.)
 * @typedef {object} BpeFamily
 * @property {Record<string, string>} defaults role → token
 * @property {'roberta' | 'clip' | 'bert' | 'cls-sep' | 'bos-eos' | 'whisper'} around what is put around a text
 * @property {(prefixSpace: boolean) => BpeParts} parts
 * @property {object} [model] settings of the model that are not the default
 */

/** @typedef {{ normalizer: object | null, pre_tokenizer: object, decoder: object, noTemplate?: object }} BpeParts */

const END = '<|endoftext|>';
const NFC = { type: 'NFC' };
const ROLES = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>', mask_token: '<mask>' };
const ANGLE = { ...ROLES, sep_token: '</s>', cls_token: '<s>' };

/**
 * @param {string} pattern
 * @param {object | null} normalizer
 * @returns {BpeFamily['parts']}
 */
const byteLevel = (pattern, normalizer) => (prefixSpace) => ({
  normalizer,
  ...byteLevelParts(pattern, prefixSpace),
});

const GPT2 = byteLevelParts(PATTERNS.gpt2);
const DIGITS = { type: 'Digits', individual_digits: true };

/** Words with a suffix at their ends, split as BERT splits them. @param {object} normalizer @returns {BpeFamily['parts']} */
const words = (normalizer) => () => ({
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, ...normalizer },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  decoder: { type: 'BPEDecoder', suffix: '</w>' },
});

const CLIP_PATTERN =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** What transformers does after the ByteLevel decoder, which leaves the suffix. */
const SUFFIX_AS_SPACE = [
  { type: 'Replace', pattern: { String: '</w>' }, content: ' ' },
  { type: 'Strip', content: ' ', start: 0, stop: 1 },
];

/** @type {Record<string, BpeFamily>} */
const FAMILIES = {
  gpt2: {
    defaults: { unk_token: END, bos_token: END, eos_token: END },
    ...{ around: 'bos-eos', parts: byteLevel(PATTERNS.gpt2, null) },
  },
  gpt_neox: {
    defaults: { unk_token: END, bos_token: END, eos_token: END, pad_token: '<|padding|>' },
    ...{ around: 'bos-eos', parts: byteLevel(PATTERNS.gpt2, NFC) },
  },
  roberta: { defaults: ANGLE, around: 'roberta', parts: byteLevel(PATTERNS.gpt2, null) },
  deberta: {
    defaults: {
      ...{ bos_token: '[CLS]', eos_token: '[SEP]', sep_token: '[SEP]', cls_token: '[CLS]', unk_token: '[UNK]' },
      ...{ pad_token: '[PAD]', mask_token: '[MASK]' },
    },
    ...{ around: 'cls-sep', parts: byteLevel(PATTERNS.gpt2, null) },
  },
  qwen2: {
    defaults: { unk_token: END, eos_token: END, pad_token: END },
    ...{ around: 'bos-eos', parts: byteLevel(PATTERNS.qwen2, NFC) },
  },
  cohere: {
    defaults: {
      ...{ bos_token: '<BOS_TOKEN>', eos_token: '<|END_OF_TURN_TOKEN|>', unk_token: '<UNK>', sep_token: '<SEP>' },
      ...{ pad_token: '<PAD>', cls_token: '<CLS>', mask_token: '<MASK_TOKEN>' },
    },
    around: 'bos-eos',
    parts: () => ({
      ...{ ...GPT2, normalizer: NFC },
      pre_tokenizer: { type: 'Sequence', pretokenizers: [DIGITS, GPT2.pre_tokenizer] },
    }),
  },
  whisper: {
    defaults: { unk_token: END, bos_token: END, eos_token: END },
    ...{ around: 'whisper', parts: byteLevel(PATTERNS.gpt2, null) },
  },
  clip: {
    defaults: { unk_token: END, bos_token: '<|startoftext|>', eos_token: END, pad_token: END },
    ...{ around: 'clip', model: { unk_token: END, end_of_word_suffix: '</w>' } },
    parts: () => {
      const replace = { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' };
      const split = { type: 'Split', pattern: { Regex: CLIP_PATTERN }, behavior: 'Removed', invert: true };
      return {
        ...GPT2,
        normalizer: { type: 'Sequence', normalizers: [NFC, replace, { type: 'Lowercase' }] },
        pre_tokenizer: { type: 'Sequence', pretokenizers: [split, GPT2.pre_tokenizer] },
        decoder: { type: 'Sequence', decoders: [GPT2.decoder, ...SUFFIX_AS_SPACE] },
      };
    },
  },
  herbert: {
    defaults: ANGLE,
    ...{ around: 'bert', model: { unk_token: '<unk>', end_of_word_suffix: '</w>', continuing_subword_prefix: null } },
    parts: words({ strip_accents: false, lowercase: false }),
  },
  'openai-gpt': {
    defaults: { unk_token: '<unk>' },
    ...{ around: 'bos-eos', model: { unk_token: '<unk>', end_of_word_suffix: '</w>' } },
    parts: words({ strip_accents: null, lowercase: true }),
  },
};

/** Tokenizer classes (without 'Tokenizer', 'Fast' and case) and model types, by family. */
const NAMES = {
  gpt2: 'gpt2 gpt_neo gptneo gptj codegen opt phi',
  gpt_neox: 'gpt_neox gptneox mamba mamba2 falcon_mamba mpt olmo olmoe xlstm',
  roberta: [
    'roberta bart longformer led roberta-prelayernorm mvp data2vec-text ibert lilt mega mra bridgetower clap',
    'florence2',
  ].join(' '),
  deberta: 'deberta',
  qwen2: 'qwen2 qwen2_moe qwen3 qwen3_moe qwen2_vl qwen2_5_vl qwen3_vl internvl ovis2',
  cohere: 'cohere cohere2',
  whisper: 'whisper',
  clip: 'clip clipseg groupvit owlvit owlv2 xclip aimv2 clip_text_model oneformer',
  herbert: 'herbert',
  'openai-gpt': 'openai-gpt openaigpt',
};

const FAMILY_OF = new Map(
  Object.entries(NAMES).flatMap(([family, names]) => names.split(' ').map((name) => [name, family])),
);

/**
 * @param {(token: string) => number | undefined} idOf
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {BpeFamily}
 */
export function bpeFamily(idOf, settings) {
  const { named, type } = tokenizerClass(settings);
  if (!type) {
    // Neither file says: the special tokens that the vocabulary has tell.
    return FAMILIES[idOf('<s>') !== undefined && idOf('</s>') !== undefined ? 'roberta' : 'gpt2'];
  }
  const family = FAMILY_OF.get(type);
  if (family) return FAMILIES[family];
  const what = `the vocab.json and merges.txt of a ${named ?? type} are not known`;
  throw new WembedError(
    'unsupported',
    `${what}: it needs a tokenizer.json (known: ${[...FAMILY_OF.keys()].join(', ')})`,
  );
}
