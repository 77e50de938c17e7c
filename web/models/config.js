import { WembedError, shown } from '../core/errors.js';
import { settingsOf } from './class_settings.js';
import { FACTS, TIED_INSIDE } from './families/index.js';
import { whyRefused } from './families/refused.js';
import { RopeConfig, whyStill } from './rope_config.js';
import { isValues } from './settings.js';

/** @typedef {import('./families/family.js').ModelFamily} ModelFamily */
/** @typedef {import('./settings.js').Settings} Settings */

/**
 * What a config.json, or a GGUF file's metadata, says of a transformer's two ends: read once, every value of its type.
 * @typedef {object} ModelConfig
 * @property {string} modelType `model_type` in transformers
 * @property {ModelFamily} family
 * @property {number | undefined} hiddenSize numbers that the first block takes for a token
 * @property {number | undefined} maxPositions
 * @property {number} scale token rows are multiplied by it
 * @property {boolean} learnedPositions the family has a table of positions
 * @property {number} positionOffset added to every position
 * @property {boolean} normed the family's norm follows
 * @property {import('./families/family.js').Affine | undefined} affine
 * @property {boolean} neighbours a row stands between the next token's and the one before
 * @property {boolean} typed the family's token types are used where the file has them
 * @property {boolean} projected the family's dense layer is used where the file has it
 * @property {(size: number) => number} perLayerScale rows of the second table are multiplied by it
 * @property {number | undefined} zeroId the id whose row is zeros
 * @property {import('./families/family.js').FixedTable[]} fixed tables of which each token has the same rows
 * @property {number | undefined} ownRowId the id whose row is in a tensor of its own
 * @property {boolean} lastPositionRepeats positions beyond the last are the last
 * @property {number | undefined} maskId the id whose rows are zeros, where the family drops tokens
 * @property {number | undefined} paddingId the id without a position of its own
 * @property {number | undefined} normEpsilon
 * @property {number | undefined} headNormEpsilon of the norm before a masked language model's scores
 * @property {boolean | undefined} tied scores are made against the token table; undefined where nothing says so
 * @property {boolean} decoderOfNoBlocks the model has a decoder, though no block of it
 * @property {boolean} tiedIfMissing where the files have no table for the scores
 * @property {number} scoreScale scores are multiplied by it
 * @property {number} softcap 0: none
 * @property {string | undefined} activation of a masked language model's head
 * @property {number | undefined} alibiHeads attention heads, where scores fall with distance
 * @property {RopeConfig | undefined} rope undefined where queries and keys do not turn
 */

/**
 * @param {unknown} json a config.json, parsed
 * @param {string} [as] model type whose rules hold for one that is not known
 * @returns {ModelConfig | undefined} undefined where its model type is not known
 */
export function readConfig(json, as) {
  if (isValues(json) && whyRefused(json.model_type)) return undefined;
  const { modelType, family, settings } = settingsOf(json, FACTS, as) ?? {};
  return family && settings && modelConfig(/** @type {string} */ (modelType), family, settings);
}

/**
 * @param {string} modelType
 * @param {ModelFamily} family
 * @param {Settings} settings
 * @param {boolean} [interleaved] how queries and keys turn; default: as the family has it
 * @returns {ModelConfig}
 */
export function modelConfig(modelType, family, settings, interleaved) {
  const { rotary, masked, alibi, positionOffset: offset = 0, affine } = family;
  return {
    modelType,
    family,
    hiddenSize: sizeGiven(settings),
    maxPositions: settings.number('max_position_embeddings', 'n_positions', 'n_ctx'),
    scale: Math.fround(finite('the factor of token rows', family.scale?.(settings) ?? 1)),
    learnedPositions: family.position !== undefined && (family.positioned?.(settings) ?? true),
    paddingId: family.skipsPadding || typeof family.sinusoidal === 'object' ? (family.paddingId ?? settings.number('pad_token_id')) : undefined,
    positionOffset: typeof offset === 'function' ? offset(settings) : offset,
    affine: affine && (affine.when?.(settings) ?? true) ? affine : undefined,
    neighbours: family.neighbours?.(settings) ?? false,
    projected: family.projected?.(settings) ?? true,
    typed: family.typed?.(settings) ?? true,
    perLayerScale: (size) => family.perLayer?.scale(settings, size) ?? 1,
    zeroId: family.zeroPadding ? settings.number('pad_token_id') : undefined,
    normEpsilon: family.normEpsilon ?? epsilonOf(settings),
    headNormEpsilon: family.headNorm?.epsilon ?? family.masked?.normEpsilon ?? epsilonOf(settings),
    normed: family.normed?.(settings) ?? true,
    fixed: family.fixed?.tables(settings) ?? [],
    ownRowId: family.ownRow?.id(settings),
    lastPositionRepeats: family.lastPositionRepeats?.(settings) ?? false,
    maskId: family.tokenDropout && settings.flag('token_dropout') ? (settings.number('mask_token_id') ?? -1) : undefined,
    tied: settings.flag('tie_word_embeddings'),
    decoderOfNoBlocks: settings.given('num_decoder_layers') === 0,
    tiedIfMissing: settings.given(TIED_INSIDE) === true,
    scoreScale: finite('the factor of scores', family.headScale?.(settings) ?? 1),
    softcap: family.softcap?.(settings) ?? settings.number('final_logit_softcapping', 'logits_soft_cap', 'output_logit_soft_cap') ?? 0,
    activation: masked?.activation(settings),
    alibiHeads: alibi?.(settings) ? (settings.number('n_head', 'num_attention_heads') ?? NaN) : undefined,
    rope: rotary && !whyStill(settings, rotary) ? new RopeConfig(settings, rotary, interleaved) : undefined,
  };
}

/** What classes call what is added to a variance. */
export const EPSILONS = ['layer_norm_eps', 'layer_norm_epsilon', 'norm_eps', 'rms_norm_eps'];

/**
 * A class knows one of the names, which its defaults have.
 * @param {Settings} settings
 */
function epsilonOf(settings) {
  const own = EPSILONS.find((name) => settings.default(name) !== undefined);
  return own === undefined ? settings.number(...EPSILONS) : settings.number(own);
}

/**
 * The size that the file itself says: it is held against the tables' own, which a class's default is not.
 * @param {Settings} settings
 */
function sizeGiven(settings) {
  const name = ['hidden_size', 'n_embd', 'd_model', 'dim'].find((each) => settings.given(each) != null);
  return name === undefined ? undefined : settings.number(name);
}

/**
 * How positions reach a model.
 * @typedef {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null} PositionKind
 */

/**
 * @param {ModelConfig} config
 * @param {boolean} table the model's files have a table of positions
 * @returns {PositionKind}
 */
export function positionKind(config, table) {
  if (table) return 'learned';
  if (config.family.sinusoidal) return 'sinusoidal';
  if (config.alibiHeads !== undefined) return 'alibi';
  return config.rope ? 'rotary' : null;
}

/**
 * @param {string} what
 * @param {number} value
 */
function finite(what, value) {
  if (Number.isFinite(value)) return value;
  throw new WembedError('bad_file', `config.json: ${what} is ${shown(value)}, which is no number`);
}
