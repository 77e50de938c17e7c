// Prints what the library has a use for, by model type with a family, for model_defaults.py: which of a class's sizes its
// rules look at.
import { FAMILIES } from '../../web/models/families/index.js';

const used = Object.entries(FAMILIES).map(([name, family]) => {
  const { scale, headScale, projected, rotary, alibi, sinusoidal, position, positionOffset } = family;
  const needs = {
    pad_token_id: family.skipsPadding || family.zeroPadding || positionOffset || typeof sinusoidal === 'object',
    hidden_size: scale || headScale || projected || rotary,
    num_attention_heads: rotary || alibi,
    max_position_embeddings: rotary || !position, // a table of positions says it too
  };
  return [name, Object.keys(needs).filter((key) => needs[/** @type {keyof typeof needs} */ (key)])];
});
process.stdout.write(JSON.stringify(Object.fromEntries(used)));
