import { each } from './each.js';
import { gelu, hiddenAct } from './family.js';
import { interleavedIfOn, modernbertLayers } from './rotary_rules.js';

/** @typedef {import('./family.js').ModelFamily} ModelFamily */
/** @typedef {import('./family.js').MaskedHead} MaskedHead */

/** @type {MaskedHead} */
const MASKED = {
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  head: 'cls.predictions.decoder',
  bias: 'cls.predictions.bias',
  activation: hiddenAct,
};

/** @type {ModelFamily} */
export const BERT = {
  token: 'embeddings.word_embeddings.weight',
  position: 'embeddings.position_embeddings.weight',
  type: 'embeddings.token_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
  masked: MASKED,
  defaults: { layer_norm_eps: 1e-12, tie_word_embeddings: true },
};

/** @type {ModelFamily} */
const ELECTRA = {
  ...BERT,
  project: 'embeddings_project',
  masked: {
    dense: 'generator_predictions.dense',
    norm: 'generator_predictions.LayerNorm',
    head: 'generator_lm_head',
    activation: gelu,
  },
};

/** @type {ModelFamily} */
const DEBERTA = {
  ...BERT,
  project: 'embeddings.embed_proj',
  normsProjected: true,
  positioned: (settings) => settings.flag('position_biased_input') ?? true,
  typed: (settings) => (settings.number('type_vocab_size') ?? 0) > 0,
  defaults: { ...BERT.defaults, layer_norm_eps: 1e-7 },
};

/** @type {ModelFamily} */
const XLM = {
  ...{ token: 'embeddings.weight', position: 'position_embeddings.weight', norm: 'layer_norm_emb' },
  ...{ head: 'pred_layer.proj', biased: true, defaults: BERT.defaults },
};

/** @type {MaskedHead} */
const MODERNBERT_HEAD = {
  dense: 'head.dense',
  norm: 'head.norm',
  head: 'decoder',
  activation: (settings) => settings.text('classifier_activation') ?? 'gelu',
};

/** @type {ModelFamily} */
const MODERNBERT = {
  token: 'embeddings.tok_embeddings.weight',
  norm: 'embeddings.norm',
  masked: MODERNBERT_HEAD,
  rotary: { layers: modernbertLayers },
  defaults: { norm_eps: 1e-5, tie_word_embeddings: true },
};

/** GTE's own code, before transformers had it. @type {ModelFamily} */
const NEW = {
  ...BERT,
  masked: { dense: 'lm_head.dense', norm: 'lm_head.norm', head: 'lm_head.decoder', bias: 'lm_head.decoder.bias', activation: hiddenAct },
};

/** @type {ModelFamily} */
const NOMIC = {
  ...BERT,
  position: undefined,
  norm: 'emb_ln',
  rotary: {},
  masked: { ...MASKED, norm: 'cls.predictions.transform.layer_norm' },
};

/** Where a word stands on a page: from left, top, right and bottom, its height and its width. */
const PLACES = [...'xyxyhw'].map((axis) => ({ name: `embeddings.${axis}_position_embeddings.weight` }));

/**
 * A word's path in HTML by depth: its tag and its number among its like. Of a word outside of HTML they are the padding's.
 * @param {import('./family.js').Settings} settings
 */
function pathsOutside(settings) {
  const [row, plusRow] = [settings.number('tag_pad_id') ?? 216, settings.number('subs_pad_id') ?? 1001];
  const depth = settings.number('max_depth') ?? 50;
  const name = (/** @type {string} */ kind, /** @type {number} */ at) => `embeddings.xpath_embeddings.xpath_${kind}_sub_embeddings.${at}.weight`;
  // A depth that is no whole number above 0 has no tables, which the file's dense layer does not fit.
  return Array.from({ length: depth <= MOST_DEEP ? depth : 0 }, (_, at) => ({ name: name('tag', at), row, plus: name('subs', at), plusRow }));
}

/** No page nests deeper than this in any model. */
const MOST_DEEP = 1024;

