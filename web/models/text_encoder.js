import { count, lengthLimit, mustBe, optionsOf, outputArray, putFloats, textsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { runningHeap } from '../memory/heap.js';
import { stripEnd, writeTexts } from '../memory/texts.js';
import { normalizeRows } from '../nn/normalize.js';
import { bagMode } from '../table/bag.js';
import { storageOf } from '../table/table.js';

/** What Model2Vec adds to a norm before it divides, so that a text of no tokens stays zero. */
const NORM_EPSILON = 1e-32;

/** Texts of fewer UTF-16 units go the short way. */
const SHORT_TEXT = 256;

/** The core's word for no limit. */
const NO_LIMIT = 0xffffffff;

const MEAN = bagMode('mean');

/**
 * How texts become vectors.
 * @typedef {object} EncodeOptions
 * @property {boolean} [normalize] to unit length; default: as the model says
 * @property {number} [dimensions] keep only the first so many numbers (before normalizing); default all. Also `dim`, and
 *   `truncateDim` as in sentence-transformers
 * @property {import('../table/bag.js').BagMode} [pooling] how a text's rows become one: 'mean' (default), 'sum' or 'max'.
 *   Also `mode`, as in torch's EmbeddingBag
 * @property {number} [maxLength] in tokens: what comes after is ignored; Infinity for all; default: as the model says
 * @property {Float32Array} [into] at least texts × dimensions numbers, written instead of a new array
 * @property {string} [prompt] put before each text, as sentence-transformers does; only for its folders
 * @property {string} [promptName] the same by its name in config_sentence_transformers.json; default: default_prompt_name
 * @property {number} [dim] the same as `dimensions`
 * @property {number} [truncateDim] the same as `dimensions`
 * @property {import('../table/bag.js').BagMode} [mode] the same as `pooling`
 */

export const TEXT_OPTIONS = ['normalize', 'dimensions', 'pooling', 'maxLength', 'prompt', 'promptName'];
export const ENCODE_ALIASES = { dim: 'dimensions', truncateDim: 'dimensions', mode: 'pooling' };

/**
 * How a batch is encoded, checked.
 * @typedef {object} Pooling
 * @property {number} dimensions
 * @property {import('../table/bag.js').BagMode} mode
 * @property {number} epsilon added to a vector's length before it is divided by it; below 0: not normalized
 * @property {number} maxLength in tokens
 */

/**
 * Texts to vectors by pooled rows: ids without special tokens, unknown ones dropped, their rows pooled, as Model2Vec does.
 */
export class PooledEncoder {
  #heap;
  #table;
  #storage;
  #tokenizer;
  #inSteps;
  /** To unit length. */
  normalize;
  /** In tokens. */
  maxLength;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table
   * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
   * @param {{ normalize: boolean, maxLength: number }} settings
   * @param {typeof import('./encode_in_steps.js').encodeInSteps} [inSteps] for a tokenizer that the core does not run
   */
  constructor(table, tokenizer, { normalize, maxLength }, inSteps) {
    this.#heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap()); // which has the table
    this.#table = table;
    this.#storage = storageOf(table);
    this.#tokenizer = tokenizer;
    this.#inSteps = inSteps;
    this.normalize = normalize;
    this.maxLength = maxLength;
  }

  /**
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array | Matrix} (dim) of a string, (texts.length, dim) of an array
   */
  encode(texts, options) {
    if (typeof texts !== 'string') return this.encodeAll(textsOf('encode', texts), options);
    const short = options === undefined && texts.length < SHORT_TEXT && this.#encodeShort(texts);
    return short || this.encodeAll([texts], options).data;
  }

  /**
   * The commonest call by the shortest way: without what only many or long texts need.
   * @param {string} text too short to be cut
   * @returns {Float32Array | undefined} undefined where this way is not open
   */
  #encodeShort(text) {
    const { dim } = this.#table;
    const heap = this.#heap;
    if (this.#inSteps || text.length > this.maxLength) return undefined;
    const utf8 = heap.scratch('text', 3 * SHORT_TEXT);
    const ends = heap.scratch('offsets', 4);
    const out = heap.scratch('out', 4 * dim);
    heap.u32[ends >>> 2] = heap.writeText(text, utf8) - utf8;
    const epsilon = this.normalize ? NORM_EPSILON : -1;
    this.#pool(utf8, ends, 1, NO_LIMIT, this.maxLength, MEAN, dim, epsilon, 0, out);
    const vector = new Float32Array(dim);
    vector.set(heap.f32.subarray(out >>> 2, (out >>> 2) + dim));
    return vector;
  }

  /**
   * Text → ids → rows → vectors in the core.
   * @param {number} utf8 the texts, one after the other
   * @param {number} ends where each ends, from `utf8`
   * @param {number} n texts
   * @param {number} mostCodePoints each text is cut after so many
   * @param {number} mostIds and after so many ids
   * @param {number} mode
   * @param {number} dimensions
   * @param {number} epsilon below 0: not normalized
   * @param {number} finite 1: vectors that are not finite are refused, where they are normalized
   * @param {number} out (n, dimensions)
   */
  #pool(utf8, ends, n, mostCodePoints, mostIds, mode, dimensions, epsilon, finite, out) {
    const heap = this.#heap;
    const most = Math.floor(Math.min(mostIds, NO_LIMIT));
    // prettier-ignore
    heap.check(heap.core.textEncodePooled(
      this.#tokenizer.handle, this.#storage.handle, utf8, ends, n, mostCodePoints, most, mode, dimensions, epsilon, finite, out,
    ));
  }

  /**
   * @param {readonly string[]} texts which nobody else changes
   * @param {EncodeOptions} [given]
   * @returns {Matrix} (texts.length, dimensions)
   */
  encodeAll(texts, given) {
    const options = optionsOf('encode', given, [...TEXT_OPTIONS, 'into'], ENCODE_ALIASES);
    const { normalize = this.normalize, maxLength = this.maxLength, pooling: mode = 'mean' } = options;
    const { dim } = this.#table;
    const dimensions = count('dimensions', options.dimensions ?? dim, { least: 1, most: dim });
    bagMode(mode);
    if (options.prompt !== undefined || options.promptName !== undefined) {
      throw new WembedError('invalid_argument', 'a model2vec model has no prompts');
    }
    if (typeof normalize !== 'boolean') throw mustBe('normalize', 'true or false', normalize);
    lengthLimit(maxLength);
    const data = outputArray(options.into, texts.length * dimensions);
    const epsilon = normalize ? NORM_EPSILON : -1;
    const pooling = { dimensions, mode, epsilon, maxLength };
    if (this.#inSteps) {
      this.#inSteps(this.#table, this.#tokenizer, texts, pooling, data);
      if (normalize) normalizeRows(this.#heap, data, dimensions, epsilon);
    } else this.#encodeFused(texts, pooling, data);
    return new Matrix(data, texts.length, dimensions);
  }

  /**
   * See `vectorWriters`.
   * @param {readonly string[]} texts
   * @param {number} dimensions
   * @param {number} address
   */
  write(texts, dimensions, address) {
    if (this.#inSteps || !this.normalize) return false;
    const pooling = { dimensions, mode: /** @type {const} */ ('mean'), epsilon: NORM_EPSILON, maxLength: this.maxLength };
    this.#encodeFused(texts, pooling, undefined, address);
    return true;
  }

  /**
   * A strip of texts at a time.
   * @param {readonly string[]} texts
   * @param {Pooling} pooling
   * @param {Float32Array} [data] for the vectors
   * @param {number} [address] for them in the core's memory, without `data`: they must be finite
   */
  #encodeFused(texts, { dimensions, mode, epsilon, maxLength }, data, address = 0) {
    const heap = this.#heap;
    for (let from = 0, to; from < texts.length; from = to) {
      to = stripEnd(texts, from);
      const mostCodePoints = this.#mostCodePoints(texts, from, to, Math.min(maxLength, NO_LIMIT));
      const n = to - from;
      const utf8 = writeTexts(heap, texts, from, to, mostCodePoints);
      const ends = heap.scratch('offsets', 4 * n);
      const out = data ? heap.scratch('out', 4 * n * dimensions) : address + 4 * from * dimensions;
      this.#pool(utf8, ends, n, mostCodePoints, maxLength, bagMode(mode), dimensions, epsilon, data ? 0 : 1, out);
      if (data) putFloats(data, heap.f32.subarray(out >>> 2, (out >>> 2) + n * dimensions), from * dimensions);
    }
  }

  /**
   * Where Model2Vec cuts texts: maxLength × the median token's length. Worked out for long texts only: no short one can
   * be cut.
   * @param {readonly string[]} texts
   * @param {number} from
   * @param {number} to
   * @param {number} maxLength in tokens
   */
  #mostCodePoints(texts, from, to, maxLength) {
    for (let i = from; i < to; i++) {
      if (texts[i].length > maxLength) return Math.min(maxLength * this.#tokenizer.medianTokenLength, NO_LIMIT);
    }
    return NO_LIMIT;
  }
}
