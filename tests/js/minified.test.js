// What a page's build makes of the library: minifiers drop calls whose answer nobody uses, and with them what such a call
// would have thrown. A minified build must answer wrong values as the sources do.
import { execFileSync as run } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as chat from '../../web/chat.js';
import * as index from '../../web/index.js';
import * as mini from '../../web/mini.js';
import * as search from '../../web/search.js';
import * as train from '../../web/train.js';
import * as util from '../../web/util.js';
import { createWorker } from '../../web/worker.js';
import { smallModel } from '../support/models.js';
import { ROOT } from '../support/sources.js';

const FACES = ['index', 'mini', 'search'];

/** @returns {string} Vite's settings, as JSON: three entry points, minified */
const settings = () =>
  JSON.stringify({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    build: {
      outDir: folder,
      emptyOutDir: true,
      minify: true,
      modulePreload: false,
      assetsInlineLimit: 0,
      rollupOptions: {
        input: Object.fromEntries(FACES.map((name) => [name, join(ROOT, `web/${name}.js`)])),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });

/** @type {string} */
let folder;
/** @type {Record<string, any>} */
let minified;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wembed-minified-'));
  // In a process of its own: the bundler does not run among Jest's copies of Node's objects.
  run(process.execPath, ['--input-type=module', '-e', `import { build } from 'vite'; await build(${settings()});`], {
    cwd: ROOT,
  });
  const parts = await Promise.all(FACES.map((name) => import(pathToFileURL(join(folder, `${name}.js`)).href)));
  minified = Object.assign({}, ...parts);
  minified.env.assets = join(ROOT, 'dist/assets');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @param {object} target */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const throwing = () => {
  throw new Error('a getter of the caller');
};

/** Values that a caller may have by mistake, each made anew for every call. @type {Record<string, () => unknown>} */
const VALUES = {
  'a revoked Proxy of an array': () => revoked([]),
  'a revoked Proxy of an object': () => revoked({}),
  'a revoked Proxy of a function': () => revoked(() => {}),
  'a Proxy of numbers': () => new Proxy(new Float32Array(4), {}),
  'a Proxy of an address': () => new Proxy(new URL('https://example.org/'), {}),
  'an object made of a class': () => Object.create(URL.prototype),
  'an object whose members throw': () => ({
    get length() {
      return throwing();
    },
    get byteLength() {
      return throwing();
    },
  }),
  'an array that claims 2^32 - 1 elements': () => Object.assign([], { length: 2 ** 32 - 1 }),
  'numbers that were transferred': () => {
    const numbers = new Float32Array(4);
    structuredClone(numbers, { transfer: [numbers.buffer] });
    return numbers;
  },
  'an object without a prototype': () => Object.create(null),
  'a symbol': () => Symbol('s'),
  'a bigint': () => 1n,
  NaN: () => NaN,
  null: () => null,
  nothing: () => undefined,
};

/** @typedef {Record<string, any>} Library */
/** @type {Record<string, (library: Library, value: any, layer: any) => unknown>} */
const CALLS = {
  'EmbeddingTable.from, data': ({ EmbeddingTable }, value) => EmbeddingTable.from(value, { rows: 1, dim: 4 }),
  'EmbeddingTable.from, options': ({ EmbeddingTable }, value) => EmbeddingTable.from(new Float32Array(4), value),
  'EmbeddingLayer.from': ({ EmbeddingLayer }, value) => EmbeddingLayer.from(value),
  'EmbeddingLayer.fromPretrained, options': ({ EmbeddingLayer }, value) =>
    EmbeddingLayer.fromPretrained('./nothing', value),
  'Tokenizer.from': ({ Tokenizer }, value) => Tokenizer.from(value),
  inspect: ({ inspect }, value) => inspect(value),
  'loadMini, signal': ({ loadMini }, value) => loadMini({ signal: value }),
  'loadMini, base': ({ loadMini }, value) => loadMini({ base: value }),
  'loadMini, onProgress': ({ loadMini }, value) => loadMini({ onProgress: value }),
  encode: (_, value, layer) => layer.encode(value),
  'encode, options': (_, value, layer) => layer.encode('a text', value),
  'encode, into': (_, value, layer) => layer.encode('a text', { into: value }),
  lookup: (_, value, layer) => layer.table.lookup(value),
  nearest: (_, value, layer) => layer.table.nearest(value, 2),
  'Tokenizer.encode': (_, value, layer) => layer.tokenizer.encode(value),
  'Tokenizer.decode': (_, value, layer) => layer.tokenizer.decode(value),
  'VectorIndex.create': ({ VectorIndex }, value) => VectorIndex.create(value),
  'VectorIndex.load': ({ VectorIndex }, value) => VectorIndex.load(value),
  'VectorIndex.add': async ({ VectorIndex }, value) => (await VectorIndex.create({ dim: 4 })).add(value),
  'VectorIndex.add, vector': async ({ VectorIndex }, value) =>
    (await VectorIndex.create({ dim: 4 })).add([{ id: 1, vector: value }]),
  'RotaryPositions.fromConfig': ({ RotaryPositions }, value) => RotaryPositions.fromConfig(value),
  'new Matrix': ({ Matrix }, value) => new Matrix(value, 1, 4),
};

/** @param {(library: Library, value: any, layer: any) => unknown} call @param {Library} library @param {() => unknown} value @param {any} layer */
async function outcome(call, library, value, layer) {
  try {
    return typeof (await call(library, value(), layer));
  } catch (error) {
    const { name, code, reason, message } = /** @type {any} */ (error);
    return [name, code, reason, message].join(' · ');
  }
}

test.each(Object.keys(CALLS))('%s: the same answer to every wrong value', async (name) => {
  const library = { ...index, ...mini, ...search };
  const [layer, own] = await Promise.all([library.loadMini(), minified.loadMini()]);
  const answers = async (/** @type {Library} */ from, /** @type {any} */ its) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(VALUES).map(async ([kind, value]) => [kind, await outcome(CALLS[name], from, value, its)]),
      ),
    );
  const expected = await answers(library, layer);
  expect(Object.values(expected).some((answer) => answer.startsWith('WembedError'))).toBe(true);
  expect(await answers(minified, own)).toEqual(expected);
});

