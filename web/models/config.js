import { WembedError, shown } from '../core/errors.js';
import { WHOLE_INSIDE, classDefaults, familyOf } from './families/index.js';
import { RopeConfig } from './rope_config.js';
import { Settings, isValues, plainCopy } from './settings.js';

/** @typedef {import('./families/family.js').ModelFamily} ModelFamily */
/** @typedef {import('./settings.js').Values} Values */

/**
 * What a config.json, or a GGUF file's metadata, says of a transformer's two ends: read once, every value of its type.
 * @typedef {object} ModelConfig
 * @property {string} modelType `model_type` in transformers
 * @property {ModelFamily} family
 * @property {number | undefined} hiddenSize numbers that the first block takes for a token
 * @property {number | undefined} maxPositions
 * @property {number} scale token rows are multiplied by it
 * @property {boolean} learnedPositions the family has a table of positions
 * @property {boolean} normed the family's norm follows
 * @property {boolean} task a task's row is added
 * @property {number | undefined} maskId the id whose rows are zeros, where the family drops tokens
 * @property {number | undefined} paddingId the id without a position of its own
 * @property {number | undefined} normEpsilon
 * @property {boolean | undefined} tied scores are made against the token table; undefined where nothing says so
 * @property {boolean} tiedIfMissing where the files have no table for the scores
 * @property {number} scoreScale scores are multiplied by it
 * @property {number} softcap 0: none
 * @property {string | undefined} activation of a masked language model's head
 * @property {number | undefined} alibiHeads attention heads, where scores fall with distance
 * @property {RopeConfig | undefined} rope undefined where queries and keys do not turn
 */

/** The text model's own config ties its ends, whatever the one around it says. */
const TIED_INSIDE = 'tied inside';

/** Configs nest their text model's this deep at most. */
const MAX_NESTED = 4;

/**
 * A model of text and images, or sound, has its text model's settings in a config of its own inside, `text_config` in most;
 * older files have them beside the others. Either may say that its ends are tied.
 * @param {Values} json
 * @param {number} [depth]
 * @returns {{ type: unknown, modelType: unknown, given: Values, family: ModelFamily | undefined }} `type`: whose class has the
 *   defaults; `modelType`: what the file calls it
 */
function textSettings(json, depth = 0) {
  const own = familyOf(json.model_type);
  const { text } = classDefaults(json.model_type) ?? {};
  const [key, usual] = text ?? ['text_config', undefined];
  const inner = json[key] ?? (text && json.text_config);
  const innerType = isValues(inner) ? (inner.model_type ?? usual) : usual;
  const leads = familyOf(innerType) ?? classDefaults(innerType)?.text;
  if (!leads || depth > MAX_NESTED) return { type: json.model_type, modelType: json.model_type, given: json, family: own };
  if (!isValues(inner)) return { type: innerType, modelType: json.model_type, given: json, family: own ?? familyOf(innerType) };
  const outer = classDefaults(json.model_type);
  const whole = WHOLE_INSIDE.includes(/** @type {string} */ (json.model_type));
  const tied = json.tie_word_embeddings ?? (outer ? (outer.tie_word_embeddings ?? false) : inner.tie_word_embeddings);
  const tiedInside = inner.tie_word_embeddings ?? (whole && classDefaults(innerType)?.tie_word_embeddings);
  const nested = {
    ...{ dtype: json.dtype ?? json.torch_dtype, ...outer?.inner, ...inner, model_type: innerType },
    ...(tied == null ? {} : { tie_word_embeddings: tied }),
    ...(tiedInside === true ? { [TIED_INSIDE]: true } : {}),
  };
  const found = textSettings(nested, depth + 1);
  return own ? { ...found, family: own } : found;
}

/**
 * The one place where the defaults of a model class come under what its config says. What a config sets to null has none.
 * @param {Values} given
 * @param {unknown} type
 * @param {ModelFamily | undefined} family
 * @returns {Settings}
 */
