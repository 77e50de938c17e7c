import { Tokenizer } from '../tokenizer/tokenizer.js';

/**
 * The tokenizer.json of the model in this package, which has the tokenizer compiled.
 * @param {Uint8Array} saved what `Tokenizer.save` gives
 * @param {Uint8Array} frame the tokenizer.json without `model.vocab`
 * @returns {Promise<Uint8Array>}
 */
export async function miniTokenizerJson(saved, frame) {
  const tokenizer = await Tokenizer.from(saved);
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const vocab = Object.fromEntries(ids.map((id) => [tokenizer.idToToken(id), id]));
  tokenizer.dispose();
  const { model, ...rest } = JSON.parse(new TextDecoder().decode(frame));
  return new TextEncoder().encode(JSON.stringify({ ...rest, model: { ...model, vocab } }));
}
