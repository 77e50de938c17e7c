import { BERT } from './bert.js';
import { gelu } from './family.js';
import { interleavedIfOn } from './rotary_rules.js';

/** @type {import('./family.js').ModelFamily} */
export const ROBERTA = {
  ...BERT,
  skipsPadding: true,
  masked: {
    dense: 'lm_head.dense',
    norm: 'lm_head.layer_norm',
    head: 'lm_head.decoder',
    bias: 'lm_head.bias',
    activation: gelu,
  },
  defaults: { ...BERT.defaults, pad_token_id: 1 },
};

/** @type {import('./family.js').Families} */
export const ROBERTAS = {
  roberta: ROBERTA,
  'xlm-roberta': ROBERTA,
  camembert: ROBERTA,
  longformer: ROBERTA,
  'data2vec-text': ROBERTA,
  xmod: ROBERTA,
  esm: {
    ...ROBERTA,
    type: undefined,
    norm: 'embeddings.layer_norm',
    normed: (settings) => settings.flag('emb_layer_norm_before') === true,
    positioned: (settings) => settings.text('position_embedding_type') === 'absolute',
    rotary: { baseAlone: true, when: ['position_embedding_type', 'rotary'] },
    tokenDropout: true,
  },
  ibert: ROBERTA,
  luke: ROBERTA,
  'roberta-prelayernorm': ROBERTA,
  'xlm-roberta-xl': { ...ROBERTA, norm: undefined },
  xlm_roberta_flash: {
    ...ROBERTA,
    norm: 'emb_ln',
    positioned: (settings) => settings.text('position_embedding_type') === 'absolute',
    rotary: {
      when: ['position_embedding_type', 'rotary', 'rotary'],
      interleaved: interleavedIfOn,
    },
    alibi: (settings) => settings.text('position_embedding_type') === 'alibi',
  },
  jina_embeddings_v3: {
    ...ROBERTA,
    ...{ position: undefined, skipsPadding: undefined, norm: 'emb_ln', rotary: {} },
  },
  mpnet: { ...ROBERTA, type: undefined, paddingId: 1 },
};
