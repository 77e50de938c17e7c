// What has the prototype of a platform's class without being one: a Proxy, or made with Object.create.
import {
  EmbeddingLayer,
  EmbeddingTable,
  Matrix,
  Tokenizer,
  VectorIndex,
  WembedError,
  WordVectors,
  errorOf,
  loadMini,
} from '../support/wembed.js';

const PROTOTYPES = { Uint8Array, ArrayBuffer, Blob, File: globalThis.File ?? Blob, Map, URL };
const LOOKALIKES = [
  ...['Uint8Array', 'ArrayBuffer'].map((name) => [
    `a Proxy of a ${name}`,
    new Proxy(new /** @type {any} */ (PROTOTYPES)[name](8), {}),
  ]),
  ['a Proxy of a Map', new Proxy(new Map(), {})],
  ['a Proxy of a Blob', new Proxy(new Blob(['ab']), {})],
  ['a Proxy of a URL', new Proxy(new URL('https://example.org/a.gguf'), {})],
  ...Object.entries(PROTOTYPES).map(([name, Type]) => [
    `an object with the prototype of ${name}`,
    Object.create(Type.prototype),
  ]),
];

describe.each(/** @type {[string, any][]} */ (LOOKALIKES))('%s', (_, given) => {
  test('is refused as a file, a location and an index', async () => {
    const layer = await loadMini();
    const calls = [
      () => EmbeddingLayer.from({ 'config.json': given, 'model.safetensors': given }),
      () => EmbeddingLayer.fromPretrained(given),
      () => Tokenizer.from(given),
      () => VectorIndex.load(given, { layer }),
      () => EmbeddingTable.from(given, { rows: 1, dim: 2 }),
    ];
    for (const call of calls) {
      const error = await Promise.resolve()
        .then(call)
        .catch((/** @type {unknown} */ thrown) => thrown);
      expect(error).toBeInstanceOf(WembedError);
    }
    expect(layer.encode('It is raining')).toHaveLength(256);
    layer.dispose();
  });
});

test('a Matrix has as many numbers as rows × dim', async () => {
  for (const wrong of [
    [new Float32Array(6), 2, 4],
    [[1], 1, 1],
    [new Float32Array(6), -2, -3],
    [new Float32Array(6), 1e12, 1e12],
  ]) {
    await errorOf(() => new Matrix(.../** @type {[any, number, number]} */ (wrong)), 'shape_mismatch');
  }
  const matrix = new Matrix(new Float32Array(6), 2, 3);
  expect(matrix.row(1)).toHaveLength(3);
  for (const i of [1.5, -1, 2, '0', null]) await errorOf(() => matrix.row(/** @type {any} */ (i)), 'id_out_of_range');
});

// Vue's ref() and reactive() wrap what can be extended in a Proxy, and leave the rest alone.
test('objects with private fields cannot be extended', async () => {
  const layer = await loadMini();
  const words = await WordVectors.from(['a'], new Float32Array(2));
  const index = await VectorIndex.create({ dim: 2 });
  for (const each of [layer, layer.table, layer.tokenizer, words, index]) expect(Object.isExtensible(each)).toBe(false);
});
