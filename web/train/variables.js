import {
  count,
  floatsOf,
  indexFromEnd,
  integersOf,
  lengthOf,
  mustBe,
  optionsOf,
  putFloats,
} from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, isA } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { flag, positive } from '../core/numbers.js';
import { loadTrainHeap } from '../memory/train_module.js';
import { isOfOtherCopy } from '../core/other_copy.js';
import { EmbeddingTable, storageOf } from '../table/table.js';
import { callOf, poolBag, shorten, unpoolBag } from './bags.js';
import { RowGradient, targetsOf } from './gradients.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */

/**
 * torch.nn.Embedding's options.
 * @typedef {object} VariableOptions
 * @property {number} [rows] of data that is no Matrix and no table
 * @property {number} [dim] of the same
 * @property {number} [paddingIdx] an id (negative: from the end) whose row does not learn, and which bags leave out
 * @property {number} [maxNorm] rows are shortened to this length when they are used
 * @property {number} [normType] the p of that length's norm; default 2
 * @property {boolean} [scaleGradByFreq] an id's gradient is divided by how often the call uses it; default false
 * @property {boolean} [freeze] it does not learn; default false
 */

/**
 * How the rows of a bag become one.
 * @typedef {object} PoolOptions
 * @property {'sum' | 'mean' | 'max'} [mode] default 'mean'
 * @property {ArrayLike<number>} [perSampleWeights] (ids.length) the factor of each id's row; with mode 'sum' only
 * @property {boolean} [normalize] makes each result of length 1; default false
 */

/**
 * What the functions of a head need of a variable, checked: see heads.js.
 * @typedef {object} VariableParts
 * @property {import('../memory/heap.js').Heap} heap
 * @property {number} address of the rows
 * @property {RowGradient} gradient
 * @property {(ids: IntegerArray) => import('../core/arguments.js').Integer32Array} ids a copy
 * @property {(name: string, matrix: unknown, n: number) => Float32Array} rowsOf (n, dim)
 * @property {(id: number) => { row: Float32Array, share: number } | undefined} target where an id's gradient goes
 */

/** @type {(variable: object) => VariableParts | undefined} */
let partsIn;

/**
 * @param {unknown} variable
 * @returns {VariableParts} errors: `invalid_argument`, `disposed`
 */
export function partsOf(variable) {
  const parts = partsIn(Object(variable));
  if (parts) return parts;
  throw mustBe('variable', 'a Variable', variable);
}

/**
 * @param {Variable} variable
 * @returns {Float32Array} its numbers: a view that is valid until the memory grows
 */
export function viewOf(variable) {
  const { heap, address } = partsOf(variable);
  return heap.f32.subarray(address / 4, address / 4 + variable.rows * variable.dim);
}

/**
 * A variable whose numbers are written where they are to stay.
 * @param {number} rows
 * @param {number} dim
 * @param {(into: Float32Array) => void} write (rows, dim), into zeros
 * @returns {Promise<Variable>}
 */
export async function variableOf(rows, dim, write) {
  return new Variable(MADE, await loadTrainHeap(), rulesOf({}, rows, dim), write);
}

/** What only this file has. */
const MADE = Symbol('made');

/** So many rows are copied at once. */
const STRIP = 1024;

const OPTIONS = ['rows', 'dim', 'paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq', 'freeze'];

/**
 * A matrix that learns: f32 rows in the training module's memory, and the sum of their gradients since they were last
 * cleared, of the rows that were used. Made by `Variable.from`.
 * @example
 * const rows = await Variable.from(new Float32Array(8), { rows: 4, dim: 2 });
 * const out = rows.lookup([1, 3]); // Matrix (2, 2)
 * rows.lookupBackward([1, 3], new Matrix(Float32Array.of(1, 0, 0, 1), 2, 2));
 * sgd({ rate: 0.1 }).step([rows]); // row 1 is now [-0.1, 0]
 */
export class Variable {
  #heap;
  #address;
  #rules;
  #gradient;

