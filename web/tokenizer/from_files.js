// What a tokenizer is compiled from: a tokenizer.json, or another file that stands for one. Loaded only where that was not
// done before: `Tokenizer.save` gives what comes out here.
import { WembedError, isA, shown } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { loadHeap } from '../memory/heap.js';
import { isGguf } from '../sources/file_names.js';
import { readWhole } from '../sources/whole.js';
import { compileTokenizer, neededTables } from './compile.js';
import { isFields } from './fields.js';
import { LISTS, RANKS, SECTIONS, parseWhole, takeVocab } from './vocab_json.js';
import { takeRanks } from './vocab_ranks.js';

/** @typedef {import('./compile.js').Compiled} Compiled */

/**
 * What a model's tokenizer is made of.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {import('./load.js').TokenizerOptions} options
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
  return (await import('./files/detect.js').catch(importFailed)).tokenizerOfFiles(read, beside, options);
}

/**
 * The same where one file is meant: a GGUF file, of which the header is read, or a file that holds a tokenizer.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} file
 * @param {import('./load.js').TokenizerOptions} options
 * @returns {Promise<Uint8Array | object | undefined>}
 */
export async function fileSource(files, file, options) {
  if (isGguf(file))
    return (await import('./files/detect.js').catch(importFailed)).tokenizerOfGgufFile(await files.open(file), file);
  if (/\.safetensors$/i.test(file)) return tokenizerSource(files, options);
  return (await readWhole(files, file, options)) ?? undefined;
}

/**
 * @template T
 * @param {unknown} source a file's bytes or text, or what was parsed already
 * @param {import('./files/tiktoken.js').TiktokenOptions} options
 * @param {(compiled: Compiled) => Promise<T>} build
 * @returns {Promise<T>}
 */
export async function builtOf(source, options, build) {
  const file = isA(source, Uint8Array) ? source : undefined;
  const other =
    file &&
    file[0] !== 0x7b &&
    (await (await import('./files/detect.js').catch(importFailed)).tokenizerOfBytes(file, options));
  const compiled = file && !other ? await compileFile(file) : undefined;
  const json = compiled ? undefined : other || parse(source);
  try {
    return await build(compiled ?? (await compileJson(json, options)));
  } catch (error) {
    // A WordPiece's tokens are not looked at before: of one that is there twice the last counts, and JavaScript names what
    // is wrong as it does for a file that was parsed.
    const again = compiled || (isFields(json) && isFields(json.model) && SECTIONS.delete(json.model));
    if (!again || !isA(error, WembedError) || error.code !== 'bad_file') throw error;
    return build(await compileJson(compiled ? parse(source) : json, options));
  }
}

/** @param {Uint8Array} file @returns {Promise<Compiled | undefined>} undefined where JavaScript is to parse it */
async function compileFile(file) {
  if (takesLists(file)) {
    return withLists(async (lists, { takeLists }) => {
      let json = takeLists(lists, file);
      // A vocabulary that is no model's is a tekken.json's.
      if (json && !json.model)
        json = (await import('./files/tekken.js').catch(importFailed)).takeTekken(lists, json, file);
      return json ? compile(json, lists.section) : undefined;
    });
  }
  const taken = takeVocab(await loadHeap(), file);
  return taken ? compile(taken.json, taken.section) : undefined;
}

/**
 * @template T
 * @param {(lists: import('./lists.js').Lists, module: typeof import('./lists.js')) => Promise<T | undefined>} use
 * @returns {Promise<T | undefined>} undefined where there is no text module, too: whoever needs it will say so
 */
async function withLists(use) {
  const module = await import('./lists.js').catch(importFailed);
  const lists = await module.Lists.make().catch(() => undefined);
  try {
    return lists && (await use(lists, module));
  } finally {
    lists?.free();
  }
}

/** Bytes. A smaller Unigram vocabulary is not worth the download of the text module, which its tokenizer does not need. */
const SMALL = 2 ** 21;

/**
 * Whether the text module is to read the file's vocabulary, by a glance at what stands before that. A wrong guess costs
 * time.
 * @param {Uint8Array} file
 * @returns {boolean}
 */
function takesLists(file) {
  const [step, overlap] = [2 ** 16, 2 ** 12];
  const decoder = new TextDecoder('latin1');
  for (let at = 0; at < file.length; at += step) {
    const text = decoder.decode(file.subarray(Math.max(0, at - overlap), at + step));
    const vocab = text.search(/"vocab"\s*:/);
    if (vocab < 0) continue;
    if (/"vocab"\s*:\s*\[/.test(text)) return file.length >= SMALL;
    return /"BPE"|"fuse_unk"|"dropout"/.test(text.slice(Math.max(0, vocab - overlap), vocab));
  }
  return false;
}

/**
 * @param {unknown} given what other files stand for, or what was parsed already: a tokenizer.json, or an object of ranks
 * @param {import('./files/tiktoken.js').TiktokenOptions} options
 * @returns {Promise<Compiled>}
 */
async function compileJson(given, options) {
  const ranks = !isFields(given) || !('model' in given);
  const json =
    (ranks && (await import('./files/ranks_objects.js').catch(importFailed)).tokenizerOfObject(given, options)) ||
    given;
  const model = isFields(json) && isFields(json.model) ? json.model : {};
  const read = LISTS.get(model);
  if (read) {
    const apart = async (/** @type {import('./lists.js').Lists} */ lists) =>
      read(lists) ? compile(json, { ...lists.section, apart: true }) : undefined;
    const compiled = await withLists(apart);
    if (compiled) return compiled;
  }
  const own = SECTIONS.get(model);
  const file = own ? undefined : ranksFile(model);
  const section =
    file && takeRanks(await (await import('../memory/text_module.js').catch(importFailed)).loadTextHeap(), file);
  return compile(json, own ?? section ?? undefined);
}

/** @param {object} model @returns {Uint8Array | undefined} the file of ranks that it stands for */
const ranksFile = (model) => /** @type {Record<symbol, Uint8Array>} */ (model)[RANKS];

/**
 * @param {unknown} json
 * @param {import('./vocab_json.js').VocabSection} [section]
 * @returns {Promise<Compiled>}
 */
async function compile(json, section) {
  const needs = neededTables(json);
  return compileTokenizer(json, section, {
    compatibility: needs.compatibility
      ? (await import('./compatibility.js').catch(importFailed)).compatibilityTable()
      : undefined,
    rare: needs.rare ? await import('./rare_parts.js').catch(importFailed) : undefined,
    graphemes: needs.graphemes ? (await import('./graphemes.js').catch(importFailed)).graphemeRanges() : undefined,
    scripts: needs.scripts ? (await import('./scripts.js').catch(importFailed)).scriptRuns() : undefined,
  });
}

/**
 * @param {unknown} source text, bytes, or what was parsed already
 * @returns {unknown}
 */
function parse(source) {
  const isBytes = isA(source, Uint8Array);
  if (!isBytes && typeof source === 'object' && source !== null) return source;
  if (!isBytes && typeof source !== 'string') {
    throw new WembedError('invalid_argument', `a tokenizer cannot be made of ${shown(source)}`);
  }
  try {
    const text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    return parseWhole(text);
  } catch (error) {
    const what = `tokenizer.json is not UTF-8 JSON: ${/** @type {Error} */ (error).message}`;
    throw new WembedError('bad_file', what, { cause: error });
  }
}
