// `wembed search`: the texts of an index that fit a query best.
import { statSync } from 'node:fs';
import { WembedError } from '../../index.js';
import { VectorIndex } from '../../search.js';
import { readLines } from '../input.js';
import { checkEncodes, loadLayer } from '../models.js';
import { MODEL_OPTIONS, checkCount, usage } from '../options.js';
import { print } from '../output.js';

/** As alike as a stored vector and its text must be, if the same model made both: i4 rounds coarsely. */
const SAME_MODEL = 0.9;
const SHOWN = 100;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'the texts of an index that fit a query best',
  usage: 'INDEX [QUERY]',
  about: `By meaning and by keywords, fused; without a QUERY, each line of standard input is one. The model must be the one that the
index was made with.`,
  options: {
    top: { type: 'number', short: 'k', help: 'how many hits, default 10' },
    hybrid: {
      ...{ type: 'text', choices: ['auto', 'vectors', 'keywords', 'rrf', 'convex'] },
      help: 'what the search goes by',
    },
    explain: { type: 'flag', help: 'which words of the query the text has' },
    json: { type: 'flag', help: '{"query": "…", "hits": [{"id", "score", "text", …}]} a line for each query' },
    ...MODEL_OPTIONS,
  },
  examples: [
    { run: "wembed search docs.index 'plants that need little water' --top 3", says: 'score, id, text' },
    { run: 'wembed search docs.index --json < queries.txt > hits.jsonl', says: 'many queries' },
  ],

  async run(given) {
    checkCount(given, 'INDEX', 1);
    const { args, options } = given;
    const [file, ...words] = args;
    const layer = checkEncodes(await loadLayer(options));
    const index = await loadIndex(given, file, layer);
    checkModel(index, layer, file);
    const { top: topK = 10, hybrid } = options;
    const answer = async (/** @type {string} */ query) => {
      const hits = index.search(query, { topK, hybrid }).map(({ id, score, meta, passage }) => {
        const { text } = index.get(id);
        const terms = options.explain ? index.explain(id, query).terms : undefined;
        return {
          id,
          score,
          text,
          ...(meta !== undefined && { meta }),
          ...(passage && { passage }),
          ...(terms && { terms }),
        };
      });
      await print(options.json ? `${JSON.stringify({ query, hits })}\n` : hits.map(hitLine).join(''));
    };
    if (words.length > 0) return answer(words.join(' '));
    for await (const { lines } of readLines([], options)) for (const line of lines) await answer(line);
  },
};

/**
 * @param {import('../options.js').CommandLine} given
 * @param {string} file
 * @param {import('../../index.js').EmbeddingLayer} layer
 */
async function loadIndex({ name }, file, layer) {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw usage(
      name,
      `${file} is a folder: \`wembed index ${file}/* --output docs.index\` makes an index of its files`,
    );
  }
  try {
    return await VectorIndex.load(file, { layer });
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    if (error.code === 'not_found') throw usage(name, `there is no file ${file}`);
    if (error.code !== 'bad_file') throw error;
    throw usage(name, `${file} is no index (${error.message}): \`wembed index\` makes one of texts`);
  }
}

/** @param {{ id: unknown, score: number, text?: string, passage?: { begin: number, end: number }, terms?: { term: string }[] }} hit */
function hitLine({ id, score, text = '', passage, terms }) {
  const part = passage ? text.slice(passage.begin, passage.end) : text;
  const shown = part.length > SHOWN ? `${part.slice(0, SHOWN)}…` : part;
  const found = terms ? `  [${terms.map(({ term }) => term).join(' ')}]` : '';
  return `${score.toFixed(4)}  ${id}  ${shown.replace(/\s+/g, ' ')}${found}\n`;
}

/**
 * Refuses a model that gives a stored text another vector than the index has.
 * @param {VectorIndex} index
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {string} file
 */
function checkModel(index, layer, file) {
  for (const id of index.ids().slice(0, 20)) {
    const { text, vectors, passages } = index.get(id);
    if (text === undefined) return;
    const [{ begin, end } = { begin: 0, end: text.length }] = passages ?? [];
    const vector = layer.encode(text.slice(begin, end), { dimensions: index.dim });
    if (!vector.some((number) => number !== 0)) continue;
    const alike = layer.similarity(vector, vectors.row(0).slice());
    if (alike >= SAME_MODEL) return;
    const message = `${file} was made with another model: its first text and vector have a cosine of ${alike.toFixed(2)}. Name its model with --model`;
    throw new WembedError('invalid_argument', message);
  }
}
