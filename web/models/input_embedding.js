import { integersOf, lengthOf, outputArray } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { wholeNumbersOf } from '../core/numbers.js';
import { Affine, RmsNorm, besideNeighbours, dropMasked, withBeside } from './input_steps.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */

/**
 * @typedef {object} InputParts
 * @property {import('../table/table.js').EmbeddingTable} table
 * @property {number} scale token rows are multiplied by it
 * @property {import('../nn/positions.js').LearnedPositions | import('../nn/positions.js').SinusoidalPositions
 *   | import('./input_steps.js').FairseqWaves | import('./input_steps.js').AxialPositions} [positions]
 * @property {import('../table/table.js').EmbeddingTable} [types]
 * @property {Float32Array} [added] to every token's row
 * @property {Float32Array} [beside] beside every token's row, for the dense layer
 * @property {number} [maskId] rows of this id are zeros, and the others grow
 * @property {Map<number, Float32Array>} [ownRows] rows that ids have instead of the table's, and not multiplied
 * @property {number} [mostPosition] what positions beyond it are, where a caller gives none
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
    const { positions, types, project, projectsTokens, mostPosition = Infinity } = this.#parts;
    const ids = integersOf('ids', given);
    const n = lengthOf(ids);
    const ownPositions = idsBeside('positionIds', positionIds, positions, n);
    const ownTypes = idsBeside('tokenTypeIds', tokenTypeIds, types, n);
    const out = outputArray(into, n * this.dim);
    // All that can be refused is looked up before `into` is written.
    const positionRows = positions?.lookup(ownPositions ?? positions.positionsOf(ids).map((position) => Math.min(position, mostPosition)));
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
    const { table, maskId, ownRows, neighbours, beside } = this.#parts;
    const { data } = table.lookup(ids, { into });
    this.#scale(data);
    const numbers = maskId === undefined && !ownRows ? [] : [...wholeNumbersOf('ids', ids)];
    numbers.forEach((id, i) => data.set(ownRows?.get(id) ?? [], i * table.dim));
    if (maskId !== undefined) dropMasked(data, numbers, maskId, table.dim);
    if (beside) return withBeside(data, table.dim, beside);
    return neighbours ? besideNeighbours(data, table.dim) : data;
  }

  /**
   * What comes after the sum.
   * @param {Float32Array} data
   * @param {Float32Array} out where the last step writes
   */
  #finish(data, out) {
    const { added, project, projectsTokens, normsProjected } = this.#parts;
    for (let i = 0; added && i < data.length; i++) data[i] += added[i % added.length];
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
  if (!part) throw new WembedError('invalid_argument', `this model's input has no use for ${name} here`);
  if (lengthOf(own) !== n) throw new WembedError('shape_mismatch', `${lengthOf(own)} ${name} for ${n} ids`);
  return own;
}
