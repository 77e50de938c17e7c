import { flag } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { TensorFiles } from '../formats/tensors.js';
import { tokenizerOfGguf } from '../tokenizer/files/gguf.js';
import { settled } from '../sources/settled.js';
import { readWhole } from '../sources/whole.js';
import { importCompiler } from '../tokenizer/load.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { addClassifier } from './classifier_head.js';
import { readConfig } from './config.js';
import { holdsStatic } from './find_static.js';
import { ggufConfig } from './gguf_config.js';
import { besideTokens } from './head_steps.js';
import { COPIES, planEnds, unknownFamily } from './plan.js';
import { loadStaticModel } from './static_model.js';
import { isValues } from './settings.js';
import { readParts } from './tensor_reader.js';
import { TransformerEnds } from './transformer_ends.js';
import { writerOf } from '../table/storage.js';
import { storageOf } from '../table/table.js';

export { ggufPlan, safetensorsPlan } from './inspect_plan.js';

/** @typedef {import('./open.js').OpenedModel} OpenedModel */
/** @typedef {import('./config.js').ModelConfig} ModelConfig */
/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */
/** @typedef {import('./model.js').FromPretrainedOptions} Options */

/**
 * What a model's settings say, and what they are not complete without.
 * @typedef {object} EndsConfig
 * @property {ModelConfig} config
 * @property {string[]} vectors names of tensors that belong to the settings
 * @property {(vectors: Map<string, number[]>) => ModelConfig} complete the config with their numbers
 */

/**
 * Loads what is more than a static model: a transformer's two ends, or a static model with a classifier.
 * @param {OpenedModel} opened
 * @param {Options} options
 * @returns {Promise<import('./model.js').LayerModel>}
 */
