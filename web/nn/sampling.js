import { count, mustBe, optionsOf } from '../core/arguments.js';

/**
 * Which tokens may be drawn. Filters apply in the order of transformers' warpers: temperature, topK, topP, minP.
 * @typedef {object} SampleOptions
 * @property {number} [temperature] scores are divided by it; 0 takes the best token; default 1
 * @property {number} [topK] only this many of the best tokens; default 0, all
 * @property {number} [topP] only the fewest best tokens with at least this total probability; default 1, all
 * @property {number} [minP] only tokens with at least this fraction of the highest probability; default 0, all
 * @property {number} [seed] a whole number: the same seed draws the same token. Use another seed for each token of a
 *   text (seed + position). Default: Math.random
 */

/**
 * @param {SampleOptions | undefined} options
 * @returns {{ temperature: number, topK: number, topP: number, minP: number, u: number }} u: the random number, in [0,
 *   1)
 */
export function samplingOf(options) {
  const names = ['temperature', 'topK', 'topP', 'minP', 'seed'];
  const { temperature = 1, topK = 0, topP = 1, minP = 0, seed } = optionsOf('sample', options, names);
  check('temperature', temperature, (value) => value >= 0 && value < Infinity, 'a number, at least 0');
  count('topK', topK);
  check('topP', topP, (value) => value > 0 && value <= 1, 'a number above 0 and at most 1');
  check('minP', minP, (value) => value >= 0 && value <= 1, 'a number from 0 to 1');
  if (seed !== undefined) check('seed', seed, Number.isSafeInteger, 'a whole number');
  return { temperature, topK, topP, minP, u: seed === undefined ? Math.random() : uniform(seed) };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {(value: number) => boolean} isGood
 * @param {string} what it must be
 */
function check(name, value, isGood, what) {
  if (typeof value !== 'number' || !isGood(value)) throw mustBe(name, what, value);
}

/**
 * A number in [0, 1) of a seed (splitmix32's finalizer, twice for 53 bits).
 * @param {number} seed
 */
function uniform(seed) {
  const mix = (/** @type {number} */ x) => {
    let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const high = mix((seed + 0x9e3779b9) >>> 0) ^ mix(Math.floor(seed / 2 ** 32) >>> 0);
  return ((high >>> 0) * 2 ** 21 + (mix(high + 0x9e3779b9) >>> 11)) / 2 ** 53;
}
