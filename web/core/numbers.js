// Argument checks that only some parts of the library need.
import { isArray } from './errors.js';
import { copyOf, numbersOf, plainArray, tagOf, mustBe } from './arguments.js';

export { flag } from './arguments.js';

/** @typedef {import('./arguments.js').IntegerArray} IntegerArray */

/**
 * Whole numbers of either sign below 2^53, copied.
 * @param {string} name for messages
 * @param {IntegerArray} values
 * @returns {Float64Array}
 */
export function wholeNumbersOf(name, values) {
  const tag = tagOf(values);
  if (tag === undefined && !isArray(values)) {
    throw mustBe(name, 'an array of whole numbers', values);
  }
  const source = tag === undefined ? values : plainArray(/** @type {Int32Array} */ (values));
  return copyOf(Float64Array, /** @type {ArrayLike<number | bigint>} */ (source), (value, i) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (Number.isSafeInteger(number)) return number;
    throw mustBe(`${name}[${i}]`, 'a whole number below 2^53', value);
  });
}

/**
 * Numbers as f64, copied.
 * @param {string} name for messages
 * @param {ArrayLike<number>} values an array, or a typed array of numbers
 * @returns {Float64Array}
 */
export const doublesOf = (name, values) => numbersOf(Float64Array, name, values);

/**
 * Numbers as f32, copied, none of them NaN, infinite or too large for f32.
 * @param {string} name for messages
 * @param {ArrayLike<number>} values
 * @returns {Float32Array}
 */
export function finiteFloatsOf(name, values) {
  const doubles = doublesOf(name, values);
  doubles.forEach((value, i) => fitsF32(`${name}[${i}]`, finite(`${name}[${i}]`, value)));
  return Float32Array.from(doubles);
}

/**
 * Refuses a finite number that f32 would make infinite.
 * @param {string} name for messages
 * @param {number} value
 * @returns {number} the same
 */
export function fitsF32(name, value) {
  if (Number.isFinite(Math.fround(value)) || !Number.isFinite(value)) return value;
  throw mustBe(name, 'a number that f32 can hold, at most 3.4e38', value);
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {number} neither NaN nor infinite
 */
export function finite(name, value) {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw mustBe(name, 'a finite number', value);
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {number} above 0 and finite
 */
export function positive(name, value) {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw mustBe(name, 'a finite number above 0', value);
}

/**
 * A part of an array as a view, even if the array is of a caller's subclass.
 * @param {Float32Array} values
 * @param {number} begin
 * @param {number} end
 */
export const partOf = (values, begin, end) => plainArray(values).subarray(begin, end);
