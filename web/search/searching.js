import { count, mustBe, optionsOf, tagOf } from '../core/arguments.js';
import { WembedError, asObject, callback, isA, isArray } from '../core/errors.js';
import { matrixIn } from '../core/matrix.js';
import { vectorsOf } from '../table/products.js';
import { bestItems, bestItemsOf, bestListed, bestOf } from './best_items.js';
import { AUTO_CLOSENESS, fused, fusionOf, weightOf } from './fusion.js';
import { encodeTexts } from './index_settings.js';
import { idsOf, vectorOf } from './item_reader.js';
import { toUnits } from './units.js';

/** @typedef {import('./best_items.js').FoundItem} FoundItem */
/** @typedef {import('./collection.js').Collection} Collection */
/** @typedef {import('./items.js').ItemId} ItemId */

/**
 * What is searched for: a text, a vector (dim), or both.
 * @typedef {string | Float32Array | readonly number[] | { text?: string, vector?: Float32Array | readonly number[] }} SearchQuery
 */

/**
 * Which items a search returns.
 * @typedef {object} SearchOptions
 * @property {number} [topK] how many hits at most; default 10. `k` and `topn` are other names for it
 * @property {((item: { id: ItemId, meta: unknown }) => boolean) | readonly ItemId[] | ReadonlySet<ItemId>} [filter] which
 *   items may be hits: a function, asked only of those that would be among the best, or their ids
 * @property {import('./fusion.js').Hybrid} [hybrid] what the search goes by; default 'auto'
 */

/**
 * An item that was found.
 * @typedef {object} SearchHit
 * @property {ItemId} id the item's
 * @property {number} score the cosine (or dot product) of a search by vectors, BM25 of one by keywords, 0 to 1 of both
 * @property {unknown} meta the item's, as it was given
 * @property {import('./passages.js').Span} [passage] the part of the text that fits best, where it was cut into passages
 */

/** A query as it is searched for. @typedef {{ text: string | undefined, vector: Float32Array | undefined }} ReadQuery */

const ALIASES = { k: 'topK', topn: 'topK' };
/** Items whose texts are read again. */
const READ_AGAIN = 100;
/** Scores of several queries together: so many numbers at most. */
const MOST_SCORES = 2 ** 22;

/**
 * @param {SearchOptions | undefined} options
 * @param {Collection} collection
 */
export function searchSettings(options, { items }) {
  const { topK = 10, filter, hybrid } = optionsOf('search', options, ['topK', 'filter', 'hybrid'], ALIASES);
  const k = topK === Infinity ? items.size : count('topK', topK);
  return { k, fusion: fusionOf(hybrid), isAllowed: filterOf(filter) };
}

/**
 * @param {SearchOptions['filter']} filter
 * @returns {((item: { id: ItemId, meta: unknown }) => boolean) | undefined}
 */
function filterOf(filter) {
  if (filter === undefined) return undefined;
  if (typeof filter === 'function') {
    return (item) => {
      const answer = callback(filter, item);
      if (typeof asObject(answer).then === 'function')
        throw mustBe('filter', 'a function that answers at once', 'a Promise');
      return Boolean(answer);
    };
  }
  const isSet = isA(filter, Set);
  const ids = new Set(idsOf('filter', isSet ? Array.from(/** @type {Set<ItemId>} */ (filter)) : filter));
  return ({ id }) => ids.has(id);
}

/**
 * @param {Collection} collection
 * @param {unknown} query
 * @param {string} name for messages
 * @returns {ReadQuery}
 */
export function readQuery({ settings }, query, name) {
  if (typeof query === 'string') return { text: query, vector: undefined };
  if (isArray(query) || tagOf(query) !== undefined) {
    return { text: undefined, vector: vectorOf(settings, query, name) };
  }
  if (typeof query !== 'object' || query === null || matrixIn(query)) {
    throw mustBe(name, 'a text, a vector, or { text, vector }', query);
  }
  const { text, vector } = optionsOf(name, /** @type {{ text?: string, vector?: Float32Array }} */ (query), [
    'text',
    'vector',
  ]);
  if (text === undefined && vector === undefined) throw mustBe(name, 'with a text or a vector', 'neither');
  if (text !== undefined && typeof text !== 'string') throw mustBe(`the text of ${name}`, 'a string', text);
  return { text, vector: vector === undefined ? undefined : vectorOf(settings, vector, `the vector of ${name}`) };
}

/**
 * @param {Collection} collection
 * @param {unknown} queries
 * @returns {ReadQuery[]}
 */
