import { inFreshProcess } from '../measure.mjs';

const NAMES = {
  wembed: 'wembed: fromPretrained, encode one sentence',
  wembedTokenizer: 'wembed: Tokenizer.from its bytes, the core running',
  tokenizers: '@huggingface/tokenizers: construct',
  tokenizersAndIds: '@huggingface/tokenizers: construct, ids of one sentence',
};

export function run({ quick = false }) {
  const timings = Object.entries(NAMES).map(([start, name]) => ({
    start,
    name,
    samples: /** @type {number[]} */ ([]),
  }));
  for (let round = 0; round < (quick ? 5 : 21); round++) {
    for (const { start, samples } of timings) samples.push(inFreshProcess('children/first_vector.mjs', [start]));
  }
  return timings;
}
