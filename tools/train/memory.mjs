// What training needs of memory: `node tools/train/memory.mjs`.
//
// Each recipe learns with tables of two sizes, whose rows are all used, each in a process of its own: what resident memory
// grows by, from before the recipe to its highest point while it learns and, in the second pair of columns, until its result
// is made (Linux' VmHWM, garbage that is not collected yet included). The difference of the two sizes says how many tables it
// holds (a table: rows × numbers × 4 bytes), what is left is for the batch, the texts and the engine.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Matrix, adapt, distil, trainTiedLM, trainWordVectors, wordLayer, WordVectors } from '../../web/train.js';

const DIM = 256;
const SIZES = [40_000, 120_000];
const PASSES = 3;

/** @param {number} rows */
async function layerOf(rows) {
  const words = Array.from({ length: rows }, (_, i) => `w${i}`);
  const numbers = Float32Array.from({ length: rows * DIM }, (_, i) => Math.sin(i * i));
  return wordLayer(await WordVectors.from(words, new Matrix(numbers, rows, DIM)));
}

/** Texts of eight words, which use every row. @param {number} rows */
const textsOf = (rows) =>
  Array.from({ length: rows / 8 }, (_, i) => Array.from({ length: 8 }, (_, k) => `w${8 * i + k}`).join(' '));

/** A corpus with each word five times. @param {number} rows */
function* everyWord(rows) {
  for (let n = 0; n < 5; n++) {
    for (let at = 0; at < rows; at += 20) {
      yield Array.from({ length: 20 }, (_, i) => `w${(at + i * (n + 1) * 7) % rows}`).join(' ');
    }
  }
}

/** What is learnt by each, and how many tables its numbers are: the rows, and what the optimiser keeps of them. */
const RECIPES = /** @type {Record<string, (rows: number) => Promise<(options: object) => Promise<unknown>>>} */ ({
  async adapt(rows) {
    const layer = await layerOf(rows);
    const texts = textsOf(rows);
    const pairs = texts.map((text, i) => /** @type {[string, string]} */ ([text, texts[(i + 1) % texts.length]]));
    return (options) => adapt(layer, { pairs }, { epochs: PASSES, batchSize: 128, rate: 0.001, ...options });
  },
  async distil(rows) {
    const layer = await layerOf(rows);
    const texts = textsOf(rows);
    const targets = layer.encode([...texts.slice(1), texts[0]]); // others than they have
    const losses = { similarityWeight: 10, klWeight: 0.5 };
    return (options) =>
      distil(layer, { texts, targets }, { epochs: PASSES, batchSize: 128, rate: 0.001, ...losses, ...options });
  },
  async trainWordVectors(rows) {
    const texts = () => everyWord(rows);
    const shape = { vectorSize: DIM, epochs: PASSES, negative: 2, window: 2, minCount: 1 };
    return (options) => trainWordVectors(texts, { ...shape, ...options });
  },
  async trainTiedLM(rows) {
    const texts = () => everyWord(rows);
    const shape = { vectorSize: DIM, units: 8, context: 2, sampled: 256, epochs: 1, batchSize: 2048, minCount: 1 };
    return (options) => trainTiedLM(texts, { ...shape, ...options });
  },
});

/** The most resident memory so far, in bytes: that of this process alone, which resourceUsage's is not. */
const peak = () => 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

/** The child: the growth in bytes, while it learns and to its end. @param {string} name @param {number} rows */
async function measure(name, rows) {
  const run = await RECIPES[name](rows);
  const collect = /** @type {() => void} */ (globalThis.gc);
  collect();
  const before = process.memoryUsage.rss();
  writeFileSync('/proc/self/clear_refs', '5'); // the most so far is what there is now
  let most = 0;
  let batches = 0;
  const onProgress = () => {
    if (batches++ % 4 === 0) collect(); // what is no longer used is not what training needs
    most = peak();
  };
  await run({ onProgress });
  return [most - before, peak() - before];
}

const [name, rows] = process.argv.slice(2);
if (name) console.log(JSON.stringify(await measure(name, Number(rows))));
else {
  console.log('| recipe | tables | and, in MB | tables, to the end | and, in MB |\n| --- | --: | --: | --: | --: |');
  for (const recipe of Object.keys(RECIPES)) {
    const sizes = SIZES.map((size) => {
      const command = ['--expose-gc', fileURLToPath(import.meta.url), recipe, String(size)];
      const { stdout, stderr, status } = spawnSync(process.execPath, command, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    });
    const cells = [0, 1].flatMap((i) => {
      const tables = (sizes[1][i] - sizes[0][i]) / ((SIZES[1] - SIZES[0]) * DIM * 4);
      return [tables.toFixed(1), ((sizes[0][i] - tables * SIZES[0] * DIM * 4) / 1e6).toFixed(0)];
    });
    console.log(`| \`${recipe}\` | ${cells.join(' | ')} |`);
  }
}
