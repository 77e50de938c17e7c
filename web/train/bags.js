// Pooled rows and their gradient: torch.nn.EmbeddingBag, forward and backward, in float64.

/**
 * @typedef {object} BagCall
 * @property {ArrayLike<number>} ids
 * @property {ArrayLike<number>} offsets (bags + 1)
 * @property {'sum' | 'mean' | 'max'} mode
 * @property {Float32Array | undefined} weights one per id
 * @property {number | undefined} paddingIdx
 * @property {boolean} normalize whether each result is made of length 1
 */

/**
 * One bag.
 * @param {Float32Array} table (rows, dim)
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} sum (dim), the result
 * @returns {{ count: number, length: number }} the ids that count, and the result's length before it was made 1
 */
export function poolBag(table, dim, { ids, offsets, mode, weights, paddingIdx, normalize }, bag, sum) {
  let count = 0;
  sum.fill(0);
  for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
    if (ids[i] === paddingIdx) continue;
    const row = ids[i] * dim;
    const weight = weights ? weights[i] : 1;
    for (let d = 0; d < dim; d++) {
      const value = table[row + d];
      if (mode !== 'max') sum[d] += weight * value;
      else if (count === 0 || value > sum[d]) sum[d] = value;
    }
    count++;
  }
  if (mode === 'mean' && count > 0) for (let d = 0; d < dim; d++) sum[d] /= count;
  let length = 1;
  if (normalize) {
    length = Math.sqrt(sum.reduce((square, x) => square + x * x, 0));
    if (length > 0) for (let d = 0; d < dim; d++) sum[d] /= length;
  }
  return { count, length };
}

/**
 * Carries a result's gradient back to the rows of its bag.
 * @param {Float32Array} table (rows, dim)
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} result (dim), what `poolBag` gave
 * @param {{ count: number, length: number }} pooled what it returned
 * @param {Float64Array} gradient (dim), of the result; changed
 * @param {(id: number, i: number) => { row: Float32Array, share: number } | undefined} rowOf where id number i's gradient goes
 * @param {Float32Array} [weightGradient] one per id
 */
export function unpoolBag(table, dim, call, bag, result, { count, length }, gradient, rowOf, weightGradient) {
  const { ids, offsets, mode, weights, paddingIdx, normalize } = call;
  if (count === 0) return;
  if (normalize) throughLength(result, length, gradient);
  const begin = offsets[bag];
  const end = offsets[bag + 1];
  if (mode === 'max') return ofLargest(table, dim, call, bag, gradient, rowOf);
  for (let i = begin; i < end; i++) {
    if (ids[i] === paddingIdx) continue;
    if (weightGradient) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += gradient[d] * table[ids[i] * dim + d];
      weightGradient[i] += sum;
    }
    const target = rowOf(ids[i], i);
    if (!target) continue;
    const { row, share } = target;
    const factor = (share * (weights ? weights[i] : 1)) / (mode === 'mean' ? count : 1);
    for (let d = 0; d < dim; d++) row[d] += factor * gradient[d];
  }
}

/**
 * The gradient of x from that of x / |x|.
 * @param {Float64Array} unit x / |x|
 * @param {number} length |x|
 * @param {Float64Array} gradient changed
 */
export function throughLength(unit, length, gradient) {
  if (length === 0) return void gradient.fill(0);
  const along = gradient.reduce((sum, g, d) => sum + g * unit[d], 0);
  for (let d = 0; d < gradient.length; d++) gradient[d] = (gradient[d] - along * unit[d]) / length;
}

/**
 * Each number's gradient goes to the first row that has the largest.
 * @param {Float32Array} table
 * @param {number} dim
 * @param {BagCall} call
 * @param {number} bag
 * @param {Float64Array} gradient
 * @param {(id: number, i: number) => { row: Float32Array, share: number } | undefined} rowOf
 */
function ofLargest(table, dim, { ids, offsets, paddingIdx }, bag, gradient, rowOf) {
  for (let d = 0; d < dim; d++) {
    let best = -1;
    for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
      if (ids[i] === paddingIdx) continue;
      if (best < 0 || table[ids[i] * dim + d] > table[ids[best] * dim + d]) best = i;
    }
    const target = best < 0 ? undefined : rowOf(ids[best], best);
    if (target) target.row[d] += gradient[d];
  }
}
