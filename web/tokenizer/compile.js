/**
 * tokenizer.json → the compact binary spec the C++ tokenizer is built from, and the decision whether that tokenizer
 * covers it exactly. What is broken is a `bad_file`; what is fine but not covered comes back with the reason, and the
 * JS library takes it. Layout: little-endian u32 words; texts as length, bytes, padding to a word. The order is the one
 * in which `Tokenizer::build` (cpp/text/tokenizer.cc) reads.
 */
import { WembedError } from '../core/errors.js';

const MAGIC = 0x314b5457; // "WTK1"
const NONE = 0xffffffff;
const MAX_ID = 2 ** 24;

const NORMALIZERS = {
  bert: 0,
  form: 1,
  lowercase: 2,
  stripAccents: 3,
  strip: 4,
  replace: 5,
  prepend: 6,
  replaceRun: 7,
  charsmap: 8,
};
const PRE_TOKENIZERS = {
  bert: 0,
  whitespace: 1,
  whitespaceSplit: 2,
  punctuation: 3,
  digits: 4,
  pattern: 5,
  byteLevel: 6,
  metaspace: 7,
};
const DECODERS = {
  wordPiece: 0,
  byteLevel: 1,
  metaspace: 2,
  byteFallback: 3,
  fuse: 4,
  strip: 5,
  replace: 6,
  bpe: 7,
};
/** Patterns of runs that `Replace` is known with, and the flags they are written as. */
const RUNS = ['\\s+', ' {2,}', '(?<![\\s\\S]) +|[ ▁]+(?![\\s\\S])'];
const FORMS = ['NFD', 'NFKD', 'NFC', 'NFKC'];
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
const SCHEMES = ['always', 'first', 'never'];

/** Why a tokenizer.json is left to the JS library. */
class NotCovered extends Error {}

/**
 * @typedef {{ covered: true, spec: Uint8Array } | { covered: false, reason: string }} Compiled
 */

/**
 * @param {any} json a parsed tokenizer.json
 * @param {import('./vocab_section.js').VocabSection} [section] of a WordPiece's vocabulary, which `json` then lacks
 * @param {Tables} [tables] those that `neededTables` names
 * @returns {Compiled} `spec` for `Tokenizer::build`; that may still answer `unsupported`, which means: not covered
 */
export function compileTokenizer(json, section, tables = {}) {
  const model = checkModel(json);
  try {
    const out = new Writer(estimate(json, section));
    const byteLevel = isByteLevel(json);
    const post = readPostProcessors(json.post_processor);
    out.u32(MAGIC, Number(byteLevel) | (Number(post.trim) << 1) | (Number(post.prefixSpace) << 2));
    out.tables = tables;
    writeSteps(out, flatten(json.normalizer, 'normalizers'), writeNormalizer);
    const preTokenizers = flatten(json.pre_tokenizer, 'pretokenizers');
    if (preTokenizers.slice(0, -1).some(({ type }) => type === 'ByteLevel')) {
      throw new NotCovered('a pre-tokenizer after ByteLevel');
    }
    writeSteps(out, preTokenizers, writePreTokenizer);
    writeModel(out, model, section);
    writeAddedTokens(out, json, model, section);
    out.ids(post.before);
    out.ids(post.after);
    writeSteps(out, flatten(json.decoder, 'decoders'), writeDecoder);
    return { covered: true, spec: out.done() };
  } catch (error) {
    if (error instanceof NotCovered) return { covered: false, reason: error.message };
    throw error;
  }
}

/** @param {string} what @returns {never} */
function bad(what) {
  throw new WembedError('bad_file', `tokenizer.json: ${what}`);
}

/**
 * What few tokenizers need, and is loaded for those.
 * @typedef {object} Tables
 * @property {Uint8Array} [compatibility] what NFKC and NFKD need
 * @property {{ joins: number, ranges: Uint8Array }} [graphemes] what Precompiled needs
 */

/**
 * @param {any} json a parsed tokenizer.json
 * @returns {{ compatibility: boolean, graphemes: boolean }}
 */
export function neededTables(json) {
  const types = flatten(json?.normalizer, 'normalizers').map(({ type }) => type);
  return {
    compatibility: types.includes('NFKC') || types.includes('NFKD'),
    graphemes: types.includes('Precompiled'),
  };
}

