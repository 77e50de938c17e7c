// Objects that this library has made, given back to it as arguments.
import { WembedError, isRevoked } from './errors.js';

/**
 * Whether a property can be read. Of a Proxy of an object with private fields, or of one that Object.create made from it,
 * it cannot.
 * @param {unknown} value
 * @param {string} name of a property that is read from private fields
 */
export function canRead(value, name) {
  try {
    Reflect.get(Object(value), name);
    return true;
  } catch (error) {
    return error instanceof WembedError; // a disposed object says so itself, when it is used
  }
}

/**
 * `instanceof` of a class of this library: false for what only has its prototype.
 * @template T
 * @param {unknown} value
 * @param {Function & { prototype: T }} Type
 * @param {string} name of a property that Type reads from private fields
 * @returns {value is T}
 */
export const isOwn = (value, Type, name) => !isRevoked(value) && value instanceof Type && canRead(value, name);

/**
 * What writes vectors of texts where an index keeps them, for objects that encode texts: the numbers of their `encode`, of
 * length 1, (texts.length, dimensions) f32, at an address in the core's memory. True: it does, and all are finite; otherwise
 * it cannot.
 * @type {WeakMap<object, (texts: readonly string[], dimensions: number, address: number) => boolean | undefined>}
 */
export const vectorWriters = /* @__PURE__ */ new WeakMap();
