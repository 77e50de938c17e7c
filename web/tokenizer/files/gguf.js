import { WembedError, isA, shown } from '../../core/errors.js';
import { GgufStrings } from '../../formats/gguf_values.js';
import { PATTERNS, byteLevelParts } from './byte_level.js';
import { GGUF_PRE_TOKENIZERS } from './gguf_pre_tokenizers.js';
import { mergesByScore } from '../merge_ranks.js';
import { ORDER, lazyModel } from './lazy_model.js';
import { PieceBytes } from './piece_bytes.js';
import { NO_EXTRA_SPACES } from './sentencepiece_steps.js';

/** `tokenizer.ggml.token_type` (llama.cpp, `llama_token_type`). */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

/** In units. All ways to cut a piece are tried: a file of endless ones would never be done. */
const MAX_PIECE = 512;

const DECODER = byteLevelParts(PATTERNS.gpt2).decoder;

/** @typedef {import('../lists.js').Lists} Lists */

/** @param {GgufStrings | undefined} strings @returns {string[]} */
const textsOf = (strings) =>
  Array.from(strings ?? [], (text) => {
    if (text !== undefined) return text;
    throw new WembedError('bad_file', 'this GGUF file is not valid: a string is not UTF-8');
  });

/**
 * The tokenizer.json that a GGUF file's metadata stands for: WordPiece ('bert'), BPE with its merges ('gpt2', 'gemma4'),
 * SentencePiece BPE ('llama') and Unigram ('t5').
 * @param {Map<string, import('../../formats/gguf.js').GgufValue>} metadata
 * @returns {object}
 */
export function tokenizerOfGguf(metadata) {
  const file = new Metadata(metadata);
  const model = file.string('model');
  if (model === 'bert') return wordPiece(file);
  if (model === 'gpt2' || model === 'gemma4') return listedBpe(file, model === 'gemma4' ? model : 'default');
  if (model === 'llama') return sentencePieceBpe(file);
  if (model === 't5') return unigram(file);
  throw new WembedError('unsupported', `tokenizer.ggml.model '${model}' is not one of bert, gpt2, gemma4, llama, t5`);
}

/** The `tokenizer.ggml.*` values, checked as they are asked for. */
class Metadata {
  #metadata;
  /** @type {string[] | undefined} */
  #tokens;

  /** @param {Map<string, import('../../formats/gguf.js').GgufValue>} metadata */
  constructor(metadata) {
    this.#metadata = metadata;
    /** @type {unknown} */
    const tokens = this.get('tokens');
    /** As they stand in the file, where they do. */
    this.strings = isA(tokens, GgufStrings) ? tokens : undefined;
    if (!this.strings && (!Array.isArray(tokens) || !tokens.every((token) => typeof token === 'string'))) {
      throw new WembedError('bad_file', 'this GGUF file holds no tokenizer: tokenizer.ggml.tokens is not there');
    }
    this.#tokens = this.strings ? undefined : /** @type {string[]} */ (tokens);
    this.count = /** @type {ArrayLike<string>} */ (tokens).length;
    this.types = this.numbers('token_type', false);
  }

  /** All of them, which takes a while. @returns {string[]} */
  get tokens() {
    return (this.#tokens ??= textsOf(this.strings));
  }

  /** @param {number} id */
  at(id) {
    return this.#tokens ? this.#tokens[id] : this.strings?.at(id);
  }

  /** @param {string} key */
  get(key) {
    return this.#metadata.get(`tokenizer.ggml.${key}`);
  }

  /** @param {string} key @param {string} [otherwise] */
  string(key, otherwise) {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== 'string') throw new WembedError('bad_file', `tokenizer.ggml.${key} is not a string`);
    return value;
  }

