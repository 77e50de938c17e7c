// Recipes that run in the worker of `wembed/worker`: the same bits as here, reports, checkpoints, stops and refusals.
import { createHash } from 'node:crypto';
import {
  DivergedError,
  Matrix,
  adapt,
  distil,
  trainClassifier,
  trainTiedLM,
  trainWordVectors,
} from '../../web/train.js';
import { createWorker } from '../../web/worker.js';
import { LABELS, PAIRS, SENTENCES, TEXTS } from '../support/lessons.js';
import { errorOf, loadMini } from '../support/wembed.js';

const PASSES = { epochs: 2, batchSize: 3 };

/** @type {Awaited<ReturnType<typeof createWorker>>} */
let worker;
/** @type {import('../../web/index.js').EmbeddingLayer} */
let layer;
/** @type {Matrix} */
let targets;
beforeAll(async () => {
  worker = await createWorker({ env: { variant: /** @type {any} */ (process.env.WEMBED_VARIANT) } });
  layer = await (await loadMini({ dtype: 'f32' })).prune({ keep: 2000 });
  const numbers = Float32Array.from({ length: TEXTS.length * layer.dim }, (_, i) => Math.sin(i * i));
  targets = new Matrix(numbers, TEXTS.length, layer.dim);
});
afterAll(() => worker.dispose());

const hash = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');
const letters = (/** @type {string} */ text) => [...text];
/** @type {Record<string, { run: (options: any) => Promise<any>, bits: (made: any) => ArrayLike<number> }>} */
const RECIPES = {
  trainWordVectors: {
    run: (options) =>
      trainWordVectors(SENTENCES.values(), { vectorSize: 6, minCount: 1, epochs: 2, dtype: 'f16', ...options }),
    bits: (made) => [...made.vectors(made.indexToKey).data, ...Buffer.from(made.table.dtype)],
  },
  'trainWordVectors of letters': {
    run: (options) => trainWordVectors(SENTENCES, { vectorSize: 6, minCount: 1, tokenize: letters, ...options }),
    bits: (made) => [...made.vectors(made.indexToKey).data, ...Buffer.from(made.indexToKey.join(''))],
  },
  adapt: {
    run: (options) => adapt(layer, { pairs: (async function* () { yield* PAIRS; })() }, { ...PASSES, rate: 0.02, ...options }), // prettier-ignore
    bits: (made) => made.encode(TEXTS).data,
  },
  'adapt with negatives': {
    run: (options) => adapt(layer, { pairs: PAIRS, negatives: PAIRS.map(() => ['soup']) }, { ...PASSES, ...options }),
    bits: (made) => made.encode(TEXTS).data,
  },
  distil: {
    run: (options) => distil(layer, { texts: () => TEXTS, targets }, { ...PASSES, loss: 'mse', ...options }),
    bits: (made) => made.encode(TEXTS).data,
  },
  'distil with pairs, groups and ids': {
    run: (options) =>
      distil(
        layer,
        { texts: [Uint32Array.of(5, 6), ...TEXTS.slice(1)], targets, pairs: [[0, 1], [2, 3]] }, // prettier-ignore
        { ...PASSES, klWeight: 1, groups: TEXTS.map((_, i) => i % 2), ...options },
      ),
    bits: (made) => made.encode(TEXTS).data,
  },
  trainClassifier: {
    run: (options) => trainClassifier(layer, { texts: TEXTS, labels: LABELS }, { C: 3, ...options }),
    bits: (made) => made.scores(TEXTS).data,
  },
  'trainClassifier with the table': {
    run: (options) => trainClassifier(layer, { texts: TEXTS, labels: LABELS }, { ...PASSES, table: true, ...options }),
    bits: (made) => made.scores(TEXTS).data,
  },
  'trainTiedLM of letters': {
    run: (options) =>
      trainTiedLM(SENTENCES, {
        ...PASSES,
        batchSize: 500,
        vectorSize: 4,
        units: 3,
        minCount: 1,
        tokenize: letters,
        ...options,
      }),
    bits: (made) => [...made.save(), ...Buffer.from(made.generate('the', { seed: 2 }).join())],
  },
};

