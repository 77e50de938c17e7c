// Gradients and optimisers: torch's own numbers, and finite differences in float64.
import {
  Matrix,
  Variable,
  adagrad,
  adam,
  batchSimilarity,
  crossEntropy,
  distance,
  infoNce,
  logits,
  negativeSampling,
  schedule,
  sgd,
} from '../../web/train.js';
import { loadTrainHeap } from '../../web/memory/train_module.js';
import { rankingLoss } from '../../web/train/losses.js';
import { kernelProducts, plainProducts } from '../../web/train/matrix_products.js';
import { partsOf } from '../../web/train/variables.js';
import { similarityLoss } from '../../web/train/similarities.js';
import { EmbeddingTable, errorOf, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/gradients.json');
const { rows, dim, table, ids, offsets } = golden;
const camelCase = (/** @type {string} */ name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const inCamelCase = (/** @type {object} */ options) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
const matrix = (/** @type {number[]} */ data) => new Matrix(Float32Array.from(data), data.length / dim, dim);
const newVariable = (/** @type {object} */ options = {}) => Variable.from(table, { rows, dim, ...options });

/** @param {ArrayLike<number>} actual @param {number[]} expected @param {number} [tolerance] of the largest */
function expectClose(actual, expected, tolerance = 2e-6) {
  const largest = Math.max(1, ...expected.map(Math.abs));
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]))) / largest).toBeLessThan(tolerance);
}

/** @param {Variable} variable @returns {Float32Array} the gradient of all rows */
function wholeGradient(variable) {
  const { ids: used, values } = variable.gradient();
  const whole = new Float32Array(rows * dim);
  used.forEach((id, i) => whole.set(values.row(i), id * dim));
  return whole;
}

const named = (/** @type {any[]} */ cases) => cases.map((each) => [each.name, each]);

