// `wembed encode`: a text a line to a vector each, for as long as lines come.
import { readLines, rowsToFault } from '../input.js';
import { openObject } from '../json_lines.js';
import { checkEncodes, loadLayer } from '../models.js';
import { HEAD, npyHead } from '../npy.js';
import { INPUT_OPTIONS, MODEL_OPTIONS } from '../options.js';
import { Output, refuseInputs, writing } from '../output.js';
import { Progress } from '../progress.js';
import { VectorWriter } from '../vector_writer.js';

/** @typedef {import('../input.js').Row} Row */

const FORMATS = ['jsonl', 'npy', 'raw'];
/** A batch of more letters than these is encoded in parts, so that its vectors take little memory. */
const MOST_ROWS = 4096;
const NEWLINE = 10;

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
  const writer = new VectorWriter(output, dim, format === 'jsonl');
  let rows = 0;
  if (format === 'npy') await output.write(npyHead(0, dim));
  try {
    for await (const batch of readLines(files, options)) {
      const { texts, heads, utf8, fault } = textsOf(batch, options);
      for (const part of parts({ texts, heads, utf8 })) {
        const n = part.texts.length;
        const numbers = await writer.room(n * dim);
        layer.encode(part.texts, { ...settings, into: numbers });
        await writer.write({ ...headsOf(part, options), numbers, rows: n });
      }
      rows += texts.length;
      progress.lines(rows, batch.bytes);
      if (fault) throw fault;
    }
  } finally {
    await writer.end(); // what was read before a fault is written
  }
  progress.done();
  await output.close(format === 'npy' ? npyHead(rows, dim).subarray(0, HEAD) : undefined);
}

/**
 * Texts, what stands before the vectors of JSON that was read, and the bytes of texts that were lines.
 * @typedef {{ texts: string[], heads?: string[], utf8?: Buffer }} TextPart
 */

/**
 * @param {import('../input.js').Batch} batch
 * @param {import('../options.js').OptionValues} options
 * @returns {TextPart & { fault?: unknown }}
 */
function textsOf(batch, options) {
  if (!options.jsonl) return { texts: batch.lines, utf8: batch.utf8 };
  const { rows, fault } = rowsToFault(batch, options);
  return { texts: rows.map(({ text }) => text), heads: rows.map(headOf), fault };
}

/** @param {TextPart} all @returns {Generator<TextPart>} of at most MOST_ROWS texts */
function* parts(all) {
  const { length } = all.texts;
  if (length <= MOST_ROWS) return yield all;
  for (let at = 0, begin = 0; at < length; at += MOST_ROWS) {
    const own = (/** @type {string[]} */ list) => list.slice(at, at + MOST_ROWS);
    const texts = own(all.texts);
    const end = all.utf8 ? endOfLines(all.utf8, begin, texts.length) : 0;
    yield { texts, heads: all.heads && own(all.heads), utf8: all.utf8?.subarray(begin, end) };
    begin = end + 1;
  }
}

/** @param {Buffer} utf8 @param {number} begin of a line @param {number} lines @returns {number} where so many of them end */
function endOfLines(utf8, begin, lines) {
  let end = begin - 1;
  for (let i = 0; i < lines && end < utf8.length; i++) {
    const next = utf8.indexOf(NEWLINE, end + 1);
    end = next < 0 ? utf8.length : next;
  }
  return end;
}

/**
 * @param {TextPart} part
 * @param {import('../options.js').OptionValues} options
 * @returns {import('../vector_writer.js').Heads}
 */
function headsOf({ texts, utf8, heads }, { format, 'no-text': noText }) {
  if (format !== 'jsonl' || noText) return {};
  if (heads) return { heads };
  return utf8 ? { utf8: new Uint8Array(utf8) } : { texts };
}

/** @param {Row} row @returns {string} its object up to the vector, which takes the place of another */
function headOf({ json, record }) {
  const isText = json.trimStart().startsWith('"');
  const open = isText ? `{"text":${JSON.stringify(record.text)}` : openObject(json, 'vector');
  return `${open}${open === '{' ? '' : ','}"vector":`;
}
