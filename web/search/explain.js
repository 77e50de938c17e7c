import { count, optionsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { encodeTexts } from './index_settings.js';

/**
 * A word of the query that the text holds, and where it stands.
 * @typedef {object} TermShare
 * @property {string} term the word, as the index spells it
 * @property {number} score its part of the keyword score
 * @property {[number, number][]} offsets where it stands in the text, as `slice` takes them
 */
/**
 * Two tokens and what their likeness adds to the cosine.
 * @typedef {object} TokenPair
 * @property {string} queryToken the query's
 * @property {string} token the text's
 * @property {[number, number]} offset where it stands in the text, as `slice` takes it
 * @property {number} score their part of the cosine
 */

/**
 * Why a text is like a query.
 * @typedef {object} Explanation
 * @property {import('./passages.js').Span} passage the part of the text that is explained
 * @property {number} [bm25] the score by keywords
 * @property {TermShare[]} terms whose scores sum up to bm25, the largest first
 * @property {number} [cosine] of the query and the stored vector
 * @property {{ token: string, offset: [number, number], score: number }[]} [tokens] of the text, in its order: what each adds
 *   to the cosine of the two texts as encoded; undefined where the layer is no static model
 * @property {TokenPair[]} [pairs] the largest parts of that
 */

/**
 * The members of an EmbeddingLayer that tell tokens apart.
 * @typedef {object} TokenLayer
 * @property {{ unkId?: number, encode: (text: string, options: object) => Tokens }} [tokenizer]
 * @property {{ lookup: (ids: Uint32Array) => import('../core/matrix.js').Matrix }} [table]
 */
/** @typedef {{ ids: Uint32Array, tokens: string[], offsets?: [number, number][] }} Tokens */

/** How far the sum of all parts may be from the cosine that the layer gives. */
const TOLERANCE = 1e-3;

/**
 * @param {import('./collection.js').Collection} collection
 * @param {import('./items.js').ItemId} id
 * @param {string} query
 * @param {{ passage?: number, pairs?: number } | undefined} options
 * @returns {Explanation}
 */
export function explained(collection, id, query, options) {
  const { settings, items, keywords } = collection;
  const given = optionsOf('explain', options, ['passage', 'pairs']);
  if (typeof query !== 'string') throw new WembedError('invalid_argument', 'explain takes a query that is a text');
  const number = items.find(id);
  const { text, spans } = items.at(number);
  if (text === undefined)
    throw new WembedError('unsupported', 'explain needs the texts, which this index does not keep');
  const parts = spans ?? [{ begin: 0, end: text.length }];
  const at = count('passage', given.passage ?? 0, { most: parts.length - 1 });
  const { begin, end } = parts[at];
  const part = text.slice(begin, end);
  const row = items.starts[number] + at;
  const terms = (keywords?.explain(query, row, part) ?? []).map((term) => ({
    ...term,
    offsets: term.offsets.map(([from, to]) => /** @type {[number, number]} */ ([from + begin, to + begin])),
  }));
  const bm25 = keywords && terms.reduce((sum, { score }) => sum + score, 0);
  const meaning =
    settings.layer && tokenShares(settings.layer, settings.dim, query, part, begin, count('pairs', given.pairs ?? 20));
  return {
    passage: { begin, end },
    bm25,
    terms,
    cosine: meaning?.cosine,
    tokens: meaning?.tokens,
    pairs: meaning?.pairs,
  };
}

/**
 * A static model's vector is the sum of its tokens' rows, made of length 1: the cosine of two texts is the sum, over all
 * pairs of their tokens, of the product of two rows ÷ the lengths of both sums.
 * @param {import('./index_settings.js').TextLayer} layer
 * @param {number} dim
 * @param {string} query
 * @param {string} text
 * @param {number} begin where it begins in the item's text
 * @param {number} most pairs
 */
function tokenShares(layer, dim, query, text, begin, most) {
  const [a, b] = [query, text].map((each) => tokenRows(layer, each, dim));
  const [x, y] = [query, text].map((each) => encodeTexts(layer, [each], dim));
  const cosine = dot(x, y) / (Math.hypot(...x) * Math.hypot(...y) || 1);
  if (!a || !b) return { cosine };
  const lengths = Math.sqrt(dot(a.sum, a.sum) * dot(b.sum, b.sum)) || 1;
  /** @type {TokenPair[]} */
  const pairs = [];
  const tokens = b.rows.map((row, j) => {
    const offset = /** @type {[number, number]} */ (b.offsets[j].map((at) => at + begin));
    for (const [i, own] of a.rows.entries()) {
      pairs.push({ queryToken: a.tokens[i], token: b.tokens[j], offset, score: dot(own, row) / lengths });
    }
    return { token: b.tokens[j], offset, score: dot(a.sum, row) / lengths };
  });
  const total = tokens.reduce((sum, { score }) => sum + score, 0);
  if (Math.abs(total - cosine) > TOLERANCE) return { cosine }; // another pooling, or a text that was cut
  pairs.sort((p, q) => Math.abs(q.score) - Math.abs(p.score));
  return { cosine, tokens, pairs: pairs.slice(0, most) };
}

/**
 * @param {import('./index_settings.js').TextLayer} layer
 * @param {string} text
 * @param {number} dim
 */
function tokenRows(layer, text, dim) {
  const { tokenizer, table } = /** @type {TokenLayer} */ (layer);
  if (!tokenizer || !table) return undefined;
  const { ids, tokens, offsets } = tokenizer.encode(text, { addSpecialTokens: false, offsets: true });
  if (!offsets) return undefined;
  const known = Array.from(ids.keys()).filter((i) => ids[i] !== tokenizer.unkId);
  const rows = Array.from(table.lookup(ids.filter((id) => id !== tokenizer.unkId)), (row) => row.subarray(0, dim));
  const sum = new Float64Array(dim);
  for (const row of rows) for (let d = 0; d < dim; d++) sum[d] += row[d];
  return { rows, sum, tokens: known.map((i) => tokens[i]), offsets: known.map((i) => offsets[i]) };
}

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
