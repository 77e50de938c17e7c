/**
 * What one kind of model calls the tensors of its two ends, and what it does with them. Names are those of transformers
 * without the prefix that depends on the class which saved the file; names without `.weight` stand for a module of
 * `.weight` and, where it has one, `.bias`.
 * @typedef {object} Family
 * @property {string} token (vocabSize, dim)
 * @property {string} [position] (positions, dim) learned; absent where `positioned` says so
 * @property {(config: any) => boolean} [positioned]
 * @property {number} [positionOffset] added to every position
 * @property {boolean} [sinusoidal] positions are waves, sines first, where the file has none
 * @property {number} [padding] the default of pad_token_id where padding gets no position of its own
 * @property {string} [type] (types, dim): used where the file has it
 * @property {string} [norm] LayerNorm of the sum
 * @property {number} [epsilon] of the norms, where the config says nothing
 * @property {string} [project] dense layer to the hidden size: used where the file has it
 * @property {boolean} [projectsTokens] before positions are added, instead of after the norm
 * @property {(config: any) => number} [scale] what token rows are multiplied by
 * @property {string} [head] scores of its own, where they are not the token table's
 * @property {string} [headBias] where it is not the head's own
 * @property {boolean} [tied] the default of tie_word_embeddings
 * @property {boolean} [decoder] it has a head whatever the file has
 * @property {MaskedHead} [masked] what a masked language model's head does before it scores
 * @property {(config: any) => number} [headScale] what scores are multiplied by
 * @property {boolean | ((config: any) => boolean)} [rotary] queries and keys turn
 * @property {(config: any) => boolean} [alibi] scores of attention fall with distance
 */

/**
 * Dense layer, activation, LayerNorm, then the scores: the token table and a bias.
 * @typedef {{ dense: string, norm: string, head: string, bias?: string, activation: (config: any) => string }} MaskedHead
 */

const gelu = () => 'gelu';
const hiddenAct = (/** @type {any} */ config) => config.hidden_act ?? 'gelu';
const squareRoot = (/** @type {any} */ config) => Math.sqrt(config.hidden_size);

/** @type {Family} */
const BERT = {
  token: 'embeddings.word_embeddings.weight',
  position: 'embeddings.position_embeddings.weight',
  type: 'embeddings.token_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
  epsilon: 1e-12,
  tied: true,
  masked: {
    ...{ dense: 'cls.predictions.transform.dense', norm: 'cls.predictions.transform.LayerNorm' },
    ...{ head: 'cls.predictions.decoder', bias: 'cls.predictions.bias', activation: hiddenAct },
  },
};
/** @type {Family} */
const ROBERTA = {
  ...BERT,
  padding: 1,
  masked: {
    ...{ dense: 'lm_head.dense', norm: 'lm_head.layer_norm', head: 'lm_head.decoder', bias: 'lm_head.bias' },
    activation: gelu,
  },
};
/** @type {Family} */
const ELECTRA = {
  ...BERT,
  project: 'embeddings_project',
  masked: {
    ...{ dense: 'generator_predictions.dense', norm: 'generator_predictions.LayerNorm' },
    ...{ head: 'generator_lm_head', activation: gelu },
  },
};
/** @type {Family} */
const DEBERTA = {
  ...BERT,
  epsilon: 1e-7,
  positioned: (config) => config.position_biased_input ?? true,
};
/** @type {Family} */
const DECODER = { token: 'embed_tokens.weight', head: 'lm_head', decoder: true, rotary: true };
/** @type {Family} */
const TIED_DECODER = { ...DECODER, tied: true };
/** @type {Family} */
const GEMMA = { ...TIED_DECODER, scale: (config) => rounded(squareRoot(config), config.dtype ?? config.torch_dtype) };
/** @type {Family} */
const COHERE = { ...TIED_DECODER, headScale: (config) => config.logit_scale ?? 0.0625 };
/** @type {Family} */
const GRANITE = {
  ...DECODER,
  scale: (config) => config.embedding_multiplier ?? 1,
  headScale: (config) => 1 / (config.logits_scaling ?? 1),
};
/** @type {Family} */
const GRANITE_HYBRID = { ...GRANITE, rotary: (config) => config.position_embedding_type === 'rope' };
/** @type {Family} */
const GPT2 = { token: 'wte.weight', position: 'wpe.weight', head: 'lm_head', decoder: true, tied: true };
/** @type {Family} */
const GPTJ = { token: 'wte.weight', head: 'lm_head', decoder: true, rotary: true };
/** @type {Family} */
const T5 = {
  token: 'shared.weight',
  head: 'lm_head',
  tied: true,
  headScale: (config) =>
    (config.scale_decoder_outputs ?? config.tie_word_embeddings !== false) ? config.d_model ** -0.5 : 1,
};

