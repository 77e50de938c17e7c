import { count, flag, optionsOf, positive } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { RotaryPositions as Rotary } from '../nn/rotary.js';
import { textConfig } from './families/families.js';

/**
 * Model types whose pairs are neighbours, as GPT-J's. DeepSeek V3's own code also reorders what it turns, of queries and
 * keys alike, so that their products are these.
 */
const INTERLEAVED = [
  'gptj',
  'codegen',
  'cohere',
  'cohere2',
  'glm',
  'glm4',
  'ernie4_5',
  'ernie4_5_moe',
  'helium',
].concat('deepseek_v2', 'deepseek_v3', 'llama4_text');

/** The share of a head that turns, by model type, where a config does not say. @type {Map<unknown, number>} */
const SHARES = new Map(
  Object.entries({ phi: 0.5, persimmon: 0.5, nemotron: 0.5, glm: 0.5, glm4: 0.5, stablelm: 0.25, gpt_neox: 0.25 }),
);

/**
 * @typedef {object} RotaryOptions
 * @property {boolean} [interleaved] true: number 2i of a head turns with 2i + 1; false: i with i + rotaryDim / 2. Default: as
 *   the config's model type has it in transformers (neighbours in GPT-J, Cohere and GLM, halves in most)
 * @property {string} [layerType] where layers differ ('full_attention', 'sliding_attention' in Gemma 3): which type
 */

/**
 * Rotary positions (Su et al. 2021) as a model's config.json has them.
 * @example
 * const rotary = RotaryPositions.fromConfig({ head_dim: 64, rope_theta: 10000 });
 * rotary.rotate(new Float32Array(2 * 64), { positions: [0, 1] });
 */
export class RotaryPositions extends Rotary {
  /**
   * Reads a config.json's rope parameters: the `rope_scaling` form and the newer `rope_parameters`, and what GPT-NeoX,
   * GPT-J, Gemma 3 and ModernBERT call theirs.
   * @param {any} config parsed
   * @param {RotaryOptions} [options]
   * @returns {RotaryPositions}
   */
  static fromConfig(config, options) {
    return RotaryPositions.from(rotaryFromConfig(config, options));
  }

  /**
   * The types of layers that a config has rope parameters of their own for, as `layerType` takes them.
   * @param {any} config parsed
   * @returns {string[]} none where all layers are alike
   */
  static layerTypes(config) {
    return layerTypes(config);
  }
}

/**
 * @param {any} config
 * @returns {string[]}
 */
export function layerTypes(config) {
  return Object.keys(parametersByType(textConfig(checkedConfig(config))) ?? {});
}

/**
 * @param {any} config
 * @param {RotaryOptions} [options]
 * @returns {import('../nn/rotary.js').RotarySettings}
 */
export function rotaryFromConfig(config, options) {
  const { interleaved, layerType } = optionsOf('fromConfig', options, ['interleaved', 'layerType']);
  config = textConfig(checkedConfig(config));
  const scaling = parametersOf(config, layerType);
  const neighbours = interleaved ?? config.rope_interleaved ?? INTERLEAVED.includes(config.model_type);
  return {
    type: scaling.rope_type ?? scaling.type ?? 'default',
    theta: positive('rope_theta', scaling.rope_theta ?? config.rope_theta ?? config.rotary_emb_base ?? 10000),
    ...dimsOf(config, scaling, layerType),
    maxPositions: config.max_position_embeddings,
    originalPositions:
      config.original_max_position_embeddings ??
      scaling.original_max_position_embeddings ??
      config.max_position_embeddings,
    scaling,
    interleaved: flag('interleaved', neighbours),
  };
}

/** @param {any} config */
function checkedConfig(config) {
  if (isPlain(config)) return config;
  throw new WembedError('invalid_argument', `a config must be an object, got ${shown(config)}`);
}

const hiddenSize = (/** @type {any} */ config) => config.hidden_size ?? config.n_embd;
const heads = (/** @type {any} */ config) => config.num_attention_heads ?? config.n_head;
const headSize = (/** @type {any} */ config) => {
  const [size, n] = [hiddenSize(config), heads(config)];
  return typeof size === 'number' && typeof n === 'number' ? size / n : NaN;
};

/**
 * @param {any} config
 * @param {any} scaling
 * @param {string | undefined} layerType
 */
function dimsOf(config, scaling, layerType) {
  const own = config.qk_rope_head_dim ?? headDimOf(config, layerType) ?? config.head_dim;
  const headDim = count('head_dim', own ?? headSize(config), { least: 1 });
  const share = scaling.partial_rotary_factor ?? config.partial_rotary_factor ?? config.rotary_pct;
  const turned = headDim * positive('partial_rotary_factor', share ?? SHARES.get(config.model_type) ?? 1);
  const whole = scaling.rope_type === 'proportional' ? headDim : Math.floor(turned);
  const rotaryDim = count('rotary_dim', config.rotary_dim ?? whole, { least: 1 });
  return { headDim, rotaryDim };
}

/**
 * Gemma 4's full-attention layers have wider heads.
 * @param {any} config
 * @param {string | undefined} layerType
 */
function headDimOf({ layer_types: types, per_layer_config: layers, global_head_dim: global }, layerType) {
  const first = Array.isArray(types) && layerType !== undefined ? types.indexOf(layerType) : -1;
  return layers?.[first]?.head_dim ?? (layerType === 'full_attention' ? global : undefined);
}

/**
 * @param {any} config
 * @param {string | undefined} layerType
 */
function parametersOf(config, layerType) {
  const byType = parametersByType(config);
  if (!byType) return ropeOf(config);
  const types = Object.keys(byType);
  if (layerType === undefined || !types.includes(layerType)) {
    const what = `this config has rope parameters for ${types.join(', ')}: layerType must be one of them`;
    throw new WembedError('invalid_argument', `${what}, got ${shown(layerType)}`);
  }
  if (byType[layerType] !== null) return byType[layerType];
  throw new WembedError('invalid_argument', `this config's layers of type ${layerType} do not turn`);
}

/** @param {any} config */
function ropeOf(config) {
  const parameters = config.rope_parameters ?? config.rope_scaling ?? {};
  if (isPlain(parameters)) return parameters;
  throw new WembedError('invalid_argument', `rope parameters must be an object, got ${shown(parameters)}`);
}

/** @param {unknown} value */
const isPlain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Rope parameters by type of layer: nested, or as files from before transformers 5 imply them.
 * @param {any} config
 * @returns {Record<string, any> | undefined} undefined where all layers are alike; null for a type that does not turn
 */
function parametersByType(config) {
  const given = ropeOf(config);
  const nested = Object.keys(given).filter((key) => isPlain(given[key]));
  const types = Array.isArray(config.layer_types) ? config.layer_types : [];
  const still = Object.keys(given).filter((key) => given[key] === null && types.includes(key));
  if (nested.length > 0) return Object.fromEntries([...nested, ...still].map((key) => [key, given[key]]));
  const { model_type: model, rope_theta: theta, rope_local_base_freq: near } = config;
  if (near !== undefined || model === 'gemma3_text') {
    const full = { rope_theta: theta ?? 1e6, ...given };
    return { full_attention: full, sliding_attention: { rope_theta: near ?? 10000 } };
  }
  if (model === 'modernbert') {
    const far = config.global_rope_theta ?? 160000;
    const local = config.local_rope_theta === undefined ? 10000 : (config.local_rope_theta ?? far);
    return {
      full_attention: { rope_theta: far, ...given },
      sliding_attention: { rope_theta: local, ...given },
    };
  }
  return model === 'olmo3' ? { full_attention: given, sliding_attention: {} } : undefined;
}
