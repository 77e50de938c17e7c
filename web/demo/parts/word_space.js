import { pause } from './timing.js';
import { dot, lengthOf } from './pairs.js';
import { unitTable } from './unit_table.js';

/** How many words the map has. */
export const MAP_WORDS = 12_000;

const STEP = 1500; // rows between two pauses
const EDGE = 0.9; // of the way to the map’s edge

/** A flat view of the space: places are (row − mean) · axes. `own`: the visitor’s axes, which may be oblique and have a scale each. @typedef {{ mean: ArrayLike<number>, axes: Float64Array[], own?: boolean }} Basis */

/** The words of a map: their rows, each made of length 1. */
export class WordSpace {
  words;
  dim;
  rows;
  /** In which order words get a name on the map: frequent ones first, but those with short rows, which mean little. */
  order;
  /** @type {Map<string, number>} */
  #ids;
  #tokens;
  #table;
  #places;

  /**
   * @param {string[]} tokens of all rows; '' where a row has none
   * @param {string[]} words
   * @param {Float32Array} rows (words.length, dim), of length 1
   * @param {Float32Array} lengths of the rows as the table has them
   * @param {import('../../index.js').EmbeddingTable} table of all rows, each made of length 1
   */
  constructor(tokens, words, rows, lengths, table) {
    this.#tokens = tokens;
    this.#ids = new Map();
    tokens.forEach((token, id) => token && !this.#ids.has(token) && this.#ids.set(token, id));
    this.#table = table;
    this.words = words;
    this.rows = rows;
    this.dim = table.dim;
    const median = lengths.slice().sort()[lengths.length >> 1];
    this.order = Array.from(words.keys()).filter((at) => lengths[at] >= median);
    this.#places = new Map(words.map((word, at) => [word, at]));
  }

  /**
   * The first whole words of the vocabulary, which are its most frequent ones. Pauses, so that the page stays quick.
   * @param {import('../../index.js').EmbeddingLayer} layer
   * @param {number} many
   */
  static async of(layer, many) {
    /** @type {string[]} */
    const tokens = [];
    for (let id = 0; id < layer.table.rows; id++) {
      tokens.push(layer.tokenizer.idToToken(id) ?? '');
      if (id % (4 * STEP) === 0) await pause();
    }
    const ids = Array.from(tokens.keys())
      .filter((id) => /^[a-z]{2,}$/.test(tokens[id]))
      .slice(0, many);
    const words = ids.map((id) => tokens[id]);
    await pause();
    const table = await unitTable(layer);
    await pause();
    const rows = new Float32Array(words.length * layer.dim);
    const lengths = new Float32Array(words.length);
    for (let from = 0; from < ids.length; from += STEP) {
      const some = ids.slice(from, from + STEP);
      rows.set(table.lookup(some).data, from * layer.dim);
      lengths.set(Array.from(layer.table.lookup(some), lengthOf), from);
      await pause();
    }
    return new WordSpace(tokens, words, rows, lengths, table);
  }

  /** Where a word is on the map. @param {string} word @returns {number | undefined} */
  at(word) {
    return this.#places.get(word);
  }

  /** @param {number} at */
  row(at) {
    return this.rows.subarray(at * this.dim, (at + 1) * this.dim);
  }

  /** Whether the vocabulary has a word, on the map or not. @param {string} word */
  has(word) {
    return this.#ids.has(word);
  }

  /** The row of any word of the vocabulary, made of length 1. @param {string} word @returns {Float32Array} */
  unit(word) {
    const id = this.#ids.get(word);
    if (id === undefined) throw new Error(`“${word}” is not one token of this model, so that it has no row`);
    return this.#table.row(id);
  }

  /**
   * The tokens nearest to a vector by cosine, as `layer.mostSimilar` finds them.
   * @param {ArrayLike<number>} vector of length 1
   * @param {number} many
   * @param {string[]} [without] these
   * @returns {{ key: string, score: number }[]}
   */
  nearest(vector, many, without = []) {
    const { ids, scores } = this.#table.nearest(Float32Array.from(vector), many + without.length);
    return Array.from(ids, (id, i) => ({ key: this.#tokens[id], score: scores[i] }))
      .filter(({ key }) => !without.includes(key))
      .slice(0, many);
  }

  /** Its cosine with every word of the map. @param {ArrayLike<number>} vector of length 1 */
  cosines(vector) {
    const all = new Float32Array(this.words.length);
    for (let i = 0, at = 0; i < all.length; i++) {
      let sum = 0;
      for (let d = 0; d < this.dim; d++) sum += this.rows[at++] * vector[d];
      all[i] = sum;
    }
    return all;
  }

  /** @param {Basis} basis @returns {Float32Array} (n, 2) */
  project({ mean, axes: [x, y] }) {
    const places = new Float32Array(2 * this.words.length);
    const [middleX, middleY] = [dot(mean, x), dot(mean, y)];
    for (let i = 0, at = 0; i < this.words.length; i++) {
      let [a, b] = [0, 0];
      for (let d = 0; d < this.dim; d++) {
        const value = this.rows[at++];
        a += value * x[d];
        b += value * y[d];
      }
      places[2 * i] = a - middleX;
      places[2 * i + 1] = b - middleY;
    }
    return places;
  }
}

/** @param {ArrayLike<number>} vector @param {Basis} basis */
export const placeOf = (vector, { mean, axes }) => axes.map((axis) => dot(vector, axis) - dot(mean, axis));

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const minus = (a, b) => Float64Array.from(a, (value, i) => value - b[i]);

/** @param {Float64Array} vector */
export function unitOf(vector) {
  const length = lengthOf(vector) || 1;
  return vector.map((value) => value / length);
}

/**
 * How much of a step's length lies in a flat view: the length of its shadow ÷ its own length.
 * @param {Float64Array} step
 * @param {Basis} basis
 */
export function shareShown(step, { axes: [x, y] }) {
  const plane = [x.slice(), y.slice()];
  orthonormalise(plane);
  // Axes that point the same way span a line: what is left of the second one is rounding.
  if (Math.abs(dot(x, y)) > (1 - 1e-9) * lengthOf(x) * lengthOf(y)) plane.pop();
  return Math.hypot(...plane.map((axis) => dot(step, axis))) / (lengthOf(step) || 1);
}

/**
 * Places as the map draws them: what is seen of the map is full of them, all but the farthest few.
 * @param {Float32Array} places
 * @param {object} [options]
 * @param {number[]} [options.room] how far the map reaches to the side and up; default 1 and 1
 * @param {boolean} [options.free] each side has a scale of its own; default one scale for both
 * @param {number[][]} [options.seen] places that must be in sight, too
 * @returns {{ places: Float32Array, scale: number[], middle: number[] }}
 */
export function fitted(places, { room = [1, 1], free = false, seen = [] } = {}) {
  const sides = [0, 1].map((side) => {
    const values = Float32Array.from({ length: places.length / 2 }, (_, i) => places[2 * i + side]).sort();
    const far = Math.floor(0.002 * values.length);
    const wanted = seen.map((place) => place[side]);
    const [low, high] = [
      Math.min(values[far] ?? 0, ...wanted),
      Math.max(values[values.length - 1 - far] ?? 0, ...wanted),
    ];
    return { middle: (low + high) / 2, scale: (EDGE * room[side]) / ((high - low) / 2 || 1) };
  });
  const one = Math.min(...sides.map(({ scale }) => scale));
  const scale = sides.map((side) => (free ? side.scale : one));
  const middle = sides.map((side) => side.middle);
  return { places: places.map((value, i) => (value - middle[i % 2]) * scale[i % 2]), scale, middle };
}

/** The points from the outermost inwards: on axes these are the telling ones. @param {Float32Array} places */
export function outermost(places) {
  const far = Float32Array.from({ length: places.length / 2 }, (_, i) => Math.hypot(places[2 * i], places[2 * i + 1]));
  return Array.from(far.keys()).sort((p, q) => far[q] - far[p]);
}

/** Gram-Schmidt, in place. @param {Float64Array[]} axes */
export function orthonormalise(axes) {
  axes.forEach((axis, k) => {
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < k; j++) {
        const along = dot(axis, axes[j]);
        for (let d = 0; d < axis.length; d++) axis[d] -= along * axes[j][d];
      }
      const length = Math.sqrt(dot(axis, axis)) || 1;
      for (let d = 0; d < axis.length; d++) axis[d] /= length;
    }
  });
}
