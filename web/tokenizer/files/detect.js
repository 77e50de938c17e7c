/** Tokenizers that are no tokenizer.json: which of a model's files hold one, and what some bytes hold. */
import { WembedError, asObject } from '../../core/errors.js';
import { importFailed } from '../../core/import_failed.js';
import { tokenizerOfBpeFiles } from './bpe.js';
import { parseGguf, readGgufHeader } from '../../formats/gguf.js';
import { keepStrings } from '../../formats/gguf_values.js';
import { contentSource } from '../../sources/source.js';
import { tokenizerOfGguf } from './gguf.js';
import { tokenizerOfObject } from './ranks_objects.js';
import { beginsLikeSentencePiece, tokenizerOfSentencePiece } from './sentencepiece.js';
import { tokenizerOfTekkenFile } from './tekken.js';
import { beginsLikeTiktoken, tokenizerOfTiktoken } from './tiktoken.js';
import { textOf, tokenizerOfVocabTxt } from './vocab_txt.js';

/** The names that SentencePiece models go by, and Qwen's ranks. */
const MODELS = [
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
  'sentencepiece.model',
  'spm.model',
  'qwen.tiktoken',
  'tiktoken.model',
];

/**
 * Reads a file beside tokenizer.json; null where there is none.
 * @typedef {(name: string) => Promise<Uint8Array | null>} Read
 */

/**
 * The tokenizer.json that a model's other files stand for.
 * @param {Read} read
 * @param {string[]} names of the files, where they are to be had: a file of ranks may have any, ending in .tiktoken
 * @param {import('./tiktoken.js').TiktokenOptions} options
 * @returns {Promise<object | undefined>} undefined where they hold none
 */
export async function tokenizerOfFiles(read, names, options) {
  const settings = await readSettings(read);
  const vocabTxt = await read('vocab.txt');
  if (vocabTxt) return tokenizerOfVocabTxt(vocabTxt, settings);
  const vocabJson = await read('vocab.json');
  const merges = vocabJson && (await read('merges.txt'));
  if (merges) {
    const parse = () => parseJson(vocabJson, 'vocab.json');
    return tokenizerOfBpeFiles(vocabJson, merges, settings, parse);
  }
  for (const name of [...MODELS, ...names.filter((file) => file.endsWith('.tiktoken'))]) {
    const bytes = await read(name);
    if (!bytes) continue;
    if (beginsLikeTiktoken(bytes)) return tokenizerOfTiktoken(bytes, settings, options);
    return tokenizerOfSentencePiece(bytes, settings);
  }
  const tekken = await read('tekken.json');
  if (tekken) {
    const listed = await tokenizerOfTekkenFile(tekken);
    return listed ?? tokenizerOfObject(await parseJson(tekken, 'tekken.json'), options);
  }
  if (vocabJson) throw new WembedError('not_found', 'a vocab.json without its merges.txt is no tokenizer');
  return undefined;
}

/**
 * @param {Read} read
 * @returns {Promise<import('./special_tokens.js').TokenizerSettings>}
 */
async function readSettings(read) {
  const names = ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'config.json'];
  const files = await Promise.all(names.map(read));
  const parsed = await Promise.all(files.map((bytes, i) => bytes && parseJson(bytes, names[i])));
  const [tokenizerConfig, specialTokensMap, addedTokens, config] = parsed;
  // A static model may have any family's tokenizer.
  const family = asObject(config).model_type === 'model2vec' ? null : config;
  return { tokenizerConfig, specialTokensMap, addedTokens, config: family };
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @returns {Promise<unknown>}
 */
async function parseJson(bytes, name) {
  const { parsePythonJson } = await import('../../sources/python_json.js').catch(importFailed);
  return parsePythonJson(textOf(bytes, name), name);
}

/**
 * The tokenizer.json that bytes stand for which are none: a GGUF file, a SentencePiece model, a file of ranks.
 * @param {Uint8Array} bytes
 * @param {import('./tiktoken.js').TiktokenOptions} options
 * @returns {Promise<object | undefined>} undefined where they begin like none of these
 */
export async function tokenizerOfBytes(bytes, options) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) === 'GGUF') {
    return tokenizerOfGguf(parseGguf(bytes, 'the GGUF file', keepStrings).metadata);
  }
  if (beginsLikeSentencePiece(bytes)) return tokenizerOfSentencePiece(bytes, {});
  return beginsLikeTiktoken(bytes) ? tokenizerOfTiktoken(bytes, {}, options) : undefined;
}

/**
 * @param {import('../../sources/source.js').ByteSource | null} source
 * @param {string} name for messages
 * @returns {Promise<object | undefined>} undefined where there is no such file
 */
export async function tokenizerOfGgufFile(source, name) {
  if (!source) return undefined;
  try {
    return tokenizerOfGguf((await readGgufHeader(contentSource(source), name, keepStrings)).metadata);
  } finally {
    await source.close?.();
  }
}
