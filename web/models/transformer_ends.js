import { Dense, MaskedTransform } from '../nn/linear.js';
import { blockOf, widening } from '../table/dequantize.js';
import { WembedError, shown } from '../core/errors.js';
import { planCheckpoint } from './plan.js';
import { familyNames, familyOf, isFamily, positionsOf, textConfig } from './families/families.js';
import { BYTE_FLOATS, keptAs, writable } from '../formats/tensor_dtypes.js';
import { typedValues } from './static_plan.js';
import { TensorFiles } from '../formats/tensors.js';
import { TiedHead } from '../nn/language_model_head.js';
import { Matrix } from '../core/matrix.js';
import { LayerNorm } from '../nn/layer_norm.js';
import { AlibiBias, LearnedPositions, SinusoidalPositions } from '../nn/positions.js';
import { RotaryPositions } from './rotary.js';
import { loadStaticModel } from './static_model.js';
import { integersOf, lengthOf, outputArray } from '../core/arguments.js';
import { checkDtype } from '../core/dtypes.js';
import { bf16ToF32 } from '../core/halves.js';
import { TableStorage } from '../table/storage.js';
import { EmbeddingTable, tableOf } from '../table/table.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { loadHeap } from '../memory/heap.js';

const VECTOR_DTYPES = ['F64', 'F32', 'F16', 'BF16'];

/** Norms and biases are a number a column, or a row: what is longer is none. In bytes. */
const MAX_VECTOR = 2 ** 26;

/** A transformer's two ends. */
export class CheckpointModel {
  #head;
  #config;
  #made;
  #vectors;
  /** @type {Map<string | undefined, RotaryPositions>} */
  #rotaries = new Map();

  /**
   * @param {object} parts
   * @param {EmbeddingTable} parts.table
   * @param {InputEmbedding} parts.input
   * @param {TiedHead | undefined} parts.head
   * @param {import('./plan.js').CheckpointPlan} parts.plan
   * @param {any} parts.config
   * @param {{ dispose(): void }[]} parts.made what it owns
   * @param {number} parts.vectors numbers of it that are in no table
   */
  constructor({ table, input, head, plan, config, made, vectors }) {
    this.table = table;
    this.input = input;
    this.family = plan.family;
    this.scores = plan.scores;
    /** @type {import('../tokenizer/tokenizer.js').Tokenizer | undefined} */
    this.tokenizer = undefined;
    /** @type {WembedError | undefined} */
    this.whyNoTokenizer = undefined;
    this.#head = head;
    this.#config = config;
    this.#made = made;
    this.#vectors = vectors;
  }

  get head() {
    if (this.scores !== 'missing') return this.#head;
    const why = 'its config does not tie it to the embedding (tie_word_embeddings), and its files have no table for it';
    throw new WembedError('not_found', `this ${this.family} has no head: ${why}`);
  }

