import { TIED_DECODER } from './decoders.js';

/** @typedef {import('./family.js').ModelFamily} ModelFamily */

const TIED = { tie_word_embeddings: true };

/** @type {ModelFamily} */
const GPT2 = { token: 'wte.weight', position: 'wpe.weight', head: 'lm_head', decoder: true, defaults: TIED };

/** @type {ModelFamily} */
const GPTJ = { token: 'wte.weight', head: 'lm_head', decoder: true, rotary: { interleaved: true } };

/** Decoders of the time before LLaMA. @type {import('./family.js').Families} */
export const GPTS = {
  gpt2: { ...GPT2, gguf: { architectures: ['gpt2'] } },
  gpt_neo: GPT2,
  gpt_bigcode: { ...GPT2, gguf: { architectures: ['starcoder'] } },
  'openai-gpt': { ...GPT2, token: 'tokens_embed.weight', position: 'positions_embed.weight' },
  gptj: GPTJ,
  dbrx: { ...GPTJ, rotary: {} },
  exaone: { ...GPTJ, rotary: {} },
  mpt: { ...GPTJ, rotary: undefined, alibi: () => true },
  imagegpt: GPT2,
  sarvam_moe: { ...GPTJ, token: 'word_embeddings.weight', rotary: {} },
  gpt_neox_japanese: { token: 'embed_in.weight', head: 'embed_out', decoder: true, rotary: {} },
  codegen: GPTJ,
  gpt_neox: {
    token: 'embed_in.weight',
    head: 'embed_out',
    decoder: true,
    rotary: {},
    gguf: { architectures: ['gptneox'] },
    defaults: { partial_rotary_factor: 0.25 },
  },
  opt: {
    ...TIED_DECODER,
    rotary: undefined,
    position: 'embed_positions.weight',
    positionOffset: 2,
    project: 'project_in',
    projectsTokens: true,
  },
  bloom: {
    token: 'word_embeddings.weight',
    norm: 'word_embeddings_layernorm',
    head: 'lm_head',
    decoder: true,
    alibi: () => true,
    gguf: { architectures: ['bloom'] },
    defaults: { ...TIED, layer_norm_epsilon: 1e-5 },
  },
  falcon: {
    token: 'word_embeddings.weight',
    head: 'lm_head',
    decoder: true,
    rotary: { when: ['alibi', false, false] },
    alibi: (settings) => !!settings.get('alibi'),
    gguf: { architectures: ['falcon'] },
    defaults: TIED,
  },
};
