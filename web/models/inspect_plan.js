import { WembedError } from '../core/errors.js';
import { positionKind, readConfig } from './config.js';
import { MODEL2VEC } from './families/static.js';
import { holdsStatic } from './find_static.js';
import { ggufConfig } from './gguf_config.js';
import { planEnds, unknownFamily } from './plan.js';
import { planOrWhy } from './plan_or_why.js';
import { planStaticModel } from './static_plan.js';

/** @typedef {import('../formats/tensors.js').StoredTensor} StoredTensor */
/** @typedef {Map<string, StoredTensor>} TensorMap */

/**
 * @typedef {object} LayerPlan
 * @property {string} family
 * @property {StoredTensor} table
 * @property {StoredTensor[]} tensors
 * @property {boolean | null} tied
 * @property {import('./config.js').PositionKind} positions
 * @property {boolean} [whole] the file is read to its end
 */

/**
 * @param {TensorMap} map
 * @param {import('./config.js').ModelConfig} config
 * @param {string} file for messages
 * @param {string[]} [others] names of tensors that are read besides
 * @returns {LayerPlan}
 */
function endsOf(map, config, file, others = []) {
  const { tensors: planned, scores } = planEnds(map, config, file);
  const find = (/** @type {string} */ name) => /** @type {StoredTensor} */ (map.get(name));
  const named = (/** @type {string} */ part) => planned.find((each) => each.part === part);
  const table = find(/** @type {{ name: string }} */ (named('token')).name);
  const tensors = [...planned.map(({ name }) => name), ...others].map(find);
  const positions = positionKind(config, (named('position') ?? named('positionRows')) !== undefined);
  return { family: config.modelType, table, tensors, tied: scores === 'equal or own' ? null : scores === 'tied', positions };
}

/**
 * @param {TensorMap} map
 * @param {import('../formats/tensors.js').TensorFiles & { gguf: import('../formats/gguf.js').Gguf }} tensors
 * @returns {LayerPlan}
 */
export function ggufPlan(map, { gguf, name: file }) {
  const { config, names, vectors } = ggufConfig(gguf, file);
  const renamed = new Map([...map].map(([name, tensor]) => [names.get(name) ?? name, tensor]));
  return endsOf(renamed, config, file, vectors);
}

/**
 * @param {TensorMap} map
 * @param {import('./open.js').OpenedModel} opened
 * @param {string} file for messages
 * @returns {LayerPlan}
 */
function staticOf(map, { kind, json }, file) {
  const plan = planOrWhy(() => planStaticModel(map, file, !json));
  if ('why' in plan) {
    const type = /** @type {{ model_type?: unknown }} */ (json)?.model_type;
    throw kind === 'static' ? new WembedError('unsupported', plan.why) : unknownFamily(type, plan.why);
  }
  const { embeddings, weights, mapping } = plan;
  const tensors = [embeddings, ...[weights, mapping].filter((tensor) => tensor !== undefined)];
  return { family: MODEL2VEC, table: embeddings, tensors, tied: false, positions: null, whole: true };
}

/**
 * @param {TensorMap} map
 * @param {import('./open.js').OpenedModel} opened
 * @param {string} file for messages
 * @param {import('./model.js').FromPretrainedOptions} options
 * @returns {LayerPlan}
 */
export function safetensorsPlan(map, opened, file, options) {
  const ends = opened.kind === 'transformer' && (options.family || !holdsStatic(map.keys()));
  const config = ends ? readConfig(opened.json, options.family) : undefined;
  return config ? endsOf(map, config, file) : staticOf(map, opened, file);
}
