/**
 * @param {import('./family.js').ModelFamily} family
 * @param {string} names of model types, with spaces between
 * @returns {import('./family.js').Families}
 */
export const each = (family, names) => Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, family]));
