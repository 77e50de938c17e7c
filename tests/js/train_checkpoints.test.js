// What every recipe does while it learns: checkpoints that go on to the same bits, stops, reports.
import { Matrix, TiedLM, adapt, distil, trainClassifier, trainTiedLM } from '../../web/train.js';
import { LABELS, PAIRS, SENTENCES, TEXTS } from '../support/lessons.js';
import { errorOf, loadMini } from '../support/wembed.js';

/** @type {import('../../web/index.js').EmbeddingLayer} */
let layer;
/** @type {Matrix} */
let targets;
beforeAll(async () => {
  const large = await loadMini({ dtype: 'f32' });
  layer = await large.prune({ keep: 2000 });
  const numbers = Float32Array.from({ length: TEXTS.length * layer.dim }, (_, i) => Math.sin(i * i));
  targets = new Matrix(numbers, TEXTS.length, layer.dim);
});

const PASSES = { epochs: 3, batchSize: 2, seed: 5 };
/** @type {Record<string, { run: (options: any) => Promise<any>, bits: (made: any) => ArrayLike<number>, others: object }>} */
const RECIPES = {
  adapt: {
    run: (options) => adapt(layer, { pairs: PAIRS }, { ...PASSES, rate: 0.02, ...options }),
    bits: (made) => made.encode(TEXTS).data,
    others: { scale: 10 },
  },
  distil: {
    run: (options) => distil(layer, { texts: TEXTS, targets }, { ...PASSES, rate: 0.05, ...options }),
    bits: (made) => made.encode(TEXTS).data,
    others: { loss: 'mse' },
  },
  'distil with all losses': {
    run: (options) => {
      const given = { similarityWeight: 1, klWeight: 1, groups: TEXTS.map((_, i) => i % 2), runLength: 2, warmup: 0.3 };
      return distil(layer, { texts: TEXTS, targets, pairs: [[0, 1], [2, 3]] }, { ...PASSES, ...given, ...options }); // prettier-ignore
    },
    bits: (made) => made.encode(TEXTS).data,
    others: { klWeight: 0.5 },
  },
  trainClassifier: {
    run: (options) => trainClassifier(layer, { texts: TEXTS, labels: LABELS }, { ...PASSES, table: true, ...options }),
    bits: (made) => made.scores(TEXTS).data,
    others: { rate: 0.1 },
  },
  trainTiedLM: {
    run: (options) =>
      trainTiedLM(SENTENCES, {
        ...PASSES,
        batchSize: 50,
        vectorSize: 6,
        units: 5,
        context: 2,
        minCount: 1,
        sampled: 3,
        ...options,
      }),
    bits: (made) => made.save(),
    others: { units: 4 },
  },
};

describe.each(Object.entries(RECIPES))('%s', (_, { run, bits, others }) => {
  test('goes on from a checkpoint after each pass to the same bits', async () => {
    /** @type {Uint8Array[]} */
    const kept = [];
    const whole = bits(await run({ onCheckpoint: (/** @type {Uint8Array} */ bytes) => kept.push(bytes) }));
    expect(kept.length).toBe(3);
    for (const resume of kept) expect(bits(await run({ resume }))).toEqual(whole);
    expect(bits(await run({ seed: 6 }))).not.toEqual(whole);
    expect(await errorOf(() => run({ resume: kept[0], seed: 6 }), 'invalid_argument')).toMatch('seed is 6, but was 5');
    await errorOf(() => run({ resume: kept[0], ...others }), 'invalid_argument');
    for (const end of [0, 7, 100, kept[0].length - 5]) {
      await errorOf(() => run({ resume: kept[0].slice(0, end) }), 'bad_file');
    }
    await errorOf(() => run({ resume: 'a file' }), 'invalid_argument');
  });

  test('reports after each batch; stops in the middle, and the next run is as the first', async () => {
    /** @type {any[]} */
    const seen = [];
    await run({ onProgress: (/** @type {any} */ each) => seen.push(each) });
    const last = seen.at(-1);
    expect(last.done).toBeLessThanOrEqual(last.total);
    for (const { loss, perSecond, secondsLeft } of seen) {
      expect([Number.isFinite(loss), perSecond > 0, secondsLeft >= 0]).toEqual([true, true, true]);
    }
    const controller = new AbortController();
    const stopped = run({ signal: controller.signal, onProgress: () => controller.abort() });
    await errorOf(() => stopped, 'aborted');
    const thrown = new Error('of a caller');
    await expect(run({ onProgress: () => { throw thrown; } })).rejects.toBe(thrown); // prettier-ignore
    expect(bits(await run({}))).toEqual(bits(await run({})));
  });
});

