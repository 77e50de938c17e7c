// Calls every public member with random arguments: right, wrong, borderline and hostile ones. After each call a canary is
// asked: the library must still give the same bits.

/** Thrown by hostile arguments: a call must pass it on unchanged. */
export class CallersError extends Error {}

/** mulberry32. @param {number} seed */
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @template T
 * @param {() => number} random
 * @param {readonly T[]} values
 * @returns {T}
 */
export const pick = (random, values) => values[Math.floor(random() * values.length)];

/** @returns {never} */
function refuse() {
  throw new CallersError('thrown by an argument');
}

class OddFloats extends Float32Array {
  /** @returns {never} */
  set() {
    return refuse();
  }
  /** @returns {never} */
  subarray() {
    return refuse();
  }
  /** @returns {never} */
  slice() {
    return refuse();
  }
}

/** @param {any} [array] */
function detached(array = new Float32Array(8)) {
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** An array whose buffer has become too short for it. */
function shrunk() {
  const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
  const array = new Float32Array(buffer, 16, 4);
  buffer.resize(8);
  return array;
}

/** @param {object} target @param {string | number} key @param {() => unknown} get */
const withGetter = (target, key, get) =>
  Object.defineProperty(target, key, { get, enumerable: true, configurable: true });

/**
 * A Proxy of which nothing can be read any more.
 * @param {object} target
 */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Each makes a new value. @type {(() => any)[]} */
const ODD = [
  ...[null, undefined, true, false, 0, -0, 1, 2, 3, 7, -1, 0.5, NaN, Infinity, -Infinity, 255, 65536, 1e308, 5e-324],
  ...[2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 31), 10n, 2n ** 70n, -1n],
  ...['', 'x', 'a', 'king', 'f32', 'i8', 'sum', 'toString', '__proto__', 'constructor', '\ud800', 'long '.repeat(2000)],
].map((value) => () => value);
ODD.push(
  () => Symbol('s'),
  () => () => 1,
  () => refuse,
  () => ({}),
  () => Object.create(null),
  () => [],
  () => [null],
  () => ['a', 'b'],
  () => [[1, 2], [3]],
  () => [0, 1],
  () => [1, 2, 3, 4],
  () => [2 ** 32, -1, 0.5, NaN],
  () => [1n, 2],
  () => new Array(2 ** 32 - 1),
  () => [0, , 1], // eslint-disable-line no-sparse-arrays
  () => ({ length: 5e8 }),
  () => ({ length: -1, 0: 1 }),
  () => ({ length: 2 ** 53, 0: 1 }),
  () => ({ toString: 1, valueOf: 1 }),
  () => ({ toString: refuse }),
  () => ({ valueOf: refuse, [Symbol.toPrimitive]: refuse }),
  () => ({ [Symbol.iterator]: refuse }),
  () => ({ then: 5 }),
  () => new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse }),
  () => new Proxy([1, 2], { get: refuse }),
  () => new Proxy([1, 2], { get: (target, key) => (key === 'length' ? Infinity : Reflect.get(target, key)) }),
  () => new Proxy([1, 2], { get: (target, key) => (key === 'length' ? 2 ** 31 : Reflect.get(target, key)) }),
  () => revoked({}),
  () => revoked([1, 2]),
  () => revoked(new Float32Array(4)),
  () => revoked(() => 1),
  () => withGetter([0, 1, 0], 1, refuse),
  () => new Date(NaN),
  () => new Map([['a', 1]]),
  () => new Set([1]),
  () => Promise.resolve(1),
  () => new Float32Array(0),
  () => Float32Array.of(1, 2, 3, 4),
  () => new Float32Array(1000),
  () => Float32Array.of(NaN, Infinity, -Infinity, 1e38),
  () => new Float64Array(4),
  () => Uint8Array.of(0, 1),
  () => new Uint8ClampedArray(2),
  () => Uint16Array.of(1, 0),
  () => Int8Array.of(-1, 1),
  () => Int32Array.of(-1, 0),
  () => Uint32Array.of(0, 1),
  () => BigInt64Array.of(0n, -1n),
  () => BigUint64Array.of(2n ** 63n),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(16),
  () => new Float32Array(new SharedArrayBuffer(16)),
  () => new Uint32Array(new SharedArrayBuffer(8)),
  () => detached(),
  () => detached(new Uint32Array(4)),
  () => shrunk(),
  () => new OddFloats(4),
  () => Object.defineProperty(new Float32Array(4), 'length', { value: 1e9 }),
  () => Object.defineProperty(new Uint32Array(2), 'length', { get: refuse }),
  () => Object.defineProperty(new Float32Array(4), Symbol.toStringTag, { value: 'Uint32Array' }),
  () => Object.defineProperty([1], Symbol.toStringTag, { value: 'Float32Array' }),
  () => AbortSignal.abort(),
  () => new AbortController().signal,
  () => ({ aborted: false, addEventListener: refuse, removeEventListener: refuse }),
);

