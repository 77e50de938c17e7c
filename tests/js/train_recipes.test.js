// adapt, distil, trainClassifier and trainTiedLM: what they learn, that they give ordinary layers, and what they refuse.
import {
  DivergedError,
  Matrix,
  TextClassifier,
  TiedLM,
  adapt,
  distil,
  trainClassifier,
  trainTiedLM,
  wordLayer,
} from '../../web/train.js';
import { EmbeddingLayer, WordVectors, errorOf, loadMini, readJson } from '../support/wembed.js';

/** scikit-learn's LogisticRegression of texts (tools/golden/learning.py). */
const golden = readJson('tests/golden/learning.json').texts;

/** Questions and answers with no word in common. @type {[string, string][]} */
const PAIRS = [
  ['umbrella weather', 'water falls from clouds'],
  ['pet whiskers', 'a cat purrs on the sofa'],
  ['oven flour', 'bread is baked for an hour'],
  ['engine wheels', 'a car drives on the road'],
  ['goal referee', 'football is played by two teams'],
  ['violin score', 'an orchestra plays a symphony'],
];

/** @type {EmbeddingLayer} */
let layer;
beforeAll(async () => {
  layer = await loadMini({ dtype: 'f32' });
});

/** How many questions have their own answer nearest. @param {EmbeddingLayer} model */
const found = (model) => {
  const scores = model.similarity(
    PAIRS.map(([question]) => question),
    PAIRS.map(([, answer]) => answer),
  );
  return PAIRS.filter((_, i) => scores.row(i).indexOf(Math.max(...scores.row(i))) === i).length;
};

describe('adapt', () => {
  test('questions find their answers afterwards; the layer that was given is as before', async () => {
    const before = layer.encode('umbrella weather');
    const own = layer.similarity('umbrella weather', 'water falls from clouds');
    const adapted = await adapt(layer, { pairs: PAIRS }, { epochs: 20, rate: 0.02, dims: [256, 64] });
    expect(found(adapted)).toBe(PAIRS.length);
    expect(adapted.similarity('umbrella weather', 'water falls from clouds')).toBeGreaterThan(Number(own) + 0.2);
    expect(adapted.encode('umbrella weather', { dimensions: 64 }).length).toBe(64);
    expect(layer.encode('umbrella weather')).toEqual(before);
    expect(adapted.similarity('snow', 'snow')).toBeCloseTo(1, 6);
    expect(adapted.encode('electricity')).toEqual(layer.encode('electricity')); // rows that were not used have not moved
    const again = await EmbeddingLayer.from(await adapted.save({ dtype: 'f16' }));
    expect(found(again)).toBe(PAIRS.length);
  });

  test('the same seed, the same bits; streams; progress', async () => {
    /** @type {any[]} */
    const seen = [];
    const options = { epochs: 2, batchSize: 2, rate: 0.01, seed: 4 };
    const first = await adapt(layer, { pairs: PAIRS }, { ...options, onProgress: (each) => seen.push(each) });
    const second = await adapt(layer, { pairs: (async function* () { yield* PAIRS; })() }, options); // prettier-ignore
    expect(second.encode('a cat')).toEqual(first.encode('a cat'));
    expect(seen.length).toBe(6);
    expect(seen.at(-1)).toMatchObject({ epoch: 2, epochs: 2, done: 12, total: 12 });
    const other = await adapt(layer, { pairs: PAIRS }, { ...options, seed: 5 });
    expect(other.encode('a cat')).not.toEqual(first.encode('a cat'));
  });

  test('negatives of one’s own move away', async () => {
    const wrong = 'a cat purrs on the sofa';
    const before = layer.similarity('umbrella weather', wrong);
    const negatives = PAIRS.map((_, i) => (i === 0 ? [wrong] : []));
    const adapted = await adapt(layer, { pairs: PAIRS, negatives }, { epochs: 10, rate: 0.02, batchSize: 1 });
    expect(adapted.similarity('umbrella weather', wrong)).toBeLessThan(Number(before));
  });

  test('wrong arguments', async () => {
    const mini = await loadMini();
    expect(await errorOf(() => adapt(mini, { pairs: PAIRS }), 'unsupported')).toMatch("{ dtype: 'f32' }");
    const bad = (/** @type {any} */ examples, /** @type {any} */ options, code = 'invalid_argument') =>
      errorOf(() => adapt(layer, examples, options), code);
    expect(await bad({ pairs: [['a', 'b', 'c']] })).toMatch('pairs[0] must be two texts');
    expect(await bad({ pairs: [['a', 'b'], ['a']] })).toMatch('pairs[1]');
    expect(await bad({ pairs: [] })).toMatch('at least 2');
    expect(await bad({ pairs: PAIRS, negatives: ['one'] }, {}, 'shape_mismatch')).toMatch('1 negatives for 6 pairs');
    expect(await bad({ pairs: PAIRS }, { rate: NaN })).toMatch('rate');
    expect(await bad({ pairs: PAIRS }, { rate: -1 })).toMatch('rate');
    expect(await bad({ pairs: PAIRS }, { dims: [0] })).toMatch('dims[0]');
    expect(await bad({ pairs: PAIRS }, { dims: [64], weights: [1, 2] }, 'shape_mismatch')).toMatch('2 weights');
    await errorOf(() => adapt(/** @type {any} */ ({}), { pairs: PAIRS }), 'invalid_argument');
    await bad({ pairs: PAIRS }, { signal: AbortSignal.abort() }, 'aborted');
  });

  test('a rate that is too high: the error has the last good layer', async () => {
    const error = await adapt(layer, { pairs: PAIRS }, { rate: 1e30, epochs: 5, batchSize: 3 }).catch((each) => each);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.lastGood).toBeInstanceOf(EmbeddingLayer);
    expect(error.lastGood.encode('a cat')).toEqual(layer.encode('a cat'));
  });
});

