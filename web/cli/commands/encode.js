// `wembed encode`: a text a line to a vector each, for as long as lines come.
import { readLines, rowsToFault } from '../input.js';
import { openObject } from '../json_lines.js';
import { checkEncodes, loadLayer } from '../models.js';
import { HEAD, npyHead } from '../npy.js';
import { INPUT_OPTIONS, MODEL_OPTIONS } from '../options.js';
import { Output, refuseInputs, writing } from '../output.js';
import { Progress } from '../progress.js';
import { VectorLines } from '../vector_lines.js';

/** @typedef {import('../input.js').Row} Row */
/** @typedef {import('../../index.js').Matrix} Matrix */

const FORMATS = ['jsonl', 'npy', 'raw'];
/** A batch of more letters than these is encoded in parts, so that its vectors take little memory. */
const MOST_ROWS = 4096;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'texts to vectors',
  usage: '[FILE...]',
  about: `Reads texts from files or standard input, a line a text, and writes a vector for each, in the order of the lines;
an empty line has a vector too: zeros (with --jsonl it is left out). Memory does not grow with the input.

  jsonl  {"text": "…", "vector": […]} a line; with --jsonl the object that was read, and "vector"
  npy    a NumPy array (lines, dimensions) of float32; to standard output by way of a temporary file
  raw    float32 numbers, little-endian, nothing else`,
  options: {
    format: { type: 'text', short: 'f', choices: FORMATS, help: 'default: by the name of --output, else jsonl' },
    output: { type: 'text', short: 'o', value: 'FILE', help: 'a file, which is there once it is whole' },
    'no-text': { type: 'flag', help: 'jsonl: an array a line, without the text' },
    normalize: { type: 'flag', help: 'vectors of length 1, if the model does not say so by itself' },
    dimensions: { type: 'number', help: 'the first so many numbers of each vector' },
    'max-length': { type: 'number', help: 'the first so many tokens of each text' },
    pooling: { type: 'text', choices: ['mean', 'sum', 'max'], help: "how a text's tokens become one" },
    ...INPUT_OPTIONS,
    ...MODEL_OPTIONS,
  },
  examples: [
    { run: "printf 'It is raining\\nWet weather\\n' | wembed encode --dimensions 4", says: 'two lines of JSON' },
    { run: 'wembed encode docs.txt -o docs.npy', says: "numpy.load('docs.npy') has a row a line" },
    { run: 'wembed encode --jsonl --field title books.jsonl | gzip > vectors.jsonl.gz', says: 'a stage of a pipe' },
    {
      run: 'parallel --pipe --block 50M --keep-order wembed encode < huge.txt > huge.jsonl',
      says: 'on all processors, with GNU parallel',
    },
  ],

  async run(given) {
    const { args, options } = given;
    refuseInputs(given, args);
    const format = options.format ?? formatOf(options.output);
    const layer = checkEncodes(await loadLayer(options));
    const output = new Output(options.output, format === 'npy');
    await writing(output, () => encodeAll(layer, args, { ...options, format }, output));
  },
};

/** @param {string | undefined} output */
function formatOf(output = '') {
  if (output.endsWith('.npy')) return 'npy';
  return /\.(raw|bin|f32)$/.test(output) ? 'raw' : 'jsonl';
}

/**
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {string[]} files
 * @param {import('../options.js').OptionValues} options
 * @param {Output} output
 */
async function encodeAll(layer, files, options, output) {
  const { format, dimensions, pooling, normalize, 'max-length': maxLength } = options;
  const settings = { dimensions, pooling, maxLength, normalize };
  const { dim } = layer.encode([''], settings);
  const progress = new Progress();
  const lines = format === 'jsonl' ? new VectorLines(output, dim) : undefined;
  let room = new Float32Array(0);
  let rows = 0;
  if (format === 'npy') await output.write(npyHead(0, dim));
  try {
    for await (const batch of readLines(files, options)) {
      const { rows: all, fault } = rowsToFault(batch, options);
      for (let at = 0; at < all.length; at += MOST_ROWS) {
        const some = all.slice(at, at + MOST_ROWS);
        const length = some.length * dim;
        if (lines) room = await lines.room(length);
        else if (room.length < length) room = new Float32Array(length);
        const texts = some.map(({ text }) => text);
        const matrix = layer.encode(texts, { ...settings, into: room });
        await (lines
          ? lines.write({ ...headsOf(some, texts, options), numbers: room, rows: some.length })
          : output.write(bytesOf(matrix)));
      }
      rows += all.length;
      progress.lines(rows, batch.bytes);
      if (fault) throw fault;
    }
  } finally {
    await lines?.end(); // what was read before a fault is written
  }
  progress.done();
  await output.close(format === 'npy' ? npyHead(rows, dim).subarray(0, HEAD) : undefined);
}

/**
 * @param {Row[]} rows
 * @param {string[]} texts of them
 * @param {import('../options.js').OptionValues} options
 * @returns {import('../vector_lines.js').Heads}
 */
function headsOf(rows, texts, { jsonl, 'no-text': noText }) {
  if (noText) return {};
  return jsonl ? { heads: rows.map(headOf) } : { texts };
}

/** @param {Matrix} matrix */
const bytesOf = ({ data, rows, dim }) => new Uint8Array(data.buffer, data.byteOffset, 4 * rows * dim);

/** @param {Row} row @returns {string} its object up to the vector, which takes the place of another */
function headOf({ json, record }) {
  const isText = json.trimStart().startsWith('"');
  const open = isText ? `{"text":${JSON.stringify(record.text)}` : openObject(json, 'vector');
  return `${open}${open === '{' ? '' : ','}"vector":`;
}
