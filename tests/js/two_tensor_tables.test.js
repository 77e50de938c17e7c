// Tables that a checkpoint keeps in two tensors: rows of new tokens, and columns beside the token table's.
import { filesOf, filled, madeTypes } from '../support/model_types.js';
import { EmbeddingLayer, errorOf } from '../support/wembed.js';

const made = madeTypes();
const golden = (/** @type {string} */ type) => /** @type {any} */ (made.get(type));

test.each(['f32', 'f16', 'i8'])("rows of new tokens follow the first tensor's: %s", async (dtype) => {
  const layer = await EmbeddingLayer.fromPretrained(filesOf(golden('molmo2')), { dtype: /** @type {any} */ (dtype) });
  expect(layer.describe()).toMatchObject({ vocabSize: 80, dtype, head: { vocabSize: 40 } });
  const expected = filled('model.transformer.wte.new_embedding', [40, 32]);
  const { data } = layer.embed([40, 79]);
  // The numbers are multiples of 1/128, which an i8 row of a scale of its own keeps within half a step.
  const bound = dtype === 'i8' ? 0.5 / 127 : 0;
  [...expected.subarray(0, 32), ...expected.subarray(39 * 32)].forEach((value, i) =>
    expect(Math.abs(data[i] - value)).toBeLessThanOrEqual(bound + 1e-7),
  );
  expect(await errorOf(() => layer.embed([80]), 'id_out_of_range')).toMatch('80');
  expect(await errorOf(() => layer.save(), 'unsupported')).toMatch('two tensors');
  layer.dispose();
});

test('new rows that are no rows of the table are refused', async () => {
  const odd = structuredClone(golden('molmo2'));
  odd.tensors['model.transformer.wte.new_embedding'] = [40, 31];
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(filesOf(odd)), 'bad_file')).toMatch(/\[40,31\]/);
});

test('columns beside the token table: converted as it is, and refused where they do not fit', async () => {
  const files = filesOf(golden('mobilebert'));
  const layer = await EmbeddingLayer.fromPretrained(files);
  const small = await EmbeddingLayer.fromPretrained(files, { dtype: 'f16' });
  const hidden = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
  const exact = /** @type {any} */ (layer.head).logits(hidden);
  expect(small.describe().head).toMatchObject({ dim: 32, dtype: 'f16', tied: false });
  /** @type {any} */ (small.head).logits(hidden).forEach((/** @type {number} */ score, /** @type {number} */ i) => {
    expect(Math.abs(score - exact[i])).toBeLessThan(0.01);
  });
  const { bytes } = layer.describe();
  expect(bytes).toBeGreaterThanOrEqual(4 * 40 * (12 + 32));
  expect(await errorOf(() => layer.save(), 'unsupported')).toMatch('two tensors');
  for (const each of [layer, small]) each.dispose();
  const odd = structuredClone(golden('mobilebert'));
  odd.tensors['cls.predictions.dense.weight'] = [20, 39];
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(filesOf(odd)), 'bad_file')).toMatch(/\[20,39\]/);
});
