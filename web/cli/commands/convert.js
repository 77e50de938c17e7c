// `wembed convert`: a model or word vectors in another form.
import { writeFile } from 'node:fs/promises';
import { loadLayer, loadWords } from '../models.js';
import { npyHead } from '../npy.js';
import { MODEL_OPTIONS, checkCount, outputOf, usage } from '../options.js';
import { Output, refuseInputs, writing } from '../output.js';

/** Rows that are looked up at once. */
const ROWS = 4096;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'a static model in another dtype; word vectors as a NumPy array',
  usage: 'LOCATION --output PATH',
  about: `A static model becomes a folder that this library, model2vec and sentence-transformers load. With --from-words, a file of word
vectors (word2vec, GloVe, fastText) becomes PATH, a .npy, and PATH.keys.txt, a key a line.`,
  options: {
    output: { type: 'text', short: 'o', value: 'PATH', help: 'the folder, or the .npy' },
    dtype: {
      type: 'text',
      choices: ['auto', 'f32', 'f16', 'i8'],
      help: 'of the model that is written; default auto: as it is',
    },
    'from-words': { type: 'flag', short: 'w', help: 'LOCATION is a file of word vectors' },
    limit: { type: 'number', help: 'the first so many word vectors' },
    revision: MODEL_OPTIONS.revision,
  },
  examples: [
    { run: 'wembed convert minishlab/potion-base-8M --dtype i8 -o ./potion-i8/', says: 'a quarter of the size' },
    { run: 'wembed convert --from-words glove.6B.100d.txt -o glove.npy', says: 'for numpy.load' },
  ],

  async run(given) {
    checkCount(given, 'LOCATION', 1, 1);
    const {
      name,
      args: [location],
      options,
    } = given;
    const target = outputOf(given, 'the result');
    refuseInputs(given, given.args);
    if (options['from-words']) return convertWords(location, target, options);
    if (options.limit) throw usage(name, '--limit goes with --from-words');
    const layer = await loadLayer({ model: location, revision: options.revision });
    const paths = await layer.saveTo(target, {
      dtype: /** @type {import('../../index.js').SaveOptions['dtype']} */ (options.dtype),
    });
    console.error(paths.join('\n'));
  },
};

/**
 * @param {string} location
 * @param {string} target
 * @param {import('../options.js').OptionValues} options
 */
async function convertWords(location, target, { limit }) {
  const words = await loadWords(location, { limit });
  const output = new Output(target);
  await writing(output, async () => {
    await output.write(npyHead(words.length, words.dim));
    for (let first = 0; first < words.length; first += ROWS) {
      const ids = Array.from({ length: Math.min(ROWS, words.length - first) }, (_, i) => first + i);
      const { data } = words.table.lookup(ids);
      await output.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    await output.close();
  });
  await writeFile(`${target}.keys.txt`, words.indexToKey.map((key) => `${key}\n`).join(''));
  console.error(`${target}\n${target}.keys.txt`);
}
