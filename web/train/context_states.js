// What a language model makes of the words before: forward, and backward to all that learns.
import { Matrix } from '../core/matrix.js';
import { withLast, withoutLast } from './columns.js';
import { logits, logitsBackward } from './heads.js';
import { viewOf, variableOf } from './variables.js';

/** @typedef {import('./variables.js').Variable} Variable */

/**
 * The state before a word: Σ row of each word before × the vector of its position (Mnih and Hinton 2007) + a layer of units
 * over the same rows (Bengio et al. 2003), outer · relu(inner · rows). The last number of a row is the word's bias: that of a
 * state is 1.
 */
export class ContextStates {
  /** Each word's row and bias, (words, dim + 1). */
  #rows;
  /** (context, dim) */
  #positions;
  /** (units, context × dim), where there are units. */
  #inner;
  /** (dim, units) */
  #outer;

  /** @param {Variable[]} variables rows, positions and, where there are units, inner and outer */
  constructor([rows, positions, inner, outer]) {
    this.#rows = rows;
    this.#positions = positions;
    this.#inner = inner;
    this.#outer = outer;
  }

  /**
   * @param {number} words
   * @param {{ dim: number, context: number, units: number }} shape
   * @returns {Promise<ContextStates>} of zeros, until `start`
   */
  static async of(words, { dim, context, units }) {
    /** @type {[number, number][]} */
    const shapes = [[words, dim + 1], [context, dim], [units, context * dim], [dim, units]]; // prettier-ignore
    /** @type {Variable[]} */
    const made = [];
    try {
      for (const [rows, size] of units ? shapes : shapes.slice(0, 2)) {
        made.push(await variableOf(rows, size, (numbers) => void numbers.fill(0)));
      }
      return new ContextStates(made);
    } catch (error) {
      for (const variable of made) variable.dispose();
      throw error;
    }
  }

  /**
   * Writes numbers to begin with.
   * @param {Float64Array} shares of each word, of 1: biases begin as their logarithms
   * @param {() => number} random
   */
  start(shares, random) {
    const { dim } = this.#positions;
    const about0 = (/** @type {number} */ width) => (random() - 0.5) * width;
    write(this.#rows, (word, d) => (d < dim ? about0(1 / Math.sqrt(dim)) : Math.log(shares[word])));
    write(this.#positions, (c) => (0.5 + random()) / (c + 1));
    for (const variable of [this.#inner, this.#outer]) {
      if (variable) write(variable, () => about0(2 / Math.sqrt(variable.dim)));
    }
  }

  /** What learns. @returns {Variable[]} */
  get variables() {
    return [this.#rows, this.#positions, this.#inner, this.#outer].filter((each) => each !== undefined);
  }

  /** The rows, whose products with a state are the words' scores. */
  get rows() {
    return this.#rows;
  }

  /** How many words a state looks back at. */
  get context() {
    return this.#positions.rows;
  }

  /**
   * @param {Uint32Array} ids
   * @param {number[]} at places in `ids` whose word is to be predicted
   * @param {(numbers: Float32Array) => (gradient: Float32Array) => void} [drop] sets some numbers to 0 and raises the others;
   *   what it returns does the same to their gradient
   * @returns {{ states: Matrix, backward: (gradient: Matrix) => void }} states: (at.length, dim + 1)
   */
  forward(ids, at, drop = () => () => {}) {
    const [n, context, dim] = [at.length, this.context, this.#positions.dim];
    const before = new Uint32Array(n * context);
    for (let i = 0; i < before.length; i++) before[i] = ids[at[Math.floor(i / context)] - 1 - (i % context)];
    const inputs = new Matrix(withoutLast(this.#rows.lookup(before)), n, context * dim);
    const dropInputs = drop(inputs.data);
    const positions = this.#positions.value().data;
    const sums = new Float32Array(n * dim);
    for (let i = 0; i < n * context; i++) {
      const [from, own, to] = [i * dim, (i % context) * dim, Math.floor(i / context) * dim];
      for (let d = 0; d < dim; d++) sums[to + d] += inputs.data[from + d] * positions[own + d];
    }
    const units = this.#inner && this.#addUnits(inputs, sums, drop);
    const dropSums = drop(sums);
    return {
      states: withLast(sums, dim, 1),
      backward: (gradient) => {
        const toSums = withoutLast(gradient);
        dropSums(toSums);
        const toInputs = units ? units(new Matrix(toSums, n, dim)) : new Float32Array(n * context * dim);
        const toPositions = new Float32Array(context * dim);
        for (let i = 0; i < n * context; i++) {
          const [from, own, to] = [i * dim, (i % context) * dim, Math.floor(i / context) * dim];
          for (let d = 0; d < dim; d++) {
            toInputs[from + d] += toSums[to + d] * positions[own + d];
            toPositions[own + d] += toSums[to + d] * inputs.data[from + d];
          }
        }
        dropInputs(toInputs);
        this.#rows.lookupBackward(before, withLast(toInputs, dim, 0));
        this.#positions.lookupBackward(
          Uint32Array.from({ length: context }, (_, c) => c),
          toPositions,
        );
      },
    };
  }

  /**
   * @param {Matrix} inputs (n, context × dim)
   * @param {Float32Array} sums (n, dim) to add to
   * @param {(numbers: Float32Array) => (gradient: Float32Array) => void} drop
   * @returns {(gradient: Matrix) => Float32Array} from the gradient of the sums to that of the inputs
   */
  #addUnits(inputs, sums, drop) {
    const [inner, outer] = [/** @type {Variable} */ (this.#inner), /** @type {Variable} */ (this.#outer)];
    const units = logits(inner, inputs);
    for (let i = 0; i < units.data.length; i++) units.data[i] = Math.max(0, units.data[i]);
    const dropUnits = drop(units.data);
    const { data } = logits(outer, units);
    for (let i = 0; i < sums.length; i++) sums[i] += data[i];
    return (gradient) => {
      const toUnits = logitsBackward(outer, units, gradient);
      dropUnits(toUnits.data);
      for (let i = 0; i < units.data.length; i++) if (units.data[i] === 0) toUnits.data[i] = 0;
      return logitsBackward(inner, inputs, toUnits).data;
    };
  }

  dispose() {
    for (const variable of this.variables) variable.dispose();
  }
}

/**
 * @param {Variable} variable
 * @param {(row: number, d: number) => number} number
 */
function write(variable, number) {
  const [numbers, { dim }] = [viewOf(variable), variable];
  for (let i = 0; i < numbers.length; i++) numbers[i] = number(Math.floor(i / dim), i % dim);
}

/**
 * Dropout (Srivastava et al. 2014).
 * @param {number} share of numbers that become 0
 * @param {() => number} random
 * @returns {(numbers: Float32Array) => (gradient: Float32Array) => void}
 */
export function dropout(share, random) {
  const raise = 1 / (1 - share);
  return (numbers) => {
    const factors = new Float32Array(numbers.length);
    for (let i = 0; i < factors.length; i++) factors[i] = random() < share ? 0 : raise;
    const apply = (/** @type {Float32Array} */ some) => {
      for (let i = 0; i < some.length; i++) some[i] *= factors[i];
    };
    apply(numbers);
    return apply;
  };
}
