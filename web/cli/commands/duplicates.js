// `wembed duplicates`: texts that say the same.
import { duplicates } from '../../util.js';
import { allRows } from '../input.js';
import { checkEncodes, loadLayer } from '../models.js';
import { INPUT_OPTIONS, MODEL_OPTIONS } from '../options.js';
import { print } from '../output.js';

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'texts that say nearly the same as one before',
  usage: '[FILE...]',
  about: `Compares every text with all those before it that are kept, exactly, and prints each that is too like one of them: the
cosine, both lines' numbers, both texts. All texts are held in memory.`,
  options: {
    threshold: {
      type: 'number',
      short: 't',
      least: -1,
      most: 1,
      fraction: true,
      help: 'the least cosine, default 0.9',
    },
    kept: { type: 'flag', help: 'print the texts that are kept instead, as they were' },
    json: { type: 'flag', help: '{"line", "of", "score", "text", "ofText"} a line' },
    ...INPUT_OPTIONS,
    ...MODEL_OPTIONS,
  },
  examples: [
    { run: 'wembed duplicates questions.txt --threshold 0.95', says: 'which lines repeat which' },
    { run: 'wembed duplicates questions.txt --kept > fewer.txt', says: 'a file without them' },
  ],

  async run({ args, options }) {
    const layer = checkEncodes(await loadLayer(options));
    const rows = await allRows(args, options);
    const texts = rows.map(({ text }) => text);
    const found = await duplicates(layer, texts, { threshold: options.threshold });
    if (options.kept) {
      const line = (/** @type {number} */ i) => (options.jsonl ? rows[i].json : texts[i]);
      return printAll(found.kept.map((i) => `${line(i)}\n`));
    }
    await printAll(
      found.duplicates.map(({ index, of, score }) => {
        const pair = { line: rows[index].line, of: rows[of].line, score, text: texts[index], ofText: texts[of] };
        if (options.json) return `${JSON.stringify(pair)}\n`;
        return `${score.toFixed(4)}  ${pair.line} = ${pair.of}  ${pair.text}  =  ${pair.ofText}\n`;
      }),
    );
  },
};

/** @param {string[]} lines printed some at a time */
async function printAll(lines) {
  for (let at = 0; at < lines.length; at += 1000) await print(lines.slice(at, at + 1000).join(''));
}
