import { wholeNumbersOf } from '../core/numbers.js';
import { SinusoidalPositions } from '../nn/positions.js';

/** What some models do to token rows that others do not. */

/**
 * Waves as fairseq has them: half of a position's numbers are sines, half cosines, and the last wave is 10000 times as long as
 * the first.
 */
export class FairseqWaves {
  #waves;
  #offset;
  #paddingId;

  /**
   * @param {number} dim
   * @param {import('./families/family.js').Waves} waves
   * @param {number} paddingId
   */
  constructor(dim, { skipsPadding, offset = 0 }, paddingId) {
    const half = dim / 2;
    this.#waves = new SinusoidalPositions({ dim, base: 10000 ** (half / (half - 1)), layout: 'concatenated' });
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
    given.forEach((position, i) => position === this.#paddingId && rows.row(i).fill(0));
    return rows;
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
