import { WembedError, shown } from '../core/errors.js';
import { EPSILONS, modelConfig } from './config.js';
import { FAMILIES, ggufArchitectures } from './families/index.js';
import { Settings } from './settings.js';

/** @typedef {import('../formats/gguf.js').Gguf} Gguf */
/** @typedef {import('./families/family.js').GgufFamily} GgufFamily */
/** @typedef {Record<string, unknown>} Given settings by transformers' names */

/** Tensors that hold one divisor for each pair's frequency. */
const DIVISORS = { plain: 'rope_freqs.weight', long: 'rope_factors_long.weight', short: 'rope_factors_short.weight' };

/**
 * What a GGUF file says of its model: its metadata as transformers' settings, which the rules of families are written for.
 * @param {Gguf} gguf
 * @param {string} file for messages
 * @returns {import('./read_ends.js').EndsConfig & { names: Map<string, string> }} `names`: what ggml calls a tensor → what
 *   transformers calls it; `vectors`: divisors of frequencies
 */
export function ggufConfig({ metadata, tensors }, file) {
  const [architecture, modelType] = modelTypeOf(metadata.get('general.architecture'), file);
  const family = FAMILIES[modelType];
  const own = /** @type {GgufFamily} */ (family.gguf);
  const given = settingsOf(new Metadata(metadata, architecture, file), own);
  given.tie_word_embeddings = !tensors.has('output.weight');
  const configOf = (/** @type {Given} */ settings) =>
    modelConfig(modelType, family, new Settings(settings, family.defaults), own.interleaved ?? false);
  return {
    config: configOf(given),
    names: namesOf(family, tensors),
    vectors: Object.values(DIVISORS).filter((name) => tensors.has(name)),
    complete: (vectors) => configOf(withDivisors(given, vectors)),
  };
}

/**
 * @param {unknown} architecture
 * @param {string} file
 * @returns {[architecture: string, modelType: string]}
 */
function modelTypeOf(architecture, file) {
  const known = ggufArchitectures();
  const modelType = typeof architecture === 'string' ? known.get(architecture) : undefined;
  if (typeof architecture === 'string' && modelType !== undefined) return [architecture, modelType];
  const found = typeof architecture === 'string' ? `'${architecture}'` : 'not there';
  const names = [...known.keys()].join(', ');
  throw new WembedError('unsupported', `${file}: general.architecture is ${found}, known are ${names}`);
}

/**
 * The settings with the divisors that came from tensors: Llama 3.1's, which its converter works out beforehand, and those
 * of LongRoPE.
 * @param {Given} settings
 * @param {Map<string, number[]>} divisors by the tensor's name
 * @returns {Given}
 */
function withDivisors(settings, divisors) {
  const plain = divisors.get(DIVISORS.plain);
  const [short, long] = [divisors.get(DIVISORS.short) ?? plain, divisors.get(DIVISORS.long) ?? plain];
  if (!short || !long) return settings;
  const own = /** @type {Given} */ (settings.rope_scaling ?? {});
  const scaling = {
    ...{ rope_type: 'longrope', factor: 1, attention_factor: own.attention_factor ?? 1 },
    ...{ short_factor: short, long_factor: long },
    original_max_position_embeddings: own.original_max_position_embeddings ?? settings.max_position_embeddings,
  };
  return { ...settings, rope_scaling: scaling };
}

/** An architecture's own metadata, checked as they are asked for. */
class Metadata {
  #metadata;
  #architecture;
  #file;

  /**
   * @param {Gguf['metadata']} metadata
   * @param {string} architecture
   * @param {string} file
   */
  constructor(metadata, architecture, file) {
    this.#metadata = metadata;
    this.#architecture = architecture;
    this.#file = file;
  }

