import { each } from './each.js';

/** @type {import('./family.js').ModelFamily} */
const BART = {
  token: 'shared.weight',
  sharedNames: ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'],
  scale,
  position: 'encoder.embed_positions.weight',
  positionOffset: 2,
  norm: 'encoder.layernorm_embedding',
  head: 'lm_head',
  headBias: 'final_logits_bias',
  decoder: true,
  normEpsilon: 1e-5,
  defaults: { tie_word_embeddings: true },
};

/** @type {import('./family.js').ModelFamily} */
const MARIAN = { ...BART, positionOffset: 0, norm: undefined, sinusoidal: true };

/** @type {import('./family.js').ModelFamily} */
const FAIRSEQ = { ...MARIAN, position: undefined };

/** @type {import('./family.js').ModelFamily} */
const DECODER_ALONE = { token: 'embed_tokens.weight', head: 'lm_head', decoder: true };

/** @type {import('./family.js').ModelFamily} */
const FAIRSEQ_DECODER = { ...DECODER_ALONE, scale };

/** @type {import('./family.js').ModelFamily} */
const CANARY = {
  ...{ token: 'decoder.embed_tokens.weight', sharedNames: ['embed_tokens.weight'], norm: 'embedding_layernorm' },
  ...{ sinusoidal: { plain: true, divided: true }, normEpsilon: 1e-5 },
};

/** @type {import('./family.js').ModelFamily} */
const FORMULA = {
  ...{ ...DECODER_ALONE, scale, position: 'embed_positions.weight', positionOffset: 2, norm: 'layernorm_embedding' },
  ...{ normEpsilon: 1e-5, defaults: { scale_embedding: true } },
};

/** @type {import('./family.js').Families} */
export const BARTS = {
  ...each(BART, 'bart mbart plbart mvp'),
  ...each(MARIAN, 'marian pegasus'),
  led: { ...BART, positionOffset: 0, scale: undefined },
  'blenderbot-small': { ...BART, positionOffset: 0 },
  ...each({ ...BART, positionOffset: 0, norm: undefined }, 'blenderbot bigbird_pegasus'),
  ...each({ ...FAIRSEQ, sinusoidal: { skipsPadding: true } }, 'm2m_100 nllb-moe'),
  ...each({ ...FAIRSEQ, sinusoidal: { skipsPadding: true }, headBias: undefined }, 'seamless_m4t seamless_m4t_v2'),
  pegasus_x: { ...FAIRSEQ, sinusoidal: {} },
  ...each({ ...FAIRSEQ_DECODER, sinusoidal: { skipsPadding: true } }, 'speech_to_text kosmos_2_text_model'),
  xglm: { ...FAIRSEQ_DECODER, sinusoidal: { offset: 2 } },
  kosmos_2_5_text_model: {
    ...FAIRSEQ_DECODER, type: 'segment_emb.weight', sinusoidal: { skipsPadding: true } },
  ctrl: {
    ...{ ...DECODER_ALONE, token: 'w.weight', sinusoidal: true },
    scale: squareRoot,
  },
  trocr: {
    normed: (settings) => settings.flag('layernorm_embedding') !== false,
    ...{ ...DECODER_ALONE, scale, position: 'embed_positions.weight', positionOffset: 2 },
    ...{ norm: 'layernorm_embedding', normEpsilon: 1e-5, head: 'output_projection', defaults: BART.defaults },
  },
  pp_formulanet_text: {
    ...{ ...FORMULA, head: undefined, decoder: undefined },
  },
  pp_formulanet: FORMULA,
  fsmt: {
    ...{ ...FAIRSEQ_DECODER, token: 'encoder.embed_tokens.weight', head: undefined, decoder: undefined },
    position: 'encoder.embed_positions.weight',
    ...{ sinusoidal: { skipsPadding: true }, noHead: 'scores words of another language, in a table of its decoder' },
  },
  prophetnet: {
    token: 'word_embeddings.weight',
    sharedNames: ['encoder.word_embeddings.weight', 'decoder.word_embeddings.weight'],
    position: 'encoder.position_embeddings.weight',
    positionOffset: (settings) => (settings.number('pad_token_id') ?? 0) + 1,
    ...{ norm: 'encoder.embeddings_layer_norm', head: 'lm_head', decoder: true },
    ...{ normEpsilon: 1e-5, defaults: { tie_word_embeddings: true } },
  },
  clvp_decoder: {
    ...{ token: 'decoder.input_embeds_layer.weight', position: 'decoder.position_embeds_layer.weight' },
    ...{ head: 'lm_head', decoder: true, headNorm: { norm: 'final_norm', epsilon: 1e-5 } },
  },
  canary_decoder: CANARY,
  canary: { ...CANARY, head: 'proj_out', decoder: true },
  tipsv2_text_model: {
    ...{ token: 'token_embedding.weight', sinusoidal: {} },
    scale: (settings) => (settings.flag('scale_sqrt_depth') === false ? 1 : squareRoot(settings)),
  },
  cohere_asr: {
    ...{ token: 'token_embedding.weight', position: 'position_embedding.pos_enc', norm: 'layer_norm' },
    ...{ head: 'log_softmax.mlp.layer0', decoder: true, normEpsilon: 1e-5 },
  },
  ...each({ token: 'text_encoder.embed_tokens.weight', scale: squareRoot }, 'vits'),
  ...each({ token: 'encoder.embed.weight', scale: squareRoot }, 'fastspeech2_conformer'),
  whisper: { ...DECODER_ALONE, position: 'embed_positions.weight', head: 'proj_out' },
  biogpt: { ...DECODER_ALONE, scale, position: 'embed_positions.weight', positionOffset: 2, head: 'output_projection' },
};

/** @param {import('./family.js').Settings} settings */
function squareRoot(settings) {
  return Math.sqrt(settings.number('hidden_size') ?? NaN);
}

/** @param {import('./family.js').Settings} settings */
function scale(settings) {
  return settings.flag('scale_embedding') ? Math.sqrt(settings.number('d_model', 'hidden_size') ?? NaN) : 1;
}
