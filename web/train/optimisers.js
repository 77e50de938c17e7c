import { count, floatsOf, lengthOf, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, callback, isArray } from '../core/errors.js';
import { finite, flag, positive } from '../core/numbers.js';
import { mustBeOwn } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { Variable } from './variables.js';

/**
 * A rate of learning: a number, or a function of the step's number, from 0.
 * @typedef {number | ((step: number) => number)} Rate
 */

/**
 * What all optimisers take.
 * @typedef {object} ClipOptions
 * @property {number} [clipNorm] the gradients of all variables together are shortened to this length
 * @property {number} [clipValue] each number of a gradient is cut to this size, before
 */

/**
 * A rule by which variables change with their gradients.
 * @typedef {object} Optimiser
 * @property {(variables: readonly Variable[]) => void} step changes the rows that have a gradient, and clears it
 * @property {(variables: readonly Variable[]) => OptimiserState} save what it remembers of them, a copy
 * @property {(variables: readonly Variable[], state: OptimiserState) => void} restore goes on from what `save` gave, of
 *   variables of the same shapes in the same order
 */

/**
 * What an optimiser remembers, for a checkpoint.
 * @typedef {object} OptimiserState
 * @property {number} steps so far
 * @property {Float32Array[][]} variables for each variable what is kept of its rows, such as the mean of their gradients
 */

/** @type {WeakMap<Optimiser, (variable: Variable) => Float32Array[]>} */
const statesIn = new WeakMap();

/**
 * What an optimiser remembers of variables, as `save` gives it, but not a copy.
 * @param {Optimiser} own of this file's
 * @param {readonly Variable[]} variables
 * @returns {Float32Array[][]}
 */
export const statesOf = (own, variables) =>
  variables.map(/** @type {(variable: Variable) => Float32Array[]} */ (statesIn.get(own)));

/** @typedef {(row: Float32Array, gradient: Float32Array, state: Float32Array[], rate: number, step: number) => void} UpdateRule */

/**
 * @param {Rate} rate
 * @param {ClipOptions} clip
 * @param {(dim: number) => number[]} sizes of the state of a row
 * @param {UpdateRule} rule
 * @param {number} [initial] what the state begins with
 * @returns {Optimiser}
 */
function optimiser(rate, { clipNorm, clipValue }, sizes, rule, initial = 0) {
  if (typeof rate !== 'function') positive('rate', rate);
  if (clipNorm !== undefined) positive('clipNorm', clipNorm);
  if (clipValue !== undefined) positive('clipValue', clipValue);
  /** @type {WeakMap<Variable, Float32Array[]>} */
  const states = new WeakMap();
  /** @param {Variable} variable */
  const stateOf = (variable) => {
    let state = states.get(variable);
    if (!state) {
      state = sizes(variable.dim).map((size) => new Float32Array(variable.rows * size));
      if (initial !== 0) for (const numbers of state) numbers.fill(initial);
      states.set(variable, state);
    }
    return state;
  };
  let steps = 0;
  /** @type {Optimiser} */
  const made = {
    save(variables) {
      const kept = listed(variables).map((variable) => stateOf(variable).map((numbers) => numbers.slice()));
      return { steps, variables: kept };
    },
    restore(variables, state) {
      const own = listed(variables).map(stateOf);
      const given = optionsOf('the state of an optimiser', state, ['steps', 'variables']);
      const kept = own.map((all, v) => all.map((_, i) => floatsOf('a state', given.variables?.[v]?.[i] ?? [])));
      const fits = own.every((all, v) => all.every(({ length }, i) => lengthOf(kept[v][i]) === length));
      if (!fits)
        throw new WembedError('shape_mismatch', 'the state is that of other variables or of another optimiser');
      steps = count('steps', given.steps);
      own.forEach((all, v) => all.forEach((numbers, i) => numbers.set(kept[v][i])));
    },
    step(variables) {
      const all = listed(variables);
      const now = finite('rate', typeof rate === 'function' ? callback(rate, steps) : rate);
      steps++;
      const factor = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (lengthOfAll(variables, clipValue) + 1e-6));
      for (const variable of all) {
        const perRow = sizes(variable.dim);
        const state = stateOf(variable);
        variable.update((row, gradient, id) => {
          cut(gradient, clipValue, factor);
          rule(
            row,
            gradient,
            perRow.map((size, i) => state[i].subarray(id * size, (id + 1) * size)),
            now,
            steps,
          );
        });
      }
    },
  };
  statesIn.set(made, stateOf);
  return made;
}

