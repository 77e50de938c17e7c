// TypeDoc needs TypeScript's JavaScript interface, which TypeScript 7 does not have: it gets version 6 under the same name.
export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript-6' : name, context);
