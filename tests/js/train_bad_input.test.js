// What every recipe of `wembed/train` does with what it cannot learn from: one test for each kind, over all recipes.
import {
  DivergedError,
  Matrix,
  adapt,
  distil,
  trainClassifier,
  trainTiedLM,
  trainWordVectors,
} from '../../web/train.js';
import { SENTENCES, TEXTS } from '../support/lessons.js';
import { EmbeddingLayer, errorOf, loadMini } from '../support/wembed.js';

const LINE = 'one two three four '.repeat(55_000);
/** @type {EmbeddingLayer} */
let layer;
beforeAll(async () => {
  layer = await (await loadMini({ dtype: 'f32' })).prune({ keep: 2000 });
});

const targets = (/** @type {number} */ rows) => new Matrix(new Float32Array(rows * 256).fill(0.1), rows, 256);
/** Each recipe with these texts; labels, targets and partners are made for them. */
const RECIPES = /** @type {Record<string, (texts: any, options?: any, own?: EmbeddingLayer) => Promise<any>>} */ ({
  trainWordVectors: (texts, options) => trainWordVectors(texts, { vectorSize: 4, minCount: 1, epochs: 1, ...options }),
  trainTiedLM: (texts, options) => trainTiedLM(texts, { vectorSize: 4, units: 3, minCount: 1, epochs: 1, ...options }),
  adapt: (texts, options, own = layer) =>
    adapt(
      own,
      { pairs: texts.map((/** @type {string} */ text) => [text, `${text} or so`]) },
      { epochs: 1, ...options },
    ),
  distil: (texts, options, own = layer) =>
    distil(own, { texts, targets: targets(texts.length) }, { epochs: 1, ...options }),
  trainClassifier: (texts, options, own = layer) => {
    const labels = texts.map((/** @type {string} */ _, /** @type {number} */ i) => i % 2);
    return trainClassifier(own, { texts, labels }, { table: true, epochs: 1, ...options });
  },
});
const NAMES = Object.keys(RECIPES);

/** What each recipe makes of good texts, as numbers. */
async function goodResults() {
  const all = [];
  for (const name of NAMES) {
    const made = await RECIPES[name](NAMES.indexOf(name) < 2 ? SENTENCES : TEXTS);
    const numbers = made.encode?.(TEXTS).data ?? made.scores?.(TEXTS).data ?? made.vectors?.(['king']).data;
    all.push([name, ...(numbers ?? made.save())]);
  }
  return all;
}
/** @type {unknown[]} */
let good;
beforeAll(async () => void (good = await goodResults()));
afterEach(async () => expect(await goodResults()).toEqual(good)); // whatever was refused: the same bits as before
const OF_WORDS = NAMES.slice(0, 2);
const OF_LAYERS = NAMES.slice(2);

test.each(NAMES)('%s: no texts', async (name) => {
  await errorOf(() => RECIPES[name]([]), 'invalid_argument');
});

test('one word: there is nothing to tell it from, but a language model has the end of the text', async () => {
  expect(await errorOf(() => RECIPES.trainWordVectors(['a a a']), 'invalid_argument')).toMatch("'a' is the only word");
  const model = await RECIPES.trainTiedLM(['a a a']);
  expect(await model.perplexity(['a'])).toBeGreaterThan(1);
});

test.each(OF_WORDS)('%s: minCount that leaves nothing', async (name) => {
  const refused = errorOf(() => RECIPES[name](SENTENCES, { minCount: 1000 }), 'invalid_argument');
  expect(await refused).toMatch('minCount 1000 leaves no word');
});

test.each(NAMES)('%s: a rate that is no number', async (name) => {
  const rate = name === 'trainWordVectors' ? 'alpha' : 'rate';
  for (const value of [NaN, -1, Infinity, '1']) {
    expect(await errorOf(() => RECIPES[name](SENTENCES, { [rate]: value }), 'invalid_argument')).toMatch(rate);
  }
});

