import { optionsOf } from '../core/arguments.js';
import { WordVectors } from '../words/word_vectors.js';

/**
 * @param {import('../table/table.js').EmbeddingTable} table
 * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
 * @param {{ dtype?: import('../core/dtypes.js').Dtype }} [options]
 * @returns {Promise<WordVectors>} a key for each id that has a token
 */
export function wordVectorsOf(table, tokenizer, options) {
  const { dtype } = optionsOf('wordVectors', options, ['dtype']);
  /** @type {Map<string, number>} */
  const ids = new Map();
  for (let id = 0; id < table.vocabSize; id++) {
    const token = tokenizer.idToToken(id);
    if (token !== undefined && !ids.has(token)) ids.set(token, id);
  }
  return WordVectors.from([...ids.keys()], table.lookup(Uint32Array.from(ids.values())), { dtype });
}