describe('distil', () => {
  const texts = PAIRS.flat();

  test.each(/** @type {const} */ (['cosine', 'mse']))('texts get the vectors they should have (%s)', async (loss) => {
    const goals = new Matrix(
      Float32Array.from({ length: texts.length * 256 }, (_, i) => Math.sin(i * i)),
      texts.length,
      256,
    );
    for (const row of goals) row.set(row.map((x) => x / Math.hypot(...row)));
    const cosine = (/** @type {EmbeddingLayer} */ model) =>
      texts.reduce((sum, text, i) => sum + Number(model.similarity(text, goals.row(i))) / texts.length, 0);
    expect(Math.abs(cosine(layer))).toBeLessThan(0.1);
    const taught = await distil(layer, { texts, targets: goals }, { loss, epochs: 30, rate: 0.1 });
    expect(cosine(taught)).toBeGreaterThan(0.9);
  });

  /** Vectors of another width, of which only the cosines count: even and odd texts are two heaps. */
  const heaps = () => {
    const numbers = Float32Array.from(
      { length: texts.length * 7 },
      (_, i) => Math.sin(i * i) / 3 + (Math.floor(i / 7) % 2),
    );
    return new Matrix(numbers, texts.length, 7);
  };
  const cosinesOf = (/** @type {Matrix} */ vectors) =>
    vectors.data &&
    Array.from({ length: vectors.rows ** 2 }, (_, at) => {
      const [a, b] = [vectors.row(Math.floor(at / vectors.rows)), vectors.row(at % vectors.rows)];
      return a.reduce((sum, x, k) => sum + x * b[k], 0) / Math.hypot(...a) / Math.hypot(...b);
    });
  const gap = (/** @type {EmbeddingLayer} */ model, dimensions = 256) => {
    const [found, wanted] = [cosinesOf(model.encode(texts, { dimensions })), cosinesOf(heaps())];
    return found.reduce((sum, x, i) => sum + (x - wanted[i]) ** 2, 0) / found.length;
  };

  test.each([
    ['squares', { similarityWeight: 10 }],
    ['divergence', { klWeight: 0.5, temperature: 0.2 }],
  ])(
    'cosines within a batch become those of targets of another width (%s), in fewer dimensions, too',
    async (_, loss) => {
      const options = { lossWeight: 0, ...loss, dims: [256, 16], warmup: 0.1, epochs: 40, batchSize: 12, rate: 0.02 };
      const taught = await distil(layer, { texts, targets: heaps() }, options);
      for (const dimensions of [256, 16]) expect(gap(taught, dimensions)).toBeLessThan(0.3 * gap(layer, dimensions));
    },
  );

  test('the divergence leaves out texts of few tokens; ids are taken as texts', async () => {
    const options = { lossWeight: 0, klWeight: 1, epochs: 2, batchSize: 12 };
    const same = await distil(layer, { texts, targets: heaps() }, { ...options, klMinTokens: 100 });
    expect(same.encode(texts).data).toEqual(layer.encode(texts).data);
    const ids = texts.map((text) => layer.tokenizer.encode(text, { addSpecialTokens: false }).ids);
    const both = await Promise.all(
      [texts, ids].map((each) => distil(layer, { texts: each, targets: heaps() }, options)),
    );
    expect(both[0].encode(texts).data).toEqual(both[1].encode(texts).data);
    expect(both[0].encode(texts).data).not.toEqual(layer.encode(texts).data);
  });

  test('pairs come together, but for texts that the targets have as near as the pair’s own', async () => {
    const pairs = PAIRS.map((_, i) => /** @type {[number, number]} */ ([2 * i, 2 * i + 1]));
    const unlike = new Matrix(new Float32Array(texts.length ** 2), texts.length, texts.length);
    texts.forEach((_, i) => (unlike.row(i)[i] = 1));
    pairs.forEach(([left, right]) => (unlike.row(left)[right] = 1));
    const options = { lossWeight: 0, epochs: 20, batchSize: 4, pairsBatchSize: 6, rate: 0.02 };
    const taught = await distil(layer, { texts, targets: unlike, pairs }, options);
    expect(found(taught)).toBe(PAIRS.length);
    // Where all targets are the same, no text is a negative of any: there is nothing to learn.
    const alike = new Matrix(new Float32Array(texts.length * 4).fill(1), texts.length, 4);
    const idle = await distil(layer, { texts, targets: alike, pairs }, options);
    expect(idle.encode(texts).data).toEqual(layer.encode(texts).data);
  });

  test('lazy: rows that no batch uses stay; if not, rows go on after the batch that used them', async () => {
    const options = { lossWeight: 0, similarityWeight: 1, epochs: 2, batchSize: 4 };
    const small = await layer.prune({ keep: 4000 });
    const lazy = await distil(small, { texts, targets: heaps() }, options);
    const eager = await distil(small, { texts, targets: heaps() }, { ...options, lazy: false });
    const unused = 'president government';
    for (const taught of [lazy, eager]) expect(taught.encode(unused)).toEqual(small.encode(unused));
    expect(small.encode(unused).every((x) => x !== 0)).toBe(true);
    expect(eager.encode(texts).data).not.toEqual(lazy.encode(texts).data);
  });

  test('groups: another order of the same texts', async () => {
    const targets = heaps();
    const options = { lossWeight: 0, similarityWeight: 1, epochs: 2, batchSize: 4, runLength: 2 };
    const groups = texts.map((_, i) => i % 2);
    const [one, again, none] = [
      await distil(layer, { texts, targets }, { ...options, groups }),
      await distil(layer, { texts, targets }, { ...options, groups: Uint32Array.from(groups) }),
      await distil(layer, { texts, targets }, options),
    ];
    expect(one.encode(texts).data).toEqual(again.encode(texts).data);
    expect(one.encode(texts).data).not.toEqual(none.encode(texts).data);
  });

  test('wrong arguments of the losses, pairs and groups', async () => {
    const targets = heaps();
    const bad = (/** @type {any} */ examples, /** @type {any} */ options, code = 'invalid_argument') =>
      errorOf(
        () => distil(layer, { texts, targets, ...examples }, { lossWeight: 0, epochs: 1, ...options }),
        /** @type {any} */ (code),
      );
    expect(await bad({}, { lossWeight: 1 }, 'shape_mismatch')).toMatch('12 × 7 targets for 12 texts and dim 256');
    expect(await bad({}, { klWeight: -1 })).toMatch('klWeight must be 0 or above');
    expect(await bad({}, { temperature: 0 })).toMatch('temperature');
    expect(await bad({}, { warmup: 1 })).toMatch('warmup');
    expect(await bad({}, { groups: [0] }, 'shape_mismatch')).toMatch('1 groups for 12 texts');
    expect(await bad({ pairs: [[0, 12], [0, 1]] })).toMatch('pairs[0][1]'); // prettier-ignore
    expect(await bad({ pairs: [[0]] })).toMatch('pairs[0] must be two places');
    expect(await bad({ pairs: [[0, 1]] })).toMatch('at least 2');
    expect(await bad({ texts: [Uint32Array.of(1e6)] }, {}, 'id_out_of_range')).toMatch('texts[0][0] is 1000000');
    expect(await bad({ texts: [7] })).toMatch('a string, or a Uint32Array of ids');
  });

  test('wrong arguments', async () => {
    const targets = new Matrix(new Float32Array(2 * 256), 2, 256);
    await errorOf(() => distil(layer, { texts: ['a'], targets }), 'shape_mismatch');
    await errorOf(
      () => distil(layer, { texts: ['a', 'b'], targets: new Matrix(new Float32Array(8), 2, 4) }),
      'shape_mismatch',
    );
    await errorOf(() => distil(layer, { texts: ['a', 'b'], targets: /** @type {any} */ ([]) }), 'invalid_argument');
    await errorOf(
      () => distil(layer, { texts: ['a', 'b'], targets }, { loss: /** @type {any} */ ('l1') }),
      'invalid_argument',
    );
    targets.data[3] = NaN;
    await errorOf(() => distil(layer, { texts: ['a', 'b'], targets }), 'invalid_argument');
  });
});

