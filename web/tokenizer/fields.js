/** The fields of a tokenizer.json, read with their types checked: what is broken is `bad_file`, never a TypeError. */
import { WembedError, shown, isArray, isRevoked } from '../core/errors.js';

/** @typedef {Record<string, unknown>} Fields a JSON object */

/** @typedef {Fields & { type: string }} Step a normalizer, a pre-tokenizer, a post-processor or a decoder */

/** Ids are below this. */
export const MAX_ID = 2 ** 24;

/** The core's word for no id. */
export const NO_ID = 0xffffffff;

/** @param {string} what @returns {never} */
export function bad(what) {
  throw new WembedError('bad_file', `tokenizer.json: ${what}`);
}

/** @param {string} what a valid file may have, but the core does not do @returns {never} */
export function notCovered(what) {
  throw new WembedError('unsupported', `tokenizer.json: ${what} is not covered`);
}

/** @param {unknown} value @returns {value is Fields} */
export const isFields = (value) =>
  typeof value === 'object' && value !== null && !isRevoked(value) && !Array.isArray(value);

/** @param {unknown} value @param {string} name @returns {Fields} */
export function fieldsOf(value, name) {
  return isFields(value) ? value : bad(`${name} must be an object, got ${shown(value)}`);
}

/** @param {unknown} value @param {string} name @returns {unknown[]} */
export function listOf(value, name) {
  return isArray(value) ? value : bad(`${name} must be a list, got ${shown(value)}`);
}

/** @param {unknown} value @param {string} name @returns {string} */
export function textOf(value, name) {
  return typeof value === 'string' ? wholePairs(value) : bad(`${name} must be a string, got ${shown(value)}`);
}

/** @param {string} text @returns {string} the same, if UTF-8 can say it */
export const wholePairs = (text) =>
  /\p{Surrogate}/u.test(text) ? bad(`half a surrogate pair in ${JSON.stringify(text.slice(0, 80))}`) : text;

/** @param {unknown} id @returns {id is number} */
export const isId = (id) => Number.isInteger(id) && Number(id) >= 0 && Number(id) < MAX_ID;

/** @param {unknown} value @param {string} name @returns {number} */
export function idOf(value, name) {
  return isId(value) ? value : bad(`${name} is no id: ${shown(value)}`);
}

/**
 * @param {Fields} fields
 * @param {string} name
 * @param {boolean} fallback where it is missing or null
 */
export function flag(fields, name, fallback) {
  const value = fields[name] ?? fallback;
  return typeof value === 'boolean' ? value : bad(`${name} must be true or false, got ${shown(value)}`);
}

/**
 * @param {Fields} fields
 * @param {string} name
 * @param {string} [fallback] where it is missing or null; none: it must be there
 */
export function text(fields, name, fallback) {
  return textOf(fields[name] ?? fallback, name);
}

/**
 * @param {Fields} fields
 * @param {string} name
 * @param {number} [fallback]
 */
export function whole(fields, name, fallback) {
  const value = fields[name] ?? fallback;
  const good = Number.isInteger(value) && Number(value) >= 0 && Number(value) < NO_ID;
  return good ? Number(value) : bad(`${name} must be a whole number, got ${shown(value)}`);
}

/**
 * @param {Fields} fields
 * @param {string} name
 * @param {readonly string[]} names
 * @param {string} [fallback]
 * @returns {number} which of the names it is
 */
export function oneOf(fields, name, names, fallback) {
  const index = names.indexOf(text(fields, name, fallback));
  return index >= 0 ? index : bad(`${name} must be one of ${names.join(', ')}, got ${shown(fields[name])}`);
}

/** @param {...boolean} flags @returns {number} a bit each, the first the lowest */
export const bits = (...flags) => flags.reduce((all, each, i) => all | (Number(each) << i), 0);

/** How deep Sequences may stand in one another. */
const MOST_DEPTH = 64;

/**
 * The steps of a Sequence, or the one there is.
 * @param {unknown} part
 * @param {string} list the name of a Sequence's list
 * @param {number} [depth]
 * @returns {Step[]}
 */
export function stepsOf(part, list, depth = 0) {
  if (part === null || part === undefined) return [];
  const { type } = fieldsOf(part, 'a step');
  if (typeof type !== 'string') return bad(`a step without a type: ${shown(part)}`);
  if (type !== 'Sequence') return [/** @type {Step} */ (part)];
  if (depth === MOST_DEPTH) bad('Sequences in one another without end');
  return listOf(/** @type {Fields} */ (part)[list], `a Sequence's ${list}`).flatMap((step) =>
    stepsOf(step, list, depth + 1),
  );
}

/**
 * What a Replace or a Split looks for.
 * @param {Fields} step
 * @returns {{ literal: boolean, pattern: string }}
 */
export function patternOf(step) {
  const pattern = fieldsOf(step.pattern, `the pattern of ${step.type}`);
  const { String: literal, Regex: regex } = pattern;
  if (literal && typeof literal === 'string') return { literal: true, pattern: literal };
  const read = literal === '' ? literal : textOf(regex, `the pattern of ${step.type}`);
  return { literal: false, pattern: read || '(?:)' }; // nothing is between any two characters
}
