// VectorIndex: exact search by vectors and by keywords, against definitions in float64 (tools/golden/search.py).
import { fused } from '../../web/search/fusion.js';
import { splitPassages } from '../../web/search/passages.js';
import { stemEnglish } from '../../web/search/porter.js';
import { Words } from '../../web/search/words.js';
import { randomFrom } from '../support/api_fuzz.js';
import { safetensors, smallModel, smallTable } from '../support/models.js';
import { EmbeddingLayer, EmbeddingTable, Matrix, VectorIndex, errorOf, loadMini, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/search.json');
const { rows, dim } = golden.vectors;
const DATA = Float32Array.from(golden.vectors.data);
const QUERIES = new Matrix(Float32Array.from(golden.vectors.queries), 3, dim);
const vector = (/** @type {number} */ i) => DATA.slice(i * dim, (i + 1) * dim);

/** @type {import('../../web/index.js').EmbeddingLayer} */
let layer;
beforeAll(async () => {
  layer = await loadMini();
});
afterAll(() => layer.dispose());

/** @param {Partial<import('../../web/search.js').IndexOptions>} [options] */
async function vectorIndex(options) {
  const index = await VectorIndex.create({ dim, ...options });
  index.add(Array.from({ length: rows }, (_, id) => ({ id, vector: vector(id) })));
  return index;
}

const fail = () => {
  throw new Error('asked');
};

/** @param {number[]} scores @returns {number[]} rows, the best first, equals in order */
const order = (scores) => [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);

describe('vectors', () => {
  test.each([
    ['cosine', 'cosines'],
    ['dot', 'dots'],
  ])('f32, %s: the scores and the order of float64', async (metric, key) => {
    const index = await vectorIndex({ metric: /** @type {'dot'} */ (metric) });
    for (const [i, query] of [...QUERIES].entries()) {
      const hits = index.search(query, { topK: rows });
      const expected = golden.vectors[key][i];
      expect(hits.length).toBe(rows);
      for (const { id, score } of hits)
        expect(Math.abs(score - expected[/** @type {number} */ (id)])).toBeLessThan(4e-6);
      // Where two scores of float64 are equal, f32 may tell them apart: rows 3, 11 and 40 point the same way.
      const rounded = expected.map((/** @type {number} */ score) => Number(score.toFixed(5)));
      expect(hits.map(({ score }) => Number(score.toFixed(5)))).toEqual(
        order(rounded).map((id) => expect.closeTo(rounded[id], 4)),
      );
    }
    const many = index.searchMany(QUERIES, { topK: 5 });
    expect(many.map((hits) => hits.map(({ id }) => id))).toEqual(
      [...QUERIES].map((query) => index.search(query, { topK: 5 }).map(({ id }) => id)),
    );
    index.dispose();
  });

  test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']))(
    '%s: the cosine with the stored row, which is as near as the dtype is',
    async (dtype) => {
      const index = await vectorIndex({ dtype });
      const bound = { f32: 1e-6, f16: 1e-3, bf16: 8e-3, i8: 1e-2, i4: 0.15 }[dtype];
      for (const [i, query] of [...QUERIES].entries()) {
        const norm = Math.hypot(...query);
        for (const { id, score } of index.search(query, { topK: rows })) {
          const stored = index.get(id).vectors.row(0);
          const dot = stored.reduce((sum, value, d) => sum + value * query[d], 0);
          expect(Math.abs(score - dot / norm / Math.hypot(...stored))).toBeLessThan(
            2e-2 * Number(/i/.test(dtype)) + 2e-6,
          );
          expect(Math.abs(score - golden.vectors.cosines[i][/** @type {number} */ (id)])).toBeLessThan(bound);
        }
      }
      index.dispose();
    },
  );

  test('equal scores stand in the order of ids: numbers, then strings', async () => {
    const index = await VectorIndex.create({ dim: 2 });
    const ids = ['b', 10, 'a', 2, 'B', -1, '10', 2.5];
    index.add(ids.map((id) => ({ id, vector: [1, 2] })));
    const sorted = [-1, 2, 2.5, 10, '10', 'B', 'a', 'b'];
    for (let topK = 0; topK <= 9; topK++) {
      expect(index.search([2, 1], { topK }).map(({ id }) => id)).toEqual(sorted.slice(0, topK));
    }
    index.dispose();
  });

  test('more rows than a table of the core takes: each is scored, wherever it is', async () => {
    const n = 40_000;
    const index = await VectorIndex.create({ dim: 3, metric: 'dot' });
    const value = (/** @type {number} */ i) => (i * 7919) % n; // each once
    for (let first = 0; first < n; first += 1234) {
      const items = Array.from({ length: Math.min(1234, n - first) }, (_, i) => ({
        id: first + i,
        vector: [value(first + i), 1, 0],
      }));
      index.add(items);
    }
    const hits = index.search([1, 0, 0], { topK: n });
    expect(hits.every(({ id, score }, i) => score === n - 1 - i && value(Number(id)) === score)).toBe(true);
    const filtered = index.search([1, 0, 0], { topK: 3, filter: ({ id }) => Number(id) < 100 });
    const best = Array.from({ length: 100 }, (_, i) => value(i)).sort((a, b) => b - a);
    expect(filtered.map(({ score }) => score)).toEqual(best.slice(0, 3));
    index.dispose();
  });
});

