import { count, mustBe } from '../core/arguments.js';
import { positive } from '../core/numbers.js';
import { WembedError, shown } from '../core/errors.js';
import { SCALED_SHARE } from './families/obeyed.js';
import { SHARE, WITHOUT_QUERIES, fullAndSliding, isPlain, kindOf } from './families/rotary_rules.js';
import { isValues } from './settings.js';

/** @typedef {import('./settings.js').Values} Values */
/** @typedef {import('../nn/rotary.js').RotarySettings} RotarySettings */
/** @typedef {import('../nn/rotary.js').RopeScaling} RopeScaling */

/**
 * @param {import('./settings.js').Settings} settings
 * @param {import('./families/family.js').RotaryFamily} rotary
 * @returns {string | undefined} why no queries turn in a model with these settings, as the end of a sentence
 */
export function whyStill(settings, { when }) {
  if (!when) return undefined;
  const [name, turning, usual] = when;
  const value = settings.get(name) ?? usual;
  return value === turning ? undefined : `has no rotary positions: its ${name} is ${value === undefined ? 'left out' : shown(value)}`;
}

/** Scaling settings that are numbers above 0. */
const NUMBERS = /** @type {const} */ ([
  ...['factor', 'attention_factor', 'low_freq_factor', 'high_freq_factor', 'partial_rotary_factor'],
  ...['beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim'],
]);

/** Of these 0 means the same as nothing. */
const NONE_IF_ZERO = ['beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim'];

/**
 * What a config says of rotary positions: the `rope_scaling` form and the newer `rope_parameters`, and what GPT-NeoX,
 * GPT-J, Gemma 3 and ModernBERT call theirs. It is read when it is asked for: a model's embedding can be used whatever
 * these settings are.
 */
export class RopeConfig {
  #settings;
  #rotary;
  #interleaved;

  /**
   * @param {import('./settings.js').Settings} settings
   * @param {import('./families/family.js').RotaryFamily} [rotary] what the model class adds; default: nothing
   * @param {boolean} [interleaved] default: as the model class has it
   */
  constructor(settings, rotary = {}, interleaved) {
    const own = rotary.interleaved ?? false;
    this.#settings = settings;
    this.#rotary = rotary;
    this.#interleaved = interleaved ?? (typeof own === 'function' ? own(settings) : own);
  }

