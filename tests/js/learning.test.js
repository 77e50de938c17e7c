// Duplicates, classes and principal components: equal to scikit-learn and sentence-transformers (tools/golden/learning.py).
import { Matrix, errorOf, loadMini, readJson } from '../support/wembed.js';
import { Classifier, PrincipalComponents, classify, duplicateEmbeddings, duplicates, pca } from '../../web/util.js';

const golden = readJson('tests/golden/learning.json');
/** @param {number[]} numbers @param {number} dim */
const matrix = (numbers, dim) => new Matrix(Float32Array.from(numbers), numbers.length / dim, dim);
/** @param {ArrayLike<number>} found @param {number[]} expected @param {number} [tolerance] of the largest */
function expectClose(found, expected, tolerance = 1e-6) {
  expect(found.length).toBe(expected.length);
  const most = tolerance * Math.max(...expected.map(Math.abs), 1e-3);
  expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(most));
}

test.each(/** @type {any[]} */ (golden.pca).map((one) => [`${one.n} × ${one.dim} → ${one.components}`, one]))(
  "pca of %s: scikit-learn's axes, signs and variances",
  (_, one) => {
    const x = matrix(one.x, one.dim);
    const found = pca(x, { components: one.components });
    expect(found).toBeInstanceOf(PrincipalComponents);
    expect(found.components.shape).toEqual([one.components, one.dim]);
    expectClose(found.components.data, one.axes.flat());
    expectClose(found.mean, one.mean);
    expectClose(found.explainedVariance, one.variance);
    expectClose(found.explainedVarianceRatio, one.ratio);
    const points = found.transform(x);
    expect(points.shape).toEqual([one.n, one.components]);
    expectClose(points.data, one.points.flat(), 2e-6);
  },
);

