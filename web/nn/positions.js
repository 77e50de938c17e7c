import { count, integersOf, lengthOf, optionsOf, outputArray } from '../core/arguments.js';
import { positive, wholeNumbersOf } from '../core/numbers.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { storageOf } from '../table/table.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */
/** @typedef {import('../table/table.js').OutputOptions} OutputOptions */

/** The maximum dim: no model's vectors are this long, so nothing is allocated for a larger one. */
const MAX_DIM = 2 ** 20;

/** The maximum number of heads of ALiBi slopes. */
const MAX_HEADS = 65536;

/**
 * The layout of a position's vector: 'interleaved' sines and cosines alternately, or 'concatenated' all sines before
 * all cosines, as in Marian and Pegasus.
 * @typedef {'interleaved' | 'concatenated'} WaveLayout
 */

/**
 * A table of learned vectors, one per position: BERT, GPT-2, and, with an offset of 2, OPT. RoBERTa counts only the
 * tokens that are not padding, starting after the padding's own row.
 * @example
 * const positions = new LearnedPositions(table, { offset: 2 });
 * positions.lookup([0, 1]); // rows 2 and 3 of the table
 */
export class LearnedPositions {
  #table;
  #offset;
  #paddingIdx;

  /**
   * @param {EmbeddingTable} table (positions, dim)
   * @param {{ offset?: number, paddingIdx?: number }} [options] `offset` is added to every position before the lookup;
   *   `paddingIdx` is the id that does not count as a position, as in RoBERTa; default: every id counts
   */
  constructor(table, options) {
    storageOf(table);
    const { offset = 0, paddingIdx } = optionsOf('LearnedPositions', options, ['offset', 'paddingIdx']);
    this.#table = table;
    this.#offset = count('offset', offset);
    this.#paddingIdx = paddingIdx === undefined ? undefined : count('paddingIdx', paddingIdx);
  }

  /** Added to every position before the lookup. */
  get offset() {
    return this.#offset;
  }
  /** The id that does not count as a position; undefined if every id counts. */
  get paddingIdx() {
    return this.#paddingIdx;
  }
  /** Numbers per position's vector. */
  get dim() {
    return this.#table.dim;
  }
  /** The number of positions. With paddingIdx, positions up to and including it are not available for text. */
  get maxPositions() {
    return this.#table.rows - this.#offset;
  }

  /**
   * The positions of a text's ids: 0, 1, 2, …, or RoBERTa's.
   * @param {IntegerArray} ids
   * @returns {Uint32Array} (ids.length)
   */
  positionsOf(ids) {
    const given = integersOf('ids', ids);
    const paddingIdx = this.#paddingIdx;
    const positions = new Uint32Array(lengthOf(given));
    let next = paddingIdx ?? -1;
    for (let i = 0; i < positions.length; i++) positions[i] = given[i] === paddingIdx ? paddingIdx : ++next;
    return positions;
  }

