import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { finite } from '../core/numbers.js';
import { TensorFiles } from '../formats/tensors.js';
import { Dense } from '../nn/linear.js';
import { EmbeddingTable } from '../table/table.js';
import { isValues } from './settings.js';
import { readParts } from './tensor_reader.js';
import { ENCODE_ALIASES, TEXT_OPTIONS } from './text_encoder.js';

/** @typedef {string | number} ClassLabel what a class is called */
/** @typedef {import('./text_encoder.js').EncodeOptions} EncodeOptions */
/** @typedef {EncodeOptions & { threshold?: number }} PredictOptions threshold: where several labels may hold, the probability above
 *   which one does; default 0.5 */

/**
 * Dense layers with ReLU between them.
 * @typedef {object} HeadParts
 * @property {EmbeddingTable[]} tables weights, (out, in) each
 * @property {Float32Array[]} biases (out) each
 * @property {'softmax' | 'sigmoid' | 'identity'} activation
 * @property {ClassLabel[] | null} labels
 */

/**
 * A head as model2vec saves it.
 * @typedef {{ config: object, tensors: { name: string, dtype: string, shape: number[], data: Float32Array }[] }} StoredHead
 */

/** The files of a head: model2vec's, and what its versions before 0.10 wrote. */
const FILE = 'head.safetensors';
const OLD_FILE = 'pipeline.skops';

/** More layers than any head has. */
const MOST_LAYERS = 64;

const ACTIVATIONS = ['softmax', 'sigmoid', 'identity'];

/**
 * A head that says which classes a text belongs to, made of the text's vector: what Python's `model2vec.inference.StaticModelPipeline`
 * has beside its model.
 */
export class ClassifierHead {
  #parts;
  #layers;
  #encode;

  /**
   * @internal
   * @param {HeadParts} parts
   * @param {(texts: unknown, options: EncodeOptions) => Float32Array | Matrix} encode
   */
  constructor(parts, encode) {
    this.#parts = parts;
    this.#layers = parts.tables.map((table, i) => new Dense(table, parts.biases[i]));
    this.#encode = encode;
  }

  /** The classes, in the order of `predictProba`; null of a head that has no classes but predicts numbers. */
  get labels() {
    const { labels } = this.#parts;
    return labels && [...labels];
  }

  /** 'softmax': one class a text; 'sigmoid': any number of them; 'identity': numbers. */
  get activation() {
    return this.#parts.activation;
  }

  /**
   * The likeliest class of each text; with 'sigmoid' every class whose probability is above the threshold; with 'identity' the
   * numbers that are predicted.
   * @param {string | readonly string[]} texts
   * @param {PredictOptions} [options] with those of `layer.encode`
   * @returns {ClassLabel | ClassLabel[] | ClassLabel[][] | Float32Array | Matrix} of one text one, of an array as many
   */
  predict(texts, options) {
    const { threshold = 0.5, ...rest } = optionsOf('predict', options, [...TEXT_OPTIONS, 'threshold'], ENCODE_ALIASES);
    finite('threshold', threshold);
    const { activation, labels } = this.#parts;
    const scores = this.#scores(texts, rest);
    if (activation === 'identity') return typeof texts === 'string' ? scores.row(0) : scores;
    if (!labels) throw new WembedError('unsupported', 'this head has no names for its classes: use predictProba');
    if (activation === 'sigmoid') probabilities(scores, activation);
    const found = Array.from(scores, (row) =>
      activation === 'sigmoid' ? labels.filter((_, i) => row[i] > threshold) : labels[largest(row)],
    );
    return typeof texts === 'string' ? found[0] : /** @type {ClassLabel[] | ClassLabel[][]} */ (found);
  }

  /**
   * The probability of each class.
   * @param {string | readonly string[]} texts
   * @param {EncodeOptions} [options] of `layer.encode`
   * @returns {Float32Array | Matrix} (classes) of one text, (texts.length, classes) of an array, in the order of `labels`
   */
  predictProba(texts, options) {
    const { activation } = this.#parts;
    if (activation === 'identity') throw new WembedError('unsupported', 'this head predicts numbers, not classes: use predict');
    const scores = this.#scores(texts, optionsOf('predictProba', options, TEXT_OPTIONS, ENCODE_ALIASES));
    probabilities(scores, activation);
    return typeof texts === 'string' ? scores.row(0) : scores;
  }

