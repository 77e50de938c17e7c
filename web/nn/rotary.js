import { WembedError, shown } from '../core/errors.js';
import { textConfig } from '../models/families/families.js';
import { wholeNumbers } from './positions.js';
import { outputArray } from '../table/table.js';
import { runningHeap } from '../memory/heap.js';

/**
 * What a rope type makes of a config: the frequency of each pair for a sequence of some length, and what multiplies cos
 * and sin. Or the cosines and sines themselves, a row a position.
 * @typedef {{ frequencies: (length: number) => Float64Array, attentionFactor: number, caches?: RopeCaches }} RopeRule
 * @typedef {{ cos: Float32Array, sin: Float32Array }} RopeCaches
 */

/**
 * A config's parameters, named once for every rope type.
 * @typedef {{ base: number, dim: number, maxPositions: unknown, originalPositions: unknown, scaling: any }} RopeConfig
 */

/**
 * Phi-3 called longrope 'su' at first; the three positions that Qwen2-VL's 'mrope' gives a token are one for text.
 * @type {Record<string, (config: RopeConfig) => RopeRule>}
 */
const RULES = {
  ...{ default: defaultRule, linear: linearRule, dynamic: dynamicRule, yarn: yarnRule, longrope, llama3 },
  ...{ su: longrope, mrope: defaultRule, proportional },
};

/** No more cosines than these are kept from one call for the next: 8 MB with their sines. */
const KEPT_TURNS = 2 ** 20;

/** No model has heads near this wide: a config that says so is wrong, and nothing is allocated for it. */
const MAX_HEAD = 65536;

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

/** The share of a head that turns, by model type, where a config does not say. @type {Record<string, number>} */
const SHARES = {
  ...{ phi: 0.5, persimmon: 0.5, nemotron: 0.5, glm: 0.5, glm4: 0.5, stablelm: 0.25, gpt_neox: 0.25 },
};

/**
 * Rotary positions (Su et al. 2021): pair i of a head turns by position × frequency i. Equals transformers'
 * `LlamaRotaryEmbedding` with `apply_rotary_pos_emb`, with angles in f64 instead of f32, so that far
 * positions are exact. It needs no core, but is several times as fast where a table has started it; the bits are the same.
 */
export class RotaryPositions {
  #rule;
  /** @type {(RopeCaches & { places: Float64Array, inverse: boolean, frequencies: Float64Array }) | undefined} */
  #kept;

  /**
   * Not for callers: use `RotaryPositions.fromConfig`.
   * @param {RopeRule} rule
   * @param {{ type: string, headDim: number, rotaryDim: number, interleaved: boolean }} shape
   */
  constructor(rule, shape) {
    this.#rule = rule;
    this.type = shape.type;
    this.headDim = shape.headDim;
    /** The first so many numbers of a head turn, the others pass. */
    this.rotaryDim = shape.rotaryDim;
    this.interleaved = shape.interleaved;
  }

  /**
   * Reads a config.json's rope parameters: the `rope_scaling` form and the newer `rope_parameters`, and what GPT-NeoX,
   * GPT-J, Gemma 3 and ModernBERT call theirs.
   * @param {any} config parsed
   * @param {object} [options]
   * @param {boolean} [options.interleaved] true: pairs are (0, 1), (2, 3), …; false: (i, i + rotaryDim / 2). Default: as
   *   the config's model type has them in transformers (neighbours in GPT-J, Cohere and GLM, halves in most)
   * @param {string} [options.layerType] where layers differ ('full_attention', 'sliding_attention' in Gemma 3): whose
   * @returns {RotaryPositions}
   */
  static fromConfig(config, { interleaved, layerType } = {}) {
    config = textConfig(checkedConfig(config));
    const scaling = parametersOf(config, layerType);
    const type = scaling.rope_type ?? scaling.type ?? 'default';
    if (!Object.hasOwn(RULES, type)) {
      const known = Object.keys(RULES).join(', ');
      throw new WembedError('unsupported', `rope type ${JSON.stringify(type)} is not one of ${known}`);
    }
    const { headDim, rotaryDim } = dimsOf(config, scaling, layerType);
    const rule = RULES[type]({
      base: positive('rope_theta', scaling.rope_theta ?? config.rope_theta ?? config.rotary_emb_base ?? 10000),
      dim: rotaryDim,
      maxPositions: config.max_position_embeddings,
      originalPositions:
        config.original_max_position_embeddings ??
        scaling.original_max_position_embeddings ??
        config.max_position_embeddings,
      scaling,
    });
    const pairs = interleaved ?? config.rope_interleaved ?? INTERLEAVED.includes(config.model_type);
    return new RotaryPositions(rule, { type, headDim, rotaryDim, interleaved: pairs });
  }

