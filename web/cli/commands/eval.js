// `wembed eval`: how good a model is, by the usual tests.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WembedError } from '../../index.js';
import { VectorIndex } from '../../search.js';
import { allRows, readLines } from '../input.js';
import { checkEncodes, loadLayer, loadWords } from '../models.js';
import { JSON_OPTION, MODEL_OPTIONS, usage } from '../options.js';
import { print } from '../output.js';
import { Progress } from '../progress.js';
import { ndcg, pearson, spearman } from '../ranks.js';
import { tableLines } from '../text_table.js';

/** @typedef {import('../options.js').OptionValues} OptionValues */
/** @typedef {Record<string, string | number>} Figures one row of the table */

/** @type {Record<string, (file: string, options: OptionValues) => Promise<Figures[]>>} */
const TESTS = { sts: evalSts, pairs: evalPairs, analogies: evalAnalogies, retrieval: evalRetrieval };

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'how good a model is: sentence pairs, word pairs, analogies, retrieval',
  usage: 'sts|pairs|analogies|retrieval FILE...',
  about: `  sts        sentence pairs with scores: sentence, sentence, score; separated by tabs, or .csv, or .jsonl with sentence1, sentence2,
             score.
             Spearman's and Pearson's correlation of the cosines with the scores, × 100
  pairs      word pairs with scores, tab-separated (WordSim-353, SimLex-999), as gensim's evaluate_word_pairs
  analogies  questions-words.txt, as gensim's evaluate_word_analogies
  retrieval  a folder as BEIR has it: corpus.jsonl, queries.jsonl, qrels/test.tsv. nDCG@10 of vectors, keywords and both`,
  options: {
    words: { type: 'text', short: 'w', value: 'FILE', help: 'pairs, analogies: word vectors instead of a model' },
    limit: { type: 'number', help: 'read the first so many word vectors' },
    ...JSON_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: [
    { run: 'wembed eval sts stsb-test.tsv', says: 'a table, a row a file' },
    { run: 'wembed eval pairs wordsim353.tsv --words glove.6B.100d.txt', says: 'word vectors' },
    { run: 'wembed eval retrieval ./scifact/ ./nfcorpus/', says: 'nDCG@10 of each' },
  ],

  async run({ name, args: [kind, ...files], options }) {
    if (!Object.hasOwn(TESTS, kind ?? '')) throw usage(name, `say which test: ${Object.keys(TESTS).join(', ')}`);
    if (files.length === 0) throw usage(name, 'a FILE is missing');
    /** @type {Figures[]} */
    const rows = [];
    for (const file of files) rows.push(...(await TESTS[kind](file, options)));
    if (options.json) return print(`${JSON.stringify(rows)}\n`);
    const heads = Object.keys(rows[0]);
    const columns = heads.map((head) => shownColumn(rows.map((row) => row[head])));
    await print(
      tableLines(
        heads,
        rows.map((_, i) => columns.map((column) => column[i])),
      ),
    );
  },
};

/** @param {(string | number)[]} values of a column @returns {(string | number)[]} fractions to four places */
const shownColumn = (values) =>
  values.every((value) => typeof value === 'string' || Number.isInteger(value))
    ? values
    : values.map((value) => Number(value).toFixed(4));

/** @param {string} file @param {OptionValues} options @returns {Promise<Figures[]>} */
async function evalSts(file, options) {
  const layer = checkEncodes(await loadLayer(options));
  /** @type {{ a: string[], b: string[], gold: number[] }} */
  const pairs = { a: [], b: [], gold: [] };
  for await (const { lines, first } of readLines([file], options)) {
    for (const [i, line] of lines.entries()) addPair(pairs, line, file, first + i);
  }
  if (pairs.gold.length < 2)
    throw new WembedError('bad_file', `${file} has ${pairs.gold.length} pairs with a score: two are needed`);
  const [a, b] = [layer.encode(pairs.a, { normalize: true }), layer.encode(pairs.b, { normalize: true })];
  const cosines = pairs.a.map((_, i) => a.row(i).reduce((sum, each, j) => sum + each * b.row(i)[j], 0));
  const [rank, linear] = [spearman(cosines, pairs.gold), pearson(cosines, pairs.gold)];
  return [{ test: file, pairs: cosines.length, spearman: 100 * rank, pearson: 100 * linear }];
}

