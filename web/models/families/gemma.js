import { TIED_DECODER } from './decoders.js';
import { each } from './each.js';
import { Settings, isValues } from '../settings.js';
import { fullAndSliding, stillWhereFull } from './rotary_rules.js';



/** @type {import('./family.js').ModelFamily} */
const GEMMA = { ...TIED_DECODER, scale: squareRootOfDim };

/** @type {import('./family.js').PerLayerFamily} */
const PER_LAYER = {
  token: 'embed_tokens_per_layer.weight',
  project: 'per_layer_model_projection',
  norm: 'per_layer_projection_norm',
  scale: (settings, size) => rounded(Math.sqrt(size), settings.get('dtype', 'torch_dtype')),
};

/** @type {import('./family.js').OwnRow} */
const END_OF_IMAGE = { name: 'embed_tokens.eoi_embedding', id: (settings) => settings.number('eoi_token_index') ?? 256000 };

/** @type {import('./family.js').Families} */
export const GEMMAS = {
  gemma: { ...GEMMA, gguf: { architectures: ['gemma'] } },
  gemma2: { ...GEMMA, gguf: { architectures: ['gemma2'] } },
  gemma3_text: {
    ...GEMMA,
    rotary: { layers: fullAndSliding },
    gguf: { architectures: ['gemma3'], theta: 1e6 },
  },
  gemma4_text: { ...GEMMA, perLayer: PER_LAYER },
  gemma3n_text: { ...GEMMA, rotary: { layers: fullAndSliding }, perLayer: { ...PER_LAYER, outsideIsFirst: true } },
  ...each(GEMMA, 'vaultgemma gemma4_unified_text embedding_gemma2_text'),
  diffusion_gemma_text: { ...GEMMA, defaults: { ...GEMMA.defaults, final_logit_softcapping: 30 } },
  t5_gemma_module: GEMMA,
  t5gemma: {
    ...{ ...GEMMA, token: 'encoder.embed_tokens.weight', head: 'lm_head.out_proj', tiedHead: 'decoder.embed_tokens' },
    ...{ text: ['encoder', 't5_gemma_module'], outer: ['decoder'], softcap: (settings) => softcapOfDecoder(settings, 30) },
  },
  t5gemma2: {
    ...{ ...GEMMA, token: 'encoder.embed_tokens.weight', head: 'lm_head.out_proj', ownRow: END_OF_IMAGE },
    ...{ sharedNames: ['encoder.text_model.embed_tokens.weight', 'decoder.embed_tokens.weight'] },
    ...{ text: ['encoder', 't5gemma2_encoder'], outer: ['decoder'], insideOnly: true, softcap: (settings) => softcapOfDecoder(settings, 0) },
  },
  t5gemma2_encoder: {
    ...{ ...GEMMA, head: undefined, decoder: undefined, ownRow: END_OF_IMAGE },
    ...{ text: ['text_config', 't5gemma2_text'], outer: ['decoder', 'eoi_token_index'], insideOnly: true },
  },
  t5gemma2_text: GEMMA,
  recurrent_gemma: {
    ...GEMMA,
    scale: (settings) => rounded(Math.sqrt(settings.number('hidden_size') ?? NaN), 'bfloat16'),
  },
  afmoe: {
    ...GEMMA,
    defaults: { tie_word_embeddings: false }, rotary: { still: stillWhereFull }, scale: (settings) => (settings.flag('mup_enabled') ? squareRootOfDim(settings) : 1) },
};

/**
 * Rows are multiplied by √hidden_size, as a number of the model's own dtype.
 * @param {Settings} settings
 */
function squareRootOfDim(settings) {
  return rounded(Math.sqrt(settings.number('hidden_size') ?? NaN), settings.get('dtype', 'torch_dtype'));
}

/**
 * @param {number} value
 * @param {unknown} dtype as config.json names it
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

/** @param {Settings} settings @param {number} usual where the decoder's config leaves it out */
function softcapOfDecoder(settings, usual) {
  const decoder = settings.get('decoder');
  const own = isValues(decoder) ? new Settings({ ...decoder }) : undefined;
  return own?.given('final_logit_softcapping') === null ? 0 : (own?.number('final_logit_softcapping') ?? usual);
}
