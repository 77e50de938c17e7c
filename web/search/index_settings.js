import { canRead } from '../core/own.js';
import { count, mustBe, oneOf, optionsOf } from '../core/arguments.js';
import { METRICS } from '../core/codes.js';
import { checkDtype } from '../core/dtypes.js';
import { callback, isA, isArray, refuseRevoked } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { finite, flag } from '../core/numbers.js';
import { vectorsOf } from '../table/products.js';
import { startCore } from '../table/storage.js';

/** @typedef {import('../core/matrix.js').Matrix} Matrix */

/**
 * What turns texts into vectors: an EmbeddingLayer, or anything with the same two members.
 * @typedef {object} TextLayer
 * @property {number} dim numbers in a vector
 * @property {(texts: string[], options?: { dimensions?: number, into?: Float32Array }) => Matrix} encode (texts.length, dim). What
 *   writes into `into` and gives a Matrix of it is asked to; `into` need not be taken
 */

/**
 * How texts are searched by their words.
 * @typedef {import('./words.js').WordRules & { k1?: number, b?: number }} KeywordOptions k1: how soon more of the same word
 *   counts no more, default 1.2; b: how much long texts are discounted, 0 to 1, default 0.75
 */

/**
 * What an index holds and how it scores.
 * @typedef {object} IndexOptions
 * @property {TextLayer} [layer] what encodes texts, those of queries too
 * @property {number} [dim] the dimension of the vectors; with a layer at most as many as its vectors have, of which the
 *   first are taken. Default: the layer's
 * @property {import('../core/dtypes.js').Dtype} [dtype] how vectors are stored; default 'f32'
 * @property {import('../table/products.js').Metric} [metric] 'cosine' (default): vectors are kept at length 1; or 'dot'
 * @property {boolean | KeywordOptions} [keywords] whether texts are searched by their words too; default true
 * @property {boolean | import('./passages.js').PassageOptions} [passages] whether long texts are cut into passages; default
 *   false
 * @property {boolean | number} [bits] whether all numbers are kept in two bits too, one their signs: searches by vectors alone,
 *   without a filter, then score those rows only whose bits fit best, so many for each hit (true: 5). Faster, but not
 *   exact: docs/BENCHMARKS.md says how many hits are missed. Only for vectors whose mean is near 0, as texts' are here:
 *   of others, all positive ones say, most hits are missed. Default false
 * @property {boolean} [texts] whether texts are kept, for `get` and `explain`; default true
 */

/**
 * @typedef {object} IndexSettings
 * @property {TextLayer | undefined} layer
 * @property {boolean} writesInto whether the layer writes vectors where it is told to
 * @property {number} dim
 * @property {import('../core/dtypes.js').Dtype} dtype
 * @property {import('../table/products.js').Metric} metric
 * @property {import('./keywords.js').KeywordSettings | undefined} keywords undefined where there is no keyword search
 * @property {typeof import('./keywords.js').Keywords} [words] what searches by keywords, where that is asked for
 * @property {{ maxLength: number, overlap: number } | undefined} passages
 * @property {typeof import('./passages.js').splitPassages} [split] where there are passages
 * @property {boolean} texts
 * @property {number} bits rows that are scored for each hit, where signs choose them; 0 where they do not
 * @property {typeof import('./sign_search.js').SignBits} [signs] what keeps signs, where they choose rows
 */

/** By measurement: docs/BENCHMARKS.md. */
const ROWS_PER_HIT = 5;

const OPTIONS = ['layer', 'dim', 'dtype', 'metric', 'keywords', 'passages', 'texts', 'bits'];
const KEYWORDS = ['language', 'stem', 'stopWords', 'k1', 'b'];

/**
 * @param {IndexOptions} options
 * @returns {Promise<IndexSettings>} once the core runs
 */
