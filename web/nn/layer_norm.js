import { WembedError, shown } from '../core/errors.js';
import { runningHeap } from '../memory/heap.js';

/**
 * Layer normalization (Ba et al. 2016): each row less its mean, over its standard deviation, × weight + bias.
 * `torch.nn.LayerNorm`. For what stands beside a table: the core is running by then.
 */
export class LayerNorm {
  #dim;
  #parameters;
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
    if (!(typeof epsilon === 'number' && epsilon >= 0 && epsilon < Infinity)) {
      throw new WembedError('invalid_argument', `epsilon must be a number, at least 0, got ${shown(epsilon)}`);
    }
    this.#dim = weight.length;
    this.#parameters = new Float32Array(2 * this.#dim);
    this.#parameters.set(weight);
    this.#parameters.set(bias ?? [], this.#dim);
    this.#epsilon = epsilon;
  }

  /** Numbers a row. */
  get dim() {
    return this.#dim;
  }

  /**
   * Normalizes rows in place.
   * @param {Float32Array} x (n, dim)
   */
  apply(x) {
    const { dim } = this;
    if (x.length % dim) throw new WembedError('shape_mismatch', `${x.length} numbers are no rows of ${dim}`);
    const heap = /** @type {import('../memory/heap.js').Heap} */ (runningHeap());
    const weight = heap.floats('parameters', this.#parameters);
    heap.changeRows(x, x, dim, (address, _, rows) => {
      heap.core.layerNorm(address, rows, dim, weight, weight + 4 * dim, this.#epsilon);
    });
  }
}
