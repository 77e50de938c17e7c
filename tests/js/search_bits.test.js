// Signs of numbers, a bit each: they choose the rows that are scored exactly.
import { VectorIndex, loadMini } from '../support/wembed.js';
import { randomFrom } from '../support/api_fuzz.js';
import { SignBits, kthLargest } from '../../web/search/sign_bits.js';
import { loadHeap } from '../../web/memory/heap.js';

test.each([1, 31, 128, 129, 300])(
  'dim %i: of the rows whose signs differ least, those of the largest Σ ±x ÷ Σ |row|, counted one by one',
  async (dim) => {
    await loadHeap();
    const random = randomFrom(dim);
    const [n, most] = [dim > 100 ? 1900 : 17_000, 137]; // more than a block's rows
    const data = Float32Array.from({ length: n * dim }, () => random() - 0.5);
    const bits = new SignBits(dim);
    for (let first = 0; first < n; first += 100) bits.append(data.subarray(first * dim, (first + 100) * dim), 100);
    const live = Uint8Array.from({ length: n }, () => Number(random() < 0.8));
    const x = Float32Array.from({ length: dim }, () => random() - 0.5);
    const score = (/** @type {number} */ row) => {
      let [sum, size, differing] = [0, 0, 0];
      for (let d = 0; d < dim; d++) {
        const value = data[row * dim + d];
        sum += value > 0 ? x[d] : -x[d];
        size += Math.abs(value);
        differing += Number(value > 0 !== x[d] > 0);
      }
      return { row, product: sum / size, differing };
    };
    const near = Array.from({ length: n }, (_, row) => score(row))
      .filter(({ row }) => live[row])
      .sort((a, b) => a.differing - b.differing || a.row - b.row)
      .slice(0, 8 * most)
      .sort((a, b) => b.product - a.product);
    const found = [...bits.nearest(x, most, live)];
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
    expect(found.length).toBe(most);
    const least = near[most - 1].product;
    const allowed = new Set(near.filter(({ product }) => product > least - 1e-5).map(({ row }) => row));
    expect(found.filter((row) => !allowed.has(row))).toEqual([]);
    const has = new Set(found);
    const missed = near.filter(({ row, product }) => product > least + 1e-5 && !has.has(row));
    expect(missed).toEqual([]);
    expect([...bits.nearest(x, n, live)]).toEqual([...live.keys()].filter((row) => live[row]));
    bits.truncate(0);
  },
);

test('kthLargest: the same as sorting', () => {
  const random = randomFrom(4);
  for (const n of [1, 2, 3, 50, 300]) {
    for (const different of [1, 3, 1e6]) {
      const values = Float32Array.from({ length: n }, () => Math.floor(random() * different));
      const sorted = values.slice().sort().reverse();
      for (const k of new Set([1, 2, n >> 1, n - 1, n])) {
        if (k >= 1 && k <= n) expect(kthLargest(values.slice(), k)).toBe(sorted[k - 1]);
      }
    }
  }
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
      [false, 40].map((bits) => VectorIndex.create({ layer, dtype, bits, keywords: false })),
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
