import { floatsOf, lengthOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { activationOf } from './activations.js';

/**
 * A dense layer whose weights are a table: y = x · tableᵀ + bias. `torch.nn.Linear`.
 */
export class Dense {
  #table;
  #bias;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table (out, in); the caller disposes of it
   * @param {Float32Array} [bias] (out)
   */
  constructor(table, bias) {
    if (bias && bias.length !== table.rows) {
      throw new WembedError(
        'shape_mismatch',
        `the bias has ${bias.length} numbers, but the table has ${table.rows} rows`,
      );
    }
    this.#table = table;
    this.#bias = bias?.slice();
  }

  /** The dim of the input rows. */
  get dim() {
    return this.#table.dim;
  }
  /** The dim of the output rows. */
  get outDim() {
    return this.#table.rows;
  }

  /**
   * @param {ArrayLike<number>} x (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × outDim numbers
   * @returns {Float32Array} (n, outDim)
   */
  apply(x, options) {
    const data = floatsOf('x', x);
    const bias = this.#bias;
    const y = this.#table.products(new Matrix(data, lengthOf(data) / this.dim, this.dim), options).data;
    for (let i = 0; bias && i < y.length;) for (let j = 0; j < bias.length; j++) y[i++] += bias[j];
    return y;
  }

  /** Nothing to free: the table belongs to the caller. */
  dispose() {}
}

/**
 * The transform of a masked language model's hidden states before they are scored: dense layer, activation, LayerNorm
 * (Devlin et al. 2019).
 */
export class MaskedTransform {
  #dense;
  #activation;
  #norm;

  /**
   * @param {Dense} dense the caller disposes of it
   * @param {string} activation its name in config.json
   * @param {import('./layer_norm.js').LayerNorm} norm
   */
  constructor(dense, activation, norm) {
    this.#dense = dense;
    this.#activation = activationOf(activation);
    this.#norm = norm;
  }

  /** Numbers per hidden state. */
  get dim() {
    return this.#dense.dim;
  }

  /**
   * @param {ArrayLike<number>} states (n, dim)
   * @returns {Float32Array} (n, the dense layer's outDim)
   */
  apply(states) {
    const x = this.#dense.apply(states);
    for (let i = 0; i < x.length; i++) x[i] = this.#activation(x[i]);
    this.#norm.apply(x);
    return x;
  }
}