export function readQueries(collection, queries) {
  if (matrixIn(queries)) {
    const { data, n } = vectorsOf(
      'queries',
      /** @type {import('../core/matrix.js').Matrix} */ (queries),
      collection.settings.dim,
    );
    const { dim } = collection.settings;
    return Array.from({ length: n }, (_, i) =>
      readQuery(collection, data.subarray(i * dim, (i + 1) * dim), `query ${i}`),
    );
  }
  if (!isArray(queries)) throw mustBe('queries', 'an array or a Matrix', queries);
  const length = count('the length of queries', queries.length, { most: 1e7 });
  /** @type {ReadQuery[]} */
  const read = [];
  for (let i = 0; i < length; i++) read.push(readQuery(collection, queries[i], `query ${i}`));
  return read;
}

/**
 * @param {Collection} collection
 * @param {ReadQuery[]} queries
 * @param {ReturnType<typeof searchSettings>} settings
 * @returns {SearchHit[][]} for each query, best first
 */
export function searchAll(collection, queries, settings) {
  const { rows } = collection;
  const ways = queries.map((query) => wayOf(collection, query, settings.fusion));
  encodeQueries(collection, queries, ways);
  const group = Math.max(1, Math.min(64, Math.floor(MOST_SCORES / Math.max(1, rows))));
  /** @type {SearchHit[][]} */
  const found = [];
  for (let first = 0; first < queries.length; first += group) {
    const part = queries.slice(first, first + group);
    const isOne = part.length === 1; // several pass over the index together
    const quick = part.map((query, i) => hitsByVector(collection, query, ways[first + i], settings, isOne));
    const cosines = similarities(
      collection,
      part.map((query, i) => (quick[i] ? { text: undefined, vector: undefined } : query)),
    );
    for (const [i, query] of part.entries()) {
      found.push(quick[i] ?? hitsOf(collection, query, ways[first + i], cosines[i], settings));
    }
  }
  return found;
}

/**
 * By what a query can be searched for.
 * @param {Collection} collection
 * @param {ReadQuery} query
 * @param {import('./fusion.js').Fusion} fusion
 * @returns {import('./fusion.js').Fusion['method']}
 */
function wayOf({ keywords, settings }, { text, vector }, { method }) {
  const byVectors = vector !== undefined || (text !== undefined && settings.layer !== undefined);
  const byKeywords = text !== undefined && keywords !== undefined;
  if (byVectors && byKeywords) return method;
  if (byVectors && method !== 'keywords') return 'vectors';
  if (byKeywords && method !== 'vectors') return 'keywords';
  const what =
    text === undefined ? 'a vector has no keywords' : keywords ? 'the index has no layer' : 'no layer, no keywords';
  throw new WembedError('invalid_argument', `the index cannot be searched for that by ${method}: ${what}`);
}

/**
 * Gives texts their vectors, where they are needed.
 * @param {Collection} collection
 * @param {ReadQuery[]} queries changed
 * @param {import('./fusion.js').Fusion['method'][]} ways
 */
function encodeQueries({ settings: { layer, dim, metric } }, queries, ways) {
  const wanted = queries.filter(({ vector }, i) => vector === undefined && ways[i] !== 'keywords');
  if (!layer || wanted.length === 0) return;
  const texts = wanted.map(({ text }) => /** @type {string} */ (text));
  const data = encodeTexts(layer, texts, dim);
  if (metric === 'cosine') toUnits(data, dim, () => {});
  for (const [i, query] of wanted.entries()) query.vector = data.subarray(i * dim, (i + 1) * dim);
}

/**
 * The hits of a search by vectors, where the core finds the best rows.
 * @param {Collection} collection
 * @param {ReadQuery} query
 * @param {import('./fusion.js').Fusion['method']} way
 * @param {ReturnType<typeof searchSettings>} settings
 * @param {boolean} byScores otherwise only where signs choose the rows that are scored
 * @returns {SearchHit[] | undefined} undefined where the scores of all rows are needed
 */
function hitsByVector(collection, { vector }, way, { k, isAllowed }, byScores) {
  const { vectors, settings, items, live, rows } = collection;
  if (way !== 'vectors' || isAllowed || !vector?.some((x) => x !== 0)) return undefined;
  const most = settings.bits * k;
  const near = most > 0 && most < rows ? vectors.nearBySigns(vector, most, live) : undefined;
  if (near) return bestItemsOf(items, near, k).map((one) => hitOf(items, one));
  if (!byScores) return undefined;
  // Rows of one item may stand in the way of others': then more rows are asked for.
  for (let wanted = k; ; wanted *= 4) {
    const found = bestItemsOf(items, vectors.best(vector, Math.min(wanted, rows), live), k);
    if (found.length === Math.min(k, items.size) || wanted >= rows) return found.map((one) => hitOf(items, one));
  }
}

/**
 * @param {Collection} collection
 * @param {ReadQuery[]} queries
 * @returns {(Float32Array | undefined)[]} for each query with a vector: (rows)
 */
