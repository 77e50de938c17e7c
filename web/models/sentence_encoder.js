import { count, lengthLimit, optionsOf, outputArray, textsOf } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { bagMode } from '../table/bag.js';
import { ENCODE_ALIASES, TEXT_OPTIONS } from './text_encoder.js';

/** @typedef {import('./text_encoder.js').EncodeOptions} EncodeOptions */

/** What torch's `normalize` divides by at least. */
const LEAST_LENGTH = 1e-12;

/**
 * What a sentence-transformers folder says of its texts.
 * @typedef {object} SentenceSettings
 * @property {import('./sentence_modules.js').SentenceModule[]} modules what follows the pooled rows, in order
 * @property {number | undefined} truncateDim vectors' numbers beyond it are left out
 * @property {Readonly<Record<string, string>>} prompts what is put before a text, by name
 * @property {string | undefined} defaultPrompt name of the prompt where none is asked for
 * @property {{ maxLength: number, fromLeft: boolean } | undefined} truncation the tokenizer's
 */

/**
 * Texts to vectors as sentence-transformers' StaticEmbedding: a prompt before the text, ids without special tokens, unknown
 * ones among them, the mean of their rows, then the folder's modules. Texts are cut only where the tokenizer cuts them.
 */
export class SentenceEncoder {
  /** See PooledEncoder: its vectors are not made in the core alone. */
  write = undefined;
  #table;
  #tokenizer;
  #settings;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table
   * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
   * @param {SentenceSettings} settings
   */
  constructor(table, tokenizer, settings) {
    this.#table = table;
    this.#tokenizer = tokenizer;
    this.#settings = settings;
  }

  /** Whether the last module makes vectors of length 1. */
  get normalize() {
    return this.#settings.modules.at(-1)?.kind === 'normalize';
  }

  /** In tokens. */
  get maxLength() {
    return this.#settings.truncation?.maxLength ?? Infinity;
  }

  /** Numbers of a vector before any are left out. */
  get #fullDim() {
    return this.#settings.modules.reduce((dim, module) => module.outDim ?? dim, this.#table.dim);
  }

  /**
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options]
   * @returns {Float32Array | Matrix} (dim) of a string, (texts.length, dim) of an array
   */
  encode(texts, options) {
    if (typeof texts !== 'string') return this.encodeAll(textsOf('encode', texts), options);
    return this.encodeAll([texts], options).data;
  }

  /**
   * @param {readonly string[]} texts which nobody else changes
   * @param {EncodeOptions} [given]
   * @returns {Matrix} (texts.length, dimensions)
   */
  encodeAll(texts, given) {
    const options = optionsOf('encode', given, [...TEXT_OPTIONS, 'into'], ENCODE_ALIASES);
    const { normalize, maxLength = Infinity, pooling = 'mean' } = options;
    bagMode(pooling);
    if (normalize !== undefined && typeof normalize !== 'boolean') throw wrong('normalize', 'true or false', normalize);
    lengthLimit(maxLength);
    const full = this.#fullDim;
    const most = Math.min(this.#settings.truncateDim ?? full, full);
    const dimensions = count('dimensions', options.dimensions ?? most, { least: 1, most: full });
    const data = outputArray(options.into, texts.length * dimensions);
    const prompt = this.#promptOf(options);
    const modules = this.#settings.modules.filter(({ kind }) => normalize !== false || kind !== 'normalize');
    let rows = this.#pooled(texts, prompt, maxLength, pooling);
    for (const module of modules) rows = module.apply(rows);
    texts.forEach((_, i) => {
      const vector = rows.subarray(i * full, i * full + dimensions);
      data.set(normalize ? unit(vector) : vector, i * dimensions);
    });
    return new Matrix(data, texts.length, dimensions);
  }

  /** @param {EncodeOptions} options @returns {string} what stands before each text */
  #promptOf({ prompt, promptName }) {
    const { prompts, defaultPrompt } = this.#settings;
    if (prompt !== undefined && typeof prompt !== 'string') throw wrong('prompt', 'a string', prompt);
    if (prompt !== undefined) return prompt;
    const name = promptName ?? defaultPrompt;
    if (name === undefined) return '';
    if (typeof name === 'string' && Object.hasOwn(prompts, name)) return prompts[name];
    const known = Object.keys(prompts).join(', ') || 'none';
    throw new WembedError('invalid_argument', `promptName ${shown(name)} is not one of this model's prompts: ${known}`);
  }

  /**
   * @param {readonly string[]} texts
   * @param {string} prompt
   * @param {number} maxLength
   * @param {import('../table/bag.js').BagMode} mode
   * @returns {Float32Array} (texts.length, the table's dim)
   */
  #pooled(texts, prompt, maxLength, mode) {
    const offsets = new Uint32Array(texts.length + 1);
    const ids = texts.map((text, i) => {
      const own = this.#cut([...this.#tokenizer.encode(prompt + text, { addSpecialTokens: false }).ids]).slice(0, maxLength);
      offsets[i + 1] = offsets[i] + own.length;
      return own;
    });
    return this.#table.bag(Uint32Array.from(ids.flat()), offsets, { mode }).data;
  }

  /** @param {number[]} ids */
  #cut(ids) {
    const { truncation } = this.#settings;
    if (!truncation || ids.length <= truncation.maxLength) return ids;
    return truncation.fromLeft ? ids.slice(-truncation.maxLength) : ids.slice(0, truncation.maxLength);
  }
}

/**
 * @param {Float32Array} vector
 * @returns {Float32Array} of length 1
 */
export function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / Math.max(length, LEAST_LENGTH));
}

/**
 * @param {string} name
 * @param {string} kind
 * @param {unknown} value
 */
const wrong = (name, kind, value) => new WembedError('invalid_argument', `${name} must be ${kind}, got ${shown(value)}`);
