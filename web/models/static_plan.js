import { WembedError } from '../core/errors.js';
import { f16ToF32 } from '../core/halves.js';

/** @type {Record<string, import('../core/dtypes.js').Dtype>} */
const TABLE_DTYPES = { F32: 'f32', F16: 'f16', BF16: 'bf16', I8: 'i8' };

/** The folders below its root that a static model may be in: Model2Vec's, then sentence-transformers'. */
export const STATIC_FOLDERS = ['', '0_StaticEmbedding/'];

/**
 * What the tensors of a static model mean, checked against each other.
 * @typedef {object} StaticPlan
 * @property {import('../formats/safetensors.js').HeaderEntry} embeddings (rows, dim)
 * @property {import('../core/dtypes.js').Dtype} dtype
 * @property {number} rows
 * @property {number} dim
 * @property {import('../formats/safetensors.js').HeaderEntry} [weights] (vocab)
 * @property {import('../formats/safetensors.js').HeaderEntry} [mapping] (vocab)
 */

/**
 * Finds the table, the token weights and the token mapping among a file's tensors.
 * @param {Map<string, import('../formats/safetensors.js').HeaderEntry>} tensors
 * @param {string} file for messages
 * @returns {StaticPlan}
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
    throw new WembedError('unsupported', `${file}: '${name}' is ${dtype}; tables are F32, F16, BF16 or I8`);
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
 * @param {Map<string, import('../formats/safetensors.js').HeaderEntry>} tensors
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
 * Reads a one-dimensional tensor as JS numbers, which hold all of these dtypes but large I64 exactly.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} dtype
 * @returns {Float64Array | Float32Array | Int32Array | Uint32Array | BigInt64Array}
 */
export function typedValues(bytes, dtype) {
  switch (dtype) {
    case 'F64':
      return new Float64Array(bytes.buffer);
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'I32':
      return new Int32Array(bytes.buffer);
    case 'U32':
      return new Uint32Array(bytes.buffer);
    case 'I64':
      return new BigInt64Array(bytes.buffer);
    case 'F16':
      return f16ToF32(new Uint16Array(bytes.buffer));
  }
  throw new WembedError('unsupported', `a tensor of ${dtype} cannot be read as numbers`);
}

/**
 * How a model pools and finishes, from its settings files. Model2Vec's `normalize` counts where it is given; otherwise a
 * Normalize module in sentence-transformers' modules.json decides.
 * @param {any} config config.json or config_sentence_transformers.json, parsed, or null
 * @param {any} modules modules.json, parsed, or null
 * @returns {{ normalize: boolean, maxLength: number }} maxLength in tokens, Infinity where texts are never cut
 */
export function staticSettings(config, modules) {
  const normalizes = Array.isArray(modules) && modules.some((module) => /(^|\.)Normalize$/.test(String(module?.type)));
  const maxLength = config?.max_length;
  if (maxLength !== undefined && maxLength !== null && !(Number.isInteger(maxLength) && maxLength > 0)) {
    throw new WembedError('bad_file', `config.json has max_length ${JSON.stringify(maxLength)}`);
  }
  return {
    normalize: typeof config?.normalize === 'boolean' ? config.normalize : normalizes,
    maxLength: maxLength === null ? Infinity : (maxLength ?? 512),
  };
}
