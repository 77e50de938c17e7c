import { WembedError, shown } from '../core/errors.js';
import { familyOf } from './families/families.js';

/** @typedef {import('../formats/gguf.js').Gguf} Gguf */

/**
 * What transformers calls the models that `general.architecture` names. Of the others too little is known here.
 * @type {Record<string, string>}
 */
const MODEL_TYPES = {
  ...{ llama: 'llama', qwen2: 'qwen2', qwen2moe: 'qwen2_moe', qwen3: 'qwen3', qwen3moe: 'qwen3_moe' },
  ...{ gemma: 'gemma', gemma2: 'gemma2', gemma3: 'gemma3_text', phi2: 'phi', phi3: 'phi3' },
  ...{ bert: 'bert', 'nomic-bert': 'nomic_bert', gpt2: 'gpt2', gptneox: 'gpt_neox', falcon: 'falcon', bloom: 'bloom' },
  ...{ t5: 't5', t5encoder: 't5', 'command-r': 'cohere', cohere2: 'cohere2', granite: 'granite' },
  ...{ granitemoe: 'granitemoe', olmo: 'olmo', olmo2: 'olmo2', olmoe: 'olmoe', stablelm: 'stablelm' },
  ...{ starcoder: 'gpt_bigcode', starcoder2: 'starcoder2', nemotron: 'nemotron', smollm3: 'smollm3' },
  ...{ 'gpt-oss': 'gpt_oss' },
};

/**
 * Architectures whose queries and keys turn by pairs of neighbours: for LLaMA's sake ggml's converter reorders their
 * weights so. In the others a number's partner is half a head away. (llama.cpp, `llama_model_rope_type`)
 */
const INTERLEAVED = ['llama', 'command-r', 'cohere2', 'granite', 'granitemoe', 'olmo', 'smollm3'];

/** Tensors that hold one divisor for each pair's frequency. */
const DIVISORS = { plain: 'rope_freqs.weight', long: 'rope_factors_long.weight', short: 'rope_factors_short.weight' };

/**
 * What a GGUF file says of its model, in transformers' words: the config.json that the rules of families are written for.
 * @param {Gguf} gguf
 * @param {string} file for messages
 * @returns {GgufModel}
 *
 * @typedef {object} GgufModel
 * @property {any} config
 * @property {Map<string, string>} names what ggml calls a tensor → what transformers calls it
 * @property {string[]} divisors tensors that `withDivisors` wants the numbers of
 */
export function configOfGguf({ metadata, tensors }, file) {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string' || !Object.hasOwn(MODEL_TYPES, architecture)) {
    const known = Object.keys(MODEL_TYPES).join(', ');
    const found = typeof architecture === 'string' ? `'${architecture}'` : 'not there';
    throw new WembedError('unsupported', `${file}: general.architecture is ${found}, known are ${known}`);
  }
  const model_type = MODEL_TYPES[architecture];
  const values = new Values(metadata, architecture, file);
  const hidden = values.count('embedding_length');
  const layers = {
    layer_norm_eps: values.number('attention.layer_norm_epsilon'),
    max_position_embeddings: values.count('context_length'),
  };
  const config = {
    ...{ model_type, hidden_size: hidden, d_model: hidden, ...layers, ...headsOf(values) },
    tie_word_embeddings: !tensors.has('output.weight'),
    final_logit_softcapping: values.number('final_logit_softcapping'),
    ...scalesOf(values, architecture),
    ...ropeOf(values, architecture),
  };
  const divisors = Object.values(DIVISORS).filter((name) => tensors.has(name));
  return { config: defined(config), names: namesOf(model_type, tensors), divisors };
}

/**
 * The config with the divisors that came from tensors: Llama 3.1's, which its converter works out beforehand, and those
 * of LongRoPE.
 * @param {any} config
 * @param {Map<string, number[]>} divisors by the tensor's name
 * @returns {any}
 */
