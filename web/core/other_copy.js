// Objects of another copy of this package, given to this one: a second version in a page, or `require` beside `import`.
import { mustBe } from './arguments.js';
import { WembedError } from './errors.js';
import { canRead } from './own.js';

/**
 * Whether another copy of the package has made an object of this class: it has every method and property of the class. It serves
 * where these are all that is used; what lies in its copy's memory is of no use here.
 * @template T
 * @param {unknown} value
 * @param {Function & { prototype: T }} Type
 * @param {string} name of a property that Type reads from private fields
 * @returns {value is T}
 */
export function isOfOtherCopy(value, Type, name) {
  try {
    const members = Object.getOwnPropertyNames(Type.prototype);
    return !(value instanceof Type) && canRead(value, name) && members.every((each) => each in Object(value));
  } catch {
    return false; // a Proxy that is revoked, or whose trap throws
  }
}

/**
 * @param {string} argument
 * @param {string} what it must be
 * @param {unknown} value that is not `isOwn`
 * @param {Function & { prototype: unknown }} Type
 * @param {string} name as of `isOwn`
 * @returns {WembedError} to throw
 */
export const mustBeOwn = (argument, what, value, Type, name) =>
  isOfOtherCopy(value, Type, name)
    ? new WembedError(
        'invalid_argument',
        `${argument} must be ${what} of this copy of wembed: another copy made this one`,
      )
    : mustBe(argument, what, value);
