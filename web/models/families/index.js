import { BARTS } from './bart.js';
import { BERTS } from './bert.js';
import { CLASS_DEFAULTS } from './class_defaults.js';
import { DECODERS } from './decoders.js';
import { GEMMAS } from './gemma.js';
import { GPTS } from './gpt.js';
import { MAMBAS } from './mamba.js';
import { ROBERTAS } from './roberta.js';
import { T5S } from './t5.js';
import { TEXT_TOWERS } from './text_towers.js';

/** @typedef {import('./family.js').ModelFamily} ModelFamily */

/** Every family there is, by `model_type`. @type {Readonly<Record<string, ModelFamily>>} */
export const FAMILIES = {
  ...BERTS,
  ...ROBERTAS,
  ...DECODERS,
  ...GEMMAS,
  ...GPTS,
  ...BARTS,
  ...T5S,
  ...MAMBAS,
  ...TEXT_TOWERS,
};

/** What may stand before a family's names: the classes of transformers nest their modules differently. */
export const PREFIXES = [
  ...['', 'model.', 'transformer.', 'model.decoder.', 'decoder.', 'gpt_neox.'],
  ...['bert.', 'roberta.', 'distilbert.', 'electra.', 'albert.', 'mpnet.', 'deberta.', 'longformer.', 'ernie.'],
  ...['data2vec_text.', 'visual_bert.', 'nomic_bert.', 'convbert.', 'backbone.'],
  ...['thinker.model.', 'model.language_model.model.', 'language_model.model.', 'language_model.', 'model.language_model.', 'model.text_model.'],
];

/** Types whose text model is a whole language model inside: its own config ties its ends. */
export const WHOLE_INSIDE = ['blip-2', 'instructblip', 'instructblipvideo'];

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

/**
 * What a config.json may leave out, as transformers' class for it has it.
 * @param {unknown} modelType
 * @returns {import('./family.js').ClassDefaults | undefined} undefined for a type that has no class there
 */
export const classDefaults = (modelType) =>
  typeof modelType === 'string' && Object.hasOwn(CLASS_DEFAULTS, modelType) ? CLASS_DEFAULTS[modelType] : undefined;

/** @returns {Map<string, string>} general.architecture of a GGUF file → `model_type` */
export const ggufArchitectures = () =>
  new Map(
    Object.entries(FAMILIES).flatMap(([modelType, { gguf }]) =>
      (gguf?.architectures ?? []).map((architecture) => /** @type {[string, string]} */ ([architecture, modelType])),
    ),
  );
