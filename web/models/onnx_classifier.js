import { WembedError } from '../core/errors.js';
import { readOnnx } from '../formats/onnx.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';
import { contentSource } from '../sources/source.js';
import { Reader } from '../sources/reader.js';
import { readJson } from '../sources/whole.js';
import { isValues } from './settings.js';

/** @typedef {import('../formats/onnx.js').OnnxGraph} OnnxGraph */
/** @typedef {import('../formats/onnx.js').OnnxNode} OnnxNode */
/** @typedef {import('../formats/onnx.js').OnnxTensor} OnnxTensor */
/** @typedef {import('../sources/files.js').ModelFiles} ModelFiles */

/** Where model2vec and the hub put it. */
const FILES = ['model.onnx', 'onnx/model.onnx'];

/** More layers, and more factors of a row, than any such graph has. */
const [MOST_LAYERS, MOST_FACTORS] = [64, 4];

/**
 * A classifier that model2vec exported to ONNX (`export_model_to_onnx` of a `StaticModelPipeline`): its head, and its model where the
 * folder has no other, as the files in which model2vec itself saves them. The names of its classes are in none of its files.
 * @param {ModelFiles} files
 * @param {unknown} json config.json, parsed
 * @param {import('./model.js').LoadOptions} options
 * @returns {Promise<{ files: ModelFiles, json: unknown, unkId: number | null | undefined } | undefined>} undefined where there is no ONNX file;
 *   `unkId`: the token that the graph leaves out, null for none, undefined where the model is not the graph's
 */
export async function fromOnnx(files, json, options) {
  for (const name of FILES) {
    const source = await files.open(name);
    if (!source) continue;
    const bytes = await bytesOf(source, name, options);
    return converted(new Graph(readOnnx(bytes, name), name), files, json, options);
  }
  return undefined;
}

/**
 * @param {import('../sources/source.js').ByteSource} source
 * @param {string} name
 * @param {import('./model.js').LoadOptions} options
 */
