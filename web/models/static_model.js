import { WembedError } from '../core/errors.js';
import { STATIC_FOLDERS, planStaticModel, staticSettings, typedValues } from './static_plan.js';
import { readSafetensorsHeader } from '../formats/safetensors.js';
import { Reader } from '../sources/reader.js';
import { settled } from '../sources/files.js';
import { readJson } from '../sources/whole.js';
import { floatsOf, integersOf } from '../core/arguments.js';
import { checkDtype } from '../core/dtypes.js';
import { TableStorage } from '../table/storage.js';
import { tableOf } from '../table/table.js';
import { Tokenizer, tokenizerSource } from '../tokenizer/tokenizer.js';
import { loadHeap } from '../memory/heap.js';

/**
 * A static embedding model's parts: what Python's `model2vec.StaticModel` holds.
 * @typedef {object} StaticModel
 * @property {import('../table/table.js').EmbeddingTable} table
 * @property {Tokenizer} tokenizer
 * @property {() => Promise<Uint8Array | object | undefined>} tokenizerSource the tokenizer.json it was made of, read again: a copy in
 *   memory would take more than the tokenizer itself
 * @property {boolean} normalize
 * @property {number} maxLength in tokens
 */

/**
 * @typedef {object} LoadOptions
 * @property {AbortSignal} [signal]
 * @property {import('../sources/source.js').OnProgress} [onProgress]
 * @property {'auto' | import('../core/dtypes.js').Dtype} [dtype] how to keep the tables; default 'auto': as they are stored, of
 *   GGUF's blocks Q4_0 as i4 and the others as f16
 */

/**
 * Loads a Model2Vec or sentence-transformers StaticEmbedding model. The weights stream into WebAssembly memory as they
 * arrive, while the tokenizer is built.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {LoadOptions} options
 * @param {any} config its config.json, parsed, or null
 * @returns {Promise<StaticModel>}
 */
export async function loadStaticModel(files, options, config) {
  const { folder, source } = await findWeights(files);
  const table = loadTable(source, `${folder}model.safetensors`, options);
  // Both are awaited, whatever happens to either, so that nothing is left half-loaded behind an error.
  const [loadedTable, loadedText] = await Promise.allSettled([table, loadText(files, folder, options, config)]);
  try {
    if (loadedTable.status === 'rejected') throw loadedTable.reason;
    if (loadedText.status === 'rejected') throw loadedText.reason;
    checkVocabulary(loadedText.value.tokenizer, loadedTable.value);
    return { table: loadedTable.value, ...loadedText.value };
  } catch (error) {
    if (loadedTable.status === 'fulfilled') loadedTable.value.dispose();
    if (loadedText.status === 'fulfilled') loadedText.value.tokenizer.dispose();
    throw error;
  }
}

/** @param {import('../sources/files.js').ModelFiles} files */
async function findWeights(files) {
  for (const folder of STATIC_FOLDERS) {
    const source = await files.open(`${folder}model.safetensors`);
    if (source) return { folder, source };
  }
  const tried = STATIC_FOLDERS.map((folder) => `${folder}model.safetensors`).join(' and ');
  throw new WembedError('not_found', `${files.name} has no weights: tried ${tried}`);
}

/**
 * @param {import('../sources/source.js').ByteSource} source
 * @param {string} name
 * @param {LoadOptions} options
 * @returns {Promise<import('../table/table.js').EmbeddingTable>}
 */
async function loadTable(source, name, options) {
  const reader = new Reader(source, name, options);
  /** @type {TableStorage | undefined} */
  let table;
  try {
    const heap = await loadHeap();
    const { tensors } = await readSafetensorsHeader(reader, source.byteLength);
    const plan = planStaticModel(tensors, name);
    const { rows, dim, weights, mapping } = plan;
    const dtype = wantedDtype(options.dtype, plan.dtype);
    const perRowScales = dtype === 'i8' && plan.dtype !== 'i8';
    table = new TableStorage(heap, {
      ...{ rows, dim, dtype, perRowScales, vocab: mapping?.shape[0] ?? (weights ? rows : 0) },
      ...{ tokenWeights: !!weights, tokenMapping: !!mapping },
    });
    await fillTable(reader, tensors, plan, table);
    return tableOf(table);
  } catch (error) {
    table?.dispose();
    throw error;
  } finally {
    await reader.cancel();
    await source.close?.();
  }
}

/**
 * Takes the tensors in the order in which the file holds them, so that one pass over it is enough.
 * @param {Reader} reader at the first byte of data
 * @param {Map<string, import('../formats/safetensors.js').HeaderEntry>} tensors in file order
 * @param {import('./static_plan.js').StaticPlan} plan
 * @param {TableStorage} table
 */
async function fillTable(reader, tensors, plan, table) {
  /** @type {Parameters<TableStorage['setTokens']>[0]} */
  const tokens = {};
  for (const tensor of tensors.values()) {
    const length = tensor.end - tensor.begin;
    if (tensor === plan.embeddings) await reader.pass(length, table.writer(plan.dtype));
    else if (tensor === plan.weights) tokens.tokenWeights = floatsOf('weights', /** @type {Float32Array} */ (typedValues(await reader.read(length), tensor.dtype)));
    else if (tensor === plan.mapping) tokens.tokenMapping = integersOf('mapping', /** @type {Uint32Array} */ (typedValues(await reader.read(length), tensor.dtype)));
    else await reader.pass(length, () => {});
  }
  if (await reader.next(1)) throw new WembedError('bad_file', `${reader.name} goes on after its last tensor`);
  table.setTokens(tokens);
}

/**
 * @param {LoadOptions['dtype']} wanted
 * @param {import('../core/dtypes.js').Dtype} stored
 */
const wantedDtype = (wanted, stored) => (wanted === undefined || wanted === 'auto' ? stored : checkDtype(wanted));

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} folder
 * @param {LoadOptions} options
 * @param {any} config
 */
async function loadText(files, folder, options, config) {
  const [source, sentenceConfig, modules] = await Promise.all([
    tokenizerSource(files, options, folder),
    readJson(files, 'config_sentence_transformers.json', options),
    readJson(files, 'modules.json', options),
  ]);
  if (!source) throw new WembedError('not_found', `${files.name} has no ${folder}tokenizer.json`);
  const settings = staticSettings(config ?? sentenceConfig, modules);
  const later = files.later?.() ?? files;
  return {
    ...settings,
    tokenizer: await Tokenizer.from(source),
    tokenizerSource: () => settled(later, () => tokenizerSource(later, {}, folder)),
  };
}

/**
 * @param {Tokenizer} tokenizer
 * @param {import('../table/table.js').EmbeddingTable} table
 */
export function checkVocabulary(tokenizer, table) {
  if (tokenizer.vocabSize <= table.vocabSize) return;
  throw new WembedError(
    'shape_mismatch',
    `the tokenizer's ids go up to ${tokenizer.vocabSize - 1}, the table has ${table.vocabSize}`,
  );
}
