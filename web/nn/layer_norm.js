import { floatsOf, lengthOf, optionsOf, plainArray, tagOf, mustBe } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { runningHeap } from '../memory/heap.js';

/**
 * Layer normalization (Ba et al. 2016): (x - mean) / standard deviation of each row, × weight + bias.
 * `torch.nn.LayerNorm`. Requires a running core, which any table has started.
 */
export class LayerNorm {
  #dim;
  #parameters;
  #epsilon;

  /**
   * @param {object} parts
   * @param {ArrayLike<number>} parts.weight (dim)
   * @param {ArrayLike<number>} [parts.bias] (dim); default: no bias
   * @param {number} parts.epsilon added to the variance; alias `eps`
   */
  constructor(parts) {
    const given = optionsOf('LayerNorm', parts, ['weight', 'bias', 'epsilon'], { eps: 'epsilon' });
    const weight = floatsOf('weight', given.weight);
    const bias = given.bias === undefined ? undefined : floatsOf('bias', given.bias);
    const dim = lengthOf(weight);
    if (bias && lengthOf(bias) !== dim) {
      throw new WembedError('shape_mismatch', `the norm has ${dim} weights and ${lengthOf(bias)} biases`);
    }
    if (dim === 0) throw new WembedError('shape_mismatch', 'a norm needs at least one weight');
    if (!(typeof given.epsilon === 'number' && given.epsilon >= 0 && given.epsilon < Infinity)) {
      throw mustBe('epsilon', 'a number, at least 0', given.epsilon);
    }
    this.#dim = dim;
    this.#parameters = new Float32Array(2 * dim);
    this.#parameters.set(weight);
    if (bias) this.#parameters.set(bias, dim);
    this.#epsilon = given.epsilon;
  }

  /** Numbers per row. */
  get dim() {
    return this.#dim;
  }

  /**
   * Normalizes rows in place.
   * @param {Float32Array} x (n, dim)
   */
  apply(x) {
    if (tagOf(x) !== 'Float32Array') {
      throw new WembedError('invalid_argument', `apply takes a Float32Array, got ${shown(x)}`);
    }
    const rows = plainArray(x);
    const dim = this.#dim;
    if (rows.length % dim) throw new WembedError('shape_mismatch', `${rows.length} numbers are not rows of ${dim}`);
    const heap = runningHeap();
    if (!heap) throw new WembedError('unsupported', 'a LayerNorm needs the core: create a table first');
    const weight = heap.floats('parameters', this.#parameters);
    heap.changeRows(rows, rows, dim, (address, _, n) => {
      heap.core.layerNorm(address, n, dim, weight, weight + 4 * dim, this.#epsilon);
    });
  }
}