test('pca where vectors do not differ: axes of length 1, perpendicular, without variance', () => {
  for (const x of [matrix([1, 2, 3, 1, 2, 3], 3), matrix([0, 0, 0, 2, 2, 0, 4, 4, 0], 3)]) {
    const { components, explainedVariance, explainedVarianceRatio } = pca(x, { components: x.rows });
    for (let i = 0; i < x.rows; i++) {
      for (let j = 0; j <= i; j++) {
        const dot = components.row(i).reduce((sum, value, d) => sum + value * components.row(j)[d], 0);
        expect(dot).toBeCloseTo(Number(i === j), 6);
      }
    }
    expect(explainedVariance.at(-1)).toBeCloseTo(0, 10);
    expect(explainedVarianceRatio.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

test.each(/** @type {any[]} */ (golden.logistic).map((one, i) => [i, one]))(
  "logistic regression %i: scikit-learn's weights and probabilities",
  (_, one) => {
    const classifier = Classifier.fit(matrix(one.x, one.dim), one.labels, { C: one.C, balanced: one.balanced });
    expectClose(classifier.toJSON().weights, one.weights.flat(), 1e-6);
    const asked = matrix(one.asked, one.dim);
    expectClose(classifier.scores(asked).data, one.probabilities.flat());
    expect(classifier.predict(asked).map(({ label }) => label)).toEqual(one.predicted);
    const again = Classifier.from(JSON.parse(JSON.stringify(classifier)));
    expect(again.scores(asked).data).toEqual(classifier.scores(asked).data);
    expect([again.labels, again.dim]).toEqual([classifier.labels, one.dim]);
  },
);

test('centroids: the cosines with the means', () => {
  const { x, dim, labels, asked, cosines } = golden.centroids;
  const classifier = Classifier.fit(matrix(x, dim), labels, { method: 'centroids' });
  expect(classifier.labels).toEqual(['class 0', 'class 1', 'class 2']);
  expectClose(classifier.scores(matrix(asked, dim)).data, cosines.flat());
  const again = Classifier.from(JSON.parse(JSON.stringify(classifier)));
  expect(again.predict(matrix(asked, dim))).toEqual(classifier.predict(matrix(asked, dim)));
  expect(classifier.scores(new Float32Array(dim)).data).toEqual(new Float32Array(3));
});

test.each(/** @type {any[]} */ (golden.duplicates.cases).map((one) => [one.threshold, one]))(
  'duplicates above %d: each is like one that was kept before',
  async (threshold, { kept, duplicates: repeated }) => {
    const { data, dim } = golden.duplicates;
    const found = await duplicateEmbeddings(matrix(data, dim), { threshold });
    expect(found.kept).toEqual(kept);
    expect(found.duplicates.map(({ index, of }) => [index, of])).toEqual(
      repeated.map((/** @type {number[]} */ [index, of]) => [index, of]),
    );
    expectClose(
      found.duplicates.map(({ score }) => score),
      repeated.map((/** @type {number[]} */ [, , score]) => score),
    );
  },
);

describe('texts', () => {
  test('duplicates: near, equal, and equal without any known word', async () => {
    const layer = await loadMini();
    const near = ['How do I water a cactus?', 'Stocks fell on Monday', 'how do I water a cactus'];
    const { kept, duplicates: repeated } = await duplicates(layer, [...near, '', near[0], '', near[2]]);
    expect(kept).toEqual([0, 1, 3]);
    expect(repeated.map(({ index, of }) => [index, of])).toEqual([
      [2, 0],
      [4, 0],
      [5, 3],
      [6, 0],
    ]);
    expect(repeated[1].score).toBe(1);
    expect(repeated[0].score).toBeGreaterThan(0.9);
    expect(await duplicates(layer, [])).toEqual({ kept: [], duplicates: [] });
  });

  test('classify: a class from three examples each', async () => {
    const layer = await loadMini();
    const food = ['a soup of lentils', 'bread with cheese', 'roast the potatoes'];
    const money = ['the bank raised its interest', 'shares and bonds', 'pay the tax on income'];
    const examples = [
      ...food.map((text) => ({ text, label: 'food' })),
      ...money.map((text) => ({ text, label: 'money' })),
    ];
    const texts = ['boil rice with onions', 'a loan of the bank'];
    for (const method of /** @type {const} */ (['logistic', 'centroids'])) {
      const found = classify(layer, examples, texts, { method });
      expect(found.map(({ label }) => label)).toEqual(['food', 'money']);
    }
    expect(classify(layer, examples, [])).toEqual([]);
  });
});

test('bad input', async () => {
  const x = matrix([1, 0, 0, 1], 2);
  /** @type {[() => unknown, string][]} */
  const calls = [
    [() => Classifier.fit(x, ['a']), 'shape_mismatch'],
    [() => Classifier.fit(x, ['a', 'a']), 'invalid_argument'],
    [() => Classifier.fit(x, /** @type {any} */ (['a', null])), 'invalid_argument'],
    [() => Classifier.fit(x, /** @type {any} */ ('ab')), 'invalid_argument'],
    [() => Classifier.fit(x, ['a', 'b'], { C: 0 }), 'invalid_argument'],
    [() => Classifier.fit(x, ['a', 'b'], /** @type {any} */ ({ method: 'svm' })), 'invalid_argument'],
    [() => Classifier.fit(x, ['a', 'b'], /** @type {any} */ ({ c: 1 })), 'invalid_argument'],
    [() => Classifier.fit(matrix([NaN, 0, 0, 1], 2), ['a', 'b']), 'invalid_argument'],
    [() => Classifier.fit(matrix([0, 0, 0, 1], 2), ['a', 'b'], { method: 'centroids' }), 'invalid_argument'],
    [() => Classifier.fit(x, ['a', 'b']).predict([1, 2, 3]), 'shape_mismatch'],
    [() => Classifier.fit(x, ['a', 'b']).predict([1, Infinity]), 'invalid_argument'],
    [() => new /** @type {any} */ (Classifier)(), 'invalid_argument'],
    [() => Classifier.from(/** @type {any} */ ({})), 'invalid_argument'],
    [() => Classifier.from({ method: 'logistic', labels: [1, 2], dim: 2, weights: [1, 2] }), 'invalid_argument'],
    [() => Classifier.from({ method: 'logistic', labels: [1, 2], dim: 1, weights: [1, NaN] }), 'invalid_argument'],
    [() => pca([1, 2, 3]), 'invalid_argument'],
    [() => pca(x, { components: 3 }), 'invalid_argument'],
    [() => pca(x, { components: 0 }), 'invalid_argument'],
    [() => pca(matrix([1, NaN, 2, 3], 2)), 'invalid_argument'],
    [() => pca(x).transform([1]), 'shape_mismatch'],
    [() => duplicateEmbeddings(x, { threshold: NaN }), 'invalid_argument'],
    [() => duplicateEmbeddings(matrix([NaN, 0], 1)), 'invalid_argument'],
    [() => duplicates(/** @type {any} */ ({}), ['a']), 'invalid_argument'],
    [() => classify(/** @type {any} */ (undefined), [], []), 'invalid_argument'],
  ];
  for (const [call, code] of calls) await errorOf(async () => call(), code);
  const layer = await loadMini();
  await errorOf(() => duplicates(layer, /** @type {any} */ (['a', 1])), 'invalid_argument');
  await errorOf(async () => classify(layer, /** @type {any} */ ([{ text: 1 }]), []), 'invalid_argument');
});