describe('trainClassifier', () => {
  const texts = ['rain and snow', 'sunshine', 'a storm', 'bread and butter', 'soup', 'a cake'];
  const labels = ['weather', 'weather', 'weather', 'food', 'food', 'food'];

  test('tells classes of texts that it has not seen', async () => {
    const classifier = await trainClassifier(layer, { texts: texts.values(), labels }, { C: 10 });
    expect(classifier).toBeInstanceOf(TextClassifier);
    expect(classifier.predict(['wind', 'cheese']).map(({ label }) => label)).toEqual(['weather', 'food']);
    expect(classifier.scores(['wind']).row(0)[0] + classifier.scores(['wind']).row(0)[1]).toBeCloseTo(1, 5);
    expect(classifier.classifier.labels).toEqual(['food', 'weather']);
  });

  test.each(/** @type {any[]} */ (golden.cases).map((one) => [`C ${one.C}, balanced ${one.balanced}`, one]))(
    "scikit-learn's accuracy within 0.5 points on texts that it has not seen (%s)",
    async (_, { C, balanced, accuracy, predicted }) => {
      const own = await wordLayer(await WordVectors.from(golden.words, golden.rows));
      const [known, unseen] = [golden.texts.slice(0, golden.learnt), golden.texts.slice(golden.learnt)];
      const examples = { texts: known, labels: golden.labels.slice(0, golden.learnt) };
      const found = (await trainClassifier(own, examples, { C, balanced })).predict(unseen);
      const right = found.filter(({ label }, i) => label === golden.labels[golden.learnt + i]).length;
      expect(Math.abs(right / unseen.length - accuracy)).toBeLessThanOrEqual(0.005);
      expect(accuracy).toBeGreaterThan(0.5);
      expect(found.filter(({ label }, i) => label !== predicted[i]).length).toBeLessThanOrEqual(1);
    },
  );

  test('with the table: classes that the layer’s vectors do not tell apart', async () => {
    const own = await wordLayer(await WordVectors.from(golden.words, golden.rows));
    const before = own.encode(golden.texts[0]);
    const [known, unseen] = [golden.texts.slice(0, golden.learnt), golden.texts.slice(golden.learnt)];
    const examples = { texts: known, labels: golden.labels.slice(0, golden.learnt) };
    const classifier = await trainClassifier(own, examples, { table: true, epochs: 10, rate: 0.02 });
    const right = classifier
      .predict(unseen)
      .filter(({ label }, i) => label === golden.labels[golden.learnt + i]).length;
    expect(right / unseen.length).toBeGreaterThan(golden.cases[0].accuracy + 0.05);
    expect(classifier.layer).not.toBe(own);
    expect(own.encode(golden.texts[0])).toEqual(before);
    const again = await EmbeddingLayer.from(await classifier.layer.save());
    expect(again.encode(unseen).data).toEqual(classifier.layer.encode(unseen).data);
    const { labels } = examples;
    const two = labels.map((/** @type {number} */ label) => (label ? 'other' : 'first'));
    const pair = await trainClassifier(own, { texts: known, labels: two }, { table: true, epochs: 2 });
    expect(pair.classifier.labels).toEqual(['first', 'other']);
    const refused = errorOf(() => trainClassifier(own, examples, { epochs: 3 }), 'invalid_argument');
    expect(await refused).toMatch('epochs is for passes over the rows: { table: true }');
    await errorOf(async () => trainClassifier(await loadMini(), { texts: ['a', 'b'], labels: [1, 2] }, { table: true }), 'unsupported'); // prettier-ignore
  });

  test('one label, unequal lengths, no texts', async () => {
    const refused = (/** @type {any} */ examples, code = 'invalid_argument') =>
      errorOf(() => trainClassifier(layer, examples), code);
    expect(await refused({ texts, labels: texts.map(() => 'one') })).toMatch('at least 2');
    expect(await refused({ texts, labels: ['a', 'b'] }, 'shape_mismatch')).toMatch('2 labels for 6');
    await refused({ texts: [], labels: [] });
    await refused({ texts: [1], labels: ['a'] });
  });
});

