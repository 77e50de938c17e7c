// The layer as a caller meets it: how it is made, what it answers, and what it refuses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { safetensors, smallModel, smallTable } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import {
  EmbeddingLayer,
  Matrix,
  Tokenizer,
  errorOf,
  inspect,
  loadMini,
  readBytes,
  readJson,
} from '../support/wembed.js';

const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
const CHECKPOINTS = fileURLToPath(new URL('../golden/checkpoints/', import.meta.url));

let layer = /** @type {EmbeddingLayer} */ (/** @type {unknown} */ (null));
beforeAll(async () => {
  layer = await EmbeddingLayer.fromPretrained(smallModel());
});
afterAll(() => layer.dispose());

/** The cosine of two vectors in f64. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function cosine(a, b) {
  const dot = (/** @type {ArrayLike<number>} */ x, /** @type {ArrayLike<number>} */ y) =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('made', () => {
  test('of files in memory by from, of a location by fromPretrained', async () => {
    const again = await EmbeddingLayer.from(smallModel(), { dtype: 'f16' });
    expect([...again.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
    expect(again.table.dtype).toBe('f16');
    again.dispose();
    const gguf = readBytes('tests/golden/gguf/llama.gguf');
    const ends = await EmbeddingLayer.from(gguf);
    expect(ends.describe()).toMatchObject({ kind: 'transformer', family: 'llama', vocabSize: 40 });
    ends.dispose();
    for (const place of ['org/name', new URL('https://host/')]) {
      expect(await errorOf(() => EmbeddingLayer.from(any(place)), 'invalid_argument')).toMatch('fromPretrained');
    }
  });

  test('by no constructor', async () => {
    const make = (/** @type {unknown[]} */ ...args) => new (any(EmbeddingLayer))(...args);
    for (const args of [[], [Symbol('loaded'), layer], [undefined, { table: layer.table }]]) {
      expect(await errorOf(() => make(...args), 'invalid_argument')).toMatch('fromPretrained');
    }
  });

  describe('of the path or address of a .safetensors file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wembed-layer-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const weights = smallModel().get('model.safetensors');
    const files = smallModel({ 'model.safetensors': null, 'weights v2.safetensors': weights });
    for (const [name, content] of files) writeFileSync(join(folder, name), content);

    test('static models and checkpoints', async () => {
      for (const place of [
        join(folder, 'weights v2.safetensors'),
        pathToFileURL(join(folder, 'weights v2.safetensors')),
      ]) {
        const found = await EmbeddingLayer.fromPretrained(place);
        expect([...found.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
        found.dispose();
      }
      const named = await EmbeddingLayer.fromPretrained(folder, { file: 'weights v2.safetensors' });
      expect(named.describe()).toMatchObject({ kind: 'static', vocabSize: 6 });
      named.dispose();
      const ends = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}llama/model.safetensors`);
      expect(ends.describe()).toMatchObject({ family: 'llama', positions: 'rotary' });
      ends.dispose();
      const missing = () => EmbeddingLayer.fromPretrained(join(folder, 'other.safetensors'));
      expect(await errorOf(missing, 'not_found')).toMatch('other.safetensors');
    });

    test('on a server', async () => {
      const server = await serveFiles(files);
      try {
        const found = await EmbeddingLayer.fromPretrained(`${server.url}weights%20v2.safetensors`);
        expect([...found.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
        found.dispose();
      } finally {
        await server.close();
      }
    });
  });

  test('the mini model where its files have been moved', async () => {
    const folder = fileURLToPath(new URL('../../models/mini/', import.meta.url));
    const [moved, own] = [await loadMini({ base: folder }), await loadMini()];
    expect(moved.encode('It is raining')).toEqual(own.encode('It is raining'));
    moved.dispose();
    own.dispose();
    expect(await errorOf(() => loadMini(any({ bass: folder })), 'invalid_argument')).toMatch("'base'");
  });
});

test('an exception of a callback comes out as it is', async () => {
  class Mine extends Error {}
  const onProgress = () => {
    throw new Mine('mine');
  };
  await expect(EmbeddingLayer.fromPretrained(smallModel(), { onProgress })).rejects.toBeInstanceOf(Mine);
  await expect(EmbeddingLayer.fromPretrained(`${CHECKPOINTS}llama/`, { onProgress })).rejects.toBeInstanceOf(Mine);
  const corpus = (function* () {
    yield 'red';
    throw new Mine('mine');
  })();
  await expect(layer.prune({ corpus })).rejects.toBeInstanceOf(Mine);
  expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
});

describe('similarity', () => {
  const [red, green] = [
    [2, 2.25, 2.5, 2.75],
    [3, 3.25, 3.5, 3.75],
  ];

  test('of two texts, two vectors, or one of each is a number', () => {
    const expected = cosine(red, green);
    for (const [a, b] of [
      ['red', 'green'],
      [Float32Array.from(red), green],
      ['red', green],
      [red, 'green'],
    ]) {
      expect(layer.similarity(any(a), any(b))).toBeCloseTo(expected, 6);
    }
    expect(layer.similarity('red', 'purple')).toBe(0);
    expect(layer.similarity('red', 'green', { dimensions: 2 })).toBeCloseTo(
      cosine(red.slice(0, 2), green.slice(0, 2)),
      6,
    );
  });

  test('of several with several is a matrix', () => {
    const many = layer.encode(['red', 'green', 'blue']);
    const scores = layer.similarity(many, ['green', 'purple']);
    expect(scores.shape).toEqual([3, 2]);
    many.toArray().forEach((row, i) => {
      expect(scores.row(i)[0]).toBeCloseTo(cosine(row, green), 6);
      expect(scores.row(i)[1]).toBe(0);
    });
    expect(layer.similarity(['red'], 'green').shape).toEqual([1, 1]);
    expect(layer.similarity([], ['red']).shape).toEqual([0, 1]);
    expect(layer.similarity('red', []).shape).toEqual([1, 0]);
  });

  test('of more vectors than pass through the core at a time', () => {
    const [n, m, dim] = [37, 211, 391];
    const numbers = (/** @type {number} */ length) => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.3) + 0.1);
    const [a, b] = [new Matrix(numbers(n * dim), n, dim), new Matrix(numbers(m * dim).reverse(), m, dim)];
    const scores = layer.similarity(a, b);
    for (let i = 0; i < n; i += 6) {
      for (let j = 0; j < m; j += 7) expect(scores.row(i)[j]).toBeCloseTo(cosine(a.row(i), b.row(j)), 5);
    }
    expect(layer.similarity([a.row(3), [...a.row(4)]], b).data).toEqual(scores.data.slice(3 * b.rows, 5 * b.rows));
    expect(layer.similarity(a.row(3), b.row(200))).toBe(scores.row(3)[200]);
  });

  test('of what is neither is refused', async () => {
    await errorOf(() => layer.similarity(any(undefined), 'red'), 'invalid_argument');
    await errorOf(() => layer.similarity(any(['red', 5]), 'red'), 'invalid_argument');
    await errorOf(() => layer.similarity([1, any('x')], 'red'), 'invalid_argument');
    await errorOf(() => layer.similarity([1, 2], 'red'), 'shape_mismatch');
    await errorOf(() => layer.similarity(new Matrix(new Float32Array(3), 2, 4), 'red'), 'shape_mismatch');
    await errorOf(() => layer.similarity('red', 'red', any({ into: new Float32Array(8) })), 'invalid_argument');
    expect(layer.similarity('red', 'red')).toBeCloseTo(1, 6);
  });

  test('of vectors, in a layer that encodes no texts', async () => {
    const ends = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}llama/`);
    expect(ends.similarity(red, green)).toBeCloseTo(cosine(red, green), 6);
    await errorOf(() => ends.similarity('red', 'green'), 'unsupported');
    ends.dispose();
  });
});

describe("gensim's queries over the tokens", () => {
  test('mostSimilar: the nearest rows, without the tokens asked for', async () => {
    const mini = await loadMini();
    const { table, tokenizer } = mini;
    const row = (/** @type {string} */ token) => table.row(any(tokenizer.tokenToId(token)));
    const unit = (/** @type {Float32Array} */ x) => x.map((value) => value / Math.hypot(...x));
    const [king, woman, man] = ['king', 'woman', 'man'].map((token) => unit(row(token)));
    const target = king.map((value, i) => value + woman[i] - man[i]);
    const scores = Array.from({ length: table.vocabSize }, (_, id) => cosine(target, table.row(id)) || 0);
    const asked = ['king', 'woman', 'man'].map((token) => tokenizer.tokenToId(token));
    const expected = [...scores.keys()].filter((id) => !asked.includes(id)).sort((a, b) => scores[b] - scores[a]);
    const found = mini.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topn: 10 });
    expect(found.map(({ key }) => key)).toEqual(expected.slice(0, 10).map((id) => tokenizer.idToToken(id)));
    found.forEach(({ score }, i) => expect(score).toBeCloseTo(scores[expected[i]], 5));
    expect(mini.mostSimilar('king')).toEqual(mini.mostSimilar({ positive: ['king'], topK: 10 }));
    expect(mini.mostSimilar({ positive: [king], topn: 1 })[0].key).toBe('king');
    mini.dispose();
  });

  test('mostSimilar is refused what it cannot answer', async () => {
    await errorOf(() => layer.mostSimilar('purple'), 'not_found');
    await errorOf(() => layer.mostSimilar({}), 'invalid_argument');
    await errorOf(() => layer.mostSimilar(any(null)), 'invalid_argument');
    await errorOf(() => layer.mostSimilar({ positive: 'red', topn: -1 }), 'invalid_argument');
    await errorOf(() => layer.mostSimilar({ positive: [new Float32Array(3)] }), 'shape_mismatch');
    expect(await errorOf(() => layer.mostSimilar(any({ positiv: 'red' })), 'invalid_argument')).toMatch("'positive'");
    expect(layer.mostSimilar({ positive: 'red', topn: 0 })).toEqual([]);
    const ends = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}llama/`);
    await errorOf(() => ends.mostSimilar('red'), 'not_found'); // no tokenizer
    ends.dispose();
  });

  test('wordVectors: the same rows under their tokens, independent of the layer', async () => {
    const own = await EmbeddingLayer.fromPretrained(smallModel());
    const words = await own.wordVectors();
    own.dispose();
    expect(words.indexToKey).toEqual(['[PAD]', '[UNK]', 'red', 'green', 'blue', '##ish']);
    expect([...words.get('green')]).toEqual([3, 3.25, 3.5, 3.75]);
    expect(words.mostSimilar({ positive: ['red'], topn: 2 }).map(({ key }) => key)).toEqual(
      layer.mostSimilar({ positive: ['red'], topn: 2 }).map(({ key }) => key),
    );
    expect(words.doesntMatch(['red', 'green', '[PAD]'])).toBe('[PAD]');
    words.dispose();
    await errorOf(() => layer.wordVectors(any({ dtyp: 'f16' })), 'invalid_argument');
  });
});

test('describe has the same keys for every kind of model', async () => {
  const keys = Object.keys(layer.describe()).sort();
  for (const name of ['bert_mlm', 't5', 'llama', 'bloom', 'opt_narrow']) {
    const other = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}${name}/`);
    const found = other.describe();
    expect(Object.keys(found).sort()).toEqual(keys);
    expect([found.head === null, found.tokenizer === null]).toEqual([
      ...[found.whyNoHead !== null, found.whyNoTokenizer !== null],
    ]);
    expect(found.head === null).toBe(other.head === undefined);
    other.dispose();
  }
  expect(layer.describe()).toMatchObject({
    ...{ kind: 'static', family: 'model2vec', hiddenSize: 4, head: null, whyNoHead: expect.any(String) },
    ...{ pooling: 'mean', maxLength: 512, whyNoEncoder: null, tokenizer: 'wasm', whyNoTokenizer: null },
  });
  expect([layer.head, layer.rotary, layer.alibi]).toEqual([undefined, undefined, undefined]);
});

