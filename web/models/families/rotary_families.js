import { isObeyedByRotary } from './obeyed.js';
import { isValues } from '../settings.js';
import { ROTARY_FACTS, SHORT_NAMES, STILL_TYPES } from './rotary_facts.js';

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

const factsOf = /* @__PURE__ */ byType(ROTARY_FACTS);

/**
 * @param {unknown} facts
 * @returns {unknown} the same with whole names where a letter stands for one
 */
function spelled(facts) {
  if (!isValues(facts)) return facts;
  const whole = (/** @type {string} */ name) => (name[1] ? name : SHORT_NAMES.split(' ')[name.charCodeAt(0) - 97]);
  return Object.fromEntries(Object.entries(facts).map(([name, each]) => [whole(name), spelled(each)]));
}

/**
 * What is known of a model type.
 * @param {unknown} modelType
 * @returns {RotaryFacts | undefined}
 */
export function rotaryFactsOf(modelType) {
  const facts = /** @type {RotaryFacts | undefined} */ (spelled(factsOf(modelType)));
  return facts?.text === '*_text' ? { ...facts, text: `${modelType}_text` } : facts;
}

const stillOf = /* @__PURE__ */ byType(STILL_TYPES);

/**
 * @param {unknown} modelType
 * @returns {{ rotary: import('./family.js').RotaryFamily, yields: true } | undefined} what says that its queries do not turn
 */
function stillFamily(modelType) {
  const type = String(modelType);
  const instead = stillOf(type) ?? stillOf(type.replace(/_text(_model)?$/, ''));
  return instead ? { yields: true, rotary: { why: `(a ${type}) has no rotary positions, ${instead}` } } : undefined;
}

/**
 * As much of what is known of model types as rotary positions need.
 * @type {import('./family.js').Facts}
 */
export const ROTARY_FAMILIES = {
  familyOf: (modelType) => {
    const facts = rotaryFactsOf(modelType);
    const family = facts?.rotary ? facts : stillFamily(modelType);
    return /** @type {import('./family.js').ModelFamily | undefined} */ (/** @type {unknown} */ (family));
  },
  classDefaults: rotaryFactsOf,
  isObeyed: isObeyedByRotary,
};