async function bytesOf(source, name, options) {
  const reader = new Reader(source, name, options);
  const parts = [];
  try {
    for (let part; (part = await reader.next(PART));) parts.push(part.slice());
  } finally {
    await reader.cancel();
    await source.close?.();
  }
  const bytes = new Uint8Array(reader.position);
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

/** Bytes that are asked for at a time. */
const PART = 2 ** 22;

/**
 * @param {Graph} graph
 * @param {ModelFiles} files
 * @param {unknown} json
 * @param {import('./model.js').LoadOptions} options
 */
async function converted(graph, files, json, options) {
  const { activation, layers, vector } = graph.head();
  const head = layers.flatMap(([weight, bias], i) => [
    { ...weight, name: `head.${i}.weight` },
    { ...bias, name: `head.${i}.bias` },
  ]);
  const settings = isValues(json) ? json : {};
  const config = { ...settings, head_config: { n_layers: layers.length, activation, classes: null } };
  /** @type {Map<string, Uint8Array>} */
  const made = new Map([['head.safetensors', writeSafetensors(head)]]);
  const own = await files.open('model.safetensors');
  await own?.close?.();
  if (own) return { files: beside(files, made), json: config, unkId: undefined };
  const { normalize, tensors, unkId } = graph.model(vector);
  const text = await readJson(files, 'tokenizer_config.json', options);
  const most = isValues(text) ? text.model_max_length : undefined;
  made.set('model.safetensors', writeSafetensors(tensors));
  const whole = { ...config, normalize, ...(most === undefined ? {} : { max_length: most }) };
  return { files: beside(files, made), json: whole, unkId };
}

/**
 * @param {ModelFiles} files
 * @param {Map<string, Uint8Array>} made files that stand for those of their names
 * @returns {ModelFiles}
 */
const beside = (files, made) => ({
  name: files.name,
  list: files.list && (() => files.list?.() ?? []),
  settle: async (error) => files.settle?.(error),
  later: () => files.later?.() ?? files,
  open: async (name, options) => {
    const content = made.get(name);
    return content ? contentSource(content) : files.open(name, options);
  },
});

/** Finds model2vec's model and head in a graph, and refuses any other. */
class Graph {
  #graph;
  #file;
  /** By what it makes. @type {Map<string, OnnxNode>} */
  #makers = new Map();
  /** Products that may still be looked into. */
  #left = MOST_LAYERS;

  /** @param {OnnxGraph} graph @param {string} file */
  constructor(graph, file) {
    this.#graph = graph;
    this.#file = file;
    for (const node of graph.nodes) for (const name of node.outputs) this.#makers.set(name, node);
  }

  /**
   * Dense layers with ReLU between them, from the graph's output back.
   * @returns {{ activation: string, layers: [weight: OnnxTensor, bias: OnnxTensor][], vector: string }} `vector`: what the first takes
   */
  head() {
    const [output, ...more] = this.#graph.outputs;
    if (output === undefined || more.length > 0) throw this.#refusal(`${this.#graph.outputs.length} outputs`);
    const last = this.#maker(output);
    const activation = last.op === 'Softmax' ? 'softmax' : last.op === 'Sigmoid' ? 'sigmoid' : 'identity';
    const axis = last.attributes.get('axis') ?? -1;
    if (activation === 'softmax' && axis !== 1 && axis !== -1 && axis < 2 ** 63) throw this.#refusal(`a softmax over axis ${axis}`);
    let at = activation === 'identity' ? output : last.inputs[0];
    /** @type {[OnnxTensor, OnnxTensor][]} */
    const layers = [];
    for (let node = this.#maker(at); node.op === 'Gemm'; node = this.#maker(at)) {
      layers.unshift(this.#layer(node));
      if (layers.length > MOST_LAYERS) throw this.#refusal(`more than ${MOST_LAYERS} dense layers`);
      const before = this.#maker(node.inputs[0]);
      at = before.op === 'Relu' ? before.inputs[0] : node.inputs[0];
      if (before.op !== 'Relu') break;
      if (this.#maker(at).op !== 'Gemm') throw this.#refusal('a ReLU that follows no dense layer');
    }
    return { activation, layers, vector: at };
  }

  /**
   * @param {OnnxNode} gemm
   * @returns {[weight: OnnxTensor, bias: OnnxTensor]}
   */
  #layer({ inputs, attributes }) {
    const number = (/** @type {string} */ name, /** @type {number} */ usual) => attributes.get(name) ?? usual;
    const plain = number('alpha', 1) === 1 && number('beta', 1) === 1 && number('transA', 0) === 0 && number('transB', 0) === 1;
    const [weight, bias] = inputs.slice(1).map((name) => this.#graph.tensors.get(name));
    if (!plain || !weight?.dtype || !bias?.dtype) throw this.#refusal('a dense layer of another form');
    return [weight, bias];
  }

  /**
   * The model below the head: rows of a table, times a weight for each token, their mean over all tokens that are known.
   * @param {string} vector
   * @returns {{ normalize: boolean, tensors: OnnxTensor[], unkId: number | null }}
   */
  model(vector) {
    const mean = this.#expect(vector, 'Div');
    const under = this.#maker(mean.inputs[0]);
    const normalize = under.op === 'Div';
    if (normalize) this.#checkNorm(mean);
    const { inputs } = normalize ? under : mean;
    const sum = this.#expect(inputs[0], 'ReduceSum');
    const count = this.#expect(this.#expect(inputs[1], 'Max').inputs[0], 'ReduceSum');
    const factors = this.#factors(sum.inputs[0]);
    const [gathers, others] = [true, false].map((is) => factors.filter((name) => (this.#maker(name).op === 'Gather') === is));
    const mask = others.find((name) => name === this.#plain(count.inputs[0]));
    const [weighted, ...unknown] = others.filter((name) => name !== mask);
    if (gathers.length !== 1 || !mask || unknown.length > 0) throw this.#refusal('rows that are summed in another way');
    const [table, ids] = this.#maker(gathers[0]).inputs;
    const mapping = ids === 'input_ids' ? undefined : this.#byToken(ids);
    const weights = weighted === undefined ? undefined : this.#byToken(this.#expect(weighted, 'Unsqueeze').inputs[0]);
    const named = Object.entries({ mapping, weights, embeddings: this.#tensor(table) });
    const tensors = named.flatMap(([name, tensor]) => (tensor ? [{ ...tensor, name }] : []));
    return { normalize, tensors, unkId: this.#unknown(mask) };
  }

  /** @param {OnnxNode} div a vector by its length @returns {void} */
  #checkNorm({ inputs: [vector, length] }) {
    const clip = this.#expect(this.#expect(length, 'Expand').inputs[0], 'Clip');
    const norm = this.#expect(clip.inputs[0], 'ReduceL2');
    if (this.#plain(norm.inputs[0]) !== this.#plain(vector)) throw this.#refusal('a norm of another vector');
  }

  /**
   * @param {string} mask what each token counts
   * @returns {number | null} the token that counts nothing, or null where all count
   */
  #unknown(mask) {
    const maker = this.#maker(mask);
    if (maker.op === 'Unsqueeze' && maker.inputs[0] === 'attention_mask') return null;
    if (maker.op !== 'ScatterND') throw this.#refusal('tokens that count in another way');
    const equal = this.#graph.nodes.filter(({ op, inputs }) => op === 'Equal' && inputs[0] === 'input_ids');
    const id = equal.length === 1 ? this.#tensor(equal[0].inputs[1]) : undefined;
    if (id?.dtype !== 'I64' || id.data.length !== 8) throw this.#refusal('tokens that are left out in another way');
    return Number(new DataView(id.data.buffer, id.data.byteOffset).getBigInt64(0, true));
  }

  /**
   * @param {string} name of a product
   * @returns {string[]} what is multiplied
   */
  #factors(name) {
    const found = [];
    const left = [name];
    for (let each; (each = left.pop()) !== undefined; ) {
      const { op, inputs } = this.#maker(each);
      if (op === 'Mul') left.push(...inputs);
      else found.push(this.#plain(each));
      if (found.length + left.length > MOST_FACTORS) throw this.#refusal(`rows times more than ${MOST_FACTORS} factors`);
      if (op === 'Mul' && (this.#left -= 1) < 0) throw this.#refusal('a circle');
    }
    return found;
  }

  /** A number for each id of the text. @param {string} name @returns {OnnxTensor} of all tokens */
  #byToken(name) {
    const { inputs } = this.#expect(name, 'GatherND');
    if (this.#expect(inputs[1], 'Unsqueeze').inputs[0] !== 'input_ids') throw this.#refusal('ids of another kind');
    return this.#tensor(inputs[0]);
  }

  /** @param {string} name @returns {OnnxTensor} */
  #tensor(name) {
    const found = this.#graph.tensors.get(name);
    if (found?.dtype) return found;
    throw this.#refusal(`no tensor '${name}' of a known form in the file itself`);
  }

  /** @param {string} name @returns {string} where it comes from, before casts */
  #plain(name) {
    for (let steps = 0; steps <= this.#graph.nodes.length; steps++) {
      const maker = this.#makers.get(name);
      if (maker?.op !== 'Cast') return name;
      name = maker.inputs[0];
    }
    throw this.#refusal('a circle');
  }

  /** @param {string} name @returns {OnnxNode} what makes it, before casts */
  #maker(name) {
    const found = this.#makers.get(this.#plain(name));
    if (found) return found;
    throw this.#refusal(`'${name}', which nothing makes`);
  }

  /** @param {string} name @param {string} op @returns {OnnxNode} */
  #expect(name, op) {
    const node = this.#maker(name);
    if (node.op === op) return node;
    throw this.#refusal(`${node.op} where model2vec's has ${op}`);
  }

  /** @param {string} what */
  #refusal(what) {
    return new WembedError('unsupported', `${this.#file} is no classifier that model2vec exported: its graph has ${what}`);
  }
}