  /** How positions reach the model. @returns {'learned' | 'sinusoidal' | 'rotary' | 'alibi' | null} */
  get positions() {
    return positionsOf(this.family, this.#config, this.input.positions instanceof LearnedPositions);
  }

  /**
   * @param {string} [layerType] default: full_attention, where layers differ
   * @returns {RotaryPositions | undefined}
   */
  rotaryOf(layerType) {
    if (this.positions !== 'rotary') return undefined;
    const type = layerType ?? RotaryPositions.layerTypes(this.#config).find((each) => each === 'full_attention');
    const rotary = this.#rotaries.get(type) ?? RotaryPositions.fromConfig(this.#config, { layerType: type });
    this.#rotaries.set(type, rotary);
    return rotary;
  }

  /** @returns {AlibiBias | undefined} */
  get alibi() {
    return this.positions === 'alibi'
      ? new AlibiBias(this.#config.n_head ?? this.#config.num_attention_heads)
      : undefined;
  }

  /** The two ends' numbers, all tensors together, and what they occupy. */
  get size() {
    const [tables, vectors] = [this.#made.filter((part) => part instanceof EmbeddingTable), this.#vectors];
    return {
      bytes: tables.reduce((sum, { bytes }) => sum + bytes, 4 * vectors),
      parameters: tables.reduce((sum, { rows, dim }) => sum + rows * dim, vectors),
    };
  }

  dispose() {
    for (const part of this.#made) part.dispose();
  }
}

/**
 * What a model's first block receives: token rows (× scale) + position rows + type rows, then LayerNorm, then a dense
 * layer to the blocks' size, as far as the family has them. OPT's dense layer comes before positions.
 */
export class InputEmbedding {
  #parts;

  /**
   * @param {object} parts
   * @param {EmbeddingTable} parts.table
   * @param {number} parts.scale
   * @param {LearnedPositions | SinusoidalPositions} [parts.positions]
   * @param {EmbeddingTable} [parts.types]
   * @param {LayerNorm} [parts.norm]
   * @param {Dense} [parts.project]
   * @param {boolean} [parts.projectsTokens] before anything is added
   */
  constructor(parts) {
    this.#parts = parts;
  }

  get positions() {
    return this.#parts.positions;
  }

  /** Numbers a row of what `embed` gives. */
  get dim() {
    return this.#parts.project?.outDim ?? this.#parts.table.dim;
  }

  /**
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @param {object} [options]
   * @param {import('../core/arguments.js').IntegerArray} [options.positionIds] one an id
   * @param {import('../core/arguments.js').IntegerArray} [options.tokenTypeIds] one an id; default 0
   * @param {Float32Array} [options.into]
   */
  embed(ids, { positionIds, tokenTypeIds, into } = {}) {
    const { table, positions, types, norm, project, projectsTokens } = this.#parts;
    ids = integersOf('ids', ids);
    const n = lengthOf(ids);
    refuse('positionIds', positionIds, positions, n);
    refuse('tokenTypeIds', tokenTypeIds, types, n);
    const out = outputArray(into, n * this.dim);
    // All that can be refused is looked up before `into` is written.
    const places = positions?.lookup(positionIds ?? positions.positionsOf(ids));
    const kinds = types?.lookup(tokenTypeIds ?? new Uint8Array(n));
    let { data } = table.lookup(ids, { into: project ? undefined : out });
    this.#scale(data);
    if (project && projectsTokens) data = project.apply(data, { into: out });
    for (const added of [kinds, places]) {
      for (let i = 0; added && i < data.length; i++) data[i] += added.data[i];
    }
    norm?.apply(data);
    if (project && !projectsTokens) project.apply(data, { into: out });
    return new Matrix(out, n, this.dim);
  }

  /** @param {Float32Array} rows */
  #scale(rows) {
    const { scale } = this.#parts;
    if (scale !== 1) for (let i = 0; i < rows.length; i++) rows[i] *= scale;
  }
}

/**
 * @param {string} name
 * @param {import('../core/arguments.js').IntegerArray | undefined} given
 * @param {unknown} part
 * @param {number} n
 */
function refuse(name, given, part, n) {
  if (given === undefined) return;
  if (typeof given !== 'object' || !(given?.length >= 0)) {
    throw new WembedError('invalid_argument', `${name} must be an array of whole numbers, got ${shown(given)}`);
  }
  if (!part) throw new WembedError('invalid_argument', `this model's input has no use for ${name}`);
  if (given.length !== n) throw new WembedError('shape_mismatch', `${given.length} ${name} for ${n} ids`);
}

/**
 * Loads a transformer's embedding layer from a checkpoint in safetensors, sharded or not: only what is needed of it.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {import('./static_model.js').LoadOptions} options
 * @param {any} config its config.json
 * @returns {Promise<CheckpointModel | import('./static_model.js').StaticModel>}
 */
export async function loadCheckpoint(files, options, config) {
  const text = textConfig(config);
  if (!isFamily(text.model_type)) {
    return loadStaticModel(files, options, config).catch((error) => {
      if (error?.code !== 'unsupported') throw error;
      const known = `model_type ${JSON.stringify(text.model_type)} is none of ${familyNames()}`;
      throw new WembedError('unsupported', `${error.message}; ${known}`, { cause: error });
    });
  }
  /** @type {WembedError | undefined} */
  let why;
  const tokenizer = await Tokenizer.ofFiles(files, options).catch((error) => {
    if (error?.code !== 'unsupported') throw error;
    why = error; // the two ends are of use without it
    return undefined;
  });
  try {
    const model = await readEnds(await TensorFiles.safetensors(files, options), options, text);
    model.tokenizer = tokenizer;
    model.whyNoTokenizer = why;
    return model;
  } catch (error) {
    tokenizer?.dispose();
    throw error;
  }
}

/**
 * @param {TensorFiles} tensors closed afterwards, whatever happens
 * @param {import('./static_model.js').LoadOptions} options
 * @param {any} config
 * @param {{ names: string[], complete: (vectors: Map<string, number[]>) => any }} [missing] tensors that the config is not
 *   complete without, and what makes it so
 * @returns {Promise<CheckpointModel>}
 */
export async function readEnds(tensors, options, config, missing) {
  /** @type {{ dispose(): void }[]} */
  const made = [];
  try {
    const plan = await tensors.plan((map) => planCheckpoint(map, config, tensors.name));
    const { parts, vectors } = await readParts(tensors, plan.wanted, missing?.names ?? [], options, made);
    return assemble(parts, plan, missing?.complete(vectors) ?? config, made);
  } catch (error) {
    made.forEach((part) => part.dispose());
    throw error;
  } finally {
    await tensors.close();
  }
}

/**
 * @typedef {Partial<Record<'token' | 'position' | 'type' | 'head' | 'projectWeight' | 'denseWeight', EmbeddingTable>>
 *   & Partial<Record<'normWeight' | 'normBias' | 'projectBias' | 'headBias' | 'denseBias' | 'headNormWeight'
 *   | 'headNormBias', Float32Array>>} Parts
 */

/**
 * Makes all tables first, so that no byte is read for a model that has no room.
 * @param {TensorFiles} tensors
 * @param {import('./plan.js').Wanted[]} wanted
 * @param {string[]} names of vectors besides
 * @param {import('./static_model.js').LoadOptions} options
 * @param {{ dispose(): void }[]} made what to dispose of if this fails
 * @returns {Promise<{ parts: Parts, vectors: Map<string, number[]> }>}
 */
async function readParts(tensors, wanted, names, { dtype }, made) {
  const heap = await loadHeap();
  const find = (/** @type {string} */ name) =>
    tensors.plan((map) => /** @type {import('../formats/tensors.js').StoredTensor} */ (map.get(name)));
  /** @type {any} */
  const parts = {};
  /** @type {Map<string, () => Float32Array>} */
  const vectors = new Map();
  /** @type {Map<import('../formats/tensors.js').StoredTensor, (bytes: Uint8Array) => void>} */
  const takers = new Map();
  const collect = async (/** @type {string} */ name) => {
    const tensor = await find(name);
    const { take, numbers } = vectorOf(tensor);
    takers.set(tensor, take);
    vectors.set(name, numbers);
  };
  const scales = await readScales(tensors, wanted);
  for (const { name, part, as } of wanted) {
    if (as === 'vector') {
      await collect(name);
    } else {
      const tensor = await find(name);
      const table = tableFor(heap, tensor, as === 'large' ? dtype : undefined, scales.get(name));
      made.push(table.table);
      parts[part] = table.table;
      takers.set(tensor, table.take);
    }
  }
  for (const name of names) await collect(name);
  await tensors.read(takers);
  for (const { name, part, as } of wanted) if (as === 'vector') parts[part] = vectors.get(name)?.();
  return { parts, vectors: new Map(names.map((name) => [name, [.../** @type {any} */ (vectors.get(name))()]])) };
}

/** @typedef {{ shape: number[], numbers: () => Float32Array }} Scales */

/**
 * 8-bit floats' scales are needed before the first byte of their table.
 * @param {TensorFiles} tensors
 * @param {import('./plan.js').Wanted[]} wanted
 * @returns {Promise<Map<string, Scales>>} by the table's name
 */
async function readScales(tensors, wanted) {
  /** @type {Map<string, Scales>} */
  const scales = new Map();
  const takers = new Map();
  for (const { name, scales: of } of wanted) {
    if (!of) continue;
    const tensor = await tensors.plan((map) => /** @type {import('../formats/tensors.js').StoredTensor} */ (map.get(of)));
    const { take, numbers } = vectorOf(tensor);
    takers.set(tensor, take);
    scales.set(name, { shape: tensor.shape, numbers });
  }
  if (takers.size > 0) await tensors.read(takers);
  return scales;
}

/**
 * @param {import('../memory/heap.js').Heap} heap
 * @param {import('../formats/tensors.js').StoredTensor} tensor
 * @param {import('./static_model.js').LoadOptions['dtype']} dtype
 * @param {Scales} [scales]
 */
function tableFor(heap, tensor, dtype, scales) {
  const format = BYTE_FLOATS[tensor.dtype];
  const stored = format ? 'f32' : writable(tensor.dtype);
  if (!stored) throw unreadable(tensor);
  // f16 holds every 8-bit float, bf16 what a scale makes of it.
  const kept = format ? (scales ? 'bf16' : 'f16') : keptAs(tensor.dtype);
  const type = dtype && dtype !== 'auto' ? checkDtype(dtype) : kept;
  const [rows, dim] = tensor.shape;
  const scaling = format && scalingOf(tensor, scales);
  const storage = new TableStorage(heap, { rows, dim, dtype: type, perRowScales: type === 'i8' });
  const write = storage.writer(stored);
  return { table: tableOf(storage), take: format ? widening(format, { rows, dim, ...scaling }, write) : write };
}

/**
 * @param {import('../formats/tensors.js').StoredTensor} tensor
 * @param {Scales} [scales]
 */
function scalingOf({ file, name, shape: [rows, dim] }, scales) {
  if (!scales) return {};
  const block = blockOf(scales.shape, rows, dim);
  if (block) return { block, scale: scales.numbers() };
  throw new WembedError('bad_file', `${file}: scales of shape [${scales.shape}] for '${name}' of [${rows},${dim}]`);
}

/** @param {import('../formats/tensors.js').StoredTensor} tensor */
const unreadable = ({ file, name, dtype }) =>
  new WembedError('unsupported', `${file}: '${name}' is ${dtype}, which is not read`);

/**
 * Collects a small tensor's bytes.
 * @param {import('../formats/tensors.js').StoredTensor} tensor
 */
function vectorOf(tensor) {
  const length = tensor.end - tensor.begin;
  if (!VECTOR_DTYPES.includes(tensor.dtype) || length > MAX_VECTOR) throw unreadable(tensor);
  const bytes = new Uint8Array(length);
  let at = 0;
  return {
    take(/** @type {Uint8Array} */ piece) {
      bytes.set(piece, at);
      at += piece.length;
    },
    numbers: () => Float32Array.from(floats(bytes, tensor.dtype)),
  };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} dtype
 */
function floats(bytes, dtype) {
  if (dtype !== 'BF16') return /** @type {ArrayLike<number>} */ (typedValues(bytes, dtype));
  return bf16ToF32(new Uint16Array(bytes.buffer));
}

/**
 * @param {Parts} parts
 * @param {import('./plan.js').CheckpointPlan} plan
 * @param {any} config
 * @param {{ dispose(): void }[]} made what the model owns
 * @returns {CheckpointModel}
 */
function assemble(parts, plan, config, made) {
  const family = familyOf(plan.family);
  const table = /** @type {EmbeddingTable} */ (parts.token);
  const { type: types, normWeight, normBias } = parts;
  const paddingIdx = family.padding === undefined ? undefined : (config.pad_token_id ?? family.padding);
  const epsilon = config.layer_norm_eps ?? config.layer_norm_epsilon ?? config.norm_eps ?? family.epsilon;
  const input = new InputEmbedding({
    ...{ table, types, projectsTokens: family.projectsTokens },
    project: denseOf(parts.projectWeight, parts.projectBias, made),
    scale: Math.fround(finite('the factor of token rows', family.scale?.(config) ?? 1)),
    positions: placesOf(parts, family, paddingIdx),
    norm: normWeight && new LayerNorm({ weight: normWeight, bias: normBias, epsilon }),
  });
  const head = headOf(parts, plan, config, epsilon, made);
  const vectors = Object.values(parts).reduce((sum, part) => sum + (part instanceof Float32Array ? part.length : 0), 0);
  return new CheckpointModel({ table, input, head, plan, config, made, vectors });
}

/**
 * @param {Parts} parts
 * @param {import('./families/families.js').Family} family
 * @param {number | undefined} paddingIdx
 */
function placesOf({ position, token }, { positionOffset: offset, sinusoidal }, paddingIdx) {
  if (position) return new LearnedPositions(position, { offset, paddingIdx });
  const { dim } = /** @type {EmbeddingTable} */ (token);
  return sinusoidal ? new SinusoidalPositions({ dim, layout: 'concatenated' }) : undefined;
}

/**
 * @param {Parts} parts
 * @param {import('./plan.js').CheckpointPlan} plan
 * @param {any} config
 * @param {number} epsilon
 * @param {{ dispose(): void }[]} made
 * @returns {TiedHead | undefined}
 */
function headOf(parts, plan, config, epsilon, made) {
  const scored = plan.scores === 'tied' ? parts.token : parts.head;
  if (!scored || plan.scores === 'none') return undefined;
  const { masked, headScale } = familyOf(plan.family);
  const { headBias: bias, headNormWeight, headNormBias } = parts;
  const dense = denseOf(parts.denseWeight, parts.denseBias, made);
  const norm = headNormWeight && new LayerNorm({ weight: headNormWeight, bias: headNormBias, epsilon });
  const transform = masked && dense && norm && new MaskedTransform(dense, masked.activation(config), norm);
  const scale = finite('the factor of scores', headScale?.(config) ?? 1);
  const head = new TiedHead(scored, { bias, transform, scale, softcap: config.final_logit_softcapping ?? 0 });
  made.push(head);
  return head;
}

/**
 * @param {EmbeddingTable | undefined} weight
 * @param {Float32Array | undefined} bias
 * @param {{ dispose(): void }[]} made
 * @returns {Dense | undefined}
 */
function denseOf(weight, bias, made) {
  if (!weight) return undefined;
  const dense = new Dense(weight, bias);
  made.push(dense);
  return dense;
}

/**
 * @param {string} what
 * @param {unknown} value
 */
function finite(what, value) {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new WembedError('bad_file', `config.json: ${what} is ${shown(value)}, which is no number`);
}
