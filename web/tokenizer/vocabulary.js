import { WembedError } from '../core/errors.js';

/**
 * What pruning reads of a parsed tokenizer.json, whose tokenizer has been made.
 * @typedef {object} TokenizerJson
 * @property {TokenModel} model
 * @property {{ id: number, content: string }[]} [added_tokens]
 * @property {PostProcessor | null} [post_processor]
 * @property {{ pad_token?: string, pad_id: number } | null} [padding]
 */

/** @typedef {string | [left: string, right: string, rank?: string]} Merge */

/**
 * @typedef {object} TokenModel
 * @property {string} [type]
 * @property {[piece: string, score: number][] | Record<string, number>} vocab a list for Unigram
 * @property {Merge[]} [merges] of BPE
 * @property {(number | null)[]} [scores] of a Unigram by SentencePiece's own rules
 * @property {string | null} [unk_token]
 * @property {number | null} [unk_id]
 * @property {string | null} [continuing_subword_prefix]
 * @property {string | null} [end_of_word_suffix]
 */

/**
 * @typedef {object} PostProcessor
 * @property {string} [type]
 * @property {PostProcessor[]} [processors] of a Sequence
 * @property {Record<string, { ids: number[] }>} [special_tokens]
 * @property {[token: string, id: number]} [cls]
 * @property {[token: string, id: number]} [sep]
 */

/** The tokens of a tokenizer.json. */
export class Vocabulary {
  /** @type {Map<number, string>} */
  #tokens = new Map();
  /** @type {Map<string, number>} */
  #ids = new Map();
  #json;
  type;

  /** @param {TokenizerJson} json */
  constructor(json) {
    const { model } = json;
    this.#json = json;
    this.type = model.type ?? (Array.isArray(model.vocab) ? 'Unigram' : model.merges ? 'BPE' : 'WordPiece');
    const { vocab } = model;
    if (Array.isArray(vocab)) vocab.forEach(([token], id) => this.#add(token, id));
    else for (const [token, id] of Object.entries(vocab)) this.#add(token, id);
    for (const { content, id } of json.added_tokens ?? []) this.#add(content, id);
  }

  /** @param {string} token @param {number} id */
  #add(token, id) {
    this.#tokens.set(id, token);
    this.#ids.set(token, id);
  }

  /** Tokens, the added ones among them. */
  get size() {
    return this.#ids.size;
  }

  get largestId() {
    return [...this.#tokens.keys()].reduce((most, id) => Math.max(most, id), -1);
  }

  /** @param {number} id */
  tokenOf(id) {
    return this.#tokens.get(id);
  }

  /** @param {string} token */
  idOf(token) {
    return this.#ids.get(token);
  }

  /** Whether the model itself has a token, not only the added ones. @param {number} id */
  isOwn(id) {
    const { vocab } = this.#json.model;
    return Array.isArray(vocab) ? id < vocab.length : vocab[this.#tokens.get(id) ?? ''] === id;
  }

  /**
   * All ids, the most frequent tokens first: by score where tokens have one, else in the order in which they were found,
   * which is that of ids. What BERT calls unused comes last.
   */
  ranked() {
    const ids = [...this.#tokens.keys()].sort((a, b) => a - b);
    const unused = (/** @type {number} */ id) => Number(/^\[unused\d+\]$/.test(this.#tokens.get(id) ?? ''));
    if (this.type !== 'Unigram') return ids.sort((a, b) => unused(a) - unused(b) || a - b);
    const pieces = this.#pieces;
    const score = (/** @type {number} */ id) => pieces[id]?.[1] ?? -Infinity;
    return ids.sort((a, b) => score(b) - score(a) || a - b);
  }

  /** The ids without which it would be another tokenizer. */
  needed() {
    const { model, added_tokens: added, post_processor: post, padding } = this.#json;
    const ids = [...(added ?? []).map((token) => token.id), ...framingIds(post)];
    if (typeof model.unk_id === 'number') ids.push(model.unk_id);
    for (const token of [model.unk_token, padding?.pad_token]) if (token != null) ids.push(this.idOf(token) ?? -1);
    for (const [id, token] of this.#tokens) if (this.#isSingle(token)) ids.push(id);
    if (this.type === 'Unigram') ids.push(this.#leastLikely());
    return ids.filter((id) => this.#tokens.has(id));
  }

  /** A character or a byte, with what marks the middle or the end of a word. @param {string} token */
  #isSingle(token) {
    const { continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = this.#json.model;
    let character = token;
    if (prefix && character.startsWith(prefix)) character = character.slice(prefix.length);
    if (suffix && character.endsWith(suffix)) character = character.slice(0, -suffix.length);
    return character.length <= 2 ? [...character].length <= 1 : /^<0x[0-9A-F]{2}>$/.test(character);
  }

  /** A Unigram's. */
  get #pieces() {
    return /** @type {[string, number][]} */ (this.#json.model.vocab);
  }

  /** Unknown characters cost ten more than the least likely piece: without it they would cost less. */
  #leastLikely() {
    const vocab = this.#pieces;
    let least = 0;
    for (let id = 1; id < vocab.length; id++) if (vocab[id][1] < vocab[least][1]) least = id;
    return least;
  }
}

/** The ids that post-processors put around a text. @param {PostProcessor | null | undefined} post @returns {number[]} */
function framingIds(post) {
  if (!post) return [];
  if (post.type === 'Sequence') return (post.processors ?? []).flatMap(framingIds);
  const template = Object.values(post.special_tokens ?? {}).flatMap(({ ids }) => ids);
  return [...template, ...[post.cls, post.sep].flatMap((around) => (around ? [around[1]] : []))];
}

/**
 * A tokenizer.json that was read a second time.
 * @param {Uint8Array | object | undefined} source its bytes, or parsed
 * @param {number} vocabSize of the tokenizer that was made of it the first time
 * @returns {TokenizerJson} parsed
 */
export function parsedTokenizer(source, vocabSize) {
  if (!source)
    throw new WembedError('not_found', 'the tokenizer that this layer was loaded with is not there any more');
  try {
    const json = ArrayBuffer.isView(source)
      ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(source))
      : source;
    if (new Vocabulary(json).largestId === vocabSize - 1) return json;
  } catch {
    // It was fine when the layer was loaded.
  }
  throw new WembedError('bad_file', 'the tokenizer that this layer was loaded with has changed since');
}
