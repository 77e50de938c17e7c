import { WembedError, shown } from '../core/errors.js';
import { whyRefused } from './families/refused.js';
import { planFixed } from './fixed_rows.js';
import { Planner } from './planner.js';

/** @typedef {import('./config.js').ModelConfig} ModelConfig */

/**
 * A tensor to read: a `large` one is a table that may be converted to another dtype, a `table` stays as it is stored, a
 * `vector` becomes numbers.
 * @typedef {object} PlannedTensor
 * @property {string} name
 * @property {Part} part
 * @property {'large' | 'table' | 'vector'} as
 * @property {number} [more] rows of the table that other tensors hold
 * @property {number} [first] its rows are those of a table before it, from this one on
 * @property {string} [scales] of a table of 8-bit floats: the tensor that holds them, where there is one
 */

/**
 * What a tensor is. Token rows, and what should be copies of them; positions, types and their norm; the dense layer that
 * widens narrow rows; the head's own table and bias, and the dense layer and norm before a masked language model's scores.
 * @typedef {'token' | 'ownRow' | 'firstCopy' | 'secondCopy' | 'position' | 'positionRows' | 'positionColumns' | 'type' | `fixed${number}` | 'fixedDense' | 'fixedDenseBias'
 *   | 'fixedSecond' | 'fixedSecondBias' | 'normWeight' | 'normBias' | 'projectWeight' | 'projectBias' | 'head'
 *   | 'headBias' | 'denseWeight' | 'denseBias' | 'headNormWeight' | 'headNormBias' | 'perLayerToken' | 'perLayerProject' | 'perLayerNorm' | 'beside' | 'secondDense'} Part
 */

/**
 * Which of a checkpoint's tensors make up the input of its first block and its head.
 * @typedef {object} EndsPlan
 * @property {PlannedTensor[]} tensors with shapes that belong together
 * @property {'tied' | 'own' | 'equal or own' | 'none' | 'missing' | 'packed' | 'not made'} scores what the head scores against: the token table, or a
 *   table of its own; 'equal or own' where the config ties the two and the file holds both: they are tied if their numbers
 *   are equal, as in transformers; 'none' in a file without a head, 'missing' where the file should have one, 'packed'
 *   where the file has it in a quantized form that is not read, 'not made' where the family's is not
 */

/**
 * @param {Map<string, { shape: number[], dtype?: string }>} tensors by name
 * @param {ModelConfig} config
 * @param {string} file for messages
 * @param {boolean} [perLayer] the table of what each block is given besides is read, too
 * @returns {EndsPlan}
 */
export function planEnds(tensors, config, file, perLayer) {
  const planner = new Planner(tensors, config.modelType, file);
  const token = planInput(planner, config);
  const scores = planHead(planner, config, token);
  if (perLayer) planPerLayer(planner, config);
  return { tensors: planner.planned, scores };
}

/**
 * @param {unknown} modelType `model_type` of a config.json
 * @param {string} [more] what else is known
 * @returns {WembedError}
 */
export function unknownFamily(modelType, more) {
  const name = JSON.stringify(modelType);
  const why = whyRefused(modelType);
  const what = why
    ? `model_type ${name} cannot be loaded: a ${modelType} ${why}`
    : `model_type ${name} is not known; if its tensors are a plain decoder's, it loads with { family: 'llama' }`;
  return new WembedError('unsupported', `config.json: ${what}${more ? ` (${more})` : ''}`);
}

/** Tables that must be equal to the token table where a file has them too. @type {readonly Part[]} */
export const COPIES = ['firstCopy', 'secondCopy'];

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 * @returns {number[]} the token table's shape
 */
function planInput(planner, config) {
  const { family, hiddenSize, learnedPositions, tied, normed, affine, neighbours, projected, typed } = config;
  const table = planner.tokenTable(tokenNames(family, tied));
  const token = planner.add('token', 'large', table, [undefined, undefined]);
  const [, dim] = token;
  planner.addRows('token', planner.find(family.newTokens), token);
  const beside = planFixed(planner, config, dim);
  const project = planner.module(projected ? family.project : undefined);
  const [hidden] = planner.add('projectWeight', 'table', project.weight, [undefined, neighbours ? 3 * dim : dim + beside]);
  planner.add('projectBias', 'vector', project.bias, [hidden]);
  if ((hiddenSize ?? hidden ?? dim) !== (hidden ?? dim)) {
    const what = `rows of ${hidden ?? dim} numbers for blocks of ${shown(hiddenSize)}`;
    if (family.project && !hidden) planner.need(`${what}, so a dense layer`, `${family.project}.weight`);
    throw planner.refusal(`config.json has ${what}`);
  }
  const summed = family.projectsTokens ? (hidden ?? dim) : dim;
  if (learnedPositions) planPositions(planner, family, summed);
  COPIES.forEach((part, i) => planner.addCopy(part, family.sharedNames?.[i], token));
  planner.add('type', 'table', planner.find(typed ? family.type : undefined), [undefined, summed]);
  if (typeof family.rmsNorm === 'string') {
    planner.add('normWeight', 'vector', planner.need('a norm', `${family.rmsNorm}.weight`), [dim]);
  }
  if (family.ownRow) planner.add('ownRow', 'vector', planner.need("a token's own row", family.ownRow.name), [dim]);
  if (affine) planAffine(planner, affine, summed);
  else if (family.norm && normed) {
    planNorm(planner, family.norm, ['normWeight', 'normBias'], family.normsProjected ? (hidden ?? dim) : summed);
  }
  return token;
}

/**
 * @param {Planner} planner
 * @param {ModelConfig['family']} family
 * @param {number} dim of what they are added to
 */
