import { WembedError, asObject, shown } from '../core/errors.js';
import { TensorFiles } from '../formats/tensors.js';
import { LayerNorm } from '../nn/layer_norm.js';
import { readJson } from '../sources/whole.js';
import { parseJson } from '../sources/json.js';
import { torchActivation } from '../nn/activations.js';
import { unit } from './sentence_encoder.js';
import { floatValues } from './tensor_values.js';

/** @typedef {import('../sources/files.js').ModelFiles} ModelFiles */
/** @typedef {import('../sources/reader.js').ReadOptions} ReadOptions */

/**
 * What follows the pooled rows.
 * @typedef {object} SentenceModule
 * @property {'normalize' | 'dense' | 'norm'} kind
 * @property {number} [outDim] where it is another than the rows' own
 * @property {(rows: Float32Array) => Float32Array} apply
 */

/**
 * Reads what a sentence-transformers folder says of its texts.
 * @param {ModelFiles} files
 * @param {ReadOptions} options
 * @param {unknown} config config_sentence_transformers.json, parsed, or null
 * @param {unknown} list modules.json, parsed, or null
 * @param {Uint8Array | object} tokenizer tokenizer.json, its bytes or parsed
 * @param {number} dim of the table's rows
 * @returns {Promise<import('./sentence_encoder.js').SentenceSettings>}
 */
export async function sentenceSettings(files, options, config, list, tokenizer, dim) {
  const { truncate_dim: cut, prompts, default_prompt_name: name } = /** @type {Record<string, unknown>} */ (config ?? {});
  const known = textsByName(prompts);
  if (cut != null && !(Number.isInteger(cut) && Number(cut) > 0)) throw bad('truncate_dim', cut);
  if (name != null && !(typeof name === 'string' && Object.hasOwn(known, name))) throw bad('default_prompt_name', name);
  return {
    modules: await modulesOf(files, options, list, dim),
    truncateDim: cut == null ? undefined : Number(cut),
    prompts: known,
    defaultPrompt: name == null ? undefined : /** @type {string} */ (name),
    truncation: await truncationOf(tokenizer),
  };
}

/** @param {string} name @param {unknown} value */
const bad = (name, value) =>
  new WembedError('bad_file', `config_sentence_transformers.json: ${name} is ${shown(value)}`);

/**
 * @param {unknown} prompts
 * @returns {Record<string, string>}
 */
function textsByName(prompts) {
  if (prompts == null) return {};
  if (typeof prompts !== 'object' || Object.values(prompts).some((each) => typeof each !== 'string')) {
    throw bad('prompts', prompts);
  }
  return /** @type {Record<string, string>} */ ({ ...prompts });
}

/**
 * @param {Uint8Array | object} tokenizer
 * @returns {Promise<import('./sentence_encoder.js').SentenceSettings['truncation']>}
 */
async function truncationOf(tokenizer) {
  const json = tokenizer instanceof Uint8Array ? await parseJson(tokenizer, 'tokenizer.json') : tokenizer;
  const { truncation } = /** @type {{ truncation?: { max_length?: unknown, direction?: unknown } | null }} */ (json);
  if (!truncation) return undefined;
  const { max_length: maxLength, direction } = truncation;
  if (!Number.isInteger(maxLength) || Number(maxLength) < 0) {
    throw new WembedError('bad_file', `tokenizer.json: truncation has max_length ${shown(maxLength)}`);
  }
  return { maxLength: Number(maxLength), fromLeft: direction === 'Left' };
}

/**
 * @param {ModelFiles} files
 * @param {ReadOptions} options
 * @param {unknown} list
 * @param {number} dim
 * @returns {Promise<SentenceModule[]>}
 */
async function modulesOf(files, options, list, dim) {
  const [, ...others] = Array.isArray(list) ? list : [];
  /** @type {SentenceModule[]} */
  const modules = [];
  let width = dim;
  for (const { type, path } of others) {
    const kind = typeof type === 'string' ? type.split('.').at(-1) : undefined;
    const make = KINDS.get(/** @type {string} */ (kind));
    if (!make || typeof path !== 'string') {
      const what = `modules.json has a module of type ${shown(type)} after its StaticEmbedding`;
      throw new WembedError('unsupported', `${what}: those that are known are ${[...KINDS.keys()].join(', ')}`);
    }
    const module = await make(files, options, path, width);
    if (module) modules.push(module);
    width = module?.outDim ?? width;
  }
  return modules;
}

/**
 * @typedef {(files: ModelFiles, options: ReadOptions, path: string, dim: number) =>
 *   Promise<SentenceModule | undefined>} MakeModule undefined: it changes nothing
 */

/** @type {Map<string, MakeModule>} */
const KINDS = new Map([
  ['Normalize', /** @type {MakeModule} */ (normalize)],
  ['Dropout', /** @type {MakeModule} */ (async () => undefined)],
  ['Dense', /** @type {MakeModule} */ (dense)],
  ['LayerNorm', /** @type {MakeModule} */ (norm)],
]);

