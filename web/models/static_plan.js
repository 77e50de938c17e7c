import { WembedError } from '../core/errors.js';

/** @type {Record<string, import('../core/dtypes.js').Dtype>} */
const TABLE_DTYPES = { F64: 'f32', F32: 'f32', F16: 'f16', BF16: 'bf16', I8: 'i8' };

/** What sentence-transformers calls its table. Model2Vec's is 'embeddings'. */
export const SENTENCE_TABLE = 'embedding.weight';

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
 * Finds the table, the token weights and the token mapping among a file's tensors. Where a file has tables under both names,
 * each library reads its own.
 * @template {{ name: string, dtype: string, shape: number[] }} Tensor
 * @param {Map<string, Tensor>} tensors
 * @param {string} file for messages
 * @param {boolean} [sentence] by sentence-transformers' rules: with its own table it reads neither weights nor mapping
 * @returns {StaticPlan<Tensor>}
 */
export function planStaticModel(tensors, file, sentence) {
  const [embedded, shared] = [tensors.get(SENTENCE_TABLE), tensors.get('embeddings')];
  const embeddings = sentence ? (embedded ?? shared) : (shared ?? embedded);
  if (!embeddings) {
    const found = [...tensors.keys()].slice(0, 8).join(', ') || 'none';
    throw new WembedError(
      'unsupported',
      `${file} holds no static embedding table: looked for 'embeddings' or '${SENTENCE_TABLE}', found ${found}`,
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
  const beside = sentence && embedded ? undefined : tensors;
  const weights = tokenTensor(beside, 'weights', /^F(64|32|16)$/, file);
  const mapping = tokenTensor(beside, 'mapping', /^[IU](64|32|16|8)$/, file);
  const vocab = mapping?.shape[0] ?? rows;
  if (weights && weights.shape[0] !== vocab) {
    throw new WembedError('bad_file', `${file}: ${weights.shape[0]} weights for a vocabulary of ${vocab}`);
  }
  return { embeddings, dtype: TABLE_DTYPES[dtype], rows, dim, weights, mapping };
}

/**
 * @template {{ name: string, dtype: string, shape: number[] }} Tensor
 * @param {Map<string, Tensor> | undefined} tensors
 * @param {string} name
 * @param {RegExp} dtypes
 * @param {string} file
 */
function tokenTensor(tensors, name, dtypes, file) {
  const tensor = tensors?.get(name);
  if (!tensor) return undefined;
  if (tensor.shape.length !== 1 || !dtypes.test(tensor.dtype)) {
    const what = `'${name}' is ${tensor.dtype} [${tensor.shape}], not (vocab) of a dtype that is read`;
    throw new WembedError('bad_file', `${file}: ${what}`);
  }
  return tensor;
}

/**
 * How a model finishes, by model2vec's rules: from its config.json alone, whatever modules.json says.
 * @param {unknown} config config.json or config_sentence_transformers.json, parsed, or null
 * @returns {{ normalize: boolean, maxLength: number }} maxLength in tokens, Infinity where texts are never cut
 */
export function staticSettings(config) {
  const { normalize, max_length: maxLength } = /** @type {Record<string, unknown>} */ (config ?? {});
  if (!/^[bn]/.test(typeof (normalize ?? 0))) throw bad('normalize', normalize);
  if (maxLength != null && !(Number.isInteger(maxLength) && Number(maxLength) > 0)) throw bad('max_length', maxLength);
  return { normalize: !!normalize, maxLength: maxLength === null ? Infinity : Number(maxLength ?? 512) };
}

/** @param {string} name @param {unknown} value of a setting */
const bad = (name, value) => new WembedError('bad_file', `config.json has ${name} ${JSON.stringify(value)}`);
