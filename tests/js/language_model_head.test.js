// The head, compared with torch and transformers (tools/golden/head.py).
import { storageOf } from '../../web/table/table.js';
import { EmbeddingTable, Matrix, TiedHead, errorOf, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/head.json');
const { rows, dim, targets } = golden;
const [data, hidden] = [golden.table, golden.hidden].map((values) => Float32Array.from(values));
const states = new Matrix(hidden, 3, dim);
const first = hidden.subarray(0, dim);
const DTYPES = /** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']);

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @param {number} bound */
function expectNear(found, expected, bound) {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(bound);
}

test.each(golden.heads)("scores and losses are torch's: $options", async (/** @type {any} */ expected) => {
  const table = await EmbeddingTable.from(data, { rows, dim });
  const options = { ...expected.options, bias: expected.options.bias ? golden.bias : undefined };
  const head = new TiedHead(table, options);
  expect(head.table).toBe(table);
  expectNear(head.logits(states).data, expected.logits, 1e-5);
  expectNear(head.logProbs(states, targets), expected.logProbs, 1e-5);
  expect(head.crossEntropy(states, targets)).toBeCloseTo(expected.crossEntropy, 5);
  expect(head.perplexity(states, targets) / Math.exp(expected.crossEntropy)).toBeCloseTo(1, 5);
  for (let i = 0; i < 3; i++) {
    const state = states.row(i);
    const one = head.logits(state);
    expect(one).toBeInstanceOf(Float32Array);
    expectNear(one, expected.logits.slice(i * rows, (i + 1) * rows), 1e-5);
    const { ids, logits, probs } = head.topK(state, 5);
    expect([...ids]).toEqual(expected.topIds[i]);
    expect([...logits]).toEqual([...ids].map((id) => one[id]));
    expectNear(probs, expected.topProbs.slice(i * 5, (i + 1) * 5), 1e-6);
  }
  head.dispose();
  table.dispose();
});

test.each(golden.kept)(
  "draws what transformers' warpers leave, as often: $options",
  async (/** @type {any} */ { options, probs }) => {
    const head = new TiedHead(await EmbeddingTable.from(data, { rows, dim }));
    /** @type {Record<string, number>} */
    const counts = {};
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++) {
      const id = head.sample(first, { ...options, seed });
      counts[id] = (counts[id] ?? 0) + 1;
    }
    for (const id of Object.keys(counts)) expect(probs).toHaveProperty(id);
    for (const [id, prob] of Object.entries(probs)) {
      const spread = Math.sqrt((prob * (1 - prob)) / draws);
      expect(Math.abs((counts[id] ?? 0) / draws - prob)).toBeLessThan(5 * spread + 1e-3);
    }
  },
);