/**
 * @param {{ a: string[], b: string[], gold: number[] }} pairs
 * @param {string} line
 * @param {string} file
 * @param {number} number
 */
function addPair({ a, b, gold }, line, file, number) {
  if (line.trim() === '') return;
  const [first, second, score] = line.startsWith('{')
    ? pairOf(JSON.parse(line))
    : file.endsWith('.csv')
      ? csvFields(line)
      : line.split('\t');
  if (second === undefined || !Number.isFinite(parseFloat(score))) {
    if (number === 1) return; // names of the columns
    throw new WembedError('bad_file', `line ${number} of ${file} is no sentence, sentence and score`);
  }
  a.push(first);
  b.push(second);
  gold.push(parseFloat(score));
}

/** @param {string} line @returns {string[]} fields with or without quotes, in which a quote stands twice */
const csvFields = (line) =>
  Array.from(
    line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g),
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );

/** @param {{ sentence1: string, sentence2: string, score: string }} record */
const pairOf = ({ sentence1, sentence2, score }) => [sentence1, sentence2, score];

/** @param {OptionValues} options */
const wordsOf = async (options) =>
  options.words ? loadWords(options.words, options) : (await loadLayer(options)).wordVectors();

/** @param {string} file @param {OptionValues} options @returns {Promise<Figures[]>} */
async function evalPairs(file, options) {
  const words = await wordsOf(options);
  const report = await words.evaluateWordPairs(await readText(file));
  return [{ test: file, spearman: 100 * report.spearman, pearson: 100 * report.pearson, 'unknown %': report.oov }];
}

/** @param {string} file @param {OptionValues} options @returns {Promise<Figures[]>} */
async function evalAnalogies(file, options) {
  const words = await wordsOf(options);
  const { sections } = await words.evaluateWordAnalogies(await readText(file));
  if (sections.every(({ correct, incorrect }) => correct.length + incorrect.length === 0)) {
    throw new WembedError('bad_file', `${file} has no question of four words that are all known`);
  }
  return sections.map(({ section, correct, incorrect }) => {
    const questions = correct.length + incorrect.length;
    return {
      section,
      questions,
      correct: correct.length,
      'correct %': questions > 0 ? (100 * correct.length) / questions : 0,
    };
  });
}

/** @param {string} folder @param {OptionValues} options @returns {Promise<Figures[]>} */
async function evalRetrieval(folder, options) {
  const layer = checkEncodes(await loadLayer(options));
  const index = await VectorIndex.create({ layer });
  const progress = new Progress();
  for await (const batch of readLines([join(folder, 'corpus.jsonl')], options)) {
    const records = batch.lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
    index.add(
      records.map(({ _id, title, text }) => ({ id: String(_id), text: [title, text].filter(Boolean).join(' ') })),
    );
    progress.lines(index.length, batch.bytes);
  }
  const queries = await allRows([join(folder, 'queries.jsonl')], { jsonl: true });
  const gains = await readQrels(join(folder, 'qrels/test.tsv'));
  const asked = queries.filter(({ record }) => gains.has(String(record._id)));
  if (asked.length === 0) throw new WembedError('bad_file', `${folder} has no query with a relevant text`);
  const figures = /** @type {Figures} */ ({ test: folder, texts: index.length, queries: asked.length });
  for (const hybrid of /** @type {const} */ (['vectors', 'keywords', 'auto'])) {
    const scores = asked.map(({ text, record }) => {
      const found = index.search(text, { topK: 10, hybrid }).map(({ id }) => id);
      return ndcg(found, /** @type {Map<string, number>} */ (gains.get(String(record._id))));
    });
    figures[`${hybrid}`] = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  }
  progress.done();
  index.dispose();
  return [figures];
}

/** @param {string} file @returns {Promise<Map<string, Map<string, number>>>} the gains of texts, by query */
async function readQrels(file) {
  /** @type {Map<string, Map<string, number>>} */
  const gains = new Map();
  for (const line of (await readText(file)).split('\n').slice(1)) {
    const [query, text, gain] = file.endsWith('.csv') ? csvFields(line) : line.split('\t');
    if (!(Number(gain) > 0)) continue;
    if (!gains.has(query)) gains.set(query, new Map());
    gains.get(query)?.set(text, Number(gain));
  }
  return gains;
}

/** @param {string} file */
async function readText(file) {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new WembedError('not_found', `${file} cannot be read: ${Object(cause).message}`, { cause });
  }
}
