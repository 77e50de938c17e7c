// `wembed analogy`: king - man + woman.
import { loadKeys } from '../models.js';
import { checkCount, usage } from '../options.js';
import { print } from '../output.js';
import { scoreLines } from '../text_table.js';
import { NEAREST_OPTIONS } from './similar.js';

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'king - man + woman',
  usage: 'WORD - WORD + WORD... | A B C',
  about: `The nearest words to a sum of words, those of the sum left out. Three words without signs are a question: A is to B as C
is to what? That is B - A + C.`,
  options: NEAREST_OPTIONS,
  examples: [
    { run: 'wembed analogy king - man + woman --top 3', says: 'in the small model' },
    { run: 'wembed analogy man king woman --words glove.6B.100d.txt', says: 'the same question, of word vectors' },
  ],

  async run(given) {
    const { options } = given;
    const { positive, negative } = sumOf(given);
    const keys = await loadKeys(options);
    const found = keys.mostSimilar({ positive, negative, topn: options.top ?? 10 });
    await print(options.json ? `${JSON.stringify(found)}\n` : scoreLines(found));
  },
};

/**
 * @param {import('../options.js').CommandLine} given
 * @returns {{ positive: string[], negative: string[] }}
 */
function sumOf(given) {
  const { name, args } = given;
  checkCount(given, 'WORD - WORD + WORD, or A B C', 1);
  const words = args.length === 1 ? args[0].trim().split(/\s+/) : args;
  if (!words.some(isSign)) {
    if (words.length !== 3) throw usage(name, 'a question is three words, or words with + and - between them');
    const [a, b, c] = words;
    return { positive: [b, c], negative: [a] };
  }
  /** @type {Record<string, string[]>} */
  const sides = { '+': [], '-': [] };
  const signed = isSign(words[0]) ? words : ['+', ...words];
  for (let i = 0; i < signed.length; i += 2) {
    const [sign, word] = signed.slice(i, i + 2);
    if (!isSign(sign) || word === undefined || isSign(word)) {
      throw usage(name, `signs and words alternate, unlike '${args.join(' ')}'`);
    }
    sides[sign].push(word);
  }
  return { positive: sides['+'], negative: sides['-'] };
}

/** @param {string} word */
const isSign = (word) => word === '+' || word === '-';
