import { integersOf, lengthOf, outputArray } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { wholeNumbersOf } from '../core/numbers.js';
import { Affine, RmsNorm, besideNeighbours, dropMasked } from './input_steps.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */

/**
 * @typedef {object} InputParts
 * @property {import('../table/table.js').EmbeddingTable} table
 * @property {number} scale token rows are multiplied by it
 * @property {import('../nn/positions.js').LearnedPositions | import('../nn/positions.js').SinusoidalPositions
 *   | import('./input_steps.js').FairseqWaves} [positions]
 * @property {import('../table/table.js').EmbeddingTable} [types]
 * @property {import('../table/table.js').EmbeddingTable} [task] its first row is added
 * @property {number} [maskId] rows of this id are zeros, and the others grow
 * @property {number} [zeroId] the row of this id is zeros
 * @property {boolean} [neighbours] a row stands between the next token's and the one before
 * @property {import('../nn/layer_norm.js').LayerNorm | RmsNorm | Affine} [norm]
 * @property {import('../nn/linear.js').Dense} [project]
 * @property {boolean} [projectsTokens] before anything is added
 * @property {boolean} [normsProjected] the norm is the last step
 */

/**
 * What a model's first block receives: token rows (× scale) + position rows + type rows, then LayerNorm, then a dense
 * layer to the blocks' size, as far as the family has them. OPT's dense layer comes before positions.
 */
export class InputEmbedding {
  #parts;

  /** @param {InputParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Numbers of a row that `embed` gives. */
  get dim() {
    return this.#parts.project?.outDim ?? this.#parts.table.dim;
  }

  /**
   * @param {IntegerArray} given ids
   * @param {import('./model.js').EmbedOptions} [options]
   * @returns {Matrix} (ids.length, dim)
   */
  embed(given, { positionIds, tokenTypeIds, into } = {}) {
    const { positions, types, project, projectsTokens } = this.#parts;
    const ids = integersOf('ids', given);
    const n = lengthOf(ids);
    const ownPositions = idsBeside('positionIds', positionIds, positions, n);
    const ownTypes = idsBeside('tokenTypeIds', tokenTypeIds, types, n);
    const out = outputArray(into, n * this.dim);
    // All that can be refused is looked up before `into` is written.
    const positionRows = positions?.lookup(ownPositions ?? positions.positionsOf(ids));
    const typeRows = types?.lookup(ownTypes ?? new Uint8Array(n));
    let data = this.#tokenRows(ids, project ? undefined : out);
    if (project && projectsTokens) data = project.apply(data, { into: out });
    for (const added of [typeRows, positionRows]) {
      for (let i = 0; added && i < data.length; i++) data[i] += added.data[i];
    }
    this.#finish(data, out);
    return new Matrix(out, n, this.dim);
  }

  /**
   * Token rows, before anything is added.
   * @param {IntegerArray} ids
   * @param {Float32Array} [into]
   */
  #tokenRows(ids, into) {
    const { table, maskId, zeroId, neighbours } = this.#parts;
    const { data } = table.lookup(ids, { into });
    this.#scale(data);
    const numbers = maskId === undefined && zeroId === undefined ? [] : [...wholeNumbersOf('ids', ids)];
    numbers.forEach((id, i) => id === zeroId && data.fill(0, i * table.dim, (i + 1) * table.dim));
    if (maskId !== undefined) dropMasked(data, numbers, maskId, table.dim);
    return neighbours ? besideNeighbours(data, table.dim) : data;
  }

  /**
   * What comes after the sum.
   * @param {Float32Array} data
   * @param {Float32Array} out where the last step writes
   */
  #finish(data, out) {
    const { task, project, projectsTokens, normsProjected } = this.#parts;
    const taskRow = task?.lookup([0]).data;
    for (let i = 0; taskRow && i < data.length; i++) data[i] += taskRow[i % taskRow.length];
    if (!normsProjected) this.#norm(data, project && !projectsTokens ? this.#parts.table.dim : this.dim);
    if (project && !projectsTokens) project.apply(data, { into: out });
    if (normsProjected) this.#norm(out, this.dim);
  }

  /**
   * @param {Float32Array} rows
   * @param {number} dim
   */
  #norm(rows, dim) {
    const { norm } = this.#parts;
    if (norm instanceof RmsNorm || norm instanceof Affine) norm.apply(rows, dim);
    else norm?.apply(rows);
  }

  /** @param {Float32Array} rows */
  #scale(rows) {
    const { scale } = this.#parts;
    if (scale !== 1) for (let i = 0; i < rows.length; i++) rows[i] *= scale;
  }
}

/**
 * @param {string} name
 * @param {IntegerArray | undefined} given
 * @param {object | undefined} part that they are for
 * @param {number} n ids
 */
function idsBeside(name, given, part, n) {
  if (given === undefined) return undefined;
  const own = integersOf(name, given);
  if (!part) throw new WembedError('invalid_argument', `this model's input has no use for ${name}`);
  if (lengthOf(own) !== n) throw new WembedError('shape_mismatch', `${lengthOf(own)} ${name} for ${n} ids`);
  return own;
}