/** @param {readonly Variable[]} variables a caller's */
function listed(variables) {
  if (!isArray(variables)) throw mustBe('variables', 'an array', variables);
  const other = variables.findIndex((each) => !isOwn(each, Variable, 'dim'));
  if (other >= 0) throw mustBeOwn(`variables[${other}]`, 'a Variable', variables[other], Variable, 'dim');
  return /** @type {readonly Variable[]} */ (variables);
}

/** @param {Float32Array} gradient @param {number | undefined} most @param {number} factor */
function cut(gradient, most, factor) {
  for (let d = 0; most !== undefined && d < gradient.length; d++)
    gradient[d] = Math.min(most, Math.max(-most, gradient[d]));
  for (let d = 0; factor !== 1 && d < gradient.length; d++) gradient[d] *= factor;
}

/** @param {readonly Variable[]} variables @param {number | undefined} most of each number */
function lengthOfAll(variables, most) {
  let sum = 0;
  for (const variable of variables) {
    const { data } = variable.gradient().values;
    cut(data, most, 1);
    for (const x of data) sum += x * x;
  }
  return Math.sqrt(sum);
}

const CLIP = ['clipNorm', 'clipValue'];

/** @param {string} name @param {unknown} value @returns {number} as torch asks for it */
const notNegative = (name, value) => {
  if (finite(name, value) >= 0) return /** @type {number} */ (value);
  throw mustBe(name, 'a number, at least 0', value);
};

/** @param {string} name @param {unknown} value @returns {number} as torch asks for it */
const share = (name, value) => {
  if (notNegative(name, value) < 1) return /** @type {number} */ (value);
  throw mustBe(name, 'a number from 0 to below 1', value);
};

/**
 * Stochastic gradient descent: torch.optim.SGD. With momentum, rows that a step does not use keep theirs.
 * @param {ClipOptions & { rate: Rate, momentum?: number, dampening?: number, nesterov?: boolean }} options
 * @returns {Optimiser}
 */
export function sgd(options) {
  const {
    rate,
    momentum = 0,
    dampening = 0,
    nesterov = false,
    ...clip
  } = optionsOf('sgd', options, ['rate', 'momentum', 'dampening', 'nesterov', ...CLIP]);
  const [m, damp, ahead] = [
    notNegative('momentum', momentum),
    finite('dampening', dampening),
    flag('nesterov', nesterov),
  ];
  if (m === 0) {
    return optimiser(
      rate,
      clip,
      () => [],
      (row, gradient, _, now) => {
        for (let d = 0; d < row.length; d++) row[d] -= now * gradient[d];
      },
    );
  }
  return optimiser(
    rate,
    clip,
    (dim) => [dim, 1],
    (row, gradient, [buffer, begun], now) => {
      const share = begun[0] ? 1 - damp : 1; // torch takes the first gradient whole
      begun[0] = 1;
      for (let d = 0; d < row.length; d++) {
        buffer[d] = m * buffer[d] + share * gradient[d];
        row[d] -= now * (ahead ? gradient[d] + m * buffer[d] : buffer[d]);
      }
    },
  );
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): torch.optim.Adagrad. `rowWise` keeps one number for each row, the mean of its
 * squares, as FBGEMM's row-wise Adagrad.
 * @param {ClipOptions & { rate: Rate, eps?: number, initialAccumulatorValue?: number, lrDecay?: number, rowWise?: boolean }} options
 * @returns {Optimiser}
 */
