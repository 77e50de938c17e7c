import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { outputArray } from '../table/table.js';

/** @typedef {import('../core/dtypes.js').IntegerArray} IntegerArray */

/**
 * A table of learned vectors, one a position: BERT, GPT-2, and, with an offset of 2, OPT; RoBERTa counts the tokens that
 * are not padding and begins after the padding's own row.
 */
export class LearnedPositions {
  #table;
  /** Added to every position before it is looked up. */
  offset;
  /** The id that gets no position of its own, as RoBERTa has it; undefined where all do. */
  paddingIdx;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table (positions, dim)
   * @param {{ offset?: number, paddingIdx?: number }} [options]
   */
  constructor(table, { offset = 0, paddingIdx } = {}) {
    if (!table?.handle) throw new WembedError('invalid_argument', 'learned positions need an EmbeddingTable');
    for (const [name, value] of Object.entries({ offset, paddingIdx: paddingIdx ?? 0 })) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      throw new WembedError('invalid_argument', `${name} must be a whole number, at least 0, got ${shown(value)}`);
    }
    this.#table = table;
    this.offset = offset;
    this.paddingIdx = paddingIdx;
  }

  /** Positions it knows: with paddingIdx those before and at it are not for text. */
  get maxPositions() {
    return this.#table.rows - this.offset;
  }

  /**
   * The positions of a text's ids: 0, 1, 2, …, or RoBERTa's.
   * @param {IntegerArray} ids
   * @returns {Uint32Array}
   */
  positionsOf(ids) {
    checkArray('ids', ids);
    const { paddingIdx } = this;
    if (paddingIdx === undefined) return Uint32Array.from({ length: ids.length }, (_, i) => i);
    let next = paddingIdx;
    return Uint32Array.from({ length: ids.length }, (_, i) => (Number(ids[i]) === paddingIdx ? paddingIdx : ++next));
  }

  /**
   * @param {IntegerArray} positions each from 0 to below maxPositions
   * @param {{ into?: Float32Array }} [options]
   * @returns {Matrix} (positions.length, dim)
   */
  lookup(positions, options) {
    const rows = wholeNumbers(positions).map((position) => position + this.offset);
    const bad = rows.findIndex((row) => row < this.offset || row >= this.#table.rows);
    if (bad >= 0) {
      const what = `position ${positions[bad]} at index ${bad} is not one of the ${this.maxPositions} learned`;
      throw new WembedError('id_out_of_range', what);
    }
    return this.#table.lookup(Uint32Array.from(rows), options);
  }

  dispose() {
    this.#table.dispose();
  }
}

/**
 * Fixed waves (Vaswani et al. 2017): number 2i of position p is sin(p / base^(2i / dim)), number 2i + 1 its cosine.
 * `concatenated` puts all sines before all cosines, as Marian and Pegasus have them.
 */
export class SinusoidalPositions {
  /** @param {{ dim: number, base?: number, layout?: 'interleaved' | 'concatenated' }} options dim: even */
  constructor({ dim, base = 10000, layout = 'interleaved' } = /** @type {any} */ ({})) {
    if (!Number.isInteger(dim) || dim < 2 || dim % 2) {
      throw new WembedError('shape_mismatch', `sines and cosines need an even dim, got ${shown(dim)}`);
    }
    if (!(base > 0 && base < Infinity)) throw new WembedError('invalid_argument', `base must be above 0, got ${base}`);
    if (layout !== 'interleaved' && layout !== 'concatenated') {
      throw new WembedError('invalid_argument', `layout '${shown(layout)}' is not interleaved or concatenated`);
    }
    this.dim = dim;
    this.base = base;
    this.layout = layout;
  }

  /**
   * The positions of a text's ids: 0, 1, 2, …
   * @param {IntegerArray} ids
   * @returns {Uint32Array}
   */
  positionsOf(ids) {
    checkArray('ids', ids);
    return Uint32Array.from({ length: ids.length }, (_, i) => i);
  }

  /**
   * @param {IntegerArray} positions any whole numbers
   * @param {{ into?: Float32Array }} [options]
   * @returns {Matrix} (positions.length, dim)
   */
  lookup(positions, { into } = {}) {
    const { dim, base } = this;
    const places = wholeNumbers(positions);
    const data = outputArray(into, places.length * dim);
    const [step, apart] = this.layout === 'interleaved' ? [2, 1] : [1, dim / 2];
    for (let n = 0; n < places.length; n++) {
      for (let i = 0; i < dim / 2; i++) {
        const angle = places[n] / base ** ((2 * i) / dim);
        data[n * dim + i * step] = Math.sin(angle);
        data[n * dim + i * step + apart] = Math.cos(angle);
      }
    }
    return new Matrix(data, places.length, dim);
  }
}

/**
 * Attention with linear biases (Press et al. 2022): no positions in the embedding, but a penalty on every score that grows
 * with the distance, with a slope of its own for each head.
 */
export class AlibiBias {
  /** @type {Float64Array} (heads) */
  slopes;

  /** @param {number} heads powers of two have a geometric series; others fill up from the next power's, as the paper's code does */
  constructor(heads) {
    if (!Number.isInteger(heads) || heads < 1 || heads > 65536) {
      throw new WembedError('invalid_argument', `heads must be a whole number above 0, got ${shown(heads)}`);
    }
    const whole = 2 ** Math.floor(Math.log2(heads));
    const slope = (/** @type {number} */ of, /** @type {number} */ i) => 2 ** ((-8 * (i + 1)) / of);
    this.slopes = Float64Array.from({ length: heads }, (_, i) =>
      i < whole ? slope(whole, i) : slope(2 * whole, 2 * (i - whole)),
    );
  }

  /**
   * What is added to the scores of queries against keys: -slope × |i - j|.
   * @param {IntegerArray} queries their positions
   * @param {IntegerArray} keys
   * @param {{ into?: Float32Array }} [options]
   * @returns {Float32Array} (heads, queries.length, keys.length)
   */
  bias(queries, keys, { into } = {}) {
    const [rows, columns] = [wholeNumbers(queries), wholeNumbers(keys)];
    const size = rows.length * columns.length;
    const out = outputArray(into, this.slopes.length * size);
    this.slopes.forEach((slope, head) => {
      for (let i = 0, at = head * size; i < rows.length; i++) {
        for (let j = 0; j < columns.length; j++, at++) out[at] = -slope * Math.abs(rows[i] - columns[j]);
      }
    });
    return out;
  }
}

/**
 * @param {IntegerArray} positions
 * @returns {Float64Array} the same, each checked
 */
export function wholeNumbers(positions) {
  checkArray('positions', positions);
  return Float64Array.from(/** @type {ArrayLike<number | bigint>} */ (positions), (given, n) => {
    const position = typeof given === 'bigint' ? Number(given) : given;
    if (Number.isSafeInteger(position)) return position;
    throw new WembedError('invalid_argument', `position ${shown(given)} at index ${n} is no whole number below 2^53`);
  });
}

/**
 * @param {string} name
 * @param {unknown} values
 */
export function checkArray(name, values) {
  if (typeof values === 'object' && /** @type {any} */ (values)?.length >= 0) return;
  throw new WembedError('invalid_argument', `${name} must be an array of whole numbers, got ${shown(values)}`);
}
