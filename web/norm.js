import { WembedError } from './errors.js';

/**
 * Layer normalization (Ba et al. 2016): each row less its mean, over its standard deviation, × weight + bias.
 * `torch.nn.LayerNorm`, with sums in f64.
 */
export class LayerNorm {
  #weight;
  #bias;
  #epsilon;

  /**
   * @param {object} parts
   * @param {Float32Array} parts.weight (dim)
   * @param {Float32Array} [parts.bias] (dim); default none
   * @param {number} parts.epsilon added to the variance
   */
  constructor({ weight, bias, epsilon }) {
    if (bias && bias.length !== weight.length) {
      throw new WembedError('shape_mismatch', `a norm of ${weight.length} weights and ${bias.length} biases`);
    }
    if (!(epsilon >= 0 && epsilon < Infinity)) {
      throw new WembedError('invalid_argument', `epsilon must be a number, at least 0, got ${String(epsilon)}`);
    }
    this.#weight = weight;
    this.#bias = bias ?? new Float32Array(weight.length);
    this.#epsilon = epsilon;
  }

  /** Numbers a row. */
  get dim() {
    return this.#weight.length;
  }

  /**
   * Normalizes rows in place.
   * @param {Float32Array} x (n, dim)
   */
  apply(x) {
    const { dim } = this;
    if (x.length % dim) throw new WembedError('shape_mismatch', `${x.length} numbers are no rows of ${dim}`);
    for (let at = 0; at < x.length; at += dim) this.#applyTo(x.subarray(at, at + dim));
  }

  /** @param {Float32Array} row */
  #applyTo(row) {
    const [weight, bias, dim] = [this.#weight, this.#bias, row.length];
    let [mean, variance] = [0, 0];
    for (let d = 0; d < dim; d++) mean += row[d];
    mean /= dim;
    for (let d = 0; d < dim; d++) variance += (row[d] - mean) ** 2;
    const scale = 1 / Math.sqrt(variance / dim + this.#epsilon);
    for (let d = 0; d < dim; d++) row[d] = (row[d] - mean) * scale * weight[d] + bias[d];
  }
}
