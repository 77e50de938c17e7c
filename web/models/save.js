import { savedEndFiles } from './ends_saving.js';
import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, shown } from '../core/errors.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';
import { makeFolder } from '../sources/folder.js';
import { builtin } from '../sources/platform.js';
import { takeOut } from '../table/stored_rows.js';
import { storageOf } from '../table/table.js';
import { Vocabulary, parsedTokenizer } from '../tokenizer/vocabulary.js';
import { MODEL2VEC } from './families/static.js';

/**
 * How a layer is written to files.
 * @typedef {object} SaveOptions
 * @property {'auto' | 'f32' | 'f16' | 'bf16' | 'i8'} [dtype] bf16 for transformers, i8 for static models. 'auto' keeps f32, f16 and i8, and writes bf16 and i4 as f32, which
 *   holds their numbers exactly: NumPy, through which model2vec reads, knows neither
 */

/** @typedef {import('./static_model.js').StaticModel} StaticModel */
/** A folder in memory: the name of each file → its bytes. @typedef {Map<string, Uint8Array<ArrayBuffer>>} SavedFiles */

const STORED = { f32: 'F32', f16: 'F16', i8: 'I8' };
const NAMES = { f32: 'float32', f16: 'float16', i8: 'int8' };

/**
 * A static model as the files of a folder that Python's model2vec and sentence-transformers load; a transformer's two ends as
 * those of a model without blocks, which transformers loads.
 *
 * model2vec knows no scales for i8. A row's scale goes into its token's weight, which it multiplies rows by.
 * @param {import('./model.js').LayerModel} model
 * @param {SaveOptions} [options]
 * @returns {Promise<SavedFiles>}
 */
export async function savedFiles(model, options) {
  const { dtype = 'auto' } = optionsOf('save', options, ['dtype']);
  if (typeof dtype !== 'string') throw mustBe('dtype', 'a string', dtype);
  if (model.kind === 'static') return savedStatic(/** @type {StaticModel} */ (model), dtype);
  
  return savedEndFiles(/** @type {import('./transformer_ends.js').TransformerEnds} */ (model), dtype);
}

/**
 * @param {StaticModel} model
 * @param {string} dtype
 * @returns {Promise<SavedFiles>}
 */
async function savedStatic(model, dtype) {
  const kept = dtype === 'auto' ? model.table.dtype : dtype;
  const stored = dtype === 'auto' && (kept === 'bf16' || kept === 'i4') ? 'f32' : kept;
  if (typeof stored !== 'string' || !Object.hasOwn(STORED, stored)) {
    throw new WembedError('unsupported', `model2vec reads no '${shown(stored)}': save as f32, f16 or i8`);
  }
  const type = /** @type {keyof typeof STORED} */ (stored);
  const source = await model.tokenizerSource();
  const { size } = new Vocabulary(parsedTokenizer(source, model.tokenizer.vocabSize));
  const table = type === model.table.dtype ? model.table : model.table.quantize(type);
  try {
    const tensors = tensorsOf(table, type, size);
    const mapped = tensors.some(({ name }) => name === 'mapping');
    const head = model.classifier?.stored;
    return new Map([
      ...headFiles(head),
      ['model.safetensors', writeSafetensors(tensors)],
      [
        'tokenizer.json',
        source instanceof Uint8Array ? Uint8Array.from(source) : utf8(JSON.stringify(source)),
      ],
      ['config.json', utf8(JSON.stringify({ ...configOf(model, type, mapped), ...headSettings(head) }, null, 2))],
      ['modules.json', utf8(JSON.stringify(modulesOf(model), null, 2))],
    ]);
  } finally {
    if (table !== model.table) table.dispose();
  }
}

/**
 * The same as a folder of this machine's. Each file takes its name only when it is whole; config.json, without which there
 * is no model, is the last.
 * @param {import('./model.js').LayerModel} model
 * @param {string} folder made where there is none
 * @param {SaveOptions} [options]
 * @returns {Promise<string[]>} the paths written
 */