describe('changes', () => {
  test('many steps of adding, updating and removing: an index that was made anew gives the same', async () => {
    const options = { dim: 4, dtype: /** @type {const} */ ('i8') };
    const index = await VectorIndex.create(options);
    /** @type {Map<number, { id: number, vector: number[], text: string, meta: number }>} */
    const model = new Map();
    let seed = 5;
    const random = (/** @type {number} */ n) => (seed = (Math.imul(seed, 48271) >>> 0) % 2147483647) % n;
    const words = 'alpha beta gamma delta epsilon zeta'.split(' ');
    const item = (/** @type {number} */ id) => ({
      ...{ id, meta: random(99) },
      vector: Array.from({ length: 4 }, () => random(200) - 99.5),
      text: Array.from({ length: random(6) }, () => words[random(6)]).join(' '),
    });
    for (let step = 0; step < 60; step++) {
      const fresh = Array.from({ length: random(200) }, (_, i) => item(1000 * step + i));
      index.add(fresh);
      fresh.forEach((one) => model.set(one.id, one));
      const ids = [...model.keys()];
      const changed = ids.filter(() => random(9) === 0).map(item);
      index.update(changed);
      changed.forEach((one) => model.set(one.id, one));
      const gone = ids.filter(() => random(5) === 0);
      index.remove(gone);
      gone.forEach((id) => model.delete(id));
      expect(index.length).toBe(model.size);
    }
    expect(index.describe().rows).toBeLessThan(model.size + Math.max(1024, model.size / 2));
    const anew = await VectorIndex.create(options);
    anew.add([...model.values()]);
    const query = { text: 'beta zeta beta', vector: [1, -2, 3, 0.5] };
    for (const hybrid of /** @type {const} */ (['auto', 'rrf', 'convex', 'vectors', 'keywords'])) {
      const [a, b] = [index, anew].map((each) => each.search(query, { topK: 50, hybrid }));
      if (hybrid === 'rrf') continue; // ranks of equal scores go by rows
      expect(a).toEqual(b);
      expect(a.length).toBe(50);
    }
    index.dispose();
    anew.dispose();
  });

  test('what is refused changes nothing', async () => {
    const index = await VectorIndex.create({ dim: 2 });
    index.add([{ id: 1, vector: [1, 0], text: 'one', meta: { a: 1 } }]);
    const before = JSON.stringify([index.describe(), index.search({ text: 'one', vector: [1, 1] })]);
    /** @type {[any[], string][]} */
    const bad = [
      [
        [
          { id: 2, vector: [0, 1] },
          { id: 1, vector: [0, 1] },
        ],
        'invalid_argument',
      ],
      [
        [
          { id: 2, vector: [0, 1] },
          { id: 2, vector: [0, 1] },
        ],
        'invalid_argument',
      ],
      [[{ id: 2, vector: [0, 0] }], 'invalid_argument'],
      [[{ id: 2, vector: [0, NaN] }], 'invalid_argument'],
      [[{ id: 2, vector: [0, Infinity] }], 'invalid_argument'],
      [[{ id: 2, vector: [1, 2, 3] }], 'shape_mismatch'],
      [[{ id: 2, vector: [] }], 'shape_mismatch'],
      [[{ id: 2, text: 'a text alone' }], 'invalid_argument'],
      [[{ id: NaN, vector: [0, 1] }], 'invalid_argument'],
      [[{ vector: [0, 1] }], 'invalid_argument'],
      [[{ id: 2, vector: [0, 1], txt: 'misspelt' }], 'invalid_argument'],
      [[{ id: 2, vector: [0, 1], text: 5 }], 'invalid_argument'],
      [[7], 'invalid_argument'],
      [/** @type {any} */ (7), 'invalid_argument'],
    ];
    for (const [items, code] of bad) await errorOf(() => index.add(items), code);
    await errorOf(() => index.update([{ id: 3, vector: [1, 1] }]), 'not_found');
    await errorOf(() => index.remove([1, 3]), 'not_found');
    await errorOf(() => index.get(9), 'not_found');
    await errorOf(() => index.search([0, 0]), 'invalid_argument');
    await errorOf(() => index.search([1, NaN]), 'invalid_argument');
    await errorOf(() => index.search([1, 2, 3]), 'shape_mismatch');
    await errorOf(() => index.search('a', { topk: 3 }), 'invalid_argument');
    await errorOf(() => index.search([1, 2], { topK: -1 }), 'invalid_argument');
    await errorOf(() => index.search([1, 2], { hybrid: 'keywords' }), 'invalid_argument');
    await errorOf(() => index.search('one', { hybrid: 'vectors' }), 'invalid_argument');
    await errorOf(() => index.search([1, 2], { hybrid: /** @type {any} */ ('best') }), 'invalid_argument');
    expect(JSON.stringify([index.describe(), index.search({ text: 'one', vector: [1, 1] })])).toBe(before);
    index.remove(1);
    await errorOf(() => index.remove(1), 'not_found');
    expect(index.search([1, 2])).toEqual([]);
    index.dispose();
    index.dispose();
    await errorOf(() => index.search([1, 2]), 'disposed');
  });

  test('a function of the caller may look but not change; what it throws comes out as it is', async () => {
    const index = await VectorIndex.create({ dim: 2 });
    index.add([
      { id: 1, vector: [1, 0] },
      { id: 2, vector: [1, 1] },
    ]);
    let inside;
    const hits = index.search([1, 0], { filter: ({ id }) => ((inside = index.search([0, 1])), id === 2) });
    expect([hits.map(({ id }) => id), inside?.map(({ id }) => id)]).toEqual([[2], [2, 1]]);
    for (const change of [() => index.remove(1), () => index.dispose(), () => index.add([])]) {
      await errorOf(() => index.search([1, 0], { filter: () => (change(), true) }), 'invalid_argument');
    }
    const own = new RangeError('mine');
    expect(() =>
      index.search([1, 0], {
        filter: () => {
          throw own;
        },
      }),
    ).toThrow(own);
    expect(index.search([1, 0], { filter: [2, 77] }).map(({ id }) => id)).toEqual([2]);
    expect(index.search([1, 0], { filter: new Set([1]) }).map(({ id }) => id)).toEqual([1]);
    index.dispose();
  });
});

