import { WembedError } from './errors.js';
import { headSettings, inputSettings, isCheckpoint, planCheckpoint } from './formats/checkpoint.js';
import { typedValues } from './formats/model2vec.js';
import { readSafetensorsHeader } from './formats/safetensors.js';
import { TiedHead } from './head.js';
import { LayerNorm } from './norm.js';
import { LearnedPositions } from './positions.js';
import { RotaryPositions } from './rotary.js';
import { Reader } from './sources/reader.js';
import { loadStaticModel, loadTokenizer } from './static_model.js';
import { EmbeddingTable, checkDtype } from './table.js';
import { loadHeap } from './wasm/heap.js';

const DTYPES = /** @type {Record<string, import('./types.js').Dtype>} */ ({ F32: 'f32', F16: 'f16', BF16: 'bf16' });

/**
 * A transformer's two ends.
 * @typedef {object} CheckpointModel
 * @property {EmbeddingTable} table
 * @property {InputEmbedding} input
 * @property {TiedHead | undefined} head
 * @property {RotaryPositions | undefined} rotary
 * @property {string} family
 * @property {boolean} tied
 * @property {import('./tokenizer/tokenizer.js').Tokenizer} [tokenizer]
 */

/**
 * What a model's first block receives: token rows (× scale) + position rows + type rows, then LayerNorm, as far as the
 * family has them.
 */
export class InputEmbedding {
  #parts;

  /**
   * @param {object} parts
   * @param {EmbeddingTable} parts.table
   * @param {number} parts.scale
   * @param {LearnedPositions} [parts.positions]
   * @param {EmbeddingTable} [parts.types]
   * @param {LayerNorm} [parts.norm]
   */
  constructor(parts) {
    this.#parts = parts;
  }

  get positions() {
    return this.#parts.positions;
  }

  /**
   * @param {import('./types.js').IntegerArray} ids
   * @param {object} [options]
   * @param {import('./types.js').IntegerArray} [options.positionIds] one an id
   * @param {import('./types.js').IntegerArray} [options.tokenTypeIds] one an id; default 0
   * @param {Float32Array} [options.into]
   */
  embed(ids, { positionIds, tokenTypeIds, into } = {}) {
    const { table, scale, positions, types, norm } = this.#parts;
    refuse('positionIds', positionIds, positions, ids.length);
    refuse('tokenTypeIds', tokenTypeIds, types, ids.length);
    // All that can be refused is looked up before `into` is written.
    const places = positions?.lookup(positionIds ?? positions.positionsOf(ids));
    const kinds = types?.lookup(tokenTypeIds ?? new Uint8Array(ids.length));
    const rows = table.lookup(ids, { into });
    const { data } = rows;
    if (scale !== 1) for (let i = 0; i < data.length; i++) data[i] *= scale;
    for (const added of [kinds, places]) {
      for (let i = 0; added && i < data.length; i++) data[i] += added.data[i];
    }
    norm?.apply(data);
    return rows;
  }

  dispose() {
    this.#parts.positions?.dispose();
    this.#parts.types?.dispose();
  }
}

/**
 * @param {string} name
 * @param {import('./types.js').IntegerArray | undefined} given
 * @param {unknown} part
 * @param {number} n
 */
function refuse(name, given, part, n) {
  if (given === undefined) return;
  if (!part) throw new WembedError('invalid_argument', `this model's input has no use for ${name}`);
  if (given.length !== n) throw new WembedError('shape_mismatch', `${given.length} ${name} for ${n} ids`);
}

/**
 * Loads a transformer's embedding layer from a safetensors checkpoint: what is needed of it, in one pass that ends at the
 * last tensor of use.
 * @param {import('./sources/files.js').ModelFiles} files
 * @param {import('./static_model.js').LoadOptions} options
 * @param {any} config its config.json
 * @returns {Promise<CheckpointModel | import('./static_model.js').StaticModel>}
 */
export async function loadCheckpoint(files, options, config) {
  if (!isCheckpoint(config)) return loadStaticModel(files, options, config); // which says what it finds instead
  const tokenizer = await loadTokenizer(files, options);
  try {
    return { ...(await loadEnds(files, options, config)), tokenizer };
  } catch (error) {
    tokenizer?.dispose();
    throw error;
  }
}

/**
 * @param {import('./sources/files.js').ModelFiles} files
 * @param {import('./static_model.js').LoadOptions} options
 * @param {any} config
 * @returns {Promise<CheckpointModel>}
 */