export async function saveToFolder(model, folder, options) {
  const [fs, path] = await nodeModules(folder);
  const files = [...(await savedFiles(model, options))].sort(
    ([a], [b]) => Number(a === 'config.json') - Number(b === 'config.json'),
  );
  try {
    await makeFolder(folder);
    /** @type {string[]} */
    const written = [];
    for (const [name, bytes] of files) {
      const [target, part] = [path.join(folder, name), path.join(folder, `.${name}.${crypto.randomUUID()}.part`)];
      try {
        await fs.writeFile(part, bytes);
        await fs.rename(part, target);
      } finally {
        await fs.rm(part, { force: true });
      }
      written.push(target);
    }
    return written;
  } catch (error) {
    throw new WembedError(
      'invalid_argument',
      `'${folder}' cannot be written: ${/** @type {Error} */ (error).message}`,
      { cause: error },
    );
  }
}

/**
 * @param {string} folder
 * @returns {Promise<[typeof import('fs/promises'), typeof import('path')]>}
 */
async function nodeModules(folder) {
  if (typeof folder !== 'string' || folder === '') {
    throw new WembedError('invalid_argument', `saveTo takes a folder's path, got ${shown(folder)}`);
  }
  const [fs, path] = await Promise.all([builtin('fs/promises'), builtin('path')]);
  if (fs && path) return [fs, path];
  throw new WembedError('unsupported', `'${folder}' is a folder, and folders can only be written in Node`);
}

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/**
 * @param {import('../table/table.js').EmbeddingTable} table
 * @param {keyof typeof STORED} type
 * @param {number} tokens the tokenizer's, as many as model2vec wants rows or mapped ones
 */
function tensorsOf(table, type, tokens) {
  const { rows, dim, vocabSize } = table;
  const stored = takeOut(storageOf(table));
  const { data } = stored;
  let { tokenWeights: weights, tokenMapping: mapping } = stored;
  const scales = stored.rowScales ?? (stored.scale === 1 ? undefined : new Float32Array(rows).fill(stored.scale));
  if (scales) {
    const [own, rowOf] = [weights, mapping];
    weights = Float32Array.from({ length: vocabSize }, (_, id) => scales[rowOf ? rowOf[id] : id] * (own ? own[id] : 1));
  }
  // Where rows and tokens differ in number, model2vec wants to be told which is whose.
  if (!mapping && rows !== tokens) mapping = Uint32Array.from({ length: rows }, (_, id) => id);
  /** @type {{ name: string, dtype: string, shape: number[], data: ArrayBufferView }[]} */
  const tensors = [{ name: 'embeddings', dtype: STORED[type], shape: [rows, dim], data }];
  if (mapping) tensors.unshift({ name: 'mapping', dtype: 'I32', shape: [vocabSize], data: Int32Array.from(mapping) });
  if (weights) tensors.unshift({ name: 'weights', dtype: 'F32', shape: [vocabSize], data: weights });
  return tensors;
}

/**
 * @param {StaticModel} model
 * @param {keyof typeof NAMES} type
 * @param {boolean} mapped
 */
function configOf({ table, encoder: { normalize, maxLength } }, type, mapped) {
  return {
    ...{ model_type: MODEL2VEC, architectures: ['StaticModel'], hidden_dim: table.dim, normalize },
    ...{ max_length: maxLength === Infinity ? null : maxLength, embedding_dtype: NAMES[type] },
    ...(mapped ? { vocabulary_quantization: table.rows } : {}),
  };
}

/** @typedef {import('./classifier_head.js').StoredHead | undefined} HeadIfAny */

/** @param {HeadIfAny} head @returns {[string, Uint8Array<ArrayBuffer>][]} */
const headFiles = (head) => (head ? [['head.safetensors', writeSafetensors(head.tensors)]] : []);

/** @param {HeadIfAny} head */
const headSettings = (head) => (head ? { head_config: head.config } : {});

/** @param {StaticModel} model */
function modulesOf({ encoder: { normalize } }) {
  const module = (/** @type {number} */ idx, /** @type {string} */ path, /** @type {string} */ name) => ({
    ...{ idx, name: String(idx), path, type: `sentence_transformers.models.${name}` },
  });
  return [module(0, '.', 'StaticEmbedding'), ...(normalize ? [module(1, '1_Normalize', 'Normalize')] : [])];
}