describe('keywords', () => {
  const { texts, queries, cases, stems } = golden.keywords;

  test.each(cases)('BM25: $language, k1 $k1, b $b', async ({ language, k1, b, scores }) => {
    const index = await VectorIndex.create({ dim: 1, keywords: { language, k1, b, stopWords: [] } });
    // The first and the last are removed: neither lengths nor rarities may remember them.
    const extra = ['first', 'last'].map((id) => ({ id, vector: [1], text: 'cat search river river connected' }));
    index.add([
      extra[0],
      ...texts.map((/** @type {string} */ text, /** @type {number} */ id) => ({ id, vector: [1], text })),
      extra[1],
    ]);
    index.remove(['first', 'last']);
    for (const [i, query] of queries.entries()) {
      const hits = index.search(query, { hybrid: 'keywords', topK: 99 });
      const found = scores[i].filter((/** @type {number} */ score) => score > 0).length;
      expect(hits.length).toBe(found);
      for (const { id, score } of hits) {
        expect(score).toBeCloseTo(scores[i][id], 10);
        const { bm25, terms } = index.explain(id, query);
        expect(bm25).toBeCloseTo(score, 10);
        expect(terms.every(({ offsets }) => offsets.length > 0)).toBe(true);
      }
    }
    index.dispose();
  });

  test('rows with postings and rows without score alike', async () => {
    const index = await VectorIndex.create({ dim: 1, keywords: { language: 'none' } });
    const text = (/** @type {number} */ i) => `w${i % 7} w${i % 11} w${i % 13}`;
    const item = (/** @type {number} */ id) => ({ id, vector: [1], text: text(id) });
    const all = Array.from({ length: 9000 }, (_, i) => item(i));
    index.add(all); // more than may wait for postings
    const posted = index.search('w3 w5', { hybrid: 'keywords', topK: 9000 });
    const other = await VectorIndex.create({ dim: 1, keywords: { language: 'none' } });
    for (let i = 0; i < 9000; i += 900) other.add(all.slice(i, i + 900));
    expect(other.search('w3 w5', { hybrid: 'keywords', topK: 9000 })).toEqual(posted);
    index.dispose();
    other.dispose();
  });

  test('postings made in parts, between additions, score as those made at once', async () => {
    const create = () => VectorIndex.create({ dim: 1, keywords: { language: 'none' } });
    const item = (/** @type {number} */ id) => ({ id, vector: [1], text: `w${id % 7} w${id % 11} v${id % 4099}` });
    const search = (/** @type {VectorIndex} */ index) =>
      ['w3 w5', 'w1 v4000', 'v7'].map((query) => index.search(query, { hybrid: 'keywords', topK: 20_000 }));
    const [parts, whole] = await Promise.all([create(), create()]);
    const all = Array.from({ length: 15_000 }, (_, id) => item(id));
    for (let at = 0; at < all.length; at += 1500) {
      parts.add(all.slice(at, at + 1500));
      search(parts);
      expect(() => parts.add([item(-1), { ...item(-2), vector: [0] }])).toThrow('zero');
    }
    whole.add(all);
    expect(search(parts)).toEqual(search(whole));

    const gone = all.filter(({ id }) => id % 3 === 0).map(({ id }) => id);
    parts.remove(gone);
    const rest = await create();
    rest.add(all.filter(({ id }) => id % 3 !== 0));
    expect(search(parts)).toEqual(search(rest));
    for (const index of [parts, whole, rest]) index.dispose();
  });

  test('words of few rows: what the scores of all rows say, with a filter, after removals, again and again', async () => {
    const random = randomFrom(21);
    const word = () => `w${Math.floor(1 / (random() + 1e-4))}`; // of 10,000, the first the commonest
    const texts = Array.from({ length: 9000 }, () => Array.from({ length: 8 }, word).join(' '));
    const index = await VectorIndex.create({ dim: 1, keywords: { language: 'none' } });
    index.add(texts.map((text, id) => ({ id: texts.length - id, text, vector: [1] })));
    const { Keywords } = await import('../../web/search/keywords.js');
    const keywords = new Keywords({ k1: 1.2, b: 0.75, language: 'none' });
    keywords.addAll(texts);
    const ids = new Set(texts.keys());
    for (let round = 0; round < 3; round++) {
      for (const query of ['w9000 w5000', 'w300', 'w77 w77 w1234 none', 'w1 w8000', 'w10000 w9999 w9998', 'none']) {
        const { terms } = keywords.query(query);
        const all = new Float64Array(texts.length);
        keywords.score(terms, all);
        for (const filter of [undefined, (/** @type {{ id: any }} */ { id }) => id % 3 > 0]) {
          const expected = [...ids]
            .map((row) => ({ id: texts.length - row, score: all[row] }))
            .filter((hit) => hit.score > 0 && (!filter || filter(hit)))
            .sort((a, b) => b.score - a.score || a.id - b.id)
            .slice(0, 15);
          const found = index.search(query, { hybrid: 'keywords', topK: 15, filter });
          expect(found.map(({ id, score }) => ({ id, score }))).toEqual(expected);
        }
      }
      const gone = [...ids].slice(0, 40);
      index.remove(gone.map((row) => texts.length - row));
      for (const row of gone) {
        keywords.remove(row);
        ids.delete(row);
      }
    }
    expect(() => index.search('w9000 w300', { hybrid: 'keywords', filter: () => fail() })).toThrow('asked');
    expect(index.search('none', { hybrid: 'keywords' })).toEqual([]);
    index.dispose();
  });

  test('stems are Porter’s', () => {
    const utf8 = new Uint8Array(128);
    for (const [word, stem] of Object.entries(stems)) {
      const size = stemEnglish(utf8, new TextEncoder().encodeInto(word, utf8).written);
      expect([word, new TextDecoder().decode(utf8.subarray(0, size))]).toEqual([word, stem]);
    }
  });

  test.each([
    ['Fast ASCII, it’s 3.5-fold!', ['fast', 'ascii', 'it', 's', '3', '5', 'fold']],
    ['naïve Café Ünïted', ['naive', 'cafe', 'united']],
    ['ﬁne ＦＵＬＬ ½', ['fine', 'full', '1⁄2']],
    ['東京都 x', ['東', '京', '東京', '都', '京都', 'x']],
    ['a\ud800b', ['a', 'b']],
    ['', []],
    ['…—!', []],
    ['мама МЫЛА раму', ['мама', 'мыла', 'раму']],
  ])('words of %j', (text, expected) => {
    /** @type {string[]} */
    const words = [];
    /** @type {string[]} */
    const slices = [];
    new Words({ language: 'none' }).each(text, false, (units, size, begin, end) => {
      words.push(new TextDecoder().decode(new Uint8Array(units.buffer, 0, size)));
      slices.push(text.slice(begin, end));
    });
    expect(words).toEqual(expected);
    expect(slices.join('').length).toBeGreaterThanOrEqual(words.length);
  });

  test('a query of one character finds it in a text without spaces; of two, the pair', async () => {
    const index = await VectorIndex.create({ layer });
    index.add([
      { id: 1, text: '東京都' },
      { id: 2, text: '京東都' },
    ]);
    const found = (/** @type {string} */ query) => index.search(query, { hybrid: 'keywords' }).map(({ id }) => id);
    expect([found('都'), found('東京'), found('京東')]).toEqual([[1, 2], [1], [2]]);
    index.dispose();
  });

  test("a caller's own stem and stop words; one that throws leaves the index as it was", async () => {
    const stem = (/** @type {string} */ word) => {
      if (word === 'bad') throw new RangeError('mine');
      return word.slice(0, 3);
    };
    const index = await VectorIndex.create({ dim: 1, keywords: { stem, stopWords: ['Stop'] } });
    index.add([{ id: 1, vector: [1], text: 'stop abcdef' }]);
    expect(() => index.add([{ id: 2, vector: [1], text: 'good bad' }])).toThrow('mine');
    expect(index.describe()).toMatchObject({ length: 1, rows: 1 });
    expect(index.search('abcxyz', { hybrid: 'keywords' }).length).toBe(1);
    expect(index.search('stop', { hybrid: 'keywords' })).toEqual([]);
    index.add([{ id: 2, vector: [1], text: 'good' }]);
    expect(index.search('goo', { hybrid: 'keywords' }).map(({ id }) => id)).toEqual([2]);
    index.dispose();
  });

  test('stop words are those of the call: what is changed while the index is made has no effect', async () => {
    const stopWords = new Set(['one']);
    const made = VectorIndex.create({ dim: 1, keywords: { stopWords } });
    stopWords.add('two');
    const index = await made;
    index.add([{ id: 1, vector: [1], text: 'one two' }]);
    expect(['one', 'two'].map((word) => index.search(word, { hybrid: 'keywords' }).length)).toEqual([0, 1]);
    index.dispose();
  });
});

