// `wembed count`: how many tokens texts have.
import { readLines, rowsOf } from '../input.js';
import { loadTokenizer } from '../models.js';
import { INPUT_OPTIONS, JSON_OPTION, MODEL_OPTIONS } from '../options.js';
import { print } from '../output.js';
import { Progress } from '../progress.js';

const { model, revision } = MODEL_OPTIONS;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'how many tokens texts have',
  usage: '[FILE...]',
  about: `Counts the tokens of every line, special tokens left out, and prints lines and tokens of each file, as wc does;
with --each the tokens of each line.`,
  options: {
    each: { type: 'flag', help: 'a number for each line' },
    'special-tokens': { type: 'flag', help: 'count those that the tokenizer adds too' },
    ...JSON_OPTION,
    ...INPUT_OPTIONS,
    ...{ model, revision },
  },
  examples: [
    { run: "printf 'It is raining\\nWet weather\\n' | wembed count", says: 'lines and tokens' },
    { run: 'wembed count --model google-bert/bert-base-uncased docs.txt', says: 'with the tokenizer of another model' },
    {
      run: "wembed count --each docs.txt | awk '$1 > 512 {print NR}'",
      says: 'lines that are too long for a model of 512 tokens',
    },
  ],

  async run({ args, options }) {
    const tokenizer = await loadTokenizer(options);
    const settings = { addSpecialTokens: Boolean(options['special-tokens']) };
    const progress = new Progress();
    const files = args.length > 0 ? args : ['-'];
    const totals = [];
    for (const file of files) {
      let [lines, tokens] = [0, 0];
      for await (const batch of readLines([file], options)) {
        const counts = rowsOf(batch, options).map(({ text }) => tokenizer.count(text, settings));
        lines += counts.length;
        tokens += counts.reduce((sum, count) => sum + count, 0);
        if (options.each) await print(`${counts.join('\n')}\n`);
        progress.lines(lines, batch.bytes);
      }
      totals.push({ file, lines, tokens });
    }
    progress.done();
    if (options.each) return;
    if (options.json) return print(`${JSON.stringify(totals)}\n`);
    if (totals.length > 1) totals.push({ file: 'total', lines: sum(totals, 'lines'), tokens: sum(totals, 'tokens') });
    await print(totals.map(({ file, lines, tokens }) => `${lines} lines  ${tokens} tokens  ${file}\n`).join(''));
  },
};

/** @param {{ lines: number, tokens: number }[]} totals @param {'lines' | 'tokens'} name */
const sum = (totals, name) => totals.reduce((all, each) => all + each[name], 0);
