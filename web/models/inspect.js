import { optionsOf } from '../core/arguments.js';
import { importFailed } from '../core/import_failed.js';
import { DTYPES, blockScaleBytes, rowBytes } from '../core/dtypes.js';
import { TensorFiles } from '../formats/tensors.js';
import { locate } from '../sources/location.js';
import { readJson } from '../sources/whole.js';
import { LOAD_OPTIONS, openModel } from './open.js';
import { staticFolder } from './find_static.js';
import { planOrWhy } from './plan_or_why.js';

/**
 * One tensor as its header describes it.
 * @typedef {object} TensorInfo
 * @property {string} name as in the file
 * @property {string} dtype as safetensors or GGUF call it
 * @property {number[]} shape row-major
 * @property {number} bytes of its data
 * @property {string} file which file holds it
 */

/**
 * What `EmbeddingLayer.fromPretrained` would take.
 * @typedef {object} LayerInfo
 * @property {string[]} tensors their names
 * @property {number} vocabSize rows of the table
 * @property {number} dim numbers in a vector
 * @property {string} dtype how the token table is stored
 * @property {number} parameters numbers in these tensors
 * @property {number} share of all the model's parameters, 0 to 1
 * @property {boolean | null} tied scores are made against the token table; null where the config says so and the file has a
 *   table for them too: if their numbers differ, they are not tied
 * @property {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null} positions how positions enter the model
 * @property {number} download bytes of these tensors; the headers, tokenizer and settings come on top
 * @property {Record<import('../core/dtypes.js').Dtype, number>} tableBytes of the token table in each dtype, scales included
 */

/**
 * What a model is, told by the headers of its files.
 * @typedef {object} ModelInfo
 * @property {'safetensors' | 'gguf'} format of the weights
 * @property {string | undefined} family `model_type`, 'model2vec' for static models; undefined where there is no config
 * @property {TensorInfo[]} tensors what the files hold, in their order
 * @property {boolean} complete false where a model of very many shards has more headers than are read: then `tensors` lacks
 *   those of the last shards, and `parameters` and `bytes` are the index's where it tells, or what is known
 * @property {number} parameters numbers in all tensors
 * @property {number} bytes of all tensors
 * @property {number} headerBytes read of the files that hold tensors
 * @property {LayerInfo | undefined} layer undefined for a kind of model that is not known; `whyNoLayer` then says why
 * @property {string} [whyNoLayer] why `EmbeddingLayer` cannot load it; undefined: it can
 */

/** So many bytes of headers are read at most, whatever the size of the model. */
const MAX_HEADERS = 800_000;

/**
 * What a model is, from headers alone: less than 1 MB is read, but for GGUF files, whose tokenizer is in their header, and
 * for the index of a checkpoint of very many tensors. In a service worker, import it from `wembed/static`.
 * @param {string | URL | import('./open.js').ModelFilesInMemory} location as `EmbeddingLayer.fromPretrained` takes it
 * @param {import('./model.js').FromPretrainedOptions} [given] `file`: which of the location's files
 * @returns {Promise<ModelInfo>}
 */
export async function inspect(location, given) {
  const options = optionsOf('inspect', given, LOAD_OPTIONS);
  const found = await locate(location, options);
  try {
    return await inspectModel(await openModel(found, options), options);
  } catch (error) {
    await found.files.settle?.(error);
    throw error;
  }
}

/**
 * @param {import('./open.js').OpenedModel} opened
 * @param {import('./model.js').FromPretrainedOptions} options
 * @returns {Promise<ModelInfo>}
 */
async function inspectModel(opened, options) {
  const { format, file, files } = opened;
  // What is known of model types is large, and a page that loads a model has it already.
  const { ggufPlan, safetensorsPlan } = await import('./read_ends.js').catch(importFailed);
  if (format === 'gguf') {
    const tensors = await TensorFiles.gguf(files, /** @type {string} */ (file), options);
    return describe('gguf', tensors, (map) => ggufPlan(map, tensors));
  }
  const tensors = await openSafetensors(files, file, options);
  return describe('safetensors', tensors, (map) => safetensorsPlan(map, opened, tensors.name, options));
}

/** @typedef {import('./inspect_plan.js').LayerPlan} LayerPlan */
/** @typedef {import('./inspect_plan.js').TensorMap} TensorMap */

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string | undefined} file
 * @param {import('../formats/tensors.js').ReadOptions} options
 */
async function openSafetensors(files, file, options) {
  if (file) return TensorFiles.safetensors(files, options, file);
  try {
    return await TensorFiles.safetensors(files, options);
  } catch (error) {
    if (/** @type {import('../core/errors.js').WembedError} */ (error).code !== 'not_found') throw error;
    const modules = await readJson(files, 'modules.json', options);
    const folder = (modules && staticFolder(modules)) || '0_StaticEmbedding/';
    for (const name of [`${folder}model.safetensors`, 'embeddings.safetensors']) {
      const tensors = await TensorFiles.safetensors(files, options, name).catch(() => undefined);
      if (tensors) return tensors;
    }
    throw error;
  }
}

/**
 * @param {ModelInfo['format']} format
 * @param {TensorFiles} tensors closed afterwards
 * @param {(map: TensorMap) => LayerPlan} plan
 * @returns {Promise<ModelInfo>}
 */
async function describe(format, tensors, plan) {
  try {
    const layer = await tensors.plan((map) => planOrWhy(() => plan(map)));
    const complete = await tensors.readHeaders(MAX_HEADERS - tensors.headerBytes);
    const { known, headerBytes } = tensors;
    const infos = known.map(({ name, dtype, shape, begin, end, file }) => ({
      name,
      dtype,
      shape,
      bytes: end - begin,
      file,
    }));
    const parameters = (!complete && tensors.totals.parameters) || sum(known.map(numbersOf));
    const bytes = (!complete && tensors.totals.bytes) || sum(infos.map((info) => info.bytes));
    const whole = { format, tensors: infos, complete, parameters, bytes, headerBytes };
    if ('why' in layer) return { ...whole, family: undefined, layer: undefined, whyNoLayer: layer.why };
    return { ...whole, family: layer.family, layer: layerInfo(layer, parameters, bytes) };
  } finally {
    await tensors.close();
  }
}

/**
 * @param {LayerPlan} plan
 * @param {number} parameters the model's
 * @param {number} bytes the model's
 * @returns {LayerInfo}
 */
function layerInfo({ table, tensors, tied, positions, whole }, parameters, bytes) {
  const [vocabSize, dim] = table.shape;
  const own = sum(tensors.map(numbersOf));
  const tableBytes = DTYPES.map((dtype) => {
    const scale = dtype === 'i8' ? 4 : blockScaleBytes(dtype, dim);
    return [dtype, vocabSize * (rowBytes(dtype, dim) + scale)];
  });
  return {
    ...{ tensors: tensors.map(({ name }) => name), vocabSize, dim, dtype: table.dtype, parameters: own },
    ...{ share: parameters ? own / parameters : 0, tied, positions },
    download: whole ? bytes : sum(tensors.map(({ begin, end }) => end - begin)),
    tableBytes: /** @type {LayerInfo['tableBytes']} */ (Object.fromEntries(tableBytes)),
  };
}

/** @param {{ shape: number[] }} tensor */
const numbersOf = ({ shape }) => shape.reduce((product, size) => product * size, 1);

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
