import { integersOf, optionsOf } from '../core/arguments.js';
import { flag } from '../core/numbers.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, shown } from '../core/errors.js';
import { settled } from '../sources/settled.js';
import { FILES_OPTIONS } from '../sources/option_names.js';
import { contentSource, isSource } from '../sources/source.js';
import { readAll, readWhole } from '../sources/whole.js';
import { loadHeap } from '../memory/heap.js';
import { compileTokenizer, neededTables } from './compile.js';
import { takeVocab } from './vocab_section.js';
import { WasmEngine } from './wasm_engine.js';

/** @typedef {import('../sources/files.js').ModelFiles} Files */
/** @typedef {import('../sources/whole.js').ReadOptions & import('./files/tiktoken.js').TiktokenOptions} TokenizerOptions */

/**
 * @typedef {object} TokenizeOptions
 * @property {boolean} [addSpecialTokens] default true: [CLS] … [SEP] and the like, where the file has them
 * @property {number} [maxLength] in ids, special tokens among them; default Infinity
 * @property {boolean} [offsets] also say where in the text each id came from; only where `engine` is 'wasm'
 */

/**
 * @typedef {object} Encoding
 * @property {Uint32Array} ids
 * @property {string[]} tokens each id's spelling in the vocabulary
 * @property {[number, number][]} [offsets] begin and end of each id in the text, in UTF-16 units as `slice` takes them;
 *   [0, 0] for special tokens that were put there
 */

/**
 * Turns text into the ids of a vocabulary and back, as a tokenizer.json says.
 */
export class Tokenizer {
  /** @type {WasmEngine | import('./js_engine.js').JsEngine} */
  #engine;
  #live = true;
  /**
   * What runs: the core, or `@huggingface/tokenizers` for what the core does not cover exactly.
   * @type {'wasm' | 'js'}
   */
  engine;
  /** Why `engine` is what it is. */
  engineReason;
  /** The number of ids it can give: one more than the largest. */
  vocabSize;
  /** @type {number | undefined} the id of an unknown piece of text, where the model has one */
  unkId;

  /**
   * Not for callers: use `Tokenizer.from`.
   * @param {WasmEngine | import('./js_engine.js').JsEngine} engine
   * @param {string} reason
   */
  constructor(engine, reason) {
    this.#engine = engine;
    this.engine = engine instanceof WasmEngine ? 'wasm' : 'js';
    this.engineReason = reason;
    this.vocabSize = engine.vocabSize;
    this.unkId = engine.unkId;
  }

  /**
   * @param {object | string | Uint8Array | ArrayBuffer | Blob | import('../sources/source.js').ByteSource} source a
   *   tokenizer.json: parsed, as text, or as bytes; or the bytes of a GGUF file, a SentencePiece model or a tiktoken file.
   *   `fromPretrained` takes vocab.txt, and vocab.json with merges.txt
   * @param {import('./files/tiktoken.js').TiktokenOptions} [given]
   * @returns {Promise<Tokenizer>}
   */
  static async from(source, given) {
    const options = optionsOf('Tokenizer.from', given, ['encoding']);
    const heap = await loadHeap();
    if (isSource(source) && !isBytes(source)) source = await readAll(contentSource(source), 'the tokenizer');
    const bytes = isBytes(source) ? asBytes(source) : null;
    if (bytes && bytes[0] !== 0x7b) {
      const json = (await import('./files/detect.js')).tokenizerOfBytes(bytes, options);
      if (json) return Tokenizer.from(json);
    }
    const taken = bytes ? takeVocab(heap, bytes) : null;
    if (taken) {
      const tokenizer = inCore(heap, compileTokenizer(taken.json, taken.section, await tablesOf(taken.json)));
      if (tokenizer instanceof Tokenizer) return tokenizer;
    }
    const json = parseTokenizerJson(/** @type {any} */ (source));
    const tokenizer = inCore(heap, compileTokenizer(json, undefined, await tablesOf(json)));
    if (tokenizer instanceof Tokenizer) return tokenizer;
    const { JsEngine } = await import('./js_engine.js');
    return new Tokenizer(new JsEngine(json), `the core does not cover it: ${tokenizer.reason}`);
  }

  /**
   * The tokenizer of a model, without the model: of its tokenizer.json or, where it has none, of vocab.txt, of vocab.json
   * with merges.txt, of tokenizer.model (SentencePiece) or of a tiktoken file, and of the settings files beside them.
   * @param {import('../sources/files.js').ModelLocation} location as `EmbeddingLayer.fromPretrained` takes it
   * @param {import('../sources/address.js').FilesOptions & import('../sources/whole.js').ReadOptions
   *   & import('./files/tiktoken.js').TiktokenOptions} [given]
   * @returns {Promise<Tokenizer>}
   */
  static async fromPretrained(location, given) {
    const options = optionsOf('Tokenizer.fromPretrained', given, ['encoding', ...FILES_OPTIONS]);
    const { modelFiles } = await import('../sources/files.js');
    const files = await modelFiles(location, options);
    const tokenizer = await settled(files, () => Tokenizer.ofFiles(files, options));
    if (tokenizer) return tokenizer;
    throw new WembedError('not_found', `${files.name} has no tokenizer.json, nor anything that stands for one`);
  }