function similarities({ vectors, rows, settings: { dim } }, queries) {
  const n = queries.filter(({ vector }) => vector).length;
  if (n === 0) return [];
  const x = new Float32Array(n * dim);
  let i = 0;
  for (const { vector } of queries) if (vector) x.set(vector, dim * i++);
  const scores = new Float32Array(n * rows);
  vectors.score(x, n, scores);
  i = 0;
  return queries.map(({ vector }) => (vector ? scores.subarray(i * rows, ++i * rows) : undefined));
}

/**
 * @param {Collection} collection
 * @param {ReadQuery} query
 * @param {import('./fusion.js').Fusion['method']} way
 * @param {Float32Array | undefined} cosines (rows)
 * @param {ReturnType<typeof searchSettings>} settings
 * @returns {SearchHit[]}
 */
function hitsOf(collection, query, way, cosines, { k, fusion, isAllowed }) {
  const { rows, keywords, live } = collection;
  const isCosine = collection.settings.metric === 'cosine';
  const like = cosines && (!isCosine || query.vector?.some((value) => value !== 0)) ? cosines : undefined;
  if (way === 'vectors' || !keywords) return like ? best(collection, like, -Infinity, k, isAllowed) : [];
  const { terms, most } = keywords.query(/** @type {string} */ (query.text));
  if (way === 'keywords' || !like) return bestByKeywords(collection, keywords, terms, k, isAllowed);
  const bm25 = new Float64Array(rows);
  keywords.score(terms, bm25);
  const method = way === 'auto' && !isCosine ? 'convex' : way; // a dot product has no bounds to be weighed by
  const weight = weightOf(fusion, terms.length);
  const text = /** @type {string} */ (query.text);
  const closeness = method === 'auto' && collection.settings.texts ? keywords.closeness(text) : undefined;
  if (!closeness?.hasPairs) {
    return best(collection, fused({ method, weight }, like, bm25, most, live), -Infinity, k, isAllowed);
  }
  const scores = fused({ method, weight }, like, bm25, most / (1 - AUTO_CLOSENESS), live);
  const found = bestItems(collection, scores, -Infinity, Math.max(k, READ_AGAIN), isAllowed);
  return readAgain(collection, found, k, closeness, (1 - weight) * AUTO_CLOSENESS);
}

/**
 * @param {Collection} collection
 * @param {import('./keywords.js').Keywords} keywords its
 * @param {import('./keywords.js').QueryTerm[]} terms
 * @param {number} k
 * @param {import('./best_items.js').IsAllowed} isAllowed
 * @returns {SearchHit[]}
 */
function bestByKeywords(collection, keywords, terms, k, isAllowed) {
  const { items, rows, zeros } = collection;
  const scores = zeros?.length === rows ? zeros : new Float64Array(rows);
  collection.zeros = undefined;
  keywords.score(terms, scores);
  const lists = items.rows === items.length ? keywords.rowsWith(terms) : undefined;
  if (!lists) return best(collection, scores, 0, k, isAllowed);
  const found = bestListed(collection, lists, scores, k, isAllowed);
  collection.zeros = scores;
  return found.map((one) => hitOf(items, one));
}

/**
 * Adds to the scores of the best items what their texts say of the nearness of words.
 * @param {Collection} collection
 * @param {FoundItem[]} found the best first
 * @param {number} k
 * @param {import('./closeness.js').Closeness} closeness
 * @param {number} share what the nearest words add
 * @returns {SearchHit[]} k of them at most
 */
function readAgain({ items }, found, k, closeness, share) {
  const again = bestOf(items, k);
  for (const [i, one] of found.entries()) {
    const score = one.score + (i < READ_AGAIN ? share * closeness.of(textOf(items, one)) : 0);
    if (again.takes(one.item, score)) again.add(one.item, score, one.row);
  }
  return again.sorted().map((one) => hitOf(items, one));
}

/**
 * @param {import('./items.js').Items} items
 * @param {FoundItem} found
 * @returns {string} of its row
 */
function textOf(items, { item, row }) {
  const { text = '', spans } = items.at(item);
  const span = spans?.[row - items.starts[item]];
  return span ? text.slice(span.begin, span.end) : text;
}

/**
 * @param {Collection} collection
 * @param {ArrayLike<number>} scores (rows)
 * @param {number} above what a hit's score must be above
 * @param {number} k
 * @param {((item: { id: ItemId, meta: unknown }) => boolean) | undefined} isAllowed
 * @returns {SearchHit[]}
 */
function best(collection, scores, above, k, isAllowed) {
  return bestItems(collection, scores, above, k, isAllowed).map((one) => hitOf(collection.items, one));
}

/**
 * @param {import('./items.js').Items} items
 * @param {FoundItem} found
 * @returns {SearchHit}
 */
function hitOf(items, { item, score, row }) {
  const { id, meta, spans } = items.at(item);
  return spans ? { id, score, meta, passage: { ...spans[row - items.starts[item]] } } : { id, score, meta };
}