describe('torch', () => {
  test.each(named(golden.lookups))('lookup: %s', async (_, expected) => {
    const variable = await newVariable(inCamelCase(expected.options));
    expectClose(variable.lookup(ids).data, expected.out);
    expectClose(variable.value().data, expected.table);
    variable.lookupBackward(ids, matrix(golden.lookupGradient));
    expectClose(wholeGradient(variable), expected.gradient);
    const used = new Set(ids.filter((/** @type {number} */ id) => id !== expected.options.padding_idx));
    expect(new Set(variable.gradient().ids)).toEqual(used); // no other row is touched
    variable.dispose();
  });

  test.each(named(golden.bags))('bag: %s', async (_, expected) => {
    const { mode, weights, normalize, ...rest } = expected.options;
    const variable = await newVariable(inCamelCase(rest));
    const options = { mode, normalize, perSampleWeights: weights && golden.weights };
    expectClose(variable.bag(ids, offsets, options).data, expected.out);
    const ofWeights = variable.bagBackward(ids, offsets, matrix(golden.bagGradient), options);
    expectClose(wholeGradient(variable), expected.gradient);
    if (weights) expectClose(/** @type {Float32Array} */ (ofWeights), expected.weightGradient);
    variable.dispose();
  });

  test.each(named(golden.heads))('head: %s', async (name, expected) => {
    const variable = await newVariable();
    const hidden = matrix(golden.hidden);
    let result;
    if (name === 'negative sampling') result = negativeSampling(variable, hidden, golden.targets, golden.negatives);
    else if (name === 'cross-entropy') result = crossEntropy(variable, hidden, golden.targets);
    else {
      const own = variable.lookup(ids.slice(0, 5));
      const product = (/** @type {Matrix} */ a, /** @type {Matrix} */ b) =>
        matrix(Array.from(a.data, (x, i) => x * b.data[i]));
      result = crossEntropy(variable, product(own, hidden), golden.targets);
      variable.lookupBackward(ids.slice(0, 5), product(result.gradient, hidden));
      result.gradient = product(result.gradient, own);
    }
    expect(result.loss).toBeCloseTo(expected.loss, 5);
    expectClose(result.gradient.data, expected.hiddenGradient);
    expectClose(wholeGradient(variable), expected.gradient);
    variable.dispose();
  });

  test.each(named(golden.losses))('loss: %s', (_, expected) => {
    const [queries, documents] = [matrix(golden.queries), matrix(golden.documents)];
    const { kind } = expected.options;
    if (kind) {
      const { loss, gradient } = distance(queries, new Matrix(documents.data.slice(0, 4 * dim), 4, dim), kind);
      expect(loss).toBeCloseTo(expected.loss, 5);
      return expectClose(gradient.data, expected.queryGradient);
    }
    const { loss, queryGradient, documentGradient } = infoNce(queries, documents, expected.options);
    expect(loss).toBeCloseTo(expected.loss, 4);
    expectClose(queryGradient.data, expected.queryGradient, 5e-6);
    expectClose(documentGradient.data, expected.documentGradient, 5e-6);
  });

  // The recipes' products are the training module's, in f32; those of the functions here are in float64.
  const PRODUCTS = [
    ['in float64', async () => plainProducts, 2e-6],
    ['by the kernels', async () => kernelProducts(await loadTrainHeap()), 2e-5],
  ];
  describe.each(
    /** @type {[string, () => Promise<import('../../web/train/matrix_products.js').Products>, number][]} */ (PRODUCTS),
  )('losses over a batch, %s', (_, productsOf, tolerance) => {
    test.each(named(golden.similarities))('cosines of a batch: %s', async (_, expected) => {
      const wide = new Matrix(Float32Array.from(golden.wide), golden.wide.length / 9, 9);
      const found = similarityLoss(await productsOf(), matrix(golden.vectors), wide, expected.options);
      expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(tolerance);
      expectClose(found.gradient.data, expected.gradient, tolerance);
    });

    test.each(named(golden.rankings))('multiple negatives: %s', async (_, expected) => {
      const { exclude, ...rest } = expected.options;
      const options = { ...rest, ...(exclude && { exclude: golden.exclude }) };
      const found = rankingLoss(await productsOf(), matrix(golden.queries), matrix(golden.documents), options);
      expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(tolerance);
      expectClose(found.queryGradient.data, expected.queryGradient, tolerance);
      expectClose(found.documentGradient.data, expected.documentGradient, tolerance);
    });
  });

  test.each(named(golden.optimisers))('ten steps: %s', async (_, expected) => {
    const { lr, ...rest } = expected.options;
    const rate = expected.falls ? schedule({ rate: lr, steps: 10 }) : lr;
    const make = /** @type {any} */ ({ sgd, adagrad, adam })[expected.ours];
    const optimiser = make({ rate, ...inCamelCase(rest), clipNorm: expected.clip ?? undefined });
    const variable = await newVariable();
    for (const batch of golden.batches) {
      const used = expected.all ? Array.from({ length: rows }, (_, id) => id) : batch;
      const out = variable.lookup(used);
      const goals = used.flatMap((/** @type {number} */ id) => golden.goals.slice(id * dim, (id + 1) * dim));
      variable.lookupBackward(
        used,
        out.data.map((x, i) => 2 * (x - goals[i])),
      );
      if (expected.dense) void partsOf(variable).gradient.dense; // as distil with lazy: false
      optimiser.step([variable]);
    }
    expectClose(variable.value().data, expected.table, 1e-5);
    expect(variable.gradient().ids.length).toBe(0);
    variable.dispose();
  });
});

test('row-wise Adagrad keeps one number for each row: the mean of its squares', async () => {
  const variable = await newVariable();
  const optimiser = adagrad({ rate: 0.5, rowWise: true, eps: 0 });
  const expected = table.slice(dim, 2 * dim);
  let sum = 0;
  for (let step = 0; step < 10; step++) {
    const gradient = Array.from({ length: dim }, (_, d) => Math.sin(step * dim + d));
    sum += gradient.reduce((total, g) => total + g * g, 0) / dim;
    gradient.forEach((g, d) => (expected[d] -= (0.5 * g) / Math.sqrt(sum)));
    variable.lookupBackward([1], gradient);
    optimiser.step([variable]);
  }
  expectClose(variable.lookup([1]).data, expected, 1e-5);
  expectClose(variable.lookup([0]).data, table.slice(0, dim), 1e-7); // never used: it has not moved
  variable.dispose();
});

test('cosines of a batch: one vector, equal ones, cosines that a low temperature drives apart', () => {
  const ones = new Matrix(new Float32Array(8).fill(1), 2, 4);
  const one = batchSimilarity(new Matrix(Float32Array.of(1, 2), 1, 2), new Matrix(Float32Array.of(3), 1, 1), {
    klWeight: 1,
  });
  for (const number of [one.loss, ...one.gradient.data]) expect(number).toBeCloseTo(0, 12);
  expect(batchSimilarity(ones, ones, { klWeight: 1 }).loss).toBeCloseTo(0, 12);
  const far = matrix([1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1e-3, -1, 0, 0, 0, 0, 0]);
  const { loss, gradient } = batchSimilarity(far, matrix([...far.data].reverse()), { klWeight: 1, temperature: 1e-4 });
  expect(Number.isFinite(loss) && gradient.data.every(Number.isFinite)).toBe(true);
  const zero = batchSimilarity(new Matrix(new Float32Array(8), 2, 4), ones, { klWeight: 1 });
  expect([...zero.gradient.data]).toEqual(new Array(8).fill(0));
});

