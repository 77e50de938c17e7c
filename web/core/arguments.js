// A caller's arguments, each read once before anything is done with it: a getter, a Proxy or another thread that changes
// its answer later changes nothing here.
import { WembedError, nearest, shown } from './errors.js';

/**
 * Any array of whole numbers: ids, positions, offsets.
 * @typedef {readonly number[] | Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array
 *   | BigInt64Array | BigUint64Array} IntegerArray
 */

/** @typedef {Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array} Integer32Array */

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const getter = (/** @type {string | symbol} */ key) =>
  /** @type {() => any} */ (Object.getOwnPropertyDescriptor(TYPED_ARRAY, key)?.get);
const { set: SET } = TYPED_ARRAY;
const TAG = getter(Symbol.toStringTag);
const LENGTH = getter('length');
const BUFFER = getter('buffer');
const OFFSET = getter('byteOffset');

/** How many elements of an array are copied before more room is made: a length alone proves nothing. */
const FIRST_ROOM = 1024;

/**
 * What kind of typed array a value is. Works across realms (a frame, a test), and no property can fake it.
 * @param {unknown} value
 * @returns {string | undefined} 'Float32Array' and the like; undefined for anything else
 */
export const tagOf = (value) => TAG.call(value);

/**
 * @param {ArrayBufferView} values a typed array
 * @returns {number} how many elements it has, 0 where its buffer is detached
 */
export const lengthOf = (values) => LENGTH.call(values);

/** @type {Record<string, { new (buffer: ArrayBufferLike, offset: number, length: number): any, prototype: object }>} */
const PLAIN_TYPES = {
  ...{ Float32Array, Float64Array, BigInt64Array, BigUint64Array },
  ...{ Uint8Array, Uint16Array, Uint32Array, Int8Array, Int16Array, Int32Array, Uint8ClampedArray },
};

/**
 * A typed array without what a caller may have added to it: no subclass, no properties that stand before its own.
 * @template {ArrayBufferView} T
 * @param {T} values
 * @returns {T} the same where it is plain, otherwise a view of the same numbers
 */
export function plainArray(values) {
  const Type = PLAIN_TYPES[/** @type {string} */ (tagOf(values))];
  if (!Type) throw new WembedError('invalid_argument', `arrays of type ${shown(tagOf(values))} are not read`);
  const plain = Object.getPrototypeOf(values) === Type.prototype && !OWN.some((key) => Object.hasOwn(values, key));
  if (plain) return values;
  const length = LENGTH.call(values);
  return new Type(length ? BUFFER.call(values) : new ArrayBuffer(0), length ? OFFSET.call(values) : 0, length);
}

/** What plain arrays inherit and code reads of them. */
const OWN = ['length', 'buffer', 'byteOffset', 'byteLength', Symbol.iterator, Symbol.toStringTag, 'constructor', 'set'];

/**
 * A part of a typed array as a view, whatever class of it a caller has made.
 * @param {Float32Array} values
 * @param {number} begin
 * @param {number} end
 */
export const partOf = (values, begin, end) =>
  new Float32Array(BUFFER.call(values), OFFSET.call(values) + 4 * begin, end - begin);

/**
 * Writes numbers into an array, whatever a caller has made of its methods.
 * @param {Float32Array} target
 * @param {ArrayLike<number>} values
 * @param {number} [at]
 */
export const putFloats = (target, values, at = 0) => SET.call(target, values, at);

/**
 * Copies a call's options: every known one is read once, every other one is refused.
 * @template {Record<string, any>} T
 * @param {string} call its name, for messages
 * @param {T | undefined} given
 * @param {readonly string[]} names of the options it takes
 * @param {Record<string, string>} [aliases] other names for them → the name
 * @returns {T}
 */
