/** From what a tokenizer is made of to the engine that runs it. */
import { WembedError, shown, isA, asObject } from '../core/errors.js';
import { isGguf } from '../sources/file_names.js';
import { isSource, contentSource } from '../sources/source.js';
import { readAll, readWhole } from '../sources/whole.js';
import { loadHeap } from '../memory/heap.js';
import { compileTokenizer, neededTables } from './compile.js';
import { isFields } from './fields.js';
import { RANKS, takeRanks, takeVocab } from './vocab_section.js';
import { WasmEngine } from './wasm_engine.js';

/** @typedef {import('../sources/whole.js').ReadOptions & import('./files/tiktoken.js').TiktokenOptions} TokenizerOptions */
/** @typedef {import('./compile.js').Compiled} Compiled */
/** @typedef {{ engine: WasmEngine, compiled: Compiled, inCore: boolean }} Loaded */

/** What a buffer of `Tokenizer.save` begins with: the letters, and a version that reading needs. */
export const SAVED_MAGIC = 'WTOK0001';

/**
 * @param {object | string | Uint8Array | ArrayBuffer | Blob | import('../sources/source.js').ByteSource} source
 * @param {import('./files/tiktoken.js').TiktokenOptions} options
 * @returns {Promise<Loaded>}
 */
export async function loadEngine(source, options) {
  const data = isSource(source) && !isBytes(source) ? await readAll(contentSource(source), 'the tokenizer') : source;
  if (!isBytes(data)) return build(await compileJson(parse(data), options));
  const bytes = asBytes(data);
  if (bytes[0] === 0x57) return build((await import('./saved.js')).readSaved(bytes));
  if (bytes[0] !== 0x7b) {
    const json = (await import('./files/detect.js')).tokenizerOfBytes(bytes, options);
    if (json) return build(await compileJson(json, options));
  }
  const taken = takeVocab(await loadHeap(), bytes);
  return build(taken ? await compile(taken.json, taken.section) : await compileJson(parse(bytes), options));
}

/**
 * @param {unknown} given what other files stand for, or what was parsed already: a tokenizer.json, or an object of ranks
 * @param {import('./files/tiktoken.js').TiktokenOptions} options
 * @returns {Promise<Compiled>}
 */
async function compileJson(given, options) {
  const ranks = !isFields(given) || !('model' in given);
  const json = (ranks && (await import('./files/ranks_objects.js')).tokenizerOfObject(given, options)) || given;
  const model = isFields(json) ? json.model : undefined;
  const file = isFields(model) ? ranksFile(model) : undefined;
  const section = file && takeRanks(await (await import('../memory/text_module.js')).loadTextHeap(), file);
  return compile(json, section ?? undefined);
}

/** @param {object} model @returns {Uint8Array | undefined} the file of ranks that it stands for */
const ranksFile = (model) => /** @type {Record<symbol, Uint8Array>} */ (model)[RANKS];

/**
 * @param {unknown} json
 * @param {import('./vocab_section.js').VocabSection} [section]
 * @returns {Promise<Compiled>}
 */
async function compile(json, section) {
  const needs = neededTables(json);
  return compileTokenizer(json, section, {
    compatibility: needs.compatibility ? (await import('./compatibility.js')).compatibilityTable() : undefined,
    rare: needs.rare ? await import('./rare_parts.js') : undefined,
    graphemes: needs.graphemes ? (await import('./graphemes.js')).graphemeRanges() : undefined,
  });
}

/**
 * Whether something is what `loadEngine` has made: nothing else makes an engine.
 * @param {unknown} loaded
 */
export const isLoaded = (loaded) => isA(asObject(loaded).engine, WasmEngine);

/** @param {Compiled} compiled @returns {Promise<Loaded>} */
async function build(compiled) {
  const inCore = !compiled.needsTextModule;
  const heap = inCore ? await loadHeap() : await (await import('../memory/text_module.js')).loadTextHeap();
  return { engine: new WasmEngine(heap, compiled.spec), compiled, inCore };
}

/**
 * What a model's tokenizer is made of.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {TokenizerOptions} options
 * @param {string} [folder] of the files, '' or ending in a slash
 * @returns {Promise<Uint8Array | object | undefined>} tokenizer.json's bytes, or parsed where other files stand for it;
 *   undefined where there is neither
 */
export async function tokenizerSource(files, options, folder = '') {
  const read = (/** @type {string} */ name) => readWhole(files, folder + name, options);
  const bytes = await read('tokenizer.json');
  if (bytes) return bytes;
  const all = (await files.list?.()) ?? [];
  const beside = all.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
  return (await import('./files/detect.js')).tokenizerOfFiles(read, beside, options);
}

/**
 * The same where one file is meant: a GGUF file, of which the header is read, or a file that holds a tokenizer.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} file
 * @param {TokenizerOptions} options
 * @returns {Promise<Uint8Array | object | undefined>}
 */
export async function fileSource(files, file, options) {
  if (isGguf(file)) return (await import('./files/detect.js')).tokenizerOfGgufFile(await files.open(file), file);
  if (/\.safetensors$/i.test(file)) return tokenizerSource(files, options);
  return (await readWhole(files, file, options)) ?? undefined;
}

/**
 * @param {unknown} source
 * @returns {source is Uint8Array | ArrayBuffer}
 */
const isBytes = (source) => ArrayBuffer.isView(source) || isA(source, ArrayBuffer);

/** @param {Uint8Array | ArrayBuffer} source */
const asBytes = (source) => {
  if (source.byteLength === 0) return new Uint8Array(0); // of a detached buffer no view can be made
  return isA(source, ArrayBuffer)
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
};

/**
 * @param {unknown} source text, bytes, or what was parsed already
 * @returns {unknown}
 */
function parse(source) {
  if (typeof source === 'object' && source !== null && !isBytes(source)) return source;
  if (typeof source !== 'string' && !isBytes(source)) {
    throw new WembedError('invalid_argument', `a tokenizer cannot be made of ${shown(source)}`);
  }
  try {
    const text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    return JSON.parse(text);
  } catch (error) {
    const what = `tokenizer.json is not UTF-8 JSON: ${/** @type {Error} */ (error).message}`;
    throw new WembedError('bad_file', what, { cause: error });
  }
}
