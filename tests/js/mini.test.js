// The model that ships: its vectors against a float64 reference, its ids against the Rust tokenizers.
import { createHash } from 'node:crypto';
import { miniFiles } from '../../web/models/mini_files.js';
import { Tokenizer, loadMini, readBytes, readJson, sameIds } from '../support/wembed.js';

const golden = readJson('tests/golden/mini_ids.json');

/** The (scaled) rows of models/mini in f64, straight from the file. */
function referenceRows() {
  const file = readBytes('models/mini/model.safetensors');
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const bytes = (/** @type {string} */ name) =>
    file.slice(8 + length + header[name].data_offsets[0], 8 + length + header[name].data_offsets[1]);
  const [rows, dim] = header.embeddings.shape;
  const values = new Int8Array(bytes('embeddings').buffer);
  const weights = new Float32Array(bytes('weights').buffer);
  expect([header.embeddings.dtype, weights.length]).toEqual(['I8', rows]);
  return {
    dim,
    row: (/** @type {number} */ id) =>
      Array.from(values.subarray(id * dim, (id + 1) * dim), (value) => value * weights[id]),
  };
}

/** @param {number[][]} rows @param {number} dim */
function normalisedMean(rows, dim) {
  const sum = new Array(dim).fill(0);
  for (const row of rows) row.forEach((value, d) => (sum[d] += value));
  const norm = Math.hypot(...sum) || 1;
  return sum.map((value) => value / norm);
}

let layer = /** @type {Awaited<ReturnType<typeof loadMini>>} */ (/** @type {unknown} */ (null));
beforeAll(async () => {
  layer = await loadMini();
});
afterAll(() => layer.dispose());

test('the golden ids belong to this tokenizer', () => {
  const hash = createHash('sha256').update(readBytes('models/mini/tokenizer.json')).digest('hex');
  expect(golden.tokenizer_sha256).toBe(hash);
});

test('1,000 varied texts equal the float64 reference within 1e-5', () => {
  const { dim, row } = referenceRows();
  const found = layer.encode(golden.texts);
  const comparable = sameIds(layer.tokenizer, golden.texts, golden.ids);
  let worst = 0;
  golden.ids.forEach((/** @type {number[]} */ ids, /** @type {number} */ i) => {
    if (!comparable[i]) return;
    const kept = ids.filter((id) => id !== layer.tokenizer.unkId).slice(0, 512);
    const expected = normalisedMean(kept.map(row), dim);
    expected.forEach((value, d) => (worst = Math.max(worst, Math.abs(value - found.row(i)[d]))));
  });
  expect(worst).toBeLessThanOrEqual(1e-5);
});

test('a text gives the same bits alone and in a batch', () => {
  const batch = layer.encode(golden.texts);
  golden.texts.forEach((/** @type {string} */ text, /** @type {number} */ i) => {
    expect(Buffer.compare(Buffer.from(layer.encode(text).buffer), Buffer.from(batch.row(i).slice().buffer))).toBe(0);
  });
});

test('alike texts are closer than others', () => {
  expect(layer.similarity('A man is playing a guitar.', 'Someone plays an instrument.')).toBeGreaterThan(
    layer.similarity('A man is playing a guitar.', 'The stock market fell on Monday.') + 0.2,
  );
  expect(layer.similarity('same', 'same')).toBeCloseTo(1, 6);
});

test('dimensions keeps the first numbers and normalises them', () => {
  const whole = layer.encode('It is raining', { normalize: false });
  const cut = layer.encode('It is raining', { dimensions: 32 });
  const norm = Math.hypot(...whole.subarray(0, 32));
  expect(cut.length).toBe(32);
  cut.forEach((value, d) => expect(value).toBeCloseTo(whole[d] / norm, 6));
});

test('the pack has the tokenizer compiled, from which its tokenizer.json is written out for pruning', async () => {
  const files = miniFiles(undefined, {});
  const source = await files.open('tokenizer.json');
  const bytes = await /** @type {import('../../web/sources/source.js').ByteSource} */ (source).slice(0);
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(readJson('models/mini/tokenizer.json'));
  const [compiled, fromJson] = await Promise.all([
    Tokenizer.from(/** @type {Uint8Array} */ (await files.savedTokenizer?.())),
    Tokenizer.from(readBytes('models/mini/tokenizer.json')),
  ]);
  expect(compiled.vocabSize).toBe(fromJson.vocabSize);
  expect(compiled.encodeBatch(golden.texts)).toEqual(fromJson.encodeBatch(golden.texts));
  const small = await layer.prune({ keep: 2000 });
  expect(small.encode('the').some((value) => value !== 0)).toBe(true);
  [compiled, fromJson, small].forEach((each) => each.dispose());
});

test('the files stay within 8 MB', () => {
  const names = ['config.json', 'tokenizer.json', 'model.safetensors', 'README.md'];
  const bytes = names.reduce((sum, name) => sum + readBytes(`models/mini/${name}`).length, 0);
  expect(bytes).toBeLessThanOrEqual(8_000_000);
});