test('cosines of a batch, and pairs: wrong arguments', async () => {
  const [two, three] = [matrix(golden.queries.slice(0, 2 * dim)), matrix(golden.queries.slice(0, 3 * dim))];
  const bad = (/** @type {any} */ options, /** @type {any} */ code = 'invalid_argument') =>
    errorOf(() => batchSimilarity(two, two, options), code);
  await errorOf(() => batchSimilarity(two, three), 'shape_mismatch');
  expect(await bad({ klRows: [0, 2] })).toMatch('klRows[1]');
  expect(await bad({ klRows: [0, 0] })).toMatch('each once');
  expect(await bad({ similarityWeight: -1 })).toMatch('similarityWeight must be 0 or above');
  expect(await bad({ klWeight: NaN })).toMatch('klWeight');
  expect(await bad({ temperature: 0 })).toMatch('temperature');
  expect(await bad({ dims: [dim + 1] }, 'shape_mismatch')).toMatch('dims');
  expect(await errorOf(() => infoNce(two, three, { exclude: [1] }), 'shape_mismatch')).toMatch('not 2 × 3');
});

describe('finite differences in float64', () => {
  // The same formulas once more, in float64, of a table whose numbers are moved one by one.
  const bagLoss = (/** @type {number[]} */ weights, /** @type {string} */ mode) => {
    let loss = 0;
    for (let b = 0; b + 1 < offsets.length; b++) {
      for (let d = 0; d < dim; d++) {
        const column = ids.slice(offsets[b], offsets[b + 1]).map((/** @type {number} */ id) => weights[id * dim + d]);
        if (column.length === 0) continue;
        const sum = column.reduce((/** @type {number} */ a, /** @type {number} */ x) => a + x, 0);
        const value = mode === 'max' ? Math.max(...column) : mode === 'mean' ? sum / column.length : sum;
        loss += golden.bagGradient[b * dim + d] * value;
      }
    }
    return loss;
  };
  const scoreLoss = (/** @type {number[]} */ weights) => {
    let loss = 0;
    for (const [i, target] of golden.targets.entries()) {
      const scores = Array.from({ length: rows }, (_, id) => {
        let sum = 0;
        for (let d = 0; d < dim; d++) sum += golden.hidden[i * dim + d] * weights[id * dim + d];
        return sum;
      });
      loss += (Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0)) - scores[target]) / golden.targets.length;
    }
    return loss;
  };

  test.each([
    ['sum', (/** @type {number[]} */ w) => bagLoss(w, 'sum')],
    ['mean', (/** @type {number[]} */ w) => bagLoss(w, 'mean')],
    ['max', (/** @type {number[]} */ w) => bagLoss(w, 'max')],
    ['tied cross-entropy', scoreLoss],
  ])('%s', async (name, lossOf) => {
    const variable = await newVariable();
    if (name === 'tied cross-entropy') crossEntropy(variable, matrix(golden.hidden), golden.targets);
    else variable.bagBackward(ids, offsets, matrix(golden.bagGradient), { mode: /** @type {any} */ (name) });
    const expected = table.map((/** @type {number} */ value, /** @type {number} */ i) => {
      const moved = [...table];
      const step = 1e-6;
      moved[i] = value + step;
      const above = lossOf(moved);
      moved[i] = value - step;
      return (above - lossOf(moved)) / (2 * step);
    });
    expectClose(wholeGradient(variable), expected, 2e-6);
    variable.dispose();
  });
});

