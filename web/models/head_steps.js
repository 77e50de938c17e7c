import { putFloats } from '../core/arguments.js';
import { activationOf } from '../nn/activations.js';
import { EmbeddingTable } from '../table/table.js';

/** @typedef {(states: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>} HeadStep states in, states out; it may write to what it is given */

/**
 * What some models do to hidden states before they are scored, step by step.
 */
export class HeadSteps {
  #steps;

  /**
   * @param {number} dim of a hidden state
   * @param {HeadStep[]} steps
   */
  constructor(dim, steps) {
    this.dim = dim;
    this.#steps = steps;
  }

  /** @param {ArrayLike<number>} states (n, dim) */
  apply(states) {
    const own = new Float32Array(states.length);
    putFloats(own, states);
    return this.#steps.reduce((x, step) => step(x), own);
  }
}

/** @param {import('../nn/layer_norm.js').LayerNorm} norm @returns {HeadStep} */
export const normStep = (norm) => (states) => {
  norm.apply(states);
  return states;
};

/**
 * @param {import('../nn/linear.js').Dense} dense
 * @param {string} activation its name in transformers
 * @returns {HeadStep}
 */
export function denseStep(dense, activation) {
  const of = activationOf(activation);
  return (states) => Float32Array.from(dense.apply(states), of);
}

/**
 * MobileBERT's scores: a row of the token table, and then a column of another one.
 * @param {EmbeddingTable} tokens (vocabulary, size)
 * @param {EmbeddingTable} beside (hidden size − size, vocabulary)
 * @returns {Promise<EmbeddingTable>} (vocabulary, hidden size), of the token table's dtype
 */
export async function besideTokens(tokens, beside) {
  const { rows, dim: size, dtype } = tokens;
  const dim = size + beside.rows;
  const numbers = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) numbers.set(tokens.row(i), i * dim);
  for (let j = 0; j < beside.rows; j++) {
    const column = beside.row(j);
    for (let i = 0; i < rows; i++) numbers[i * dim + size + j] = column[i];
  }
  return EmbeddingTable.from(numbers, { rows, dim, dtype });
}
