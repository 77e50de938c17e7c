import { flag, integersOf, mustBe, optionsOf, textsOf } from '../core/arguments.js';
import { DISPOSE } from '../core/dispose.js';
import { WembedError, refuseRevoked } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { FILES_OPTIONS } from '../sources/option_names.js';
import { settled } from '../sources/settled.js';
import { WITHIN_LIMIT, checkSettings, contentsFound } from './encode_options.js';
import { importCompiler, isLoaded, loadEngine } from './load.js';
import { writeSaved } from './saved_writer.js';

/** @typedef {import('./load.js').TokenizerOptions} TokenizerOptions */
/** @typedef {import('./encode_options.js').TokenizeOptions} TokenizeOptions */

/**
 * The tokens of a text.
 * @typedef {object} Encoding
 * @property {Uint32Array} ids the id of each token
 * @property {readonly string[]} tokens each id's spelling in the vocabulary, made when it is first read
 * @property {[number, number][]} [offsets] begin and end of each id in the text, in UTF-16 units as `slice` takes them;
 *   [0, 0] for special tokens that were put there
 */

/**
 * Turns text into the ids of a vocabulary and back, as a tokenizer.json says.
 *
 * @example
 * using tokenizer = await Tokenizer.fromPretrained('org/model');
 * const { ids } = tokenizer.encode('some text');
 * tokenizer.decode(ids); // 'some text'
 */
export class Tokenizer {
  #engine;
  #compiled;
  #live = true;
  #literal = '';
  #inCore;
  /** What runs it: always WebAssembly. @type {'wasm'} */
  engine = 'wasm';
  /** Which WebAssembly module has it: the core, or the text module. */
  engineReason;
  /** The number of ids it can give: one more than the largest. */
  vocabSize;
  /** The id of an unknown piece of text; undefined if the model has none. @type {number | undefined} */
  unkId;

  /**
   * Not for callers: use `Tokenizer.from`.
   * @internal
   * @param {import('./load.js').Loaded} loaded
   */
  constructor(loaded) {
    if (!isLoaded(loaded)) throw new WembedError('invalid_argument', 'use Tokenizer.from or Tokenizer.fromPretrained');
    const { engine, compiled, inCore } = loaded;
    this.#engine = engine;
    this.#compiled = compiled;
    this.#inCore = inCore;
    this.engineReason = inCore ? 'the core has all of it' : 'it has parts that are in the text module';
    this.vocabSize = engine.vocabSize;
    this.unkId = engine.unkId;
    Object.preventExtensions(this); // as EmbeddingLayer
  }

  /**
   * A tokenizer of what stands in one file.
   * @param {object | string | Uint8Array | ArrayBuffer | Blob | import('../sources/source.js').ByteSource} source a
   *   tokenizer.json: parsed, as text, or as bytes; or the bytes of what `save` gave, of a GGUF file, a SentencePiece model, a
   *   tiktoken file or a tekken.json. `fromPretrained` takes vocab.txt, and vocab.json with merges.txt
   * @param {import('./files/tiktoken.js').TiktokenOptions} [options]
   * @returns {Promise<Tokenizer>}
   * @throws {WembedError} `bad_file` for what is broken, `unsupported` for what is valid but not covered, with the reason
   * @example
   * const tokenizer = await Tokenizer.from(await readFile('tokenizer.json'));
   */
  static async from(source, options) {
    refuseRevoked('what Tokenizer.from takes', source);
    return new Tokenizer(await loadEngine(await source, optionsOf('Tokenizer.from', options, ['encoding'])));
  }

