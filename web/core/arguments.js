// A caller's arguments, each read once before use: if a getter, a Proxy or another thread changes a value later, the
// change has no effect here.
import { WembedError, nearest, refuseRevoked, shown } from './errors.js';

/**
 * Any array of whole numbers: ids, positions, offsets.
 * @typedef {readonly number[] | Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array
 *   | BigInt64Array | BigUint64Array} IntegerArray
 */

/** @typedef {Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array} Integer32Array */

const TYPED_ARRAY = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype);
const getter = (/** @type {string | symbol} */ key) => Object.getOwnPropertyDescriptor(TYPED_ARRAY, key)?.get;
const { set: SET } = TYPED_ARRAY;
const TAG = /** @type {(this: unknown) => string | undefined} */ (/* @__PURE__ */ getter(Symbol.toStringTag));
const LENGTH = /** @type {(this: unknown) => number} */ (/* @__PURE__ */ getter('length'));
const BUFFER = /** @type {(this: unknown) => ArrayBufferLike} */ (/* @__PURE__ */ getter('buffer'));
const OFFSET = /** @type {(this: unknown) => number} */ (/* @__PURE__ */ getter('byteOffset'));

/** The length of the longest array that is copied: engines create plain arrays of numbers up to about this length. */
const MOST = 1e8;

/**
 * What kind of typed array a value is. Works across realms (a frame, a test), and no property can fake it.
 * @param {unknown} value
 * @returns {string | undefined} 'Float32Array' and the like; undefined for anything else
 */
export const tagOf = (value) => TAG.call(value);

/**
 * @param {ArrayBufferView} values a typed array
 * @returns {number} its number of elements, 0 if its buffer is detached
 */
export const lengthOf = (values) => LENGTH.call(values);

/**
 * The same numbers as an unmodified typed array: no subclass, no own properties.
 * @template {ArrayBufferView} T
 * @param {T} values
 * @returns {T} a view
 */
export function plainArray(values) {
  const types = /** @type {Record<string, new (...buffer: unknown[]) => T>} */ (/** @type {unknown} */ (globalThis));
  const Type = types[/** @type {string} */ (tagOf(values))];
  const length = lengthOf(values);
  return length ? new Type(BUFFER.call(values), OFFSET.call(values), length) : new Type(0);
}

/**
 * Writes numbers into an array, even if a caller has overridden the array's methods.
 * @param {Float32Array} target
 * @param {ArrayLike<number>} values
 * @param {number} [at]
 */
export const putFloats = (target, values, at = 0) => SET.call(target, values, at);

/**
 * @param {string} name of an argument
 * @param {string} what it must be
 * @param {unknown} value what it is
 * @returns {WembedError} to throw
 */
export const mustBe = (name, what, value) =>
  new WembedError('invalid_argument', `${name} must be ${what}, got ${shown(value)}`);

/**
 * @template T
 * @param {string} name of an argument
 * @param {unknown} value
 * @param {readonly T[]} known
 * @param {import('./errors.js').ErrorCode} [code] of the error if the value is not known
 * @returns {number} its index in `known`
 */
export function oneOf(name, value, known, code = 'invalid_argument') {
  const i = known.indexOf(/** @type {T} */ (value));
  if (i >= 0) return i;
  throw new WembedError(code, `${name} '${shown(value)}' is not one of ${known.join(', ')}`);
}

/**
 * Copies a call's options. Every known option is read once; every other option is refused.
 * @template {object} T
 * @param {string} call the call's name, for messages
 * @param {T | undefined} given
 * @param {readonly string[]} names of the known options
 * @param {Record<string, string>} [aliases] other names for them → the name
 * @returns {T}
 */
export function optionsOf(call, given, names, aliases = {}) {
  /** @type {Record<string, unknown>} */
  const options = Object.create(null); // without a prototype, whose properties would look like options
  if (given === undefined) return /** @type {T} */ (options);
  refuseRevoked(`the options of ${call}`, given);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw mustBe(`the options of ${call}`, 'an object', given);
  }
  for (const key of Object.keys(given)) {
    const name = aliases[key] ?? key;
    if (!names.includes(name)) throw unknownOption(call, key, names.concat(Object.keys(aliases)));
    const value = /** @type {Record<string, unknown>} */ (given)[key];
    if (value === undefined) continue;
    if (name in options) throw new WembedError('invalid_argument', `${call} got ${name} twice`);
    options[name] = value;
  }
  return /** @type {T} */ (options);
}

/**
 * @param {string} call
 * @param {string} key
 * @param {string[]} names
 */
function unknownOption(call, key, names) {
  const similar = nearest(key, names);
  const hint = similar ? `did you mean '${similar}'?` : `it takes ${names.join(', ')}`;
  return new WembedError('invalid_argument', `${call} has no option '${shown(key)}': ${hint}`);
}

/**
 * Whole numbers of 32 bits or fewer, ready to be copied: a typed array as it is, anything else as a checked copy.
 * @param {string} name for messages
 * @param {IntegerArray} values an array, or a typed array of integers
 * @returns {Integer32Array} negative numbers only where the caller's own array is of a signed type
 */