  /**
   * The same of files that are open. For loaders.
   * @param {Files} files
   * @param {TokenizerOptions} options
   * @returns {Promise<Tokenizer | undefined>} undefined where they hold none
   */
  static async ofFiles(files, options) {
    const source = await tokenizerSource(files, options);
    return source && Tokenizer.from(source);
  }

  get #parts() {
    if (!this.#live) throw new WembedError('disposed', 'this Tokenizer has been disposed');
    return this.#engine;
  }

  /** The middle token's length in code points: Model2Vec cuts long texts by it. */
  get medianTokenLength() {
    return this.#parts.medianTokenLength;
  }

  /**
   * The core's handle for text → vector in one call; 0 where the engine is another. Not for callers.
   * @returns {number}
   */
  get handle() {
    const engine = this.#parts;
    return engine instanceof WasmEngine ? engine.handle : 0;
  }

  /**
   * The ids of a text. Lone surrogates count as U+FFFD, as they do wherever text becomes UTF-8.
   * @param {string} text
   * @param {TokenizeOptions} [options]
   * @returns {Encoding}
   */
  encode(text, options) {
    if (typeof text !== 'string') {
      throw new WembedError('invalid_argument', `a text must be a string, got ${typeof text}`);
    }
    const checked = optionsOf('encode', options, ['addSpecialTokens', 'maxLength', 'offsets']);
    const { maxLength = Infinity, addSpecialTokens = true, offsets = false } = checked;
    flag('addSpecialTokens', addSpecialTokens);
    flag('offsets', offsets);
    if (typeof maxLength !== 'number' || !(maxLength > 0)) {
      throw new WembedError('invalid_argument', `maxLength must be above 0, got ${shown(maxLength)}`);
    }
    return this.#parts.encode(text, checked);
  }

  /**
   * The text of some ids, special tokens left out unless asked for.
   * @param {import('../core/arguments.js').IntegerArray} ids each < vocabSize
   * @param {{ skipSpecialTokens?: boolean }} [options] default true
   * @returns {string}
   */
  decode(ids, options) {
    const { skipSpecialTokens = true } = optionsOf('decode', options, ['skipSpecialTokens']);
    flag('skipSpecialTokens', skipSpecialTokens);
    const list = [...integersOf('ids', ids)];
    const bad = list.findIndex((id) => id < 0 || id >= this.vocabSize);
    if (bad >= 0) {
      const what = `id out of range: ${list[bad]} at index ${bad} (the vocabulary has ${this.vocabSize})`;
      throw new WembedError('id_out_of_range', what);
    }
    const engine = this.#parts;
    return list.length === 0 ? '' : engine.decode(list, skipSpecialTokens);
  }

  /**
   * @param {string} token
   * @returns {number | undefined} its id
   */
  tokenToId(token) {
    return this.#parts.tokenToId(token);
  }

  /**
   * @param {number} id
   * @returns {string | undefined} its token
   */
  idToToken(id) {
    return this.#parts.idToToken(id);
  }

  /** Frees its memory. Any later use is a `disposed` error; disposing twice is not. A layer disposes its own. */
  dispose() {
    if (this.#live) this.#engine.dispose();
    this.#live = false;
  }

  [DISPOSE]() {
    this.dispose();
  }
}

/**
 * What a model's tokenizer is made of. For loaders.
 * @param {Files} files
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
 * @param {import('../memory/heap.js').Heap} heap
 * @param {import('./compile.js').Compiled} compiled
 * @returns {Tokenizer | { reason: string }}
 */
function inCore(heap, compiled) {
  if (!compiled.covered) return compiled;
  try {
    return new Tokenizer(new WasmEngine(heap, compiled.spec), 'the core covers this tokenizer.json');
  } catch (error) {
    const { code, message } = /** @type {WembedError} */ (error);
    if (code === 'unsupported') return { reason: message };
    throw error;
  }
}

/**
 * @param {unknown} source
 * @returns {source is Uint8Array | ArrayBuffer}
 */
const isBytes = (source) => ArrayBuffer.isView(source) || source instanceof ArrayBuffer;

/**
 * @param {any} json
 * @returns {Promise<import('./compile.js').Tables>}
 */
async function tablesOf(json) {
  const needs = neededTables(json);
  return {
    compatibility: needs.compatibility ? (await import('./compatibility.js')).compatibilityTable() : undefined,
    graphemes: needs.graphemes ? (await import('./graphemes.js')).graphemeRanges() : undefined,
  };
}

/** @param {Uint8Array | ArrayBuffer} source */
const asBytes = (source) =>
  source instanceof ArrayBuffer || source.byteLength === 0 // as a detached one's is
    ? new Uint8Array(source instanceof ArrayBuffer ? source : [])
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);

/**
 * @param {object | string | Uint8Array | ArrayBuffer} source
 * @returns {any}
 */
function parseTokenizerJson(source) {
  if (typeof source === 'object' && source !== null && !isBytes(source)) return source;
  try {
    const text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    return JSON.parse(text);
  } catch (error) {
    const what = `tokenizer.json is not UTF-8 JSON: ${/** @type {Error} */ (error).message}`;
    throw new WembedError('bad_file', what, { cause: error });
  }
}