  /** @param {string} key @param {boolean} otherwise */
  flag(key, otherwise) {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== 'boolean') throw new WembedError('bad_file', `tokenizer.ggml.${key} is not true or false`);
    return value;
  }

  /**
   * One number a token.
   * @param {string} key
   * @param {boolean} required
   * @returns {ArrayLike<number> | undefined}
   */
  numbers(key, required) {
    const value = /** @type {any} */ (this.get(key));
    if (value === undefined && !required) return undefined;
    if (!ArrayBuffer.isView(value) || /** @type {any} */ (value).length !== this.count) {
      throw new WembedError('bad_file', `tokenizer.ggml.${key} is not ${this.count} numbers`);
    }
    return /** @type {any} */ (value);
  }

  /** One a token, each finite. */
  get scores() {
    const scores = /** @type {ArrayLike<number>} */ (this.numbers('scores', true));
    const wrong = Array.prototype.findIndex.call(scores, (score) => !Number.isFinite(score));
    if (wrong < 0) return scores;
    throw new WembedError('bad_file', `tokenizer.ggml.scores: token ${wrong} has the score ${scores[wrong]}`);
  }

  /**
   * @param {string} key of a token's id
   * @returns {{ id: number, content: string } | undefined}
   */
  token(key) {
    const id = this.get(key);
    if (id === undefined || id === 0xffffffff) return undefined;
    const content = typeof id === 'number' ? this.at(id) : undefined;
    if (content === undefined) {
      throw new WembedError('bad_file', `tokenizer.ggml.${key} is ${shown(id)}, of ${this.count} tokens`);
    }
    return { id: /** @type {number} */ (id), content };
  }

  /** Tokens that are found in the text before anything splits it. */
  added() {
    const { types } = this;
    if (!types) return [];
    const added = [];
    for (let id = 0; id < this.count; id++) {
      const special = types[id] === CONTROL || types[id] === UNKNOWN;
      if (!special && types[id] !== USER_DEFINED) continue;
      const content = this.at(id) ?? this.tokens[id];
      added.push({ id, content, special, normalized: false, lstrip: false, rstrip: false, single_word: false });
    }
    return added;
  }

  /**
   * @param {{ id: number, content: string } | undefined} before
   * @param {{ id: number, content: string } | undefined} after
   */
  template(before, after) {
    const around = [before, after].filter((token) => token !== undefined);
    if (around.length === 0) return null;
    /** @param {{ content: string } | undefined} token */
    const side = (token) => (token ? [{ SpecialToken: { id: token.content, type_id: 0 } }] : []);
    return {
      type: 'TemplateProcessing',
      single: [...side(before), { Sequence: { id: 'A', type_id: 0 } }, ...side(after)],
      pair: [],
      special_tokens: Object.fromEntries(
        around.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
      ),
    };
  }

  /** @param {boolean} bos whether it is put where the file does not say */
  bosAndEos(bos) {
    return this.template(
      this.flag('add_bos_token', bos) ? this.token('bos_token_id') : undefined,
      this.flag('add_eos_token', false) ? this.token('eos_token_id') : undefined,
    );
  }
}

/**
 * ggml marks the pieces that begin a word with ▁ where BERT marks the others with ##; [CLS] and the like it leaves.
 * @param {Metadata} file
 */
function wordPiece(file) {
  const unknown = file.token('unknown_token_id') ?? { content: '[UNK]' };
  const settings = { type: 'WordPiece', unk_token: unknown.content, continuing_subword_prefix: '##' };
  const made = () => vocabOf(file.tokens.map(wordPieceOf));
  const strings = file.strings ? undefined : made();
  const model = lazyModel({ ...settings, max_input_chars_per_word: 100 }, undefined, {
    vocab: () => strings ?? made(),
  });
  if (file.strings) giveWordPieces(model, file.strings);
  return {
    added_tokens: file.added(),
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      lowercase: file.flag('normalizer.lowercase', true),
      strip_accents: file.flag('normalizer.strip_accents', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: file.template(
      file.token('cls_token_id') ?? file.token('bos_token_id'),
      file.token('seperator_token_id') ?? file.token('eos_token_id'), // ggml's spelling
    ),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model,
  };
}

/** @param {string} token */
const wordPieceOf = (token) =>
  token.startsWith('▁') ? token.slice(1) : token.startsWith('[') && token.endsWith(']') ? token : `##${token}`;

/** The same of the file's bytes; a file that is no UTF-8 is left to who makes strings. @param {object} model @param {GgufStrings} strings */
function giveWordPieces(model, { bytes, length }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [pieces, prefix] = [new PieceBytes(bytes.length, length), Uint8Array.of(0x23, 0x23)];
  for (let i = 0, at = 0; i < length; i++) {
    const token = bytes.subarray(at + 8, at + 8 + view.getUint32(at, true));
    at += 8 + token.length;
    if (token[0] === 0xe2 && token[1] === 0x96 && token[2] === 0x81) pieces.add(token.subarray(3));
    else if (token[0] === 0x5b && token.at(-1) === 0x5d) pieces.add(token);
    else pieces.add(prefix, token);
  }
  if (pieces.isUtf8()) pieces.give(model);
}

/** @param {Metadata} file @param {string} otherwise the pre-tokenizer where none is named */
function listedBpe(file, otherwise) {
  const name = file.string('pre', otherwise);
  const settings = GGUF_PRE_TOKENIZERS.get(name);
  if (!settings) {
    const known = [...GGUF_PRE_TOKENIZERS.keys()].join(', ');
    throw new WembedError('unsupported', `tokenizer.ggml.pre '${name}' is not one of ${known}`);
  }
  const { pre, ignoreMerges = false, bos = false, nfc, characters, words } = settings;
  /** @type {unknown} */
  const listed = file.get('merges');
  const strings = isA(listed, GgufStrings) ? listed : undefined;
  if (!strings && !Array.isArray(listed)) throw new WembedError('bad_file', 'tokenizer.ggml.merges is not there');
  const merges = {
    make: () => (strings ? textsOf(strings) : listed),
    read: (/** @type {Lists} */ lists) => strings !== undefined && lists.mergeStrings(strings),
  };
  if (words) return wordBpe(file, pre, bos, merges);
  if (characters) return characterBpe(file, pre, bos, merges);
  return {
    added_tokens: file.added(),
    normalizer: nfc ? { type: 'NFC' } : null,
    pre_tokenizer: pre,
    post_processor: file.bosAndEos(bos) ?? { ...DECODER, trim_offsets: false },
    decoder: DECODER,
    model: bpeModel(file, { type: 'BPE', ignore_merges: ignoreMerges }, merges),
  };
}

/**
 * @typedef {object} Merges
 * @property {() => unknown} make
 * @property {(lists: Lists) => boolean} read
 */

/** @param {Metadata} file @param {object} model @param {Merges} merges */
function bpeModel(file, model, merges) {
  const { strings } = file;
  const read = (/** @type {Lists} */ lists) =>
    strings !== undefined && lists.readStrings(strings) && merges.read(lists);
  return lazyModel(model, strings && read, { vocab: () => vocabOf(file.tokens), merges: merges.make });
}

/** @param {Metadata} file */
function sentencePieceBpe(file) {
  const scores = file.scores;
  const prefix = file.flag('add_space_prefix', true);
  const json = characterBpe(file, null, true, {
    make: () => mergesOf(file.tokens, scores),
    read: (lists) => isA(scores, Float32Array) && lists.mergeBy(ORDER.scores, scores),
  });
  if (!prefix) return json;
  const { normalizer, decoder } = json;
  return {
    ...json,
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, normalizer] },
    decoder: {
      type: 'Sequence',
      decoders: [...decoder.decoders, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
    },
  };
}