export function optionsOf(call, given, names, aliases = {}) {
  /** @type {Record<string, unknown>} */
  const options = {};
  if (given === undefined) return /** @type {T} */ (options);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new WembedError('invalid_argument', `the options of ${call} must be an object, got ${shown(given)}`);
  }
  for (const key of Object.keys(given)) {
    const name = Object.hasOwn(aliases, key) ? aliases[key] : key;
    if (!names.includes(name)) throw unknownOption(call, key, [...names, ...Object.keys(aliases)]);
    const value = given[key];
    if (value === undefined) continue;
    if (Object.hasOwn(options, name)) {
      throw new WembedError('invalid_argument', `${call} got ${name} twice: ${key} is another name for it`);
    }
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
  const hint = similar ? `did you mean '${similar}'?` : `it takes ${names.join(', ') || 'none'}`;
  return new WembedError('invalid_argument', `${call} has no option '${shown(key)}': ${hint}`);
}

/**
 * Whole numbers of 32 bits or fewer, ready to be copied: a typed array as it is, anything else as a checked copy.
 * @param {string} name for messages
 * @param {IntegerArray} values an array, or a typed array of integers
 * @returns {Integer32Array} negative numbers only where the caller's own array is of a signed type
 */
export function integersOf(name, values) {
  const tag = tagOf(values);
  if (tag !== undefined && /^(Ui|I)nt(8|16|32)Array$/.test(tag)) {
    return plainArray(/** @type {Integer32Array} */ (values));
  }
  const big = tag === 'BigInt64Array' || tag === 'BigUint64Array';
  if (!big && !Array.isArray(values)) {
    throw new WembedError('invalid_argument', `${name} must be an array of whole numbers, got ${shown(values)}`);
  }
  const source = /** @type {ArrayLike<number | bigint>} */ (
    big ? plainArray(/** @type {BigInt64Array} */ (values)) : values
  );
  return copyOf(Uint32Array, source, (value, i) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (!Number.isInteger(number)) {
      throw new WembedError('invalid_argument', `${name} must be whole numbers, got ${shown(value)} at index ${i}`);
    }
    if (number < 0 || number > 0xffffffff) {
      throw new WembedError('id_out_of_range', `${name}: ${shown(value)} at index ${i} is out of range`);
    }
    return number;
  });
}

/**
 * Whole numbers of either sign below 2^53, copied.
 * @param {string} name for messages
 * @param {IntegerArray} values
 * @returns {Float64Array}
 */