test('a checkpoint of one recipe is refused by another', async () => {
  /** @type {Uint8Array[]} */
  const kept = [];
  await RECIPES.distil.run({ onCheckpoint: (/** @type {Uint8Array} */ bytes) => kept.push(bytes) });
  expect(await errorOf(() => RECIPES.adapt.run({ resume: kept[0] }), 'bad_file')).toMatch('but of distilling');
  await errorOf(() => TiedLM.from(kept[0]), 'bad_file');
});

describe('a tied language model as a file', () => {
  test('says the same; a damaged file is refused', async () => {
    const model = await trainTiedLM(SENTENCES, { epochs: 1, vectorSize: 4, units: 3, context: 2, minCount: 1 });
    const bytes = model.save();
    const again = await TiedLM.from(bytes);
    expect(again.words).toEqual(model.words);
    expect(await again.perplexity(SENTENCES)).toBe(await model.perplexity(SENTENCES));
    expect(again.generate('the', { seed: 3 })).toEqual(model.generate('the', { seed: 3 }));
    expect(again.save()).toEqual(bytes);
    for (const end of [0, 9, 200, bytes.length - 1]) await errorOf(() => TiedLM.from(bytes.slice(0, end)), 'bad_file');
    const text = new TextDecoder('latin1').decode(bytes);
    for (const [from, to] of [
      ['"units":3', '"units":9'],
      ['"context":2', '"context":0'],
      ['"words":[', '"wards":['],
    ]) {
      // prettier-ignore
      const changed = Uint8Array.from(text.replace(from, to), (letter) => letter.charCodeAt(0));
      await errorOf(() => TiedLM.from(changed), 'bad_file');
    }
    await errorOf(() => TiedLM.from(/** @type {any} */ (null)), 'invalid_argument');
  });
});

test('a checkpoint whose bytes are others in any place, foreign, newer or longer is refused; the next call is as before', async () => {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const kept = [];
  const { run, bits } = RECIPES.trainTiedLM;
  const whole = bits(await run({ onCheckpoint: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => kept.push(bytes) }));
  const [file] = kept;
  const table = 32 + 24 * new DataView(file.buffer).getUint32(12, true); // head and table; then sections, with zeros between
  for (let at = 0; at < file.length; at += at < table + 16 ? 1 : 61) {
    const changed = file.slice();
    changed[at] ^= 1 << (at % 8);
    const error = await run({ resume: changed }).catch((/** @type {any} */ each) => each);
    const between = !error.code && bits(error); // a zero that only makes a section's address a multiple of 16
    if (between) expect(between).toEqual(whole);
    else if (at >= 8 && at < 12) expect([error.code, error.reason]).toEqual(['unsupported', 'newer']);
    else expect([at, error.code, /^(foreign|truncated|corrupted)$/.test(error.reason)]).toEqual([at, 'bad_file', true]);
  }
  const twice = Uint8Array.from([...file, ...file]);
  expect(await errorOf(() => run({ resume: twice }), 'bad_file')).toMatch('more in it than one');
  await errorOf(() => run({ resume: new TextEncoder().encode('{"what": "something else"}'.repeat(9)) }), 'bad_file');
  expect(bits(await run({ resume: file.buffer }))).toEqual(whole);
  const shifted = new Uint8Array(file.length + 1);
  shifted.set(file, 1);
  expect(bits(await run({ resume: shifted.subarray(1) }))).toEqual(whole);
});

describe('targets that a caller changes', () => {
  const examples = () => ({ texts: TEXTS, targets: new Matrix(targets.data.slice(), targets.rows, targets.dim) });
  test.each([
    ['at once', (/** @type {Matrix} */ { data }) => data.fill(1)],
    ['one number', (/** @type {Matrix} */ { data }) => (data[300] += 1e-3)],
    [
      'a row negated',
      (/** @type {Matrix} */ { data }) => data.subarray(256, 512).forEach((x, i, all) => (all[i] = -x)),
    ],
    ['to what is no number', (/** @type {Matrix} */ { data }) => (data[0] = NaN)],
    ['its memory gone', (/** @type {Matrix} */ { data }) => structuredClone(data.buffer, { transfer: [data.buffer] })],
  ])('%s: refused, whether before the first step or after it', async (_, change) => {
    const options = { ...PASSES, batchSize: 7 };
    for (const early of [true, false]) {
      const given = examples();
      const onProgress = () => void (early || change(given.targets));
      const learning = distil(layer, given, { ...options, onProgress });
      if (early) change(given.targets);
      expect(await errorOf(() => learning, 'invalid_argument')).toMatch('targets were changed');
    }
    const { run, bits } = RECIPES.distil;
    expect(bits(await run({}))).toEqual(bits(await run({})));
  });
});
