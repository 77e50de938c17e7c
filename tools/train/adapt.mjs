// What `adapt` is worth: `node tools/train/adapt.mjs MANUAL [rate epochs batchSize]`.
//
// MANUAL is a .pod of items (Debian's perl: /usr/share/perl/5.36.0/pod/perldiag.pod) or a folder of HTML (Debian's
// postgresql-doc-15: usr/share/doc/postgresql-doc-15/html). Each title and the paragraph after it are a pair. The model learns
// the pairs of one half; the titles of the other are to find their paragraphs among all of that half. STS-B dev
// (../shared/data/eval) says whether it still knows what it knew.
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

/** @typedef {{ pairs: [string, string][], texts: string[] }} Half */

/** @param {string[]} files of HTML @returns {Half} */
function readPages(files) {
  /** @type {[string, string][]} */
  const pairs = [];
  const texts = new Set();
  for (const file of files) {
    let heading = '';
    for (const [, tag, content] of readFileSync(file, 'utf8').matchAll(/<(h[1-6]|p)\b[^>]*>([^]*?)<\/\1>/g)) {
      const text = textOf(content).replace(/^(Chapter |Appendix )?[\dA-Z.]*\d\.?\s+/, '');
      if (tag !== 'p') heading = text;
      else if (text.length >= LEAST_PARAGRAPH) {
        texts.add(text);
        if (/\w\W+\w/.test(heading)) pairs.push([heading, text]);
        heading = '';
      }
    }
  }
  return { pairs, texts: [...texts] };
}

/** @param {string} pod */
const plainPod = (pod) =>
  pod
    .replace(/[A-Z]<+\s*([^<>]*?)\s*>+/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();

/** @param {string} file @returns {[string, string][]} titles of items and their first paragraphs */
function readItems(file) {
  const items = readFileSync(file, 'utf8')
    .split(/^=item /m)
    .slice(1);
  return items.flatMap((item) => {
    const [title, ...rest] = item.split(/\n\n+/);
    const text = plainPod(rest.find((paragraph) => !/^(\s|=)/.test(paragraph)) ?? '').replace(/^\([A-Z][^)]*\) ?/, '');
    const query = plainPod(title.split('\n')[0]);
    return query.length > 3 && text.length >= LEAST_PARAGRAPH ? [/** @type {[string, string]} */ ([query, text])] : [];
  });
}

/** @param {string} manual @returns {Half[]} what is learnt, and what is searched for */
function halvesOf(manual) {
  if (/\.pod$/.test(manual)) {
    const items = readItems(manual);
    const middle = Math.ceil(items.length / 2);
    return [items.slice(0, middle), items.slice(middle)].map((pairs) => ({
      pairs,
      texts: [...new Set(pairs.map(([, text]) => text))],
    }));
  }
  const files = readdirSync(manual)
    .filter((name) => /\.html$/.test(name))
    .sort()
    .map((name) => join(manual, name));
  return [0, 1].map((half) => readPages(files.filter((_, i) => i % 2 === half)));
}

/**
 * nDCG@10 of headings, whose own paragraphs are what is to be found.
 * @param {import('../../web/index.js').EmbeddingLayer} layer
 * @param {Half} half
 */
async function ndcg(layer, { pairs, texts }) {
  const index = await VectorIndex.create({ layer });
  index.add(texts.map((text, id) => ({ id, text })));
  const numbers = new Map(texts.map((text, id) => [text, id]));
  /** @type {Map<string, Set<number>>} */
  const relevant = new Map();
  for (const [query, text] of pairs) {
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

const [manual, rate = '0.005', epochs = '10', batchSize = '512'] = process.argv.slice(2);
const [known, unseen] = halvesOf(manual);
const layer = await loadMini({ dtype: 'f32' });
const began = process.cpuUsage();
const adapted = await adapt(
  layer,
  { pairs: known.pairs },
  { rate: Number(rate), epochs: Number(epochs), batchSize: Number(batchSize) },
);
const used = process.cpuUsage(began);
const seconds = (used.user + used.system) / 1e6;
console.log(
  `${known.pairs.length} pairs learnt in ${seconds.toFixed(1)} s of processor time; ${unseen.pairs.length} searched for among ${unseen.texts.length}`,
);
const before = await ndcg(layer, unseen);
const after = await ndcg(adapted, unseen);
console.log(`nDCG@10 ${before.toFixed(4)} → ${after.toFixed(4)} (${((after / before - 1) * 100).toFixed(1)} %)`);
console.log(`STS-B dev ${sts(layer).toFixed(4)} → ${sts(adapted).toFixed(4)}`);