export function wholeNumbersOf(name, values) {
  const tag = tagOf(values);
  if (tag === undefined && !Array.isArray(values)) {
    throw new WembedError('invalid_argument', `${name} must be an array of whole numbers, got ${shown(values)}`);
  }
  const source = tag === undefined ? values : plainArray(/** @type {Int32Array} */ (values));
  return copyOf(Float64Array, /** @type {ArrayLike<number | bigint>} */ (source), (value, i) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (Number.isSafeInteger(number)) return number;
    const what = `${name} must be whole numbers below 2^53, got ${shown(value)} at index ${i}`;
    throw new WembedError('invalid_argument', what);
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
 * Numbers as f64, copied.
 * @param {string} name for messages
 * @param {ArrayLike<number>} values an array, or a typed array of numbers
 * @returns {Float64Array}
 */
export const doublesOf = (name, values) => numbersOf(Float64Array, name, values);

/**
 * @template {Float32Array | Float64Array} T
 * @param {{ new (length: number): T, new (values: ArrayLike<number>): T }} Type
 * @param {string} name
 * @param {ArrayLike<number>} values
 * @returns {T} a copy
 */
function numbersOf(Type, name, values) {
  const tag = tagOf(values);
  if (tag !== undefined && !tag.startsWith('Big')) {
    return allocated(
      lengthOf(/** @type {Float64Array} */ (values)),
      () => new Type(plainArray(/** @type {any} */ (values))),
    );
  }
  if (!Array.isArray(values)) {
    throw new WembedError('invalid_argument', `${name} must be an array of numbers, got ${shown(values)}`);
  }
  return copyOf(Type, values, (value, i) => {
    if (typeof value === 'number') return value;
    throw new WembedError('invalid_argument', `${name} must be numbers, got ${shown(value)} at index ${i}`);
  });
}

/**
 * Copies an array whose length may be a lie, each element read once: room grows with what has been read.
 * @template {Uint32Array | Float32Array | Float64Array} T
 * @param {{ new (length: number): T }} Type
 * @param {ArrayLike<any>} values
 * @param {(value: any, i: number) => number} check
 * @returns {T}
 */
function copyOf(Type, values, check) {
  const length = count('the length of an array', values.length);
  let copy = new Type(Math.min(length, FIRST_ROOM));
  for (let i = 0; i < length; i++) {
    const value = check(values[i], i); // may run the caller's code: nothing is held over it but the copy
    if (i === copy.length) {
      const longer = allocated(2 * i, () => new Type(Math.min(length, 2 * i)));
      longer.set(copy);
      copy = longer;
    }
    copy[i] = value;
  }
  return copy;
}

/**
 * Copies an array of texts, each read once.
 * @param {string} call for messages
 * @param {unknown} texts
 * @returns {string[]}
 */
export function textsOf(call, texts) {
  if (!Array.isArray(texts)) {
    throw new WembedError('invalid_argument', `${call} takes a string or an array of strings, got ${shown(texts)}`);
  }
  const length = count('the length of an array', texts.length);
  /** @type {string[]} */
  const copy = [];
  for (let i = 0; i < length; i++) {
    const text = texts[i];
    if (typeof text !== 'string') {
      throw new WembedError('invalid_argument', `text ${i} must be a string, got ${typeof text}`);
    }
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
  if (tagOf(into) !== 'Float32Array') {
    throw new WembedError('invalid_argument', `into must be a Float32Array, got ${shown(into)}`);
  }
  const room = lengthOf(into);
  if (room < length) throw new WembedError('shape_mismatch', `into has ${room} numbers, the result ${length}`);
  return room === length ? into : partOf(into, 0, length);
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
  throw new WembedError(
    'invalid_argument',
    `${name} must be a whole number from ${least} to ${most}, got ${shown(value)}`,
  );
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {number} neither NaN nor infinite
 */
export function finite(name, value) {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new WembedError('invalid_argument', `${name} must be a finite number, got ${shown(value)}`);
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {number} above 0 and finite
 */
export function positive(name, value) {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw new WembedError('invalid_argument', `${name} must be a finite number above 0, got ${shown(value)}`);
}

/**
 * @param {string} name for messages
 * @param {unknown} value
 * @returns {boolean}
 */
export function flag(name, value) {
  if (typeof value === 'boolean') return value;
  throw new WembedError('invalid_argument', `${name} must be true or false, got ${shown(value)}`);
}

/**
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 */
export function signalOf(signal) {
  const { aborted, addEventListener } = Object(signal);
  if (signal === undefined || (typeof aborted === 'boolean' && typeof addEventListener === 'function')) {
    return /** @type {AbortSignal | undefined} */ (signal);
  }
  throw new WembedError('invalid_argument', `signal must be an AbortSignal, got ${shown(signal)}`);
}

/**
 * A caller's function: what it throws comes out of the call as it is, whatever handles errors on the way.
 * @template {(...args: any[]) => void} F
 * @param {string} name for messages
 * @param {F | undefined} callback
 * @returns {{ call: F | undefined, rethrow: () => void }} `rethrow` throws what the function has thrown, if it has
 */
export function callbackOf(name, callback) {
  if (callback !== undefined && typeof callback !== 'function') {
    throw new WembedError('invalid_argument', `${name} must be a function, got ${shown(callback)}`);
  }
  /** @type {{ error: unknown } | undefined} */
  let thrown;
  const call = (/** @type {any[]} */ ...args) => {
    try {
      callback?.(...args);
    } catch (error) {
      thrown ??= { error };
      throw error;
    }
  };
  return {
    call: callback && /** @type {F} */ (call),
    rethrow() {
      if (thrown) throw thrown.error;
    },
  };
}