  /**
   * @param {string} key
   * @returns {number | undefined} of a list that has one number a layer, the first
   */
  number(key) {
    const name = `${this.#architecture}.${key}`;
    const found = this.#metadata.get(name);
    const value = ArrayBuffer.isView(found) ? /** @type {Float32Array} */ (found)[0] : found;
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw new WembedError('bad_file', `${this.#file}: ${name} is ${shown(value)}, not a number`);
  }

  /**
   * @param {string} key
   * @returns {number | undefined}
   */
  count(key) {
    const value = this.number(key);
    if (value === undefined || (Number.isInteger(value) && value > 0)) return value;
    throw new WembedError(
      'bad_file',
      `${this.#file}: ${this.#architecture}.${key} is ${value}, not a whole number above 0`,
    );
  }

  /** @param {string} key @returns {string | undefined} */
  string(key) {
    const value = this.#metadata.get(`${this.#architecture}.${key}`);
    if (value === undefined || typeof value === 'string') return value;
    throw new WembedError('bad_file', `${this.#file}: ${this.#architecture}.${key} is not a string`);
  }
}

/**
 * @param {Metadata} metadata
 * @param {GgufFamily} family
 * @returns {Given}
 */
function settingsOf(metadata, { keys = {}, theta = 10000, yarnTruncates = true }) {
  const hidden = metadata.count('embedding_length');
  const heads = metadata.count('attention.head_count');
  /** @type {Given} */
  const settings = {
    ...{ hidden_size: hidden, d_model: hidden, num_attention_heads: heads },
    head_dim: metadata.count('attention.key_length') ?? (heads && hidden && hidden / heads),
    ...Object.fromEntries(EPSILONS.map((name) => [name, metadata.number('attention.layer_norm_epsilon')])),
    max_position_embeddings: metadata.count('context_length'),
    final_logit_softcapping: metadata.number('final_logit_softcapping'),
    rotary_dim: metadata.count('rope.dimension_count'),
    rope_theta: metadata.number('rope.freq_base') ?? theta,
    rope_scaling: scalingOf(metadata, yarnTruncates),
  };
  for (const [key, name] of Object.entries({ logit_scale: 'logit_scale', ...keys })) {
    settings[name] = metadata.number(key);
  }
  return settings;
}

/**
 * @param {Metadata} metadata
 * @param {boolean} truncate
 * @returns {Given | undefined}
 */
function scalingOf(metadata, truncate) {
  const type = metadata.string('rope.scaling.type');
  const factor = metadata.number('rope.scaling.factor') ?? metadata.number('rope.scale_linear');
  const own = metadata.number('rope.scaling.attn_factor');
  const original_max_position_embeddings = metadata.count('rope.scaling.original_context_length');
  if (type === 'yarn' && factor) {
    // ggml multiplies its factor by what others take alone.
    const attention_factor = own === undefined ? undefined : own * (factor > 1 ? 0.1 * Math.log(factor) + 1 : 1);
    return { rope_type: 'yarn', factor, attention_factor, truncate, original_max_position_embeddings };
  }
  if (factor && factor !== 1 && (type ?? 'linear') === 'linear') return { rope_type: 'linear', factor };
  return { rope_type: 'default', attention_factor: own, original_max_position_embeddings };
}

/**
 * @param {import('./families/family.js').ModelFamily} family
 * @param {Gguf['tensors']} tensors
 * @returns {Map<string, string>}
 */
function namesOf({ token, position, type, norm, head, decoderBlock }, tensors) {
  /** @type {[string, string | undefined][]} */
  const names = [
    ['token_embd.weight', token],
    ['position_embd.weight', position],
    ['token_types.weight', type],
    ['token_embd_norm.weight', norm && `${norm}.weight`],
    ['token_embd_norm.bias', norm && `${norm}.bias`],
    ['output.weight', head && `${head}.weight`],
    ['output.bias', head && `${head}.bias`],
    ['dec.blk.0.attn_q.weight', decoderBlock && `${decoderBlock}layer.0.SelfAttention.q.weight`],
  ];
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [from, to] of names) if (to && tensors.has(from)) found.set(from, to);
  return found;
}
