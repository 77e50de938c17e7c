/** @type {import('./family.js').ModelFamily} */
const T5 = {
  token: 'shared.weight',
  sharedNames: ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'],
  head: 'lm_head',
  decoderBlock: 'decoder.block.0.',
  headScale: (settings) => {
    const scales = settings.flag('scale_decoder_outputs') ?? (settings.given('scale_decoder_outputs') === null ? false : undefined) ?? settings.flag('tie_word_embeddings') !== false;
    return scales ? scaleOf(settings) : 1;
  },
  defaults: { tie_word_embeddings: true },
};

/** @type {import('./family.js').Families} */
export const T5S = {
  t5: { ...T5, gguf: { architectures: ['t5', 't5encoder'] } },
  umt5: T5,
  longt5: T5,
  pop2piano: T5,
  switch_transformers: { ...T5, headScale: (settings) => (settings.flag('tie_word_embeddings') === false ? 1 : scaleOf(settings)) },
  udop: { ...T5, headScale: scaleOf },
  mt5: { ...T5, headScale: undefined },
};

/** @param {import('./family.js').Settings} settings */
function scaleOf(settings) {
  return (settings.number('d_model') ?? NaN) ** -0.5;
}