export async function indexSettings(options) {
  const given = optionsOf('VectorIndex.create', options, OPTIONS);
  const { dtype = 'f32', metric = 'cosine', keywords = true, texts = true, bits = false } = given;
  const settings = {
    layer: given.layer === undefined ? undefined : layerOf(given.layer),
    dtype: checkDtype(dtype),
    metric: METRICS[oneOf('metric', metric, METRICS)],
    keywords: keywordSettings(keywords),
    ...(await passageSettings(given.passages)),
    texts: flag('texts', texts),
    bits: bits === true ? ROWS_PER_HIT : bits === false ? 0 : count('bits', bits, { least: 1, most: 1e6 }),
  };
  const most = settings.layer ? count('layer.dim', settings.layer.dim, { least: 1 }) : 65536;
  const { dim = settings.layer && most } = given;
  if (dim === undefined) throw mustBe('the options of VectorIndex.create', 'with a layer or a dim', 'neither');
  count('dim', dim, { least: 1, most });
  if (settings.layer) encodeTexts(settings.layer, [''], dim); // a layer that cannot encode says so now
  const words = settings.keywords && startedKeywords();
  const [signs] = await Promise.all([
    settings.bits > 0 ? import('./sign_search.js').catch(importFailed) : undefined,
    words,
    startCore(),
  ]);
  return {
    ...settings,
    writesInto: writesInto(settings.layer, dim),
    dim,
    signs: signs?.SignBits,
    words: await words,
  };
}

const startedKeywords = async () => (await import('./keywords.js').catch(importFailed)).startKeywords();

/** @param {unknown} layer @returns {TextLayer} */
function layerOf(layer) {
  refuseRevoked('layer', layer);
  if (typeof Object(layer).encode === 'function' && canRead(layer, 'dim')) return /** @type {TextLayer} */ (layer);
  throw mustBe('layer', 'an EmbeddingLayer', layer);
}

/** @param {IndexOptions['passages']} passages */
async function passageSettings(passages = false) {
  if (passages === false) return { passages: undefined };
  const module = await import('./passages.js').catch(importFailed);
  return { passages: module.passageSettings(passages), split: module.splitPassages };
}

/**
 * Reads the options while nobody can change them: what searches by keywords is loaded after that.
 * @param {boolean | KeywordOptions} keywords
 * @returns {import('./keywords.js').KeywordSettings | undefined}
 */
function keywordSettings(keywords) {
  if (keywords === false) return undefined;
  const given = keywords === true ? {} : optionsOf('keywords', keywords, KEYWORDS);
  const { k1 = 1.2, b = 0.75, language = 'english', stem, stopWords } = given;
  if (!(finite('k1', k1) >= 0)) throw mustBe('k1', '0 or more', k1);
  if (!(finite('b', b) >= 0 && b <= 1)) throw mustBe('b', 'from 0 to 1', b);
  if (language !== 'english' && language !== 'none') throw mustBe('language', "'english' or 'none'", language);
  if (stem !== undefined && typeof stem !== 'function') throw mustBe('stem', 'a function', stem);
  return { k1, b, language, stem, stopWords: stopWords === undefined ? undefined : wordsOf(stopWords) };
}

/** @param {readonly string[] | ReadonlySet<string>} words @returns {string[]} a copy */
function wordsOf(words) {
  if (!isArray(words) && !isA(words, Set)) throw mustBe('stopWords', 'an array or a Set of words', words);
  /** @type {string[]} */
  const list = [];
  for (const word of words) {
    if (typeof word !== 'string') throw mustBe('a stop word', 'a string', word); // at once: there may be 2^32 of them
    list.push(word);
  }
  return list;
}

/**
 * @param {TextLayer} layer
 * @param {string[]} texts
 * @param {number} dim
 * @param {Float32Array} [into] (texts.length, dim) where the layer takes it
 * @returns {Float32Array} (texts.length, dim) that nobody else has: `into`, or a copy
 */
export function encodeTexts(layer, texts, dim, into) {
  const options = dim === layer.dim ? into && { into } : { dimensions: dim, into };
  const { encode } = layer;
  if (typeof encode !== 'function') throw mustBe('layer', 'an EmbeddingLayer', layer);
  refuseRevoked('layer.encode', encode);
  const matrix = callback(() => encode.call(layer, texts, options), undefined);
  const { data, n } = vectorsOf('what layer.encode gives', matrix, dim);
  if (n !== texts.length) throw mustBe('what layer.encode gives', `${texts.length} rows`, n);
  return data.buffer === into?.buffer ? data : data.slice();
}

/**
 * @param {TextLayer | undefined} layer
 * @param {number} dim
 * @returns {boolean} whether there is one that writes vectors where it is told to
 */
function writesInto(layer, dim) {
  const into = new Float32Array(dim);
  try {
    return encodeTexts(/** @type {TextLayer} */ (layer), [''], dim, into).buffer === into.buffer;
  } catch {
    return false;
  }
}
