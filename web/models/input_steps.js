import { count, integersOf, lengthOf } from '../core/arguments.js';
import { Matrix } from '../core/matrix.js';
import { wholeNumbersOf } from '../core/numbers.js';
import { SinusoidalPositions } from '../nn/positions.js';

/** What some models do to token rows that others do not. */

/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */

/**
 * Waves as fairseq has them: half of a position's numbers are sines, half cosines, and the last wave is 10000 times as long as
 * the first.
 */
export class FairseqWaves {
  #waves;
  #factor;
  #offset;
  #paddingId;

  /**
   * @param {number} dim
   * @param {import('./families/family.js').Waves} waves
   * @param {number} paddingId
   */
  constructor(dim, { skipsPadding, offset = 0, plain, divided }, paddingId) {
    const half = dim / 2;
    const base = plain ? 10000 : 10000 ** (half / (half - 1));
    this.#waves = new SinusoidalPositions({ dim, base, layout: 'concatenated' });
    this.#factor = divided ? 1 / Math.sqrt(dim) : 1;
    this.#offset = offset;
    this.#paddingId = skipsPadding ? paddingId : undefined;
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @returns {Uint32Array}
   */
  positionsOf(ids) {
    const paddingId = this.#paddingId;
    let next = paddingId ?? -1;
    return Uint32Array.from(wholeNumbersOf('ids', ids), (id) => (id === paddingId ? id : ++next));
  }

  /** @param {import('../core/arguments.js').IntegerArray} positions */
  lookup(positions) {
    const given = [...wholeNumbersOf('positions', positions)];
    const rows = this.#waves.lookup(given.map((position) => position + this.#offset));
    if (this.#factor !== 1) rows.data.forEach((value, i) => (rows.data[i] = value * this.#factor));
    given.forEach((position, i) => position === this.#paddingId && rows.row(i).fill(0));
    return rows;
  }
}

/** Reformer's: positions stand in a grid, of which each row and each column has learned a part of the vector. */
export class AxialPositions {
  #rows;
  #columns;
  #columnDim;
  #maxPositions;

  /**
   * @param {EmbeddingTable} rows (rows, size)
   * @param {EmbeddingTable} columns (1, columns × the other size)
   * @param {number} dim of a vector
   * @param {number} [maxPositions] default: as many as the grid has
   */
  constructor(rows, columns, dim, maxPositions = Infinity) {
    this.#rows = rows;
    this.#columns = columns.lookup([0]).data;
    this.#columnDim = dim - rows.dim;
    this.#maxPositions = Math.min(maxPositions, (rows.rows * this.#columns.length) / this.#columnDim);
  }

  /** The number of positions. */
  get maxPositions() {
    return this.#maxPositions;
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @returns {Uint32Array}
   */
  positionsOf(ids) {
    return new Uint32Array(lengthOf(integersOf('ids', ids))).map((_, i) => i);
  }

  /** @param {import('../core/arguments.js').IntegerArray} positions */
  lookup(positions) {
    const given = [...wholeNumbersOf('positions', positions)];
    given.forEach((position) => count('a position', position, { most: this.#maxPositions - 1 }));
    const [size, other] = [this.#rows.dim, this.#columnDim];
    const columns = this.#columns.length / other;
    const rows = this.#rows.lookup(Uint32Array.from(given, (position) => Math.floor(position / columns))).data;
    const data = new Float32Array(given.length * (size + other));
    given.forEach((position, i) => {
      data.set(rows.subarray(i * size, (i + 1) * size), i * (size + other));
      const at = (position % columns) * other;
      data.set(this.#columns.subarray(at, at + other), i * (size + other) + size);
    });
    return new Matrix(data, given.length, size + other);
  }
}

/** Rows over their root mean square. */
export class RmsNorm {
  #weight;
  #epsilon;

  /**
   * @param {Float32Array | undefined} weight
   * @param {number} epsilon
   */
  constructor(weight, epsilon) {
    this.#weight = weight;
    this.#epsilon = epsilon;
  }

  /**
   * @param {Float32Array} rows changed in place
   * @param {number} dim of a row
   */
  apply(rows, dim) {
    for (let at = 0; at < rows.length; at += dim) {
      let squares = 0;
      for (let i = at; i < at + dim; i++) squares += rows[i] * rows[i];
      const factor = 1 / Math.sqrt(squares / dim + this.#epsilon);
      for (let i = at; i < at + dim; i++) rows[i] *= factor * (this.#weight?.[i - at] ?? 1);
    }
  }
}

/** Numbers of a row times one each, plus one each. */
export class Affine {
  #weight;
  #bias;
  #biasFirst;

  /**
   * @param {Float32Array | undefined} weight
   * @param {Float32Array | undefined} bias
   * @param {boolean} [biasFirst] it is added before
   */
  constructor(weight, bias, biasFirst = false) {
    this.#weight = weight;
    this.#bias = bias;
    this.#biasFirst = biasFirst;
  }

  /**
   * @param {Float32Array} rows changed in place
   * @param {number} dim of a row
   */
  apply(rows, dim) {
    for (let i = 0; i < rows.length; i++) {
      const [weight, bias] = [this.#weight?.[i % dim] ?? 1, this.#bias?.[i % dim] ?? 0];
      rows[i] = this.#biasFirst ? Math.fround(rows[i] + bias) * weight : Math.fround(rows[i] * weight) + bias;
    }
  }
}

/**
 * MobileBERT's: the next token's row, the token's own and the one before it, beside each other. Where there is none: zeros.
 * @param {Float32Array} rows
 * @param {number} dim of a row
 * @returns {Float32Array} (n, 3 × dim)
 */
export function besideNeighbours(rows, dim) {
  const out = new Float32Array(3 * rows.length);
  for (let at = 0; at < rows.length; at += dim) {
    if (at + dim < rows.length) out.set(rows.subarray(at + dim, at + 2 * dim), 3 * at);
    out.set(rows.subarray(at, at + dim), 3 * at + dim);
    if (at > 0) out.set(rows.subarray(at - dim, at), 3 * at + 2 * dim);
  }
  return out;
}

/**
 * @param {Float32Array} rows
 * @param {number} dim of a row
 * @param {Float32Array} beside
 * @returns {Float32Array} (n, dim + beside.length)
 */
export function withBeside(rows, dim, beside) {
  const whole = dim + beside.length;
  const out = new Float32Array((rows.length / dim) * whole);
  for (let at = 0, to = 0; at < rows.length; at += dim, to += whole) {
    out.set(rows.subarray(at, at + dim), to);
    out.set(beside, to + dim);
  }
  return out;
}

/** The share of tokens that training masked, whose rows were zeros then. */
const MASKED_SHARE = 0.15 * 0.8;

/**
 * ESM's: rows of masked tokens are zeros, and what is left grows to the size that it had in training.
 * @param {Float32Array} rows changed in place
 * @param {number[]} ids
 * @param {number} maskId
 * @param {number} dim
 */
export function dropMasked(rows, ids, maskId, dim) {
  const masked = ids.filter((id) => id === maskId).length;
  const factor = (1 - MASKED_SHARE) / (1 - masked / ids.length);
  ids.forEach((id, i) => {
    const row = rows.subarray(i * dim, (i + 1) * dim);
    if (id === maskId) row.fill(0);
    else row.forEach((value, j) => (row[j] = value * factor));
  });
}