/**
 * A value of an unexpected kind.
 * @param {() => number} random
 * @param {World} world
 */
function oddValue(random, world) {
  if (random() < 0.1) return pick(random, world.objects)();
  const odd = pick(random, ODD)();
  return random() < 0.15 ? pick(random, [() => [odd], () => ({ length: 1, 0: odd }), () => [odd, odd]])() : odd;
}

/**
 * @typedef {object} World
 * @property {(() => any)[]} objects the library's own objects, to be taken for something else
 * @property {() => void} reenter calls the library while it is running
 */

/**
 * Changes a valid argument.
 * @param {() => number} random
 * @param {any} good
 * @param {World} world
 * @returns {any}
 */
function changed(random, good, world) {
  if (random() < 0.4) return oddValue(random, world);
  if (Array.isArray(good)) return changedArray(random, good, world);
  if (ArrayBuffer.isView(good)) return oddValue(random, world);
  if (typeof good === 'object' && good !== null && Object.getPrototypeOf(good) === Object.prototype) {
    return changedOptions(random, good, world);
  }
  return oddValue(random, world);
}

/** @param {() => number} random @param {any[]} good @param {World} world */
function changedArray(random, good, world) {
  const copy = [...good];
  const at = Math.floor(random() * copy.length);
  const value = copy[at];
  let reads = 0;
  pick(random, [
    () => (copy[at] = oddValue(random, world)),
    () => delete copy[at],
    () => withGetter(copy, at, refuse),
    () => withGetter(copy, at, () => (world.reenter(), value)),
    () => withGetter(copy, at, () => (reads++ ? oddValue(random, world) : value)),
    () => (copy.length = 2 ** 31),
  ])();
  return copy;
}

/** @param {() => number} random @param {Record<string, any>} good @param {World} world */
function changedOptions(random, good, world) {
  const copy = { ...good };
  const keys = Object.keys(copy);
  const key = keys.length > 0 ? pick(random, keys) : 'into';
  const value = copy[key];
  let reads = 0;
  pick(random, [
    () => (copy[key] = changed(random, value, world)),
    () => (copy[key] = oddValue(random, world)),
    () => delete copy[key],
    () => (copy[`${key}s`] = value),
    () => (copy[pick(random, ['constructor', 'toString', 'x', ''])] = 1),
    () => withGetter(copy, key, refuse),
    () => withGetter(copy, key, () => (world.reenter(), value)),
    () => withGetter(copy, key, () => (reads++ ? oddValue(random, world) : value)),
  ])();
  return copy;
}

/**
 * Arguments for a call: valid ones, some of them changed, or arbitrary ones.
 * @param {() => number} random
 * @param {any[] | undefined} good
 * @param {World} world
 */
export function argumentsFor(random, good, world) {
  const args = good ? [...good] : Array.from({ length: Math.floor(random() * 4) }, () => oddValue(random, world));
  if (good && random() < 0.9) {
    const at = Math.floor(random() * (args.length + 1)); // or one more than it takes
    args[at] = at < args.length ? changed(random, args[at], world) : oddValue(random, world);
  }
  if (random() < 0.05) args.length = Math.floor(random() * args.length);
  return args;
}

/**
 * A class's members as a caller sees them.
 * @param {Function} type
 * @returns {{ statics: string[], methods: (string | symbol)[], getters: string[] }}
 */
export function membersOf(type) {
  const statics = new Set();
  for (let each = type; typeof each === 'function' && each !== Function.prototype; each = Object.getPrototypeOf(each)) {
    Object.getOwnPropertyNames(each).forEach((name) => statics.add(name));
  }
  ['length', 'name', 'prototype'].forEach((name) => statics.delete(name));
  const [methods, getters] = [new Set(), new Set()];
  for (let each = type.prototype; each && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) {
      const { get, value } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(each, key));
      if (get) getters.add(key);
      else if (typeof value === 'function' && key !== 'constructor') methods.add(key);
    }
  }
  return { statics: [...statics], methods: [...methods], getters: [...getters] };
}
