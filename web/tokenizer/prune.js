/** Smaller vocabularies: which tokens stay, and the tokenizer.json that has no others. */
import { WembedError } from '../core/errors.js';
import { addedTokensOf } from './added_tokens.js';
import { SAME_RANK } from './merge_ranks.js';
import { RANKS } from './vocab_json.js';
import { Vocabulary } from './vocabulary.js';

/** @typedef {import('./vocabulary.js').TokenizerJson} TokenizerJson */
/** @typedef {import('./vocabulary.js').TokenModel} TokenModel */
/** @typedef {import('./vocabulary.js').Merge} Merge */
/** @typedef {import('./vocabulary.js').PostProcessor} PostProcessor */

/**
 * @typedef {object} PrunedTokenizer
 * @property {TokenizerJson} json the new tokenizer.json, parsed
 * @property {Uint32Array} kept the old id of each new one
 */

/**
 * The tokenizer.json that knows fewer tokens. What it needs stays, too: added tokens, the unknown one, those that text is
 * framed with, single characters and bytes, and the parts that a kept token is merged from. So a text of which every token
 * stays is still the same tokens.
 * @param {TokenizerJson} json a parsed tokenizer.json
 * @param {(vocab: Vocabulary) => Iterable<number>} choose the old ids wanted, the most wanted first
 * @param {number} most how many tokens there are to be, unless more are needed
 * @returns {PrunedTokenizer}
 */
export function pruneTokenizer(json, choose, most) {
  json = withGivenIds(json);
  const vocab = new Vocabulary(json);
  /** @type {Set<number>} */
  const kept = new Set();
  const partsOf = vocab.type === 'BPE' ? mergeParts(json.model, vocab) : () => [];
  const keep = (/** @type {number} */ id) => {
    if (kept.has(id)) return;
    kept.add(id);
    partsOf(id).forEach(keep);
  };
  vocab.needed().forEach(keep);
  for (const id of choose(vocab)) {
    if (kept.size >= most) break;
    if (vocab.tokenOf(id) !== undefined) keep(id);
  }
  return rewrite(json, vocab, kept);
}

/**
 * The same with the ids that the added tokens have in texts, which need not be those that the file says.
 * @param {TokenizerJson} json
 * @returns {TokenizerJson}
 */
function withGivenIds(json) {
  const { model, added_tokens: added } = json;
  if (!added) return json;
  const own = new Map(
    Array.isArray(model.vocab) ? model.vocab.map(([token], id) => [token, id]) : Object.entries(model.vocab),
  );
  const vocabulary = { size: own.size, idOf: (/** @type {string} */ token) => own.get(token) };
  const found = addedTokensOf(added, vocabulary, RANKS in model);
  const ids = new Map(found.map(({ content, id }) => [content, id]));
  return {
    ...json,
    added_tokens: added.flatMap((token) => {
      const id = ids.get(token.content);
      return id === undefined ? [] : [{ ...token, id }];
    }),
  };
}

/** In units: the steps to a longer one would take a while, and a file of such ones for ever. */
const MAX_TOKEN = 1024;

/**
 * What each token of a BPE is made of: the tokens on the way from its characters to it. Within a text a token comes about
 * in the same steps as alone, because no merge reaches beyond it.
 * @param {TokenModel} model
 * @param {Vocabulary} vocab
 * @returns {(id: number) => number[]}
 */
function mergeParts(model, vocab) {
  const prefix = model.continuing_subword_prefix ?? '';
  const suffix = model.end_of_word_suffix ?? '';
  const ranks = ranksOf(model.merges ?? []);
  const rankOf = new Map((model.merges ?? []).map((merge, i) => [keyOf(merge), ranks[i]]));
  return (id) => {
    const token = vocab.tokenOf(id) ?? '';
    if (token.length > MAX_TOKEN) throw new WembedError('unsupported', `a token of ${token.length} characters`);
    const symbols = symbolsOf(token, prefix, suffix);
    const parts = [...symbols];
    while (symbols.length > 1) {
      let [best, rank] = [-1, Infinity];
      for (let i = 0; i + 1 < symbols.length; i++) {
        const found = rankOf.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity;
        if (found < rank) [best, rank] = [i, found];
      }
      if (best < 0) return []; // it never comes of merges
      const merged = symbols[best] + symbols[best + 1].slice(prefix.length);
      symbols.splice(best, 2, merged);
      parts.push(merged);
    }
    return parts.map((part) => vocab.idOf(part)).filter((part) => part !== undefined);
  };
}

/** @param {Merge} merge */
const keyOf = (merge) => (typeof merge === 'string' ? merge : `${merge[0]} ${merge[1]}`);

