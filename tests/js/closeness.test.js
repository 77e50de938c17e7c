// How near to each other a text has the words of a query, and what that adds to the scores of a search.
import { loadMini } from '../support/wembed.js';
import { Closeness } from '../../web/search/closeness.js';
import { Keywords } from '../../web/search/keywords.js';
import { VectorIndex } from '../../web/search.js';

/** @param {string[]} texts */
function keywordsOf(texts) {
  const keywords = new Keywords({ k1: 1.2, b: 0.75 });
  for (const text of texts) keywords.add(text);
  return keywords;
}

test('1 ÷ the least distance, half of that in the other order, 0 beyond five words', () => {
  const keywords = keywordsOf(['red apple pie', 'red', 'apple', 'pie pie', 'other']);
  const closeness = new Closeness(keywords, 'Red Apples');
  expect(closeness.hasPairs).toBe(true);
  expect(closeness.of('a red apple')).toBe(1);
  expect(closeness.of('red, and also apple')).toBeCloseTo(1 / 3, 12); // words that are left out keep their place
  expect(closeness.of('apples red')).toBe(0.5);
  expect(closeness.of('apple pie, red pie red apple')).toBe(1);
  expect(closeness.of('red 1 2 3 4 apple')).toBeCloseTo(1 / 5, 12);
  expect(closeness.of('red 1 2 3 4 5 apple')).toBe(0);
  expect(closeness.of('red')).toBe(0);
  expect(closeness.of('')).toBe(0);
});

test('rare words count more; unknown ones and those that are left out are passed over', () => {
  const keywords = keywordsOf(['red apple pie', 'red', 'red', 'other pie', 'other', 'more']);
  const [red, apple, pie] = [3, 1, 2].map((n) => Math.log(1 + (6 - n + 0.5) / (n + 0.5)));
  const closeness = new Closeness(keywords, 'the red unheardof apple of pie');
  const weights = [Math.min(red, apple), Math.min(apple, pie)];
  expect(closeness.of('red apple')).toBeCloseTo(weights[0] / (weights[0] + weights[1]), 12);
  expect(closeness.of('pie apple')).toBeCloseTo((0.5 * weights[1]) / (weights[0] + weights[1]), 12);
  for (const query of ['', 'red', 'the of', 'red unheardof']) {
    expect(new Closeness(keywords, query).hasPairs).toBe(false);
  }
  expect(new Closeness(keywords, 'red red').of('red and red')).toBe(1 / 2);
});

describe('a search', () => {
  const texts = ['The green house stands by a red door', 'A red house with a door that is green', 'Nothing else'];

  test('scores: cosine, BM25 and nearness, as the docs say; the rest of more than a hundred come after', async () => {
    const layer = await loadMini();
    const index = await VectorIndex.create({ layer });
    index.add(texts.map((text, id) => ({ id, text })));
    const query = 'green house';
    const keywords = keywordsOf(texts);
    const { most } = keywords.query(query);
    const closeness = new Closeness(keywords, query);
    const hits = index.search(query);
    for (const { id, score } of hits) {
      const { cosine = 0, bm25 = 0 } = index.explain(id, query);
      const expected = 0.3 * cosine + (0.56 * bm25) / most + 0.14 * closeness.of(texts[Number(id)]);
      expect(score).toBeCloseTo(expected, 6);
    }
    expect(hits[0].id).toBe(0);
    const weighted = index.search(query, { hybrid: { method: 'auto', weight: 1 } });
    const [best] = weighted;
    expect(best.score).toBeCloseTo(Number(index.explain(best.id, query).cosine), 6);
    index.add(Array.from({ length: 300 }, (_, i) => ({ id: 100 + i, text: `green number ${i} of some house` })));
    const all = index.search(query, { topK: Infinity });
    expect(all.length).toBe(303);
    for (let i = 1; i < all.length; i++) expect(all[i].score).toBeLessThanOrEqual(all[i - 1].score);
    expect(index.search(query, { topK: 20 })).toEqual(all.slice(0, 20));
    expect(index.search(query, { filter: [2, 5, 350] }).map(({ id }) => id)).toEqual([350, 2]);
    index.dispose();
  });

  test('passages are read where they stand; an index without texts does without', async () => {
    const layer = await loadMini();
    const filler = 'Filler sentence here. '.repeat(20);
    const index = await VectorIndex.create({ layer, passages: { maxLength: 80, overlap: 0 } });
    const item = (/** @type {string} */ sentence) => `${filler}${sentence} ${filler}`;
    index.add([
      { id: 1, text: item('The house of a friend is old and green.') },
      { id: 2, text: item('The green house of a friend is old and.') },
    ]);
    const hits = index.search('green house');
    expect(hits.map(({ id }) => id)).toEqual([2, 1]);
    expect(hits[0].score - hits[1].score).toBeCloseTo(0.14, 2); // the second has them too far apart
    index.dispose();
    const bare = await VectorIndex.create({ layer, texts: false });
    bare.add(texts.map((text, id) => ({ id, text })));
    const { most } = keywordsOf(texts).query('green house');
    const [keyword] = bare.search('green house', { hybrid: 'keywords' });
    const cosine = bare.search('green house', { hybrid: 'vectors' }).find(({ id }) => id === keyword.id)?.score ?? 0;
    const found = bare.search('green house').find(({ id }) => id === keyword.id);
    expect(found?.score).toBeCloseTo(0.3 * cosine + (0.7 * keyword.score) / most, 6);
    bare.dispose();
  });
});
