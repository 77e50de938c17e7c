import { WembedError, asObject, shown } from '../core/errors.js';

/** @type {Record<string, import('../core/dtypes.js').Dtype>} */
const TABLE_DTYPES = { F64: 'f32', F32: 'f32', F16: 'f16', BF16: 'bf16', I8: 'i8' };

/** The folders below its root that a static model may be in: Model2Vec's, then sentence-transformers'. */
export const STATIC_FOLDERS = ['', '0_StaticEmbedding/'];

/**
 * What the tensors of a static model mean, checked against each other.
 * @template {{ name: string, dtype: string, shape: number[] }} Tensor
 * @typedef {object} StaticPlan
 * @property {Tensor} embeddings (rows, dim)
 * @property {import('../core/dtypes.js').Dtype} dtype
 * @property {number} rows
 * @property {number} dim
 * @property {Tensor} [weights] (vocab)
 * @property {Tensor} [mapping] (vocab)
 */

/**
 * Finds the table, the token weights and the token mapping among a file's tensors.
 * @template {{ name: string, dtype: string, shape: number[] }} Tensor
 * @param {Map<string, Tensor>} tensors
 * @param {string} file for messages
 * @returns {StaticPlan<Tensor>}
 */
export function planStaticModel(tensors, file) {
  const embeddings = tensors.get('embeddings') ?? tensors.get('embedding.weight');
  if (!embeddings) {
    const found = [...tensors.keys()].slice(0, 8).join(', ') || 'none';
    throw new WembedError(
      'unsupported',
      `${file} holds no static embedding table: looked for 'embeddings' or 'embedding.weight', found ${found}`,
    );
  }
  const { name, dtype, shape } = embeddings;
  if (shape.length !== 2 || shape[1] === 0) {
    throw new WembedError('bad_file', `${file}: '${name}' has shape [${shape}], not (rows, dim)`);
  }
  if (!Object.hasOwn(TABLE_DTYPES, dtype)) {
    throw new WembedError('unsupported', `${file}: '${name}' is ${dtype}; tables are F64, F32, F16, BF16 or I8`);
  }
  const [rows, dim] = shape;
  const weights = tokenTensor(tensors, 'weights', ['F64', 'F32', 'F16'], file);
  const mapping = tokenTensor(tensors, 'mapping', ['I32', 'I64', 'U32'], file);
  const vocab = mapping?.shape[0] ?? rows;
  if (weights && weights.shape[0] !== vocab) {
    throw new WembedError('bad_file', `${file}: ${weights.shape[0]} weights for a vocabulary of ${vocab}`);
  }
  return { embeddings, dtype: TABLE_DTYPES[dtype], rows, dim, weights, mapping };
}

/**
 * @template {{ name: string, dtype: string, shape: number[] }} Tensor
 * @param {Map<string, Tensor>} tensors
 * @param {string} name
 * @param {string[]} dtypes
 * @param {string} file
 */
function tokenTensor(tensors, name, dtypes, file) {
  const tensor = tensors.get(name);
  if (!tensor) return undefined;
  if (tensor.shape.length !== 1 || !dtypes.includes(tensor.dtype)) {
    const what = `'${name}' is ${tensor.dtype} [${tensor.shape}], not (vocab) of ${dtypes.join(', ')}`;
    throw new WembedError('bad_file', `${file}: ${what}`);
  }
  return tensor;
}

/**
 * How a model pools and finishes, from its settings files. Model2Vec's `normalize` counts where it is given; otherwise a
 * Normalize module in sentence-transformers' modules.json decides.
 * @param {unknown} config config.json or config_sentence_transformers.json, parsed, or null
 * @param {unknown} modules modules.json, parsed, or null
 * @returns {{ normalize: boolean, maxLength: number }} maxLength in tokens, Infinity where texts are never cut
 */
export function staticSettings(config, modules) {
  const list = modules ?? [];
  const types = Array.isArray(list) ? list.map((module) => asObject(module).type) : [null];
  if (!types.every((type) => typeof type === 'string')) {
    throw new WembedError('bad_file', `modules.json is not a list of modules, each with its type: ${shown(list)}`);
  }
  const normalizes = types.some((type) => /(^|\.)Normalize$/.test(type));
  const { normalize, max_length: maxLength } = /** @type {Record<string, unknown>} */ (config ?? {});
  if (maxLength != null && !(Number.isInteger(maxLength) && Number(maxLength) > 0)) {
    throw new WembedError('bad_file', `config.json has max_length ${JSON.stringify(maxLength)}`);
  }
  return {
    normalize: typeof normalize === 'boolean' ? normalize : normalizes,
    maxLength: maxLength === null ? Infinity : Number(maxLength ?? 512),
  };
}
