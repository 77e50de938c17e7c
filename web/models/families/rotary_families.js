import { isObeyedByRotary } from './obeyed.js';
import { ROTARY_FACTS, STILL_TYPES } from './rotary_facts.js';

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
 * What is known of a model type.
 * @param {unknown} modelType
 * @returns {RotaryFacts | undefined}
 */
export function rotaryFactsOf(modelType) {
  const facts = factsOf(modelType);
  return facts?.text === '*_text' ? { ...facts, text: `${modelType}_text` } : facts;
}

const positionsOf = /* @__PURE__ */ byType(STILL_TYPES);

/** How positions reach a model whose queries do not turn. @type {Readonly<Record<string, string>>} */
const INSTEAD = {
  learned: 'it has learned a vector for each',
  waves: 'it adds waves to its tokens',
  alibi: 'attention scores fall with distance (ALiBi)',
  relative: 'attention scores depend on how far tokens are apart',
  convolution: 'a convolution over neighbours stands for them',
  none: 'nothing stands for them',
};

/**
 * @param {unknown} modelType
 * @returns {{ rotary: import('./family.js').RotaryFamily, yields: true } | undefined} what says that its queries do not turn
 */
function stillFamily(modelType) {
  const kind = positionsOf(modelType);
  return kind ? { yields: true, rotary: { why: `(a ${modelType}) has no rotary positions: ${INSTEAD[kind]}` } } : undefined;
}

/**
 * As much of what is known of model types as rotary positions need.
 * @type {import('./family.js').Facts}
 */
export const ROTARY_FAMILIES = {
  familyOf: (modelType) => /** @type {any} */ (rotaryFactsOf(modelType)?.rotary ? rotaryFactsOf(modelType) : stillFamily(modelType)),
  classDefaults: rotaryFactsOf,
  isObeyed: isObeyedByRotary,
};
