// A cache that gives no answer does not keep a load waiting for ever.
import { safetensors, smallTokenizer, smallTable } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, errorOf } from '../support/wembed.js';

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
beforeAll(async () => {
  server = await serveFiles(
    new Map([
      ['config.json', JSON.stringify({ model_type: 'model2vec', normalize: false })],
      ['tokenizer.json', JSON.stringify(smallTokenizer())],
      ['model.safetensors', safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data: smallTable() } })],
    ]),
  );
});
afterAll(() => server.close());

const never = () => new Promise(() => {});

test.each([
  ['nothing at all', { match: never, put: never, delete: never, keys: never }],
  ['when it is asked', { match: never, put: async () => {} }],
  ['when it is given something', { match: async () => undefined, put: never }],
])(
  'one that answers %s',
  async (_, cache) => {
    const layer = await EmbeddingLayer.fromPretrained(server.url, { cache: /** @type {any} */ (cache), timeout: 1000 });
    expect(layer.encode('red')).toEqual(Float32Array.of(2, 2.25, 2.5, 2.75));
    layer.dispose();
  },
  20_000,
);

test('what is no cache is still refused at once', async () => {
  const load = () => EmbeddingLayer.fromPretrained(server.url, { cache: /** @type {any} */ (5), timeout: 1000 });
  await errorOf(load, 'invalid_argument');
});
