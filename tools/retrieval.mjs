// How well the ways of searching find what is asked for: `node tools/retrieval.mjs NAME=FOLDER ...` prints a table.
//
// A folder of documentation (reStructuredText in .txt or .rst, or HTML) is a test by itself: every paragraph is a text, every
// heading a query, and the paragraph that follows it is the one to find. The headings are not in the texts. nDCG@10: 1 where
// it comes first, 1 / log2(1 + its rank) where it comes later, 0 beyond the tenth.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadMini } from '../web/mini.js';
import { VectorIndex } from '../web/search.js';

const WAYS = /** @type {const} */ (['vectors', 'keywords', 'rrf', 'convex', 'auto']);
/** Queries of a corpus: every nth, so that there are no more. */
const MOST_QUERIES = 1000;
/** Shorter paragraphs are no texts, headings of one word are no queries. */
const LEAST_PARAGRAPH = 60;

/** @typedef {{ heading?: string, paragraph?: string }} Block */

const ENTITIES = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' });

/** @param {string} html */
const textOf = (html) =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (_, name) => ENTITIES[name] ?? ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** @param {string} html @returns {Block[]} */
function htmlBlocks(html) {
  return Array.from(html.matchAll(/<(h[1-6]|p|div(?= class="para"))\b[^>]*>([^]*?)<\/\1>/g), ([, tag, content]) => {
    const text = textOf(content).replace(/^(Chapter )?[\d.]+\s+/, '');
    return tag.startsWith('h') ? { heading: text } : { paragraph: text };
  });
}

/** @param {string} text */
const withoutMarkup = (text) =>
  text
    .replace(/:[\w:-]+:`~?([^`<]*?)\s*(<[^`>]*>)?`/g, '$1')
    .replace(/`([^`<]*?)\s*<[^`>]*>`__?/g, '$1')
    .replace(/`+|\*\*?|\|/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** @param {string} source @returns {Block[]} */
function restBlocks(source) {
  const blocks = source.split(/\n\s*\n/);
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.trim());
    const under = lines.findIndex((line, i) => i > 0 && /^([=\-~^"'#*+])\1{2,}$/.test(line.trim()));
    if (under > 0 && /^\S/.test(lines[under - 1])) {
      const rest = lines.slice(under + 1).join(' ');
      const paragraph = /^[A-Z]/.test(rest) ? [{ paragraph: withoutMarkup(rest) }] : [];
      return [{ heading: withoutMarkup(lines[under - 1]) }, ...paragraph];
    }
    return lines.length > 0 &&
      lines.every((line) => /^\S/.test(line)) &&
      /^[A-Z`:*]/.test(lines[0]) &&
      !/^\.\./.test(lines[0])
      ? [{ paragraph: withoutMarkup(lines.join(' ')) }]
      : [];
  });
}

/**
 * @param {string} folder
 * @returns {{ texts: string[], queries: Map<string, Set<number>> }} queries: the texts to be found
 */
function readCorpus(folder) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  /** @type {Map<string, Set<number>>} */
  const queries = new Map();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(html?|txt|rst)$/.test(file),
  );
  for (const file of files.sort()) {
    const source = readFileSync(join(folder, file), 'utf8');
    let heading = '';
    for (const block of /\.html?$/.test(file) ? htmlBlocks(source) : restBlocks(source)) {
      if (block.heading !== undefined) heading = block.heading;
      const { paragraph = '' } = block;
      if (paragraph.length < LEAST_PARAGRAPH) continue;
      const number = numbers.get(paragraph) ?? numbers.size;
      numbers.set(paragraph, number);
      if (/\w\W+\w/.test(heading)) queries.set(heading, (queries.get(heading) ?? new Set()).add(number));
      heading = '';
    }
  }
  return { texts: [...numbers.keys()], queries };
}

/**
 * @param {unknown[]} found ids, the best first
 * @param {Set<number>} relevant
 */
function ndcg(found, relevant) {
  const gain = (/** @type {number} */ rank) => 1 / Math.log2(rank + 2);
  const best = Array.from({ length: Math.min(10, relevant.size) }, (_, rank) => gain(rank));
  const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
  return sum(found.map((id, rank) => (relevant.has(Number(id)) ? gain(rank) : 0))) / sum(best);
}

const layer = await loadMini();
const corpora = process.argv.slice(2).map((argument) => argument.split('='));
if (corpora.length === 0 || corpora.some(([, folder]) => !folder)) {
  console.error('node tools/retrieval.mjs NAME=FOLDER ...');
  process.exit(2);
}
console.log(`| corpus | texts | queries | ${WAYS.join(' | ')} | auto ÷ the better one |`);
console.log(`| --- | ---: | ---: |${' ---: |'.repeat(WAYS.length + 1)}`);
/** @type {number[][]} */
const rows = [];
for (const [name, folder] of corpora) {
  const { texts, queries } = readCorpus(folder);
  const every = Math.ceil(queries.size / MOST_QUERIES);
  const asked = [...queries].filter((_, i) => i % every === 0);
  const index = await VectorIndex.create({ layer });
  index.add(texts.map((text, id) => ({ id, text })));
  const means = WAYS.map((hybrid) => {
    const hits = index.searchMany(
      asked.map(([query]) => query),
      { topK: 10, hybrid },
    );
    return (
      asked.reduce(
        (sum, [, relevant], i) =>
          sum +
          ndcg(
            hits[i].map(({ id }) => id),
            relevant,
          ),
        0,
      ) / asked.length
    );
  });
  index.dispose();
  rows.push(means);
  printRow(name, String(texts.length), String(asked.length), means);
}
printRow(
  'mean',
  '',
  '',
  WAYS.map((_, i) => rows.reduce((sum, means) => sum + means[i], 0) / rows.length),
);

/** @param {string} name @param {string} texts @param {string} queries @param {number[]} means */
function printRow(name, texts, queries, means) {
  const ratio = means[WAYS.indexOf('auto')] / Math.max(means[0], means[1]);
  console.log(`| ${[name, texts, queries, ...means.map((mean) => mean.toFixed(3)), ratio.toFixed(3)].join(' | ')} |`);
}
