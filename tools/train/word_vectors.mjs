// How good and how fast word vectors are, beside gensim's: `PYTHON=a python with gensim node tools/train/word_vectors.mjs [seeds]`.
//
// The texts are the lines of ../shared/data/corpora, split by `wordsOf`, for both; ten passes, all else by default (100
// numbers, window 5, 5 negative samples). WordSim-353 is Spearman's correlation over the pairs whose words are both learnt;
// the speed is in words of the text a second of processor time, of the passes alone, in turns.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WordVectorTrainer, wordsOf } from '../../web/train.js';
import { spearman } from '../mini/eval/measures.mjs';

const SHARED = process.env.WEMBED_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname;
const FILES = ['state_union', 'inaugural', 'genesis_kjv', 'shakespeare'];
const EPOCHS = 10;
const seeds = Number(process.argv[2] ?? 5);

const lines = FILES.flatMap((name) => readFileSync(join(SHARED, 'corpora', `${name}.txt`), 'utf8').split('\n'))
  .map(wordsOf)
  .filter((words) => words.length > 0);
const total = lines.reduce((sum, words) => sum + words.length, 0);
const pairs = readFileSync(join(SHARED, 'eval', 'wordsim353.tsv'), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'))
  .filter((parts) => parts.length >= 3 && Number.isFinite(Number(parts[2])) && parts[2] !== '')
  .map(([a, b, score]) => ({ a: a.toLowerCase(), b: b.toLowerCase(), score: Number(score) }));
const folder = mkdtempSync(join(tmpdir(), 'wembed-words-'));
const [texts, words] = ['texts', 'pairs'].map((name) => join(folder, name));
writeFileSync(texts, lines.map((each) => each.join(' ')).join('\n'));
writeFileSync(words, pairs.map(({ a, b }) => `${a} ${b}`).join('\n'));

/** @typedef {{ seconds: number, cosines: (number | null)[] }} Learnt */

/** @param {number} sg @param {number} seed @returns {Promise<Learnt>} */
async function ours(sg, seed) {
  const trainer = await WordVectorTrainer.create(lines, { sg: sg === 1, seed, epochs: EPOCHS });
  const began = process.cpuUsage();
  await trainer.train();
  const { user, system } = process.cpuUsage(began);
  const vectors = await trainer.wordVectors();
  trainer.dispose();
  const known = (/** @type {{ a: string, b: string }} */ { a, b }) => vectors.has(a) && vectors.has(b);
  const cosines = pairs.map((pair) => (known(pair) ? vectors.similarity(pair.a, pair.b) : null));
  vectors.dispose();
  return { seconds: (user + system) / 1e6, cosines };
}

/** @param {number} sg @param {number} seed @returns {Learnt} */
function gensims(sg, seed) {
  const script = fileURLToPath(new URL('gensim_vectors.py', import.meta.url));
  const command = [script, texts, words, String(sg), String(EPOCHS), String(seed)];
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const { stdout, stderr, status } = spawnSync(process.env.PYTHON ?? 'python3', command, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** @param {Learnt} learnt */
function quality({ cosines }) {
  const found = pairs.flatMap(({ score }, i) => (cosines[i] === null ? [] : [[Number(cosines[i]), score]]));
  return spearman(
    found.map(([cosine]) => cosine),
    found.map(([, score]) => score),
  );
}

/** @param {string} name @param {{ rho: number, speed: number }[]} runs */
function report(name, runs) {
  const all = runs.map(({ rho }) => rho);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, rho) => sum + (rho - mean) ** 2, 0) / Math.max(1, all.length - 1));
  const speeds = runs.map(({ speed }) => speed).sort((a, b) => a - b);
  const figures = [mean, deviation, Math.min(...all), Math.max(...all)].map((x) => x.toFixed(3));
  console.log(`| ${name} | ${figures.join(' | ')} | ${Math.round(speeds[speeds.length >> 1] / 1000)} |`);
}

console.log(`${total} words, ${pairs.length} pairs, seeds 1 to ${seeds}`);
console.log('| | mean | standard deviation | least | most | thousand words/s |\n| --- | --: | --: | --: | --: | --: |');
for (const [sg, kind] of /** @type {const} */ ([
  [1, 'skip-gram'],
  [0, 'CBOW'],
])) {
  // prettier-ignore
  /** @type {{ rho: number, speed: number }[][]} */
  const runs = [[], []];
  for (let seed = 1; seed <= seeds; seed++) {
    for (const [side, learnt] of [await ours(sg, seed), gensims(sg, seed)].entries()) {
      runs[side].push({ rho: quality(learnt), speed: (total * EPOCHS) / learnt.seconds });
    }
  }
  report(`${kind}, wembed`, runs[0]);
  report(`${kind}, gensim`, runs[1]);
}
rmSync(folder, { recursive: true });