describe.each(Object.entries(RECIPES))('%s', (name, { run, bits }) => {
  test('gives the same bits in the worker, with the same reports and checkpoints', async () => {
    const collect = async (/** @type {object} */ options) => {
      const [reports, checkpoints] = [/** @type {number[][]} */ ([]), /** @type {Uint8Array[]} */ ([])];
      const made = await run({
        ...options,
        onProgress: (/** @type {any} */ { done, loss }) => reports.push([done, loss]),
        ...(name !== 'trainClassifier' && { onCheckpoint: (/** @type {Uint8Array} */ each) => checkpoints.push(each) }),
      });
      return { bits: [...bits(made)], reports, checkpoints, hashes: checkpoints.map(hash) };
    };
    const { checkpoints, ...there } = await collect({ worker });
    const { checkpoints: _, ...here } = await collect({});
    expect(there).toEqual(here);
    expect(there.reports.length).toBeGreaterThan(1);
    for (const resume of checkpoints) expect([...bits(await run({ worker, resume }))]).toEqual(there.bits);
  });
});

test('a worker answers meanwhile, and a stop ends what it learns', async () => {
  const controller = new AbortController();
  /** @type {string[]} */
  const order = [];
  const options = { worker, epochs: 100_000, signal: controller.signal };
  const learning = errorOf(() => adapt(layer, { pairs: PAIRS }, options), 'aborted').then(() => order.push('stopped'));
  await worker.encode('a text').then(() => order.push('answered'));
  controller.abort();
  await learning;
  expect(order).toEqual(['answered', 'stopped']);
  expect((await worker.encode('a text')).length).toBe(256);
  await errorOf(() => adapt(layer, { pairs: PAIRS }, { ...options, signal: AbortSignal.abort() }), 'aborted');
});

test('what goes astray there comes back with the last good result', async () => {
  const error = await adapt(layer, { pairs: PAIRS }, { worker, rate: 3e38, epochs: 5, batchSize: 2 }).catch(
    (each) => each,
  );
  expect(error).toBeInstanceOf(DivergedError);
  expect(error.message).toMatch('training diverged in pass');
  expect(error.lastGood.encode('a cat')).toEqual(layer.encode('a cat'));
  const words = await trainWordVectors(SENTENCES, { worker, minCount: 1, alpha: 1e6, vectorSize: 4 }).catch(
    (each) => each,
  );
  expect(words).toBeInstanceOf(DivergedError);
  expect(words.lastGood.has('king')).toBe(true);
  const model = await trainTiedLM(SENTENCES, { worker, minCount: 1, rate: 1e20, vectorSize: 4 }).catch((each) => each);
  expect(model).toBeInstanceOf(DivergedError);
  expect(model.lastGood.words).toContain('king');
});

test('what it refuses there is what it refuses here', async () => {
  const bad = (/** @type {any} */ examples, /** @type {any} */ options, code = 'invalid_argument') =>
    errorOf(() => adapt(layer, examples, { worker, ...options }), code);
  expect(await bad({ pairs: [['a', 'b', 'c']] })).toMatch('pairs[0] must be two texts');
  expect(await bad({ pairs: PAIRS, negatives: ['one'] }, {}, 'shape_mismatch')).toMatch('1 negatives for 6 pairs');
  expect(await bad({ pairs: 5 })).toMatch('pairs must be an array');
  expect(await bad({ pairs: PAIRS }, { rate: NaN })).toMatch('rate');
  expect(await bad({ pairs: PAIRS }, { worker: {} })).toMatch('worker must be what createWorker gives');
  await bad({ pairs: [() => {}] });
  const small = await loadMini();
  expect(await errorOf(() => adapt(small, { pairs: PAIRS }, { worker }), 'unsupported')).toMatch('convert them first');
  await errorOf(() => trainWordVectors([], { worker }), 'invalid_argument');
  await errorOf(() => trainClassifier(layer, { texts: ['a'], labels: ['a', 'b'] }, { worker }), 'shape_mismatch');
  const thrown = new Error('of a caller');
  const texts = (function* () { yield 'a b'; throw thrown; })(); // prettier-ignore
  await expect(trainWordVectors(texts, { worker, minCount: 1 })).rejects.toBe(thrown);
  const cried = trainWordVectors(SENTENCES, { worker, minCount: 1, onProgress: () => { throw thrown; } }); // prettier-ignore
  await expect(cried).rejects.toBe(thrown);
});
