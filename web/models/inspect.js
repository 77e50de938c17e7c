import { optionsOf } from '../core/arguments.js';
import { LOAD_OPTIONS } from './open.js';

/**
 * One tensor as its header describes it.
 * @typedef {object} TensorInfo
 * @property {string} name
 * @property {string} dtype as safetensors or GGUF call it
 * @property {number[]} shape row-major
 * @property {number} bytes
 * @property {string} file
 */

/**
 * What `EmbeddingLayer.fromPretrained` would take.
 * @typedef {object} LayerInfo
 * @property {string[]} tensors their names
 * @property {number} vocabSize
 * @property {number} dim
 * @property {string} dtype how the token table is stored
 * @property {number} parameters numbers in these tensors
 * @property {number} share of all the model's parameters, 0 to 1
 * @property {boolean | null} tied scores are made against the token table; null where the config says so and the file has a
 *   table for them too: if their numbers differ, they are not tied
 * @property {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null} positions
 * @property {number} download bytes of these tensors; the headers, tokenizer and settings come on top
 * @property {Record<import('../core/dtypes.js').Dtype, number>} tableBytes of the token table in each dtype, scales included
 */

/**
 * @typedef {object} ModelInfo
 * @property {'safetensors' | 'gguf'} format
 * @property {string | undefined} family `model_type`, 'model2vec' for static models; undefined where there is no config
 * @property {TensorInfo[]} tensors
 * @property {boolean} complete false where a model of very many shards has more headers than are read: then `tensors` lacks
 *   those of the last shards, and `parameters` and `bytes` are the index's where it tells, or what is known
 * @property {number} parameters
 * @property {number} bytes of all tensors
 * @property {number} headerBytes read of the files that hold tensors
 * @property {LayerInfo | undefined} layer undefined for a kind of model that is not known; `whyNoLayer` then says why
 * @property {string} [whyNoLayer]
 */

/**
 * What a model is, from headers alone: less than 1 MB is read, but for GGUF files, whose tokenizer is in their header, and
 * for the index of a checkpoint of very many tensors.
 * @param {string | URL | import('./open.js').ModelFilesInMemory} location as `EmbeddingLayer.fromPretrained` takes it
 * @param {import('./model.js').FromPretrainedOptions} [given] `file`: which of the location's files
 * @returns {Promise<ModelInfo>}
 */
export async function inspect(location, given) {
  const options = optionsOf('inspect', given, LOAD_OPTIONS);
  return (await import('./model_info.js')).modelInfo(location, options);
}