test('other names of options mean the same, and unknown options are refused with the nearest name', async () => {
  expect(layer.encode('red green', { dim: 2 })).toEqual(layer.encode('red green', { dimensions: 2 }));
  expect(layer.encode('red green', { truncateDim: 2, mode: 'sum' })).toEqual(
    layer.encode('red green', { dimensions: 2, pooling: 'sum' }),
  );
  /** @type {[() => unknown, RegExp][]} */
  const calls = [
    [() => layer.encode('red', any({ normalise: true })), /'normalise'.*'normalize'/],
    [() => layer.encode(['red'], any(null)), /null/],
    [() => layer.encode('red', any([])), /encode/],
    [() => layer.encode('red', { dim: 2, dimensions: 2 }), /twice/],
    [() => layer.encode('red', { normalize: any('yes') }), /normalize.*yes/],
    [() => layer.embed([1], any({ positionIDs: [0] })), /'positionIds'/],
    [() => layer.embed([1], any(5)), /embed/],
    [() => layer.prune(any({ keeep: 3 })), /'keep'/],
    [() => layer.prune(any(undefined)), /keep/],
    [() => layer.save(any({ dtyp: 'f32' })), /'dtype'/],
    [() => layer.saveTo(any(5)), /folder/],
    [() => EmbeddingLayer.fromPretrained(smallModel(), any({ dtpye: 'i8' })), /'dtype'/],
    [() => EmbeddingLayer.fromPretrained(smallModel(), any(null)), /null/],
    [() => EmbeddingLayer.fromPretrained(smallModel(), any({ tokn: 'x' })), /'token'/],
    [() => inspect(smallModel(), any({ fil: 'x' })), /'file'/],
    [() => Tokenizer.fromPretrained(smallModel(), any({ encodig: 'x' })), /'encoding'/],
    [() => Tokenizer.from({}, any({ encodin: 'x' })), /'encoding'/],
    [() => layer.tokenizer.encode('red', any({ addSpecialToken: true })), /'addSpecialTokens'/],
    [() => layer.tokenizer.decode([2], any({ skipSpecial: true })), /skipSpecialTokens/],
  ];
  for (const [call, pattern] of calls) {
    expect(await errorOf(call, 'invalid_argument')).toMatch(pattern);
    expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  }
});

