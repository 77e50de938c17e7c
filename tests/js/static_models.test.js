// Vectors against Python's model2vec, on real models.
import { safetensors, smallModel } from '../support/models.js';
import { EmbeddingLayer, errorOf, readJson, sameIds, sharedData } from '../support/wembed.js';

const golden = readJson('tests/golden/static_models.json');
const OPTIONS = {
  plain: {},
  'not normalised': { normalize: false },
  'cut to 5 tokens': { maxLength: 5 },
  'never cut': { maxLength: Infinity },
};

describe.each(Object.keys(golden.models))('%s', (name) => {
  const { path, test } = sharedData(`model2vec/${name}`);
  const { texts: indices, ids, vectors } = golden.models[name];
  const texts = indices.map((/** @type {number} */ i) => golden.texts[i]);

  test.each(Object.keys(vectors))('%s', async (mode) => {
    const layer = await EmbeddingLayer.fromPretrained(path);
    const comparable = sameIds(layer.tokenizer, texts, ids);
    const found = layer.encode(texts, OPTIONS[/** @type {keyof typeof OPTIONS} */ (mode)]);
    // Python rounds the result of an f16 table to f16; for the others 1e-5 of the vector's largest value is asked.
    const tolerance = layer.describe().dtype === 'f16' ? 2 ** -10 : 1e-5;
    texts.forEach((/** @type {string} */ text, /** @type {number} */ i) => {
      if (!comparable[i]) return;
      const expected = vectors[mode][i];
      const largest = Math.max(...expected.map(Math.abs));
      const worst = Math.max(
        ...expected.map((/** @type {number} */ value, /** @type {number} */ d) => Math.abs(value - found.row(i)[d])),
      );
      if (!(worst <= tolerance * largest))
        throw new Error(`${JSON.stringify(text)}: off by ${worst}, largest value ${largest}`);
    });
    layer.dispose();
  });
});

test('the table of the first versions of Model2Vec, embeddings.safetensors, is found', async () => {
  const files = new Map(
    [...smallModel()].map(([name, content]) => [name.replace('model.safetensors', 'embeddings.safetensors'), content]),
  );
  const layer = await EmbeddingLayer.fromPretrained(files);
  expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  layer.dispose();
});

test('the folder 0_StaticEmbedding is found', async () => {
  const files = smallModel();
  const moved = new Map(
    [...files].map(([name, content]) => [name === 'config.json' ? name : `0_StaticEmbedding/${name}`, content]),
  );
  const layer = await EmbeddingLayer.fromPretrained(moved);
  expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  layer.dispose();
});

test.each([
  ['config.json', '{"model_type":5}'],
  ['config.json', '{"model_type":{"toString":1}}'],
  ['modules.json', '[{"type":{"toString":1}}]'],
  ['modules.json', '[{}]'],
  ['modules.json', '[null]'],
  ['modules.json', '{"0":{"type":"Normalize"}}'],
  ['modules.json', '"Normalize"'],
])('%s with a type that is no text is a bad file: %s', async (name, content) => {
  const files = smallModel({ 'config.json': '{}', [name]: content });
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(files), 'bad_file')).toMatch(name);
});

test('modules.json decides where config.json does not say', async () => {
  const modules = [
    { idx: 0, name: '0', path: '.', type: 'sentence_transformers.models.StaticEmbedding' },
    { idx: 1, name: '1', path: '1_Normalize', type: 'sentence_transformers.models.Normalize' },
  ];
  const layer = await EmbeddingLayer.fromPretrained(
    smallModel({ 'config.json': '{}', 'modules.json': JSON.stringify(modules) }),
  );
  expect(layer.describe()).toMatchObject({ normalize: true, rules: 'sentence-transformers' });
  expect(Math.hypot(...layer.encode('red blue'))).toBeCloseTo(1, 6);
  layer.dispose();
});

describe('float64 tables', () => {
  const TOKENIZER = JSON.stringify({
    ...{
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [],
      normalizer: null,
      post_processor: null,
      decoder: null,
    },
    ...{
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordLevel', vocab: { '[UNK]': 0, a: 1 }, unk_token: '[UNK]' },
    },
  });
  /** @param {number[]} numbers */
  const files = (numbers) => ({
    ...{ 'config.json': '{"normalize": false}', 'tokenizer.json': TOKENIZER },
    'model.safetensors': safetensors({ embeddings: { dtype: 'F64', shape: [2, 2], data: Float64Array.from(numbers) } }),
  });

  test('rows are the nearest float32 numbers, as numpy rounds them', async () => {
    const numbers = [1 / 3, -1e-45, 3.4028235677973366e38 - 1e31, 16777217];
    const layer = await EmbeddingLayer.fromPretrained(files(numbers));
    expect([...layer.embed([0, 1]).data]).toEqual(numbers.map(Math.fround));
    layer.dispose();
  });

  test('numbers that the dtype cannot hold are refused, infinities are not', async () => {
    const load = (/** @type {number[]} */ numbers, /** @type {object} */ options) => () =>
      EmbeddingLayer.fromPretrained(files(numbers), options);
    expect(await errorOf(load([1, 2, 1e300, 4], {}), 'bad_file')).toMatch(/1e\+300/);
    expect(await errorOf(load([1, 2, 1e6, 4], { dtype: 'f16' }), 'invalid_argument')).toMatch(/1000000/);
    const layer = await load([1, -Infinity, 3, 4], {})();
    expect([...layer.embed([0]).data]).toEqual([1, -Infinity]);
    layer.dispose();
  });
});