export async function loadLarger(opened, options) {
  if (options.classifier !== undefined) flag('classifier', options.classifier);
  if (opened.kind !== 'static') return loadEnds(opened, options);
  const own = isValues(opened.json) && opened.json.head_config !== undefined;
  const found = own ? undefined : await (await import('./lazy.js').catch(importFailed)).fromOnnx(opened.files, opened.json, options);
  const { unkId, ...from } = { ...opened, ...found };
  const model = await loadStaticModel(from, options);
  try {
    await addClassifier(model, from.files, from.json, options);
    if (unkId !== undefined && unkId !== (model.tokenizer.unkId ?? null)) {
      throw new WembedError('bad_file', `the ONNX file leaves out token ${unkId}, the tokenizer has ${model.tokenizer.unkId} for what it does not know`);
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * Loads a transformer's two ends from safetensors, in one file or in shards, or from a GGUF file: no more of it than they
 * need.
 * @param {OpenedModel} opened
 * @param {Options} options
 * @returns {Promise<import('./model.js').LayerModel>}
 */
async function loadEnds(opened, options) {
  if (options.classifier) throw new WembedError('unsupported', "classifier: a transformer's classes are told in its blocks");
  if (opened.format === 'gguf') return loadGguf(opened, options);
  const config = readConfig(opened.json, options.family);
  if (!config) return loadUnknown(opened, options);
  const tokenizer = await tokenizerOr(Tokenizer.ofFiles(opened.files, options));
  return withTokenizer(tokenizer, async () => {
    const tensors = await TensorFiles.safetensors(opened.files, options, opened.file);
    if (!options.family && holdsStatic(tensors.known.map(({ name }) => name))) {
      await tensors.close();
      return staticInstead(tokenizer, opened, options);
    }
    const later = opened.files.later?.() ?? opened.files;
    const origin = {
      json: /** @type {import('./settings.js').Values} */ (opened.json),
      ...{ family: options.family, edits: [] },
      configText: () =>
        settled(later, async () => new TextDecoder().decode((await readWhole(later, 'config.json')) ?? new Uint8Array())),
      tokenizerSource: () => settled(later, async () => (await importCompiler()).tokenizerSource(later, {}, '')),
    };
    return readEnds(tensors, { config, vectors: [], complete: () => config }, tokenizer, options, origin);
  });
}

/**
 * @param {Tokenizer | WembedError} tokenizer of no more use
 * @param {OpenedModel} opened
 * @param {Options} options
 */
function staticInstead(tokenizer, opened, options) {
  if (tokenizer instanceof Tokenizer) tokenizer.dispose();
  return loadStaticModel(opened, options);
}

/**
 * A model type that is not known may be that of a static model.
 * @param {OpenedModel} opened
 * @param {Options} options
 */
async function loadUnknown(opened, options) {
  try {
    return await loadStaticModel(opened, options);
  } catch (error) {
    if (!(error instanceof WembedError) || error.code !== 'unsupported') throw error;
    throw unknownFamily(modelTypeOf(opened.json), error.message);
  }
}

/**
 * @param {unknown} json a config.json
 * @returns {unknown}
 */
const modelTypeOf = (json) => /** @type {{ model_type?: unknown }} */ (json ?? {}).model_type;

/**
 * @param {OpenedModel} opened
 * @param {Options} options
 */
async function loadGguf({ files, file }, options) {
  const name = /** @type {string} */ (file);
  const tensors = await TensorFiles.gguf(files, name, options);
  try {
    const { names, ...config } = ggufConfig(tensors.gguf, name);
    tensors.rename(names);
    const tokenizer = await ggufTokenizer(tensors.gguf);
    return await withTokenizer(tokenizer, () => readEnds(tensors, config, tokenizer, options));
  } catch (error) {
    await tensors.close();
    throw error;
  }
}

/**
 * @template T
 * @param {Tokenizer | WembedError} tokenizer disposed of if `load` fails
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
async function withTokenizer(tokenizer, load) {
  try {
    return await load();
  } catch (error) {
    if (tokenizer instanceof Tokenizer) tokenizer.dispose();
    throw error;
  }
}

/**
 * The two ends are of use without a tokenizer.
 * @param {Promise<Tokenizer | undefined>} loading
 * @returns {Promise<Tokenizer | WembedError>} or why there is none
 */
async function tokenizerOr(loading) {
  try {
    return (await loading) ?? new WembedError('not_found', 'this model came without a tokenizer.json');
  } catch (error) {
    if (error instanceof WembedError && error.code === 'unsupported') return error;
    throw error;
  }
}

/**
 * @param {import('../formats/gguf.js').Gguf} gguf
 * @returns {Promise<Tokenizer | WembedError>}
 */
async function ggufTokenizer({ metadata }) {
  if (!metadata.has('tokenizer.ggml.tokens')) return new WembedError('not_found', 'this GGUF file has no tokenizer');
  const load = async () => Tokenizer.from(tokenizerOfGguf(metadata));
  return tokenizerOr(load());
}

/**
 * @param {TensorFiles} tensors closed afterwards, whatever happens
 * @param {EndsConfig} ends
 * @param {Tokenizer | WembedError} tokenizer
 * @param {Options} options
 * @param {Omit<import('./transformer_ends.js').EndsOrigin, 'tensors'>} [origin]
 * @returns {Promise<TransformerEnds>}
 */
async function readEnds(tensors, { config, vectors, complete }, tokenizer, { dtype, perLayerInputs }, origin) {
  /** @type {{ dispose(): void }[]} */
  const owned = [];
  try {
    const plan = await tensors.plan((map) => planEnds(map, config, tensors.name, perLayerInputs));
    const read = await readParts(tensors, plan.tensors, vectors, dtype, owned);
    const whole = complete(read.vectors);
    const named = await tensors.plan((map) =>
      plan.tensors.map(({ name, part }) => ({ name, part, shape: map.get(name)?.shape ?? [] })),
    );
    dropCopies(read.parts, owned, tensors.name);
    const own = plan.scores === 'equal or own' ? scoresOf(read.parts, owned) : plan.scores;
    const scores = read.parts.beside ? await widened(read.parts, owned) : own;
    if (whole.zeroId !== undefined) zeroRow(/** @type {EmbeddingTable} */ (read.parts.token), whole.zeroId, tensors.name);
    const from = origin && { ...origin, tensors: named };
    return new TransformerEnds({ parts: read.parts, scores, config: whole, tokenizer, owned, origin: from });
  } catch (error) {
    owned.forEach((part) => part.dispose());
    throw error;
  } finally {
    await tensors.close();
  }
}

/**
 * Some classes make a row zeros after it has been read.
 * @param {EmbeddingTable} table
 * @param {number} id from the end where it is negative, as in torch
 * @param {string} file for messages
 */
function zeroRow(table, id, file) {
  const row = id < 0 ? table.rows + id : id;
  if (!Number.isInteger(row) || row < 0 || row >= table.rows) {
    throw new WembedError('bad_file', `${file}: pad_token_id is ${id}, and the token table has ${table.rows} rows`);
  }
  writerOf(storageOf(table), 'f32', 1, row)(new Uint8Array(4 * table.dim));
}

/**
 * Where a config ties the ends and the file holds both tables, they are tied if they are equal, and otherwise not: as
 * transformers has it.
 * @param {import('./tensor_reader.js').Parts} parts of equal tables the head's is disposed of
 * @param {{ dispose(): void }[]} owned
 * @returns {'tied' | 'own'}
 */
function scoresOf(parts, owned) {
  const [token, head] = /** @type {EmbeddingTable[]} */ ([parts.token, parts.head]);
  if (!sameRows(token, head)) return 'own';
  drop('head', parts, owned);
  return 'tied';
}

/**
 * @param {import('./tensor_reader.js').Parts} parts of which the head's table is made, and what it is made of is disposed of
 * @param {{ dispose(): void }[]} owned
 * @returns {Promise<'own'>}
 */
async function widened(parts, owned) {
  const { token, head = token, beside } = parts;
  const table = await besideTokens(/** @type {EmbeddingTable} */ (head), /** @type {EmbeddingTable} */ (beside));
  owned.push(table);
  if (parts.head) drop('head', parts, owned);
  drop('beside', parts, owned);
  parts.head = table;
  return 'own';
}

/**
 * An encoder and a decoder that share a table may hold it twice.
 * @param {import('./tensor_reader.js').Parts} parts
 * @param {{ dispose(): void }[]} owned
 * @param {string} file for messages
 */
function dropCopies(parts, owned, file) {
  for (const copy of COPIES) {
    const table = /** @type {EmbeddingTable | undefined} */ (parts[copy]);
    if (!table) continue;
    if (!sameRows(/** @type {EmbeddingTable} */ (parts.token), table)) {
      const what = 'the encoder and the decoder have different token tables, where this kind of model shares one';
      throw new WembedError('unsupported', `${file}: ${what}`);
    }
    drop(copy, parts, owned);
  }
}

/**
 * @param {import('./plan.js').Part} part a table that is not needed
 * @param {import('./tensor_reader.js').Parts} parts
 * @param {{ dispose(): void }[]} owned
 */
function drop(part, parts, owned) {
  const table = /** @type {EmbeddingTable} */ (parts[part]);
  delete parts[part];
  owned.splice(owned.indexOf(table), 1);
  table.dispose();
}

/** Rows compared at a time. */
const STRIP = 256;

/**
 * @param {EmbeddingTable} a
 * @param {EmbeddingTable} b
 * @returns {boolean} whether they hold the same numbers
 */
function sameRows(a, b) {
  if (a.rows !== b.rows || a.dim !== b.dim) return false;
  for (let at = 0; at < a.rows; at += STRIP) {
    const ids = Uint32Array.from({ length: Math.min(STRIP, a.rows - at) }, (_, i) => at + i);
    const other = b.lookup(ids).data;
    if (!a.lookup(ids).data.every((value, i) => value === other[i])) return false;
  }
  return true;
}
