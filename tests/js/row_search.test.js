// The best rows of several tables, compared with float64; cpp/engine/row_search.h has the contract.
import { bestRows } from '../../web/search/row_search.js';
import { runningHeap } from '../../web/memory/heap.js';
import { storageOf } from '../../web/table/table.js';
import { randomFrom } from '../support/api_fuzz.js';
import { EmbeddingTable } from '../support/wembed.js';

const dim = 19;
const random = randomFrom(5);
const numbers = (/** @type {number} */ length) => Float32Array.from({ length }, () => random() - 0.5);
const SIZES = [37, 1, 500];

test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']))(
  'of %s rows, those that may be found',
  async (dtype) => {
    const made = await Promise.all(
      SIZES.map(async (rows) => (await EmbeddingTable.from(numbers(rows * dim), { rows, dim })).quantize(dtype)),
    );
    const n = SIZES.reduce((sum, rows) => sum + rows, 0);
    const x = numbers(dim);
    const scores = made.flatMap((table) =>
      Array.from(table.lookup(Array.from({ length: table.rows }, (_, id) => id)), (row) =>
        row.reduce((sum, value, d) => sum + value * x[d], 0),
      ),
    );
    const tables = made.map((table, i) => ({
      table: storageOf(table),
      first: SIZES.slice(0, i).reduce((sum, rows) => sum + rows, 0),
      rows: table.rows,
      scales: 0,
    }));
    const live = Uint8Array.from({ length: n }, () => Number(random() < 0.7));
    const order = [...live.keys()].filter((row) => live[row]).sort((a, b) => scores[b] - scores[a]);
    for (const k of [1, 10, n + 5]) {
      const found = bestRows(tables, x, k, false, live);
      const best = [...found.rows.keys()].sort((a, b) => found.scores[b] - found.scores[a]);
      expect(best.length).toBe(Math.min(k, order.length));
      best.forEach((at, i) => {
        expect(live[found.rows[at]]).toBe(1);
        expect(Math.abs(found.scores[at] - scores[order[i]])).toBeLessThan(2e-3);
        expect(Math.abs(found.scores[at] - scores[found.rows[at]])).toBeLessThan(2e-3);
      });
      expect(new Set(found.rows).size).toBe(best.length);
    }
    expect(bestRows(tables, x, 3, false, new Uint8Array(n)).rows).toHaveLength(0);
    for (const table of made) table.dispose();
  },
);

test('scores are multiplied by a scale of each row, and cosines lie within -1 and 1', async () => {
  const table = await EmbeddingTable.from([1, 2, 3, 4], { rows: 4, dim: 1 });
  const heap = /** @type {import('../../web/memory/heap.js').Heap} */ (runningHeap());
  const scales = heap.allocate(16);
  heap.f32.set([1, -1, 0.1, 0], scales / 4);
  const given = [{ table: storageOf(table), first: 0, rows: 4, scales }];
  const all = (/** @type {boolean} */ cosine) => {
    const { rows, scores } = bestRows(given, Float32Array.of(1), 4, cosine, new Uint8Array(4).fill(1));
    return Object.fromEntries([...rows].map((row, i) => [row, scores[i]]));
  };
  expect(all(false)).toEqual({ 0: 1, 1: -2, 2: expect.closeTo(0.3, 6), 3: 0 });
  expect(all(true)).toEqual({ 0: 1, 1: -1, 2: expect.closeTo(0.3, 6), 3: 0 });
  heap.free(scales);
  table.dispose();
});