test.each([
  ['trainWordVectors', { alpha: 1e6, epochs: 3 }],
  ['trainTiedLM', { rate: 1e20, epochs: 3, batchSize: 50 }],
  ['adapt', { rate: 3e38, epochs: 5, batchSize: 2 }],
  ['distil', { rate: 3e38, epochs: 5, batchSize: 2, loss: 'mse' }],
  ['trainClassifier', { rate: 3e38, epochs: 5, batchSize: 2 }],
])('%s: a loss that diverges ends with a clear error and what was good', async (name, options) => {
  const texts = OF_WORDS.includes(name) ? SENTENCES : TEXTS;
  const error = await RECIPES[name](texts, options).catch((/** @type {unknown} */ each) => each);
  expect(error).toBeInstanceOf(DivergedError);
  expect([error.code, error.reason]).toEqual(['invalid_argument', 'diverged']);
  expect(error.message).toMatch(
    /diverged in pass \d: (the loss is .*|a number is 1e9 or more)\. A lower (rate|alpha) than/,
  );
  const { lastGood } = error;
  const numbers = lastGood.encode?.('the king') ?? lastGood.get?.('king') ?? [await lastGood.perplexity(SENTENCES)];
  expect([...numbers].every(Number.isFinite)).toBe(true);
});

test.each(NAMES)('%s: aborted before and in the middle', async (name) => {
  await errorOf(() => RECIPES[name](SENTENCES, { signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  const options = { epochs: 500, signal: controller.signal, onProgress: () => controller.abort() };
  await errorOf(() => RECIPES[name](SENTENCES, options), 'aborted');
  await RECIPES[name](SENTENCES);
});

test.each(OF_LAYERS)('%s: rows of i8 and i4 say what to do', async (name) => {
  for (const dtype of /** @type {const} */ (['i8', 'i4'])) {
    const small = await EmbeddingLayer.from(await layer.save({ dtype: 'f32' }), { dtype });
    const refused = errorOf(() => RECIPES[name](SENTENCES, {}, small), 'unsupported');
    expect(await refused).toMatch(`rows of ${dtype} cannot learn: convert them first`);
  }
});

test('a window and a context larger than the text', async () => {
  expect((await RECIPES.trainWordVectors(['a b c'], { window: 1000 })).length).toBe(3);
  expect(await (await RECIPES.trainTiedLM(['a b c'], { context: 50 })).perplexity(['a b'])).toBeGreaterThan(1);
});

test.each(NAMES)('%s: lines of a megabyte', async (name) => {
  const small = name === 'trainTiedLM';
  const options = small ? { units: 0, context: 1, batchSize: 30_000 } : {};
  expect(await RECIPES[name](small ? [LINE] : [LINE, `${LINE} five`], options)).toBeDefined();
});

test('lists of unequal length', async () => {
  const pairs = /** @type {[string, string][]} */ ([['a king', 'rules'], ['a cat', 'sleeps']]); // prettier-ignore
  await errorOf(() => adapt(layer, { pairs, negatives: ['one'] }), 'shape_mismatch');
  await errorOf(
    () => adapt(layer, { pairs: [['a king', 'rules'], /** @type {any} */ (['a cat'])] }),
    'invalid_argument',
  );
  await errorOf(() => distil(layer, { texts: SENTENCES, targets: targets(3) }), 'shape_mismatch');
  await errorOf(() => trainClassifier(layer, { texts: SENTENCES, labels: [1, 2] }, { table: true }), 'shape_mismatch');
});

test('one label', async () => {
  for (const table of [false, true]) {
    const examples = { texts: SENTENCES, labels: SENTENCES.map(() => 'one') };
    expect(await errorOf(() => trainClassifier(layer, examples, { table }), 'invalid_argument')).toMatch('at least 2');
  }
});

test('labels and pairs that the caller changes at once are learnt as they were given', async () => {
  const texts = SENTENCES.slice(0, 6);
  const labels = () => [0, 1, 0, 1, 0, 1];
  const head = { texts, labels: labels() };
  const learning = trainClassifier(layer, head);
  head.labels.fill(1);
  const expected = await trainClassifier(layer, { texts, labels: labels() });
  expect((await learning).scores(texts).data).toEqual(expected.scores(texts).data);

  const pairs = () => [[0, 1], [2, 3]]; // prettier-ignore
  const options = { epochs: 1, lossWeight: 0, seed: 1 };
  const given = pairs();
  const moved = distil(layer, { texts, targets: targets(6), pairs: given }, options);
  given[0][1] = 5;
  const same = await distil(layer, { texts, targets: targets(6), pairs: pairs() }, options);
  expect((await moved).encode(texts).data).toEqual(same.encode(texts).data);
});

test.each(['adapt', 'distil', 'trainClassifier'])('%s: rows that a huge rate ruins are no result', async (name) => {
  const before = layer.encode(SENTENCES[0]);
  const error = await RECIPES[name](SENTENCES, { epochs: 3, rate: 1e20 }).catch((/** @type {unknown} */ e) => e);
  expect(error).toBeInstanceOf(DivergedError);
  expect(/** @type {any} */ (error).lastGood.encode(SENTENCES[0])).toEqual(before);
});