export function withDivisors(config, divisors) {
  const plain = divisors.get(DIVISORS.plain);
  const [short, long] = [divisors.get(DIVISORS.short) ?? plain, divisors.get(DIVISORS.long) ?? plain];
  if (!short || !long) return config;
  const { attention_factor = 1, original_max_position_embeddings } = config.rope_scaling ?? {};
  const trained = original_max_position_embeddings ?? config.max_position_embeddings;
  const scaling = { rope_type: 'longrope', factor: 1, attention_factor, short_factor: short, long_factor: long };
  return { ...config, rope_scaling: { ...scaling, original_max_position_embeddings: trained } };
}

/** An architecture's own metadata, checked as they are asked for. */
class Values {
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
    const value = ArrayBuffer.isView(found) ? /** @type {any} */ (found)[0] : found;
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

/** @param {Values} values */
function headsOf(values) {
  const heads = values.count('attention.head_count');
  const hidden = values.count('embedding_length');
  const headDim = values.count('attention.key_length') ?? (heads && hidden && hidden / heads);
  return { num_attention_heads: heads, n_head: heads, head_dim: headDim };
}

/**
 * @param {Values} values
 * @param {string} architecture
 */
function scalesOf(values, architecture) {
  const scores = values.number('logit_scale');
  const rows = values.number('embedding_scale');
  if (architecture.startsWith('granite')) return { embedding_multiplier: rows, logits_scaling: scores };
  return { logit_scale: scores };
}

/**
 * @param {Values} values
 * @param {string} architecture
 */
function ropeOf(values, architecture) {
  const rotary = values.count('rope.dimension_count');
  const theta = values.number('rope.freq_base') ?? (architecture === 'gemma3' ? 1e6 : 10000);
  return {
    rotary_dim: rotary,
    rope_theta: theta,
    rope_interleaved: INTERLEAVED.includes(architecture),
    rope_scaling: scalingOf(values, architecture),
  };
}

/**
 * @param {Values} values
 * @param {string} architecture
 */
function scalingOf(values, architecture) {
  const type = values.string('rope.scaling.type');
  const factor = values.number('rope.scaling.factor') ?? values.number('rope.scale_linear');
  const own = values.number('rope.scaling.attn_factor');
  const trained = values.count('rope.scaling.original_context_length');
  if (type === 'yarn' && factor) {
    // ggml multiplies its factor by what others take alone.
    const attention_factor = own === undefined ? undefined : own * (factor > 1 ? 0.1 * Math.log(factor) + 1 : 1);
    const truncate = architecture !== 'gpt-oss'; // the model's own rule, of which ggml has no key
    return defined({
      rope_type: 'yarn',
      factor,
      attention_factor,
      truncate,
      original_max_position_embeddings: trained,
    });
  }
  if (factor && factor !== 1 && (type ?? 'linear') === 'linear') return { rope_type: 'linear', factor };
  const rest = defined({ attention_factor: own, original_max_position_embeddings: trained });
  return Object.keys(rest).length > 0 ? { rope_type: 'default', ...rest } : undefined;
}

/**
 * @param {string} modelType
 * @param {Gguf['tensors']} tensors
 */
function namesOf(modelType, tensors) {
  const { token, position, type, norm, head } = familyOf(modelType);
  /** @type {[string, string | undefined][]} */
  const names = [
    ['token_embd.weight', token],
    ['position_embd.weight', position],
    ['token_types.weight', type],
    ['token_embd_norm.weight', norm && `${norm}.weight`],
    ['token_embd_norm.bias', norm && `${norm}.bias`],
    ['output.weight', head && `${head}.weight`],
    ['output.bias', head && `${head}.bias`],
    ['dec.blk.0.attn_q.weight', 'decoder.block.0.layer.0.SelfAttention.q.weight'], // what tells that a T5 decodes
  ];
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [from, to] of names) if (to && tensors.has(from)) found.set(from, to);
  return found;
}

/** @param {Record<string, any>} object @returns {Record<string, any>} without what is undefined */
const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
