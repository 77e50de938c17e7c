import { WembedError } from '../core/errors.js';
import { TiedHead } from '../nn/language_model_head.js';
import { LayerNorm } from '../nn/layer_norm.js';
import { Dense, MaskedTransform } from '../nn/linear.js';
import { HeadSteps, denseStep, normStep } from './head_steps.js';
import { AlibiBias, LearnedPositions, SinusoidalPositions } from '../nn/positions.js';
import { EmbeddingTable } from '../table/table.js';
import { positionKind } from './config.js';
import { fixedRow } from './fixed_rows.js';
import { Affine, AxialPositions, FairseqWaves, RmsNorm } from './input_steps.js';
import { InputEmbedding } from './input_embedding.js';
import { PerLayerInputs } from './per_layer_inputs.js';
import { RotaryPositions } from './rotary_positions.js';

/** @typedef {import('./model.js').LayerModel} LayerModel */
/** @typedef {import('./config.js').ModelConfig} ModelConfig */
/** @typedef {import('./tensor_reader.js').Parts} Parts */
/** @typedef {import('../tokenizer/tokenizer.js').Tokenizer} Tokenizer */
/** What the head scores against, once that is known. @typedef {Exclude<import('./plan.js').EndsPlan['scores'], 'equal or own'>} Scores */

/**
 * What a transformer's ends are made of.
 * @typedef {object} EndsParts
 * @property {Parts} parts
 * @property {Scores} scores
 * @property {ModelConfig} config
 * @property {Tokenizer | WembedError} tokenizer or why there is none
 * @property {{ dispose(): void }[]} owned tables, and what is made here: to dispose of
 * @property {EndsOrigin} [origin] undefined of a GGUF file
 */

/**
 * What pruning and saving need of a checkpoint's files.
 * @typedef {object} EndsOrigin
 * @property {import('./settings.js').Values} json config.json, parsed
 * @property {() => Promise<string>} configText config.json, read again
 * @property {((json: import('./settings.js').Values) => import('./settings.js').Values)[]} edits what pruning has changed in it
 * @property {string} [family] whose rules hold, where the caller said so
 * @property {{ name: string, part: import('./plan.js').Part, shape: number[] }[]} tensors
 * @property {() => Promise<Uint8Array | object | undefined>} tokenizerSource the tokenizer.json, read again
 */

/**
 * A transformer's two ends: what its first block receives, and what scores its last block's output.
 * @implements {LayerModel}
 */
export class TransformerEnds {
  /** @type {'transformer'} */
  kind = 'transformer';
  classifier = undefined;
  encoder = undefined;
  whyNoEncoder;
  #config;
  #input;
  #owned;
  #scores;
  #positions;
  #maxPositions;
  /** Numbers that are in no table. */
  #vectors = 0;
  /** @type {Map<string | undefined, RotaryPositions>} */
  #rotaries = new Map();

  /** @param {EndsParts} ends */
  constructor({ parts, scores, config, tokenizer, owned, origin }) {
    const { modelType } = config;
    /** What it was made of: for pruning and saving. */
    this.state = { parts, scores, config, origin };
    this.#config = config;
    this.#scores = scores;
    this.#owned = owned;
    this.#positions = positionKind(config, (parts.position ?? parts.positionRows) !== undefined);
    this.#maxPositions = config.maxPositions ?? (parts.position && parts.position.rows - config.positionOffset) ?? null;
    this.table = /** @type {EmbeddingTable} */ (parts.token);
    this.tokenizer = tokenizer instanceof WembedError ? undefined : tokenizer;
    this.whyNoTokenizer = tokenizer instanceof WembedError ? tokenizer : null;
    this.whyNoEncoder = `a ${modelType} makes text vectors in its blocks, of which wembed has none: use embed() and head`;
    this.#input = inputOf(parts, config, owned);
    this.head = headOf(parts, scores, config, owned);
    this.perLayer = perLayerOf(parts, config, owned);
    for (const part of Object.values(parts)) if (part instanceof Float32Array) this.#vectors += part.length;
  }

