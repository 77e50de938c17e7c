// `wembed prune`: a static model of fewer tokens.
import { allTexts } from '../input.js';
import { loadLayer } from '../models.js';
import { INPUT_OPTIONS, MODEL_OPTIONS, outputOf, usage } from '../options.js';
import { refuseInputs } from '../output.js';
import { grouped, megabytes } from '../progress.js';

const { model, revision } = MODEL_OPTIONS;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'a smaller static model: the tokens that your texts use, or the most frequent ones',
  usage: '[FILE...] --output FOLDER',
  about: `With FILEs (or - for standard input) only the tokens of these texts stay, the most frequent first where --keep limits them;
without, the vocabulary's first. A text whose tokens all stay keeps its vector, bit for bit.`,
  options: {
    output: { type: 'text', short: 'o', value: 'FOLDER', help: 'made where there is none' },
    keep: { type: 'number', short: 'n', help: 'how many tokens' },
    dtype: {
      type: 'text',
      choices: ['auto', 'f32', 'f16', 'i8'],
      help: 'of the model that is written; default auto: as it is',
    },
    ...INPUT_OPTIONS,
    ...{ model, revision },
  },
  examples: [
    { run: 'wembed prune docs.txt -o ./small/', says: 'what these texts need' },
    { run: 'wembed prune --keep 8000 -o ./small/', says: 'the first 8000 tokens' },
  ],

  async run(given) {
    const { name, args, options } = given;
    const target = outputOf(given, 'the model');
    refuseInputs(given, [...given.args, given.options.model]);
    if (args.length === 0 && !options.keep) throw usage(name, 'say what stays: FILEs, --keep N, or both');
    const layer = await loadLayer(options);
    const corpus = args.length > 0 ? allTexts(args, options) : undefined;
    const pruned = await layer.prune({ keep: options.keep, corpus });
    await pruned.saveTo(target, {
      dtype: /** @type {import('../../index.js').SaveOptions['dtype']} */ (options.dtype),
    });
    const [before, after] = [layer.describe(), pruned.describe()];
    console.error(
      `${grouped(after.vocabSize)} of ${grouped(before.vocabSize)} tokens, ${megabytes(after.bytes)} of ${megabytes(before.bytes)}, in ${target}`,
    );
  },
};