describe('variables', () => {
  test('frozen ones do not learn; an i8 table has to be converted first; an f16 table is copied', async () => {
    const frozen = await newVariable({ freeze: true });
    frozen.lookupBackward([1], new Float32Array(dim).fill(1));
    crossEntropy(frozen, matrix(golden.hidden), golden.targets);
    expect(frozen.gradient().ids.length).toBe(0);
    sgd({ rate: 1 }).step([frozen]);
    expectClose(frozen.value().data, table, 1e-7);
    const f32 = await EmbeddingTable.from(table, { rows, dim });
    expect(await errorOf(() => Variable.from(f32.quantize('i8')), 'unsupported')).toMatch('convert them first');
    expect(await errorOf(() => Variable.from(f32.quantize('i4')), 'unsupported')).toMatch('i4');
    const half = await Variable.from(f32.quantize('f16'));
    expectClose(half.value().data, table, 1e-3);
    expect((await half.toTable({ dtype: 'i8' })).dtype).toBe('i8');
    expect((await half.toTable()).lookup([2]).data).toEqual(half.lookup([2]).data);
  });

  test('logits are the products with all rows', async () => {
    const variable = await newVariable();
    const expected = await EmbeddingTable.from(table, { rows, dim });
    expectClose(logits(variable, matrix(golden.hidden)).data, [...expected.products(matrix(golden.hidden)).data]);
  });

  test('wrong arguments are refused, and the next call works', async () => {
    const variable = await newVariable();
    await errorOf(() => variable.lookup([rows]), 'id_out_of_range');
    await errorOf(() => variable.lookup(Int32Array.of(-1)), 'id_out_of_range');
    await errorOf(() => variable.lookupBackward([1], [1]), 'shape_mismatch');
    await errorOf(() => variable.bag([1], [0, 2]), 'shape_mismatch');
    await errorOf(() => variable.bag([1], [0, 1], { mode: 'mean', perSampleWeights: [1] }), 'shape_mismatch');
    await errorOf(() => crossEntropy(variable, matrix(golden.hidden), [1]), 'shape_mismatch');
    await errorOf(() => negativeSampling(variable, matrix(golden.hidden), golden.targets, [1]), 'shape_mismatch');
    await errorOf(() => Variable.from([1, 2, 3], { rows: 2, dim: 2 }), 'shape_mismatch');
    for (const paddingIdx of [rows, -rows - 1, 0.5, NaN, /** @type {any} */ ('1'), /** @type {any} */ (null)]) {
      await errorOf(() => newVariable({ paddingIdx }), 'invalid_argument');
    }
    const last = await newVariable({ paddingIdx: -1 }); // as in torch, the last row
    expect([...last.bag([rows - 1, 0], [0, 2], { mode: 'sum' }).data]).toEqual([...last.lookup([0]).data]);
    await errorOf(() => newVariable({ maxNorm: NaN }), 'invalid_argument');
    await errorOf(() => adam({ rate: NaN }), 'invalid_argument');
    await errorOf(() => sgd({ rate: () => NaN }).step([variable]), 'invalid_argument');
    await errorOf(() => adagrad(/** @type {any} */ ({ rates: 1 })), 'invalid_argument');
    expect(await errorOf(() => variable.update(/** @type {any} */ (sgd({ rate: 1 }))), 'invalid_argument')).toMatch(
      'change',
    );
    expect(variable.lookup([1]).rows).toBe(1);
    variable.dispose();
    await errorOf(() => variable.lookup([1]), 'disposed');
  });
});

test('weights that are negative or no numbers are refused', async () => {
  const q = new Matrix(Float32Array.of(1, 2, 2, 1), 2, 2);
  for (const weight of [-1, NaN, Infinity]) {
    await errorOf(() => infoNce(q, q, { dims: [1], weights: [weight] }), 'invalid_argument');
    await errorOf(
      () => batchSimilarity(q, q, { similarityWeight: 1, dims: [1], weights: [weight] }),
      'invalid_argument',
    );
  }
  await errorOf(() => batchSimilarity(q, q, { klWeight: 1, klRows: /** @type {any} */ (5) }), 'invalid_argument');
  await errorOf(() => infoNce(q, q, { dims: [] }), 'shape_mismatch');
  expect(infoNce(q, q, { dims: [1], weights: [0] }).loss).toBe(0);
});

test('settings that torch refuses are refused', async () => {
  for (const make of [
    () => sgd({ rate: 0.1, momentum: -1 }),
    () => adagrad({ rate: 0.1, initialAccumulatorValue: -5 }),
    () => adagrad({ rate: 0.1, eps: -1e-8 }),
    () => adagrad({ rate: 0.1, lrDecay: -1 }),
    () => adam({ rate: 0.1, eps: -1e-8 }),
    () => adam({ rate: 0.1, betas: [1, 0.9] }),
    () => adam({ rate: 0.1, betas: [-0.1, 0.9] }),
    () => sgd({ rate: 0.1 }).step(/** @type {any} */ ([undefined])),
  ]) {
    await errorOf(make, 'invalid_argument');
  }
});
