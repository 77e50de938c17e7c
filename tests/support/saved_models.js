// Models that are made here, pruned and saved: by the tests, and by tools/golden/saved_models.mjs for Python to load.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { EmbeddingLayer } from '../../web/index.js';
import { loadMini } from '../../web/mini.js';
import { safetensors } from './models.js';

const DIM = 40; // of i4 a whole block and a part

/** Texts whose tokens stay, and others. */
export const CORPUS = [
  'In the beginning God created the heaven and the earth.',
  'And God said, Let there be light: and there was light.',
  'Fellow citizens of the Senate and of the House of Representatives!',
  'over  Zürich, café naïve 日本語',
];
export const TEXTS = [
  ...[...CORPUS, '', 'light earth', 'heaven', 'unbelievable tokenizations of electroencephalography', '😀 ½'],
  `${'Let there be light, and there was light. '.repeat(40)}`,
];

/** The files of a case of tests/golden/vocab_files. @param {string} name @returns {Map<string, string | Uint8Array>} */
export function vocabFiles(name) {
  const { files } = JSON.parse(
    gunzipSync(readFileSync(new URL(`../golden/vocab_files/${name}.json.gz`, import.meta.url))).toString(),
  );
  const content = (/** @type {any} */ file) =>
    typeof file === 'string' ? file : Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
  return new Map(Object.entries(files).map(([file, value]) => [file, content(value)]));
}

/**
 * A static model with the tokenizer of such a case.
 * @param {string} name
 * @param {number} rows
 * @param {{ dtype?: any, tokens?: 'weights' | 'mapping', normalize?: boolean }} [options] `tokens`: what they have besides
 *   rows; a mapping leaves half the rows
 */
export async function staticLayer(name, rows, { dtype, tokens, normalize = false } = {}) {
  let state = 7;
  const random = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff - 0.5;
  const stored = tokens === 'mapping' ? rows >> 1 : rows;
  const embeddings = Float32Array.from({ length: stored * DIM }, random);
  /** @type {Record<string, any>} */
  const tensors = { embeddings: { dtype: 'F32', shape: [stored, DIM], data: embeddings } };
  if (tokens) {
    const weights = Float64Array.from({ length: rows }, (_, id) => 1 / (1 + (id % 7)));
    tensors.weights = { dtype: 'F64', shape: [rows], data: weights };
  }
  if (tokens === 'mapping') {
    const mapping = Int32Array.from({ length: rows }, (_, id) => (id * 31) % stored);
    tensors.mapping = { dtype: 'I32', shape: [rows], data: mapping };
  }
  const config = JSON.stringify({ model_type: 'model2vec', normalize, max_length: 100 });
  const files = new Map([...vocabFiles(name), ['config.json', config], ['model.safetensors', safetensors(tensors)]]);
  // Of SentencePiece models only those of a class are read by other libraries once they are saved.
  if (name !== 'llama') files.delete('tokenizer_config.json');
  return EmbeddingLayer.fromPretrained(/** @type {any} */ (files), { dtype });
}

/** Ids of the tokenizers of tests/golden/vocab_files. */
export const SIZES = { bert: 1200, roberta: 900, gpt2: 900, spm_llama: 800, spm_unigram: 700, llama: 700 };

/**
 * @typedef {{ name: string, make: () => Promise<EmbeddingLayer>, prune?: import('../../web/models/prune.js').PruneOptions,
 *   dtype?: any }} SavedModel
 */

/** @type {SavedModel[]} */
export const SAVED = [
  { name: 'mini', make: () => loadMini(), prune: { corpus: CORPUS } },
  { name: 'bert_f32', make: () => staticLayer('bert', SIZES.bert), prune: { keep: 300, corpus: CORPUS } },
  { name: 'bert_f16', make: () => staticLayer('bert', SIZES.bert, { dtype: 'f16' }), prune: { keep: 400 } },
  {
    name: 'bert_i8',
    make: () => staticLayer('bert', SIZES.bert, { dtype: 'i8', normalize: true }),
    prune: { keep: 300 },
  },
  { name: 'gpt2_i4', make: () => staticLayer('gpt2', SIZES.gpt2, { dtype: 'i4' }), prune: { corpus: CORPUS } },
  { name: 'gpt2_whole', make: () => staticLayer('gpt2', SIZES.gpt2, { tokens: 'weights' }), dtype: 'f16' },
  { name: 'gpt2_more_rows', make: () => staticLayer('gpt2', SIZES.gpt2 + 24) },
  {
    name: 'llama_bf16',
    make: () => staticLayer('llama', SIZES.llama, { dtype: 'bf16' }),
    prune: { keep: 500 },
  },
  {
    name: 'roberta_mapping_i8',
    make: () => staticLayer('roberta', SIZES.roberta, { dtype: 'i8', tokens: 'mapping' }),
    prune: { keep: 450 },
  },
];

/**
 * The files of one of them.
 * @param {SavedModel} model
 */
export async function savedModel({ make, prune, dtype }) {
  const whole = await make();
  const layer = prune ? await whole.prune(prune) : whole;
  const files = await layer.save({ dtype });
  if (layer !== whole) whole.dispose();
  return { layer, files };
}
