import { WembedError } from '../core/errors.js';

/** Names of indices, and of files of all weights, with the variant that both may have. */
export const INDEX_NAME = /(^|\/)[\w.-]*\.safetensors\.index(\.[\w-]+)?\.json$/;
const WEIGHTS_NAME = /(^|\/)model(\.[\w-]+)?\.safetensors$/;

/** A shard is beside its index: its name contains no path. */
const SHARD = /^\w[\w.+-]*\.safetensors$/;

/** @typedef {{ metadata?: { total_parameters?: unknown, total_size?: unknown }, weight_map?: unknown }} Index */

/** @param {Index} index model.safetensors.index.json, parsed */
export function totalsOf({ metadata }) {
  const count = (/** @type {unknown} */ value) => (Number.isSafeInteger(value) ? Number(value) : undefined);
  return { parameters: count(metadata?.total_parameters), bytes: count(metadata?.total_size) };
}

/**
 * transformers puts a variant's name into the index's: model.safetensors.index.fp16.json.
 * @param {string} weights a file's name, or an index's
 * @returns {string | undefined} undefined for a name that has no index
 */
export function indexName(weights) {
  if (INDEX_NAME.test(weights)) return weights;
  return WEIGHTS_NAME.test(weights) ? weights.replace(WEIGHTS_NAME, '$1model.safetensors.index$2.json') : undefined;
}

/**
 * @param {Index | null} index model.safetensors.index.json, parsed
 * @param {string} name
 * @returns {[tensor: string, file: string][]}
 */
export function checkedIndex(index, name) {
  const map = index?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new WembedError('bad_file', `${name} has no weight_map from tensors to files`, { reason: 'index' });
  }
  const entries = Object.entries(map);
  for (const [tensor, file] of entries) {
    if (typeof file === 'string' && SHARD.test(file)) continue;
    const what = `'${tensor}' is in ${JSON.stringify(file)}, which is not the name of a shard`;
    throw new WembedError('bad_file', `${name}: ${what}`, { reason: 'index' });
  }
  return entries;
}
