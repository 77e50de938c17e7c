/**
 * The key of the method that `using` calls. Where the engine has no `Symbol.dispose` it is a key of the registry, so that
 * two copies of this package, or a polyfill that takes the same, agree.
 * @type {typeof Symbol.dispose}
 */
export const DISPOSE = Symbol.dispose ?? /** @type {any} */ (Symbol.for('Symbol.dispose'));