/** @param {Merge[]} merges @returns {number[]} the rank of each */
function ranksOf(merges) {
  let rank = 0;
  return merges.map((merge, i) => (rank = typeof merge !== 'string' && merge[2] === SAME_RANK ? rank : i));
}

/**
 * The symbols that the merging of a token begins with.
 * @param {string} token
 * @param {string} prefix of all but a word's first
 * @param {string} suffix of a word's last
 */
function symbolsOf(token, prefix, suffix) {
  const inside = prefix !== '' && token.startsWith(prefix);
  const ends = suffix !== '' && token.endsWith(suffix);
  const characters = [...token.slice(inside ? prefix.length : 0, ends ? -suffix.length : undefined)];
  return characters.map((character, i) => {
    const last = ends && i === characters.length - 1;
    return (i > 0 || inside ? prefix : '') + character + (last ? suffix : '');
  });
}

/**
 * @param {TokenizerJson} json
 * @param {Vocabulary} vocab
 * @param {Set<number>} kept old ids
 * @returns {PrunedTokenizer}
 */
function rewrite(json, vocab, kept) {
  // Added tokens that the model does not have come after those it has, which is where the reference gives them ids.
  const rank = (/** @type {number} */ id) => Number(!vocab.isOwn(id));
  const ids = [...kept].sort((a, b) => rank(a) - rank(b) || a - b);
  const newId = new Map(ids.map((old, id) => [old, id]));
  const idOf = (/** @type {number} */ old) => {
    const id = newId.get(old);
    if (id === undefined) throw new WembedError('bad_file', `tokenizer.json uses the id ${old}, which no token has`);
    return id;
  };
  const added = json.added_tokens?.map((token) => ({ ...token, id: idOf(token.id) }));
  return {
    json: {
      ...json,
      ...(json.padding ? { padding: { ...json.padding, pad_id: newId.get(json.padding.pad_id) ?? 0 } } : {}),
      ...(added ? { added_tokens: added.sort((a, b) => a.id - b.id) } : {}),
      post_processor: framedWith(json.post_processor ?? null, idOf),
      model: rewriteModel(json.model, vocab, ids, newId),
    },
    kept: Uint32Array.from(ids),
  };
}

/**
 * @param {TokenModel} model
 * @param {Vocabulary} vocab
 * @param {number[]} ids old ones, in the order of the new
 * @param {Map<number, number>} newId
 */
function rewriteModel(model, vocab, ids, newId) {
  const own = ids.filter((id) => vocab.isOwn(id));
  const { vocab: pieces } = model;
  if (Array.isArray(pieces)) {
    const scores = model.scores && {
      scores: [...own.map((id) => model.scores?.[id] ?? null), model.scores[model.scores.length - 1]],
    };
    return { ...model, unk_id: newId.get(model.unk_id ?? -1) ?? null, vocab: own.map((id) => pieces[id]), ...scores };
  }
  /** @type {Record<string, number>} */
  const tokens = Object.create(null); // one may be named __proto__
  for (const id of own) tokens[/** @type {string} */ (vocab.tokenOf(id))] = /** @type {number} */ (newId.get(id));
  if (!model.merges) return { ...model, vocab: tokens };
  const skip = (model.continuing_subword_prefix ?? '').length;
  const ranks = ranksOf(model.merges);
  let last = -1; // the rank of the merge before
  const merges = model.merges.flatMap((merge, i) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!(left in tokens && right in tokens && left + right.slice(skip) in tokens)) return [];
    const same = ranks[i] === last;
    last = ranks[i];
    /** @type {Merge} */
    const kept = typeof merge === 'string' ? merge : same ? [left, right, SAME_RANK] : [left, right];
    return [kept];
  });
  return { ...model, vocab: tokens, merges };
}

/**
 * @param {PostProcessor | null} post
 * @param {(old: number) => number} idOf
 * @returns {PostProcessor | null}
 */
function framedWith(post, idOf) {
  if (!post) return post;
  if (post.type === 'Sequence') {
    return {
      ...post,
      processors: (post.processors ?? []).map((each) => /** @type {PostProcessor} */ (framedWith(each, idOf))),
    };
  }
  const framed = { ...post };
  if (post.cls) framed.cls = [post.cls[0], idOf(post.cls[1])];
  if (post.sep) framed.sep = [post.sep[0], idOf(post.sep[1])];
  if (post.special_tokens) {
    framed.special_tokens = Object.fromEntries(
      Object.entries(post.special_tokens).map(([name, token]) => [name, { ...token, ids: token.ids.map(idOf) }]),
    );
  }
  return framed;
}