  get whyNoHead() {
    if (this.head) return null;
    const { modelType, family } = this.#config;
    const what = `this ${modelType} has no head`;
    if (family.noHead) return `${what} here: a ${modelType} ${family.noHead}`;
    if (this.#scores === 'packed') return `${what} here: its weights are quantized in a form that is not read`;
    return this.#scores === 'none'
      ? `${what}: its files hold an encoder alone`
      : `${what}: its config does not tie it to the embedding (tie_word_embeddings), and its files have no table for it`;
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @param {import('./model.js').EmbedOptions} options
   */
  embed(ids, options) {
    return this.#input.embed(ids, options);
  }

  /**
   * @param {string} [layerType] default: full_attention, where layers differ
   * @returns {RotaryPositions | undefined}
   */
  rotaryOf(layerType) {
    const { rope } = this.#config;
    if (!rope || this.#positions !== 'rotary') return undefined;
    const type = layerType ?? rope.usualType;
    const rotary = this.#rotaries.get(type) ?? RotaryPositions.from(rope.of(type));
    this.#rotaries.set(type, rotary);
    return rotary;
  }

  /** @returns {AlibiBias | undefined} */
  get alibi() {
    const { alibiHeads } = this.#config;
    return this.#positions === 'alibi' && alibiHeads !== undefined ? new AlibiBias(alibiHeads) : undefined;
  }

  /** @returns {import('./model.js').ModelDescription} */
  describe() {
    const { vocabSize, rows, dim, dtype } = this.table;
    const tables = this.#owned.filter((part) => part instanceof EmbeddingTable);
    return {
      ...{ kind: 'transformer', family: this.#config.modelType, vocabSize, rows, dim, hiddenSize: this.#input.dim, dtype },
      bytes: tables.reduce((sum, { bytes }) => sum + bytes, 4 * this.#vectors),
      parameters: tables.reduce((sum, table) => sum + table.rows * table.dim, this.#vectors),
      ...{ tied: this.#scores === 'tied', positions: this.#positions },
      maxPositions: this.#maxPositions,
      perLayerInputs: this.perLayer?.shape ?? null,
      ...{ head: this.#describeHead(), whyNoHead: this.whyNoHead },
      ...{ pooling: null, normalize: false, maxLength: null, whyNoEncoder: this.whyNoEncoder, rules: null },
      tokenizer: this.tokenizer?.engine ?? null,
      whyNoTokenizer: this.whyNoTokenizer?.message ?? null,
    };
  }

  /** @returns {import('./model.js').HeadDescription | null} */
  #describeHead() {
    if (!this.head) return null;
    const { vocabSize, dim, table } = this.head;
    const { scoreScale: scale, softcap } = this.#config;
    return { vocabSize, dim, dtype: table.dtype, tied: this.#scores === 'tied', scale, softcap: softcap || null };
  }

  dispose() {
    for (const part of this.#owned) part.dispose();
    this.tokenizer?.dispose();
  }
}

/**
 * @param {Parts} parts
 * @param {ModelConfig} config
 * @param {{ dispose(): void }[]} owned
 * @returns {InputEmbedding}
 */
function inputOf(parts, config, owned) {
  const table = /** @type {EmbeddingTable} */ (parts.token);
  const { type: types, normWeight, normBias } = parts;
  const { family, scale, neighbours } = config;
  const learned = learnedOf(parts, config);
  const fixed = fixedRow(parts, config);
  const isBeside = family.fixed?.rows === 'beside the token';
  const waves = family.sinusoidal && !learned;
  return new InputEmbedding({
    ...{ table, types, scale, neighbours, ownRows: ownRowsOf(parts, config), maskId: config.maskId },
    ...(isBeside ? { beside: fixed } : { added: fixed }),
    mostPosition: config.lastPositionRepeats && learned ? learned.maxPositions - 1 : undefined,
    ...{ projectsTokens: family.projectsTokens, normsProjected: family.normsProjected },
    project: denseOf(parts.projectWeight, parts.projectBias, owned),
    positions: waves ? wavesOf(table.dim, config) : learned,
    norm: stepOf(normWeight, normBias, config),
  });
}

/**
 * @param {Parts} parts
 * @param {ModelConfig} config
 * @returns {LearnedPositions | AxialPositions | undefined}
 */
function learnedOf({ token, position, positionRows, positionColumns }, { positionOffset: offset, paddingId: paddingIdx, maxPositions }) {
  if (position) return new LearnedPositions(position, { offset, paddingIdx });
  return token && positionRows && positionColumns && new AxialPositions(positionRows, positionColumns, token.dim, maxPositions);
}

/**
 * @param {Parts} parts
 * @param {ModelConfig} config
 * @returns {Map<number, Float32Array> | undefined} rows that ids have instead of the table's
 */
function ownRowsOf({ ownRow }, { ownRowId }) {
  return ownRow && ownRowId !== undefined ? new Map([[ownRowId, ownRow]]) : undefined;
}

/**
 * @param {Parts} parts
 * @param {ModelConfig} config
 * @param {{ dispose(): void }[]} owned
 * @returns {PerLayerInputs | undefined}
 */
function perLayerOf({ perLayerToken: table, perLayerProject, perLayerNorm: weight }, config, owned) {
  const project = denseOf(perLayerProject, undefined, owned);
  if (!table || !project || !weight) return undefined;
  const size = weight.length;
  return new PerLayerInputs({
    ...{ table, project, size, norm: new RmsNorm(weight, config.normEpsilon ?? 1e-6) },
    ...{ scale: config.perLayerScale(size), outsideIsFirst: config.family.perLayer?.outsideIsFirst },
  });
}

/**
 * @param {Float32Array | undefined} weight
 * @param {Float32Array | undefined} bias
 * @param {ModelConfig} config
 */
function stepOf(weight, bias, config) {
  if (config.affine) return new Affine(weight, bias, config.affine.biasFirst);
  return config.family.rmsNorm ? new RmsNorm(weight, config.normEpsilon ?? 1e-6) : normOf(weight, bias, config);
}

/**
 * @param {number} dim
 * @param {ModelConfig} config
 */
function wavesOf(dim, { family: { sinusoidal }, paddingId }) {
  if (typeof sinusoidal === 'object') return new FairseqWaves(dim, sinusoidal, paddingId ?? 0);
  return new SinusoidalPositions({ dim, layout: 'concatenated' });
}

/**
 * @param {Parts} parts
 * @param {Scores} scores
 * @param {ModelConfig} config
 * @param {{ dispose(): void }[]} owned
 * @returns {TiedHead | undefined}
 */
function headOf(parts, scores, config, owned) {
  const scored = scores === 'tied' ? parts.token : parts.head;
  if (!scored || scores === 'none') return undefined;
  const { headBias: bias, headNormWeight, headNormBias } = parts;
  const dense = denseOf(parts.denseWeight, parts.denseBias, owned);
  const norm = normOf(headNormWeight, headNormBias, { normEpsilon: config.headNormEpsilon });
  const { scoreScale: scale, softcap } = config;
  const second = denseOf(parts.secondDense, undefined, owned);
  const transform = transformOf({ dense, second, norm, dim: scored.dim }, config);
  const head = new TiedHead(scored, { bias, transform, scale, softcap });
  owned.push(head);
  return head;
}

/**
 * What is done to hidden states before they are scored.
 * @param {{ dense?: Dense, second?: Dense, norm?: LayerNorm, dim: number }} layers
 * @param {ModelConfig} config
 */
function transformOf({ dense, second, norm, dim }, { activation, family: { headDense } }) {
  if (activation !== undefined && dense && norm) return new MaskedTransform(dense, activation, norm);
  if (headDense && dense && second) {
    return new HeadSteps(dim, [dense, second].map((each) => denseStep(each, headDense.activation)));
  }
  return norm && new HeadSteps(dim, [normStep(norm)]);
}

/**
 * @param {Float32Array | undefined} weight
 * @param {Float32Array | undefined} bias
 * @param {{ normEpsilon: number | undefined }} config
 */
const normOf = (weight, bias, { normEpsilon }) =>
  weight && new LayerNorm({ weight, bias, epsilon: /** @type {number} */ (normEpsilon) });

/**
 * @param {EmbeddingTable | undefined} weight
 * @param {Float32Array | undefined} bias
 * @param {{ dispose(): void }[]} owned
 * @returns {Dense | undefined}
 */
function denseOf(weight, bias, owned) {
  if (!weight) return undefined;
  const dense = new Dense(weight, bias);
  owned.push(dense);
  return dense;
}
