/** @type {import('./family.js').ModelFamily} */
const BART = {
  token: 'shared.weight',
  sharedNames: ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'],
  scale: (settings) => (settings.flag('scale_embedding') ? Math.sqrt(settings.number('d_model') ?? NaN) : 1),
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

/** @type {import('./family.js').Families} */
export const BARTS = { bart: BART, mbart: BART, plbart: BART, marian: MARIAN, pegasus: MARIAN };