/** Grows as it is written to. */
class Writer {
  /** @type {Tables} */
  tables = {};

  /** @param {number} size a guess at the bytes needed */
  constructor(size) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
  }

  /** @param {number} size bytes to make room for */
  reserve(size) {
    if (this.at + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** @param {...number} values */
  u32(...values) {
    this.reserve(values.length * 4);
    for (const value of values) {
      this.view.setUint32(this.at, value, true);
      this.at += 4;
    }
  }

  /** @param {ArrayLike<number>} values a word each */
  words(values) {
    this.reserve(values.length * 4);
    for (let i = 0; i < values.length; i++, this.at += 4) this.view.setUint32(this.at, values[i], true);
  }

  /** @param {ArrayLike<number>} values their number, then a word each */
  ids(values) {
    this.u32(values.length);
    this.words(values);
  }

  /** @param {Uint8Array} bytes whole words */
  raw(bytes) {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** @param {Uint8Array} bytes their number, themselves, padding */
  sized(bytes) {
    this.u32(bytes.length);
    this.raw(bytes);
    this.reserve(4);
    this.pad();
  }

  /** @param {number} value */
  f64(value) {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** @param {string} text length, UTF-8, padding */
  text(text) {
    const from = this.at;
    this.u32(0);
    this.utf8(text);
    this.view.setUint32(from, this.at - from - 4, true);
    this.pad();
  }

  /** @param {string} text UTF-8 alone. Most are short and ASCII: a loop beats a call of TextEncoder. */
  utf8(text) {
    this.reserve(text.length * 3);
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        at += encoder.encodeInto(text.slice(i), bytes.subarray(at)).written;
        break;
      }
      bytes[at++] = unit;
    }
    this.at = at;
  }

  pad() {
    const padded = (this.at + 3) & ~3;
    this.reserve(padded - this.at);
    this.bytes.fill(0, this.at, padded);
    this.at = padded;
  }

  done() {
    return this.bytes.subarray(0, this.at);
  }
}

const encoder = new TextEncoder();

/** @param {any} json */
function checkModel(json) {
  const model = json?.model;
  if (typeof model !== 'object' || model === null) bad('no model');
  if (typeof model.vocab !== 'object' || model.vocab === null) bad('no model.vocab');
  if (json.added_tokens != null && !Array.isArray(json.added_tokens)) bad('added_tokens is no list');
  return model;
}

/** @param {any} json @param {import('./vocab_section.js').VocabSection} [section] */
function estimate({ model, added_tokens: added }, section) {
  if (section) return 4096 + section.bytes.length;
  return 1024 + 32 * (Object.keys(model.vocab).length + (model.merges?.length ?? 0) + (added?.length ?? 0));
}

/** @param {any} json byte-level text becomes raw bytes, so the vocabulary must, too */
function isByteLevel({ model, pre_tokenizer: preTokenizer }) {
  const found = flatten(preTokenizer, 'pretokenizers').some(({ type }) => type === 'ByteLevel');
  if (found && modelType(model) !== 'BPE') throw new NotCovered('ByteLevel before another model than BPE');
  return found;
}

/**
 * The steps of a Sequence, or the one there is.
 * @param {any} part @param {string} list the name of a Sequence's list
 * @returns {any[]}
 */
function flatten(part, list) {
  if (part === null || part === undefined) return [];
  if (typeof part !== 'object' || typeof part.type !== 'string') bad(`a step without a type: ${JSON.stringify(part)}`);
  if (part.type !== 'Sequence') return [part];
  if (!Array.isArray(part[list])) bad(`a Sequence without ${list}`);
  return part[list].flatMap((/** @type {any} */ step) => flatten(step, list));
}

/**
 * @param {Writer} out @param {any[]} steps
 * @param {(out: Writer, step: any) => void} write
 */
function writeSteps(out, steps, write) {
  out.u32(steps.length);
  for (const step of steps) write(out, step);
}

/** @param {any} value @param {string} name @returns {string} */
function string(value, name) {
  if (typeof value !== 'string') bad(`${name} must be a string, got ${JSON.stringify(value)}`);
  return value;
}

/** @param {any} pattern @param {string} where @returns {string} */
function literal(pattern, where) {
  if (typeof pattern?.String !== 'string') throw new NotCovered(`${where} with the pattern ${JSON.stringify(pattern)}`);
  if (pattern.String === '') throw new NotCovered(`${where} of nothing`);
  return pattern.String;
}

/** @param {any} value @param {string[]} names @param {string} what */
function indexIn(value, names, what) {
  const index = names.indexOf(value);
  if (index < 0) throw new NotCovered(`${what} ${JSON.stringify(value)}`);
  return index;
}

/** @param {Writer} out @param {any} step */
function writeNormalizer(out, step) {
  const put = (/** @type {number} */ kind, flags = 0, from = '', to = '') => {
    out.u32(kind, flags);
    out.text(from);
    out.text(to);
  };
  const form = FORMS.indexOf(step.type);
  if (form === 1 || form === 3) {
    const { compatibility } = out.tables;
    if (!compatibility) throw new NotCovered(`${step.type} without its table`);
    out.u32(NORMALIZERS.form, form);
    out.sized(compatibility);
    out.text('');
  } else if (form >= 0) put(NORMALIZERS.form, form);
  else if (step.type === 'Precompiled') writeCharsmap(out, step);
  else if (step.type === 'BertNormalizer') put(NORMALIZERS.bert, bertFlags(step));
  else if (step.type === 'Lowercase') put(NORMALIZERS.lowercase);
  else if (step.type === 'StripAccents') put(NORMALIZERS.stripAccents);
  else if (step.type === 'Strip') put(NORMALIZERS.strip, Number(!!step.strip_left) | (Number(!!step.strip_right) << 1));
  else if (step.type === 'Prepend') put(NORMALIZERS.prepend, 0, '', string(step.prepend, 'Prepend.prepend'));
  else if (step.type === 'Replace') {
    const content = string(step.content, 'Replace.content');
    const run = RUNS.indexOf(step.pattern?.Regex);
    if (run >= 0 && (run < 2 || content === '')) put(NORMALIZERS.replaceRun, run, '', content);
    else put(NORMALIZERS.replace, 0, literal(step.pattern, 'Replace'), content);
  } else throw new NotCovered(`the normalizer ${step.type}`);
}

/** @param {Writer} out @param {any} step SentencePiece's map of characters to texts */
function writeCharsmap(out, step) {
  const { graphemes } = out.tables;
  if (!graphemes) throw new NotCovered('Precompiled without its table');
  out.u32(NORMALIZERS.charsmap, graphemes.joins);
  try {
    const binary = atob(string(step.precompiled_charsmap, 'precompiled_charsmap'));
    out.sized(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  } catch (error) {
    if (error instanceof WembedError) throw error;
    bad('precompiled_charsmap is not base64');
  }
  out.sized(graphemes.ranges);
}

/** @param {any} step accents follow the case where nothing is said of them */
function bertFlags({
  clean_text: clean = true,
  handle_chinese_chars: chinese = true,
  strip_accents: strip,
  lowercase = true,
}) {
  return Number(clean) | (Number(chinese) << 1) | (Number(strip ?? lowercase) << 2) | (Number(lowercase) << 3);
}

/** @param {Writer} out @param {any} step */
function writePreTokenizer(out, step) {
  const put = (/** @type {number} */ kind, a = 0, b = 0, text = '') => {
    out.u32(kind, a, b);
    out.text(text);
  };
  const { type } = step;
  if (type === 'BertPreTokenizer') put(PRE_TOKENIZERS.bert);
  else if (type === 'Whitespace') put(PRE_TOKENIZERS.whitespace);
  else if (type === 'WhitespaceSplit') put(PRE_TOKENIZERS.whitespaceSplit);
  else if (type === 'Digits') put(PRE_TOKENIZERS.digits, Number(!!step.individual_digits));
  else if (type === 'ByteLevel') {
    put(PRE_TOKENIZERS.byteLevel, Number(!!step.add_prefix_space), Number(step.use_regex ?? true));
  } else if (type === 'Punctuation') {
    const behavior = indexIn(step.behavior ?? 'Isolated', ['Removed', 'Isolated', '', '', 'Contiguous'], 'Punctuation');
    put(PRE_TOKENIZERS.punctuation, behavior);
  } else if (type === 'Metaspace') {
    const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always');
    const replacement = string(step.replacement, 'Metaspace.replacement');
    if ([...replacement].length !== 1) bad(`Metaspace.replacement must be one character, got "${replacement}"`);
    const index = indexIn(scheme, SCHEMES, 'Metaspace with the scheme');
    put(PRE_TOKENIZERS.metaspace, index, Number(step.split ?? true), replacement);
  } else if (type === 'Split') writeSplit(step, put);
  else throw new NotCovered(`the pre-tokenizer ${type}`);
}

/**
 * @param {any} step
 * @param {(kind: number, a: number, b: number, text: string) => void} put
 */
function writeSplit(step, put) {
  const { Regex: regex, String: text } = step.pattern ?? {};
  if (typeof (regex ?? text) !== 'string') bad(`a Split by ${JSON.stringify(step.pattern)}`);
  const behavior = indexIn(step.behavior, BEHAVIORS, 'Split with the behavior');
  put(PRE_TOKENIZERS.pattern, Number(!!step.invert) | (Number(regex === undefined) << 1), behavior, regex ?? text);
}

/** @param {any} model files of older versions have no type */
function modelType(model) {
  if (typeof model.type === 'string') return model.type;
  if (Array.isArray(model.vocab)) return 'Unigram';
  return model.merges ? 'BPE' : 'WordPiece';
}

/** @param {Writer} out @param {any} model @param {import('./vocab_section.js').VocabSection} [section] */
function writeModel(out, model, section) {
  const type = modelType(model);
  if (section) {
    out.raw(section.bytes);
    return writeWordPiece(out, model, section.idOf);
  }
  if (type === 'Unigram') return writeUnigram(out, model);
  if (type !== 'WordPiece' && type !== 'BPE') throw new NotCovered(`the model ${type}`);
  if (Array.isArray(model.vocab)) bad(`the vocabulary of ${type} must be an object`);
  const tokens = Object.keys(model.vocab);
  if (tokens.length === 0) throw new NotCovered('an empty vocabulary');
  const ids = tokens.map((token) => model.vocab[token]);
  const wrong = ids.findIndex((id) => !isId(id));
  if (wrong >= 0) bad(`token ${JSON.stringify(tokens[wrong])} has the id ${ids[wrong]}`);
  writeVocab(out, tokens, ids);
  if (type === 'BPE') writeBpe(out, model);
  else writeWordPiece(out, model, (token) => ownId(model.vocab, token));
}

/** @param {unknown} id */
function isId(id) {
  return Number.isInteger(id) && /** @type {number} */ (id) >= 0 && /** @type {number} */ (id) < MAX_ID;
}

/** @param {Writer} out @param {string[]} tokens @param {number[] | null} ids null: their places */
function writeVocab(out, tokens, ids) {
  out.u32(tokens.length, Number(ids !== null));
  const ends = out.at;
  out.words(new Uint32Array(tokens.length + 1));
  if (ids) out.words(ids);
  const from = out.at;
  out.u32(0);
  for (let i = 0; i < tokens.length; i++) {
    out.utf8(tokens[i]);
    out.view.setUint32(ends + 4 * (i + 1), out.at - from - 4, true);
  }
  out.view.setUint32(from, out.at - from - 4, true);
  out.reserve(4);
  out.pad();
}

/** @param {Writer} out @param {any} model @param {(token: string) => number | undefined} idOf */
function writeWordPiece(out, model, idOf) {
  const unk = idOf(string(model.unk_token, 'model.unk_token'));
  if (unk === undefined) return bad(`model.unk_token ${JSON.stringify(model.unk_token)} is not in the vocabulary`);
  const most = model.max_input_chars_per_word ?? 100;
  if (!Number.isInteger(most) || most < 0 || most > NONE) bad(`max_input_chars_per_word is ${most}`);
  out.u32(0, unk);
  out.text(string(model.continuing_subword_prefix ?? '##', 'continuing_subword_prefix'));
  out.u32(most);
}

/** @param {Writer} out @param {any} model */
function writeBpe(out, model) {
  if (model.dropout) throw new NotCovered('BPE with dropout');
  if (!Array.isArray(model.merges)) bad('no model.merges');
  // Not of tokenizer.json: what a file of ranks stands for has no merges, any two that make a token are one.
  const ranks = model.ranks === true && model.merges.length === 0;
  let unk = NONE;
  if (model.unk_token != null) {
    unk = model.vocab[model.unk_token];
    if (unk === undefined) throw new NotCovered(`an unk_token that is not in the vocabulary: ${model.unk_token}`);
  }
  out.u32(1, unk);
  const flags = [model.byte_fallback, model.fuse_unk, model.ignore_merges, ranks];
  out.u32(flags.reduce((bits, flag, i) => bits | (Number(!!flag) << i), 0));
  const prefix = model.continuing_subword_prefix ?? '';
  out.text(prefix);
  out.text(model.end_of_word_suffix ?? '');
  out.u32(model.merges.length);
  out.words(mergedIds(model, prefix.length));
}

/**
 * Left, right and merged id of each merge.
 * @param {any} model @param {number} skip the length of the prefix the right part leaves behind
 */
function mergedIds({ merges, vocab }, skip) {
  const words = new Uint32Array(merges.length * 3);
  for (let i = 0; i < merges.length; i++) {
    const merge = merges[i];
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2) bad(`merge ${i} is no pair: ${JSON.stringify(merge)}`);
    const [left, right] = pair;
    const ids = [vocab[left], vocab[right], vocab[left + right.slice(skip)]];
    if (!ids.every(isId)) bad(`merge ${i} names a token that is not in the vocabulary: ${JSON.stringify(merge)}`);
    words.set(ids, i * 3);
  }
  return words;
}

/** @param {Writer} out @param {any} model */
function writeUnigram(out, model) {
  if (!Array.isArray(model.vocab)) bad('the vocabulary of Unigram must be a list');
  const { vocab } = model;
  if (vocab.length === 0) throw new NotCovered('an empty vocabulary');
  const wrong = vocab.findIndex(
    (/** @type {any} */ entry) => typeof entry?.[0] !== 'string' || !Number.isFinite(entry[1]),
  );
  if (wrong >= 0) bad(`entry ${wrong} of the vocabulary is no [piece, score]: ${JSON.stringify(vocab[wrong])}`);
  const unk = model.unk_id ?? NONE;
  if (unk === NONE) throw new NotCovered('Unigram without an unk_id');
  if (!isId(unk) || unk >= vocab.length) bad(`unk_id is ${unk}, the vocabulary has ${vocab.length}`);
  const pieces = vocab.map((/** @type {any} */ [piece]) => piece);
  if (new Set(pieces).size !== pieces.length) throw new NotCovered('a Unigram vocabulary with a piece twice');
  writeVocab(out, pieces, null);
  out.u32(2, unk, Number(!!model.byte_fallback), vocab.length);
  for (const [, score] of vocab) out.f64(score);
}

/**
 * An added token that the vocabulary lacks has the id that the file gives it, as long as no other has.
 * @param {Writer} out @param {any} json @param {any} model
 * @param {import('./vocab_section.js').VocabSection} [section]
 */
function writeAddedTokens(out, { added_tokens: added }, model, section) {
  const tokens = added ?? [];
  const size = section?.size ?? Object.keys(model.vocab).length;
  const ids = Array.isArray(model.vocab)
    ? new Map(model.vocab.map((/** @type {any} */ [piece], /** @type {number} */ id) => [piece, id]))
    : new Map();
  const idOf = (/** @type {string} */ content) =>
    section ? section.idOf(content) : (ids.get(content) ?? ownId(model.vocab, content));
  const seen = new Map();
  /** @type {Set<number> | undefined} */
  let others;
  const taken = () =>
    (others ??= new Set([...seen.values(), ...(ids.size ? ids.values() : Object.values(model.vocab))]));
  let last = -1;
  out.u32(tokens.length);
  for (const token of tokens) {
    if (typeof token?.content !== 'string' || !isId(token.id)) bad(`the added token ${JSON.stringify(token)}`);
    const { id, content } = token;
    const expected = idOf(content) ?? seen.get(content) ?? (last >= size ? last + 1 : size);
    // Whether an unexpected id is another token's cannot be seen in a section.
    if (id !== expected && (section || idOf(content) !== undefined || taken().has(id))) {
      throw new NotCovered(`the added token ${JSON.stringify(content.slice(0, 40))} has the id ${id}`);
    }
    if (seen.has(content)) bad(`the added token ${JSON.stringify(content)} occurs twice`);
    seen.set(content, id);
    others?.add(id);
    last = Math.max(last, id);
    const flags = [token.special, token.lstrip, token.rstrip, token.single_word, token.normalized ?? !token.special];
    out.u32(
      id,
      flags.reduce((bits, flag, i) => bits | (Number(!!flag) << i), 0),
    );
    out.text(content);
  }
}

/** @param {any} vocab @param {string} token */
function ownId(vocab, token) {
  return !Array.isArray(vocab) && Object.hasOwn(vocab, token) ? vocab[token] : undefined;
}

/**
 * What the post-processors put around a single text, and what they do to its offsets.
 * @param {any} part
 */
function readPostProcessors(part) {
  const post = { before: [], after: [], trim: false, prefixSpace: false };
  for (const step of flatten(part, 'processors')) {
    if (step.type === 'TemplateProcessing') readTemplate(step, post);
    else if (step.type === 'BertProcessing' || step.type === 'RobertaProcessing') {
      if (!isId(step.cls?.[1]) || !isId(step.sep?.[1])) bad(`${step.type} without cls and sep`);
      wrap(post, [step.cls[1]], [step.sep[1]]);
    } else if (step.type !== 'ByteLevel') throw new NotCovered(`the post-processor ${step.type}`);
    if (step.type === 'ByteLevel' || step.type === 'RobertaProcessing') {
      post.trim = step.trim_offsets ?? true;
      post.prefixSpace = step.add_prefix_space ?? true;
    }
  }
  return post;
}

/** @param {any} post @param {number[]} before @param {number[]} after */
function wrap(post, before, after) {
  if (post.before.length || post.after.length) throw new NotCovered('two post-processors that put tokens');
  post.before = before;
  post.after = after;
}

/** @param {any} step @param {any} post */
function readTemplate({ single, special_tokens: special }, post) {
  if (!Array.isArray(single)) bad('TemplateProcessing without single');
  /** @type {number[][]} */
  const sides = [[], []];
  let side = 0;
  for (const item of single) {
    if (item?.Sequence) side += 1;
    else {
      const ids = special?.[item?.SpecialToken?.id]?.ids;
      if (!Array.isArray(ids) || !ids.every(isId)) bad(`the template's ${JSON.stringify(item)} has no ids`);
      sides[Math.min(side, 1)].push(...ids);
    }
  }
  if (side !== 1) throw new NotCovered(`a template that holds the text ${side} times`);
  wrap(post, sides[0], sides[1]);
}

/** @param {Writer} out @param {any} step */
function writeDecoder(out, step) {
  const put = (/** @type {number} */ kind, a = 0, b = 0, from = '', to = '') => {
    out.u32(kind, a, b);
    out.text(from);
    out.text(to);
  };
  const { type } = step;
  if (type === 'WordPiece') put(DECODERS.wordPiece, Number(step.cleanup ?? true), 0, step.prefix ?? '##');
  else if (type === 'ByteLevel') put(DECODERS.byteLevel);
  else if (type === 'ByteFallback') put(DECODERS.byteFallback);
  else if (type === 'Fuse') put(DECODERS.fuse);
  else if (type === 'BPEDecoder') put(DECODERS.bpe, 0, 0, step.suffix ?? '</w>');
  else if (type === 'Metaspace') {
    const never = (step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always')) === 'never';
    put(DECODERS.metaspace, Number(!never), 0, string(step.replacement, 'Metaspace.replacement'));
  } else if (type === 'Strip') {
    put(DECODERS.strip, step.start ?? 0, step.stop ?? 0, string(step.content, 'Strip.content'));
  } else if (type === 'Replace') {
    put(DECODERS.replace, 0, 0, literal(step.pattern, 'Replace'), string(step.content, 'Replace.content'));
  } else throw new NotCovered(`the decoder ${type}`);
}
