import { count, floatsOf, integersOf, lengthOf, oneOf, optionsOf } from '../core/arguments.js';
import { BAG_MODES } from '../core/codes.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { flag, positive } from '../core/numbers.js';
import { loadTrainHeap } from '../memory/train_module.js';
import { EmbeddingTable, storageOf } from '../table/table.js';
import { poolBag, unpoolBag } from './bags.js';
import { RowGradient } from './gradients.js';

/** @typedef {import('../core/arguments.js').IntegerArray} IntegerArray */

/**
 * torch.nn.Embedding's options.
 * @typedef {object} VariableOptions
 * @property {number} [rows] of data that is no Matrix and no table
 * @property {number} [dim] of the same
 * @property {number} [paddingIdx] an id whose row does not learn, and which bags leave out
 * @property {number} [maxNorm] rows are shortened to this length when they are used
 * @property {number} [normType] the p of that length's norm; default 2
 * @property {boolean} [scaleGradByFreq] an id's gradient is divided by how often the call uses it; default false
 * @property {boolean} [freeze] it does not learn; default false
 */

/**
 * @typedef {object} PoolOptions
 * @property {'sum' | 'mean' | 'max'} [mode] default 'mean'
 * @property {ArrayLike<number>} [perSampleWeights] (ids.length) the factor of each id's row; with mode 'sum' only
 * @property {boolean} [normalize] makes each result of length 1; default false
 */