describe('meaning and keywords', () => {
  const { cosines, bm25, most } = golden.fusion;

  test.each(/** @type {const} */ (['auto', 'rrf', 'convex']))('%s', (method) => {
    const live = new Uint8Array(31).fill(1);
    live[30] = 0; // a removed row, which would be the best and the worst
    for (const odd of [-5, 5]) {
      const weight = method === 'auto' ? 0.3 : 0.5;
      const scores = fused(
        { method, weight },
        Float32Array.from([...cosines, odd]),
        Float64Array.from([...bm25, 99]),
        most,
        live,
      );
      golden.fusion[method].forEach((/** @type {number} */ value, /** @type {number} */ i) =>
        expect(scores[i]).toBeCloseTo(value, 6),
      );
    }
  });

  test('texts: both count, and metas come back', async () => {
    const index = await VectorIndex.create({ layer, dtype: 'i8' });
    index.add([
      { id: 'a', text: 'How to water a cactus', meta: { url: '/cactus' } },
      { id: 'b', text: 'The stock market fell', meta: { url: '/market' } },
      { id: 'c', text: 'XQ-7300 quick start guide', meta: { url: '/guide' } },
    ]);
    expect(index.search('plants that need little water', { topK: 1 })).toEqual([
      { id: 'a', score: expect.any(Number), meta: { url: '/cactus' } },
    ]);
    expect(index.search('shares lost value', { topK: 1 })[0].id).toBe('b');
    expect(index.search('7300', { topK: 1 })[0].id).toBe('c');
    const { vectors } = index.get('a');
    const [hit] = index.search('watering cacti', { hybrid: false });
    expect(hit.score).toBeCloseTo(layer.similarity('watering cacti', vectors.row(0)), 5);
    expect(index.searchMany(['7300', 'shares'], { topK: 1 }).map(([{ id }]) => id)).toEqual(['c', 'b']);
    index.dispose();
  });

  test('a text of no known tokens is like nothing, and is found by its words', async () => {
    const index = await VectorIndex.create({ layer });
    index.add([
      { id: 1, text: '' },
      { id: 2, text: 'a cat' },
    ]);
    expect(index.search('', { hybrid: 'vectors' })).toEqual([]);
    expect(index.search('', {})).toEqual([]);
    expect(index.search('cat', { hybrid: 'keywords' }).map(({ id }) => id)).toEqual([2]);
    index.dispose();
  });

  test('the first numbers of a layer’s vectors', async () => {
    const index = await VectorIndex.create({ layer, dim: 32 });
    index.add([
      { id: 1, text: 'a cat' },
      { id: 2, text: 'stock markets' },
    ]);
    expect([index.dim, index.search('kitten', { hybrid: false })[0].id]).toEqual([32, 1]);
    await errorOf(() => VectorIndex.create({ layer, dim: 100_000 }), 'invalid_argument');
    index.dispose();
  });

  test('explain: the shares of tokens are the cosine', async () => {
    const index = await VectorIndex.create({ layer, passages: { maxLength: 60, overlap: 0 } });
    const text = 'Cats sleep most of the day. They hunt at night, and they drink little water. Dogs bark.';
    index.add([{ id: 1, text }]);
    const query = 'thirsty cats and water';
    const { passages = [] } = index.get(1);
    expect(passages.length).toBeGreaterThan(1);
    for (const [passage, span] of passages.entries()) {
      const told = index.explain(1, query, { passage });
      expect(told.passage).toEqual(span);
      const sum = (told.tokens ?? []).reduce((total, { score }) => total + score, 0);
      expect(sum).toBeCloseTo(layer.similarity(query, text.slice(span.begin, span.end)), 4);
      for (const { token, offset } of told.tokens ?? []) {
        expect(text.slice(...offset).toLowerCase()).toContain(token.replace(/^##/, ''));
      }
      for (const { term, offsets } of told.terms) {
        for (const offset of offsets)
          expect(
            text
              .slice(...offset)
              .toLowerCase()
              .slice(0, 3),
          ).toBe(term.slice(0, 3));
      }
    }
    index.dispose();
  });
});

describe('passages', () => {
  const sentences = Array.from({ length: 60 }, (_, i) => `Sentence ${i} of the text ends here${i % 3 ? '.' : '?'}`);

  test.each([
    ['sentences', sentences.join(' '), 100, 40],
    ['lines', sentences.join('\n'), 100, 0],
    ['one long word', 'x'.repeat(1000), 64, 10],
    ['long sentences', `${'word '.repeat(100)}. ${'more '.repeat(90)}.`, 80, 30],
    ['a long sentence after short ones', `One. Two. ${'y'.repeat(95)}. Three.`, 100, 90],
    ['pairs', '😀'.repeat(50), 7, 0],
    ['pairs, no room', '😀'.repeat(5), 1, 0],
    ['spaces', ' '.repeat(300), 50, 10],
  ])('%s: the whole text, in order, no passage too long', (_, text, maxLength, overlap) => {
    const spans = splitPassages(text, { maxLength, overlap });
    expect([spans[0].begin, spans[spans.length - 1].end]).toEqual([0, text.length]);
    spans.forEach(({ begin, end }, i) => {
      expect(end - begin).toBeLessThanOrEqual(Math.max(2, maxLength));
      expect(text.slice(begin, end).isWellFormed?.() ?? true).toBe(true);
      if (i === 0) return;
      expect(begin).toBeGreaterThan(spans[i - 1].begin);
      expect(end).toBeGreaterThan(spans[i - 1].end);
      expect(begin).toBeLessThanOrEqual(spans[i - 1].end);
      expect(spans[i - 1].end - begin).toBeLessThanOrEqual(overlap);
    });
  });

  test('sentences stay whole, and overlap', () => {
    const text = sentences.join(' ');
    const spans = splitPassages(text, { maxLength: 100, overlap: 40 });
    for (const { begin } of spans) expect(text.slice(begin)).toMatch(/^Sentence/);
    expect(spans.some(({ begin }, i) => i > 0 && begin < spans[i - 1].end)).toBe(true);
  });

  test('a hit says which part of a long text fits best, and each text is a hit once', async () => {
    const index = await VectorIndex.create({ layer, passages: { maxLength: 80, overlap: 20 } });
    const text = `${sentences.slice(0, 20).join(' ')} A volcano erupted in Iceland. ${sentences.slice(20).join(' ')}`;
    index.add([
      { id: 1, text },
      { id: 2, text: 'Short.' },
    ]);
    for (const hybrid of /** @type {const} */ (['auto', 'vectors', 'keywords', 'rrf', 'convex'])) {
      const [hit, ...others] = index.search('volcano eruption', { hybrid });
      const { begin = 0, end = 0 } = hit.passage ?? {};
      expect([hit.id, text.slice(begin, end)]).toEqual([1, expect.stringContaining('volcano')]);
      expect(others.every(({ id, passage }) => id === 2 && passage === undefined)).toBe(true);
    }
    index.update([{ id: 1, text: 'Nothing of the kind.' }]);
    expect(index.search('volcano', { hybrid: 'keywords' })).toEqual([]);
    await errorOf(() => VectorIndex.create({ layer, passages: { maxLength: 10, overlap: 10 } }), 'invalid_argument');
    index.dispose();
  });
});

test('layers that give something else than they should are refused', async () => {
  const table = await EmbeddingTable.from(DATA, { rows, dim });
  for (const odd of [
    7,
    table,
    { encode: () => [1] },
    { encode: () => new Matrix(new Float32Array(4), 2, 2), dim: 2 },
  ]) {
    await errorOf(() => VectorIndex.create({ layer: /** @type {any} */ (odd) }), 'invalid_argument');
  }
  await errorOf(() => VectorIndex.create(/** @type {any} */ ({})), 'invalid_argument');
  await errorOf(() => VectorIndex.create({ dim: 0 }), 'invalid_argument');
  await errorOf(() => VectorIndex.create({ dim: 2, dtype: /** @type {any} */ ('i2') }), 'unsupported');
  await errorOf(() => new /** @type {any} */ (VectorIndex)(), 'invalid_argument');
  table.dispose();
});

test('ids that are the items’ numbers, until one is not', async () => {
  const index = await VectorIndex.create({ dim: 1, metric: 'dot', keywords: false });
  const ids = (/** @type {(number | string)[]} */ list) => index.add(list.map((id) => ({ id, vector: [1] })));
  ids([0, 1, 2, 3]);
  for (const id of [-1, 0.5, 4, '1', NaN, 'length']) expect(index.has(/** @type {any} */ (id))).toBe(false);
  expect(index.has(-0)).toBe(true);
  expect(() => ids([4, 2])).toThrow('update or remove it');
  index.remove([1, 3]);
  expect([index.ids(), index.length, index.has(1)]).toEqual([[0, 2], 2, false]);
  expect(() => index.remove(1)).toThrow('no item has the id 1');
  index.update([{ id: 0, vector: [2], meta: null }]);
  ids([1, '3', 4]);
  expect(index.ids()).toEqual([2, 0, 1, '3', 4]);
  expect([index.get(0).meta, index.get(2).meta]).toEqual([null, undefined]);
  expect(index.search([1], { topK: 3 }).map(({ id }) => id)).toEqual([0, 1, 2]);
  expect((await VectorIndex.from(index.data)).ids()).toEqual(index.ids());
  index.dispose();
});

test('an id that is not there: the nearest is named', async () => {
  const index = await VectorIndex.create({ dim: 1, keywords: false });
  const ids = ['guide/install', 'guide/instal2', 'reference', 12, 340, ''];
  index.add(ids.map((id) => ({ id, vector: [1] })));
  const hint = (/** @type {any} */ id) => errorOf(() => index.get(id), 'not_found');
  expect(await hint('guide/instalL')).toMatch(/: did you mean guide\/install\?$/);
  expect(await hint('12')).toMatch(/: did you mean 12\?$/);
  expect(await hint(341)).toMatch(/: did you mean 340\?$/);
  for (const odd of ['zzz', 7, NaN, undefined, Symbol('12'), Object.create(null)]) {
    expect(await hint(odd)).toMatch(/^no item has the id [^:]*$/);
  }
  index.remove(['reference']);
  expect(await hint('referenc')).not.toMatch(/did you mean/);
  await errorOf(() => index.remove([12, '12']), 'not_found');
  expect(index.length).toBe(5);
  index.dispose();
});

test('ids that are refused leave none behind, whatever fails', async () => {
  let fails = false;
  const encode = (/** @type {string[]} */ texts) => {
    expect([index?.has('new'), index?.has(0)]).toEqual(index ? [false, true] : [undefined, undefined]);
    if (fails) throw new Error('of mine');
    return new Matrix(new Float32Array(2 * texts.length).fill(1), texts.length, 2);
  };
  /** @type {VectorIndex | undefined} */
  let index = undefined;
  const made = await VectorIndex.create({ layer: { dim: 2, encode } });
  made.add([{ id: 0, vector: [1, 0] }]);
  index = made;
  fails = true;
  const items = [
    { id: 'new', text: 'a' },
    { id: 5, text: 'b' },
  ];
  expect(() => made.add(items)).toThrow('of mine');
  expect([made.has('new'), made.has(5), made.ids()]).toEqual([false, false, [0]]);
  fails = false;
  expect(() => made.add([...items, { id: 'new', text: 'c' }])).toThrow('two items of add have the id new');
  expect(() => made.add([...items, { id: 0, text: 'c' }])).toThrow('update or remove it');
  expect(made.ids()).toEqual([0]);
  expect(made.has(0)).toBe(true);
  made.add(items);
  expect(made.ids()).toEqual([0, 'new', 5]);
  expect(() => made.update([items[0], items[0]])).toThrow('two items of update have the id new');
  made.dispose();
});

test('layers that write into the array they are given, that do not, and that refuse it: the same index', async () => {
  const text = (/** @type {number} */ i) => ({ id: `t${i}`, text: `${i} texts of ${i % 7} words, café ${i * i}` });
  const items = Array.from({ length: 700 }, (_, i) => text(i));
  const copying = (/** @type {string[]} */ texts) => layer.encode(texts);
  const strict = (/** @type {string[]} */ texts, /** @type {object | undefined} */ options) => {
    if (options) throw new Error('no options');
    return layer.encode(texts);
  };
  /** @type {Buffer[]} */
  const bytes = [];
  for (const encode of [undefined, copying, strict]) {
    const index = await VectorIndex.create({ layer: encode ? { dim: layer.dim, encode } : layer, dtype: 'i8' });
    index.add(items);
    bytes.push(Buffer.from(index.data));
    index.dispose();
  }
  expect(bytes[0].equals(bytes[1]) && bytes[0].equals(bytes[2])).toBe(true);
  const own = new Float32Array(2).fill(3); // given again and again: it is not the index's to change
  const index = await VectorIndex.create({ layer: { dim: 2, encode: () => new Matrix(own, 1, 2) } });
  index.add([{ id: 1, text: 'a' }]);
  expect(own).toEqual(new Float32Array([3, 3]));
  await errorOf(
    () =>
      index.add([
        { id: 2, text: 'a' },
        { id: 3, text: 'b' },
      ]),
    'invalid_argument',
  );
  own[1] = NaN;
  expect(await errorOf(() => index.add([{ id: 2, text: 'a' }]), 'invalid_argument')).toMatch('NaN at index 1');
  own[1] = Infinity;
  await errorOf(() => index.add([{ id: 2, text: 'a' }]), 'invalid_argument');
  expect(index.ids()).toEqual([1]);
  index.dispose();
});

test('a filter that answers later is refused, not taken for yes', async () => {
  const index = await VectorIndex.create({ dim: 2 });
  index.add([{ id: 1, vector: [1, 0] }]);
  const filter = /** @type {any} */ (async () => false);
  expect(await errorOf(() => index.search([1, 0], { filter }), 'invalid_argument')).toMatch(/filter/);
  expect(index.search([1, 0])).toHaveLength(1);
  index.dispose();
});

describe('vectors that a layer writes where the index keeps them', () => {
  const texts = ['a cat', '', 'the weather in spring 🌧', 'word '.repeat(3000), ...Array.from('abcdefgh')];
  const items = [...texts, ...Array.from({ length: 600 }, (_, i) => `line ${i} of some`)].map((text, id) => ({
    id,
    text,
  }));

  test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']))(
    '%s: those of encode, to the bit',
    async (dtype) => {
      const other = {
        dim: layer.dim,
        encode: (/** @type {string[]} */ list, /** @type {any} */ o) => layer.encode(list, o),
      };
      for (const given of [
        {},
        { dim: 64 },
        { metric: /** @type {const} */ ('dot') },
        { bits: true, keywords: false },
      ]) {
        const [own, foreign] = await Promise.all(
          [layer, other].map((each) => VectorIndex.create({ ...given, dtype, layer: each })),
        );
        for (const index of [own, foreign]) {
          index.add(items.slice(0, 5));
          index.add(items.slice(5));
        }
        for (const { id } of items) expect(own.get(id).vectors.data).toEqual(foreign.get(id).vectors.data);
        for (const query of ['cat', 'line 7'])
          expect(own.search(query, { topK: 20 })).toEqual(foreign.search(query, { topK: 20 }));
        if (dtype === 'f32' && !('dim' in given)) expect(own.get(2).vectors.data).toEqual(layer.encode(texts[2]));
        own.dispose();
        foreign.dispose();
      }
    },
  );

  test.each(/** @type {const} */ (['f32', 'f16', 'i8']))(
    '%s: a model whose numbers are not finite is refused where a text has them, and adds nothing',
    async (dtype) => {
      const data = smallTable();
      data[2 * 4 + 3] = Infinity; // red
      data[3 * 4] = NaN; // green
      const own = await EmbeddingLayer.from(
        smallModel({
          'config.json': JSON.stringify({ model_type: 'model2vec', normalize: true }),
          'model.safetensors': safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data } }),
        }),
      );
      const index = await VectorIndex.create({ layer: own, dtype });
      index.add([{ id: 0, text: 'blue' }]);
      for (const text of ['red', 'green', 'blue red', 'red green']) {
        const some = [
          { id: 1, text: 'blue' },
          { id: 2, text },
        ];
        expect(await errorOf(() => index.add(some), 'invalid_argument')).toMatch('not finite');
        await errorOf(() => index.update([{ id: 0, text }]), 'invalid_argument');
      }
      index.add([{ id: 1, text: 'blue blue' }]);
      expect(index.ids()).toEqual([0, 1]);
      expect(index.search('blue', { hybrid: 'vectors' }).map(({ id }) => id)).toEqual([0, 1]);
      for (const each of [own, index]) each.dispose();
    },
  );

  test('a layer that has been disposed of says so, and nothing is added', async () => {
    const own = await loadMini();
    const index = await VectorIndex.create({ layer: own });
    index.add(items.slice(0, 3));
    own.dispose();
    expect(await errorOf(() => index.add(items.slice(3)), 'disposed')).toMatch('EmbeddingLayer');
    expect(index.length).toBe(3);
    index.dispose();
  });
});