test('two copies of the package at once: a Matrix and a layer of the one serve in the other', async () => {
  const [layer, own] = await Promise.all([minified.loadMini(), mini.loadMini()]);
  const texts = ['It is raining', 'Wet weather'];
  const [foreign, matrix] = [layer.encode(texts), own.encode(texts)];
  expect(foreign).not.toBeInstanceOf(index.Matrix);
  expect([...foreign.data]).toEqual([...matrix.data]);
  const table = await index.EmbeddingTable.from(matrix.data, { rows: 2, dim: 256 });
  const sent = structuredClone(matrix); // as a worker of the caller's receives it
  for (const given of [foreign, sent]) {
    expect(table.nearest(given, 2)).toEqual(table.nearest(matrix, 2));
    expect(util.cosSim(given, given)).toEqual(util.cosSim(matrix, matrix));
    expect(await index.WordVectors.from(['a', 'b'], given)).toMatchObject({ dim: 256 });
  }
  const found = await search.VectorIndex.create({ layer });
  found.add(texts.map((text, id) => ({ id, text })));
  expect(found.search('rain', { topK: 1 })).toMatchObject([{ id: 0 }]);
  // What only looks like a Matrix is checked as one.
  for (const wrong of [
    { ...sent, rows: 3 },
    { ...sent, dim: -1 },
    { ...sent, rows: NaN },
    { data: new DataView(new ArrayBuffer(8)), rows: 1, dim: 2 },
  ]) {
    expect(() => table.nearest(wrong, 1)).toThrow(index.WembedError);
  }
});