  /**
   * The tokenizer of a model, without the model: of its tokenizer.json or, where it has none, of vocab.txt, of vocab.json
   * with merges.txt, of tokenizer.model (SentencePiece), of a tiktoken file or tekken.json, and of the settings files beside
   * them. The address or path of one such file, or of a .gguf, of which only the header is read, will do as well.
   * @param {import('../sources/files.js').ModelLocation} location as `EmbeddingLayer.fromPretrained` takes it
   * @param {import('../sources/address.js').FilesOptions & import('../sources/whole.js').ReadOptions
   *   & import('./files/tiktoken.js').TiktokenOptions} [given]
   * @returns {Promise<Tokenizer>}
   * @example
   * const tokenizer = await Tokenizer.fromPretrained('org/model');
   */
  static async fromPretrained(location, given) {
    const options = optionsOf('Tokenizer.fromPretrained', given, ['encoding', ...FILES_OPTIONS]);
    const { locate } = await import('../sources/location.js').catch(importFailed);
    const { files, file } = await locate(location, options);
    const tokenizer = await settled(files, () => Tokenizer.ofFiles(files, options, file));
    if (tokenizer) return tokenizer;
    throw new WembedError('not_found', `${files.name} has no tokenizer.json, nor anything that stands for one`);
  }

  /**
   * The same of files that are open. For loaders.
   * @internal
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {TokenizerOptions} options
   * @param {string} [file] which of them is meant, where that was said
   * @returns {Promise<Tokenizer | undefined>} undefined where they hold none
   */
  static async ofFiles(files, options, file) {
    const { fileSource, tokenizerSource } = await importCompiler();
    const source = await (file ? fileSource(files, file, options) : tokenizerSource(files, options));
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

  /** The core's handle for text → vector in one call; 0 where the text module has it. @internal @returns {number} */
  get handle() {
    const engine = this.#parts;
    return this.#inCore ? engine.handle : 0;
  }

  /**
   * As the engine's. Not for callers.
   * @internal
   * @type {import('./wasm_engine.js').WasmEngine['pooledIds']}
   */
  pooledIds(texts, from, to, maxIds) {
    this.#takeLiterally([]);
    return this.#parts.pooledIds(texts, from, to, maxIds);
  }

  /** The post-processors of its tokenizer.json. Not for callers. @internal @returns {unknown} */
  get postProcessor() {
    return this.#compiled.post;
  }

  /** @param {number[]} ids special tokens that are text like any other in the next call */
  #takeLiterally(ids) {
    const key = ids.join();
    if (key === this.#literal) return;
    this.#parts.takeLiterally(Uint32Array.from(ids));
    this.#literal = key;
  }

  /** @param {string} call @param {TokenizeOptions | undefined} options @param {readonly string[]} texts */
  #settings(call, options, texts) {
    const engine = this.#parts;
    const settings = checkSettings(call, options, this.#compiled.special);
    contentsFound(texts, settings.refused);
    this.#takeLiterally(settings.literal);
    return { engine, settings };
  }

  /**
   * The ids of a text. Lone surrogates count as U+FFFD, as they do wherever text becomes UTF-8.
   * @param {string} text
   * @param {TokenizeOptions} [options]
   * @returns {Encoding} a new array of ids, or a view of `into`
   * @throws {WembedError} `invalid_argument` for other than a string or wrong options, or a special token that
   *   `disallowedSpecial` names; `unsupported` where the text has what the vocabulary has no id for
   * @example
   * const { ids, tokens } = tokenizer.encode('some text', { maxLength: 512 });
   */
  encode(text, options) {
    checkText(text);
    const { engine, settings } = this.#settings('encode', options, [text]);
    const { into, offsets } = settings;
    const room = (/** @type {number} */ length) => roomFor(into, length);
    const found = engine.encode(text, settings, room, offsets);
    return encodingOf(engine, found.ids, found.offsets);
  }

  /**
   * The ids of many texts, in fewer calls of the core.
   * @param {readonly string[]} texts
   * @param {TokenizeOptions} [options] without `into` and `offsets`
   * @returns {Uint32Array[]} the ids of each text; texts of about 256 kB share a buffer
   * @example
   * const [first, second] = tokenizer.encodeBatch(['one text', 'another']);
   */
  encodeBatch(texts, options) {
    const copy = textsOf('encodeBatch', texts);
    const { engine, settings } = this.#settings('encodeBatch', options, copy);
    return engine.encodeBatch(copy, settings);
  }

  /**
   * How many ids a text has, without making them JavaScript's.
   * @param {string} text
   * @param {TokenizeOptions} [options] as of `encode`; special tokens count unless `addSpecialTokens` is false
   * @returns {number}
   * @example
   * tokenizer.count('some text', { addSpecialTokens: false });
   */
  count(text, options) {
    checkText(text);
    const { engine, settings } = this.#settings('count', options, [text]);
    return engine.count(text, settings);
  }

  /**
   * Whether a text has at most so many ids: what comes after them is not looked at.
   * @param {string} text
   * @param {number} limit in ids
   * @param {Omit<TokenizeOptions, 'maxLength'>} [options] as of `count`
   * @returns {number | false} how many it has, or false where there are more; the empty text may have 0
   * @example
   * if (tokenizer.isWithinLimit(text, 8192) === false) throw new Error('too long');
   */
  isWithinLimit(text, limit, options) {
    if (typeof limit !== 'number' || !(limit >= 0)) {
      throw mustBe('limit', 'a number from 0 on', limit);
    }
    const maxLength = Math.floor(limit) + 1;
    const found = this.count(text, { ...optionsOf('isWithinLimit', options, WITHIN_LIMIT), maxLength });
    return found < maxLength ? found : false;
  }

  /**
   * The text of some ids, special tokens left out unless asked for.
   * @param {import('../core/arguments.js').IntegerArray} ids each < vocabSize
   * @param {{ skipSpecialTokens?: boolean }} [options] default true
   * @returns {string} bytes that are no character become U+FFFD
   * @throws {WembedError} `id_out_of_range`, `invalid_argument`
   * @example
   * tokenizer.decode([1, 15043], { skipSpecialTokens: false });
   */
  decode(ids, options) {
    const { skipSpecialTokens = true } = optionsOf('decode', options, ['skipSpecialTokens']);
    flag('skipSpecialTokens', skipSpecialTokens);
    const list = integersOf('ids', ids);
    checkIds(list, this.vocabSize);
    const engine = this.#parts;
    return list.length === 0 ? '' : engine.decode(list, Boolean(skipSpecialTokens));
  }

  /**
   * Everything about this tokenizer in one buffer, from which `Tokenizer.from` is ready at once. Only the version of wembed
   * that wrote it is sure to read it: keep the file that it was made of.
   * @returns {Uint8Array}
   */
  save() {
    this.#parts;
    return writeSaved(this.#compiled);
  }

  /**
   * The id of a token.
   * @param {string} token as the vocabulary spells it
   */
  tokenToId(token) {
    return this.#parts.tokenToId(token);
  }

  /**
   * The token of an id, as the vocabulary spells it.
   * @param {number} id
   */
  idToToken(id) {
    return this.#parts.idToToken(id);
  }

  /** Frees its memory. Any later use is a `disposed` error; disposing twice is not. A layer disposes its own. */
  dispose() {
    if (this.#live) this.#engine.dispose();
    this.#live = false;
  }

  /** The same, for `using`. */
  [DISPOSE]() {
    this.dispose();
  }
}

/** @param {unknown} text */
function checkText(text) {
  if (typeof text !== 'string') {
    throw new WembedError('invalid_argument', `a text must be a string, got ${typeof text}`);
  }
}

/** @param {Uint32Array | undefined} into @param {number} length */
function roomFor(into, length) {
  if (!into) return new Uint32Array(length);
  if (into.length < length) {
    throw new WembedError('shape_mismatch', `into has room for ${into.length} of ${length} ids`);
  }
  return into.subarray(0, length);
}

/**
 * @param {import('./wasm_engine.js').WasmEngine} engine
 * @param {Uint32Array} ids
 * @param {[number, number][]} [offsets]
 * @returns {Encoding}
 */
function encodingOf(engine, ids, offsets) {
  /** @type {string[] | undefined} */
  let spelled;
  /** @type {Encoding} */
  const encoding = {
    ids,
    get tokens() {
      return (spelled ??= Array.from(ids, (id) => /** @type {string} */ (engine.idToToken(id))));
    },
  };
  if (offsets) encoding.offsets = offsets;
  return encoding;
}

/** @param {ArrayLike<number>} ids @param {number} vocabSize */
function checkIds(ids, vocabSize) {
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] >= 0 && ids[i] < vocabSize) continue;
    const what = `id out of range: ${ids[i]} at index ${i} (the vocabulary has ${vocabSize})`;
    throw new WembedError('id_out_of_range', what);
  }
}
