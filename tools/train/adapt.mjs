// What `adapt` is worth: `node tools/train/adapt.mjs FOLDER [rate epochs batchSize]`.
//
// FOLDER is a manual in HTML (Debian's postgresql-doc-15: usr/share/doc/postgresql-doc-15/html). Each heading and each
// paragraph below it are a pair. The model learns the pairs of every other file; the headings of the other files are to find
// their first paragraphs among all paragraphs of those. STS-B dev (../shared/data/eval) says whether it still knows what it knew.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadMini } from '../../web/mini.js';
import { VectorIndex } from '../../web/search.js';
import { adapt } from '../../web/train.js';
import { spearman } from '../mini/eval/measures.mjs';
import { stsbDev } from '../mini/eval/sets.mjs';

const LEAST_PARAGRAPH = 60;
const SHARED = process.env.WEMBED_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname;

/** @param {string} html */
const textOf = (html) =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * @param {string[]} files
 * @returns {{ pairs: [string, string][], first: [string, string][], texts: string[] }} headings with each paragraph below
 *   them, and with the first alone
 */
function readManual(files) {
  /** @type {[string, string][]} */
  const pairs = [];
  /** @type {[string, string][]} */
  const first = [];
  const texts = new Set();
  for (const file of files) {
    let heading = '';
    for (const [, tag, content] of readFileSync(file, 'utf8').matchAll(/<(h[1-6]|p)\b[^>]*>([^]*?)<\/\1>/g)) {
      const text = textOf(content).replace(/^(Chapter |Appendix )?[\dA-Z.]*\d\.?\s+/, '');
      if (tag !== 'p') heading = text;
      else if (text.length >= LEAST_PARAGRAPH) {
        texts.add(text);
        if (!/\w\W+\w/.test(heading)) continue;
        pairs.push([heading, text]);
        if (first.at(-1)?.[0] !== heading) first.push([heading, text]);
      }
    }
  }
  return { pairs, first, texts: [...texts] };
}

/**
 * nDCG@10 of headings, whose own paragraphs are what is to be found.
 * @param {import('../../web/index.js').EmbeddingLayer} layer
 * @param {ReturnType<typeof readManual>} manual
 */
async function ndcg(layer, { first, texts }) {
  const index = await VectorIndex.create({ layer });
  index.add(texts.map((text, id) => ({ id, text })));
  const numbers = new Map(texts.map((text, id) => [text, id]));
  /** @type {Map<string, Set<number>>} */
  const relevant = new Map();
  for (const [query, text] of first) {
    relevant.set(query, (relevant.get(query) ?? new Set()).add(Number(numbers.get(text))));
  }
  const gain = (/** @type {number} */ rank) => 1 / Math.log2(rank + 2);
  let sum = 0;
  for (const [query, ids] of relevant) {
    const hits = index.search(query, { topK: 10, hybrid: 'vectors' });
    const best = Array.from({ length: Math.min(10, ids.size) }, (_, rank) => gain(rank)).reduce((a, b) => a + b, 0);
    sum += hits.reduce((total, { id }, rank) => total + (ids.has(Number(id)) ? gain(rank) : 0), 0) / best;
  }
  index.dispose();
  return sum / relevant.size;
}

/** @param {import('../../web/index.js').EmbeddingLayer} layer */
function sts(layer) {
  const set = stsbDev(SHARED);
  if (!set) return NaN;
  return spearman(
    set.left.map((text, i) => /** @type {number} */ (layer.similarity(text, set.right[i]))),
    set.scores,
  );
}

const [folder, rate = '0.002', epochs = '3', batchSize = '64'] = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => /\.html$/.test(name))
  .sort()
  .map((name) => join(folder, name));
const known = readManual(files.filter((_, i) => i % 2 === 0));
const unseen = readManual(files.filter((_, i) => i % 2 === 1));
const layer = await loadMini({ dtype: 'f32' });
const began = performance.now();
const adapted = await adapt(
  layer,
  { pairs: known.pairs },
  { rate: Number(rate), epochs: Number(epochs), batchSize: Number(batchSize) },
);
const seconds = (performance.now() - began) / 1000;
console.log(
  `${known.pairs.length} pairs learnt in ${seconds.toFixed(1)} s; ${unseen.first.length} searched for among ${unseen.texts.length}`,
);
const before = await ndcg(layer, unseen);
const after = await ndcg(adapted, unseen);
console.log(`nDCG@10 ${before.toFixed(4)} → ${after.toFixed(4)} (${((after / before - 1) * 100).toFixed(1)} %)`);
console.log(`STS-B dev ${sts(layer).toFixed(4)} → ${sts(adapted).toFixed(4)}`);
