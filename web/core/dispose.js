/// <reference path="./globals.d.ts" preserve="true" />
/**
 * The key of the method that `using` calls. If the engine has no `Symbol.dispose`, it is a registered symbol, so that
 * two copies of this package, or a polyfill that uses the same symbol, agree.
 * @type {typeof Symbol.dispose}
 */
export const DISPOSE = Symbol.dispose ?? /** @type {typeof Symbol.dispose} */ (Symbol.for('Symbol.dispose'));