  /**
   * @param {unknown} texts
   * @param {EncodeOptions} options
   * @returns {Matrix} what the last layer gives
   */
  #scores(texts, options) {
    const encoded = this.#encode(typeof texts === 'string' ? [texts] : texts, options);
    if (!(encoded instanceof Matrix)) throw mustBe('texts', 'a string or an array of strings', texts);
    const layers = this.#layers;
    const first = layers[0]?.dim ?? encoded.dim;
    if (first !== encoded.dim) {
      throw new WembedError('shape_mismatch', `vectors of ${encoded.dim} numbers for a head that takes ${first}`);
    }
    const size = layers.at(-1)?.outDim ?? encoded.dim;
    const scores = new Matrix(new Float32Array(encoded.rows * size), encoded.rows, size);
    // Row by row, so that a text's numbers are the same bits alone and in a batch.
    for (let i = 0; i < encoded.rows; i++) scores.row(i).set(this.#scoresOf(encoded.row(i)));
    return scores;
  }

  /** @param {Float32Array} vector of a text */
  #scoresOf(vector) {
    const last = this.#layers.length - 1;
    return this.#layers.reduce((x, layer, i) => {
      const y = layer.apply(x);
      return i < last ? y.map((value) => Math.max(value, 0)) : y;
    }, vector);
  }

  /** @internal @returns {StoredHead} */
  get stored() {
    const { tables, biases, activation, labels } = this.#parts;
    return {
      config: { n_layers: tables.length, activation, classes: labels },
      tensors: tables.flatMap((table, i) => [
        { name: `head.${i}.weight`, dtype: 'F32', shape: [table.rows, table.dim], data: table.lookup(all(table.rows)).data },
        { name: `head.${i}.bias`, dtype: 'F32', shape: [table.rows], data: biases[i] },
      ]),
    };
  }

  /** @internal A head of the same numbers for another model. @param {import('./static_model.js').StaticModel} model */
  copyFor(model) {
    const tables = this.#parts.tables.map((table) => table.quantize('f32'));
    return new ClassifierHead({ ...this.#parts, tables }, encoderOf(model));
  }

  /** @internal */
  dispose() {
    this.#parts.tables.forEach((table) => table.dispose());
  }
}

/** @param {number} n */
const all = (n) => Uint32Array.from({ length: n }, (_, i) => i);

/** @param {Float32Array} row @returns {number} where its largest number is, the first of equal ones */
const largest = (row) => row.reduce((best, value, i) => (value > row[best] ? i : best), 0);

/**
 * @param {Matrix} scores changed in place
 * @param {'softmax' | 'sigmoid'} activation
 */
function probabilities(scores, activation) {
  for (const row of scores) {
    if (activation === 'sigmoid') row.forEach((value, i) => (row[i] = 1 / (1 + Math.exp(-value))));
    else {
      const most = row.reduce((max, value) => Math.max(max, value), -Infinity);
      const powers = Array.from(row, (value) => Math.exp(value - most));
      const sum = powers.reduce((total, power) => total + power, 0);
      powers.forEach((power, i) => (row[i] = power / sum));
    }
  }
}

/**
 * @param {import('./static_model.js').StaticModel} model
 * @param {import('../sources/files.js').ModelFiles} files its folder
 * @param {unknown} config config.json, parsed
 * @param {import('./model.js').LoadOptions} options
 */
export async function addClassifier(model, files, config, options) {
  const parts = await readClassifier(files, config, options, model.table.dim);
  model.classifier = new ClassifierHead(parts, encoderOf(model));
}

/**
 * The texts' vectors are those of this model, whatever it is a copy of.
 * @param {import('./static_model.js').StaticModel} model
 * @returns {ConstructorParameters<typeof ClassifierHead>[1]}
 */
const encoderOf = (model) => (texts, options) => model.encoder.encode(/** @type {string[]} */ (texts), options);

/**
 * Reads the head that a static model's folder has.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {unknown} config config.json, parsed
 * @param {import('./model.js').LoadOptions} options
 * @param {number} dim of the text vectors
 * @returns {Promise<HeadParts>}
 */
async function readClassifier(files, config, options, dim) {
  const given = isValues(config) ? config.head_config : undefined;
  if (given === undefined) throw await noHead(files);
  const { activation, labels, names } = headConfig(given);
  const tensors = await TensorFiles.safetensors(files, options, FILE);
  /** @type {EmbeddingTable[]} */
  const tables = [];
  try {
    const outputs = await tensors.plan((map) => sizesOf(map, names, dim));
    const last = outputs.at(-1) ?? dim;
    if (labels && labels.length !== last) {
      throw new WembedError('bad_file', `${FILE} scores ${last} classes, config.json names ${labels.length}`);
    }
    const { vectors } = await readParts(tensors, [], names, undefined, []);
    const numbersOf = (/** @type {string} */ name) => Float32Array.from(/** @type {number[]} */ (vectors.get(name)));
    for (const [i, rows] of outputs.entries()) {
      tables.push(await EmbeddingTable.from(numbersOf(names[2 * i]), { rows, dim: outputs[i - 1] ?? dim }));
    }
    return { tables, biases: outputs.map((_, i) => numbersOf(names[2 * i + 1])), activation, labels };
  } catch (error) {
    tables.forEach((table) => table.dispose());
    throw error;
  } finally {
    await tensors.close();
  }
}

/**
 * @param {Map<string, { shape: number[] }>} tensors
 * @param {string[]} names a weight and a bias for each layer
 * @param {number} dim of what the first takes
 * @returns {number[]} how many numbers each layer gives
 */
function sizesOf(tensors, names, dim) {
  /** @type {number[]} */
  const sizes = [];
  for (let i = 0; i < names.length; i += 2) {
    const [weight, bias] = [tensors.get(names[i])?.shape, tensors.get(names[i + 1])?.shape];
    const [out, width] = weight ?? [];
    const fits = weight?.length === 2 && bias?.length === 1 && out > 0 && width === (sizes.at(-1) ?? dim) && bias[0] === out;
    if (!fits) {
      const found = `'${names[i]}' [${weight ?? 'missing'}] and '${names[i + 1]}' [${bias ?? 'missing'}]`;
      throw new WembedError('bad_file', `${FILE}: ${found} are no layer over ${sizes.at(-1) ?? dim} numbers`);
    }
    sizes.push(out);
  }
  return sizes;
}

/** @param {import('../sources/files.js').ModelFiles} files */
async function noHead(files) {
  const old = await files.open(OLD_FILE);
  await old?.close?.();
  const what = `${files.name} has no classifier: config.json has no head_config`;
  if (!old) return new WembedError('not_found', what);
  const advice = `${OLD_FILE} is a pickle, which is not read: save it again with model2vec 0.10 or later (convert_legacy_pipeline), or export it to ONNX`;
  return new WembedError('unsupported', `${what}, and ${advice}`);
}

/**
 * @param {unknown} given `head_config` of config.json
 * @returns {{ activation: HeadParts['activation'], labels: ClassLabel[] | null, names: string[] }}
 */
function headConfig(given) {
  const bad = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    new WembedError('bad_file', `config.json: head_config has ${name} ${shown(value)}`);
  if (!isValues(given)) throw new WembedError('bad_file', `config.json: head_config is ${shown(given)}, not an object`);
  const { n_layers: layers = 0, activation = 'identity', classes = null } = given;
  if (!Number.isInteger(layers) || Number(layers) < 0 || Number(layers) > MOST_LAYERS) throw bad('n_layers', layers);
  if (typeof activation !== 'string' || !ACTIVATIONS.includes(activation)) throw bad('activation', activation);
  const labels = classes && Array.isArray(classes) ? classes.slice() : null;
  const named = labels?.every((label) => typeof label === 'string' || Number.isFinite(label)) ?? classes === null;
  if (!named) throw bad('classes', classes);
  const names = Array.from({ length: Number(layers) }, (_, i) => [`head.${i}.weight`, `head.${i}.bias`]).flat();
  return { activation: /** @type {HeadParts['activation']} */ (activation), labels, names };
}