  /**
   * The vectors of the given positions, in their order.
   * @param {IntegerArray} positions each from 0 to below maxPositions
   * @param {OutputOptions} [options] `into`: at least positions.length × dim numbers
   * @returns {Matrix} (positions.length, dim). Errors: `id_out_of_range`, `shape_mismatch`, `invalid_argument`
   */
  lookup(positions, options) {
    const given = wholeNumbersOf('positions', positions);
    const bad = given.findIndex((position) => position < 0 || position >= this.maxPositions);
    if (bad >= 0) {
      const what = `position ${given[bad]} at index ${bad} is not one of the ${this.maxPositions} learned positions`;
      throw new WembedError('id_out_of_range', what);
    }
    const rows = Uint32Array.from(given, (position) => position + this.#offset);
    return this.#table.lookup(rows, options);
  }

  /** Frees the table. */
  dispose() {
    this.#table.dispose();
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * Fixed waves (Vaswani et al. 2017): component 2i of position p is sin(p / base^(2i / dim)), component 2i + 1 its
 * cosine.
 * @example
 * new SinusoidalPositions({ dim: 512 }).lookup([0, 1, 2]); // (3, 512)
 */
export class SinusoidalPositions {
  #dim;
  #base;
  #layout;

  /**
   * @param {{ dim: number, base?: number, layout?: WaveLayout }} options dim: even; base: default 10000; layout: default
   *   'interleaved'
   */
  constructor(options) {
    const given = optionsOf('SinusoidalPositions', options, ['dim', 'base', 'layout']);
    const { dim, base = 10000, layout = 'interleaved' } = given;
    if (!Number.isInteger(dim) || dim < 2 || dim % 2 || dim > MAX_DIM) {
      throw new WembedError('shape_mismatch', `dim must be an even number from 2 to ${MAX_DIM}, got ${shown(dim)}`);
    }
    if (layout !== 'interleaved' && layout !== 'concatenated') {
      throw new WembedError('invalid_argument', `layout '${shown(layout)}' is not interleaved or concatenated`);
    }
    this.#dim = dim;
    this.#base = positive('base', base);
    this.#layout = layout;
  }

  /** Numbers per position's vector. */
  get dim() {
    return this.#dim;
  }
  /** The base of the wavelengths. */
  get base() {
    return this.#base;
  }
  /** The order of sines and cosines. @returns {WaveLayout} */
  get layout() {
    return this.#layout;
  }

  /**
   * The positions of a text's ids: 0, 1, 2, …
   * @param {IntegerArray} ids
   * @returns {Uint32Array} (ids.length)
   */
  positionsOf(ids) {
    return new Uint32Array(lengthOf(integersOf('ids', ids))).map((_, i) => i);
  }

  /**
   * The vectors of the given positions, in their order.
   * @param {IntegerArray} positions any whole numbers
   * @param {OutputOptions} [options] `into`: at least positions.length × dim numbers
   * @returns {Matrix} (positions.length, dim). Errors: `shape_mismatch`, `invalid_argument`
   */
  lookup(positions, options) {
    const { into } = optionsOf('lookup', options, ['into']);
    const given = wholeNumbersOf('positions', positions);
    const [dim, base] = [this.#dim, this.#base];
    const data = outputArray(into, given.length * dim);
    const [step, apart] = this.#layout === 'interleaved' ? [2, 1] : [1, dim / 2];
    for (let n = 0; n < given.length; n++) {
      for (let i = 0; i < dim / 2; i++) {
        const angle = given[n] / base ** ((2 * i) / dim);
        data[n * dim + i * step] = Math.sin(angle);
        data[n * dim + i * step + apart] = Math.cos(angle);
      }
    }
    return new Matrix(data, given.length, dim);
  }
}

/**
 * Attention with linear biases (Press et al. 2022): the embedding has no positions; instead every attention score is
 * reduced in proportion to the distance, with one slope per head.
 * @example
 * new AlibiBias(8).bias([0, 1], [0, 1]); // (8, 2, 2): 0 on the diagonals
 */
export class AlibiBias {
  #slopes;

  /**
   * @param {number} heads 1 to 65536: for powers of two the slopes are a geometric series; other numbers are filled up
   *   from the next power's, as in the paper's code
   */
  constructor(heads) {
    count('heads', heads, { least: 1, most: MAX_HEADS });
    const whole = 2 ** Math.floor(Math.log2(heads));
    const slope = (/** @type {number} */ of, /** @type {number} */ i) => 2 ** ((-8 * (i + 1)) / of);
    this.#slopes = Float64Array.from({ length: heads }, (_, i) =>
      i < whole ? slope(whole, i) : slope(2 * whole, 2 * (i - whole)),
    );
  }

  /** The slope of each head. @returns {Float64Array} (heads), a copy */
  get slopes() {
    return this.#slopes.slice();
  }

  /**
   * The bias added to the scores of queries against keys: -slope × |i - j|.
   * @param {IntegerArray} queries their positions
   * @param {IntegerArray} keys their positions
   * @param {OutputOptions} [options] `into`: at least heads × queries.length × keys.length numbers
   * @returns {Float32Array} (heads, queries.length, keys.length). Errors: `shape_mismatch`, `invalid_argument`
   */
  bias(queries, keys, options) {
    const { into } = optionsOf('bias', options, ['into']);
    const [rows, columns] = [wholeNumbersOf('queries', queries), wholeNumbersOf('keys', keys)];
    const size = rows.length * columns.length;
    const out = outputArray(into, this.#slopes.length * size);
    this.#slopes.forEach((slope, head) => {
      for (let i = 0, at = head * size; i < rows.length; i++) {
        for (let j = 0; j < columns.length; j++, at++) out[at] = -slope * Math.abs(rows[i] - columns[j]);
      }
    });
    return out;
  }
}
