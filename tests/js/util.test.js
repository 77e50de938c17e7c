// Equal to sentence-transformers' util (tools/golden/util.py).
import { Matrix, errorOf, loadMini, readJson } from '../support/wembed.js';
import * as util from '../../web/util.js';

const golden = readJson('tests/golden/util.json');
const { n, dim } = golden;
const data = new Matrix(Float32Array.from(golden.data), n, dim);
const queries = new Matrix(Float32Array.from(golden.queries), 3, dim);
const firstThree = new Matrix(data.data.slice(0, 3 * dim), 3, dim);
const close = (/** @type {ArrayLike<number>} */ found, /** @type {number[]} */ expected) => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
};

test('cosines and dot products', () => {
  for (const name of /** @type {const} */ (['cosSim', 'dotScore'])) {
    const scores = util[name](queries, data);
    expect(scores.shape).toEqual([3, n]);
    close(scores.data, golden[name].flat());
  }
  for (const name of /** @type {const} */ (['pairwiseCosSim', 'pairwiseDotScore'])) {
    close(util[name](firstThree, queries), golden[name]);
  }
  close(util.truncateDim(data, 5).data, golden.truncateDim.flat());
  expect(util.cosSim([1, 0], [0, 2]).data).toEqual(Float32Array.of(0));
  expect(util.cosSim(queries.toArray(), data.toArray()).data).toEqual(util.cosSim(queries, data).data);
});

test.each(/** @type {const} */ (['int8', 'uint8', 'binary', 'ubinary']))('quantizeEmbeddings: %s', (precision) => {
  const calibration = new Matrix(Float32Array.from(golden.calibration), golden.calibration.length / dim, dim);
  const [own, calibrated] = golden.quantizeEmbeddings[precision];
  expect([...util.quantizeEmbeddings(data, precision)]).toEqual(own);
  expect([...util.quantizeEmbeddings(data, precision, { calibration })]).toEqual(calibrated);
});

test('semanticSearch', async () => {
  const found = await util.semanticSearch(queries, data, { topK: 7 });
  for (const [i, hits] of found.entries()) {
    close(
      hits.map(({ score }) => score),
      golden.semanticSearch[i].map((/** @type {[number, number]} */ [, score]) => score),
    );
    // Rows 20 and 21 are equal.
    const same = (/** @type {number} */ id) => (id === 21 ? 20 : id);
    expect(hits.map(({ corpusId }) => same(corpusId))).toEqual(
      golden.semanticSearch[i].map((/** @type {[number, number]} */ [id]) => same(id)),
    );
  }
});

test('paraphraseMining: each pair once, the most alike first', async () => {
  const found = await util.paraphraseMiningEmbeddings(data, { topK: 5, maxPairs: 60 });
  const key = (/** @type {number[]} */ [, i, j]) => `${Math.min(i, j)} ${Math.max(i, j)}`;
  close(
    found.map(([score]) => score),
    golden.paraphraseMining.map((/** @type {number[]} */ [score]) => score),
  );
  expect(new Set(found.map(key)).size).toBe(60);
  const known = new Set(golden.paraphraseMining.map(key));
  expect(found.filter((pair) => known.has(key(pair))).length).toBeGreaterThanOrEqual(59); // the last may be one of equals
  const layer = await loadMini();
  const [[, i, j]] = await util.paraphraseMining(layer, ['a cat', 'stock market', 'the cat']);
  expect([i, j]).toEqual([0, 2]);
  layer.dispose();
});

test.each(golden.communityDetection)(
  'communityDetection: $threshold, $minCommunitySize',
  async ({ groups, ...options }) => {
    const found = await util.communityDetection(data, options);
    const sorted = (/** @type {number[][]} */ each) => each.map((group) => [...group].sort((a, b) => a - b));
    expect(sorted(found)).toEqual(sorted(groups));
  },
);

test('what is refused', async () => {
  await errorOf(() => util.cosSim(data, [1, 2]), 'shape_mismatch');
  await errorOf(() => util.pairwiseCosSim(data, queries), 'shape_mismatch');
  await errorOf(() => util.quantizeEmbeddings(data, /** @type {any} */ ('int4')), 'invalid_argument');
  await errorOf(() => util.quantizeEmbeddings([NaN, 1], 'int8'), 'invalid_argument');
  await errorOf(() => util.semanticSearch([1, 2], [1, 2, 3]), 'shape_mismatch');
  await errorOf(() => util.semanticSearch([Infinity, 2], [1, 2]), 'invalid_argument');
  await errorOf(() => util.semanticSearch([1, 2], [1, 2], { topk: 1 }), 'invalid_argument');
  await errorOf(() => util.communityDetection(/** @type {any} */ ('texts')), 'invalid_argument');
  await errorOf(() => util.paraphraseMining(/** @type {any} */ ({}), ['a']), 'invalid_argument');
});
