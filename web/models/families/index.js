import { CLASS_DEFAULTS } from './class_defaults.js';
import { FAMILIES } from './families.js';
import { isObeyed } from './obeyed.js';
import { byType, rotaryFactsOf } from './rotary_families.js';

export { FAMILIES };

/** @typedef {import('./family.js').ModelFamily} ModelFamily */

/** What may stand before a family's names: the classes of transformers nest their modules differently. */
export const PREFIXES = [
  ...['', 'model.', 'transformer.', 'model.decoder.', 'decoder.', 'gpt_neox.'],
  ...['bert.', 'roberta.', 'distilbert.', 'electra.', 'albert.', 'mpnet.', 'deberta.', 'longformer.', 'ernie.'],
  ...['data2vec_text.', 'visual_bert.', 'nomic_bert.', 'convbert.', 'backbone.'],
  ...['thinker.model.', 'model.language_model.model.', 'language_model.model.', 'language_model.', 'model.language_model.', 'model.text_model.'],
];

/** Types whose text model is a whole language model inside: its own config ties its ends. */
const WHOLE_INSIDE = ['blip-2', 'instructblip', 'instructblipvideo'];

/** Parts of a checkpoint that are no text model. */
export const OTHER_TOWERS = /(^|[._])(vision|visual|audio|image|video|speech|codec|talker|qformer|detr|geometry|vit)[._]/;

/** The model types that are known, for messages. */
export const familyNames = () => Object.keys(FAMILIES).join(', ');

/**
 * @param {unknown} modelType `model_type` of a config.json
 * @returns {ModelFamily | undefined} undefined for one that is not known
 */
export const familyOf = (modelType) =>
  typeof modelType === 'string' && Object.hasOwn(FAMILIES, modelType) ? FAMILIES[modelType] : undefined;

const others = /* @__PURE__ */ byType(CLASS_DEFAULTS);

/**
 * What a config.json may leave out, as transformers' class for it has it.
 * @param {unknown} modelType
 * @returns {import('./family.js').ClassDefaults | undefined} undefined for a type that has no class there
 */
export function classDefaults(modelType) {
  const own = others(modelType);
  if (!own) return undefined;
  // The type of the text model inside is the class's or the family's: of the latter nothing is said here.
  const { rotary, defaults, text, insideOnly, ...facts } = rotaryFactsOf(modelType) ?? {};
  return { ...facts, ...(text && !familyOf(modelType)?.text ? { text } : {}), ...own };
}

/** @returns {Map<string, string>} general.architecture of a GGUF file → `model_type` */
export const ggufArchitectures = () =>
  new Map(
    Object.entries(FAMILIES).flatMap(([modelType, { gguf }]) =>
      (gguf?.architectures ?? []).map((architecture) => /** @type {[string, string]} */ ([architecture, modelType])),
    ),
  );

/** The text model's own config ties its ends, whatever the one around it says. */
export const TIED_INSIDE = 'tied inside';

/**
 * Whether the ends of a text model are tied, of which its own config and the one around it may speak.
 * @param {import('../settings.js').Values} json
 * @param {import('../settings.js').Values} inner
 * @param {unknown} innerType
 * @returns {import('../settings.js').Values} settings of the text model
 */
function tiesOf(json, inner, innerType) {
  const outer = classDefaults(json.model_type);
  const whole = WHOLE_INSIDE.includes(/** @type {string} */ (json.model_type));
  const tied = json.tie_word_embeddings ?? (outer ? (outer.tie_word_embeddings ?? false) : inner.tie_word_embeddings);
  const tiedInside = inner.tie_word_embeddings ?? (whole && classDefaults(innerType)?.tie_word_embeddings);
  return {
    ...(tied == null ? {} : { tie_word_embeddings: tied }),
    ...(tiedInside === true ? { [TIED_INSIDE]: true } : {}),
  };
}

/** All that is known of model types. @type {import('./family.js').Facts} */
export const FACTS = { familyOf, classDefaults, isObeyed, tiesOf };
