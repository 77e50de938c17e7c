import { count, positive } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
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
 * What scales the frequencies, by transformers' names. Which of them a rope type takes is its rule's.
 * @typedef {object} RopeScaling
 * @property {number} [factor]
 * @property {number} [attention_factor]
 * @property {number} [low_freq_factor]
 * @property {number} [high_freq_factor]
 * @property {number} [partial_rotary_factor]
 * @property {number} [beta_fast]
 * @property {number} [beta_slow]
 * @property {number} [mscale]
 * @property {number} [mscale_all_dim]
 * @property {boolean} [truncate]
 * @property {readonly number[]} [short_factor] a divisor for each pair
 * @property {readonly number[]} [long_factor]
 */

/**
 * How the queries and keys of one kind of layer turn.
 * @typedef {object} RopeSettings
 * @property {string} type 'default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3' or 'proportional', as transformers
 *   calls them
 * @property {number} theta the base of the frequencies
 * @property {number} headDim numbers of a head
 * @property {number} rotaryDim the first so many of them turn
 * @property {boolean} interleaved true: number 2i turns with 2i + 1; false: i with i + rotaryDim / 2
 * @property {number} [maxPositions] the longest sequence
 * @property {number} [originalPositions] the longest sequence before the context was extended
 * @property {RopeScaling} [scaling]
 */

/** @typedef {Omit<RopeSettings, 'scaling'> & { scaling: RopeScaling }} RopeConfig */

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
 * Rotary positions (Su et al. 2021): pair i of a head turns by position × frequency i. Equals transformers'
 * `LlamaRotaryEmbedding` with `apply_rotary_pos_emb`, with angles in f64 instead of f32, so that far
 * positions are exact. It needs no core, but is several times as fast where a table has started it; the bits are the same.
 */
export class RotaryPositions {
  #rule;
  /** @type {(RopeCaches & { places: Float64Array, inverse: boolean, frequencies: Float64Array }) | undefined} */
  #kept;

  /**
   * Not for callers: use `RotaryPositions.from`, `fromConfig` or `fromCaches`.
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
   * @param {RopeSettings} settings
   * @returns {RotaryPositions}
   */
  static from({ scaling = {}, ...settings }) {
    const { type, headDim, rotaryDim, interleaved } = settings;
    if (!Object.hasOwn(RULES, type)) {
      const known = Object.keys(RULES).join(', ');
      throw new WembedError('unsupported', `rope type ${JSON.stringify(type)} is not one of ${known}`);
    }
    checkDims(rotaryDim, headDim);
    const rule = RULES[type]({ ...settings, scaling });
    return new this(rule, { type, headDim, rotaryDim, interleaved });
  }

  /**
   * Rotates by cosines and sines that were worked out before, as exported models hold them: the inputs of ONNX's
   * RotaryEmbedding.
   * @param {RopeCaches} caches each (positions, rotaryDim / 2)
   * @param {{ headDim: number, rotaryDim?: number, interleaved?: boolean }} shape rotaryDim: default headDim
   * @returns {RotaryPositions}
   */
  static fromCaches({ cos, sin }, { headDim, rotaryDim = headDim, interleaved = false }) {
    checkDims(rotaryDim, count('headDim', headDim, { least: 1 }));
    if (cos?.length !== sin?.length || cos.length % (rotaryDim / 2)) {
      throw new WembedError(
        'shape_mismatch',
        `${cos?.length} cosines and ${sin?.length} sines, ${rotaryDim / 2} a row`,
      );
    }
    const pairs = Float64Array.from({ length: rotaryDim / 2 });
    const rule = { frequencies: () => pairs, attentionFactor: 1, caches: { cos, sin } };
    return new this(rule, { type: 'caches', headDim, rotaryDim, interleaved });
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
    const stride = count('heads', heads, { least: 1 }) * this.headDim;
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

/**
 * @param {number} base
 * @param {number} dim
 */
function plainFrequencies(base, dim) {
  return Float64Array.from({ length: dim / 2 }, (_, i) => base ** ((-2 * i) / dim));
}

/** @param {RopeConfig} config @returns {RopeRule} */
function defaultRule({ theta: base, rotaryDim: dim }) {
  const frequencies = plainFrequencies(base, dim);
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/** @param {RopeConfig} config @returns {RopeRule} */
function linearRule({ theta: base, rotaryDim: dim, scaling }) {
  const factor = positive('factor', scaling.factor);
  const frequencies = plainFrequencies(base, dim).map((frequency) => frequency / factor);
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/**
 * Gemma 4: pairs turn as if all of a head did, but only the first share of them does.
 * @param {RopeConfig} config
 * @returns {RopeRule}
 */
function proportional({ theta: base, rotaryDim: dim, scaling }) {
  const factor = positive('factor', scaling.factor ?? 1);
  const turning = Math.floor((positive('partial_rotary_factor', scaling.partial_rotary_factor ?? 1) * dim) / 2);
  const frequencies = plainFrequencies(base, dim).map((frequency, i) => (i < turning ? frequency / factor : 0));
  return { frequencies: () => frequencies, attentionFactor: 1 };
}

/** NTK scaling: past the trained length the base grows with the sequence. @param {RopeConfig} config @returns {RopeRule} */
function dynamicRule({ theta: base, rotaryDim: dim, maxPositions, scaling }) {
  const factor = positive('factor', scaling.factor);
  const trained = length('max_position_embeddings', maxPositions);
  if (dim < 4) throw new WembedError('shape_mismatch', `dynamic rope needs at least 4 rotary numbers, got ${dim}`);
  const frequencies = (/** @type {number} */ length) => {
    const growth = (factor * Math.max(length, trained)) / trained - (factor - 1);
    return plainFrequencies(base * growth ** (dim / (dim - 2)), dim);
  };
  return { frequencies, attentionFactor: 1 };
}

/** Peng et al. 2023: fast pairs stay, slow ones stretch, a ramp between. @param {RopeConfig} config @returns {RopeRule} */
function yarnRule({ theta: base, rotaryDim: dim, maxPositions, originalPositions, scaling }) {
  const trained = length('original_max_position_embeddings', originalPositions);
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

/** @param {number} factor @param {RopeScaling} scaling */
function yarnAttention(factor, { attention_factor: given, mscale, mscale_all_dim: all }) {
  const scaled = (/** @type {number} */ by) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  if (given !== undefined) return positive('attention_factor', given);
  return mscale && all ? scaled(positive('mscale', mscale)) / scaled(positive('mscale_all_dim', all)) : scaled(1);
}

/** Ding et al. 2024: one divisor a pair, from one of two lists. @param {RopeConfig} config @returns {RopeRule} */
function longrope({ theta: base, rotaryDim: dim, maxPositions, originalPositions, scaling }) {
  const trained = length('original_max_position_embeddings', originalPositions);
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
  return {
    frequencies: (length) => (length > trained ? long : short),
    attentionFactor: positive('attention_factor', scaling.attention_factor ?? inferred),
  };
}

/** Llama 3.1: long waves stretch, short ones stay, a ramp between. @param {RopeConfig} config @returns {RopeRule} */
function llama3({ theta: base, rotaryDim: dim, originalPositions, scaling }) {
  const trained = length('original_max_position_embeddings', originalPositions);
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
const length = (name, value) => count(name, value, { least: 1, most: Number.MAX_SAFE_INTEGER });