  /**
   * The types of layers that a config has rope parameters of their own for, as `layerType` takes them.
   * @param {any} config parsed
   * @returns {string[]} none where all layers are alike
   */
  static layerTypes(config) {
    return Object.keys(parametersByType(textConfig(checkedConfig(config))) ?? {});
  }

  /**
   * Rotates by cosines and sines that were worked out before, as exported models hold them: the inputs of ONNX's
   * RotaryEmbedding.
   * @param {RopeCaches} caches each (positions, rotaryDim / 2)
   * @param {{ headDim: number, rotaryDim?: number, interleaved?: boolean }} shape rotaryDim: default headDim
   * @returns {RotaryPositions}
   */
  static fromCaches({ cos, sin }, { headDim, rotaryDim = headDim, interleaved = false }) {
    checkDims(rotaryDim, count('headDim', headDim));
    if (cos?.length !== sin?.length || cos.length % (rotaryDim / 2)) {
      throw new WembedError(
        'shape_mismatch',
        `${cos?.length} cosines and ${sin?.length} sines, ${rotaryDim / 2} a row`,
      );
    }
    const pairs = Float64Array.from({ length: rotaryDim / 2 });
    const rule = { frequencies: () => pairs, attentionFactor: 1, caches: { cos, sin } };
    return new RotaryPositions(rule, { type: 'caches', headDim, rotaryDim, interleaved });
  }

  /** What multiplies cos and sin: 1 but for yarn and longrope. */
  get attentionFactor() {
    return this.#rule.attentionFactor;
  }

  /**
   * Radians a position, one a pair.
   * @param {number} [sequenceLength] counts for dynamic and longrope; default 0, a short sequence
   * @returns {Float64Array} (rotaryDim / 2)
   */
  frequencies(sequenceLength = 0) {
    return this.#rule.frequencies(sequenceLength);
  }

  /**
   * Turns queries or keys to their positions.
   * @param {Float32Array} q (n, heads, headDim)
   * @param {object} [options]
   * @param {import('../core/dtypes.js').IntegerArray} [options.positions] (n), any integers; default 0 … n - 1
   * @param {number} [options.heads] default 1
   * @param {boolean} [options.inverse] turns back, and divides by the attention factor: undoes a rotation
   * @param {Float32Array} [options.into] at least q.length numbers, written instead of a new array; may be q itself
   * @returns {Float32Array} (n, heads, headDim)
   */
  rotate(q, { positions, heads = 1, inverse = false, into } = {}) {
    const stride = count('heads', heads) * this.headDim;
    if (q?.[Symbol.toStringTag] !== 'Float32Array') {
      throw new WembedError('invalid_argument', 'rotate takes a Float32Array');
    }
    if (q.length % stride) {
      throw new WembedError('shape_mismatch', `${q.length} numbers are no (n, ${heads}, ${this.headDim})`);
    }
    const places = checkedPositions(positions, q.length / stride);
    const { caches } = this.#rule;
    if (caches) checkCached(places, caches.cos.length / (this.rotaryDim / 2));
    const out = outputArray(into, q.length);
    const turns = this.#turnsAt(places, inverse);
    // Numbers that lie partly over each other move first.
    const from = out !== q && out.buffer === q.buffer ? (out.set(q), out.subarray(0, q.length)) : q;
    const heap = runningHeap();
    if (heap) {
      this.#turnInCore(heap, from, out, heads, turns);
    } else {
      if (out !== from) out.set(from);
      this.#turn(out, q.length / this.headDim, heads, turns);
    }
    return out;
  }