/** What only this file has. */
const MADE = Symbol('made');

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

  /**
   * @internal
   * @param {typeof MADE} made
   * @param {import('../memory/heap.js').Heap} heap
   * @param {Float32Array} data
   * @param {ReturnType<typeof rulesOf>} rules
   */
  constructor(made, heap, data, rules) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a Variable is made by Variable.from');
    this.#heap = heap;
    this.#rules = rules;
    this.#address = heap.allocate(4 * data.length);
    heap.f32.set(data, this.#address / 4);
    this.#gradient = new RowGradient(heap, rules.rows, rules.dim);
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
    const { values, rows, dim } = numbersOf(data, given);
    const rules = rulesOf(given, rows, dim);
    return new Variable(MADE, await loadTrainHeap(), values, rules);
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
    this.#shorten(given);
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
    const target = this.#targets(given);
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
    const call = this.#call(ids, offsets, options);
    this.#shorten(call.ids);
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
    const call = this.#call(ids, offsets, options);
    const { dim } = this;
    const bags = call.offsets.length - 1;
    const values = this.#rowsOf('gradient', gradient, bags);
    const target = this.#targets(call.ids);
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
   * The scores of hidden states against all rows: a tied head.
   * @param {Matrix} hidden (n, dim)
   * @returns {Matrix} (n, rows)
   */
  logits(hidden) {
    const data = this.#rowsOf('hidden', hidden, hidden?.rows);
    const n = data.length / this.dim;
    const at = this.#scores(data, n);
    return new Matrix(this.#heap.f32.slice(at / 4, at / 4 + n * this.rows), n, this.rows);
  }

  /**
   * The cross-entropy of hidden states' scores with the ids that were to come, its mean over n; adds its gradient to all
   * rows. torch.nn.functional.cross_entropy(hidden · selfᵀ, targets).
   * @param {Matrix} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
   */
  crossEntropy(hidden, targets) {
    const wanted = this.#ids(targets);
    const [n, { dim, rows }] = [wanted.length, this];
    const data = this.#rowsOf('hidden', hidden, n);
    const heap = this.#heap;
    const dense = this.trainable ? this.#gradient.dense : 0; // allocates: before scratch addresses are asked for
    const scores = this.#scores(data, n);
    const loss = heap.core.trainSoftmaxLoss(scores, heap.integers('targets', wanted), n, rows, n ? 1 / n : 0);
    const out = heap.scratch('gradient', 4 * n * dim);
    heap.f32.fill(0, out / 4, out / 4 + n * dim);
    heap.core.trainAddProducts(scores, this.#live(), n, rows, dim, out);
    if (dense) heap.core.trainAddOuterProducts(scores, heap.scratch('hidden', 4 * n * dim), n, rows, dim, dense);
    return { loss: n ? loss / n : 0, gradient: new Matrix(heap.f32.slice(out / 4, out / 4 + n * dim), n, dim) };
  }

  /**
   * The same without gradients.
   * @param {Matrix} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   * @returns {number} the mean loss
   */
  score(hidden, targets) {
    const wanted = this.#ids(targets);
    const n = wanted.length;
    const scores = this.#scores(this.#rowsOf('hidden', hidden, n), n);
    const loss = this.#heap.core.trainSoftmaxLoss(scores, this.#heap.integers('targets', wanted), n, this.rows, 0);
    return n ? loss / n : 0;
  }

  /**
   * The cross-entropy among some ids only (Jean et al. 2015); adds its gradient to their rows.
   * @param {Matrix} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   * @param {{ ids: IntegerArray, offsets: ArrayLike<number> }} candidates all different, the targets among them, and what is
   *   added to the score of each: -log of the chance that it is among them
   * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
   */
  sampledCrossEntropy(hidden, targets, candidates) {
    const { ids, offsets } = optionsOf('the candidates', candidates, ['ids', 'offsets']);
    const [wanted, among] = [this.#ids(targets), this.#ids(ids)];
    const raise = floatsOf('offsets', offsets);
    const [n, m, { dim }] = [wanted.length, among.length, this];
    const data = this.#rowsOf('hidden', hidden, n);
    const places = new Map(Array.from(among, (id, place) => [id, place]));
    const own = Uint32Array.from(wanted, (id) => places.get(id) ?? 0xffffffff);
    if (own.includes(0xffffffff) || places.size !== m || lengthOf(raise) !== m) {
      throw new WembedError(
        'invalid_argument',
        'the candidates must be different, have the targets, and an offset each',
      );
    }
    const heap = this.#heap;
    const rows = heap.floats('candidates', this.lookup(among).data);
    const states = heap.floats('hidden', data);
    const scores = heap.scratch('scores', 4 * n * m);
    heap.core.trainProducts(states, rows, n, m, dim, scores);
    const { f32 } = heap;
    for (let i = 0, at = scores / 4; i < n; i++) for (let j = 0; j < m; j++) f32[at++] += raise[j];
    const loss = heap.core.trainSoftmaxLoss(scores, heap.integers('targets', own), n, m, n ? 1 / n : 0);
    const out = heap.scratch('gradient', 4 * (n + m) * dim);
    heap.f32.fill(0, out / 4, out / 4 + (n + m) * dim);
    heap.core.trainAddProducts(scores, rows, n, m, dim, out);
    heap.core.trainAddOuterProducts(scores, states, n, m, dim, out + 4 * n * dim);
    const gradients = heap.f32.slice(out / 4, out / 4 + (n + m) * dim);
    this.lookupBackward(among, gradients.subarray(n * dim));
    return { loss: n ? loss / n : 0, gradient: new Matrix(gradients.subarray(0, n * dim), n, dim) };
  }

  /**
   * Logistic regression of hidden states against the id that was to come and others that were not (Mikolov et al. 2013):
   * -log σ(h · row) - Σ log σ(-h · other), its mean over n; adds its gradient to the rows used.
   * @param {Matrix} hidden (n, dim)
   * @param {IntegerArray} targets (n)
   * @param {IntegerArray} negatives (n × k) the others, k for each
   * @returns {{ loss: number, gradient: Matrix }} the gradient of the hidden states, (n, dim)
   */
  negativeSampling(hidden, targets, negatives) {
    const [wanted, others] = [this.#ids(targets), this.#ids(negatives)];
    const [n, { dim }] = [wanted.length, this];
    const data = this.#rowsOf('hidden', hidden, n);
    const k = n ? others.length / n : 0;
    if (!Number.isInteger(k)) throw new WembedError('shape_mismatch', `${others.length} negatives for ${n} targets`);
    const [weights, gradient] = [this.#weights, new Float32Array(n * dim)];
    const target = this.#targets([]);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      for (let j = -1; j < k; j++) {
        const id = j < 0 ? wanted[i] : others[i * k + j];
        let dot = 0;
        for (let d = 0; d < dim; d++) dot += data[i * dim + d] * weights[id * dim + d];
        const right = j < 0 ? dot : -dot;
        loss += right > 0 ? Math.log1p(Math.exp(-right)) : Math.log1p(Math.exp(right)) - right;
        const g = (j < 0 ? -1 : 1) / (1 + Math.exp(right)) / n;
        const row = target(id)?.row;
        for (let d = 0; d < dim; d++) {
          gradient[i * dim + d] += g * weights[id * dim + d];
          if (row) row[d] += g * data[i * dim + d];
        }
      }
    }
    return { loss: n ? loss / n : 0, gradient: new Matrix(gradient, n, dim) };
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
    const { dim } = this;
    for (const id of this.#gradient.used) {
      const gradient = this.#gradient.row(id);
      if (id !== this.#rules.paddingIdx) change(this.#weights.subarray(id * dim, (id + 1) * dim), gradient, id);
    }
    this.clearGradient();
  }

  /** @param {Float32Array} hidden @param {number} n @returns {number} the address of the scores */
  #scores(hidden, n) {
    const heap = this.#heap;
    const scores = heap.scratch('scores', 4 * n * this.rows);
    heap.core.trainProducts(heap.floats('hidden', hidden), this.#live(), n, this.rows, this.dim, scores);
    return scores;
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
    const data = floatsOf(name, matrix instanceof Matrix ? matrix.data : /** @type {number[]} */ (matrix));
    if (lengthOf(data) === n * this.dim) return data;
    throw new WembedError('shape_mismatch', `${name} has ${lengthOf(data)} numbers, not ${n} × ${this.dim}`);
  }

  /** @param {IntegerArray} ids @param {IntegerArray} offsets @param {PoolOptions | undefined} options */
  #call(ids, offsets, options) {
    const {
      mode = 'mean',
      perSampleWeights,
      normalize = false,
    } = optionsOf('bag', options, ['mode', 'perSampleWeights', 'normalize']);
    oneOf('mode', mode, BAG_MODES);
    const [given, ends] = [this.#ids(ids), integersOf('offsets', offsets).slice()];
    const bad = ends.findIndex((end, b) => (b === 0 ? end !== 0 : end < ends[b - 1]));
    if (bad >= 0 || ends.length === 0 || ends[ends.length - 1] !== given.length) {
      throw new WembedError('shape_mismatch', `offsets must rise from 0 to the ${given.length} ids`);
    }
    const weights = perSampleWeights === undefined ? undefined : floatsOf('perSampleWeights', perSampleWeights).slice();
    if (weights && (mode !== 'sum' || weights.length !== given.length)) {
      throw new WembedError(
        'shape_mismatch',
        `perSampleWeights need mode 'sum' and one for each of ${given.length} ids`,
      );
    }
    if (mode === 'max' && this.#rules.scaleGradByFreq) {
      throw new WembedError('invalid_argument', "scaleGradByFreq does not go with mode 'max'");
    }
    const { paddingIdx } = this.#rules;
    return { ids: given, offsets: ends, mode, weights, paddingIdx, normalize: flag('normalize', normalize) };
  }

  /**
   * Where ids' gradients go.
   * @param {ArrayLike<number>} ids of the call
   * @returns {(id: number) => { row: Float32Array, share: number } | undefined} nowhere for the padding, and if frozen
   */
  #targets(ids) {
    const { freeze, paddingIdx, scaleGradByFreq } = this.#rules;
    const gradient = this.#gradient;
    /** @type {Map<number, number>} */
    const counts = new Map();
    if (scaleGradByFreq) for (let i = 0; i < ids.length; i++) counts.set(ids[i], (counts.get(ids[i]) ?? 0) + 1);
    return (id) =>
      freeze || id === paddingIdx ? undefined : { row: gradient.row(id), share: 1 / (counts.get(id) ?? 1) };
  }

  /** @param {ArrayLike<number>} ids */
  #shorten(ids) {
    const { maxNorm, normType } = this.#rules;
    if (maxNorm === undefined) return;
    const [weights, { dim }] = [this.#weights, this];
    for (const id of new Set(Array.from(ids))) {
      const row = weights.subarray(id * dim, (id + 1) * dim);
      const norm = row.reduce((sum, x) => sum + Math.abs(x) ** normType, 0) ** (1 / normType);
      if (norm > maxNorm) for (let d = 0; d < dim; d++) row[d] *= maxNorm / (norm + 1e-7);
    }
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
 * @returns {{ values: Float32Array, rows: number, dim: number }}
 */
function numbersOf(data, { rows, dim }) {
  if (data instanceof EmbeddingTable) {
    storageOf(data);
    if (data.dtype === 'i8' || data.dtype === 'i4') {
      const what = `rows of ${data.dtype} cannot learn: convert them first, with table.quantize('f32') or { dtype: 'f32' }`;
      throw new WembedError('unsupported', what);
    }
    const ids = Uint32Array.from({ length: data.vocabSize }, (_, id) => id);
    return { values: data.lookup(ids).data, rows: data.vocabSize, dim: data.dim };
  }
  const own = data instanceof Matrix ? data : { data, rows, dim };
  const values = floatsOf('data', /** @type {Float32Array} */ (own.data));
  const [n, size] = [count('rows', own.rows, { least: 1 }), count('dim', own.dim, { least: 1 })];
  if (lengthOf(values) === n * size) return { values, rows: n, dim: size };
  throw new WembedError('shape_mismatch', `${lengthOf(values)} numbers for ${n} rows of ${size}`);
}

/** @param {VariableOptions} options @param {number} rows @param {number} dim */
function rulesOf({ paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false, freeze = false }, rows, dim) {
  return {
    ...{ rows, dim },
    paddingIdx: paddingIdx === undefined ? undefined : count('paddingIdx', paddingIdx, { most: rows - 1 }),
    maxNorm: maxNorm === undefined ? undefined : positive('maxNorm', maxNorm),
    normType: positive('normType', normType),
    scaleGradByFreq: flag('scaleGradByFreq', scaleGradByFreq),
    freeze: flag('freeze', freeze),
  };
}
