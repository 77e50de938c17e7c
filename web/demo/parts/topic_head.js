import { LanguageModelHead } from '../../index.js';
import { lengthOf } from './pairs.js';

/** How long the hidden state is made: with rows of length 1, a score is this times a cosine. */
export const SHARPNESS = 16;

/** A score that no other reaches. */
const NEVER = -1000;

/**
 * The recipe that stands in for a model's body: the rows of the context, each token back weighing `decay` as much as the
 * one after it, added up and made of length SHARPNESS.
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {string} context
 * @param {number} decay 0 to 1
 * @returns {{ ids: Uint32Array, tokens: readonly string[], hidden: Float32Array }}
 */
export function hiddenState(layer, context, decay) {
  const { ids, tokens } = layer.tokenizer.encode(context, { addSpecialTokens: false });
  const rows = layer.table.lookup(ids);
  const hidden = new Float32Array(layer.dim);
  for (let i = 0; i < rows.rows; i++) {
    if (ids[i] === layer.tokenizer.unkId) continue;
    const weight = decay ** (rows.rows - 1 - i);
    const row = rows.row(i);
    for (let d = 0; d < hidden.length; d++) hidden[d] += weight * row[d];
  }
  const length = lengthOf(hidden) || 1;
  return { ids, tokens, hidden: hidden.map((value) => (value * SHARPNESS) / length) };
}

/**
 * A head that never says a token of the context again, or one that may.
 * @param {import('../../index.js').EmbeddingTable} table
 * @param {Uint32Array | null} spoken
 */
export function headWithout(table, spoken) {
  if (!spoken) return new LanguageModelHead(table);
  const bias = new Float32Array(table.rows);
  for (const id of spoken) bias[id] = NEVER;
  return new LanguageModelHead(table, { bias });
}
