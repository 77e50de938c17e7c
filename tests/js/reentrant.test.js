// A caller's arguments may run the caller's own code, which may dispose of what is being used.
import { EmbeddingTable, LanguageModelHead, Matrix, Tokenizer, errorOf, loadMini } from '../support/wembed.js';

const rows = 10;
const newTable = () => EmbeddingTable.from(new Float32Array(4 * rows).fill(1), { rows, dim: 4 });

test('a table that a getter of the options disposes of is disposed, not read', async () => {
  const layer = await loadMini();
  const before = layer.encode('It is raining');
  const calls = /** @type {((table: EmbeddingTable) => unknown)[]} */ ([
    (table) =>
      table.products([1, 2, 3, 4], {
        get into() {
          table.dispose();
          return new Float32Array(rows);
        },
      }),
    (table) =>
      table.nearest([1, 2, 3, 4], 2, {
        get metric() {
          table.dispose();
          return /** @type {const} */ ('dot');
        },
      }),
    (table) => {
      const x = Object.defineProperty([1, 2, 3, 4], 2, {
        get() {
          table.dispose();
          return 3;
        },
      });
      return table.nearest(x, 2);
    },
  ]);
  for (const call of calls) {
    const table = await newTable();
    await errorOf(() => call(table), 'disposed');
    expect(layer.encode('It is raining')).toEqual(before);
  }
  layer.dispose();
});

test('a subclass of Float32Array as into is written to without its own methods', async () => {
  class Own extends Float32Array {
    /** @returns {never} */
    set() {
      throw new Error('the library called the set of a caller');
    }
  }
  const layer = await loadMini();
  const table = await newTable();
  const head = new LanguageModelHead(table);
  const many = new Matrix(new Float32Array(4 * 70).fill(1), 70, 4);
  expect([...table.products([1, 2, 3, 4], { into: new Own(rows) })]).toEqual(Array(rows).fill(10));
  expect(table.products(many, { into: new Own(70 * rows) }).data[699]).toBe(4);
  expect(head.logits([1, 2, 3, 4], { into: new Own(rows) })[9]).toBe(10);
  const into = new Own(layer.dim);
  layer.encode('It is raining', { into });
  expect([...into]).toEqual([...layer.encode('It is raining')]);
  layer.encode('It is raining', { into, pooling: 'max' });
  layer.dispose();
  head.dispose();
  table.dispose();
});

test('a transform of a head is an object with dim and apply, whose result is checked', async () => {
  const table = await newTable();
  const any = /** @type {any} */ (LanguageModelHead);
  for (const transform of [(/** @type {unknown} */ x) => x, 5, 'x', {}, { dim: 4 }]) {
    expect(await errorOf(() => new any(table, { transform }), 'invalid_argument')).toMatch(/transform/);
  }
  expect(await errorOf(() => new any(table, { transform: { dim: 0, apply: () => [] } }), 'invalid_argument')).toMatch(
    /dim/,
  );
  const short = new LanguageModelHead(table, { transform: { dim: 2, apply: () => new Float32Array(3) } });
  expect(await errorOf(() => short.logits([1, 2]), 'shape_mismatch')).toMatch(/3 numbers for 1 states of 4/);
  const twice = new LanguageModelHead(table, {
    transform: { dim: 4, apply: (states) => Float32Array.from(states, (x) => 2 * x) },
  });
  expect(twice.logits([1, 2, 3, 4])[0]).toBe(20);
  for (const each of [short, twice, table]) each.dispose();
});

test('only the library makes a Tokenizer; rows outside a Matrix are refused; mostSimilar takes options', async () => {
  const any = /** @type {any} */ (Tokenizer);
  for (const given of [[], [{}], [null]]) await errorOf(() => new any(...given), 'invalid_argument');
  const matrix = new Matrix(new Float32Array(8), 2, 4);
  for (const i of [2, -1, NaN]) await errorOf(() => matrix.row(i), 'id_out_of_range');
  const layer = await loadMini();
  expect(layer.mostSimilar('king', { topn: 3 })).toEqual(layer.mostSimilar({ positive: 'king', topn: 3 }));
  expect(layer.mostSimilar('king', { topK: 3 })).toHaveLength(3);
  await errorOf(() => layer.mostSimilar('king', /** @type {any} */ (3)), 'invalid_argument');
  await errorOf(() => layer.mostSimilar({ positive: 'king' }, { topn: 3 }), 'invalid_argument');
  layer.dispose();
});
