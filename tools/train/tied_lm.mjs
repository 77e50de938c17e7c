// How well `trainTiedLM` predicts: `node tools/train/tied_lm.mjs [option=number …]`, such as epochs=2 or units=0, and every=4
// for every fourth line alone.
//
// The texts are the lines of ../shared/data/corpora; every tenth is held out. Both models have the same words (those that
// occur five times in the other lines, and <unk>) and predict the same tokens, all words and ends of the lines held out.
// The bigram model is P(w | v) = λ₂ c(v, w) / c(v) + λ₁ c(w) / n + λ₀ / words, whose weights depend on c(v) (Jelinek and
// Mercer 1980) and are found by EM on a twentieth of the lines learnt from; and that of Kneser and Ney (1995), interpolated,
// whose discount is the best one for the lines held out.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildVocabulary, trainTiedLM, wordsOf } from '../../web/train.js';

const SHARED = process.env.WEMBED_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname;
const FILES = ['genesis_kjv', 'inaugural', 'shakespeare', 'state_union'];

const { every = 1, ...options } = Object.fromEntries(
  process.argv.slice(2).map((each) => [each.split('=')[0], Number(each.split('=')[1])]),
);
const lines = FILES.flatMap((name) => readFileSync(join(SHARED, 'corpora', `${name}.txt`), 'utf8').split('\n'))
  .map(wordsOf)
  .filter((words) => words.length > 0)
  .filter((_, i) => i % every === 0);
const known = lines.filter((_, i) => i % 10 !== 9);
const unseen = lines.filter((_, i) => i % 10 === 9);

const { words } = await buildVocabulary(known, { minCount: 5 });
const numbers = new Map(words.map((word, id) => [word, id]));
const size = words.length + 2;
const end = size - 1;
const idsOf = (/** @type {string[]} */ line) => [...line.map((word) => numbers.get(word) ?? end - 1), end];

/** @param {string[][]} some lines @param {(before: number, word: number) => void} each */
function forPairs(some, each) {
  for (const line of some) {
    let before = end;
    for (const id of idsOf(line)) {
      each(before, id);
      before = id;
    }
  }
}

/** @param {string[][]} some lines */
function countsOf(some) {
  const [single, context, follow, precede] = Array.from({ length: 4 }, () => new Float64Array(size));
  /** @type {Map<number, number>} */
  const pairs = new Map();
  let total = 0;
  forPairs(some, (before, word) => {
    const key = before * size + word;
    const seen = pairs.get(key) ?? 0;
    if (!seen) [follow[before], precede[word]] = [follow[before] + 1, precede[word] + 1];
    pairs.set(key, seen + 1);
    single[word]++;
    context[before]++;
    total++;
  });
  const pair = (/** @type {number} */ before, /** @type {number} */ word) => pairs.get(before * size + word) ?? 0;
  return { single, context, follow, precede, pair, total, different: pairs.size };
}

/** @param {(before: number, word: number) => number} chance */
function perplexityOf(chance) {
  let [sum, n] = [0, 0];
  forPairs(unseen, (before, word) => {
    sum -= Math.log(chance(before, word));
    n++;
  });
  return { perplexity: Math.exp(sum / n), tokens: n };
}

/** Contexts that occur about as often share their weights. @param {number} count */
const binOf = (count) => Math.min(9, Math.floor(Math.log2(count + 1) / 1.5));

/** @param {ReturnType<typeof countsOf>} counts @param {number} before @param {number} word */
const terms = ({ single, context, pair, total }, before, word) => [
  1 / size,
  single[word] / total,
  context[before] ? pair(before, word) / context[before] : 0,
];

function jelinekMercer() {
  const part = countsOf(known.filter((_, i) => i % 20 !== 0));
  const tuning = known.filter((_, i) => i % 20 === 0);
  let weights = Array.from({ length: 10 }, () => [1 / 3, 1 / 3, 1 / 3]);
  for (let round = 0; round < 30; round++) {
    const sums = weights.map(() => [1e-9, 1e-9, 1e-9]);
    forPairs(tuning, (before, word) => {
      const bin = binOf(part.context[before]);
      const shares = terms(part, before, word).map((term, k) => term * weights[bin][k]);
      const all = shares.reduce((a, b) => a + b, 0);
      shares.forEach((share, k) => (sums[bin][k] += share / all));
    });
    weights = sums.map((sum) => sum.map((x) => x / sum.reduce((a, b) => a + b, 0)));
  }
  const counts = countsOf(known);
  return perplexityOf((before, word) => {
    const own = weights[binOf(counts.context[before])];
    return terms(counts, before, word).reduce((sum, term, k) => sum + own[k] * term, 0);
  });
}

function kneserNey() {
  const { context, follow, precede, pair, different } = countsOf(known);
  const kinds = precede.reduce((sum, n) => sum + Number(n > 0), 0);
  const all = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85].map((discount) =>
    perplexityOf((before, word) => {
      const alone = Math.max(precede[word] - discount, 0) / different + (discount * kinds) / different / size;
      if (!context[before]) return alone;
      const own = Math.max(pair(before, word) - discount, 0) / context[before];
      return own + ((discount * follow[before]) / context[before]) * alone;
    }),
  );
  return all.reduce((a, b) => (a.perplexity < b.perplexity ? a : b));
}

const interpolated = jelinekMercer();
console.log(`${known.length} lines learnt, ${unseen.length} held out (${interpolated.tokens} tokens), ${size} words`);
console.log(
  `bigram, interpolated: ${interpolated.perplexity.toFixed(1)}; Kneser-Ney: ${kneserNey().perplexity.toFixed(1)}`,
);

const cpu = process.cpuUsage();
const seconds = () => (({ user, system }) => (user + system) / 1e6)(process.cpuUsage(cpu));
let [sum, batches, epoch] = [0, 0, 0];
const model = await trainTiedLM(known, {
  ...options,
  minCount: 5,
  onProgress: (progress) => {
    [sum, batches] = [sum + progress.loss, batches + 1];
    if (progress.epoch === epoch) return;
    console.log(`pass ${(epoch = progress.epoch)}: loss ${(sum / batches).toFixed(3)}, ${seconds().toFixed(0)} s`);
    [sum, batches] = [0, 0];
  },
});
console.log(`learnt in ${seconds().toFixed(0)} s of processor time`);
const perplexity = await model.perplexity(unseen);
const below = (1 - perplexity / interpolated.perplexity) * 100;
console.log(`perplexity ${perplexity.toFixed(1)}: ${below.toFixed(1)} % below the interpolated bigram model`);
for (const prompt of ['the people of', 'and god said', 'my lord']) {
  console.log(`${prompt}: ${model.generate(prompt, { seed: 3, temperature: 0.7 }).join(' ')}`);
}
if (process.env.WEMBED_KEEP) writeFileSync(process.env.WEMBED_KEEP, model.save());
