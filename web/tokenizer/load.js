/** From what a tokenizer is made of to the engine that runs it. */
import { asObject, isA } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { isSource, contentSource } from '../sources/source.js';
import { readAll } from '../sources/whole.js';
import { loadHeap } from '../memory/heap.js';
import { isSaved, readSaved } from './saved.js';
import { WasmEngine } from './wasm_engine.js';

/** How a tokenizer is loaded. @typedef {import('../sources/whole.js').ReadOptions & import('./files/tiktoken.js').TiktokenOptions} TokenizerOptions */
/** @typedef {import('./compile.js').Compiled} Compiled */
/** @typedef {{ engine: WasmEngine, compiled: Compiled, inCore: boolean }} Loaded */

/**
 * @param {object | string | Uint8Array | ArrayBuffer | Blob | import('../sources/source.js').ByteSource} source
 * @param {import('./files/tiktoken.js').TiktokenOptions} options
 * @returns {Promise<Loaded>}
 */
export async function loadEngine(source, options) {
  const data = isSource(source) && !isBytes(source) ? await readAll(contentSource(source), 'the tokenizer') : source;
  const given = isBytes(data) ? asBytes(data) : data;
  if (isA(given, Uint8Array) && isSaved(given)) return build(readSaved(given));
  return (await importCompiler()).builtOf(given, options, build);
}

/** What compiles a tokenizer. Whoever knows early that there is one to compile imports it while files are read. */
export const importCompiler = () => import('./from_files.js').catch(importFailed);

/**
 * Whether something is what `loadEngine` has made: nothing else makes an engine.
 * @param {unknown} loaded
 */
export const isLoaded = (loaded) => isA(asObject(loaded).engine, WasmEngine);

/** @param {Compiled} compiled @returns {Promise<Loaded>} */
async function build(compiled) {
  const inCore = !compiled.needsTextModule;
  const heap = inCore
    ? await loadHeap()
    : await (await import('../memory/text_module.js').catch(importFailed)).loadTextHeap();
  return { engine: new WasmEngine(heap, compiled.spec), compiled, inCore };
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
