import { WembedError } from '../errors.js';

/**
 * Which of a checkpoint's tensors make up the input of its first block and its head.
 * @typedef {object} CheckpointPlan
 * @property {string} family
 * @property {string} token (vocabSize, dim)
 * @property {string} [position] (positions, dim)
 * @property {string} [type] (types, dim)
 * @property {{ weight: string, bias: string }} [norm] (dim) each
 * @property {string} [head] (vocabSize, dim), where it is not the token table itself
 */

/** BERT's names; older files call a norm's weight gamma and its bias beta. */
const BERT = {
  token: 'embeddings.word_embeddings.weight',
  position: 'embeddings.position_embeddings.weight',
  type: 'embeddings.token_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
};
const DECODER = { token: 'embed_tokens.weight', head: 'lm_head.weight' };

/** By `model_type`. Prefixes depend on the class that saved the file. */
const FAMILIES =
  /** @type {Record<string, Partial<Record<'token' | 'position' | 'type' | 'norm' | 'head', string>>>} */ ({
    ...{ bert: BERT, electra: BERT, roberta: BERT, 'xlm-roberta': BERT, camembert: BERT },
    distilbert: { ...BERT, type: undefined },
    gpt2: { token: 'wte.weight', position: 'wpe.weight', head: 'lm_head.weight' },
    opt: { ...DECODER, position: 'embed_positions.weight' },
    ...{
      llama: DECODER,
      mistral: DECODER,
      mixtral: DECODER,
      qwen2: DECODER,
      qwen3: DECODER,
      phi3: DECODER,
    },
    ...{ gemma: DECODER, gemma2: DECODER, gemma3_text: DECODER },
    ...{ t5: { token: 'shared.weight' }, mt5: { token: 'shared.weight' } },
  });

const PREFIXES = [
  '',
  'model.',
  'transformer.',
  'bert.',
  'roberta.',
  'distilbert.',
  'electra.',
  'model.decoder.',
  'decoder.',
];

/** @param {any} config a config.json, parsed, or null */
export const isCheckpoint = (config) => Object.hasOwn(FAMILIES, String(config?.model_type));

/**
 * @param {Map<string, unknown>} tensors by name
 * @param {any} config of a family that `isCheckpoint` knows
 * @param {string} file for messages
 * @returns {CheckpointPlan}
 */
export function planCheckpoint(tensors, config, file) {
  const names = FAMILIES[config.model_type];
  const narrow = config.model_type === 'electra' && (config.embedding_size ?? 128) !== (config.hidden_size ?? 256);
  if (narrow) {
    const what = `embedding_size ${config.embedding_size ?? 128} and hidden_size ${config.hidden_size ?? 256}`;
    throw new WembedError('unsupported', `${file}: an electra of ${what} projects its rows, which is not covered`);
  }
  const find = (/** @type {string | undefined} */ name) =>
    name && PREFIXES.map((prefix) => prefix + name).find((full) => tensors.has(full));
  const need = (/** @type {string} */ what, /** @type {string} */ name) => {
    const found = find(name);
    if (found) return found;
    const some = [...tensors.keys()].slice(0, 8).join(', ') || 'nothing';
    throw new WembedError('bad_file', `${file}: a ${config.model_type} has ${what} '${name}', found ${some}`);
  };
  return {
    family: config.model_type,
    token: need('a token table', /** @type {string} */ (names.token)),
    position: names.position === undefined ? undefined : need('positions', names.position),
    type: find(names.type),
    norm: names.norm ? normOf(need, find, names.norm) : undefined,
    head: find(names.head),
  };
}

/**
 * @param {(what: string, name: string) => string} need
 * @param {(name: string) => string | undefined} find
 * @param {string} name
 */
function normOf(need, find, name) {
  const old = find(`${name}.gamma`);
  return {
    weight: old ?? need('a norm', `${name}.weight`),
    bias: old ? need('a norm', `${name}.beta`) : need('a norm', `${name}.bias`),
  };
}

/**
 * What a family does to its rows before the first block, from its config.
 * @param {any} config
 * @returns {{ scale: number, epsilon: number, positionOffset: number, paddingIdx: number | undefined }}
 */
export function inputSettings(config) {
  const type = config.model_type;
  const roberta = ['roberta', 'xlm-roberta', 'camembert'].includes(type);
  return {
    scale: /^gemma/.test(type) ? rounded(Math.sqrt(config.hidden_size), config.dtype ?? config.torch_dtype) : 1,
    epsilon: config.layer_norm_eps ?? 1e-12,
    positionOffset: type === 'opt' ? 2 : 0,
    paddingIdx: roberta ? (config.pad_token_id ?? 1) : undefined,
  };
}

/**
 * What a family does to its scores.
 * @param {any} config
 * @returns {{ tied: boolean, scale: number, softcap: number }}
 */
export function headSettings(config) {
  return {
    tied: config.tie_word_embeddings ?? /^(gemma|gpt2|opt)/.test(config.model_type),
    scale: config.logit_scale ?? (config.logits_scaling ? 1 / config.logits_scaling : 1),
    softcap: config.final_logit_softcapping ?? 0,
  };
}

/**
 * Gemma's factor is a number of the model's own dtype.
 * @param {number} value
 * @param {string | undefined} dtype
 */
function rounded(value, dtype) {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  if (dtype === 'bfloat16') {
    const kept = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
    return new Float32Array(Uint32Array.of(kept).buffer)[0];
  }
  // A binary16 keeps 10 of a binary32's 23 bits; square roots of dims are far from its ends.
  if (dtype === 'float16')
    return Math.round(value * 2 ** (10 - Math.floor(Math.log2(value)))) / 2 ** (10 - Math.floor(Math.log2(value)));
  return Math.fround(value);
}