async function loadEnds(files, options, config) {
  const file = 'model.safetensors';
  const source = await files.open(file);
  if (!source) throw new WembedError('not_found', `${files.name} has no ${file}`);
  const reader = new Reader(source, file, options);
  /** @type {EmbeddingTable[]} */
  const made = [];
  try {
    const { tensors } = await readSafetensorsHeader(reader, source.byteLength);
    const plan = planCheckpoint(tensors, config, file);
    const { tied, ...scores } = headSettings(config);
    const parts = await readParts(reader, tensors, plan, tied, options, made);
    return assemble(parts, plan, config, tied, scores);
  } catch (error) {
    made.forEach((table) => table.dispose());
    throw error;
  } finally {
    await reader.cancel();
    await source.close?.();
  }
}

/**
 * @typedef {{ token: EmbeddingTable, position?: EmbeddingTable, type?: EmbeddingTable, head?: EmbeddingTable,
 *   weight?: Float32Array, bias?: Float32Array }} Parts
 */

/**
 * @param {Reader} reader at the first byte of data
 * @param {Map<string, import('./formats/safetensors.js').Tensor>} tensors in file order
 * @param {import('./formats/checkpoint.js').CheckpointPlan} plan
 * @param {boolean} tied
 * @param {import('./static_model.js').LoadOptions} options
 * @param {EmbeddingTable[]} made tables to dispose of if this fails
 * @returns {Promise<Parts>}
 */
async function readParts(reader, tensors, plan, tied, { dtype }, made) {
  const wanted = new Map([
    [plan.token, 'token'],
    [plan.position, 'position'],
    [plan.type, 'type'],
    [tied ? undefined : plan.head, 'head'],
    [plan.norm?.weight, 'weight'],
    [plan.norm?.bias, 'bias'],
  ]);
  wanted.delete(undefined);
  const heap = await loadHeap();
  /** @type {any} */
  const parts = {};
  const { shape } = /** @type {import('./formats/safetensors.js').Tensor} */ (tensors.get(plan.token));
  const dim = shape[1];
  for (const tensor of tensors.values()) {
    const part = wanted.get(tensor.name);
    const length = tensor.end - tensor.begin;
    if (!part) {
      await reader.pass(length, () => {});
    } else if (part === 'weight' || part === 'bias') {
      checkShape(tensor, [dim], reader.name);
      parts[part] = Float32Array.from(floats(await reader.read(length), tensor.dtype));
    } else {
      checkShape(tensor, [tensor.shape[0], dim], reader.name);
      const stored = DTYPES[tensor.dtype];
      if (!stored) throw new WembedError('unsupported', `${reader.name}: '${tensor.name}' is ${tensor.dtype}`);
      // Position and type tables are small: they stay as they are.
      const large = part === 'token' || part === 'head';
      const type = large && dtype && dtype !== 'auto' ? checkDtype(dtype) : stored;
      const perRowScales = type === 'i8';
      const table = new EmbeddingTable(heap, { rows: tensor.shape[0], dim, dtype: type, perRowScales });
      made.push(table);
      await reader.pass(length, table.writer(stored));
      parts[part] = table;
    }
    wanted.delete(tensor.name);
    if (wanted.size === 0) break; // the rest of the file is not read
  }
  return parts;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} dtype
 */
function floats(bytes, dtype) {
  if (dtype !== 'BF16') return /** @type {ArrayLike<number>} */ (typedValues(bytes, dtype));
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
}

/**
 * @param {import('./formats/safetensors.js').Tensor} tensor
 * @param {number[]} expected
 * @param {string} file
 */
function checkShape({ name, shape }, expected, file) {
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i]) && !expected.includes(0))
    return;
  throw new WembedError('bad_file', `${file}: '${name}' has shape [${shape}], not [${expected}]`);
}

/**
 * @param {Parts} parts
 * @param {import('./formats/checkpoint.js').CheckpointPlan} plan
 * @param {any} config
 * @param {boolean} tied
 * @param {{ scale: number, softcap: number }} scores
 * @returns {CheckpointModel}
 */
function assemble(parts, plan, config, tied, scores) {
  const { scale, epsilon, positionOffset, paddingIdx } = inputSettings(config);
  const { token: table, position, type: types, weight, bias } = parts;
  const positions = position && new LearnedPositions(position, { offset: positionOffset, paddingIdx });
  const norm = weight && new LayerNorm({ weight, bias, epsilon });
  const input = new InputEmbedding({ table, scale, positions, types, norm });
  const decodes = plan.family === 'gpt2' || /embed_tokens/.test(plan.token);
  const scored = tied ? table : parts.head;
  return {
    ...{ table, input, family: plan.family, tied },
    head: decodes && scored ? new TiedHead(scored, scores) : undefined,
    rotary: decodes && !position ? rotaryOf(config) : undefined,
  };
}

/** Layers of several types have parameters of their own: RotaryPositions.fromConfig is asked for each. @param {any} config */
function rotaryOf(config) {
  try {
    return RotaryPositions.fromConfig(config);
  } catch {
    return undefined;
  }
}
