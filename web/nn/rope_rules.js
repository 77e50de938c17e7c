// How each of transformers' rope types computes frequencies from its parameters (modeling_rope_utils.py).
import { count } from '../core/arguments.js';
import { positive } from '../core/numbers.js';
import { WembedError, shown } from '../core/errors.js';

/**
 * The scaling of the frequencies, by transformers' names. Each rope type uses some of them.
 * @typedef {object} RopeScaling
 * @property {number} [factor] the ratio of sequence lengths to those of training
 * @property {number | null} [attention_factor] the factor of cos and sin; default: computed
 * @property {number} [low_freq_factor] llama3
 * @property {number} [high_freq_factor] llama3
 * @property {number} [partial_rotary_factor] proportional: the fraction of pairs that rotate
 * @property {number} [beta_fast] yarn; default 32
 * @property {number} [beta_slow] yarn; default 1
 * @property {number} [mscale] yarn
 * @property {number} [mscale_all_dim] yarn
 * @property {boolean} [truncate] yarn; default true
 * @property {readonly number[]} [short_factor] longrope: one divisor per pair
 * @property {readonly number[]} [long_factor] longrope: the same for sequences beyond `originalPositions`
 */

/**
 * @typedef {object} RopeParameters
 * @property {string} type 'default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3' or 'proportional'
 * @property {number} theta the base of the frequencies
 * @property {number} rotaryDim the numbers of a head that rotate
 * @property {number} [maxPositions] the longest sequence
 * @property {number} [originalPositions] the longest sequence before the context was extended
 * @property {RopeScaling} scaling
 */

/** The frequency of each pair, depending on the sequence length, and the factor of cos and sin. */
export class RopeFrequencies {
  /**
   * @param {(length: number) => Float64Array} of radians per position, for each pair
   * @param {number} [attentionFactor]
   * @param {{ cos: Float32Array, sin: Float32Array }} [caches] precomputed cosines and sines, one row per position
   */
  constructor(of, attentionFactor = 1, caches) {
    this.of = of;
    this.attentionFactor = attentionFactor;
    this.caches = caches;
  }
}

/** @typedef {(parameters: RopeParameters) => RopeFrequencies} Rule */

/**
 * longrope was first called 'su' in Phi-3. Qwen2-VL's 'mrope' has three positions per token, which are equal for text.
 * @type {Record<string, Rule>}
 */
const RULES = {
  ...{ default: defaultRule, linear: linearRule, dynamic: dynamicRule, yarn: yarnRule, longrope, llama3 },
  ...{ su: longrope, mrope: defaultRule, proportional },
};

/**
 * @param {RopeParameters} parameters
 * @returns {RopeFrequencies} errors: `unsupported` for other types, `invalid_argument`, `shape_mismatch`
 */
export function ropeFrequencies(parameters) {
  const { type } = parameters;
  if (typeof type === 'string' && Object.hasOwn(RULES, type)) return RULES[type](parameters);
  throw new WembedError('unsupported', `rope type '${shown(type)}' is not one of ${Object.keys(RULES).join(', ')}`);
}

/** @param {string} name @param {unknown} value @returns {number} */
const positionCount = (name, value) => count(name, value, { least: 1, most: Number.MAX_SAFE_INTEGER });

/**
 * @param {number} base
 * @param {number} dim
 */
function plainFrequencies(base, dim) {
  const frequencies = Float64Array.from({ length: dim / 2 }, (_, i) => base ** ((-2 * i) / dim));
  if (frequencies.every(Number.isFinite)) return frequencies;
  throw new WembedError('invalid_argument', `rope_theta ${base} is too small for frequencies`);
}

/** @type {Rule} */
function defaultRule({ theta: base, rotaryDim: dim }) {
  const frequencies = plainFrequencies(base, dim);
  return new RopeFrequencies(() => frequencies);
}

/** @type {Rule} */
function linearRule({ theta: base, rotaryDim: dim, scaling }) {
  const factor = positive('factor', scaling.factor);
  const frequencies = plainFrequencies(base, dim).map((frequency) => frequency / factor);
  return new RopeFrequencies(() => frequencies);
}

/**
 * Gemma 4: the frequencies of a head that rotates completely, but only the first fraction of the pairs rotates.
 * @type {Rule}
 */
function proportional({ theta: base, rotaryDim: dim, scaling }) {
  const factor = positive('factor', scaling.factor ?? 1);
  const turning = Math.floor((positive('partial_rotary_factor', scaling.partial_rotary_factor ?? 1) * dim) / 2);
  const frequencies = plainFrequencies(base, dim).map((frequency, i) => (i < turning ? frequency / factor : 0));
  return new RopeFrequencies(() => frequencies);
}