/** @type {MakeModule} */
async function normalize(_, __, ___, dim) {
  return { kind: 'normalize', apply: (rows) => eachRow(rows, dim, dim, unit) };
}

/** @type {MakeModule} */
async function dense(files, options, path, dim) {
  const name = `${path}/config.json`;
  const config = asObject(await readJson(files, name, options));
  const { activation_function: activation, use_residual: residual = false } = config;
  const { module_input_name: input = VECTOR, module_output_name: output = VECTOR } = config;
  if (input !== VECTOR || (output ?? VECTOR) !== VECTOR) {
    throw new WembedError('unsupported', `${name}: a dense layer from ${shown(input)} to ${shown(output)} is not run`);
  }
  const activate = torchActivation(activation ?? 'torch.nn.modules.activation.Tanh', name);
  const tensors = await tensorsOf(files, options, path);
  const weight = tensors.need('linear.weight', [undefined, dim]);
  const outDim = weight.shape[0];
  const bias = tensors.find('linear.bias', [outDim]);
  const direct = residual && outDim !== dim ? tensors.need('residual.weight', [outDim, dim]) : undefined;
  const apply = (/** @type {Float32Array} */ row) => {
    const out = product(weight.data, row, outDim).map((value, i) => activate(value + (bias?.data[i] ?? 0)));
    const rest = residual ? (direct ? product(direct.data, row, outDim) : row) : undefined;
    return Float32Array.from(out, (value, i) => value + (rest?.[i] ?? 0));
  };
  return { kind: 'dense', outDim, apply: (rows) => eachRow(rows, dim, outDim, apply) };
}

/** The name of what a text's vector is in sentence-transformers. */
const VECTOR = 'sentence_embedding';

/** @type {MakeModule} */
async function norm(files, options, path, dim) {
  const tensors = await tensorsOf(files, options, path);
  const [weight, bias] = [tensors.need('norm.weight', [dim]).data, tensors.find('norm.bias', [dim])?.data];
  const layer = new LayerNorm({ weight, bias, epsilon: 1e-5 });
  return {
    kind: 'norm',
    apply: (rows) => {
      const out = rows.slice();
      layer.apply(out);
      return out;
    },
  };
}

/**
 * @param {Float32Array} rows
 * @param {number} dim
 * @param {number} outDim
 * @param {(row: Float32Array) => Float32Array} change
 */
function eachRow(rows, dim, outDim, change) {
  const out = new Float32Array((rows.length / dim) * outDim);
  for (let i = 0; i < rows.length / dim; i++) out.set(change(rows.subarray(i * dim, (i + 1) * dim)), i * outDim);
  return out;
}

/**
 * @param {Float32Array} weight (outDim, row.length)
 * @param {Float32Array} row
 * @param {number} outDim
 * @returns {Float64Array}
 */
function product(weight, row, outDim) {
  const dim = row.length;
  return Float64Array.from({ length: outDim }, (_, o) => row.reduce((sum, value, i) => sum + value * weight[o * dim + i], 0));
}

/**
 * @param {ModelFiles} files
 * @param {ReadOptions} options
 * @param {string} path of the module's folder
 */
async function tensorsOf(files, options, path) {
  const file = `${path}/model.safetensors`;
  const tensors = await TensorFiles.safetensors(files, options, file);
  try {
    const found = await tensors.plan((map) => [...map.values()]);
    const bytes = new Map(found.map((tensor) => [tensor, { at: 0, data: new Uint8Array(tensor.end - tensor.begin) }]));
    await tensors.read(
      new Map(
        [...bytes].map(([tensor, held]) => [
          tensor,
          (piece) => {
            held.data.set(piece, held.at);
            held.at += piece.length;
          },
        ]),
      ),
    );
    return new ModuleTensors(
      file,
      new Map(
        [...bytes].map(([{ name, shape, dtype }, { data }]) => [
          name,
          { shape, data: Float32Array.from(floatValues(data, dtype)) },
        ]),
      ),
    );
  } finally {
    await tensors.close();
  }
}

/** A module's tensors, their shapes checked as they are asked for. */
class ModuleTensors {
  #file;
  #tensors;

  /**
   * @param {string} file
   * @param {Map<string, { shape: number[], data: Float32Array }>} tensors
   */
  constructor(file, tensors) {
    this.#file = file;
    this.#tensors = tensors;
  }

  /**
   * @param {string} name
   * @param {(number | undefined)[]} shape
   */
  find(name, shape) {
    const tensor = this.#tensors.get(name);
    const fits = !tensor || (tensor.shape.length === shape.length && tensor.shape.every((size, i) => size > 0 && size === (shape[i] ?? size)));
    if (fits) return tensor;
    throw new WembedError('bad_file', `${this.#file}: '${name}' has shape [${tensor.shape}], not [${shape.map((size) => size ?? '…')}]`);
  }

  /**
   * @param {string} name
   * @param {(number | undefined)[]} shape
   */
  need(name, shape) {
    const tensor = this.find(name, shape);
    if (tensor) return tensor;
    throw new WembedError('bad_file', `${this.#file} has no '${name}', found ${[...this.#tensors.keys()].join(', ')}`);
  }
}
