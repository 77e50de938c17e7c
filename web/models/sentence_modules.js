import { WembedError, asObject, shown } from '../core/errors.js';
import { TensorFiles } from '../formats/tensors.js';
import { LayerNorm } from '../nn/layer_norm.js';
import { readJson } from '../sources/whole.js';
import { parseJson } from '../sources/json.js';
import { torchActivation } from '../nn/activations.js';
import { folderOf } from './find_static.js';
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
  const { truncate_dim: cut, prompts, default_prompt_name: name, model_type: type } = asObject(config);
  const known = textsByName(prompts);
  if (type !== undefined && type !== 'SentenceTransformer') {
    throw new WembedError('unsupported', `config_sentence_transformers.json: model_type is ${shown(type)}, not SentenceTransformer`);
  }
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
  const given = Object.entries(prompts ?? {}).map(([name, text]) => [name, text ?? '']);
  if (typeof (prompts ?? {}) !== 'object' || Array.isArray(prompts) || given.some(([, text]) => typeof text !== 'string')) {
    throw bad('prompts', prompts);
  }
  // These two have no text of their own, but are known to every model.
  return Object.fromEntries([['query', ''], ['document', ''], ...given]);
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
  if (direction !== undefined && direction !== 'Left' && direction !== 'Right') {
    throw new WembedError('bad_file', `tokenizer.json: truncation has direction ${shown(direction)}`);
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
  const [first, ...others] = listed(list);
  if (kindOf(first.type) !== 'StaticEmbedding') {
    throw new WembedError('unsupported', `modules.json begins with a module of type ${shown(first.type)}, not sentence_transformers' StaticEmbedding`);
  }
  /** @type {SentenceModule[]} */
  const modules = [];
  let width = dim;
  for (const { type, path } of others) {
    const make = KINDS.get(kindOf(type));
    if (!make) {
      const what = `modules.json has a module of type ${shown(type)} after its StaticEmbedding`;
      throw new WembedError('unsupported', `${what}: those that are known are sentence_transformers' ${[...KINDS.keys()].join(', ')}`);
    }
    const module = await make(files, options, folderOf(path), width);
    if (module) modules.push(module);
    width = module?.outDim ?? width;
  }
  return modules;
}

/**
 * The modules of a modules.json in the order of their list. Of modules of one name the last counts, in the first's place.
 * @param {unknown} list
 * @returns {{ name: string, type: string, path: string }[]}
 */
function listed(list) {
  const modules = Array.isArray(list) ? list.map(asObject) : [];
  if (modules.length && modules.every((each) => ['name', 'type', 'path'].every((key) => typeof each[key] === 'string'))) {
    return [...new Map(modules.map((each) => [each.name, /** @type {{ name: string, type: string, path: string }} */ (each)])).values()];
  }
  throw new WembedError('bad_file', `modules.json is not a list of modules, each with its name, type and path: ${shown(list)}`);
}

/** @param {string} type 'sentence_transformers.models.Dense' @returns {string} its last word; '' where it is another package's */
const kindOf = (type) => /^sentence_transformers\.(?:.*\.)?(\w+)$/.exec(type)?.[1] ?? '';

/**
 * @typedef {(files: ModelFiles, options: ReadOptions, folder: string, dim: number) =>
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
async function normalize(files, options, folder, dim) {
  const name = `${folder}config.json`;
  // Its folder is often empty; at the root stands another config.json.
  const { module_input_name: input = VECTOR, module_output_name: output } = asObject(folder && (await readJson(files, name, options)));
  if (input === 'token_embeddings' || !changesVector(name, input, output)) return undefined; // a static model has none
  return { kind: 'normalize', apply: (rows) => eachRow(rows, dim, dim, unit) };
}

/** @type {MakeModule} */
async function dense(files, options, folder, dim) {
  const name = `${folder}config.json`;
  const config = asObject(await readJson(files, name, options));
  const { activation_function: activation = 'torch.nn.modules.activation.Tanh', use_residual: residual, bias: biased = true } = config;
  const { module_input_name: input = VECTOR, module_output_name: output, out_features: size } = config;
  if (!changesVector(name, input, output)) return undefined;
  const outDim = sizeOf(name, 'out_features', size);
  sizeOf(name, 'in_features', config.in_features, dim);
  const activate = torchActivation(activation, name);
  const tensors = await tensorsOf(files, options, folder);
  const weight = tensors.need('linear.weight', [outDim, dim]);
  const bias = biased ? tensors.need('linear.bias', [outDim]) : undefined;
  const direct = residual && outDim !== dim ? tensors.need('residual.weight', [outDim, dim]) : undefined;
  tensors.end();
  const apply = (/** @type {Float32Array} */ row) => {
    const out = product(weight.data, row, outDim).map((value, i) => activate(value + (bias?.data[i] ?? 0)));
    const rest = residual ? (direct ? product(direct.data, row, outDim) : row) : undefined;
    return Float32Array.from(out, (value, i) => value + (rest?.[i] ?? 0));
  };
  return { kind: 'dense', outDim, apply: (rows) => eachRow(rows, dim, outDim, apply) };
}

/** The name of what a text's vector is in sentence-transformers. */
const VECTOR = 'sentence_embedding';

/**
 * @param {string} name of a module's config.json
 * @param {unknown} input what the module reads
 * @param {unknown} output what it writes: by default the same
 * @returns {boolean} false: what it makes is not part of a text's vector
 */
function changesVector(name, input, output) {
  if (input === VECTOR) return (output ?? VECTOR) === VECTOR;
  throw new WembedError('unsupported', `${name}: a module that reads ${shown(input)} is not run`);
}

/**
 * @param {string} name of a module's config.json
 * @param {string} setting
 * @param {unknown} value
 * @param {number} [dim] what it must be
 * @returns {number}
 */
function sizeOf(name, setting, value, dim) {
  if (Number.isInteger(value) && value === (dim ?? value) && Number(value) > 0) return Number(value);
  throw new WembedError('bad_file', `${name}: ${setting} is ${shown(value)}${dim ? `, not ${dim}` : ''}`);
}

/** @type {MakeModule} */
async function norm(files, options, folder, dim) {
  const name = `${folder}config.json`;
  const { dimension, ...others } = asObject(await readJson(files, name, options));
  sizeOf(name, 'dimension', dimension, dim);
  for (const other of Object.keys(others)) throw new WembedError('unsupported', `${name}: a LayerNorm has no ${shown(other)}`);
  const tensors = await tensorsOf(files, options, folder);
  const [weight, bias] = ['norm.weight', 'norm.bias'].map((each) => tensors.need(each, [dim]).data);
  tensors.end();
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
 * @param {string} folder the module's
 */
async function tensorsOf(files, options, folder) {
  const file = `${folder}model.safetensors`;
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
  /** @type {Set<string>} */
  #needed = new Set();

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
   * @param {number[]} shape
   * @returns {{ shape: number[], data: Float32Array }}
   */
  need(name, shape) {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw this.#bad(` has no '${name}', found ${[...this.#tensors.keys()].join(', ')}`);
    if (String(tensor.shape) !== String(shape)) throw this.#bad(`: '${name}' has shape [${tensor.shape}], not [${shape}]`);
    this.#needed.add(name);
    return tensor;
  }

  /** Tensors that nobody asked for belong to another layer than the config says. */
  end() {
    const other = [...this.#tensors.keys()].find((name) => !this.#needed.has(name));
    if (other !== undefined) throw this.#bad(` has '${other}', which its config.json does not speak of`);
  }

  /** @param {string} what */
  #bad(what) {
    return new WembedError('bad_file', this.#file + what);
  }
}