function planPositions(planner, { position = '', sinusoidal, axes }, dim) {
  const found = planner.find(position) ?? (sinusoidal || axes ? undefined : planner.need('positions', position));
  planner.add('position', 'table', found, [undefined, dim]);
  if (found || !axes) return;
  const [rows, columns] = axes.map((name) => planner.need('positions', name));
  const [, , size] = planner.add('positionRows', 'table', rows, [undefined, 1, undefined]);
  planner.add('positionColumns', 'table', columns, [1, undefined, dim - size]);
}

/**
 * @param {Planner} planner
 * @param {import('./families/family.js').Affine} affine
 * @param {number} dim
 */
function planAffine(planner, { weight, bias }, dim) {
  if (weight) planner.add('normWeight', 'vector', planner.need('a vector', weight), [dim]);
  if (bias) planner.add('normBias', 'vector', planner.need('a vector', bias), [dim]);
}

/**
 * A file holds a table that several modules share once, under whichever of its names.
 * @param {ModelConfig['family']} family
 * @param {boolean | undefined} tied
 * @returns {string[]}
 */
function tokenNames({ token, sharedNames = [], masked, head, decoder, decoderBlock, biased }, tied) {
  const scored = tied && (decoder || decoderBlock || biased || masked) ? [masked?.head ?? head] : [];
  return [token, ...sharedNames, ...scored.flatMap((module) => (module ? [`${module}.weight`] : []))];
}

/**
 * @param {Planner} planner
 * @param {string} name
 * @param {[Part, Part]} parts
 * @param {number} dim
 */
function planNorm(planner, name, [weight, bias], dim) {
  const norm = planner.module(name);
  planner.add(weight, 'vector', norm.weight ?? planner.need('a norm', `${name}.weight`), [dim]);
  planner.add(bias, 'vector', norm.bias, [dim]);
}

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 * @param {number[]} token the token table's shape
 * @returns {EndsPlan['scores']}
 */
function planHead(planner, { family, tied: says, tiedIfMissing, decoderOfNoBlocks }, [vocab, dim]) {
  const { masked, decoder, decoderBlock, biased } = family;
  if (family.noHead) return 'not made';
  const dense = planner.module(masked?.dense);
  const own = planner.module(masked?.head ?? family.head);
  const head = !own.weight && says ? { ...own, ...planner.weightOf(family.tiedHead) } : own;
  const hasHead = masked ? dense.weight : biased ? head.bias : decoder || (decoderBlock && (decoderOfNoBlocks || planner.has(decoderBlock)));
  if (!hasHead) return 'none';
  // A T5's tie_word_embeddings means its scores' scale; the file tells whether they have a table of their own.
  const tied = family.tiedHead || family.headWidth ? false : decoder || biased || masked ? says === true || (tiedIfMissing && !head.weight) : !head.weight;
  const packed = head.weight && planner.whyPacked(head.weight) !== undefined;
  if (packed && !tied) return 'packed';
  if (!tied && !head.weight) return planner.hasPacked(masked?.head ?? family.head) ? 'packed' : 'missing';
  // Where the token table itself has the head's name, the file holds one table.
  const both = tied && !packed && head.weight !== undefined && head.weight !== planner.tokenName;
  const [rows, width] = tied && !both ? [vocab, dim] : planner.add('head', 'large', head.weight, [undefined, masked ? undefined : dim * (family.headWidth ?? 1)]);
  const bias = head.bias ?? planner.find(masked?.bias ?? family.headBias);
  planner.add('headBias', 'vector', bias, bias?.endsWith('final_logits_bias') ? [1, rows] : [rows]);
  planTransform(planner, family, width, vocab);
  return both ? 'equal or own' : tied ? 'tied' : 'own';
}

/**
 * What is done to hidden states before they are scored.
 * @param {Planner} planner
 * @param {ModelConfig['family']} family
 * @param {number} width of the table that they are scored against
 * @param {number} vocab its rows
 */
function planTransform(planner, { masked, headNorm, headDense }, width, vocab) {
  if (headNorm) planNorm(planner, headNorm.norm, ['headNormWeight', 'headNormBias'], width);
  if (headDense) {
    const [inner] = planner.add('denseWeight', 'table', planner.need('a dense layer', `${headDense.first}.weight`), [undefined, width]);
    planner.add('secondDense', 'table', planner.need('a dense layer', `${headDense.second}.weight`), [width, inner]);
  }
  if (!masked) return;
  const dense = planner.module(masked.dense);
  const beside = planner.sizeOf(masked.beside);
  const whole = width + (beside?.[0] ?? 0);
  if (beside?.[0]) planner.add('beside', 'table', planner.find(masked.beside), [undefined, vocab]);
  planner.add('denseWeight', 'table', dense.weight, [whole, undefined]);
  planner.add('denseBias', 'vector', dense.bias, [whole]);
  planNorm(planner, masked.norm, ['headNormWeight', 'headNormBias'], whole);
}

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 */
function planPerLayer(planner, { family: { perLayer }, modelType }) {
  const table = perLayer && planner.find(perLayer.token);
  if (!table) {
    throw new WembedError('unsupported', `perLayerInputs: this ${modelType} gives its blocks no row of a second table`);
  }
  const [, dim] = planner.add('perLayerToken', 'large', table, [undefined, undefined]);
  const weight = planner.need('a projection', `${perLayer.project}.weight`);
  planner.add('perLayerProject', 'table', weight, [dim, undefined]);
  planner.add('perLayerNorm', 'vector', planner.need('a norm', `${perLayer.norm}.weight`), [undefined]);
}
