// Equal to gensim's KeyedVectors (tools/golden/word_queries.py).
import { WordVectors, errorOf, loadMini, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/word_queries.json');
/** @type {WordVectors} */
let words;
beforeAll(async () => {
  words = await WordVectors.from(golden.keys, Float32Array.from(golden.data));
});
afterAll(() => words.dispose());

const close = (/** @type {ArrayLike<number>} */ found, /** @type {number[]} */ expected) => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(2e-6));
};
const row = (/** @type {number} */ i) => Float32Array.from(golden.data.slice(i * golden.dim, (i + 1) * golden.dim));
const camel = (/** @type {Record<string, unknown>} */ options) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );

test('distances, rank, closerThan', async () => {
  for (const [key, expected] of golden.distances) close(words.distances(key), expected);
  close(
    words.distances(
      row(3).map((value) => 2 * value),
      ['boy', 'girl'],
    ),
    golden.distancesOf,
  );
  close([words.distance('king', 'Rome')], [golden.distance]);
  for (const [a, b, keys, rank] of golden.closerThan) {
    expect([words.closerThan(a, b), words.rank(a, b)]).toEqual([keys, rank]);
  }
  await errorOf(() => words.rank('king', 'unheard'), 'not_found');
  await errorOf(() => words.distances('unheard'), 'not_found');
  await errorOf(() => words.distances([1, 2]), 'shape_mismatch');
});

test('means', async () => {
  for (const [options, expected] of golden.means) close(words.getMeanVector(golden.meanKeys, camel(options)), expected);
  for (const [a, b, expected] of golden.nSimilarity) close([words.nSimilarity(a, b)], [expected]);
  const many = Array.from({ length: 200_000 }, (_, i) => golden.keys[i % golden.keys.length]);
  const once = words.getMeanVector(golden.keys.slice(0, 46));
  expect(many.length % 46).not.toBe(0);
  expect(words.getMeanVector(many).every((value, i) => Math.abs(value - once[i]) < 1e-3)).toBe(true);
  await errorOf(() => words.getMeanVector(['king', 'unheard'], { ignoreMissing: false }), 'not_found');
  await errorOf(() => words.getMeanVector([]), 'invalid_argument');
  await errorOf(() => words.getMeanVector(['king'], { weights: [1, 2] }), 'shape_mismatch');
  await errorOf(() => words.nSimilarity(['king'], []), 'invalid_argument');
});

test('similarByVector, similarByKey, vectorsForAll', async () => {
  const check = (/** @type {{ key: string, score: number }[]} */ found, /** @type {[string, number][]} */ expected) => {
    expect(found.map(({ key }) => key)).toEqual(expected.map(([key]) => key));
    close(
      found.map(({ score }) => score),
      expected.map(([, score]) => score),
    );
  };
  check(
    words.similarByVector(
      row(5).map((value) => 3 * value),
      { topn: 6 },
    ),
    golden.similarByVector,
  );
  check(words.similarByKey('Paris', { topn: 6 }), golden.similarByKey);
  const some = await words.vectorsForAll(['w4', 'unheard', 'king', 'w4']);
  const [keys, numbers] = golden.vectorsForAll;
  expect(some.indexToKey).toEqual(keys);
  close(some.vectors(keys).data, numbers);
  some.dispose();
  await errorOf(() => words.vectorsForAll(/** @type {any} */ (5)), 'invalid_argument');
});

test.each(golden.evaluated)('evaluateWordAnalogies and evaluateWordPairs: %j', async (given, expected) => {
  const options = camel(given);
  const { score, sections } = await words.evaluateWordAnalogies(golden.analogies, options);
  expect(sections).toEqual(expected.sections);
  expect(score).toBeCloseTo(expected.score, 12);
  const { pearson, spearman, oov } = await words.evaluateWordPairs(golden.pairs, options);
  close([pearson, spearman, oov], [expected.pearson, expected.spearman, expected.oov]);
});

test('evaluations refuse what is no list', async () => {
  await errorOf(() => words.evaluateWordAnalogies('king queen man woman'), 'bad_file');
  await errorOf(() => words.evaluateWordPairs('king\tqueen'), 'bad_file');
  await errorOf(() => words.evaluateWordPairs(/** @type {any} */ (5)), 'invalid_argument');
});

test("a layer's tokens answer them too", async () => {
  const layer = await loadMini();
  const tokens = await layer.wordVectors();
  expect(tokens.rank('king', 'queen')).toBeLessThan(tokens.rank('king', 'banana'));
  tokens.dispose();
  layer.dispose();
});

test('a key that is not there: the error names one that is spelt nearly the same', async () => {
  const few = await WordVectors.from(['king', 'Rome', 'été'], new Float32Array(6).fill(1));
  const message = (/** @type {any} */ key) => errorOf(() => few.get(key), 'not_found');
  for (const odd of ['kingg', 'King', 'kng', 'kin', 'kbng', 'KING', 'knig'])
    expect(await message(odd)).toMatch("did you mean 'king'?");
  expect(await message('rome')).toMatch("did you mean 'Rome'?");
  expect(await message('été ')).toMatch("did you mean 'été'?");
  for (const odd of ['xyzxyz', '', 'k', 'k'.repeat(1000), 5]) expect(await message(odd)).not.toMatch('did you mean');
  few.dispose();
});