/** NTK scaling: beyond the trained length the base grows with the sequence. @type {Rule} */
function dynamicRule({ theta: base, rotaryDim: dim, maxPositions, scaling }) {
  const factor = positive('factor', scaling.factor);
  const trained = positionCount('max_position_embeddings', maxPositions);
  if (dim < 4) throw new WembedError('shape_mismatch', `dynamic rope needs at least 4 rotary numbers, got ${dim}`);
  const frequencies = (/** @type {number} */ length) => {
    const growth = (factor * Math.max(length, trained)) / trained - (factor - 1);
    return plainFrequencies(base * growth ** (dim / (dim - 2)), dim);
  };
  return new RopeFrequencies(frequencies);
}

/** Peng et al. 2023: high frequencies are unchanged, low ones scaled, with a ramp between. @type {Rule} */
function yarnRule({ theta: base, rotaryDim: dim, maxPositions, originalPositions, scaling }) {
  const trained = positionCount('original_max_position_embeddings', originalPositions);
  const factor = positive('factor', scaling.factor ?? Number(maxPositions) / trained);
  const edge = (/** @type {number} */ turns) =>
    (dim * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const truncates = scaling.truncate ?? true;
  const fast = edge(positive('beta_fast', scaling.beta_fast || 32));
  const slow = edge(positive('beta_slow', scaling.beta_slow || 1));
  const low = Math.max(truncates ? Math.floor(fast) : fast, 0);
  const high = Math.min(truncates ? Math.ceil(slow) : slow, dim - 1);
  const frequencies = plainFrequencies(base, dim).map((frequency, i) => {
    const stretched = Math.min(Math.max((i - low) / (high === low ? 0.001 : high - low), 0), 1);
    return frequency * (stretched / factor + 1 - stretched);
  });
  return new RopeFrequencies(() => frequencies, yarnAttention(factor, scaling));
}

/** @param {number} factor @param {RopeScaling} scaling */
function yarnAttention(factor, { attention_factor: given, mscale, mscale_all_dim: all }) {
  const scaled = (/** @type {number} */ by) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  if (given !== undefined && given !== null) return positive('attention_factor', given);
  return mscale && all ? scaled(positive('mscale', mscale)) / scaled(positive('mscale_all_dim', all)) : scaled(1);
}

/** Ding et al. 2024: one divisor per pair, from one of two lists. @type {Rule} */
function longrope({ theta: base, rotaryDim: dim, maxPositions, originalPositions, scaling }) {
  const trained = positionCount('original_max_position_embeddings', originalPositions);
  const factor = positive('factor', scaling.factor ?? Number(maxPositions) / trained);
  const divided = (/** @type {'short_factor' | 'long_factor'} */ name) => {
    const divisors = scaling[name];
    if (!Array.isArray(divisors) || divisors.length !== dim / 2) {
      throw new WembedError('shape_mismatch', `${name} has ${divisors?.length ?? 'no'} numbers for ${dim / 2} pairs`);
    }
    return plainFrequencies(base, dim).map((frequency, i) => frequency / positive(`${name}[${i}]`, divisors[i]));
  };
  const [short, long] = [divided('short_factor'), divided('long_factor')];
  const inferred = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
  const attention = positive('attention_factor', scaling.attention_factor ?? inferred);
  return new RopeFrequencies((length) => (length > trained ? long : short), attention);
}

/** Llama 3.1: long waves are scaled, short ones unchanged, with a ramp between. @type {Rule} */
function llama3({ theta: base, rotaryDim: dim, originalPositions, scaling }) {
  const trained = positionCount('original_max_position_embeddings', originalPositions);
  const factor = positive('factor', scaling.factor);
  const low = positive('low_freq_factor', scaling.low_freq_factor);
  const high = positive('high_freq_factor', scaling.high_freq_factor);
  if (high <= low) {
    throw new WembedError('invalid_argument', `high_freq_factor ${high} must be above low_freq_factor ${low}`);
  }
  const frequencies = plainFrequencies(base, dim).map((frequency) => {
    const turns = (trained * frequency) / (2 * Math.PI);
    const unscaled = Math.min(Math.max((turns - low) / (high - low), 0), 1);
    return frequency * ((1 - unscaled) / factor + unscaled);
  });
  return new RopeFrequencies(() => frequencies);
}
