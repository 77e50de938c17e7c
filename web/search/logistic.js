// Multinomial logistic regression with an L2 penalty, minimised in float64 by L-BFGS (Nocedal and Wright, "Numerical
// Optimization", 7.2).

/** Steps that are remembered. */
const MEMORY = 10;
export const MOST_STEPS = 1000;

/**
 * @typedef {object} Problem
 * @property {Float32Array} x (n, dim)
 * @property {Uint32Array} y (n) the class of each
 * @property {Float64Array} weights (n) how much each counts
 * @property {number} n
 * @property {number} dim
 * @property {number} outputs 1 for two classes, otherwise as many as classes
 * @property {number} penalty ½ × penalty × Σ w² is added; not for the intercepts
 */

/**
 * Minimises Σ weight × loss + ½ × penalty × Σ w², and gives way after each step.
 * @param {Problem} problem
 * @returns {Generator<number, Float64Array, void>} yields that sum; returns (outputs, dim + 1) weights, the last of each row
 *   is its intercept
 */
export function* minimise(problem) {
  const size = problem.outputs * (problem.dim + 1);
  const w = new Float64Array(size);
  const slope = new Float64Array(size);
  let loss = lossAt(problem, w, slope);
  const enough = 1e-10 * Math.max(1, largestOf(slope));
  /** @type {{ step: Float64Array, change: Float64Array, inner: number }[]} */
  const memory = [];
  for (let i = 0; i < MOST_STEPS && largestOf(slope) > enough; i++) {
    const direction = directionOf(slope, memory);
    const found = along(problem, w, loss, slope, direction);
    if (!found) break; // as low as float64 can tell
    const step = found.w.map((value, j) => value - w[j]);
    const change = found.slope.map((value, j) => value - slope[j]);
    const inner = dot(step, change);
    if (inner > 0) memory.push({ step, change, inner });
    if (memory.length > MEMORY) memory.shift();
    w.set(found.w);
    slope.set(found.slope);
    loss = found.loss;
    yield loss;
  }
  return w;
}

/**
 * @param {Float64Array} slope
 * @param {{ step: Float64Array, change: Float64Array, inner: number }[]} memory
 * @returns {Float64Array} downhill
 */
function directionOf(slope, memory) {
  const q = slope.map((value) => -value);
  const shares = memory.map(() => 0);
  for (let i = memory.length - 1; i >= 0; i--) {
    shares[i] = dot(memory[i].step, q) / memory[i].inner;
    addTo(q, -shares[i], memory[i].change);
  }
  const last = memory.at(-1);
  const scale = last ? last.inner / dot(last.change, last.change) : 1 / Math.max(1, Math.sqrt(dot(slope, slope)));
  for (let j = 0; j < q.length; j++) q[j] *= scale;
  for (const [i, { step, change, inner }] of memory.entries()) addTo(q, shares[i] - dot(change, q) / inner, step);
  return q;
}

/**
 * A step downhill that lowers the loss by a part of what the slope promises.
 * @param {Problem} problem
 * @param {Float64Array} w
 * @param {number} loss
 * @param {Float64Array} slope
 * @param {Float64Array} direction
 */
function along(problem, w, loss, slope, direction) {
  const promise = dot(slope, direction);
  for (let length = 1; length > 1e-12; length /= 2) {
    const to = w.map((value, j) => value + length * direction[j]);
    const slopeThere = new Float64Array(w.length);
    const lossThere = lossAt(problem, to, slopeThere);
    // Where the losses are the same but for rounding, the slopes tell.
    const level = lossThere <= loss + 1e-13 * Math.abs(loss) && Math.abs(dot(slopeThere, direction)) < 0.9 * -promise;
    if (lossThere <= loss + 1e-4 * length * promise || level) return { w: to, loss: lossThere, slope: slopeThere };
  }
  return undefined;
}

/**
 * @param {Problem} problem
 * @param {Float64Array} w
 * @param {Float64Array} slope receives the gradient
 * @returns {number}
 */
function lossAt({ x, y, weights, n, dim, outputs, penalty }, w, slope) {
  const width = dim + 1;
  let loss = 0;
  for (let j = 0; j < w.length; j++) {
    const counts = (j + 1) % width !== 0;
    slope[j] = counts ? penalty * w[j] : 0;
    if (counts) loss += 0.5 * penalty * w[j] * w[j];
  }
  const scores = new Float64Array(outputs);
  for (let i = 0; i < n; i++) {
    const row = x.subarray(i * dim, (i + 1) * dim);
    scoresOf(w, row, scores);
    const own = outputs === 1 ? (y[i] === 1 ? scores[0] : 0) : scores[y[i]];
    loss += weights[i] * (toProbabilities(scores) - own);
    for (let c = 0; c < outputs; c++) {
      const expected = outputs === 1 ? y[i] : Number(y[i] === c);
      const error = weights[i] * (scores[c] - expected);
      for (let d = 0, at = c * width; d < dim; d++, at++) slope[at] += error * row[d];
      slope[c * width + dim] += error;
    }
  }
  return loss;
}

/**
 * @param {Float64Array} w (outputs, dim + 1)
 * @param {Float32Array} x (dim)
 * @param {Float64Array} scores (outputs)
 */
export function scoresOf(w, x, scores) {
  for (let c = 0, at = 0; c < scores.length; c++) {
    let sum = 0;
    for (let d = 0; d < x.length; d++) sum += w[at++] * x[d];
    scores[c] = sum + w[at++];
  }
}

/**
 * @param {Float64Array} scores become probabilities: of the second of two classes, or of all
 * @returns {number} ln Σ e^score
 */
export function toProbabilities(scores) {
  const isPair = scores.length === 1; // the first class has the score 0
  let most = isPair ? 0 : -Infinity;
  for (const score of scores) if (score > most) most = score;
  let sum = isPair ? Math.exp(-most) : 0;
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp(scores[c] - most);
  for (let c = 0; c < scores.length; c++) scores[c] /= sum;
  return most + Math.log(sum);
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * @param {Float64Array} a
 * @param {number} scale
 * @param {Float64Array} b
 */
function addTo(a, scale, b) {
  for (let i = 0; i < a.length; i++) a[i] += scale * b[i];
}

/** @param {Float64Array} values */
function largestOf(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
