import { activationOf } from './activations.js';
import { TiedHead } from './language_model_head.js';
import { Matrix } from '../core/matrix.js';

/**
 * A dense layer, its weights a table: y = x · tableᵀ + bias. `torch.nn.Linear`.
 */
export class Dense {
  #products;

  /**
   * @param {import('../table/table.js').EmbeddingTable} table (out, in); the caller's to dispose of
   * @param {Float32Array} [bias] (out)
   */
  constructor(table, bias) {
    this.#products = new TiedHead(table, { bias });
  }

  /** Numbers a row it takes. */
  get dim() {
    return this.#products.dim;
  }
  /** Numbers a row it gives. */
  get outDim() {
    return this.#products.vocabSize;
  }

  /**
   * @param {ArrayLike<number>} x (n, dim)
   * @param {{ into?: Float32Array }} [options] at least n × outDim numbers
   * @returns {Float32Array} (n, outDim)
   */
  apply(x, options) {
    const data = ArrayBuffer.isView(x) ? /** @type {Float32Array} */ (x) : Float32Array.from(x);
    return this.#products.logits(new Matrix(data, data.length / this.dim, this.dim), options).data;
  }

  dispose() {
    this.#products.dispose();
  }
}

/**
 * What a masked language model does to hidden states before it scores them: dense layer, activation, LayerNorm (Devlin
 * et al. 2019).
 */
export class MaskedTransform {
  #dense;
  #activation;
  #norm;

  /**
   * @param {Dense} dense the caller's to dispose of
   * @param {string} activation its name in config.json
   * @param {import('./layer_norm.js').LayerNorm} norm
   */
  constructor(dense, activation, norm) {
    this.#dense = dense;
    this.#activation = activationOf(activation);
    this.#norm = norm;
  }

  /** Numbers of a hidden state. */
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
