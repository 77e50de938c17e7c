import { each } from './each.js';
import {
  deepseek4Layers,
  interleavedUnlessOff,
  longIfAsked,
  olmo3Layers,
  step3Layers,
  stillBesideWindow,
  stillByBase,
  stillWhereFull,
  ultrabertLayers,
} from './rotary_rules.js';

/** @typedef {import('./family.js').ModelFamily} ModelFamily */
/** @typedef {import('./family.js').Settings} Settings */

/** @type {ModelFamily} */
export const DECODER = { token: 'embed_tokens.weight', head: 'lm_head', decoder: true, rotary: {} };

/** @type {ModelFamily} */
export const TIED_DECODER = { ...DECODER, defaults: { tie_word_embeddings: true } };

/** Queries and keys turn by neighbours, as GPT-J's. @type {ModelFamily} */
const NEIGHBOURS = { ...DECODER, rotary: { interleaved: true } };

/** @type {ModelFamily} */
const TIED_NEIGHBOURS = { ...TIED_DECODER, rotary: { interleaved: true } };

/** @type {ModelFamily} */
const COHERE = {
  ...TIED_NEIGHBOURS,
  headScale: (settings) => settings.number('logit_scale') ?? 1,
  defaults: { tie_word_embeddings: true, logit_scale: 0.0625 },
};

/** @type {ModelFamily} */
const COHERE2 = { ...COHERE, rotary: { interleaved: true, still: stillWhereFull } };

/** @type {ModelFamily} */
const GRANITE = {
  ...DECODER,
  scale: (settings) => settings.number('embedding_multiplier') ?? 1,
  headScale: (settings) => 1 / (settings.number('logits_scaling') ?? 1),
};

const GRANITE_KEYS = { embedding_scale: 'embedding_multiplier', logit_scale: 'logits_scaling' };

/** @type {ModelFamily} */
const GLM = { ...NEIGHBOURS, defaults: { partial_rotary_factor: 0.5 } };

/**
 * @param {ModelFamily} family
 * @param {string} architecture of its GGUF files
 * @param {Omit<import('./family.js').GgufFamily, 'architectures'>} [rest]
 * @returns {ModelFamily}
 */
const inGguf = (family, architecture, rest) => ({ ...family, gguf: { architectures: [architecture], ...rest } });

/** @param {number} share of a head that turns @returns {ModelFamily} */
const partly = (share) => ({ ...DECODER, defaults: { partial_rotary_factor: share } });

/** Multi-head latent attention: part of a head turns, by neighbours unless the config says otherwise. @type {ModelFamily} */
const LATENT = { ...DECODER, rotary: { interleaved: interleavedUnlessOff } };

/** Layers that see everything do not turn. @type {ModelFamily} */
const STILL_WHERE_FULL = { ...DECODER, rotary: { still: stillWhereFull } };

/** Rows that pass a norm of no weights. @type {ModelFamily} */
const NORMED_ROWS = {
  ...DECODER,
  rmsNorm: true,
  headScale: (settings) => settings.number('output_multiplier') ?? NaN,
};

/** Dense layers before its scores. @type {ModelFamily} */
const ULTRA = {
  ...DECODER,
  rotary: { layers: ultrabertLayers },
  headDense: { first: 'head.linear1', second: 'head.linear2', activation: 'gelu_pytorch_tanh' },
};

const REORDERED = { interleaved: true };

