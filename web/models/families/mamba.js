/** @type {import('./family.js').ModelFamily} */
const MAMBA = { token: 'embeddings.weight', head: 'lm_head', decoder: true };

/** Models without attention: nothing stands for positions. @type {import('./family.js').Families} */
export const MAMBAS = {
  mamba: { ...MAMBA, defaults: { tie_word_embeddings: true } },
  mamba2: MAMBA,
};
