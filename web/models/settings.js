import { WembedError, shown, refuseRevoked } from '../core/errors.js';

/** A value of a config.json: what JSON can hold. @typedef {{ readonly [name: string]: unknown }} Values */

/** Settings nest this deep at most, and no list of them is longer: what goes beyond is no config.json. */
const MAX_DEPTH = 16;
const MAX_LIST = 2 ** 20;

/** Where these are null, transformers does not take the class's default. */
const SCALES = ['logit_scale', 'logits_scaling', 'lm_head_multiplier'];

/**
 * A model's settings by the names that transformers gives them, each read with the type it must have. What a config.json
 * leaves out takes the default of its model class.
 */
export class Settings {
  #given;
  #defaults;

  /**
   * @param {Values} given
   * @param {Values} [defaults] of the model class
   */
  constructor(given, defaults = {}) {
    this.#given = given;
    this.#defaults = defaults;
  }

  /**
   * @param {...string} names a setting's name, and other names that configs have for it
   * @returns {unknown} the first that is given and not null, or else the first default; undefined where there is none
   */
  get(...names) {
    for (const values of [this.#given, this.#defaults]) {
      for (const name of names) if (Object.hasOwn(values, name) && values[name] != null) return values[name];
    }
    return undefined;
  }

  /** @param {string} name @returns {unknown} also null, which in some settings means something else than absence */
  given(name) {
    return Object.hasOwn(this.#given, name) ? this.#given[name] : undefined;
  }

  /** @param {string} name @returns {unknown} of the model class; undefined where it has none */
  default(name) {
    return Object.hasOwn(this.#defaults, name) ? this.#defaults[name] : undefined;
  }

  /**
   * @param {...string} names
   * @returns {number | undefined}
   */
  number(...names) {
    for (const name of names) {
      if (SCALES.includes(name) && this.#given[name] === null) throw wrong([name], null, 'a number');
    }
    const value = this.get(...names);
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw wrong(names, value, 'a number');
  }

  /**
   * @param {...string} names
   * @returns {boolean | undefined}
   */
  flag(...names) {
    const value = this.get(...names);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrong(names, value, 'true or false');
  }

  /**
   * @param {...string} names
   * @returns {string | undefined}
   */
  text(...names) {
    const value = this.get(...names);
    if (value === undefined || typeof value === 'string') return value;
    throw wrong(names, value, 'a string');
  }

  /**
   * @param {string} name
   * @returns {string[]} none where it is not a list
   */
  texts(name) {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  }
}

/**
 * @param {string[]} names
 * @param {unknown} value
 * @param {string} kind
 */
const wrong = ([name], value, kind) =>
  new WembedError('bad_file', `config.json: ${name} is ${shown(value)}, not ${kind}`);

/**
 * @param {unknown} value
 * @returns {value is Values}
 */
export const isValues = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy of a caller's settings, everything in them read once.
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {unknown} the same of plain objects, arrays and primitives; functions are left out
 */
export function plainCopy(value, depth = 0) {
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  refuseRevoked('a config', value);
  if (depth > MAX_DEPTH) throw new WembedError('invalid_argument', 'a config nests too deep');
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainCopy(each, depth + 1)]));
  }
  const { length } = value;
  if (length > MAX_LIST) throw new WembedError('invalid_argument', `a config has a list of ${length} values`);
  return Array.from({ length }, (_, i) => plainCopy(value[i], depth + 1));
}