  /** @returns {string[]} types of layers that have parameters of their own; none where all layers are alike */
  get layerTypes() {
    return Object.keys(this.#byType() ?? {});
  }

  /** The type meant where none is named: full_attention, or the only one that the layers have. @returns {string | undefined} */
  get usualType() {
    const types = this.layerTypes;
    if (this.#rotary.usual && types.includes(this.#rotary.usual)) return this.#rotary.usual;
    const used = [...new Set(this.#settings.texts('layer_types'))];
    return types.find((each) => each === 'full_attention') ?? (used.length === 1 ? types.find((each) => each === used[0]) : undefined);
  }

  /**
   * @param {string} [layerType] where layers differ
   * @returns {RotarySettings}
   */
  of(layerType) {
    const settings = this.#settings;
    if (layerType !== undefined && typeof layerType !== 'string') throw mustBe('layerType', 'a string', layerType);
    const why = this.#rotary.why ?? whyStill(settings, this.#rotary);
    if (why) throw new WembedError('unsupported', `this model ${why}`);
    if (layerType !== undefined && this.#still.includes(layerType)) throw doNotTurn(layerType);
    const found = this.#parametersOf(layerType);
    const grows = this.#rotary.growsByAlpha && kindOf(found) === 'dynamic' && found.alpha;
    const rope = grows ? { ...found, rope_type: 'default' } : found;
    const type = kindOf(rope);
    const trained = this.#rotary.trained?.(settings) ?? settings.get('max_position_embeddings');
    // transformers looks for these two beside the parameters of all layers, not beside those by type of layer.
    const isByType = this.#rotary.copied || this.layerTypes.length > 0;
    const beside = isByType ? undefined : settings.get('original_max_position_embeddings');
    const original = beside ?? rope.original_max_position_embeddings ?? trained;
    const dims = this.#dims(rope, layerType);
    const theta =
      this.#thetaOfLayers() ?? this.#overClass(layerType) ?? this.#byParameters(rope) ?? rope.rope_theta ?? settings.get('rope_theta', 'rotary_emb_base') ?? this.#classTheta(layerType) ?? 10000;
    return {
      type: typeof type === 'string' ? type : shown(type),
      theta: positive('rope_theta', theta) * (grows ? growth(positive('alpha', rope.alpha), dims.rotaryDim) : 1),
      ...dims,
      ...{ interleaved: this.#interleaved, ...(this.#rotary.reversed ? { reversed: true } : {}) },
      maxPositions: numberOf(trained),
      originalPositions: numberOf(original),
      scaling: scalingOf({ ...rope, ...(isByType ? { truncate: undefined } : {}), [SHARE]: this.#share(rope) }),
    };
  }

  /** The base that all layers have which turn. @returns {unknown} undefined where the config has none by layer */
  #thetaOfLayers() {
    const { thetas } = this.#rotary;
    const given = thetas && this.#settings.get(thetas);
    if (!Array.isArray(given)) return undefined;
    const used = [...new Set(given.filter((theta) => theta))];
    if (used.length < 2) return used[0];
    throw new WembedError('unsupported', `this model's layers turn by ${used.length} bases: ${used.slice(0, 4).map(shown).join(', ')}`);
  }

  /** Types of layer that have no queries, or leave them as they are. */
  get #still() {
    return [...WITHOUT_QUERIES, ...(this.#rotary.still?.(this.#settings) ?? [])];
  }

  /** @returns {Values} the class's own rope parameters, of all layers or by type of layer */
  get #class() {
    return /** @type {Values} */ (this.#settings.default('rope_parameters') ?? {});
  }

  /** @returns {Values} the rope parameters that the config gives, of all layers or by type of layer; else its class's */
  #parameters() {
    const given = this.#given();
    return given ?? (this.#rotary.layers && isNested(this.#class) ? {} : this.#class);
  }

  /**
   * A base that a file gives alone counts before the class's own parameters, but for near layers.
   * @param {string | undefined} layerType
   * @returns {unknown}
   */
  #overClass(layerType) {
    const own = this.#rotary.baseCounts && this.#given() === undefined && !layerType?.includes('sliding');
    return own ? (this.#settings.given('rope_theta') ?? undefined) : undefined;
  }

  /**
   * @param {Values} rope
   * @returns {unknown} the base, of classes whose own one holds only where a file gives no parameters at all
   */
  #byParameters(rope) {
    if (!this.#rotary.baseInParameters) return undefined;
    if (this.#given() === undefined) return this.#settings.default('rope_theta');
    return rope.rope_theta ?? this.#settings.given('rope_theta') ?? 10000;
  }

  /**
   * The class's base where a file gives parameters without one.
   * @param {string | undefined} layerType
   * @returns {unknown}
   */
  #classTheta(layerType) {
    const usual = this.#settings.default('default_theta');
    if (usual !== undefined) return usual;
    const own = layerType === undefined ? undefined : this.#class[layerType];
    return isValues(own) ? own.rope_theta : this.#class.rope_theta;
  }

  /** @returns {Values | undefined} */
  #given() {
    if (this.#rotary.baseAlone) return undefined;
    const scaling = this.#rotary.noScaling ? undefined : (this.#settings.given('rope_scaling') ?? undefined);
    // The older form counts before the newer one where it says anything.
    const older = scaling !== undefined && !(isValues(scaling) && Object.keys(scaling).length === 0);
    const parameters = older ? scaling : (this.#settings.given('rope_parameters') ?? undefined);
    if (parameters === undefined || isValues(parameters)) return parameters;
    throw new WembedError('invalid_argument', `rope parameters must be an object, got ${shown(parameters)}`);
  }

  /**
   * Nested parameters, or as files from before transformers 5 imply them.
   * @returns {Record<string, Values | null> | undefined} undefined where all layers are alike; null for a type that does
   *   not turn
   */
  #byType() {
    const given = this.#parameters();
    if (this.#rotary.layers) return this.#rotary.layers(this.#settings, given);
    const nested = Object.keys(given).filter((key) => isValues(given[key]));
    const types = this.#settings.texts('layer_types');
    const still = Object.keys(given).filter((key) => given[key] === null && types.includes(key));
    if (nested.length > 0) {
      return Object.fromEntries([...nested, ...still].map((key) => [key, /** @type {Values | null} */ (given[key])]));
    }
    if (this.#rotary.nested && this.#given() !== undefined) {
      throw new WembedError('unsupported', 'this model needs rope parameters by type of layer, and its config has them for all');
    }
    const near = this.#settings.given('rope_local_base_freq') !== undefined;
    return near ? fullAndSliding(this.#settings) : undefined;
  }

  /**
   * @param {string | undefined} layerType
   * @returns {Values}
   */
  #parametersOf(layerType) {
    const byType = this.#byType();
    if (!byType) return this.#parameters();
    const types = Object.keys(byType);
    if (layerType === undefined || !types.includes(layerType)) {
      const what = `this config has rope parameters for ${types.join(', ')}: layerType must be one of them`;
      throw new WembedError('invalid_argument', `${what}, got ${shown(layerType)}`);
    }
    const own = byType[layerType];
    if (own === null) throw doNotTurn(layerType);
    return own;
  }

  /**
   * @param {Values} rope
   * @param {string | undefined} layerType
   */
  #dims(rope, layerType) {
    const settings = this.#settings;
    const latent = this.#rotary.trailing ? undefined : settings.get('qk_rope_head_dim');
    const own = latent ?? this.#headDimOf(layerType) ?? settings.get('head_dim');
    const size = own ?? this.#headSize();
    if (Number.isNaN(size)) {
      const what = 'rotary positions need head_dim, or hidden_size and num_attention_heads: the config has neither';
      throw new WembedError('invalid_argument', what);
    }
    const headDim = count('head_dim', size, { least: 1 });
    const turned = this.#rotary.whole ? headDim : headDim * this.#share(rope);
    const whole = kindOf(rope) === 'proportional' ? headDim : Math.floor(turned);
    if (this.#rotary.trailing) return { headDim: whole, rotaryDim: count('qk_rope_head_dim', whole, { least: 1 }) };
    const byShare = this.#rotary.byShare || rope[SHARE] != null || settings.given(SHARE) != null;
    const given = byShare ? undefined : settings.get('rotary_dim');
    return { headDim, rotaryDim: count('rotary_dim', given ?? whole, { least: 1 }) };
  }

  /**
   * @param {Values} rope
   * @returns {number} the share of a head that turns
   */
  #share(rope) {
    const settings = this.#settings;
    const plain = isPlain(rope);
    if (plain && settings.given(SCALED_SHARE) !== undefined) return 1;
    const given = rope[SHARE] ?? settings.get(SHARE, 'rotary_pct') ?? settings.get(SCALED_SHARE);
    return positive(SHARE, given ?? (plain ? (this.#rotary.plainShare ?? 1) : 1));
  }

  /**
   * Gemma 4's full-attention layers have wider heads.
   * @param {string | undefined} layerType
   * @returns {unknown}
   */
  #headDimOf(layerType) {
    if (layerType === undefined) return undefined;
    const layers = this.#settings.get('per_layer_config');
    const first = this.#settings.texts('layer_types').indexOf(layerType);
    const layer = first >= 0 && layers ? /** @type {Values} */ (layers)[first] : undefined;
    if (isValues(layer) && layer.head_dim != null) return layer.head_dim;
    const wide = layerType === 'full_attention' ? this.#settings.get('global_head_dim') : undefined;
    if (this.#settings.given('per_layer_config') !== undefined) return wide;
    return wide ?? /** @type {Values} */ (this.#settings.default('head_dims') ?? {})[layerType];
  }

  /** @returns {number} NaN where it is not to be had */
  #headSize() {
    const [size, heads] = [
      this.#settings.get('hidden_size', 'n_embd'),
      this.#settings.get('num_attention_heads', 'n_head'),
    ];
    return typeof size === 'number' && typeof heads === 'number' ? (size / heads) * (this.#rotary.twofold ? 2 : 1) : NaN;
  }
}

/**
 * What NTK scaling multiplies a base by.
 * @param {number} alpha
 * @param {number} dim
 */
const growth = (alpha, dim) => alpha ** (dim / (dim - 2));

/** @param {string} layerType */
const doNotTurn = (layerType) =>
  new WembedError('invalid_argument', `this config's layers of type ${layerType} do not turn`);

/** @param {Values} parameters @returns {boolean} whether they differ by type of layer */
const isNested = (parameters) => Object.values(parameters).some(isValues);

/**
 * @param {unknown} value checked by the rules that need it
 * @returns {number | undefined}
 */
const numberOf = (value) => (typeof value === 'number' ? value : undefined);

/**
 * @param {Values} rope
 * @returns {RopeScaling}
 */
function scalingOf(rope) {
  /** @type {RopeScaling} */
  const scaling = { short_factor: listOf(rope.short_factor), long_factor: listOf(rope.long_factor) };
  for (const name of NUMBERS) {
    const value = rope[name];
    const none = value == null || (value === 0 && NONE_IF_ZERO.includes(name));
    if (!none) scaling[name] = positive(name, value);
  }
  if (typeof rope.truncate === 'boolean') scaling.truncate = rope.truncate;
  return scaling;
}

/**
 * @param {unknown} value
 * @returns {number[] | undefined} its numbers are checked where they are used
 */
const listOf = (value) => (Array.isArray(value) ? value : undefined);
