import { SHARE } from './rotary_rules.js';

/**
 * Settings that only some classes of transformers know, and which: in the config.json of another class they mean nothing.
 * `tests/js/stray_settings.test.js` holds this against what transformers makes of them. Model types with spaces between.
 * @type {Readonly<Record<string, string>>}
 */
const OBEYED = {
  final_logit_softcapping: `beam diffusion_gemma diffusion_gemma_text gemma2 gemma3_text gemma3n_text gemma4_text gemma4_unified_text inkling2_loop_text
    inkling2_text mistral_large4_text muse_glimmer_text muse_spark_text nanochat vaultgemma`,
  logits_soft_cap: 'recurrent_gemma',
  output_logit_soft_cap: 'xlstm',
};

/** The same of rotary positions' settings. @type {Readonly<Record<string, string>>} */
const OBEYED_BY_ROTARY = {
  rotary_dim: 'codegen gptj minimax_m2 minimax_m3_vl_text xlm_roberta_flash',
  rotary_pct: 'gpt_neox gpt_neox_japanese',
  rotary_emb_base: 'gpt_neox gpt_neox_japanese',
  rope_local_base_freq: 'gemma3_text gemma3n_text',
  global_rope_theta: 'modernbert modernbert-decoder',
  local_rope_theta: 'modernbert modernbert-decoder',
  partial_rotary_factor: `bamba deepseek_v4 diffusion_gemma_text dots3_note_text glm glm4 glm4_moe glm4_moe_lite glm4v_moe_text glm4v_text
    glm_image_text glm_ocr_text gpt_neox gpt_neox_japanese laguna mellum mimo_v2_flash minimax_m2 minimax_m3_vl_text moonshine
    nemotron neomme nomic_bert_own persimmon phi phi3 phi4_multimodal qwen3_5_moe_text qwen3_5_text qwen3_next recurrent_gemma sarvam_moe solar_open
    stablelm step3p5 zaya`,
};

/**
 * Classes around a text model that ask for a soft cap whatever the text model's class does, or never do.
 * @type {Readonly<Record<string, boolean>>}
 */
const CAPS = { gemma3: false, paligemma: true };

/**
 * What that setting is called where the class knows it of scaled rope parameters alone: transformers' rules for those take it, the
 * plain one of the class does not.
 */
export const SCALED_SHARE = 'scaled partial_rotary_factor';

/** Classes that know it inside rope parameters alone. */
const SHARE_INSIDE = ['mellum', 'gpt_neox', 'gpt_neox_japanese', 'bamba'];

/** Classes whose heads are a share of the hidden size, whatever the config says. */
const OWN_HEADS = ['deepseek_ocr2_text', 'unlimited_ocr_text'];

/** Settings of classes whose queries turn by fixed angles. */
const OF_ROPE = ['rope_theta', 'rope_scaling', 'rope_parameters'];
const FIXED = ['codegen', 'gptj', 'roformer'];

/** Classes that call the base otherwise, or have one for each type of layer. */
const OTHER_BASE = ['gpt_neox', 'gpt_neox_japanese', 'zaya'];

/** @param {string} names @param {string} type */
const has = (names, type) => names.split(/\s+/).includes(type);

/**
 * @param {Readonly<Record<string, string>>} lists
 * @param {string} setting
 * @param {string} type
 */
const isListed = (lists, setting, type) => !Object.hasOwn(lists, setting) || has(lists[setting], type);

/**
 * @param {string} setting of rotary positions
 * @param {string} type a model type that transformers has
 * @returns {boolean} whether its class knows the setting, as far as that is in question
 */
export function isObeyedByRotary(setting, type) {
  if (OF_ROPE.includes(setting) && FIXED.includes(type)) return false;
  if (setting === 'rope_theta' && OTHER_BASE.includes(type)) return false;
  if (setting === SHARE && SHARE_INSIDE.includes(type)) return false;
  if (setting === 'head_dim' && OWN_HEADS.includes(type)) return false;
  return isListed(OBEYED_BY_ROTARY, setting, type);
}

/**
 * @param {string} setting
 * @param {string} type a model type that transformers has
 * @param {unknown} around the type of the model around it, where there is one
 * @returns {boolean} whether its class knows the setting, as far as that is in question
 */
export function isObeyed(setting, type, around) {
  if (setting === 'final_logit_softcapping' && typeof around === 'string' && Object.hasOwn(CAPS, around)) return CAPS[around];
  return isListed(OBEYED, setting, type) && isObeyedByRotary(setting, type);
}

/**
 * @param {string} type a model type that transformers has
 * @returns {boolean} whether its class knows the share inside rope parameters
 */
export const knowsShare = (type) => has(OBEYED_BY_ROTARY[SHARE], type);