/** What TAPAS says of a table's cells: segment, column, row, whether it was the last answer, two ranks and a relation. */
const OF_CELLS = 7;

/** @param {import('./family.js').Settings} settings */
function typesOfCells(settings) {
  const sizes = settings.get('type_vocab_sizes');
  const length = Array.isArray(sizes) ? sizes.length : OF_CELLS;
  return Array.from({ length }, (_, i) => ({ name: `embeddings.token_type_embeddings_${i}.weight` }));
}

/** @param {import('./family.js').Settings} settings */
const joinsInputs = (settings) => settings.flag('concat_input') !== false;

/** @param {import('./family.js').Settings} settings */
function soundAndShape(settings) {
  const kinds = joinsInputs(settings) ? ['shape', 'pronunciation'] : [];
  return kinds.filter((kind) => settings.flag(`enable_${kind}`) !== false).map((kind) => ({ name: `embeddings.${kind}_embed.weight` }));
}

/** @param {import('./family.js').Settings} settings */
const isAbsolute = (settings) => settings.text('position_embedding_type') === 'absolute';

/** @type {import('./family.js').Families} */
export const BERTS = {
  bert: { ...BERT, gguf: { architectures: ['bert'] } },
  big_bird: { ...BERT, scale: (settings) => (settings.flag('rescale_embeddings') ? Math.sqrt(settings.number('hidden_size') ?? NaN) : 1) },
  ...{ squeezebert: BERT, visual_bert: BERT },
  lxmert: { ...BERT, normEpsilon: 1e-12, masked: { ...MASKED, normEpsilon: 1e-12 } },
  mobilebert: {
    ...{ ...BERT, project: 'embeddings.embedding_transformation', projectsTokens: true },
    neighbours: (settings) => settings.flag('trigram_input') !== false,
    projected: (settings) =>
      settings.flag('trigram_input') !== false || settings.number('embedding_size') !== settings.number('hidden_size'),
    normEpsilon: 1e-5,
    affine: {
      ...{ weight: 'embeddings.LayerNorm.weight', bias: 'embeddings.LayerNorm.bias' },
      when: (settings) => (settings.text('normalization_type') ?? 'no_norm') === 'no_norm',
    },
    masked: { ...MASKED, beside: 'cls.predictions.dense.weight' },
  },
  ...each(XLM, 'xlm flaubert'),
  git: { ...BERT, type: undefined, masked: undefined, head: 'output', decoder: true, defaults: { layer_norm_eps: 1e-12 } },

  ...each({ ...BERT, positionOffset: 2 }, 'mra nystromformer yoso'),
  ...each({ ...BERT, type: undefined, masked: undefined, norm: 'embeddings.layernorm' }, 'instructblip_qformer instructblipvideo_qformer'),
  funnel: { ...BERT, zeroPadding: true, position: undefined, type: undefined, masked: undefined, head: 'lm_head', biased: true, norm: 'embeddings.layer_norm' },
  rembert: {
    ...BERT,
    project: 'encoder.embedding_hidden_mapping_in',
    masked: { dense: 'cls.predictions.dense', norm: 'cls.predictions.LayerNorm', head: 'cls.predictions.decoder', activation: hiddenAct },
    defaults: { ...BERT.defaults, tie_word_embeddings: false },
  },
  esmc: {
    token: 'embed_tokens.weight',
    masked: { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', head: 'lm_head.decoder', normEpsilon: 1e-5, activation: gelu },
    rotary: {},
  },
  fnet: { ...BERT, project: 'embeddings.projection' },
  roformer: { ...BERT, position: undefined, project: 'embeddings_project', rotary: { interleaved: true } },
  'bert-generation': { ...BERT, type: undefined, masked: undefined, head: 'lm_head', decoder: true },
  gte: { ...BERT, position: undefined, rotary: {}, masked: { ...MASKED, dense: 'lm_head.dense', norm: 'lm_head.norm', head: 'lm_head.decoder', bias: 'lm_head.decoder.bias', activation: gelu } },
  new: { ...NEW, positioned: isAbsolute, rotary: { when: ['position_embedding_type', 'rope', 'rope'] } },
  jina_bert: {
    ...BERT,
    positioned: (settings) => (settings.text('position_embedding_type') ?? 'absolute') === 'absolute',
    alibi: (settings) => settings.text('position_embedding_type') === 'alibi',
  },
  neobert: { token: 'encoder.weight', head: 'decoder', biased: true, rotary: { interleaved: true } },
  ernie: {
    ...BERT,
    fixed: {
      tables: (settings) => (settings.flag('use_task_id') ? [{ name: 'embeddings.task_type_embeddings.weight' }] : []),
      what: 'a task',
    },
  },
  bros: { ...BERT, masked: undefined },
  layoutlm: { ...BERT, fixed: { tables: () => PLACES, what: 'a box of zeros' } },
  layoutlmv3: {
    ...BERT,
    ...{ masked: undefined, skipsPadding: true, fixed: { tables: () => PLACES, rows: 'beside each other', what: 'a box of zeros' } },
  },
  markuplm: {
    ...BERT,
    ...{ masked: undefined, skipsPadding: true },
    fixed: {
      tables: pathsOutside,
      rows: 'beside each other',
      dense: ['embeddings.xpath_embeddings.xpath_unitseq2_inner', 'embeddings.xpath_embeddings.inner2emb'],
      what: 'the path of words outside HTML',
    },
  },
  tapas: {
    ...BERT,
    type: undefined,
    fixed: { tables: typesOfCells, what: 'types 0 of a cell' },
    lastPositionRepeats: (settings) => settings.flag('reset_position_index_per_cell') !== false,
  },
  roc_bert: {
    ...BERT,
    ...{ project: 'embeddings.map_inputs_layer', projectsTokens: true, projected: joinsInputs },
    fixed: { tables: soundAndShape, rows: 'beside the token', what: 'shape 0 and sound 0' },
  },
  'megatron-bert': { ...BERT, norm: undefined },
  reformer: {
    ...{ token: BERT.token, position: 'embeddings.position_embeddings.embedding.weight' },
    axes: ['embeddings.position_embeddings.weights.0', 'embeddings.position_embeddings.weights.1'],
    ...{ head: 'lm_head.decoder', headWidth: 2, biased: true },
  },
  electra: ELECTRA,
  convbert: ELECTRA,
  deberta: DEBERTA,
  'deberta-v2': DEBERTA,
  nomic_bert: { ...NOMIC, gguf: { architectures: ['nomic-bert'] } },
  nomic_bert_own: {
    ...NOMIC,
    position: BERT.position,
    positioned: isAbsolute,
    rotary: { when: ['position_embedding_type', 'rotary'], interleaved: interleavedIfOn },
  },
  distilbert: {
    ...BERT,
    type: undefined,
    normEpsilon: 1e-12,
    masked: {
      normEpsilon: 1e-12,
      dense: 'vocab_transform',
      norm: 'vocab_layer_norm',
      head: 'vocab_projector',
      activation: (settings) => settings.text('activation') ?? 'gelu',
    },
  },
  albert: {
    ...BERT,
    project: 'encoder.embedding_hidden_mapping_in',
    masked: {
      dense: 'predictions.dense',
      norm: 'predictions.LayerNorm',
      head: 'predictions.decoder',
      bias: 'predictions.bias',
      activation: (settings) => settings.text('hidden_act') ?? 'gelu_new',
    },
  },
  'modernbert-decoder': { ...MODERNBERT, masked: { ...MODERNBERT_HEAD, dense: 'lm_head.dense', norm: 'lm_head.norm' } },
  modernbert: MODERNBERT,
  modernvbert: {
    ...MODERNBERT,
    masked: { ...MODERNBERT_HEAD, dense: 'projection_head.dense', norm: 'projection_head.norm', head: 'lm_head' },
  },
};