  static {
    partsIn = (variable) => (#rules in variable ? variable.#parts() : undefined);
  }

  /**
   * @internal
   * @param {typeof MADE} made
   * @param {import('../memory/heap.js').Heap} heap
   * @param {ReturnType<typeof rulesOf>} rules
   * @param {(into: Float32Array) => void} write
   */
  constructor(made, heap, rules, write) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a Variable is made by Variable.from');
    this.#heap = heap;
    this.#rules = rules;
    this.#gradient = new RowGradient(heap, rules.rows, rules.dim);
    this.#address = heap.allocate(4 * rules.rows * rules.dim);
    try {
      write(this.#weights);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Copies numbers into a variable.
   * @param {EmbeddingTable | Matrix | Float32Array | readonly number[]} data (rows, dim)
   * @param {VariableOptions} [options]
   * @returns {Promise<Variable>} errors: `unsupported` for i8 and i4 tables, `shape_mismatch`, `invalid_argument`,
   *   `out_of_memory`
   */
  static async from(data, options) {
    const given = optionsOf('Variable.from', options, OPTIONS);
    const { write, rows, dim } = numbersOf(data, given);
    const rules = rulesOf(given, rows, dim);
    return new Variable(MADE, await loadTrainHeap(), rules, write);
  }

  /** The number of rows. */
  get rows() {
    return this.#rules.rows;
  }
  /** Numbers per row. */
  get dim() {
    return this.#rules.dim;
  }
  /** Whether it learns. */
  get trainable() {
    return !this.#rules.freeze;
  }

  /** @returns {number} its address in the training module's memory */
  #live() {
    if (this.#address) return this.#address;
    throw new WembedError('disposed', 'this Variable has been disposed');
  }

  get #weights() {
    const at = this.#live() / 4;
    return this.#heap.f32.subarray(at, at + this.rows * this.dim);
  }

  /** Its numbers: a copy. @returns {Matrix} (rows, dim) */
  value() {
    return new Matrix(this.#weights.slice(), this.rows, this.dim);
  }

  /**
   * Its numbers as a table of the core's, to be looked up, quantised and searched: a copy.
   * @param {{ dtype?: import('../core/dtypes.js').Dtype }} [options] default 'f32'
   * @returns {Promise<EmbeddingTable>}
   */
  async toTable(options) {
    const { dtype = 'f32' } = optionsOf('toTable', options, ['dtype']);
    const table = await EmbeddingTable.from(this.#weights.slice(), { rows: this.rows, dim: this.dim });
    if (dtype === 'f32') return table;
    try {
      return table.quantize(dtype);
    } finally {
      table.dispose();
    }
  }

  /**
   * The rows of ids. Rows longer than `maxNorm` are shortened first, as torch does.
   * @param {IntegerArray} ids each < rows
   * @returns {Matrix} (ids.length, dim)
   */
  lookup(ids) {
    const given = this.#ids(ids);
    shorten(this.#weights, given, this.#rules);
    const { dim } = this;
    const [weights, data] = [this.#weights, new Float32Array(given.length * dim)];
    for (let i = 0; i < given.length; i++) data.set(weights.subarray(given[i] * dim, (given[i] + 1) * dim), i * dim);
    return new Matrix(data, given.length, dim);
  }

  /**
   * Adds the gradient of what `lookup` gave to that of the rows.
   * @param {IntegerArray} ids
   * @param {Matrix | Float32Array | readonly number[]} gradient (ids.length, dim)
   */
  lookupBackward(ids, gradient) {
    const given = this.#ids(ids);
    const values = this.#rowsOf('gradient', gradient, given.length);
    const target = targetsOf(this.#gradient, given, this.#rules);
    for (let i = 0; i < given.length; i++) {
      const found = target(given[i]);
      if (!found) continue;
      for (let d = 0, at = i * this.dim; d < this.dim; d++) found.row[d] += found.share * values[at + d];
    }
  }

  /**
   * Reduces each bag of ids to one row: torch.nn.EmbeddingBag.
   * @param {IntegerArray} ids
   * @param {IntegerArray} offsets (bags + 1)
   * @param {PoolOptions} [options]
   * @returns {Matrix} (bags, dim); zeros for a bag without ids
   */
  bag(ids, offsets, options) {
    const call = callOf(this.#ids(ids), offsets, options, this.#rules);
    shorten(this.#weights, call.ids, this.#rules);
    const bags = call.offsets.length - 1;
    const [data, sum] = [new Float32Array(bags * this.dim), new Float64Array(this.dim)];
    for (let b = 0; b < bags; b++) {
      poolBag(this.#weights, this.dim, call, b, sum);
      data.set(sum, b * this.dim);
    }
    return new Matrix(data, bags, this.dim);
  }

  /**
   * Adds the gradient of what `bag` gave, for the same arguments and before the rows have changed.
   * @param {IntegerArray} ids
   * @param {IntegerArray} offsets (bags + 1)
   * @param {Matrix | Float32Array | readonly number[]} gradient (bags, dim)
   * @param {PoolOptions} [options]
   * @returns {Float32Array | undefined} the gradient of `perSampleWeights`, where there are any
   */
  bagBackward(ids, offsets, gradient, options) {
    const call = callOf(this.#ids(ids), offsets, options, this.#rules);
    const { dim } = this;
    const bags = call.offsets.length - 1;
    const values = this.#rowsOf('gradient', gradient, bags);
    const target = targetsOf(this.#gradient, call.ids, this.#rules);
    const weights = call.weights && new Float32Array(call.ids.length);
    const [sum, own] = [new Float64Array(dim), new Float64Array(dim)];
    for (let b = 0; b < bags; b++) {
      const pooled = poolBag(this.#weights, dim, call, b, sum);
      own.set(values.subarray(b * dim, (b + 1) * dim));
      unpoolBag(this.#weights, dim, call, b, sum, pooled, own, target, weights);
    }
    return weights;
  }

  /**
   * The gradient so far.
   * @returns {{ ids: Uint32Array, values: Matrix }} the rows that were used and their gradients, a copy
   */
  gradient() {
    this.#live();
    const ids = this.#gradient.used;
    const values = new Matrix(new Float32Array(ids.length * this.dim), ids.length, this.dim);
    ids.forEach((id, i) => values.data.set(this.#gradient.row(id), i * this.dim));
    return { ids, values };
  }

  /** Sets the gradient to nothing, which an optimiser does after its step. */
  clearGradient() {
    this.#gradient.clear();
  }

  /**
   * Changes rows and clears the gradient, for optimisers of your own.
   * @param {(row: Float32Array, gradient: Float32Array, id: number) => void} change of each row that was used, in place
   */
  update(change) {
    this.#live();
    if (typeof change !== 'function') throw mustBe('change', 'a function', change);
    const { dim } = this;
    for (const id of this.#gradient.used) {
      const gradient = this.#gradient.row(id);
      if (id !== this.#rules.paddingIdx) change(this.#weights.subarray(id * dim, (id + 1) * dim), gradient, id);
    }
    this.clearGradient();
  }

  /** @returns {VariableParts} */
  #parts() {
    return {
      ...{ heap: this.#heap, address: this.#live(), gradient: this.#gradient },
      ids: (ids) => this.#ids(ids),
      rowsOf: (name, matrix, n) => this.#rowsOf(name, matrix, n),
      target: targetsOf(this.#gradient, [], this.#rules),
    };
  }

  /** @param {IntegerArray} ids */
  #ids(ids) {
    this.#live();
    const given = integersOf('ids', ids);
    for (let i = 0; i < given.length; i++) {
      if (given[i] >= 0 && given[i] < this.rows) continue;
      const what = `id out of range: ${given[i]} at index ${i} (limit ${this.rows})`;
      throw new WembedError('id_out_of_range', what);
    }
    return given.slice();
  }

  /**
   * @param {string} name
   * @param {unknown} matrix
   * @param {number} n
   * @returns {Float32Array} (n, dim)
   */
  #rowsOf(name, matrix, n) {
    const data = floatsOf(name, matrixIn(matrix)?.data ?? /** @type {number[]} */ (matrix));
    if (lengthOf(data) === n * this.dim) return data;
    throw new WembedError('shape_mismatch', `${name} has ${lengthOf(data)} numbers, not ${n} × ${this.dim}`);
  }

  /** Frees the memory. Any later use is a `disposed` error; disposing twice is allowed. */
  dispose() {
    this.#gradient.clear();
    if (this.#address) this.#heap.free(this.#address);
    this.#address = 0;
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * @param {unknown} data
 * @param {VariableOptions} options
 * @returns {{ write: (into: Float32Array) => void, rows: number, dim: number }}
 */
function numbersOf(data, { rows, dim }) {
  const isOther = isOfOtherCopy(data, EmbeddingTable, 'dim');
  if (isOther || isA(data, EmbeddingTable)) {
    if (isOther)
      data.lookup([]); // throws where it has been disposed, as does
    else storageOf(data);
    if (data.dtype === 'i8' || data.dtype === 'i4') {
      const what = `rows of ${data.dtype} cannot learn: convert them first, with table.quantize('f32') or { dtype: 'f32' }`;
      throw new WembedError('unsupported', what);
    }
    const { vocabSize: rows, dim } = data;
    return { write: (into) => writeRows(data, into), rows, dim };
  }
  const own = matrixIn(data) ?? { data, rows, dim };
  const values = floatsOf('data', /** @type {Float32Array} */ (own.data));
  const [n, size] = [count('rows', own.rows, { least: 1 }), count('dim', own.dim, { least: 1 })];
  if (lengthOf(values) === n * size) return { write: (into) => putFloats(into, values), rows: n, dim: size };
  throw new WembedError('shape_mismatch', `${lengthOf(values)} numbers for ${n} rows of ${size}`);
}

/**
 * Every id's row of a table, a few at a time: no copy of the table is made.
 * @param {EmbeddingTable} table
 * @param {Float32Array} into (vocabSize, dim)
 */
export function writeRows(table, into) {
  const { vocabSize, dim } = table;
  for (let id = 0; id < vocabSize; id += STRIP) {
    const ids = Uint32Array.from({ length: Math.min(STRIP, vocabSize - id) }, (_, i) => id + i);
    into.set(table.lookup(ids).data, id * dim);
  }
}

/** @param {VariableOptions} options @param {number} rows @param {number} dim */
function rulesOf({ paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false, freeze = false }, rows, dim) {
  return {
    ...{ rows, dim },
    paddingIdx: paddingIdx === undefined ? undefined : indexFromEnd('paddingIdx', paddingIdx, rows),
    maxNorm: maxNorm === undefined ? undefined : positive('maxNorm', maxNorm),
    normType: positive('normType', normType),
    scaleGradByFreq: flag('scaleGradByFreq', scaleGradByFreq),
    freeze: flag('freeze', freeze),
  };
}
