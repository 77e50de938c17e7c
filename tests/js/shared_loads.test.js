// Loads of one model at once read it once, and share nothing that one of them could change.
import { readdirSync } from 'node:fs';
import { joined } from '../../web/sources/shared_fetch.js';
import { safetensors, smallTokenizer } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, errorOf, loadMini, readBytes } from '../support/wembed.js';

const ROWS = 20_000;
const DIM = 64;
const WORDS = ['[PAD]', '[UNK]', ...Array.from({ length: ROWS - 2 }, (_, i) => `w${i}`)];
const TABLE = Float32Array.from({ length: ROWS * DIM }, (_, i) => (i % 997) / 8);
const WEIGHTS = safetensors({ embeddings: { dtype: 'F32', shape: [ROWS, DIM], data: TABLE } });
const STATIC = new Map(
  /** @type {[string, Uint8Array | string][]} */ ([
    ['config.json', JSON.stringify({ model_type: 'model2vec', normalize: false })],
    ['tokenizer.json', JSON.stringify(smallTokenizer(WORDS))],
    ['model.safetensors', WEIGHTS],
  ]),
);
const BYTES = [...STATIC.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
beforeEach(async () => void (server = await serveFiles(new Map(STATIC))));
afterEach(() => server.close());

/** @param {object} [options] */
const load = (options) => EmbeddingLayer.fromPretrained(server.url, { cache: false, delay: 5, ...options });

test('five loads of a model at once download it once; each is its own', async () => {
  const layers = await Promise.all(Array.from({ length: 5 }, () => load()));
  expect(server.bytes('model.safetensors')).toBe(WEIGHTS.length);
  // A file that has come to its end before another load asks for it is read again: here the two small ones.
  expect(server.bytes()).toBeLessThan(1.3 * BYTES);
  const expected = TABLE.slice(5 * DIM, 6 * DIM);
  layers.forEach((layer, i) => {
    expect(layer.encode('w3')).toEqual(expected);
    if (i < 4) layer.dispose();
  });
  expect(layers[4].encode('w3')).toEqual(expected);
  layers[4].dispose();
});

test('a load that comes while the weights arrive joins, and one that comes later downloads for itself', async () => {
  server.lie = ({ path }) => (path === 'model.safetensors' ? { delay: 100 } : {});
  const first = load();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const layers = await Promise.all([first, load()]);
  expect(server.bytes('model.safetensors')).toBe(WEIGHTS.length);
  layers.push(await load());
  expect(server.bytes('model.safetensors')).toBe(2 * WEIGHTS.length);
  layers.forEach((layer) => layer.dispose());
});

test("loads with other credentials, and with a fetch of the caller's own, share nothing", async () => {
  const own = (/** @type {any} */ url, /** @type {any} */ init) => fetch(url, init);
  const loads = [load({ token: 'a' }), load({ token: 'b' }), load(), load({ fetch: own })];
  (await Promise.all(loads)).forEach((layer) => layer.dispose());
  expect(server.bytes('model.safetensors')).toBe(4 * WEIGHTS.length);
  const sent = server.requests.map(({ headers }) => headers.authorization);
  expect(new Set(sent)).toEqual(new Set(['Bearer a', 'Bearer b', undefined]));
});

test('one that is aborted leaves the others their download, and ends it when it was the last', async () => {
  const stops = [new AbortController(), new AbortController()];
  /** @type {() => void} */
  let arrived = () => {};
  const arriving = new Promise((resolve) => void (arrived = () => resolve(undefined)));
  const watching = load({
    signal: stops[0].signal,
    onProgress: ({ file, loaded }) => file.endsWith('.safetensors') && loaded > 0 && arrived(),
  });
  const other = load();
  await arriving;
  stops[0].abort();
  await errorOf(() => watching, 'aborted');
  const layer = await other;
  expect(layer.encode('w3')).toEqual(TABLE.slice(5 * DIM, 6 * DIM));
  layer.dispose();
  expect(server.bytes('model.safetensors')).toBe(WEIGHTS.length);
  server.lie = ({ path }) => (path === 'model.safetensors' ? { hang: true } : {});
  const hanging = load({ signal: stops[1].signal });
  const joining = load({ signal: stops[1].signal });
  setTimeout(() => stops[1].abort(), 50);
  await errorOf(() => hanging, 'aborted');
  await errorOf(() => joining, 'aborted');
  server.lie = () => {};
  (await load()).dispose();
});

test('a download that hangs is given up by each of its readers in time, and not joined again', async () => {
  let hangs = 1;
  server.lie = ({ path }) => (path === 'model.safetensors' && hangs-- > 0 ? { silent: true } : {});
  const layers = await Promise.all([load({ timeout: 1500 }), load({ timeout: 2000 })]);
  layers.forEach((layer) => layer.dispose());
}, 20_000);

test('a connection that breaks is resumed for all', async () => {
  let cuts = 2;
  server.lie = ({ path }) => (path === 'model.safetensors' && cuts-- > 0 ? { cut: 1_000_000 } : {});
  const layers = await Promise.all([load(), load(), load()]);
  for (const layer of layers) {
    expect(layer.encode('w19000')).toEqual(TABLE.slice(19_002 * DIM, 19_003 * DIM));
    layer.dispose();
  }
  expect(server.bytes('model.safetensors')).toBeLessThan(2 * WEIGHTS.length);
});

test('a file that is missing or damaged is so for all, and the next load works', async () => {
  server.files.delete('tokenizer.json');
  await Promise.all([1, 2].map(() => errorOf(() => load(), 'not_found')));
  server.files.set('tokenizer.json', '{');
  await Promise.all([1, 2].map(() => errorOf(() => load(), 'bad_file')));
  server.files.set('tokenizer.json', /** @type {string} */ (STATIC.get('tokenizer.json')));
  (await load()).dispose();
});

test("a transformer's ends, which are read by ranges", async () => {
  const folder = 'tests/golden/checkpoints/bert_mlm/';
  for (const name of readdirSync(folder)) server.files.set(`t/${name}`, readBytes(folder + name));
  const both = () => EmbeddingLayer.fromPretrained(`${server.url}t/`, { cache: false });
  const [a, b] = await Promise.all([both(), both()]);
  const once = server.bytes('t/model.safetensors');
  expect(once).toBeLessThanOrEqual(readBytes(`${folder}model.safetensors`).length + 32_768);
  const rows = a.embed([3, 1]).data;
  a.dispose();
  expect(b.embed([3, 1]).data).toEqual(rows);
  b.dispose();
});

test('loadMini twice at once is one download', async () => {
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  for (const name of names) server.files.set(`mini/${name}`, readBytes(`models/mini/${name}`));
  const mini = () => loadMini({ base: `${server.url}mini/` });
  const layers = await Promise.all([mini(), mini()]);
  for (const name of names) expect(server.bytes(`mini/${name}`)).toBe(readBytes(`models/mini/${name}`).length);
  layers[0].dispose();
  expect(layers[1].similarity('cat', 'dog')).toBeGreaterThan(0.2);
  layers[1].dispose();
});

test('nothing is left of the downloads that have ended', () => {
  for (const name of STATIC.keys()) {
    const key = JSON.stringify([`${server.url}${name}`, 'manual', []]);
    expect(joined(globalThis.fetch, key, [])).toBeUndefined();
  }
});
