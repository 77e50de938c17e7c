import { isObeyedByRotary } from './obeyed.js';
import { ROTARY_FACTS } from './rotary_facts.js';

/**
 * What rotary positions need to know of a model type: the settings that its config.json may leave out, and the family's part.
 * @typedef {import('./family.js').ClassDefaults & Partial<Omit<import('./family.js').ModelFamily, 'text'>>} RotaryFacts `rotary`: only where the
 *   type is a family's, not a class's around a text model
 */

/**
 * @template T
 * @param {[types: string, record: T][]} records model types with spaces between, and what they share
 * @returns {(modelType: unknown) => T | undefined} by `model_type`; a table is made when it is first asked for
 */
export function byType(records) {
  /** @type {Map<unknown, T>} */
  let known;
  return (modelType) => {
    known ??= new Map(records.flatMap(([types, each]) => types.split(' ').map((type) => [type, each])));
    return known.get(modelType);
  };
}

/** What is known of a model type. */
export const rotaryFactsOf = /* @__PURE__ */ byType(ROTARY_FACTS);

/**
 * As much of what is known of model types as rotary positions need. A type whose queries do not turn is not known here.
 * @type {import('./family.js').Facts}
 */
export const ROTARY_FAMILIES = {
  familyOf: (modelType) => {
    const facts = rotaryFactsOf(modelType);
    return facts?.rotary && /** @type {import('./family.js').ModelFamily} */ (/** @type {unknown} */ (facts));
  },
  classDefaults: rotaryFactsOf,
  isObeyed: isObeyedByRotary,
};
