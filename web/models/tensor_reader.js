import { checkDtype } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { isRareBlock } from '../formats/ggml_types.js';
import { BYTE_FLOATS, keptAs, writable } from '../formats/tensor_dtypes.js';
import { blockOf, widening } from '../table/dequantize.js';
import { TableStorage, startCore, writerOf } from '../table/storage.js';
import { storageOf, tableOf } from '../table/table.js';
import { narrowing } from './narrowing.js';
import { floatValues } from './tensor_values.js';

/** @typedef {import('../formats/tensors.js').StoredTensor} StoredTensor */
/** @typedef {import('../formats/tensors.js').TensorFiles} TensorFiles */
/** @typedef {import('./plan.js').PlannedTensor} PlannedTensor */

/**
 * The two ends' tensors, in memory.
 * @typedef {Partial<Record<'token' | 'firstCopy' | 'secondCopy' | 'position' | 'positionRows' | 'positionColumns' | 'type' | `fixed${number}` | 'fixedDense' | 'fixedSecond' | 'head' | 'projectWeight' | 'denseWeight' | 'perLayerToken' | 'perLayerProject' | 'beside' | 'secondDense', import('../table/table.js').EmbeddingTable>>
 *   & Partial<Record<'ownRow' | 'fixedDenseBias' | 'fixedSecondBias' | 'normWeight' | 'normBias' | 'projectBias' | 'headBias' | 'denseBias' | 'headNormWeight'
 *   | 'headNormBias' | 'perLayerNorm', Float32Array>>} Parts
 */

const VECTOR_DTYPES = ['F64', 'F32', 'F16', 'BF16'];

/** Longest tensor read as a vector, in bytes: norms and biases have a number for each column, or each row. */
const MAX_VECTOR = 2 ** 26;

/**
 * Makes all tables first, so that no byte is read for a model that has no room.
 * @param {TensorFiles} tensors
 * @param {PlannedTensor[]} planned
 * @param {string[]} others names of more tensors to be read as vectors
 * @param {import('./model.js').LoadOptions['dtype']} dtype
 * @param {{ dispose(): void }[]} owned tables are added to it: what to dispose of if this fails
 * @returns {Promise<{ parts: Parts, vectors: Map<string, number[]> }>} `vectors`: the others, by name
 */
export async function readParts(tensors, planned, others, dtype, owned) {
  await startCore();
  /** @type {Map<string, () => Float32Array>} */
  const vectors = new Map();
  /** @type {Map<StoredTensor, (bytes: Uint8Array) => void>} */
  const takers = new Map();
  const collect = async (/** @type {string} */ name) => {
    const tensor = await find(tensors, name);
    const { take, numbers } = vectorOf(tensor);
    takers.set(tensor, take);
    vectors.set(name, numbers);
  };
  /** @type {Record<string, import('../table/table.js').EmbeddingTable | Float32Array>} */
  const parts = {};
  const scales = await readScales(tensors, planned);
  for (const { name, part, as, more, first } of planned) {
    if (as === 'vector') {
      await collect(name);
      continue;
    }
    const tensor = await find(tensors, name);
    if (first !== undefined) {
      takers.set(tensor, moreRows(tensor, parts[part], first));
      continue;
    }
    const { table, take } = tableFor(tensor, as === 'large' ? dtype : undefined, scales.get(name), await rareConversion(tensor), more);
    owned.push(table);
    parts[part] = table;
    takers.set(tensor, take);
  }
  for (const name of others) await collect(name);
  await tensors.read(takers);
  const read = (/** @type {string} */ name) => /** @type {() => Float32Array} */ (vectors.get(name))();
  for (const { name, part, as } of planned) if (as === 'vector') parts[part] = read(name);
  const typed = /** @type {Parts} */ (/** @type {unknown} */ (parts));
  return { parts: typed, vectors: new Map(others.map((name) => [name, [...read(name)]])) };
}

/**
 * @param {TensorFiles} tensors
 * @param {string} name of a tensor that is there
 */
const find = (tensors, name) => tensors.plan((map) => /** @type {StoredTensor} */ (map.get(name)));

