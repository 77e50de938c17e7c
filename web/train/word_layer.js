import { isOfOtherCopy } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { mustBe } from '../core/arguments.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';
import { EmbeddingLayer } from '../models/layer.js';
import { WordVectors } from '../words/word_vectors.js';

/** The words of `wordsOf`, as a tokenizer.json has them. */
const WORDS = "[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}\\p{N}]+)*";
const UNKNOWN = '[UNK]';

/**
 * A layer of word vectors: a text's vector is the mean of those of its words, of length 1. It encodes, searches, and saves a
 * Model2Vec folder as any other.
 * @param {WordVectors} vectors whose words are as `wordsOf` splits texts, which is the default of `trainWordVectors`
 * @returns {Promise<EmbeddingLayer>} f32, independent of the vectors. Errors: `invalid_argument`, `disposed`
 * @example
 * const layer = await wordLayer(await trainWordVectors(texts));
 * const files = await layer.save({ dtype: 'f16' });
 */
export async function wordLayer(vectors) {
  if (!isOwn(vectors, WordVectors, 'dim') && !isOfOtherCopy(vectors, WordVectors, 'dim'))
    throw mustBe('vectors', 'WordVectors', vectors);
  const words = [...vectors.indexToKey];
  const { data, dim } = vectors.vectors(words);
  const known = words.indexOf(UNKNOWN);
  if (known >= 0) throw mustBe('a word', `any but '${UNKNOWN}'`, UNKNOWN);
  const rows = words.length + 1;
  const table = new Float32Array(rows * dim);
  table.set(data); // the last row, of unknown words, is left out by encode
  const utf8 = (/** @type {object} */ json) => new TextEncoder().encode(JSON.stringify(json));
  const tokenizer = {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: { type: 'Lowercase' } },
    pre_tokenizer: { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
    ...{ post_processor: null, decoder: null },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries([...words, UNKNOWN].map((word, id) => [word, id])),
      unk_token: UNKNOWN,
    },
  };
  const config = { model_type: 'model2vec', hidden_dim: dim, normalize: true, embedding_dtype: 'float32' };
  return EmbeddingLayer.from(
    new Map([
      ['model.safetensors', writeSafetensors([{ name: 'embeddings', dtype: 'F32', shape: [rows, dim], data: table }])],
      ['tokenizer.json', utf8(tokenizer)],
      ['config.json', utf8(config)],
    ]),
  );
}