describe('hostile arguments', () => {
  test('what changes while it is read is read once', async () => {
    let reads = 0;
    const options = {
      get dimensions() {
        return ++reads === 1 ? 2 : 4;
      },
    };
    expect(layer.encode(['red', 'green'], options).shape).toEqual([2, 2]);
    expect(reads).toBe(1);
    const texts = ['red', 'green'];
    const changing = new Proxy(texts, {
      get(target, key, receiver) {
        if (key === '0') layer.encode(['blue '.repeat(100_000), 'x'], { into: new Float32Array(8) }); // re-enters
        return Reflect.get(target, key, receiver);
      },
    });
    expect([...layer.encode(changing).data]).toEqual([2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75]);
    const lying = new Proxy(texts, { get: (target, key) => (key === 'length' ? 3 : Reflect.get(target, key)) });
    await errorOf(() => layer.encode(lying), 'invalid_argument');
    const disposing = await EmbeddingLayer.fromPretrained(smallModel());
    const last = new Proxy(texts, {
      get(target, key, receiver) {
        if (key === '1') disposing.dispose();
        return Reflect.get(target, key, receiver);
      },
    });
    await errorOf(() => disposing.encode(last), 'disposed');
  });

  test('a corpus that disposes of the layer, or changes while it is counted', async () => {
    const own = await EmbeddingLayer.fromPretrained(smallModel());
    const corpus = (function* () {
      yield 'red';
      own.dispose();
      yield 'green';
    })();
    await errorOf(() => own.prune({ corpus }), 'disposed');
    const counts = new Map([['red', 2]]);
    const pruning = layer.prune({ corpus: counts });
    counts.clear();
    const pruned = await pruning;
    expect(pruned.tokenizer.encode('red green').tokens).toEqual(['red', '[UNK]']);
    pruned.dispose();
  });

  test('arrays of ids that change, or lie about their length or kind', async () => {
    const ends = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}bert/`);
    const ids = Uint32Array.of(1, 2, 3);
    Object.defineProperty(ids, 'length', { value: 1_000_000 });
    expect(ends.embed(ids).rows).toBe(3);
    const fake = { [Symbol.toStringTag]: 'Uint32Array', length: 2, 0: 1, 1: 2 };
    await errorOf(() => ends.embed(any(fake)), 'invalid_argument');
    let reads = 0;
    const changing = new Proxy([1, 2], {
      get: (target, key) => (key === '0' && ++reads > 1 ? 10 ** 6 : Reflect.get(target, key)),
    });
    expect(ends.embed(changing).data).toEqual(ends.embed([1, 2]).data);
    ends.dispose();
  });

  test('a config with functions, depth or getters', async () => {
    const { RotaryPositions } = await import('../support/wembed.js');
    let reads = 0;
    const config = {
      get head_dim() {
        return ++reads === 1 ? 8 : 'x';
      },
      forward() {},
    };
    expect(RotaryPositions.fromConfig(config).headDim).toBe(8);
    /** @type {any} */
    const deep = { head_dim: 8 };
    deep.text_config = deep;
    await errorOf(() => RotaryPositions.fromConfig(deep), 'invalid_argument');
    await errorOf(() => RotaryPositions.fromConfig({ head_dim: 8, layer_types: Array(2 ** 21) }), 'invalid_argument');
  });
});

test('a model type that is not known loads where its tensors are a static model, and inspect agrees', async () => {
  const files = smallModel({ 'config.json': JSON.stringify({ model_type: 'my_static' }) });
  const found = await EmbeddingLayer.fromPretrained(files);
  expect([...found.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  found.dispose();
  expect((await inspect(files)).layer).toMatchObject({ vocabSize: 6, dim: 4 });
  const other = safetensors({ 'w.weight': { dtype: 'F32', shape: [6, 4], data: smallTable() } });
  const unknown = smallModel({ 'config.json': '{"model_type":"my_static"}', 'model.safetensors': other });
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(unknown), 'unsupported')).toMatch(/"my_static".*w\.weight/s);
  expect((await inspect(unknown)).whyNoLayer).toMatch('"my_static"');
});

test('the faces export what they promise', async () => {
  const words = await import('../../web/words.js');
  const { WordVectors } = await import('../../web/index.js');
  expect(words.WordVectors).toBe(WordVectors);
  expect(Object.keys(readJson('package.json').exports)).toEqual([
    '.',
    './mini',
    './search',
    './train',
    './util',
    './chat',
    './words',
    './static',
    './inline',
    './worker',
    './worker-thread',
    './assets/*',
    './package.json',
  ]);
  const tokenizer = await Tokenizer.fromPretrained(smallModel());
  const dispose = /** @type {any} */ (Symbol.dispose ?? Symbol.for('Symbol.dispose'));
  any(tokenizer)[dispose]();
  await errorOf(() => tokenizer.encode('red'), 'disposed');
  const own = await EmbeddingLayer.fromPretrained(smallModel());
  any(own)[dispose]();
  await errorOf(() => own.encode('red'), 'disposed');
});
