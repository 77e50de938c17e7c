import { WembedError } from '../core/errors.js';
import { planCheckpoint } from './plan.js';
import { isFamily, positionsOf, textConfig } from './families/families.js';
import { STATIC_FOLDERS, planStaticModel } from './static_plan.js';
import { TensorFiles } from '../formats/tensors.js';
import { locate } from '../sources/location.js';
import { readJson } from '../sources/whole.js';
import { DTYPES, blockScaleBytes, rowBytes } from '../core/dtypes.js';

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
 * @property {boolean} tied scores are made against the token table
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

/** So many bytes of headers are read at most, whatever the size of the model. */
const MAX_HEADERS = 800_000;

/**
 * What a model is, from headers alone: less than 1 MB is read, but for GGUF files, whose tokenizer is in their header, and
 * for the index of a checkpoint of very many tensors.
 * @param {import('../sources/files.js').ModelLocation | import('../sources/source.js').ByteSource | Uint8Array | ArrayBuffer
 *   | Blob} location as `EmbeddingLayer.fromPretrained` takes it; the address or path of a .safetensors or .gguf file; or
 *   such a file itself
 * @param {import('../sources/address.js').FilesOptions & { file?: string }} [options] `file`: which of the location's files
 * @returns {Promise<ModelInfo>}
 */
export async function inspect(location, options = {}) {
  const { files, file } = await locate(location, options);
  try {
    if (file && /\.gguf([?#]|$)/i.test(file)) return await inspectGguf(files, file, options);
    const config = textConfig(await readJson(files, 'config.json', options));
    const tensors = await openSafetensors(files, file, options);
    const plan = isFamily(config?.model_type) ? endsOf : staticOf;
    return await describe('safetensors', tensors, (map) => plan(map, config, tensors.name));
  } catch (error) {
    await files.settle?.(error);
    throw error;
  }
}

/** @typedef {import('../formats/tensors.js').StoredTensor} Tensor */
/** @typedef {Map<string, Tensor>} TensorMap */

/**
 * @typedef {object} LayerPlan
 * @property {string} family
 * @property {Tensor} table
 * @property {Tensor[]} tensors
 * @property {boolean} tied
 * @property {LayerInfo['positions']} positions
 * @property {boolean} [whole] the file is read to its end
 */

/**
 * @param {TensorMap} map
 * @param {any} config of a family that is known
 * @param {string} file for messages
 * @param {string[]} [others] tensors that are read besides
 * @returns {LayerPlan}
 */
function endsOf(map, config, file, others = []) {
  const { wanted, scores, family } = planCheckpoint(map, config, file);
  const find = (/** @type {string} */ name) => /** @type {Tensor} */ (map.get(name));
  const named = (/** @type {string} */ part) => wanted.find((each) => each.part === part);
  const table = find(/** @type {{ name: string }} */ (named('token')).name);
  const tensors = [...wanted.map(({ name }) => name), ...others].map(find);
  const positions = positionsOf(family, config, named('position') !== undefined);
  return { family, table, tensors, tied: scores === 'tied', positions };
}

/**
 * @param {TensorMap} map
 * @param {any} config
 * @param {string} file for messages
 * @returns {LayerPlan}
 */
function staticOf(map, config, file) {
  const type = config?.model_type;
  if (type !== undefined && type !== 'model2vec') {
    throw new WembedError('unsupported', `${file}: model_type ${JSON.stringify(type)} is not known`);
  }
  const { embeddings, weights, mapping } = planStaticModel(map, file);
  const read = /** @type {Tensor[]} */ ([embeddings, weights, mapping].filter(Boolean));
  return { family: 'model2vec', table: read[0], tensors: read, tied: false, positions: null, whole: true };
}

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string | undefined} file
 * @param {import('../sources/reader.js').ReadOptions} options
 */
async function openSafetensors(files, file, options) {
  if (file) return TensorFiles.safetensors(files, options, file);
  try {
    return await TensorFiles.safetensors(files, options);
  } catch (error) {
    if (/** @type {WembedError} */ (error).code !== 'not_found') throw error;
    const [, folder] = STATIC_FOLDERS;
    return TensorFiles.safetensors(files, options, `${folder}model.safetensors`).catch(() => Promise.reject(error));
  }
}

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} file
 * @param {import('../sources/reader.js').ReadOptions} options
 */
async function inspectGguf(files, file, options) {
  const { configOfGguf } = await import('./gguf_config.js');
  const tensors = await TensorFiles.gguf(files, file, options);
  return describe('gguf', tensors, (map) => {
    const { config, names, divisors } = configOfGguf(tensors.gguf, file);
    const renamed = new Map([...map].map(([name, tensor]) => [names.get(name) ?? name, tensor]));
    return endsOf(renamed, config, file, divisors);
  });
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
 * A model of another kind, or one that lacks something, still has tensors to tell of.
 * @param {() => LayerPlan} plan
 * @returns {LayerPlan | { why: string }}
 */
function planOrWhy(plan) {
  try {
    return plan();
  } catch (error) {
    if (error instanceof WembedError) return { why: error.message };
    throw error; // a shard that has not been read
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
    tableBytes: /** @type {any} */ (Object.fromEntries(tableBytes)),
  };
}

/** @param {{ shape: number[] }} tensor */
const numbersOf = ({ shape }) => shape.reduce((product, size) => product * size, 1);

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