  /**
   * The cosines and sines of positions, kept for the next call, which is often another layer's at the same positions.
   * @param {Float64Array} places
   * @param {boolean} inverse
   */
  #turnsAt(places, inverse) {
    const { caches } = this.#rule;
    const frequencies = this.frequencies(places.reduce((most, place) => Math.max(most, place), -1) + 1);
    const kept = this.#kept;
    if (kept?.inverse === inverse && isSame(kept.places, places) && isSame(kept.frequencies, frequencies)) return kept;
    const pairs = frequencies.length;
    const scale = inverse ? 1 / this.attentionFactor : this.attentionFactor;
    const cos = new Float32Array(places.length * pairs);
    const sin = new Float32Array(places.length * pairs);
    places.forEach((place, n) => {
      for (let i = 0, at = n * pairs; i < pairs; i++, at++) {
        const angle = place * frequencies[i];
        cos[at] = (caches ? caches.cos[place * pairs + i] : Math.cos(angle)) * scale;
        sin[at] = (caches ? caches.sin[place * pairs + i] : Math.sin(angle)) * (inverse ? -scale : scale);
      }
    });
    const turns = { places, inverse, frequencies, cos, sin };
    if (cos.length <= KEPT_TURNS) this.#kept = turns;
    return turns;
  }

  /**
   * @param {import('../memory/heap.js').Heap} heap
   * @param {Float32Array} from
   * @param {Float32Array} to
   * @param {number} heads
   * @param {RopeCaches} turns
   */
  #turnInCore(heap, from, to, heads, { cos, sin }) {
    const pairs = this.rotaryDim / 2;
    heap.changeRows(from, to, heads * this.headDim, (address, first, rows) => {
      const turns = heap.scratch('turns', 8 * rows * pairs);
      heap.f32.set(cos.subarray(first * pairs, (first + rows) * pairs), turns / 4);
      heap.f32.set(sin.subarray(first * pairs, (first + rows) * pairs), turns / 4 + rows * pairs);
      heap.core.rotary(address, rows, heads, this.headDim, pairs, this.interleaved, turns, turns + 4 * rows * pairs);
    });
  }

  /**
   * The same without the core, to the same bits: cpp/kernels/rotary.h.
   * @param {Float32Array} x (n, heads, headDim), turned in place
   * @param {number} n × heads
   * @param {number} heads
   * @param {RopeCaches} turns
   */
  #turn(x, n, heads, { cos, sin }) {
    const [f32, pairs] = [Math.fround, this.rotaryDim / 2];
    const [step, apart] = this.interleaved ? [2, 1] : [1, pairs];
    for (let head = 0; head < n; head++) {
      const at = Math.floor(head / heads) * pairs;
      for (let i = 0, first = head * this.headDim; i < pairs; i++, first += step) {
        const [a, b, c, s] = [x[first], x[first + apart], cos[at + i], sin[at + i]];
        x[first] = f32(a * c) - f32(b * s);
        x[first + apart] = f32(b * c) + f32(a * s);
      }
    }
  }
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
const isSame = (a, b) => a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

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
  const headDim = count('head_dim', own ?? headSize(config));
  const share = scaling.partial_rotary_factor ?? config.partial_rotary_factor ?? config.rotary_pct;
  const turned = headDim * positive('partial_rotary_factor', share ?? SHARES[config.model_type] ?? 1);
  const whole = scaling.rope_type === 'proportional' ? headDim : Math.floor(turned);
  const rotaryDim = count('rotary_dim', config.rotary_dim ?? whole);
  checkDims(rotaryDim, headDim);
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

/**
 * @param {number} base
 * @param {number} dim
 */
function plainFrequencies(base, dim) {
  return Float64Array.from({ length: dim / 2 }, (_, i) => base ** ((-2 * i) / dim));
}