/**
 * Symbols are characters, spaces ▁, and characters that the vocabulary lacks become tokens of their bytes.
 * @param {Metadata} file
 * @param {object | null} pre
 * @param {boolean} bos
 * @param {Merges} merges
 */
function characterBpe(file, pre, bos, merges) {
  return {
    added_tokens: file.added(),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: pre,
    post_processor: file.bosAndEos(bos),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: bpeModel(
      file,
      {
        type: 'BPE',
        unk_token: file.token('unknown_token_id')?.content ?? null,
        fuse_unk: true,
        byte_fallback: true,
      },
      merges,
    ),
  };
}

/**
 * The same without spaces, which no token has.
 * @param {Metadata} file
 * @param {object | null} pre
 * @param {boolean} bos
 * @param {Merges} merges
 */
function wordBpe(file, pre, bos, merges) {
  return {
    ...characterBpe(file, pre, bos, merges),
    normalizer: file.flag('normalizer.lowercase', false) ? { type: 'Lowercase' } : null,
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
  };
}

/**
 * @param {string[]} tokens
 * @param {ArrayLike<number>} scores
 */
function mergesOf(tokens, scores) {
  const long = tokens.find((token) => token.length > MAX_PIECE);
  if (long) throw new WembedError('bad_file', `a token of ${long.length} characters`);
  return mergesByScore(new Map(tokens.map((token, id) => [token, id])), scores);
}

/** @param {Metadata} file */
function unigram(file) {
  const { scores, strings } = file;
  const charsmap = /** @type {any} */ (file.get('precompiled_charsmap'));
  const normalizers = [];
  if (charsmap?.length) {
    const bytes = new Uint8Array(charsmap.buffer, charsmap.byteOffset, charsmap.byteLength);
    const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    normalizers.push({ type: 'Precompiled', precompiled_charsmap: btoa(binary) });
  }
  if (file.flag('remove_extra_whitespaces', false)) normalizers.push(...NO_EXTRA_SPACES);
  const space = {
    type: 'Metaspace',
    replacement: '▁',
    prepend_scheme: file.flag('add_space_prefix', true) ? 'always' : 'never',
    split: true,
  };
  return {
    added_tokens: file.added(),
    normalizer: normalizers.length ? { type: 'Sequence', normalizers } : null,
    pre_tokenizer: space,
    post_processor: file.template(undefined, file.flag('add_eos_token', true) ? file.token('eos_token_id') : undefined),
    decoder: space,
    model: lazyModel(
      { type: 'Unigram', unk_id: file.token('unknown_token_id')?.id ?? null, byte_fallback: false },
      strings && ((lists) => lists.readStrings(strings) && lists.setScores(scores)),
      { vocab: () => file.tokens.map((token, id) => [token, scores[id]]) },
    ),
  };
}

/** @param {string[]} tokens */
function vocabOf(tokens) {
  /** @type {Record<string, number>} */
  const vocab = Object.create(null);
  tokens.forEach((token, id) => {
    if (token in vocab) throw new WembedError('bad_file', `the tokens ${vocab[token]} and ${id} are both '${token}'`);
    vocab[token] = id;
  });
  return vocab;
}
