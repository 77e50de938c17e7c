import { WembedError } from '../../core/errors.js';
import { PATTERNS, byteLevelParts } from './byte_level.js';
import { SpecialTokens, show, template, tokenFinder, tokenizerClass } from './special_tokens.js';
import { textOf } from './vocab_txt.js';

/**
 * How a family uses its byte-level vocabulary.
 * @typedef {object} BpeFamily
 * @property {string} [pattern] GPT-2's unless said otherwise
 * @property {Record<string, string>} defaults role → token
 * @property {'roberta' | 'cls-sep' | 'bos-eos'} around what is put around a text
 * @property {boolean} [nfc]
 */

const END = '<|endoftext|>';

/** @type {Record<string, BpeFamily>} */
const FAMILIES = {
  gpt2: { defaults: { unk_token: END, bos_token: END, eos_token: END }, around: 'bos-eos' },
  roberta: {
    defaults: {
      ...{ bos_token: '<s>', eos_token: '</s>', sep_token: '</s>', cls_token: '<s>', unk_token: '<unk>' },
      ...{ pad_token: '<pad>', mask_token: '<mask>' },
    },
    around: 'roberta',
  },
  deberta: {
    defaults: {
      ...{ bos_token: '[CLS]', eos_token: '[SEP]', sep_token: '[SEP]', cls_token: '[CLS]', unk_token: '[UNK]' },
      ...{ pad_token: '[PAD]', mask_token: '[MASK]' },
    },
    around: 'cls-sep',
  },
  qwen2: {
    pattern: PATTERNS.qwen2,
    defaults: { unk_token: END, eos_token: END, pad_token: END },
    around: 'bos-eos',
    nfc: true,
  },
};

/** Tokenizer classes (without 'Tokenizer', 'Fast' and case) and model types. */
const FAMILY_OF = /** @type {Record<string, string>} */ ({
  ...{ gpt2: 'gpt2', gpt_neo: 'gpt2', gptneo: 'gpt2', gptj: 'gpt2', codegen: 'gpt2', opt: 'gpt2', phi: 'gpt2' },
  ...{ roberta: 'roberta', bart: 'roberta', longformer: 'roberta', led: 'roberta', 'roberta-prelayernorm': 'roberta' },
  ...{ deberta: 'deberta', qwen2: 'qwen2', qwen2_moe: 'qwen2', qwen3: 'qwen2', qwen3_moe: 'qwen2' },
});

/**
 * The tokenizer.json that GPT-2's pair of files stands for: byte-level BPE. (openai/gpt-2; transformers, `GPT2Tokenizer`,
 * `RobertaTokenizer`, `DebertaTokenizer`, `Qwen2Tokenizer`.)
 * @param {any} vocab vocab.json, parsed
 * @param {Uint8Array} mergesTxt
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {object}
 */
export function tokenizerOfBpeFiles(vocab, mergesTxt, settings) {
  const size = checkVocab(vocab);
  const family = familyOf(vocab, settings);
  const merges = readMerges(textOf(mergesTxt, 'merges.txt'), vocab);
  const tokens = new SpecialTokens(settings, family.defaults);
  const idOf = (/** @type {string} */ content) => (Object.hasOwn(vocab, content) ? vocab[content] : undefined);
  const added = tokens.list(idOf, size);
  const prefixSpace = tokens.flag('add_prefix_space', false);
  const parts = byteLevelParts(family.pattern ?? PATTERNS.gpt2, prefixSpace);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: family.nfc ? { type: 'NFC' } : null,
    pre_tokenizer: parts.pre_tokenizer,
    post_processor: around(family, tokens, tokenFinder(added, vocab), prefixSpace) ?? parts.noTemplate,
    decoder: parts.decoder,
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' },
      ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges },
    },
  };
}

/**
 * @param {any} vocab
 * @returns {number} one more than its largest id
 */
function checkVocab(vocab) {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) {
    throw new WembedError('bad_file', 'vocab.json must map tokens to ids');
  }
  let [size, n] = [0, 0];
  const seen = new Set();
  for (const token in vocab) {
    const id = vocab[token];
    const good = Number.isInteger(id) && id >= 0 && id < 2 ** 24 && !seen.has(id);
    if (!good)
      throw new WembedError('bad_file', `vocab.json gives ${show(token)} the id ${show(id)}, or gives it twice`);
    seen.add(id);
    size = Math.max(size, id + 1);
    n++;
  }
  if (n === 0) throw new WembedError('bad_file', 'vocab.json is empty');
  return size;
}

/**
 * @param {any} vocab
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {BpeFamily}
 */
function familyOf(vocab, settings) {
  const { named, type } = tokenizerClass(settings);
  if (!type) {
    // Neither file says: the special tokens that the vocabulary has tell.
    return FAMILIES[Object.hasOwn(vocab, '<s>') && Object.hasOwn(vocab, '</s>') ? 'roberta' : 'gpt2'];
  }
  if (Object.hasOwn(FAMILY_OF, type)) return FAMILIES[FAMILY_OF[type]];
  const what = `the vocab.json and merges.txt of a ${named ?? type} are not known`;
  throw new WembedError(
    'unsupported',
    `${what}: it needs a tokenizer.json (known: ${Object.keys(FAMILY_OF).join(', ')})`,
  );
}

/**
 * @param {string} text a merge a line, the most important first
 * @param {any} vocab
 * @returns {[string, string][]}
 */
function readMerges(text, vocab) {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  /** @type {[string, string][]} */
  const merges = [];
  const has = (/** @type {string} */ token) => Object.hasOwn(vocab, token);
  lines.forEach((line, i) => {
    if (line.startsWith('#version')) return;
    const pair = line.split(' ');
    if (pair.length !== 2) throw new WembedError('bad_file', `merges.txt: line ${i + 1} is no pair: ${show(line)}`);
    const [left, right] = pair;
    const missing = [left, right, left + right].find((token) => !has(token));
    if (missing !== undefined) {
      throw new WembedError('bad_file', `merges.txt: line ${i + 1} needs ${show(missing)}, which vocab.json lacks`);
    }
    merges.push([left, right]);
  });
  return merges;
}

/**
 * @param {BpeFamily} family
 * @param {SpecialTokens} tokens
 * @param {ReturnType<typeof tokenFinder>} find
 * @param {boolean} prefixSpace
 */
function around(family, tokens, find, prefixSpace) {
  const [cls, sep] = [find(tokens.content('cls_token')), find(tokens.content('sep_token'))];
  if (family.around === 'roberta') {
    if (!cls || !sep) throw new WembedError('bad_file', 'vocab.json has no <s> and </s> to put around a text');
    const trim = tokens.flag('trim_offsets', true);
    return {
      ...{ type: 'RobertaProcessing', sep: [sep.content, sep.id], cls: [cls.content, cls.id] },
      ...{ trim_offsets: trim, add_prefix_space: prefixSpace },
    };
  }
  if (family.around === 'cls-sep') return template(cls, sep);
  return template(
    tokens.flag('add_bos_token', false) ? find(tokens.content('bos_token')) : undefined,
    tokens.flag('add_eos_token', false) ? find(tokens.content('eos_token')) : undefined,
  );
}
