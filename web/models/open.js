import { optionsOf } from '../core/arguments.js';
import { WembedError, asObject, refuseRevoked, shown } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { isGguf } from '../sources/file_names.js';
import { FILES_OPTIONS } from '../sources/option_names.js';
import { settled } from '../sources/settled.js';
import { readJson } from '../sources/whole.js';
import { MODEL2VEC } from './families/static.js';
import { importCompiler } from '../tokenizer/load.js';
import { loadStaticModel } from './static_model.js';

/**
 * A model's files in memory: by name, or the bytes of its only one.
 * @typedef {Exclude<import('../sources/files.js').ModelLocation, string | URL>
 *   | Exclude<import('../sources/source.js').FileContent, string>} ModelFilesInMemory
 */

/**
 * What is known of a model before its weights are looked at.
 * @typedef {object} OpenedModel
 * @property {'safetensors' | 'gguf'} format
 * @property {'static' | 'transformer'} kind as far as config.json says; a `model_type` that is not known may still turn out
 *   to be a static model
 * @property {import('../sources/files.js').ModelFiles} files
 * @property {string | undefined} file which of them holds the weights; undefined: model.safetensors, or its shards
 * @property {unknown} json config.json, parsed; null where there is none
 */

/** The options of `EmbeddingLayer.fromPretrained` and `inspect`. `encoding` is a tiktoken file's. */
export const LOAD_OPTIONS = ['classifier', 'dtype', 'encoding', 'family', 'perLayerInputs', 'variant', ...FILES_OPTIONS];

/** @typedef {import('../sources/files.js').ModelFiles} ModelFiles */

/**
 * Finds out which kind of model some files are.
 * @param {{ files: ModelFiles, file: string | undefined }} found by `locate`
 * @param {import('./model.js').FromPretrainedOptions} options
 * @returns {Promise<OpenedModel>}
 */
export async function openModel({ files, file: named }, options) {
  const file = named === 'config.json' ? undefined : named; // it stands for its folder
  if (file && isGguf(file)) return { format: 'gguf', kind: 'transformer', files, file, json: null };
  const json = await readJson(files, 'config.json', options);
  const type = asObject(json).model_type ?? MODEL2VEC;
  if (typeof type !== 'string') throw new WembedError('bad_file', `config.json has model_type ${shown(type)}`);
  const kind = type === MODEL2VEC ? 'static' : 'transformer';
  return { format: 'safetensors', kind, files, file, json };
}

/**
 * @param {string | URL | ModelFilesInMemory} location
 * @param {import('./model.js').FromPretrainedOptions} [given]
 * @returns {Promise<import('./model.js').LayerModel>}
 */
export async function loadModel(location, given) {
  const options = optionsOf('fromPretrained', given, LOAD_OPTIONS);
  const found = await find(location, options);
  if (found.onProgress) options.onProgress = found.onProgress;
  // While files are read; where it fails, whatever needs it says so.
  if (!found.files.savedTokenizer) importCompiler().catch(() => {});
  return settled(found.files, async () => {
    const opened = await openModel(found, options);
    const plain = opened.kind === 'static' && !(options.classifier ?? asObject(opened.json).head_config);
    if (plain) return loadStaticModel(opened, options);
    return (await import('./read_ends.js').catch(importFailed)).loadLarger(opened, options);
  });
}

/**
 * @param {string | URL | ModelFilesInMemory} location
 * @param {import('./model.js').FromPretrainedOptions} options
 * @returns {Promise<{ files: ModelFiles, file: string | undefined, onProgress?: import('../sources/source.js').OnProgress }>}
 */
async function find(location, options) {
  refuseRevoked('a model location', location);
  // Our own model opens its files by name: its page needs nothing that finds out what a location is.
  if (typeof (/** @type {Partial<ModelFiles>} */ (location ?? {}).open) === 'function') {
    return { files: /** @type {ModelFiles} */ (location), file: options.file };
  }
  return (await import('../sources/location.js').catch(importFailed)).locate(location, options);
}