function withDefaults(given, type, family) {
  const own = classDefaults(type) ?? {};
  const renamed = { ...given };
  for (const [from, to] of Object.entries(own.names ?? {})) {
    if (Object.hasOwn(given, from) && !Object.hasOwn(given, to)) renamed[to] = given[from];
  }
  const defaults = Object.entries({ ...family?.defaults, ...own }).filter(([name]) => renamed[name] !== null);
  return new Settings(renamed, Object.fromEntries(defaults));
}

/**
 * @param {unknown} json a config.json, parsed
 * @param {string} [as] model type whose rules hold for one that is not known
 * @returns {{ modelType: unknown, family: ModelFamily | undefined, settings: Settings } | undefined} undefined where it is not
 *   even an object
 */
export function settingsOf(json, as) {
  const copy = plainCopy(json);
  if (!isValues(copy)) return undefined;
  const { type, modelType, given, family: found } = textSettings(copy);
  const family = found ?? familyOf(as);
  return { modelType, family, settings: withDefaults(given, type, family) };
}

/**
 * @param {unknown} json a config.json, parsed
 * @param {string} [as] model type whose rules hold for one that is not known
 * @returns {ModelConfig | undefined} undefined where its model type is not known
 */
export function readConfig(json, as) {
  const { modelType, family, settings } = settingsOf(json, as) ?? {};
  return family && settings && modelConfig(/** @type {string} */ (modelType), family, settings);
}

/**
 * @param {string} modelType
 * @param {ModelFamily} family
 * @param {Settings} settings
 * @param {boolean} [interleaved] how queries and keys turn; default: as the family has it
 * @returns {ModelConfig}
 */
export function modelConfig(modelType, family, settings, interleaved) {
  const { rotary, masked, alibi } = family;
  return {
    modelType,
    family,
    hiddenSize: sizeGiven(settings),
    maxPositions: settings.number('max_position_embeddings', 'n_positions', 'n_ctx'),
    scale: Math.fround(finite('the factor of token rows', family.scale?.(settings) ?? 1)),
    learnedPositions: family.position !== undefined && (family.positioned?.(settings) ?? true),
    paddingId: family.skipsPadding || typeof family.sinusoidal === 'object' ? settings.number('pad_token_id') : undefined,
    normEpsilon: settings.number('layer_norm_eps', 'layer_norm_epsilon', 'norm_eps', 'rms_norm_eps'),
    normed: family.normed?.(settings) ?? true,
    task: family.task !== undefined && settings.flag('use_task_id') === true,
    maskId: family.tokenDropout && settings.flag('token_dropout') ? (settings.number('mask_token_id') ?? -1) : undefined,
    tied: settings.flag('tie_word_embeddings'),
    tiedIfMissing: settings.given(TIED_INSIDE) === true,
    scoreScale: finite('the factor of scores', family.headScale?.(settings) ?? 1),
    softcap: settings.number('final_logit_softcapping', 'logits_soft_cap') ?? 0,
    activation: masked?.activation(settings),
    alibiHeads: alibi?.(settings) ? (settings.number('n_head', 'num_attention_heads') ?? NaN) : undefined,
    rope: rotary && (rotary.when?.(settings) ?? true) ? new RopeConfig(settings, rotary, interleaved) : undefined,
  };
}

/**
 * The size that the file itself says: it is held against the tables' own, which a class's default is not.
 * @param {Settings} settings
 */
function sizeGiven(settings) {
  const name = ['hidden_size', 'n_embd', 'd_model', 'dim'].find((each) => settings.given(each) != null);
  return name === undefined ? undefined : settings.number(name);
}

/**
 * How positions reach a model.
 * @typedef {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null} PositionKind
 */

/**
 * @param {ModelConfig} config
 * @param {boolean} table the model's files have a table of positions
 * @returns {PositionKind}
 */
export function positionKind(config, table) {
  if (table) return 'learned';
  if (config.family.sinusoidal) return 'sinusoidal';
  if (config.alibiHeads !== undefined) return 'alibi';
  return config.rope ? 'rotary' : null;
}

/**
 * @param {string} what
 * @param {number} value
 */
function finite(what, value) {
  if (Number.isFinite(value)) return value;
  throw new WembedError('bad_file', `config.json: ${what} is ${shown(value)}, which is no number`);
}