/** @type {Family} */
const BART = {
  ...{ token: 'shared.weight', position: 'encoder.embed_positions.weight', positionOffset: 2 },
  ...{ norm: 'encoder.layernorm_embedding', epsilon: 1e-5 },
  ...{ head: 'lm_head', headBias: 'final_logits_bias', tied: true, decoder: true },
  scale: (config) => (config.scale_embedding ? Math.sqrt(config.d_model) : 1),
};
/** @type {Family} */
const MARIAN = { ...BART, positionOffset: 0, norm: undefined, sinusoidal: true };
/** @type {Family} */
const MAMBA = { token: 'embeddings.weight', head: 'lm_head', decoder: true };

/** @type {Record<string, Family>} by `model_type` */
const FAMILIES = {
  ...{ bert: BERT, big_bird: BERT, ernie: BERT, 'megatron-bert': { ...BERT, norm: undefined } },
  ...{ roberta: ROBERTA, 'xlm-roberta': ROBERTA, camembert: ROBERTA, longformer: ROBERTA, 'data2vec-text': ROBERTA },
  ...{ electra: ELECTRA, convbert: ELECTRA },
  nomic_bert: {
    ...{ ...BERT, position: undefined, norm: 'emb_ln', rotary: true },
    masked: { .../** @type {MaskedHead} */ (BERT.masked), norm: 'cls.predictions.transform.layer_norm' },
  },
  distilbert: {
    ...BERT,
    type: undefined,
    masked: {
      ...{ dense: 'vocab_transform', norm: 'vocab_layer_norm', head: 'vocab_projector' },
      activation: (config) => config.activation ?? 'gelu',
    },
  },
  albert: {
    ...BERT,
    project: 'encoder.embedding_hidden_mapping_in',
    masked: {
      ...{ dense: 'predictions.dense', norm: 'predictions.LayerNorm' },
      ...{ head: 'predictions.decoder', bias: 'predictions.bias' },
      activation: (config) => config.hidden_act ?? 'gelu_new',
    },
  },
  mpnet: { ...ROBERTA, type: undefined },
  ...{ deberta: DEBERTA, 'deberta-v2': DEBERTA },
  modernbert: {
    token: 'embeddings.tok_embeddings.weight',
    norm: 'embeddings.norm',
    epsilon: 1e-5,
    tied: true,
    rotary: true,
    masked: {
      ...{ dense: 'head.dense', norm: 'head.norm', head: 'decoder' },
      activation: (config) => config.classifier_activation ?? 'gelu',
    },
  },
  ...{ gpt2: GPT2, gpt_neo: GPT2, gpt_bigcode: GPT2 },
  'openai-gpt': { ...GPT2, token: 'tokens_embed.weight', position: 'positions_embed.weight' },
  ...{ gptj: GPTJ, codegen: GPTJ },
  gpt_neox: { token: 'embed_in.weight', head: 'embed_out', decoder: true, rotary: true },
  opt: {
    ...{ ...TIED_DECODER, rotary: false, position: 'embed_positions.weight', positionOffset: 2 },
    ...{ project: 'project_in', projectsTokens: true },
  },
  bloom: {
    ...{ token: 'word_embeddings.weight', norm: 'word_embeddings_layernorm', epsilon: 1e-5 },
    ...{ head: 'lm_head', decoder: true, tied: true, alibi: () => true },
  },
  falcon: {
    ...{ token: 'word_embeddings.weight', head: 'lm_head', decoder: true, tied: true },
    ...{ rotary: (config) => !config.alibi, alibi: (config) => !!config.alibi },
  },
  ...{ llama: DECODER, mistral: DECODER, mixtral: DECODER, ministral: DECODER, ministral3: DECODER },
  ...{ llama4_text: DECODER, arcee: DECODER, apertus: DECODER, seed_oss: DECODER, eurobert: DECODER, bitnet: DECODER },
  ...{ qwen2: DECODER, qwen2_moe: DECODER, qwen2_vl: DECODER, qwen2_vl_text: DECODER },
  ...{ qwen3: DECODER, qwen3_moe: DECODER, qwen3_next: DECODER, qwen3_5_text: DECODER, qwen3_vl_text: DECODER },
  ...{ qwen2_5_vl: DECODER, qwen2_5_vl_text: DECODER },
  ...{ phi: DECODER, phi3: DECODER },
  ...{ gemma: GEMMA, gemma2: GEMMA, gemma3_text: GEMMA, gemma4_text: GEMMA },
  ...{ cohere: COHERE, cohere2: COHERE },
  ...{ granite: GRANITE, granitemoe: GRANITE, granitemoehybrid: GRANITE_HYBRID },
  falcon_h1: {
    ...DECODER,
    scale: (config) => config.embedding_multiplier ?? 1,
    headScale: (config) => config.lm_head_multiplier ?? 1,
  },
  ...{ olmo: DECODER, olmo2: DECODER, olmo3: DECODER, olmoe: DECODER },
  ...{
    stablelm: DECODER,
    smollm3: TIED_DECODER,
    starcoder2: TIED_DECODER,
    glm: DECODER,
    glm4: DECODER,
    glm4_moe: DECODER,
  },
  ...{ nemotron: DECODER, gpt_oss: DECODER, exaone4: DECODER, ernie4_5: TIED_DECODER, ernie4_5_moe: TIED_DECODER },
  ...{ helium: DECODER, deepseek_v2: DECODER, deepseek_v3: DECODER, persimmon: DECODER, minimax: DECODER },
  ...{ lfm2: TIED_DECODER, bamba: DECODER, olmo_hybrid: DECODER, jamba: { ...DECODER, rotary: false } },
  ...{ mamba: { ...MAMBA, tied: true }, mamba2: MAMBA },
  ...{ bart: BART, mbart: BART, plbart: BART, marian: MARIAN, pegasus: MARIAN },
  ...{ t5: T5, umt5: T5, longt5: T5, mt5: { ...T5, headScale: () => 1 } },
};

