/** @type {import('./family.js').ModelFamily} */
const MAMBA = { token: 'embeddings.weight', head: 'lm_head', decoder: true };

/** Models without attention: nothing stands for positions. @type {import('./family.js').Families} */
export const MAMBAS = {
  mamba: { ...MAMBA, defaults: { tie_word_embeddings: true } },
  mamba2: MAMBA,
  ...{ falcon_mamba: MAMBA, nemotron_h: MAMBA },
  xlstm: { ...MAMBA, defaults: { output_logit_soft_cap: 30 } },
  rwkv: { ...MAMBA, head: 'head' },
  xlnet: { token: 'word_embedding.weight', head: 'lm_loss', biased: true },
};