test.each(DTYPES)('every dtype scores as its rows do: %s', async (dtype) => {
  const table = (await EmbeddingTable.from(data, { rows, dim })).quantize(dtype);
  const head = new TiedHead(table);
  const all = table.lookup(Array.from({ length: rows }, (_, i) => i));
  const exact = Float64Array.from({ length: 3 * rows }, (_, i) =>
    all.row(i % rows).reduce((sum, value, d) => sum + value * hidden[Math.floor(i / rows) * dim + d], 0),
  );
  const bound = dtype[0] === 'i' ? 2e-4 : 1e-5; // for i8 and i4 the states are rounded too
  expectNear(head.logits(states).data, exact, bound);
  expectNear(head.logits(first), exact.subarray(0, rows), bound);
  expect([...head.topK(first, rows).ids].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
});

test('seeds repeat, temperature 0 is greedy, equal scores are ordered by id, and into is filled', async () => {
  const head = new TiedHead(await EmbeddingTable.from(data, { rows, dim }));
  const draw = (/** @type {number} */ seed) => head.sample(first, { seed, temperature: 3 });
  expect(Array.from({ length: 50 }, (_, i) => draw(i))).toEqual(Array.from({ length: 50 }, (_, i) => draw(i)));
  expect(new Set(Array.from({ length: 50 }, (_, i) => draw(i))).size).toBeGreaterThan(20);
  expect(head.sample(first, { temperature: 0 })).toBe(head.topK(first, 1).ids[0]);
  const flat = new TiedHead(await EmbeddingTable.from(new Float32Array(5000 * 2), { rows: 5000, dim: 2 }));
  expect([...flat.topK([1, 1], 4).ids]).toEqual([0, 1, 2, 3]);
  expect(flat.topK([1, 1], 1).probs[0]).toBeCloseTo(1 / 5000, 9);
  const into = new Float32Array(rows + 2).fill(-9);
  head.logits(first, { into });
  expect([into[rows], into[rows + 1]]).toEqual([-9, -9]);
  expect(into.subarray(0, rows)).toEqual(head.logits(first));
  const none = head.logits(new Matrix(new Float32Array(0), 0, dim));
  expect([none.rows, none.dim]).toEqual([0, rows]);
  expect(head.crossEntropy(new Matrix(new Float32Array(0), 0, dim), [])).toBeNaN();
});

test.each([64, 65, 130])('%i hidden states score the same as a few', async (n) => {
  const table = await EmbeddingTable.from(data, { rows, dim, dtype: 'i8' });
  const head = new TiedHead(table);
  const many = new Matrix(new Float32Array(n * dim), n, dim);
  for (let i = 0; i < n; i++) many.row(i).set(states.row(i % 3));
  const few = head.logits(states);
  const scores = head.logits(many);
  for (let i = 0; i < n; i++) expect(scores.row(i)).toEqual(few.row(i % 3));
  const into = new Float32Array(n * rows).fill(7);
  many.row(n - 1)[2] = -Infinity;
  expect(await errorOf(() => head.logits(many, { into }), 'invalid_argument')).toMatch(
    `-Infinity at index ${(n - 1) * dim + 2}`,
  );
  expect(into.every((value) => value === 7)).toBe(true);
  head.dispose();
  table.dispose();
});

test.each(DTYPES)('the best of many states are the best of each: %s', async (dtype) => {
  const table = (await EmbeddingTable.from(data, { rows, dim })).quantize(dtype);
  const head = new TiedHead(table, { bias: golden.bias, softcap: 2 });
  const n = 70; // more than one pass over the table takes
  const many = new Matrix(new Float32Array(n * dim), n, dim);
  for (let i = 0; i < n; i++) many.row(i).set(states.row(i % 3));
  const found = head.topK(many, 7);
  expect(found).toHaveLength(n);
  for (const [i, { ids, logits, probs }] of found.entries()) {
    const one = head.topK(states.row(i % 3), 7);
    expect(ids).toEqual(one.ids);
    expectNear(logits, one.logits, dtype[0] === 'i' ? 1e-30 : 1e-6); // i8 and i4: the same bits
    expectNear(probs, one.probs, 1e-6);
  }
  const scores = head.logits(many);
  const targets = Array.from({ length: n }, (_, i) => i);
  const all = head.logProbs(many, targets);
  expectNear(
    all,
    [...all.keys()].map((i) => head.logProbs(many.row(i), [i])[0]),
    1e-5,
  );
  if (dtype[0] === 'i') expect(scores.row(n - 1)).toEqual(head.logits(states.row((n - 1) % 3)));
  expect(head.topK(many, 0)[3].ids).toHaveLength(0);
  expect(head.topK(new Matrix(new Float32Array(0), 0, dim), 3)).toEqual([]);
  head.dispose();
  table.dispose();
});

test('scores of -Infinity are ranked last, and scores follow rewritten rows', async () => {
  const table = await EmbeddingTable.from(new Uint16Array(40 * 8).fill(0x3c00), { rows: 40, dim: 8 });
  const bias = Float32Array.from({ length: 40 }, (_, i) => (i < 38 ? -Infinity : i));
  const head = new TiedHead(table, { bias });
  const ones = new Float32Array(8).fill(1);
  expect([...head.topK(ones, 4).ids]).toEqual([39, 38, 0, 1]);
  expect([...head.topK(ones, 40).ids].sort((a, b) => a - b)).toEqual([...bias.keys()]);
  storageOf(table).write(new Uint8Array(Uint16Array.from([1, 0x8000, 0x03ff, 0, 0, 0, 0, 0x3c00]).buffer), 39 * 16);
  expect(head.logits(ones)[39]).toBeCloseTo(39 + 1 + 1024 * 2 ** -24, 6);
  head.dispose();
  table.dispose();
});

test('bad input is refused, and the next good call works', async () => {
  const table = await EmbeddingTable.from(data, { rows, dim });
  const head = new TiedHead(table);
  const bad = first.slice();
  bad[3] = NaN;
  const weighted = await EmbeddingTable.from(data, { rows, dim, tokenWeights: new Float32Array(rows) });
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['invalid_argument', () => head.logits(bad), /NaN.*index 3/],
    ['invalid_argument', () => head.topK(bad, 1), /index 3/],
    ['invalid_argument', () => head.sample(bad), /index 3/],
    ['invalid_argument', () => head.topK(first, rows + 1), /101.*102/],
    ['invalid_argument', () => head.topK(first, 1.5), /1.5/],
    ['invalid_argument', () => head.sample(first, { temperature: -1 }), /-1/],
    ['invalid_argument', () => head.topK(first, -1), /-1/],
    ['invalid_argument', () => head.sample(first, { temperature: NaN }), /NaN/],
    ['invalid_argument', () => head.sample(first, { topK: -1 }), /topK.*-1/],
    ['id_out_of_range', () => head.logProbs(first, [-1]), /-1/],
    ['invalid_argument', () => head.sample(first, { topP: 0 }), /topP.*0/],
    ['invalid_argument', () => head.sample(first, { minP: 2 }), /minP.*2/],
    ['invalid_argument', () => head.sample(first, { seed: 0.5 }), /seed.*0.5/],
    ['shape_mismatch', () => head.logits([1, 2]), /2 .*37/],
    ['shape_mismatch', () => head.logits(new Matrix(new Float32Array(4), 2, 2)), /2 .*37/],
    ['shape_mismatch', () => head.sample(/** @type {any} */ (states)), /one .*3/],
    ['invalid_argument', () => head.topK(states, -1), /-1/],
    ['shape_mismatch', () => head.logProbs(states, [1]), /1 targets for 3/],
    ['id_out_of_range', () => head.logProbs(states, [1, 2, rows]), /101.*index 2/],
    ['shape_mismatch', () => new TiedHead(table, { bias: [1] }), /1 .*101/],
    ['invalid_argument', () => new TiedHead(table, { softcap: -1 }), /-1/],
    ['invalid_argument', () => new TiedHead(table, { scale: NaN }), /NaN/],
    ['unsupported', () => new TiedHead(weighted), /without token weights/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
  expect(head.logits(first)[7]).toBeCloseTo(golden.heads[0].logits[7], 4);
  head.dispose();
  await errorOf(() => head.logits(first), 'disposed');
  const other = new TiedHead(table);
  table.dispose();
  await errorOf(() => other.logits(first), 'disposed');
});