describe('trainTiedLM', () => {
  const TEXTS = Array.from({ length: 300 }, (_, i) => {
    const [who, does] = [
      ['king', 'rules'],
      ['cat', 'sleeps'],
      ['river', 'flows'],
    ][(i * 7) % 3];
    return `the ${['old', 'young'][i % 2]} ${who} ${does} again`;
  });

  test.each([0, 6])('predicts each word from those before it (%s words sampled)', async (sampled) => {
    const options = { vectorSize: 16, context: 4, minCount: 1, epochs: 6, batchSize: 32, sampled };
    /** @type {number[]} */
    const losses = [];
    const model = await trainTiedLM(TEXTS, { ...options, onProgress: ({ loss }) => losses.push(loss) });
    expect(model).toBeInstanceOf(TiedLM);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    // Two and three choices in a text of six words and its end: the best is 6^(1/6).
    const perplexity = await model.perplexity(TEXTS.slice(0, 60));
    expect(perplexity).toBeLessThan(1.5);
    expect(perplexity).toBeGreaterThan(6 ** (1 / 6) - 0.01);
    expect(model.generate('the old king', { temperature: 0 })).toEqual(['rules', 'again']);
    expect(model.generate('the', { seed: 2 })).toEqual(model.generate('the', { seed: 2 }));
    expect(await model.perplexity(['again the the flows'])).toBeGreaterThan(20);
    // Of this one a copy would have no room: it is refused at its first word.
    const endless = /** @type {any} */ (new Array(2 ** 32 - 1));
    expect(await errorOf(() => model.perplexity([endless]), 'invalid_argument')).toMatch('each word');
    const table = await model.toTable();
    expect([table.rows, table.dim]).toEqual([model.words.length, 16]);
    model.dispose();
    await errorOf(() => model.perplexity(['the']), 'disposed');
  });

  test('wrong arguments', async () => {
    await errorOf(() => trainTiedLM([], {}), 'invalid_argument');
    await errorOf(() => trainTiedLM(TEXTS, { context: 0 }), 'invalid_argument');
    await errorOf(() => trainTiedLM(TEXTS, { rate: 0 }), 'invalid_argument');
    await errorOf(() => trainTiedLM(TEXTS, { signal: AbortSignal.abort() }), 'aborted');
    const model = await trainTiedLM(['a b', 'b a'], { minCount: 1, vectorSize: 2, epochs: 1 });
    await errorOf(() => model.generate(/** @type {any} */ (3)), 'invalid_argument');
    await errorOf(() => model.generate('a', { temperature: -1 }), 'invalid_argument');
    await errorOf(() => model.perplexity([]), 'invalid_argument');
  });
});
