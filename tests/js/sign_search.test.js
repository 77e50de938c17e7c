// Numbers in two bits each: they choose the rows that are scored exactly.
import { VectorIndex, loadMini } from '../support/wembed.js';
import { randomFrom } from '../support/api_fuzz.js';
import { SignBits } from '../../web/search/sign_search.js';
import { toUnits } from '../../web/search/units.js';
import { loadHeap } from '../../web/memory/heap.js';

test.each([1, 31, 128, 300])('dim %i: rows that may be nearest are found among live rows only', async (dim) => {
  await loadHeap();
  const random = randomFrom(dim);
  const [n, most] = [dim > 100 ? 1900 : 17_000, 137]; // more than a block's rows
  const data = Float32Array.from({ length: n * dim }, () => random() - 0.5);
  const bits = new SignBits(dim);
  for (let first = 0; first < n; first += 100) bits.append(data.subarray(first * dim, (first + 100) * dim), 100);
  const live = Uint8Array.from({ length: n }, () => Number(random() < 0.8));
  for (const row of [...live.keys()].filter((row) => live[row]).slice(0, 20)) {
    const found = [...bits.nearest(data.subarray(row * dim, (row + 1) * dim), most, live)];
    expect(found.length).toBeGreaterThanOrEqual(most);
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
    expect(found.filter((each) => !live[each])).toEqual([]);
    if (dim > 1) expect(found).toContain(row);
  }
  expect([...bits.nearest(data.subarray(0, dim), n, live)]).toEqual([...live.keys()].filter((row) => live[row]));
  bits.truncate(0);
});

test('few of the nearest are missed where some dimensions say much more than others, as those of real models do', async () => {
  await loadHeap();
  const random = randomFrom(8);
  const [n, dim] = [8000, 96];
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const data = Float32Array.from({ length: n * dim }, (_, i) => normal() / Math.sqrt(1 + (i % dim)));
  toUnits(data, dim, () => {});
  const bits = new SignBits(dim);
  bits.append(data, n);
  const live = new Uint8Array(n).fill(1);
  let missed = 0;
  for (let query = 0; query < 10; query++) {
    const x = Float32Array.from({ length: dim }, (_, d) => normal() / Math.sqrt(1 + d));
    const score = (/** @type {number} */ row) => {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += x[d] * data[row * dim + d];
      return sum;
    };
    const best = [...live.keys()].map((row) => ({ row, score: score(row) })).sort((a, b) => b.score - a.score);
    const found = new Set(bits.nearest(x, 50, live));
    missed += best.slice(0, 10).filter(({ row }) => !found.has(row)).length;
  }
  expect(missed).toBeLessThan(5); // of 100
  bits.truncate(0);
});

test.each(/** @type {const} */ (['f32', 'i8']))(
  '%s: hits have the scores of an exact search, and few are missed',
  async (dtype) => {
    const layer = await loadMini();
    const random = randomFrom(9);
    const words =
      'cat dog river mountain market bread music engine planet doctor school law game paint winter ship'.split(' ');
    const text = () => Array.from({ length: 8 }, () => words[Math.floor(random() * words.length)]).join(' ');
    const items = Array.from({ length: 3000 }, (_, id) => ({ id, text: text() }));
    const [exact, quick] = await Promise.all(
      [false, 5].map((bits) => VectorIndex.create({ layer, dtype, bits, keywords: false })),
    );
    for (const index of [exact, quick]) {
      index.add(items);
      index.remove(items.filter(({ id }) => id % 2).map(({ id }) => id)); // rows move
      index.add([{ id: 'last', text: 'a doctor of law' }]);
    }
    let found = 0;
    for (let i = 0; i < 20; i++) {
      const query = text();
      const scores = new Map(exact.search(query, { topK: 3000 }).map(({ id, score }) => [id, score]));
      const best = new Set(exact.search(query).map(({ id }) => id));
      const hits = quick.search(query);
      expect(hits.length).toBe(10);
      for (const { id, score } of hits) expect(score).toBe(scores.get(id));
      found += hits.filter(({ id }) => best.has(id)).length;
      const filter = (/** @type {{ id: number | string }} */ { id }) => id !== 'last';
      expect(quick.search(query, { filter })).toEqual(exact.search(query, { filter }));
    }
    expect(found).toBeGreaterThan(180);
    const again = await VectorIndex.from(quick.data, { layer });
    expect(again.search('law', { topK: 5 })).toEqual(quick.search('law', { topK: 5 }));
    for (const each of [exact, quick, again, layer]) each.dispose();
  },
);
