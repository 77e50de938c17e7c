import { floatsOf, integersOf, lengthOf, optionsOf, outputArray } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { wholeNumbersOf } from '../core/numbers.js';

/**
 * Options of `layer.perLayerInputs`.
 * @typedef {object} PerLayerOptions
 * @property {import('../core/matrix.js').Matrix | ArrayLike<number>} [embeds] what the first block receives, (ids.length, hiddenSize), where it is not
 *   `embed(ids)`: rows of an image among them, say
 * @property {boolean} [project] false: the second table's rows alone, as transformers' `get_per_layer_inputs`; default true:
 *   what the blocks receive, as its `project_per_layer_inputs`
 * @property {Float32Array} [into] at least ids.length × layers × size numbers, written instead of a new array
 */

/**
 * @typedef {object} PerLayerParts
 * @property {import('../table/table.js').EmbeddingTable} table (vocabulary, layers × size)
 * @property {import('../nn/linear.js').Dense} project hidden size to layers × size
 * @property {import('./input_steps.js').RmsNorm} norm over `size` numbers
 * @property {number} size numbers that a layer is given for a token
 * @property {number} scale rows are multiplied by it
 * @property {boolean} [outsideIsFirst] ids beyond the table have the row of id 0
 */

const OPTIONS = ['embeds', 'project', 'into'];

/** √½, as a float32. */
const HALF = Math.fround(Math.SQRT1_2);

/**
 * What each block of a Gemma 3n or 4 is given for each token beside the hidden state: a row of a second table, and a
 * projection of what the first block receives.
 */
export class PerLayerInputs {
  #parts;

  /** @param {PerLayerParts} parts */
  constructor(parts) {
    const { table, project, size } = parts;
    if (table.dim % size !== 0 || project.outDim !== table.dim) {
      const what = `rows of ${table.dim} numbers and a projection to ${project.outDim} are no layers of ${size}`;
      throw new WembedError('bad_file', `per-layer inputs: ${what}`);
    }
    this.#parts = parts;
  }

  /** @returns {{ layers: number, size: number }} */
  get shape() {
    const { table, size } = this.#parts;
    return { layers: table.dim / size, size };
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} given ids
   * @param {PerLayerOptions | undefined} options
   * @param {(ids: import('../core/arguments.js').IntegerArray) => Matrix} embed what the first block receives for ids
   * @returns {Matrix} (ids.length, layers × size)
   */
  inputs(given, options, embed) {
    const { embeds, project = true, into } = optionsOf('perLayerInputs', options, OPTIONS);
    const { table, project: dense, norm, size, scale } = this.#parts;
    const ids = [...wholeNumbersOf('ids', integersOf('ids', given))];
    const n = ids.length;
    if (!project && embeds !== undefined) {
      throw new WembedError('invalid_argument', 'perLayerInputs has no use for embeds where it does not project');
    }
    const out = outputArray(into, n * table.dim);
    // All that can be refused is looked up before `into` is written.
    const hidden = project ? (embeds === undefined ? embed(ids).data : this.#hiddenOf(embeds, n)) : undefined;
    const projected = hidden && dense.apply(hidden);
    table.lookup(this.#rowsOf(ids), { into: out });
    out.forEach((value, i) => (out[i] = value * scale));
    if (projected) {
      const factor = Math.fround(1 / Math.sqrt(dense.dim));
      projected.forEach((value, i) => (projected[i] = value * factor));
      norm.apply(projected, size);
      projected.forEach((value, i) => (out[i] = Math.fround(value + out[i]) * HALF));
    }
    return new Matrix(out, n, table.dim);
  }

  /** @param {number[]} ids */
  #rowsOf(ids) {
    const { table, outsideIsFirst } = this.#parts;
    return ids.map((id) => (outsideIsFirst && id >= table.vocabSize ? 0 : id));
  }

  /**
   * @param {Matrix | ArrayLike<number>} embeds
   * @param {number} n
   */
  #hiddenOf(embeds, n) {
    const data = floatsOf('embeds', matrixIn(embeds)?.data ?? /** @type {number[]} */ (embeds));
    const { dim } = this.#parts.project;
    if (lengthOf(data) === n * dim) return data;
    throw new WembedError('shape_mismatch', `embeds has ${lengthOf(data)} numbers for ${n} ids of ${dim}`);
  }
}
