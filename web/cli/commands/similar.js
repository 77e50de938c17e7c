// `wembed similar`: neighbours of a word, or how alike texts are.
import { checkEncodes, loadKeys, loadLayer } from '../models.js';
import { JSON_OPTION, MODEL_OPTIONS, checkCount, usage } from '../options.js';
import { print } from '../output.js';
import { scoreLines } from '../text_table.js';

/** Of commands that ask for words near to others. @type {Record<string, import('../options.js').Option>} */
export const NEAREST_OPTIONS = {
  top: { type: 'number', short: 'k', help: 'how many, default 10' },
  words: {
    type: 'text',
    short: 'w',
    value: 'FILE',
    help: 'word vectors (word2vec, GloVe, fastText, .npy) instead of a model',
  },
  limit: { type: 'number', help: 'read the first so many word vectors' },
  ...JSON_OPTION,
  ...MODEL_OPTIONS,
};

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'the nearest words to a word, or how alike texts are',
  usage: 'WORD | TEXT TEXT...',
  about: `Of one argument: the words (tokens of the model) that point where it does, with their cosines. Of several: the cosine
of the first with each of the others.`,
  options: NEAREST_OPTIONS,
  examples: [
    { run: 'wembed similar king --top 3', says: 'neighbours in the small model' },
    { run: "wembed similar 'It is raining' 'Wet weather' 'Stock prices fell'", says: 'which text is nearer' },
    { run: 'wembed similar king --words glove.6B.100d.txt --limit 100000', says: 'in word vectors of your own' },
  ],

  async run(given) {
    checkCount(given, 'a WORD, or TEXT TEXT...', 1);
    const { args, options } = given;
    if (args.length > 1) return compare(given);
    const keys = await loadKeys(options);
    const found = keys.mostSimilar(args[0], { topn: options.top ?? 10 });
    await print(options.json ? `${JSON.stringify(found)}\n` : scoreLines(found));
  },
};

/** @param {import('../options.js').CommandLine} given */
async function compare({ name, args: [text, ...others], options }) {
  if (options.words) throw usage(name, '--words takes one WORD: vectors of words encode no texts');
  const layer = checkEncodes(await loadLayer(options));
  const scores = layer.similarity([text], others).row(0);
  const found = others.map((key, i) => ({ key, score: scores[i] }));
  await print(options.json ? `${JSON.stringify(found)}\n` : scoreLines(found));
}