export function integersOf(name, values) {
  refuseRevoked(name, values);
  const tag = tagOf(values) ?? '';
  if (/^(Ui|I)nt/.test(tag)) return plainArray(/** @type {Integer32Array} */ (values));
  if (!/^Big/.test(tag) && !Array.isArray(values)) throw mustBe(name, 'an array of whole numbers', values);
  const given = /** @type {ArrayLike<number | bigint>} */ (
    tag ? plainArray(/** @type {BigInt64Array} */ (values)) : values
  );
  return copyOf(Uint32Array, given, (value, i) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (!Number.isInteger(number)) throw mustBe(`${name}[${i}]`, 'a whole number', value);
    if (number < 0 || number > 0xffffffff) {
      throw new WembedError('id_out_of_range', `${name}[${i}] is out of range: ${shown(value)}`);
    }
    return number;
  });
}

/**
 * Numbers as f32: a Float32Array as it is, anything else as a checked copy.
 * @param {string} name for messages
 * @param {ArrayLike<number>} values an array, or a typed array of numbers
 * @returns {Float32Array}
 */
export function floatsOf(name, values) {
  return tagOf(values) === 'Float32Array'
    ? plainArray(/** @type {Float32Array} */ (values))
    : numbersOf(Float32Array, name, values);
}

/**
 * @template {Float32Array | Float64Array} T
 * @param {{ new (length: number): T, new (values: ArrayLike<number>): T }} Type
 * @param {string} name
 * @param {ArrayLike<number>} values
 * @returns {T} a copy
 */
export function numbersOf(Type, name, values) {
  refuseRevoked(name, values);
  const tag = tagOf(values);
  if (tag && !/^Big/.test(tag)) {
    const plain = plainArray(/** @type {Float64Array} */ (values));
    return allocated(plain.length, () => new Type(plain));
  }
  if (!Array.isArray(values)) throw mustBe(name, 'an array of numbers', values);
  return copyOf(Type, values, (value, i) => {
    if (typeof value === 'number') return value;
    throw mustBe(`${name}[${i}]`, 'a number', value);
  });
}

/** @param {ArrayLike<unknown>} array */
const checkedLength = (array) => count('length', array.length, { most: MOST });

/**
 * Copies an array, each element read once: its length may be a lie, so that no room is made before an element is read.
 * @template {Uint32Array | Float32Array | Float64Array} T
 * @template V
 * @param {{ new (values: number[]): T }} Type
 * @param {ArrayLike<V>} values
 * @param {(value: V, i: number) => number} check may run the caller's code: nothing is held over it but the copy
 * @returns {T}
 */
export function copyOf(Type, values, check) {
  const length = checkedLength(values);
  /** @type {number[]} */
  const copy = [];
  for (let i = 0; i < length; i++) copy.push(check(values[i], i));
  return allocated(copy.length, () => new Type(copy));
}

/**
 * Copies an array of texts, each read once.
 * @param {string} call for messages
 * @param {unknown} texts
 * @returns {string[]}
 */
export function textsOf(call, texts) {
  refuseRevoked(`the texts of ${call}`, texts);
  if (!Array.isArray(texts)) throw mustBe(`the texts of ${call}`, 'a string or an array of strings', texts);
  const length = checkedLength(texts);
  /** @type {string[]} */
  const copy = [];
  for (let i = 0; i < length; i++) {
    const text = texts[i];
    if (typeof text !== 'string') throw mustBe(`text ${i}`, 'a string', text === null ? 'null' : typeof text);
    copy.push(text);
  }
  return copy;
}

/**
 * The array that a result goes into.
 * @param {Float32Array | undefined} into the caller's, at least `length` numbers long; otherwise a new one
 * @param {number} length
 * @returns {Float32Array} of exactly `length` numbers
 */
export function outputArray(into, length) {
  if (into === undefined) return allocated(length, () => new Float32Array(length));
  if (tagOf(into) !== 'Float32Array') throw mustBe('into', 'a Float32Array', into);
  const room = lengthOf(into);
  if (room < length) throw new WembedError('shape_mismatch', `into has room for ${room} of ${length} numbers`);
  return room === length ? into : plainArray(into).subarray(0, length);
}

/**
 * @template T
 * @param {number} length for messages
 * @param {() => T} make what may find no memory
 * @returns {T}
 */
export function allocated(length, make) {
  try {
    return make();
  } catch (cause) {
    throw new WembedError('out_of_memory', `no memory for ${length} numbers`, { cause });
  }
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @param {{ least?: number, most?: number }} [bounds] default 0 to 2^32 - 1
 * @returns {number} a whole number within them
 */
export function count(name, value, { least = 0, most = 0xffffffff } = {}) {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw mustBe(name, `a whole number from ${least} to ${most}`, value);
}

/**
 * The most tokens of a text that a call may keep, checked: a whole number of at least 1, or Infinity.
 * @param {unknown} maxLength
 * @returns {number}
 */
export function lengthLimit(maxLength) {
  const whole = maxLength === Infinity || Number.isInteger(maxLength);
  if (whole && Number(maxLength) >= 1) return Number(maxLength);
  throw mustBe('maxLength', 'a whole number above 0', maxLength);
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
 * @param {string} name for messages
 * @param {unknown} index a negative one counts from the end
 * @param {number} length
 * @returns {number} from the beginning
 */
export function indexFromEnd(name, index, length) {
  if (Number.isInteger(index) && Number(index) >= -length && Number(index) < length) {
    return Number(index) + (Number(index) < 0 ? length : 0);
  }
  throw mustBe(name, `a whole number from ${-length} to ${length - 1}`, index);
}