/** Decoders that begin with the token rows as they are, or times a number, and end in `lm_head`. @type {import('./family.js').Families} */
export const DECODERS = {
  llama: inGguf(DECODER, 'llama', REORDERED),
  ...{ mistral: DECODER, mixtral: DECODER, ministral: DECODER, ministral3: DECODER },
  llama4_text: { ...NEIGHBOURS, rotary: { interleaved: true, still: stillWhereFull } },
  ...{ arcee: DECODER, apertus: DECODER, seed_oss: DECODER, eurobert: DECODER, bitnet: DECODER },
  qwen2: inGguf(DECODER, 'qwen2'),
  qwen2_moe: inGguf(DECODER, 'qwen2moe'),
  ...{ qwen2_vl: DECODER, qwen2_vl_text: DECODER, qwen2_5_vl: DECODER, qwen2_5_vl_text: DECODER },
  qwen3: inGguf(DECODER, 'qwen3'),
  qwen3_moe: inGguf(DECODER, 'qwen3moe'),
  ...{ qwen3_next: DECODER, qwen3_5_text: DECODER, qwen3_vl_text: DECODER },
  phi: inGguf(partly(0.5), 'phi2'),
  phi3: inGguf(DECODER, 'phi3'),
  cohere: inGguf(COHERE, 'command-r', REORDERED),
  cohere2: inGguf(COHERE2, 'cohere2', REORDERED),
  granite: inGguf(GRANITE, 'granite', { interleaved: true, keys: GRANITE_KEYS }),
  granitemoe: inGguf(GRANITE, 'granitemoe', { interleaved: true, keys: GRANITE_KEYS }),
  granitemoehybrid: {
    ...GRANITE,
    rotary: { when: ['position_embedding_type', 'rope'] },
  },
  falcon_h1: {
    ...DECODER,
    scale: (settings) => settings.number('embedding_multiplier') ?? 1,
    headScale: (settings) => settings.number('lm_head_multiplier') ?? 1,
  },
  olmo: inGguf(DECODER, 'olmo', REORDERED),
  olmo2: inGguf(DECODER, 'olmo2'),
  olmo3: {
    ...DECODER,
    rotary: { layers: olmo3Layers },
  },
  olmoe: inGguf(DECODER, 'olmoe'),
  olmo_hybrid: DECODER,
  stablelm: inGguf(partly(0.25), 'stablelm'),
  smollm3: inGguf(TIED_DECODER, 'smollm3', REORDERED),
  starcoder2: inGguf(TIED_DECODER, 'starcoder2'),
  ...{ glm: GLM, glm4: GLM, glm4_moe: DECODER },
  nemotron: inGguf(partly(0.5), 'nemotron'),
  gpt_oss: inGguf({ ...DECODER, rotary: { baseCounts: true } }, 'gpt-oss', { yarnTruncates: false }),
  openai_privacy_filter: { ...DECODER, rotary: { interleaved: true, baseCounts: true } },
  hy_v4_vl_text: { ...DECODER, rotary: { interleaved: true, baseCounts: true } },
  exaone4: {
    ...DECODER,
    rotary: { still: stillBesideWindow },
  },
  ...{ ernie4_5: TIED_NEIGHBOURS, ernie4_5_moe: TIED_NEIGHBOURS },
  helium: NEIGHBOURS,
  // DeepSeek V3's own code also reorders what it turns, of queries and keys alike, so that their products are these.
  ...{ deepseek_v2: NEIGHBOURS, deepseek_v3: LATENT },
  persimmon: partly(0.5),
  ...{ minimax: DECODER, bamba: DECODER, lfm2: TIED_DECODER },
  jamba: { ...DECODER, rotary: undefined },
  ...each(
    DECODER,
    `apertus1p5_text aria_text beam chameleon cosmos3_edge_text cwm deepseek_ocr2_text diffllama doge dots1 emu3_text_model
     evolla flex_olmo glm4v_moe_text   glm_image_text   
     hy_v3 hy_v4 internlm3 iquestcoder jais2 jetmoe  laguna lfm3 mellum minimax_m2 mllama_text_model
     moshi paddleocr_vl_text phi4_multimodal phimoe qwen2_5_omni_text qwen3_omni_moe_text qwen3_vl_moe_text solar_open
     unlimited_ocr_text voxtral_realtime_text   cohere_compass_text lfm2_moe`,
  ),
  ...each(NEIGHBOURS, 'blt_local_encoder ernie4_5_vl_moe_text glm4v_text glm_ocr_text moonshine'),
  ...each(NEIGHBOURS, 'axk2 deepseek_v32 glm_moe_dsa longcat_flash'),
  ...each(
    LATENT,
    'axk1 glm4_moe_lite sarvam_mla',
  ),
  youtu: { ...LATENT, zeroPadding: true },
  ...each(STILL_WHERE_FULL, 'exaone_moe flint kolibri1 lara_mini'),
  ...each(GRANITE, 'granite4_vision_text granite_docling_text granitemoeshared'),
  muse_glimmer_text: { ...NORMED_ROWS, rotary: { still: stillByBase } },
  muse_spark_text: { ...NORMED_ROWS, rotary: { still: stillByBase, baseInParameters: true } },
  ...each({ ...DECODER, rotary: { growsByAlpha: true } }, 'hunyuan_v1_dense hunyuan_v1_moe hunyuan_vl_text'),
  aya_vision: { ...COHERE2, headScale: undefined },
  cohere2_vision: { ...COHERE2, headScale: undefined },
  granite_speech: { ...GRANITE, headScale: undefined },
  granite_speech_plus: { ...GRANITE, headScale: undefined },
  qwen3_5_moe_text: DECODER,
  ...each({ ...DECODER, rotary: undefined }, 'pix2struct glm5_next glm5_next_text kimi_linear zamba'),
  zamba2: { ...DECODER, rotary: { when: ['use_mem_rope', true, false], twofold: true, trained: longIfAsked } },
  bailing_hybrid: { ...NEIGHBOURS, token: 'word_embeddings.weight' },
  inkling_text: { ...DECODER, rmsNorm: 'embed_tokens.embed_norm', rotary: undefined, headScale: (settings) => 1 / (settings.number('logits_mup_width_multiplier') ?? NaN) },
  ...each(
    { token: 'llm.embed.weight', head: 'llm.unembed', decoder: true, rmsNorm: 'llm.embed_norm' },
    'inkling2_text inkling2_loop_text',
  ),
  mistral4: { ...LATENT, rotary: { ...LATENT.rotary, whole: true } },
  dots3_note_text: { ...NEIGHBOURS, rotary: { interleaved: true, whole: true, baseCounts: true, copied: true } },
  mimo_v2_flash: { ...DECODER, rotary: { plainShare: 0.334 } },
  ...each({ ...DECODER, rotary: { why: 'turns queries by numbers that it has learned' } }, 'mistral_large4_text'),
  ...each({ ...DECODER, rotary: { byShare: true } }, 'minimax_m3_vl_text'),
  nanochat: { ...DECODER, rmsNorm: true, rotary: { reversed: true } },
  deepseek_v4: { ...DECODER, head: 'head', rotary: { interleaved: true, trailing: true, usual: 'compress', layers: deepseek4Layers } },
  ...each({ ...GRANITE, rotary: { thetas: 'layer_rope_theta' } }, 'granite_swa granitemoe_swa'),
  ultrabert: { ...ULTRA, head: 'cls' },
  ultravbert: { ...ULTRA, head: 'head.decoder', text: ['text_config', 'ultrabert'] },
  ...each({ ...DECODER, token: 'wte.embedding', newTokens: 'wte.new_embedding' }, 'molmo2 molmo2_text'),
  dory: { ...DECODER, token: 'embeddings.weight', noHead: "multiplies each token's score by a number of its own" },
  zaya: {
    ...TIED_DECODER,
    rotary: { nested: true },
    affine: { weight: 'input_hidden_states_scale', bias: 'input_hidden_states_bias', biasFirst: true },
  },
  hrm_text: { ...DECODER, scale: hrmScale, affine: { bias: 'z_L_init' } },
  dia_encoder: { token: 'embedding.weight', rotary: {} },
  mistral_large4: {
    ...{ ...DECODER, token: 'tok_embeddings.weight', head: 'output' },
    rotary: { why: 'turns queries by numbers that it has learned' },
  },
  higgs_audio_v2: { ...DECODER, head: undefined, decoder: undefined, noHead: 'scores the codes of sounds' },
  neomme: {
    ...{ token: 'embed_tokens.word_embeddings.weight', project: 'embed_tokens.embedding_projection' },
    ...{ projectsTokens: true, rmsNorm: true },
    rotary: { why: 'turns queries by two coordinates' },
    noHead: 'projects hidden states back to the size of its rows before it scores them',
  },
  inkling_mm_model: {
    ...{ token: 'llm.embed.weight', head: 'llm.unembed', decoder: true, rmsNorm: 'llm.embed_norm' },
    headScale: (settings) => 1 / (settings.number('logits_mup_width_multiplier') ?? NaN),
  },
  step3p5: { ...DECODER, rotary: { layers: step3Layers } },
  cohere2_moe: { ...COHERE2, rotary: { ...COHERE2.rotary, noScaling: true } }, // its class does not read rope_scaling
  // Its scores are multiplied where Granite's are divided.
  hyperclovax: { ...GRANITE, headScale: (settings) => settings.number('logits_scaling') ?? 1 },
  minicpm3: {
    ...DECODER,
    scale: (settings) => settings.number('scale_emb') ?? 1,
    headScale: (settings) => (settings.number('dim_model_base') ?? NaN) / (settings.number('hidden_size') ?? NaN),
  },
};

/** @param {Settings} settings */
function hrmScale(settings) {
  return settings.number('embedding_scale') ?? 1 / (settings.number('initializer_range') ?? 0.02);
}
