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

const REORDERED = { interleaved: true };

/** Decoders that begin with the token rows as they are, or times a number, and end in `lm_head`. @type {import('./family.js').Families} */
export const DECODERS = {
  llama: inGguf(DECODER, 'llama', REORDERED),
  ...{ mistral: DECODER, mixtral: DECODER, ministral: DECODER, ministral3: DECODER },
  llama4_text: NEIGHBOURS,
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
  cohere2: inGguf(COHERE, 'cohere2', REORDERED),
  granite: inGguf(GRANITE, 'granite', { interleaved: true, keys: GRANITE_KEYS }),
  granitemoe: inGguf(GRANITE, 'granitemoe', { interleaved: true, keys: GRANITE_KEYS }),
  granitemoehybrid: {
    ...GRANITE,
    rotary: { when: (settings) => settings.get('position_embedding_type') === 'rope' },
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
    rotary: { layers: (_, rope) => ({ full_attention: rope, sliding_attention: {} }) },
  },
  olmoe: inGguf(DECODER, 'olmoe'),
  olmo_hybrid: DECODER,
  stablelm: inGguf(partly(0.25), 'stablelm'),
  smollm3: inGguf(TIED_DECODER, 'smollm3', REORDERED),
  starcoder2: inGguf(TIED_DECODER, 'starcoder2'),
  ...{ glm: GLM, glm4: GLM, glm4_moe: DECODER },
  nemotron: inGguf(partly(0.5), 'nemotron'),
  gpt_oss: inGguf(DECODER, 'gpt-oss', { yarnTruncates: false }),
  exaone4: DECODER,
  ...{ ernie4_5: TIED_NEIGHBOURS, ernie4_5_moe: TIED_NEIGHBOURS },
  helium: NEIGHBOURS,
  // DeepSeek V3's own code also reorders what it turns, of queries and keys alike, so that their products are these.
  ...{ deepseek_v2: NEIGHBOURS, deepseek_v3: NEIGHBOURS },
  persimmon: partly(0.5),
  ...{ minimax: DECODER, bamba: DECODER, lfm2: TIED_DECODER },
  jamba: { ...DECODER, rotary: undefined },
};
