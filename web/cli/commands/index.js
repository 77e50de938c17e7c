// `wembed index`: a file that `wembed search` searches, and `VectorIndex.load` loads.
import { WembedError } from '../../index.js';
import { VectorIndex } from '../../search.js';
import { readLines, rowsOf } from '../input.js';
import { changedNumber } from '../json_lines.js';
import { checkEncodes, loadLayer } from '../models.js';
import { INPUT_OPTIONS, MODEL_OPTIONS, outputOf } from '../options.js';
import { refuseInputs } from '../output.js';
import { Progress, grouped } from '../progress.js';

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'an index of texts, to be searched by meaning and by keywords',
  usage: '[FILE...] --output INDEX',
  about: `Reads texts, a line a text, and writes an index, which the library loads too: VectorIndex.load('INDEX', { layer }). The
id of a text is its line's number, or the member "id" of its JSON; its other members come back with hits. Empty lines are
left out.`,
  options: {
    output: { type: 'text', short: 'o', value: 'INDEX', help: 'the file, which is there once it is whole' },
    'vector-dtype': {
      ...{ type: 'text', choices: ['f32', 'f16', 'bf16', 'i8', 'i4'] },
      help: 'how vectors are stored; default i8',
    },
    passages: { type: 'flag', help: 'cut long texts into passages; hits say which one fits' },
    'id-field': { type: 'text', value: 'NAME', help: 'with --jsonl: the member that is the id; default id' },
    ...INPUT_OPTIONS,
    ...MODEL_OPTIONS,
  },
  examples: [
    { run: 'wembed index docs.txt -o docs.index', says: 'a line a document' },
    {
      run: 'wembed index --jsonl --field body --passages articles.jsonl -o articles.index',
      says: 'articles, by passages',
    },
  ],

  async run(given) {
    const { args, options } = given;
    const target = outputOf(given, 'the index');
    refuseInputs(given, given.args);
    const layer = checkEncodes(await loadLayer(options));
    const { 'vector-dtype': dtype = 'i8', passages = false } = options;
    const index = await VectorIndex.create({ layer, dtype, passages });
    const progress = new Progress();
    for await (const batch of readLines(args, options)) {
      index.add(itemsOf(batch, options));
      progress.lines(index.length, batch.bytes);
    }
    await index.save(target);
    progress.done();
    console.error(`${grouped(index.length)} texts in ${target}`);
  },
};

/**
 * @param {import('../input.js').Batch} batch
 * @param {import('../options.js').OptionValues} options
 * @returns {import('../../search.js').IndexItem[]}
 */
function itemsOf(batch, options) {
  const { field = 'text', 'id-field': idField = 'id' } = options;
  return rowsOf(batch, options).flatMap(({ text, record, json, line }) => {
    if (text.trim() === '') return [];
    refuseChanged(json, `line ${line} of ${batch.file}`);
    const { [field]: own, [idField]: id = line, ...meta } = record;
    return [{ id: /** @type {number} */ (id), text, meta: Object.keys(meta).length > 0 ? meta : undefined }];
  });
}

/** @param {string} json @param {string} place */
function refuseChanged(json, place) {
  const number = changedNumber(json);
  if (number === undefined) return;
  const what = `${place} has the number ${number}, which JavaScript cannot hold`;
  throw new WembedError('unsupported', `${what}: write it as a text, "${number}"`);
}
