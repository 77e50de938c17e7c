import { isValues } from '../settings.js';

/** @typedef {import('../settings.js').Values} Values */

/**
 * Models whose code lies beside their weights instead of in transformers: the last part of `auto_map.AutoConfig` in their
 * config.json names it, and some bear a model_type of their own. Each function writes what such a config says in the words of
 * transformers, with that code's own defaults, for a family that is listed here under a name of ours or is transformers' own.
 * @type {Readonly<Record<string, (json: Values) => Values>>}
 */
const BY_CLASS = {
  JinaBertConfig: (json) => ({ ...json, model_type: 'jina_bert' }),
  XLMRobertaFlashConfig: flash,
  NewConfig: gteNew,
  GteConfig: gteNew,
  NeoBERTConfig: neobert,
  NomicBertConfig: nomic,
};

/** @type {Readonly<Record<string, (json: Values) => Values>>} */
const BY_TYPE = {
  ...{ new: gteNew, neobert },
  kimi_k2: (json) => ({ ...json, model_type: 'deepseek_v3' }),
  phi4mm: (json) => ({ ...json, model_type: 'phi4_multimodal' }),
};

/**
 * @param {Values} json a config.json, parsed
 * @returns {Values} the same where no code of its own is known
 */
export function inTransformersWords(json) {
  const named = isValues(json.auto_map) ? json.auto_map.AutoConfig : undefined;
  const own = typeof named === 'string' ? named.slice(named.lastIndexOf('.') + 1) : '';
  const type = typeof json.model_type === 'string' ? json.model_type : '';
  const words = Object.hasOwn(BY_CLASS, own) ? BY_CLASS[own] : Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  return words ? words(json) : json;
}

/** @param {Values} json */
const withoutRope = (json) =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name !== 'rope_scaling' && name !== 'rope_parameters'));

/** @param {Values} json */
function flash(json) {
  const shrinks = json.rotary_emb_scale_base != null;
  return {
    ...withoutRope(json),
    ...{ model_type: 'xlm_roberta_flash', rope_theta: json.rotary_emb_base ?? 10000 },
    ...(json.rotary_emb_dim == null ? {} : { rotary_dim: json.rotary_emb_dim }),
    ...(shrinks ? { rope_scaling: { rope_type: 'rotary_emb_scale_base' } } : {}),
  };
}

/**
 * Its NTK scaling makes the base `factor` times as large and all frequencies a little lower, at every length.
 * @param {Values} json
 */
function gteNew(json) {
  const theta = json.rope_theta ?? 10000;
  const rope = isValues(json.rope_scaling) ? json.rope_scaling : undefined;
  const own = { ...withoutRope(json), model_type: 'new', rope_theta: theta };
  if (!rope) return own;
  const { factor } = rope;
  const plain = rope.type === 'ntk' && rope.mixed_b == null && typeof factor === 'number' && factor > 1;
  if (!plain) return { ...own, rope_scaling: rope };
  const size = Number(json.hidden_size ?? 768) / Number(json.num_attention_heads ?? 12);
  return { ...own, rope_theta: Number(theta) * factor, rope_scaling: { rope_type: 'linear', factor: factor ** (2 / size) } };
}

/**
 * Its base is fixed, and its scores have a table of their own, whatever the config says.
 * @param {Values} json
 */
function neobert(json) {
  return { ...withoutRope(json), model_type: 'neobert', rope_theta: 10000, tie_word_embeddings: false };
}

/** What GPT-2's activations are called there → the activation of the head before its scores. */
const NOMIC_ACTIVATIONS = /** @type {Record<string, string>} */ ({
  ...{ swiglu: 'silu', gelu_new: 'gelu_pytorch_tanh', gelu_fast: 'gelu_pytorch_tanh', gelu_pytorch_tanh: 'gelu_pytorch_tanh' },
});

/**
 * nomic-embed's own code has GPT-2's settings. Its head is always tied.
 * @param {Values} json
 */
function nomic(json) {
  const growing = json.rotary_scaling_factor;
  const share = json.rotary_emb_fraction ?? 0;
  return {
    ...withoutRope(json),
    ...{ model_type: 'nomic_bert_own', tie_word_embeddings: true },
    ...{ hidden_size: json.n_embd ?? json.hidden_size ?? 768, num_attention_heads: json.n_head ?? json.num_attention_heads ?? 12 },
    ...{ layer_norm_eps: json.layer_norm_epsilon ?? 1e-5, hidden_act: NOMIC_ACTIVATIONS[String(json.activation_function)] ?? 'gelu' },
    ...{ rope_theta: json.rotary_emb_base ?? 1000, partial_rotary_factor: share },
    position_embedding_type: Number(share) > 0 ? 'rotary' : 'absolute',
    ...(growing ? { rope_scaling: growth(json), max_position_embeddings: json.max_trained_positions ?? 2048 } : {}),
  };
}

/** @param {Values} json @returns {Values} queries would also shrink with their distance from the middle, which is not made */
const growth = ({ rotary_scaling_factor: factor, rotary_emb_scale_base: shrinks }) =>
  shrinks == null ? { rope_type: 'dynamic', factor } : { rope_type: 'dynamic with rotary_emb_scale_base' };
