// Folders as sentence-transformers and model2vec save them, and their vectors (tools/golden/sentence_transformers_folders.py).
import { EmbeddingLayer, errorOf, readJson } from '../support/wembed.js';

const { texts, folders } = readJson('tests/golden/sentence_transformers.json');

/** @param {Record<string, string | { base64: string }>} files */
const filesOf = (files) =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : new Uint8Array(Buffer.from(content.base64, 'base64')),
    ]),
  );

/** The libraries work in the table's own precision, wembed in single. */
const BOUNDS = /** @type {Record<string, number>} */ ({
  ...{ 'half precision': 2 ** -10, 'model2vec, float16': 2 ** -10, bfloat16: 2 ** -7 },
});

/** @param {{ row(i: number): Float32Array }} found @param {number[][]} expected @param {number} bound */
function expectRows(found, expected, bound) {
  expected.forEach((row, i) => {
    const most = Math.max(...row.map(Math.abs), 1e-6);
    const own = found.row(i);
    expect(own.length).toBe(row.length);
    row.forEach((value, j) => {
      // In half precision torch divides zeros by 1e-12, which is 0 there.
      expect(Math.abs(own[j] - (value ?? 0))).toBeLessThanOrEqual(bound * most);
    });
  });
}

test.each(Object.keys(folders))("vectors are the library's own: %s", async (name) => {
  const golden = folders[name];
  const layer = await EmbeddingLayer.fromPretrained(filesOf(golden.files));
  expect(layer.describe().rules).toBe(golden.rules);
  /** @type {[string, object][]} */
  const calls = [
    ['vectors', {}],
    ['query', { promptName: 'query' }],
    ['other', { prompt: 'hello ' }],
    ['no prompt', { prompt: '' }],
    ['dimensions 2', { dimensions: 2 }],
    ['unit length', { normalize: true }],
  ];
  for (const [key, options] of calls)
    if (golden[key]) expectRows(layer.encode(texts, options), golden[key], BOUNDS[name] ?? 3e-6);
  expect([...layer.encode(texts[0])]).toEqual([...layer.encode(texts).row(0)]);
  layer.dispose();
});

test('what a folder says wrongly is refused, and so is a module that is not known', async () => {
  const load = (/** @type {Record<string, string>} */ changed, name = 'dense') =>
    EmbeddingLayer.fromPretrained({ ...filesOf(folders[name].files), ...changed });
  const config = (/** @type {object} */ more) => ({ 'config_sentence_transformers.json': JSON.stringify(more) });
  expect(await errorOf(() => load(config({ truncate_dim: 1.5 })), 'bad_file')).toMatch('truncate_dim');
  expect(await errorOf(() => load(config({ default_prompt_name: 'x', prompts: {} })), 'bad_file')).toMatch(
    /default_prompt_name is x/,
  );
  expect(await errorOf(() => load(config({ prompts: { x: 1 } })), 'bad_file')).toMatch('prompts');
  const modules = JSON.parse(folders.dense.files['modules.json']);
  modules[1].type = 'sentence_transformers.models.CNN';
  expect(await errorOf(() => load({ 'modules.json': JSON.stringify(modules) }), 'unsupported')).toMatch('CNN');
  const dense = { in_features: 6, out_features: 3, bias: true, activation_function: 'os.system' };
  expect(await errorOf(() => load({ '1_Dense/config.json': JSON.stringify(dense) }), 'unsupported')).toMatch(
    'os.system',
  );
  const layer = await load({}, 'prompts');
  expect(await errorOf(() => layer.encode('a', { promptName: 'x' }), 'invalid_argument')).toMatch('query, document');
  layer.dispose();
});
