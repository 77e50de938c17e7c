import { smallModel } from '../support/models.js';
import { EmbeddingLayer, errorOf, loadMini } from '../support/wembed.js';

let layer = /** @type {EmbeddingLayer} */ (/** @type {unknown} */ (null));
let mini = /** @type {EmbeddingLayer} */ (/** @type {unknown} */ (null));
beforeAll(async () => {
  layer = await EmbeddingLayer.fromPretrained(smallModel());
  mini = await loadMini();
});

test('one text, many texts, none', () => {
  expect([...layer.encode('Red, green!')]).toEqual([2.5, 2.75, 3, 3.25]);
  const many = layer.encode(['red', '', 'bluish blueish']);
  expect([many.rows, many.dim]).toEqual([3, 4]);
  expect([...many.row(1)]).toEqual([0, 0, 0, 0]);
  expect([...many.row(2)]).toEqual([4.5, 4.75, 5, 5.25]); // "bluish" is unknown and counts for nothing
  expect(layer.encode([]).rows).toBe(0);
});

test('pooling, normalize, into', () => {
  expect([...layer.encode('red green', { pooling: 'sum' })]).toEqual([5, 5.5, 6, 6.5]);
  expect([...layer.encode('red green', { pooling: 'max' })]).toEqual([3, 3.25, 3.5, 3.75]);
  expect(Math.hypot(...layer.encode('red', { normalize: true }))).toBeCloseTo(1, 6);
  const into = new Float32Array(10).fill(9);
  const vectors = layer.encode(['red', 'blue'], { into });
  expect(vectors.data.buffer).toBe(into.buffer);
  expect([...into]).toEqual([2, 2.25, 2.5, 2.75, 4, 4.25, 4.5, 4.75, 9, 9]);
});

test('embed gives the rows of ids', () => {
  expect([...layer.embed([3]).data]).toEqual([3, 3.25, 3.5, 3.75]);
});

test('tokenizer: ids, tokens and back', () => {
  const { ids, tokens } = layer.tokenizer.encode('Blueish RED', { addSpecialTokens: false });
  expect([[...ids], tokens]).toEqual([
    [4, 5, 2],
    ['blue', '##ish', 'red'],
  ]);
  expect(layer.tokenizer.decode(ids)).toBe('blueish red');
  expect(layer.tokenizer.decode([])).toBe('');
});

test('describe says what is there', () => {
  expect(layer.describe()).toMatchObject({
    vocabSize: 6,
    dim: 4,
    dtype: 'f32',
    bytes: 96,
    parameters: 24,
    tied: false,
    positions: null,
    normalize: false,
  });
});

test('texts that are strange get the documented vector', () => {
  const zeros = ['', ' \n\t', '\0', '\ud800', '\ufffd'];
  for (const text of zeros) expect(mini.encode(text).every((value) => value === 0)).toBe(true);
  // What has no meaning of its own changes nothing around it.
  const plain = mini.encode('rain snow');
  for (const text of ['rain\0 snow', 'rain \udfff snow', '\ud83d rain snow']) expect(mini.encode(text)).toEqual(plain);
  for (const text of ['😀', 'a'.repeat(1_000_000), 'word '.repeat(200_000), '\u0301'.repeat(100_000)]) {
    const vector = mini.encode(text);
    expect(vector.every(Number.isFinite)).toBe(true);
  }
});

test('bad input is a WembedError, and the next good call works', async () => {
  /** @type {[string, () => unknown][]} */
  const calls = [
    ['invalid_argument', () => layer.encode(/** @type {any} */ (undefined))],
    ['invalid_argument', () => layer.encode(/** @type {any} */ (['red', 7]))],
    ['invalid_argument', () => layer.encode('red', { dimensions: 5 })],
    ['invalid_argument', () => layer.encode('red', { dimensions: 0 })],
    ['invalid_argument', () => layer.encode('red', { maxLength: 0 })],
    ['invalid_argument', () => layer.encode('red', { maxLength: 0.5 })],
    ['invalid_argument', () => layer.encode('red', { maxLength: NaN })],
    ['invalid_argument', () => layer.encode('red', { pooling: /** @type {any} */ ('median') })],
    ['shape_mismatch', () => layer.encode(['red', 'red'], { into: new Float32Array(7) })],
    ['id_out_of_range', () => layer.embed([6])],
    ['id_out_of_range', () => layer.tokenizer.decode([6])],
    ['invalid_argument', () => layer.tokenizer.encode(/** @type {any} */ (null))],
    ['unsupported', () => EmbeddingLayer.fromPretrained(smallModel(), { dtype: /** @type {any} */ ('f8') })],
  ];
  for (const [code, call] of calls) {
    await errorOf(call, code);
    expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  }
});

test('use after dispose is refused, a second dispose is not', async () => {
  const gone = await EmbeddingLayer.fromPretrained(smallModel());
  const { table } = gone;
  gone.dispose();
  gone.dispose();
  await errorOf(() => gone.encode('red'), 'disposed');
  await errorOf(() => gone.tokenizer, 'disposed');
  await errorOf(() => gone.describe(), 'disposed');
  await errorOf(() => table.lookup([0]), 'disposed');
});