/** @param {RopeConfig} config @returns {RopeRule} */
function defaultRule({ base, dim }) {
  const frequencies = plainFrequencies(base, dim);
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/** @param {RopeConfig} config @returns {RopeRule} */
function linearRule({ base, dim, scaling }) {
  const factor = positive('factor', scaling.factor);
  const frequencies = plainFrequencies(base, dim).map((frequency) => frequency / factor);
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/**
 * Gemma 4: pairs turn as if all of a head did, but only the first share of them does.
 * @param {RopeConfig} config
 * @returns {RopeRule}
 */
function proportional({ base, dim, scaling }) {
  const factor = positive('factor', scaling.factor ?? 1);
  const turning = Math.floor((positive('partial_rotary_factor', scaling.partial_rotary_factor ?? 1) * dim) / 2);
  const frequencies = plainFrequencies(base, dim).map((frequency, i) => (i < turning ? frequency / factor : 0));
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/** NTK scaling: past the trained length the base grows with the sequence. @param {RopeConfig} config @returns {RopeRule} */
function dynamicRule({ base, dim, maxPositions, scaling }) {
  const factor = positive('factor', scaling.factor);
  const trained = count('max_position_embeddings', maxPositions);
  if (dim < 4) throw new WembedError('shape_mismatch', `dynamic rope needs at least 4 rotary numbers, got ${dim}`);
  const frequencies = (/** @type {number} */ length) => {
    const growth = (factor * Math.max(length, trained)) / trained - (factor - 1);
    return plainFrequencies(base * growth ** (dim / (dim - 2)), dim);
  };
  return { frequencies, attentionFactor: 1 };
}

/** Peng et al. 2023: fast pairs stay, slow ones stretch, a ramp between. @param {RopeConfig} config @returns {RopeRule} */
function yarnRule({ base, dim, maxPositions, originalPositions, scaling }) {
  const trained = count('original_max_position_embeddings', originalPositions);
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
  return { frequencies: () => frequencies, attentionFactor: yarnAttention(factor, scaling) };
}

/** @param {number} factor @param {any} scaling */
function yarnAttention(factor, { attention_factor: given, mscale, mscale_all_dim: all }) {
  const scaled = (/** @type {number} */ by) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  if (given !== undefined && given !== null) return positive('attention_factor', given);
  return mscale && all ? scaled(positive('mscale', mscale)) / scaled(positive('mscale_all_dim', all)) : scaled(1);
}

/** Ding et al. 2024: one divisor a pair, from one of two lists. @param {RopeConfig} config @returns {RopeRule} */
function longrope({ base, dim, maxPositions, originalPositions, scaling }) {
  const trained = count('original_max_position_embeddings', originalPositions);
  const factor = positive('factor', scaling.factor ?? Number(maxPositions) / trained);
  const divided = (/** @type {string} */ name) => {
    const divisors = scaling[name];
    if (!Array.isArray(divisors) || divisors.length !== dim / 2) {
      throw new WembedError('shape_mismatch', `${name} has ${divisors?.length ?? 'no'} numbers for ${dim / 2} pairs`);
    }
    return plainFrequencies(base, dim).map((frequency, i) => frequency / positive(`${name}[${i}]`, divisors[i]));
  };
  const [short, long] = [divided('short_factor'), divided('long_factor')];
  const inferred = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
  return {
    frequencies: (length) => (length > trained ? long : short),
    attentionFactor: positive('attention_factor', scaling.attention_factor ?? inferred),
  };
}

/** Llama 3.1: long waves stretch, short ones stay, a ramp between. @param {RopeConfig} config @returns {RopeRule} */
function llama3({ base, dim, originalPositions, scaling }) {
  const trained = count('original_max_position_embeddings', originalPositions);
  const factor = positive('factor', scaling.factor);
  const low = positive('low_freq_factor', scaling.low_freq_factor);
  const high = positive('high_freq_factor', scaling.high_freq_factor);
  if (high <= low) {
    throw new WembedError('invalid_argument', `high_freq_factor ${high} must be above low_freq_factor ${low}`);
  }
  const frequencies = plainFrequencies(base, dim).map((frequency) => {
    const turns = (trained * frequency) / (2 * Math.PI);
    const kept = Math.min(Math.max((turns - low) / (high - low), 0), 1);
    return frequency * ((1 - kept) / factor + kept);
  });
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/** @param {number} rotaryDim @param {number} headDim */
function checkDims(rotaryDim, headDim) {
  if (headDim > MAX_HEAD) throw new WembedError('invalid_argument', `head_dim ${headDim} is above ${MAX_HEAD}`);
  if (rotaryDim >= 2 && rotaryDim % 2 === 0 && rotaryDim <= headDim) return;
  throw new WembedError('shape_mismatch', `${rotaryDim} of ${headDim} numbers a head cannot turn in pairs`);
}

/** @param {Float64Array} places @param {number} rows */
function checkCached(places, rows) {
  const bad = places.findIndex((place) => place < 0 || place >= rows);
  if (bad < 0) return;
  throw new WembedError('id_out_of_range', `position ${places[bad]} at index ${bad} is not among the ${rows} cached`);
}

/**
 * @param {import('../core/dtypes.js').IntegerArray | undefined} positions
 * @param {number} n
 * @returns {Float64Array} (n)
 */
function checkedPositions(positions, n) {
  if (positions === undefined) return Float64Array.from({ length: n }, (_, i) => i);
  const places = wholeNumbers(positions);
  if (places.length !== n) throw new WembedError('shape_mismatch', `${places.length} positions for ${n} rows`);
  return places;
}

/** @param {string} name @param {unknown} value @returns {number} */
function positive(name, value) {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw new WembedError('invalid_argument', `${name} must be a number above 0, got ${shown(value)}`);
}

/** @param {string} name @param {unknown} value @returns {number} */
function count(name, value) {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  throw new WembedError('invalid_argument', `${name} must be a whole number above 0, got ${shown(value)}`);
}