/** What may stand before a family's names: the classes of transformers nest their modules differently. */
export const PREFIXES = [
  ...['', 'model.', 'transformer.', 'model.decoder.', 'decoder.', 'gpt_neox.'],
  ...['bert.', 'roberta.', 'distilbert.', 'electra.', 'albert.', 'mpnet.', 'deberta.', 'longformer.', 'ernie.'],
  ...['data2vec_text.', 'nomic_bert.', 'convbert.', 'backbone.'],
  ...['language_model.model.', 'language_model.', 'model.language_model.', 'model.text_model.'],
];

/** The model types that are known, for messages. */
export const familyNames = () => Object.keys(FAMILIES).join(', ');

/**
 * A model of text and images, or sound, has its text model's settings in `text_config`. Either may say that its ends are
 * tied.
 * @param {any} config a config.json, parsed, or null
 * @returns {any} the text model's settings, or the config itself
 */
export function textConfig(config) {
  const text = config?.text_config;
  if (!isFamily(text?.model_type)) return config;
  const ties = [config.tie_word_embeddings, text.tie_word_embeddings];
  return {
    ...{ dtype: config.dtype ?? config.torch_dtype, ...text },
    tie_word_embeddings: ties.includes(true) || (ties[0] ?? ties[1]),
  };
}

/** @param {unknown} modelType of a config.json */
export const isFamily = (modelType) => typeof modelType === 'string' && Object.hasOwn(FAMILIES, modelType);

/** @param {string} modelType that isFamily knows @returns {Family} */
export const familyOf = (modelType) => FAMILIES[modelType];

/**
 * How positions reach a model.
 * @param {string} modelType that isFamily knows
 * @param {any} config
 * @param {boolean} learned it has a table of them
 * @returns {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null}
 */
export function positionsOf(modelType, config, learned) {
  const { rotary, alibi, sinusoidal } = familyOf(modelType);
  if (learned) return 'learned';
  if (sinusoidal) return 'sinusoidal';
  if (alibi?.(config)) return 'alibi';
  return rotary && !(typeof rotary === 'function' && !rotary(config)) ? 'rotary' : null;
}

/**
 * Gemma's factor is a number of the model's own dtype.
 * @param {number} value
 * @param {string | undefined} dtype
 */
function rounded(value, dtype) {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  if (dtype === 'bfloat16') {
    const kept = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
    return new Float32Array(Uint32Array.of(kept).buffer)[0];
  }
  if (dtype !== 'float16') return Math.fround(value);
  // A binary16 keeps 10 of a binary32's 23 bits; square roots of dims are far from its ends.
  const unit = 2 ** (10 - Math.floor(Math.log2(value)));
  return Math.round(value * unit) / unit;
}
