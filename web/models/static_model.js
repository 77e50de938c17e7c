import { floatsOf, integersOf } from '../core/arguments.js';
import { checkDtype } from '../core/dtypes.js';
import { WembedError } from '../core/errors.js';
import { readSafetensorsHeader } from '../formats/safetensors.js';
import { settled } from '../sources/settled.js';
import { Reader } from '../sources/reader.js';
import { readJson } from '../sources/whole.js';
import { TableStorage, setTokens, startCore, writerOf } from '../table/storage.js';
import { tableOf } from '../table/table.js';
import { importCompiler } from '../tokenizer/load.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { encodeInSteps } from './encode_in_steps.js';
import { MODEL2VEC } from './families/static.js';
import { lazyParts } from './lazy_parts.js';
import { SENTENCE_TABLE, planStaticModel, staticSettings } from './static_plan.js';
import { floatValues, integerValues } from './tensor_values.js';
import { PooledEncoder } from './text_encoder.js';

/** @typedef {import('./model.js').LayerModel} LayerModel */
/** @typedef {import('./model.js').LoadOptions} LoadOptions */

/**
 * @typedef {object} StaticParts
 * @property {import('../table/table.js').EmbeddingTable} table
 * @property {Tokenizer} tokenizer
 * @property {() => Promise<Uint8Array | object | undefined>} tokenizerSource the tokenizer.json it was made of, read again: a
 *   copy in memory would take more than the tokenizer itself
 * @property {boolean} normalize
 * @property {number} maxLength in tokens
 * @property {(table: import('../table/table.js').EmbeddingTable) =>
 *   Promise<import('./sentence_encoder.js').SentenceEncoder | undefined>} [sentence] what encodes by sentence-transformers'
 *   rules, if the folder is its own
 */

/**
 * A static embedding model: what Python's `model2vec.StaticModel` holds.
 * @implements {LayerModel}
 */
export class StaticModel {
  /** @type {'static'} */
  kind = 'static';
  whyNoTokenizer = null;
  whyNoEncoder = null;
  head = undefined;
  whyNoHead = 'a static model scores no hidden states';
  alibi = undefined;
  perLayer = undefined;
  /** @type {import('./classifier_head.js').ClassifierHead | undefined} */
  classifier = undefined;

  /**
   * @param {StaticParts} parts
   * @param {typeof import('./encode_in_steps.js').encodeInSteps} [inSteps]
   * @param {import('./sentence_encoder.js').SentenceEncoder} [encoder] of a sentence-transformers folder
   */
  constructor({ table, tokenizer, tokenizerSource, normalize, maxLength }, inSteps, encoder) {
    this.table = table;
    this.tokenizer = tokenizer;
    this.tokenizerSource = tokenizerSource;
    this.rules = /** @type {'sentence-transformers' | 'model2vec'} */ (encoder ? 'sentence-transformers' : MODEL2VEC);
    this.encoder = encoder ?? new PooledEncoder(table, tokenizer, { normalize, maxLength }, inSteps);
  }

  /**
   * @param {StaticParts} parts
   * @returns {Promise<StaticModel>}
   */
  static async of(parts) {
    const encoder = await parts.sentence?.(parts.table);
    return new StaticModel(parts, encoder || parts.tokenizer.handle ? undefined : encodeInSteps, encoder);
  }

  /**
   * The rows of some ids as they are.
   * @param {import('../core/arguments.js').IntegerArray} ids
   * @param {import('./model.js').EmbedOptions} options
   */
  embed(ids, { positionIds, tokenTypeIds, into }) {
    if (positionIds === undefined && tokenTypeIds === undefined) return this.table.lookup(ids, { into });
    throw new WembedError('invalid_argument', 'a static model has neither positions nor token types');
  }

  rotaryOf() {
    return undefined;
  }

  /** @returns {import('./model.js').ModelDescription} */
  describe() {
    const { table, encoder } = this;
    const { vocabSize, rows, dim, dtype, bytes } = table;
    return {
      ...{ kind: 'static', family: MODEL2VEC, vocabSize, rows, dim, hiddenSize: dim, dtype, bytes },
      ...{ parameters: rows * dim, tied: false, positions: null, maxPositions: null, perLayerInputs: null },
      ...{ head: null, whyNoHead: this.whyNoHead },
      ...{ pooling: 'mean', normalize: encoder.normalize, maxLength: encoder.maxLength, whyNoEncoder: null },
      rules: this.rules,
      ...{ tokenizer: this.tokenizer.engine, whyNoTokenizer: null },
    };
  }

  dispose() {
    this.table.dispose();
    this.tokenizer.dispose();
    this.classifier?.dispose();
  }
}

/**
 * Loads a Model2Vec or sentence-transformers StaticEmbedding model. The weights stream into WebAssembly memory as they
 * arrive, while the tokenizer is built.
 * @param {import('./open.js').OpenedModel} opened
 * @param {LoadOptions} options
 * @returns {Promise<StaticModel>}
 */
export async function loadStaticModel({ files, file, json }, options) {
  const found = await findWeights(files, file, json, options);
  const table = loadTable(found, options);
  // Both are awaited, whatever happens to either, so that nothing is left half-loaded behind an error.
  const [loadedTable, loadedText] = await Promise.allSettled([table, loadText(files, found, options, json)]);
  try {
    if (loadedTable.status === 'rejected') throw loadedTable.reason;
    if (loadedText.status === 'rejected') throw loadedText.reason;
    checkVocabulary(loadedText.value.tokenizer, loadedTable.value);
    return await StaticModel.of({ table: loadedTable.value, ...loadedText.value });
  } catch (error) {
    if (loadedTable.status === 'fulfilled') loadedTable.value.dispose();
    if (loadedText.status === 'fulfilled') loadedText.value.tokenizer.dispose();
    throw error;
  }
}

