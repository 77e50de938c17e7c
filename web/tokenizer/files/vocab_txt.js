import { WembedError } from '../../core/errors.js';
import { SpecialTokens, show, template, tokenFinder } from './special_tokens.js';

const BERT = { unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' };
const MPNET = { unk_token: '[UNK]', sep_token: '</s>', pad_token: '<pad>', cls_token: '<s>', mask_token: '<mask>' };

/** Tokenizer classes, and model types, whose vocab.txt is not WordPiece. */
const OTHERS = /^(bert_?japanese|esm|phobert|bartpho|bertweet|biogpt|prophetnet|transfo|roformer|cpm)/i;

/** As tokenizer.json's longest vocabularies; the lines of a longer file are not taken apart. */
const MAX_TOKENS = 2 ** 24;

/**
 * The tokenizer.json that a BERT's vocab.txt stands for: one token a line, its id the line's number from 0. White space
 * at a line's end is no part of the token; of two equal lines the later counts. (google-research/bert; transformers,
 * `BertTokenizer`.)
 * @param {Uint8Array} bytes
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {object}
 */
export function tokenizerOfVocabTxt(bytes, settings) {
  const type = settings.tokenizerConfig?.tokenizer_class ?? settings.config?.model_type ?? 'bert';
  if (OTHERS.test(type)) {
    throw new WembedError('unsupported', `the vocab.txt of a ${type} is not WordPiece: it needs a tokenizer.json`);
  }
  const vocab = readLines(bytes);
  const tokens = new SpecialTokens(settings, /^mpnet/i.test(type) ? MPNET : BERT);
  const added = tokens.list((content) => vocab.ids[content], vocab.size);
  const find = tokenFinder(added, (content) => vocab.ids[content]);
  const unknown = find(tokens.content('unk_token'));
  if (!unknown || vocab.ids[unknown.content] === undefined) {
    const name = tokens.content('unk_token');
    throw new WembedError('bad_file', `vocab.txt has ${vocab.size} lines, but none is the unknown token ${show(name)}`);
  }
  const [cls, sep] = [find(tokens.content('cls_token')), find(tokens.content('sep_token'))];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: tokens.flag('tokenize_chinese_chars', true),
      strip_accents: tokens.setting('strip_accents') == null ? null : tokens.flag('strip_accents', false),
      lowercase: tokens.flag('do_lower_case', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: template(cls, sep),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: unknown.content, continuing_subword_prefix: '##' },
      ...{ max_input_chars_per_word: 100, vocab: vocab.ids },
    },
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ ids: Record<string, number>, size: number }}
 */
function readLines(bytes) {
  const lines = textOf(bytes, 'vocab.txt').split('\n', MAX_TOKENS + 1);
  if (lines.at(-1) === '') lines.pop(); // what follows the last line's end is no line
  if (lines.length === 0) throw new WembedError('bad_file', 'vocab.txt is empty');
  if (lines.length > MAX_TOKENS) throw new WembedError('bad_file', `vocab.txt has more than ${MAX_TOKENS} lines`);
  /** @type {Record<string, number>} */
  const ids = Object.create(null);
  lines.forEach((line, id) => (ids[trimmedEnd(line)] = id));
  return { ids, size: lines.length };
}

/** Unlike `trimEnd`, as Unicode has it: U+0085 is white space, U+FEFF is not. @param {string} line */
function trimmedEnd(line) {
  const last = line.charCodeAt(line.length - 1);
  return last > 0x20 && last < 0x85 ? line : line.replace(/\p{White_Space}+$/u, '');
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 */
export function textOf(bytes, name) {
  if (bytes[0] === 0x3c && /^<(!doctype|html|\?xml)/i.test(String.fromCharCode(...bytes.subarray(0, 9)))) {
    throw new WembedError('bad_file', `${name} is an HTML or XML page`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new WembedError('bad_file', `${name} is not UTF-8`, { cause: error });
  }
}
