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
  defaults: { layer_norm_eps: 1e-5, tie_word_embeddings: true },
};

/** @type {import('./family.js').ModelFamily} */
const MARIAN = { ...BART, positionOffset: 0, norm: undefined, sinusoidal: true };

/** @type {import('./family.js').ModelFamily} */
const FAIRSEQ = { ...MARIAN, position: undefined };

/** @type {import('./family.js').ModelFamily} */
const DECODER_ALONE = { token: 'embed_tokens.weight', head: 'lm_head', decoder: true };

/** @type {import('./family.js').ModelFamily} */
const FAIRSEQ_DECODER = { ...DECODER_ALONE, scale };

/** @type {import('./family.js').Families} */
export const BARTS = {
  ...each(BART, 'bart mbart plbart mvp'),
  ...each(MARIAN, 'marian pegasus'),
  ...each({ ...BART, positionOffset: 0 }, 'led blenderbot-small'),
  ...each({ ...BART, positionOffset: 0, norm: undefined }, 'blenderbot bigbird_pegasus'),
  ...each({ ...FAIRSEQ, sinusoidal: { skipsPadding: true } }, 'm2m_100 nllb-moe'),
  ...each(
    { ...FAIRSEQ, sinusoidal: { skipsPadding: true }, head: undefined, headBias: undefined, decoder: undefined },
    'seamless_m4t seamless_m4t_v2',
  ),
  pegasus_x: { ...FAIRSEQ, sinusoidal: {} },
  ...each({ ...FAIRSEQ_DECODER, sinusoidal: { skipsPadding: true } }, 'speech_to_text kosmos_2_text_model'),
  xglm: { ...FAIRSEQ_DECODER, sinusoidal: { offset: 2 } },
  kosmos_2_5_text_model: {
    ...{ ...FAIRSEQ_DECODER, head: undefined, decoder: undefined }, type: 'segment_emb.weight', sinusoidal: { skipsPadding: true } },
  ctrl: {
    ...{ ...DECODER_ALONE, token: 'w.weight', sinusoidal: true },
    scale: (settings) => Math.sqrt(settings.number('hidden_size', 'n_embd') ?? NaN),
  },
  trocr: {
    normed: (settings) => settings.flag('layernorm_embedding') !== false,
    ...{ ...DECODER_ALONE, scale, position: 'embed_positions.weight', positionOffset: 2 },
    ...{ norm: 'layernorm_embedding', head: 'output_projection', defaults: BART.defaults },
  },
  whisper: { ...DECODER_ALONE, position: 'embed_positions.weight', head: 'proj_out' },
  biogpt: { ...DECODER_ALONE, scale, position: 'embed_positions.weight', positionOffset: 2, head: 'output_projection' },
};

/** @param {import('./family.js').Settings} settings */
function scale(settings) {
  return settings.flag('scale_embedding') ? Math.sqrt(settings.number('d_model', 'hidden_size') ?? NaN) : 1;
}
