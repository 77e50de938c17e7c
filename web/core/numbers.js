// Argument checks that only some parts of the library need.
import { copyOf, numbersOf, plainArray, tagOf, mustBe } from './arguments.js';

/** @typedef {import('./arguments.js').IntegerArray} IntegerArray */

/**
 * Whole numbers of either sign below 2^53, copied.
 * @param {string} name for messages
 * @param {IntegerArray} values
 * @returns {Float64Array}
 */
export function wholeNumbersOf(name, values) {
  const tag = tagOf(values);
  if (tag === undefined && !Array.isArray(values)) {
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
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {boolean}
 */
export function flag(name, value) {
  if (typeof value === 'boolean') return value;
  throw mustBe(name, 'true or false', value);
}

/**
 * A part of an array as a view, even if the array is of a caller's subclass.
 * @param {Float32Array} values
 * @param {number} begin
 * @param {number} end
 */
export const partOf = (values, begin, end) => plainArray(values).subarray(begin, end);