/** @typedef {{ shape: number[], numbers: () => Float32Array }} Scales */

/**
 * 8-bit floats' scales are needed before the first byte of their table.
 * @param {TensorFiles} tensors
 * @param {PlannedTensor[]} planned
 * @returns {Promise<Map<string, Scales>>} by the table's name
 */
async function readScales(tensors, planned) {
  /** @type {Map<string, Scales>} */
  const scales = new Map();
  const takers = new Map();
  for (const { name, scales: of } of planned) {
    if (!of) continue;
    const tensor = await find(tensors, of);
    const { take, numbers } = vectorOf(tensor);
    takers.set(tensor, take);
    scales.set(name, { shape: tensor.shape, numbers });
  }
  if (takers.size > 0) await tensors.read(takers);
  return scales;
}

/** @typedef {(dtype: string, write: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => void} RareConversion */

/**
 * What makes f32 of the blocks and numbers that few files have.
 * @param {StoredTensor} tensor
 * @returns {Promise<RareConversion | undefined>}
 */
const rareConversion = async ({ dtype }) => {
  if (dtype === 'F64') return (_, write) => narrowing(write);
  return isRareBlock(dtype) ? (await import('../formats/ggml_rare_blocks.js').catch(importFailed)).rareWidening : undefined;
};

/**
 * @param {StoredTensor} tensor
 * @param {import('./model.js').LoadOptions['dtype']} dtype
 * @param {Scales} [scales]
 * @param {RareConversion} [rare]
 * @param {number} [more] rows besides
 */
function tableFor(tensor, dtype, scales, rare, more = 0) {
  const format = BYTE_FLOATS[tensor.dtype];
  const stored = format || rare ? 'f32' : writable(tensor.dtype);
  if (!stored) throw unreadable(tensor);
  // f16 holds every 8-bit float, bf16 what a scale makes of it.
  const own = format ? (scales ? 'bf16' : 'f16') : keptAs(tensor.dtype);
  const type = dtype && dtype !== 'auto' ? checkDtype(dtype) : own;
  const [rows, ...sizes] = tensor.shape;
  const dim = sizes.reduce((all, size) => all * size, 1);
  const scaling = format && scalingOf(tensor, scales);
  const storage = new TableStorage({ rows: rows + more, dim, dtype: type, perRowScales: type === 'i8' });
  const write = writerOf(storage, stored);
  if (rare) return { table: tableOf(storage), take: rare(tensor.dtype, write) };
  return { table: tableOf(storage), take: format ? widening(format, { rows, dim, ...scaling }, write) : write };
}

/**
 * @param {StoredTensor} tensor
 * @param {import('../table/table.js').EmbeddingTable | Float32Array} table that has room for its rows
 * @param {number} first of them
 */
function moreRows(tensor, table, first) {
  const stored = BYTE_FLOATS[tensor.dtype] ? undefined : writable(tensor.dtype);
  if (!stored) throw unreadable(tensor);
  return writerOf(storageOf(/** @type {import('../table/table.js').EmbeddingTable} */ (table)), stored, 1, first);
}

/**
 * @param {StoredTensor} tensor
 * @param {Scales} [scales]
 */
function scalingOf({ file, name, shape: [rows, dim] }, scales) {
  if (!scales) return {};
  const block = blockOf(scales.shape, rows, dim);
  if (block) return { block, scale: scales.numbers() };
  throw new WembedError('bad_file', `${file}: scales of shape [${scales.shape}] for '${name}' of [${rows},${dim}]`);
}

/** @param {StoredTensor} tensor */
function unreadable({ file, name, dtype }) {
  const why = /^[IU]\d+$/.test(dtype) ? 'quantized in a form that is not read' : 'which is not read';
  return new WembedError('unsupported', `${file}: '${name}' is ${dtype}, ${why}`);
}

/**
 * Collects a small tensor's bytes.
 * @param {StoredTensor} tensor
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
    numbers: () => Float32Array.from(floatValues(bytes, tensor.dtype)),
  };
}