/**
 * Where the table is.
 * @typedef {object} FoundTable
 * @property {string} folder '' or with a slash at its end
 * @property {string} name with its folder
 * @property {import('../sources/source.js').ByteSource} source
 * @property {unknown} [modules] modules.json, parsed, or null; undefined: not read yet
 * @property {boolean} [sentence] whether sentence-transformers' rules hold, as far as is known
 */

/**
 * Beside a config.json a model2vec table stands at the root; where there is none, modules.json may say where it is.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string | undefined} file what it is called, where that has been said
 * @param {unknown} config
 * @param {LoadOptions} options
 * @returns {Promise<FoundTable>}
 */
async function findWeights(files, file, config, options) {
  const name = file ?? 'model.safetensors';
  const source = file || config ? await files.open(name) : null;
  if (source) return { folder: name.replace(/[^/]*$/, ''), name, source };
  return (await lazyParts()).findStatic(files, file, options);
}

/**
 * @param {FoundTable} found learns which library's table it is
 * @param {LoadOptions} options
 * @returns {Promise<import('../table/table.js').EmbeddingTable>}
 */
async function loadTable(found, options) {
  const { source, name } = found;
  const reader = new Reader(source, name, options);
  /** @type {TableStorage | undefined} */
  let table;
  try {
    await startCore();
    const { tensors } = await readSafetensorsHeader(reader, source.byteLength);
    reader.expect(reader.position + Math.max(0, ...[...tensors.values()].map(({ end }) => end)));
    const plan = planStaticModel(tensors, name, found.sentence);
    found.sentence ??= plan.embeddings.name === SENTENCE_TABLE;
    const { rows, dim, weights, mapping } = plan;
    const dtype = wantedDtype(options.dtype, plan.dtype);
    const perRowScales = dtype === 'i8' && plan.dtype !== 'i8';
    table = new TableStorage({
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
 * @param {import('./static_plan.js').StaticPlan<import('../formats/safetensors.js').HeaderEntry>} plan
 * @param {TableStorage} table
 */
async function fillTable(reader, tensors, plan, table) {
  /** @type {Parameters<typeof setTokens>[1]} */
  const tokens = {};
  for (const tensor of tensors.values()) {
    const length = tensor.end - tensor.begin;
    if (tensor === plan.embeddings) {
      const write = writerOf(table, plan.dtype);
      await reader.pass(length, tensor.dtype === 'F64' ? (await lazyParts()).narrowing(write) : write);
    }
    else if (tensor === plan.weights) {
      tokens.tokenWeights = floatsOf('weights', floatValues(await reader.read(length), tensor.dtype));
    } else if (tensor === plan.mapping) {
      tokens.tokenMapping = integersOf('mapping', integerValues(await reader.read(length), tensor.dtype));
    } else await reader.pass(length, () => {});
  }
  if (await reader.next(1)) throw new WembedError('bad_file', `${reader.name} goes on after its last tensor`);
  setTokens(table, tokens);
}

/**
 * @param {LoadOptions['dtype']} wanted
 * @param {import('../core/dtypes.js').Dtype} stored
 */
const wantedDtype = (wanted, stored) => (wanted === undefined || wanted === 'auto' ? stored : checkDtype(wanted));

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {LoadOptions} options
 * @param {string} folder
 */
const compiledTokenizer = async (files, options, folder) =>
  (await files.savedTokenizer?.()) ?? (await importCompiler()).tokenizerSource(files, options, folder);

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {FoundTable} found
 * @param {LoadOptions} options
 * @param {unknown} config config.json, parsed
 */
async function loadText(files, found, options, config) {
  const { folder } = found;
  const [source, sentenceConfig, modules] = await Promise.all([
    compiledTokenizer(files, options, folder),
    readJson(files, 'config_sentence_transformers.json', options),
    found.modules === undefined ? readJson(files, 'modules.json', options) : found.modules,
  ]);
  if (!source) throw new WembedError('not_found', `${files.name} has no ${folder}tokenizer.json`);
  const settings = staticSettings(config ?? sentenceConfig);
  const later = files.later?.() ?? files;
  const tokenizer = await Tokenizer.from(source);
  return {
    ...settings,
    tokenizer,
    sentence: async (/** @type {import('../table/table.js').EmbeddingTable} */ table) => {
      // Once the table has been read, which says whose it is.
      if (!modules || !(found.sentence || folder || !isModel2Vecs(modules, config))) return undefined;
      const { SentenceEncoder, sentenceSettings } = await lazyParts();
      const said = await sentenceSettings(files, options, sentenceConfig, modules, source, table.dim);
      return new SentenceEncoder(table, tokenizer, said);
    },
    tokenizerSource: () => settled(later, async () => (await importCompiler()).tokenizerSource(later, {}, folder)),
  };
}

/**
 * Whether a modules.json may be model2vec's, which writes two kinds of modules, the second where config.json says so, too.
 * @param {unknown} modules
 * @param {unknown} config
 */
const isModel2Vecs = (modules, config) =>
  Array.isArray(modules) &&
  modules.every((module, i) => /\.(StaticEmbedding|Normalize)"$/.test(JSON.stringify(module?.type)) && (!i || 'normalize' in Object(config)));

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