test('two copies of the package at once: what uses only methods takes an object of the other', async () => {
  const [layer, own] = await Promise.all([minified.loadMini(), mini.loadMini()]);
  const [foreign, tokenizer] = [layer.tokenizer, own.tokenizer];
  expect(foreign).not.toBeInstanceOf(index.Tokenizer);
  const { ids } = tokenizer.encode('It is raining');
  expect(new index.DecodeStream(foreign).add(ids)).toBe(new index.DecodeStream(tokenizer).add(ids));
  expect(index.encodePair(foreign, 'Wet', 'weather')).toEqual(index.encodePair(tokenizer, 'Wet', 'weather'));
  const template = chat.ChatTemplate.from('{{ messages[0].content }}');
  const messages = [{ role: 'user', content: 'It is raining' }];
  expect(template.encode(foreign, messages)).toEqual(template.encode(tokenizer, messages));
  const tables = await Promise.all(
    [minified, index].map(({ EmbeddingTable }) => EmbeddingTable.from([1, 2, 3, 4], { rows: 2, dim: 2 })),
  );
  const [learns, learned] = await Promise.all(tables.map((table) => train.Variable.from(table)));
  expect([learns.rows, learns.dim, learns.value()]).toEqual([2, 2, learned.value()]);
  tables[0].dispose();
  await expect(train.Variable.from(tables[0])).rejects.toMatchObject({ name: 'WembedError', code: 'disposed' });
  const vectors = await minified.WordVectors.from(['a', 'b'], { data: Float32Array.of(1, 2, 3, 4), rows: 2, dim: 2 });
  expect([...(await train.wordLayer(vectors)).encode('b')].map((x) => x.toFixed(6))).toEqual(['0.600000', '0.800000']);
});

test('two copies of the package at once: a worker learns from the files of the other’s layer', async () => {
  const [worker, layer, own] = await Promise.all([
    createWorker(),
    ...[minified, index].map(({ EmbeddingLayer }) => EmbeddingLayer.fromPretrained(smallModel())),
  ]);
  const examples = {
    pairs: [
      ['red', 'green'],
      ['blue', 'blueish'],
    ],
  };
  const adapted = await Promise.all(
    [layer, own].map((each) => train.adapt(each, examples, { worker, epochs: 1, seed: 1 })),
  );
  worker.dispose();
  const [found, expected] = adapted.map((each) => each.encode('red'));
  expect(found).toEqual(expected);
});

test('two copies of the package at once: an object in the memory of the other is refused with the reason', async () => {
  const [layer, own] = await Promise.all([minified.loadMini(), mini.loadMini()]);
  const says = (/** @type {string} */ what) => ({
    ...{ code: 'invalid_argument', message: expect.stringContaining(`must be an ${what} of this copy of wembed`) },
  });
  for (const call of [
    () => own.table.quantizationError(layer.table),
    () => new index.LanguageModelHead(layer.table),
    () => new index.LearnedPositions(layer.table),
  ]) {
    expect(call).toThrow(expect.objectContaining(says('EmbeddingTable')));
  }
  const examples = { texts: ['wet', 'dry'], labels: [0, 1] };
  await expect(train.trainClassifier(layer, examples)).rejects.toMatchObject(says('EmbeddingLayer'));
  await expect(train.adapt(layer, { pairs: [['wet', 'rain']] })).rejects.toMatchObject(says('EmbeddingLayer'));
});

test('what has every method of a class is not taken for an object of another copy where it cannot be read', () => {
  const all = new Proxy({}, { has: () => true, get: throwing });
  const torn = new Proxy({}, { has: throwing });
  for (const wrong of [all, torn, revoked({}), Object.create(index.Tokenizer.prototype)]) {
    expect(() => new index.DecodeStream(wrong)).toThrow('the tokenizer of a DecodeStream must be a Tokenizer');
  }
});
