import { SCALED_SHARE, knowsShare } from './families/obeyed.js';
import { inTransformersWords } from './families/remote.js';
import { SHARE } from './families/rotary_rules.js';
import { Settings, isValues, plainCopy } from './settings.js';

/** @typedef {import('./families/family.js').Facts} Facts */
/** @typedef {import('./families/family.js').ModelFamily} ModelFamily */
/** @typedef {import('./settings.js').Values} Values */

/** Configs nest their text model's this deep at most. */
const MAX_NESTED = 4;

/**
 * A model of text and images, or sound, has its text model's settings in a config of its own inside, `text_config` in most;
 * older files have them beside the others. Either may say that its ends are tied.
 * @param {Values} json
 * @param {Facts} facts
 * @param {number} [depth]
 * @returns {{ type: unknown, modelType: unknown, given: Values, family: ModelFamily | undefined, around?: unknown }} `type`: whose
 *   class has the defaults; `modelType`: what the file calls it; `around`: the type of the config just around the text model's
 */
function textSettings(json, facts, depth = 0) {
  const { familyOf, classDefaults, tiesOf } = facts;
  const own = familyOf(json.model_type);
  const text = own?.text ?? classDefaults(json.model_type)?.text;
  const [key, usual] = Array.isArray(text) ? text : ['text_config', text];
  const inner = json[key] ?? (text && json.text_config);
  const innerType = isValues(inner) ? (inner.model_type ?? usual) : usual;
  const leads = familyOf(innerType) ?? classDefaults(innerType)?.text;
  if (!leads || depth > MAX_NESTED) return { type: json.model_type, modelType: json.model_type, given: json, family: own };
  if (!isValues(inner)) return { type: innerType, modelType: json.model_type, given: own?.insideOnly ? {} : json, family: own ?? familyOf(innerType) };
  const nested = {
    ...Object.fromEntries((own?.outer ?? []).map((name) => [name, json[name]])),
    ...{ dtype: json.dtype ?? json.torch_dtype, ...classDefaults(json.model_type)?.inner, ...inner, model_type: innerType },
    ...tiesOf?.(json, inner, innerType),
  };
  const found = { around: json.model_type, ...textSettings(nested, facts, depth + 1) };
  return own && !(own.yields && found.family) ? { ...found, family: own } : found;
}

/**
 * The one place where the defaults of a model class come under what its config says. What a config sets to null has none.
 * @param {Values} given
 * @param {unknown} type
 * @param {ModelFamily | undefined} family
 * @param {unknown} around
 * @param {Facts} facts
 * @returns {Settings}
 */
function withDefaults(given, type, family, around, facts) {
  const own = facts.classDefaults(type) ?? {};
  const renamed = obeyed(given, type, around, facts);
  for (const [from, to] of Object.entries(own.names ?? {})) {
    if (Object.hasOwn(given, from) && !Object.hasOwn(given, to)) renamed[to] = given[from];
  }
  const stays = (/** @type {string} */ name) => renamed[name] !== null || ROPES.includes(name);
  const defaults = Object.entries({ ...family?.defaults, ...own }).filter(([name]) => stays(name));
  return new Settings(renamed, Object.fromEntries(defaults));
}

/** Of these, null is the same as nothing. */
const ROPES = ['rope_parameters', 'rope_theta'];

/**
 * What a class of transformers knows of what a config says; of a type that is not known, everything.
 * @param {Values} given
 * @param {unknown} type
 * @param {unknown} around the type of the model around it
 * @param {Facts} facts
 * @returns {Record<string, unknown>}
 */
function obeyed(given, type, around, { familyOf, classDefaults, isObeyed }) {
  if (typeof type !== 'string' || !(familyOf(type) ?? classDefaults(type))) return { ...given };
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => isObeyed(name, type, around)));
  return knowsShare(type) ? known : { ...known, [SCALED_SHARE]: given[SHARE] ?? null };
}

/**
 * @param {unknown} json a config.json, parsed
 * @param {Facts} facts
 * @param {string} [as] model type whose rules hold for one that is not known
 * @returns {{ modelType: unknown, family: ModelFamily | undefined, settings: Settings } | undefined} undefined where it is not
 *   even an object
 */
export function settingsOf(json, facts, as) {
  const copy = plainCopy(json);
  if (!isValues(copy)) return undefined;
  const { type, modelType, given, around, family: found } = textSettings(inTransformersWords(copy), facts);
  const family = found ?? facts.familyOf(as);
  return { modelType, family, settings: withDefaults(given, type, family, around, facts) };
}
