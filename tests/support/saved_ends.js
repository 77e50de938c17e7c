// The transformers whose two ends are pruned and saved: tests/js/saved_ends.test.js, and tools/golden/saved_ends.mjs.
import { readFileSync } from 'node:fs';
import { smallTokenizer } from './models.js';

const FOLDER = new URL('../golden/checkpoints/', import.meta.url);

/** Of tests/golden/checkpoints: each kind of ends. */
export const ENDS = 'bert_mlm gpt2 llama roberta t5_tied gemma2_float32 electra_generator opt qwen2 cohere'.split(' ');

/** A word for each of the checkpoints' 40 ids. */
export const WORDS = ['[PAD]', '[UNK]', ...Array.from({ length: 38 }, (_, i) => `w${i}`)];

/** What stays of them: the special ones, and these. */
export const KEPT = ['w30', 'w3', 'w17'];

/** @param {string} name */
export const filesOf = (name) => ({
  'config.json': readFileSync(new URL(`${name}/config.json`, FOLDER), 'utf8'),
  'model.safetensors': new Uint8Array(readFileSync(new URL(`${name}/model.safetensors`, FOLDER))),
  'tokenizer.json': JSON.stringify(smallTokenizer(WORDS)),
});

/** @param {typeof import('../../web/index.js').EmbeddingLayer} Layer @param {string} name */
export async function savedEnds(Layer, name) {
  const layer = await Layer.fromPretrained(filesOf(name));
  const pruned = await layer.prune({ corpus: new Map(KEPT.map((word) => [word, 1])) });
  return { layer, pruned, whole: await layer.save(), small: await pruned.save() };
}
