// `wembed tokenize`: texts to tokens.
import { readLines, rowsOf } from '../input.js';
import { loadTokenizer } from '../models.js';
import { INPUT_OPTIONS, MODEL_OPTIONS, usage } from '../options.js';
import { print } from '../output.js';

const { model, revision } = MODEL_OPTIONS;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'texts to tokens',
  usage: '[FILE...]',
  about: 'Writes {"ids": […], "tokens": […]} for every line.',
  options: {
    ids: { type: 'flag', help: 'ids alone, separated by spaces' },
    offsets: { type: 'flag', help: 'where each token stands in its text, in UTF-16 units' },
    'special-tokens': { type: 'flag', help: 'with those that the tokenizer adds' },
    ...INPUT_OPTIONS,
    ...{ model, revision },
  },
  examples: [
    { run: "echo 'It is raining' | wembed tokenize", says: 'the ids and the tokens' },
    {
      run: 'wembed tokenize --ids --special-tokens -m google-bert/bert-base-uncased docs.txt',
      says: 'ids for a program',
    },
  ],

  async run({ name, args, options }) {
    if (options.ids && options.offsets) throw usage(name, '--ids prints ids alone: leave it out to have --offsets');
    const tokenizer = await loadTokenizer(options);
    const settings = { addSpecialTokens: Boolean(options['special-tokens']), offsets: Boolean(options.offsets) };
    for await (const batch of readLines(args, options)) {
      const lines = rowsOf(batch, options).map(({ text }) => {
        const { ids, tokens, offsets } = tokenizer.encode(text, settings);
        return options.ids ? ids.join(' ') : JSON.stringify({ ids: [...ids], tokens, offsets });
      });
      if (lines.length > 0) await print(`${lines.join('\n')}\n`);
    }
  },
};
