import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import { WembedError } from '../core/errors.js';

/**
 * The engine for tokenizers the core does not cover: `@huggingface/tokenizers`. Same members as `WasmEngine`.
 */
export class JsEngine {
  #tokenizer;
  /** @type {Map<string, number>} */
  #idOf;
  /** @type {number | undefined} */
  #medianTokenLength;
  vocabSize;
  unkId;

  /** @param {any} json a parsed tokenizer.json */
  constructor(json) {
    checkShape(json);
    try {
      this.#tokenizer = makeTokenizer(json);
    } catch (error) {
      if (error instanceof WembedError) throw error;
      const what = `tokenizer.json cannot be used: ${/** @type {Error} */ (error).message}`;
      throw new WembedError('bad_file', what, { cause: error });
    }
    this.#idOf = /** @type {NonNullable<JsTokenizer['model']>} */ (this.#tokenizer.model).tokens_to_ids;
    this.vocabSize = largestId(this.#idOf, json.added_tokens ?? []) + 1;
    this.unkId = unknownId(json, this.#idOf);
  }

  get medianTokenLength() {
    return (this.#medianTokenLength ??= medianLength(this.#idOf.keys()));
  }

  /**
   * @param {string} text
   * @param {import('./tokenizer.js').TokenizeOptions} options
   * @returns {import('./tokenizer.js').Encoding}
   */
  encode(text, { addSpecialTokens = true, maxLength = Infinity, offsets = false }) {
    if (offsets) throw new WembedError('unsupported', "this tokenizer's engine is 'js', which gives no offsets");
    const { ids, tokens } = this.#tokenizer.encode(wellFormed(text), { add_special_tokens: addSpecialTokens });
    return { ids: Uint32Array.from(ids).subarray(0, maxLength), tokens: tokens.slice(0, maxLength) };
  }

  /**
   * @param {number[]} ids
   * @param {boolean} skipSpecialTokens
   */
  decode(ids, skipSpecialTokens) {
    return this.#tokenizer.decode(ids, { skip_special_tokens: skipSpecialTokens });
  }

  /** @param {string} token */
  tokenToId(token) {
    return this.#tokenizer.token_to_id(token);
  }

  /** @param {number} id */
  idToToken(id) {
    return this.#tokenizer.id_to_token(id);
  }

  dispose() {}
}

/** @param {string} text */
function wellFormed(text) {
  return text.isWellFormed?.() === true ? text : text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** @param {any} json */
function checkShape(json) {
  const model = json?.model;
  const vocab = model?.vocab;
  if (typeof vocab !== 'object' || vocab === null) {
    throw new WembedError('bad_file', 'tokenizer.json has no model.vocab');
  }
  const bad = (json.added_tokens ?? []).find(
    (/** @type {any} */ token) => typeof token?.content !== 'string' || !isId(token.id),
  );
  if (bad) throw new WembedError('bad_file', `tokenizer.json has the added token ${JSON.stringify(bad)}`);
}

/**
 * The library reads a vocabulary through Object.entries, which takes longer than all else it does. For WordPiece, whose
 * vocabulary is these two fields and no more, it is given an empty one and then the fields.
 * @param {any} json
 * @returns {JsTokenizer}
 */
function makeTokenizer(json) {
  if (json.model.type !== 'WordPiece' || Array.isArray(json.model.vocab)) return new JsTokenizer(json, {});
  const tokenizer = new JsTokenizer({ ...json, model: { ...json.model, vocab: {} } }, {});
  const model = /** @type {NonNullable<JsTokenizer['model']>} */ (tokenizer.model);
  const added = model.tokens_to_ids;
  model.tokens_to_ids = new Map();
  for (const token in json.model.vocab) setToken(model, token, json.model.vocab[token]);
  for (const [token, id] of added) setToken(model, token, id);
  model.unk_token_id = model.tokens_to_ids.get(json.model.unk_token);
  return tokenizer;
}

/**
 * @param {{ tokens_to_ids: Map<string, number>, vocab: string[] }} model
 * @param {string} token
 * @param {number} id
 */
function setToken(model, token, id) {
  if (!isId(id)) throw new WembedError('bad_file', `tokenizer.json gives token ${JSON.stringify(token)} the id ${id}`);
  model.tokens_to_ids.set(token, id);
  model.vocab[id] = token;
}

/** @param {unknown} id */
function isId(id) {
  return Number.isInteger(id) && /** @type {number} */ (id) >= 0 && /** @type {number} */ (id) < 2 ** 31;
}

/**
 * @param {Map<string, number>} idOf
 * @param {{ id: number }[]} added
 */
function largestId(idOf, added) {
  let largest = -1;
  idOf.forEach((id, token) => {
    if (!isId(id)) {
      throw new WembedError('bad_file', `tokenizer.json gives token ${JSON.stringify(token)} the id ${id}`);
    }
    if (id > largest) largest = id;
  });
  return added.reduce((most, { id }) => Math.max(most, id), largest);
}

/**
 * @param {any} json
 * @param {Map<string, number>} idOf
 */
function unknownId({ model }, idOf) {
  return typeof model.unk_id === 'number' ? model.unk_id : idOf.get(model.unk_token);
}

/** @param {Iterable<string>} tokens */
function medianLength(tokens) {
  /** @type {number[]} how many tokens have each length: a sort of 30,000 numbers would take longer */
  const counts = [];
  let total = 0;
  for (const token of tokens) {
    const length = codePointLength(token);
    counts[length] = (counts[length] ?? 0) + 1;
    total++;
  }
  // The mean of the two middle lengths, rounded down, is what numpy's median cut to an integer gives.
  return Math.floor((nth(counts, Math.floor((total - 1) / 2)) + nth(counts, Math.floor(total / 2))) / 2);
}

/**
 * @param {number[]} counts
 * @param {number} n
 */
function nth(counts, n) {
  let seen = 0;
  for (let length = 0; length < counts.length; length++) {
    seen += counts[length] ?? 0;
    if (seen > n) return length;
  }
  return 0;
}

/** @param {string} text */
function codePointLength(text) {
  let length = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  return length;
}
