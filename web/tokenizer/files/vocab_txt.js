import { WembedError } from '../../core/errors.js';
import { lazyModel } from './lazy_model.js';
import { PieceBytes } from './piece_bytes.js';
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
  const lines = readLines(bytes);
  const idOf = (/** @type {string} */ content) => lines.idOf(content);
  const tokens = new SpecialTokens(settings, /^mpnet/i.test(type) ? MPNET : BERT);
  const added = tokens.list(idOf, lines.count);
  const find = tokenFinder(added, idOf);
  const unknown = find(tokens.content('unk_token'));
  if (!unknown || idOf(unknown.content) === undefined) {
    const name = tokens.content('unk_token');
    throw new WembedError(
      'bad_file',
      `vocab.txt has ${lines.count} lines, but none is the unknown token ${show(name)}`,
    );
  }
  const settled = { type: 'WordPiece', unk_token: unknown.content, continuing_subword_prefix: '##' };
  const model = lazyModel({ ...settled, max_input_chars_per_word: 100 }, undefined, { vocab: () => vocabOf(bytes) });
  lines.give(model);
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
    model,
  };
}

const [LINE_END, SPACE] = [0x0a, 0x20];

/** @param {Uint8Array} bytes @returns {PieceBytes} a token a line */
function readLines(bytes) {
  textOf(bytes, 'vocab.txt'); // refuses what is no text
  const file = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  let count = 0;
  for (let at = 0; at < file.length; at = lineEnd(file, at) + 1) count++;
  if (count === 0) throw new WembedError('bad_file', 'vocab.txt is empty');
  if (count > MAX_TOKENS) throw new WembedError('bad_file', `vocab.txt has more than ${MAX_TOKENS} lines`);
  const lines = new PieceBytes(file.length, count);
  for (let at = 0; at < file.length;) {
    const end = lineEnd(file, at);
    lines.add(trimmedBytes(file.subarray(at, end)));
    at = end + 1;
  }
  return lines;
}

/** @param {Uint8Array} file @param {number} from @returns {number} where the line ends that begins there */
function lineEnd(file, from) {
  const end = file.indexOf(LINE_END, from);
  return end < 0 ? file.length : end;
}

/** @param {Uint8Array} line */
function trimmedBytes(line) {
  const [third, second, last] = [line.at(-3), line.at(-2), line.at(-1) ?? 0];
  const ascii = last > SPACE && last < 0x80;
  // What white space beyond ASCII begins with: U+0085 and U+00A0, U+1680, U+2000 to U+205F, U+3000.
  const spaced = last <= SPACE || second === 0xc2 || (second ?? 0) * 256 + (third ?? 0) === 0x9ae1;
  const far = (third === 0xe2 && (second === 0x80 || second === 0x81)) || (third === 0xe3 && second === 0x80);
  if (ascii || !(spaced || far)) return line;
  return new TextEncoder().encode(trimmedEnd(new TextDecoder('utf-8', { ignoreBOM: true }).decode(line)));
}

/** @param {Uint8Array} bytes @returns {Record<string, number>} for who reads the tokens one by one */
function vocabOf(bytes) {
  const lines = textOf(bytes, 'vocab.txt').split('\n', MAX_TOKENS + 1);
  if (lines.at(-1) === '') lines.pop(); // what follows the last line's end is no line
  /** @type {Record<string, number>} */
  const ids = Object.create(null);
  lines.forEach((line, id) => (ids[trimmedEnd(line)] = id));
  return ids;
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