export function adagrad(options) {
  const names = ['rate', 'eps', 'initialAccumulatorValue', 'lrDecay', 'rowWise', ...CLIP];
  const {
    rate,
    eps = 1e-10,
    initialAccumulatorValue = 0,
    lrDecay = 0,
    rowWise = false,
    ...clip
  } = optionsOf('adagrad', options, names);
  const [least, decay, initial] = [
    notNegative('eps', eps),
    notNegative('lrDecay', lrDecay),
    notNegative('initialAccumulatorValue', initialAccumulatorValue),
  ];
  if (flag('rowWise', rowWise)) {
    return optimiser(
      rate,
      clip,
      () => [1],
      (row, gradient, [sum], now, step) => {
        sum[0] += gradient.reduce((total, g) => total + g * g, 0) / row.length;
        const factor = now / (1 + (step - 1) * decay) / (Math.sqrt(sum[0]) + least);
        for (let d = 0; d < row.length; d++) row[d] -= factor * gradient[d];
      },
      initial,
    );
  }
  return optimiser(
    rate,
    clip,
    (dim) => [dim],
    (row, gradient, [sum], now, step) => {
      const factor = now / (1 + (step - 1) * decay);
      for (let d = 0; d < row.length; d++) {
        sum[d] += gradient[d] * gradient[d];
        row[d] -= (factor * gradient[d]) / (Math.sqrt(sum[d]) + least);
      }
    },
    initial,
  );
}

/**
 * Adam (Kingma and Ba 2015) of the rows that a step uses: torch.optim.SparseAdam. Others neither move nor forget.
 * @param {ClipOptions & { rate: Rate, betas?: readonly [number, number], eps?: number }} options
 * @returns {Optimiser}
 */
export function adam(options) {
  const {
    rate,
    betas = [0.9, 0.999],
    eps = 1e-8,
    ...clip
  } = optionsOf('adam', options, ['rate', 'betas', 'eps', ...CLIP]);
  const [first, second] = isArray(betas) ? betas : [];
  const [b1, b2, least] = [share('betas[0]', first), share('betas[1]', second), notNegative('eps', eps)];
  return optimiser(
    rate,
    clip,
    (dim) => [dim, dim],
    (row, gradient, [mean, square], now, step) => {
      const size = (now * Math.sqrt(1 - b2 ** step)) / (1 - b1 ** step);
      for (let d = 0; d < row.length; d++) {
        const g = gradient[d];
        mean[d] += (g - mean[d]) * (1 - b1);
        square[d] += (g * g - square[d]) * (1 - b2);
        row[d] -= (size * mean[d]) / (Math.sqrt(square[d]) + least);
      }
    },
  );
}

/**
 * A rate that rises in a straight line for `warmup` steps and then falls to `end`: in a straight line, or along a cosine.
 * @param {{ rate: number, steps: number, warmup?: number, end?: number, shape?: 'linear' | 'cosine' }} options
 * @returns {(step: number) => number}
 */
export function schedule(options) {
  const {
    rate,
    steps,
    warmup = 0,
    end = 0,
    shape = 'linear',
  } = optionsOf('schedule', options, ['rate', 'steps', 'warmup', 'end', 'shape']);
  const [most, n, rise, last] = [
    positive('rate', rate),
    count('steps', steps, { least: 1 }),
    count('warmup', warmup),
    finite('end', end),
  ];
  if (shape !== 'linear' && shape !== 'cosine') throw mustBe('shape', "'linear' or 'cosine'", shape);
  return (step) => {
    if (step < rise) return (most * step) / rise;
    const share = Math.min(1, (step - rise) / Math.max(1, n - rise));
    return last + (most - last) * (shape === 'linear' ? 1 - share : (1 + Math.cos(Math.PI * share)) / 2);
  };
}
