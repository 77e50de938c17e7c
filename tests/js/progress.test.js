// What onProgress says of all files of a load together.
import { gzipSync } from 'node:zlib';
import { createServer } from 'node:http';
import { safetensors, smallTokenizer } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, readBytes, readJson } from '../support/wembed.js';

const ROWS = 3000;
const WORDS = ['[PAD]', '[UNK]', ...Array.from({ length: ROWS - 2 }, (_, i) => `w${i}`)];
const FILES = new Map(
  /** @type {[string, Uint8Array | string][]} */ ([
    ['config.json', JSON.stringify({ model_type: 'model2vec', normalize: false })],
    ['tokenizer.json', JSON.stringify(smallTokenizer(WORDS))],
    [
      'model.safetensors',
      safetensors({ embeddings: { dtype: 'F32', shape: [ROWS, 32], data: new Float32Array(32 * ROWS) } }),
    ],
  ]),
);
const BYTES = [...FILES.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);

/** @param {string} url @param {object} [options] @returns {Promise<any[]>} the events */
async function eventsOf(url, options) {
  /** @type {any[]} */
  const events = [];
  const onProgress = (/** @type {any} */ event) => void events.push(event);
  const layer = await EmbeddingLayer.fromPretrained(url, { cache: false, onProgress, ...options });
  layer.dispose();
  return events;
}

/** @param {any[]} events */
function expectRising(events) {
  let loaded = 0;
  for (const { overall } of events) {
    expect(overall.loaded).toBeGreaterThanOrEqual(loaded);
    if (overall.total) expect(overall.total).toBeGreaterThanOrEqual(overall.loaded);
    loaded = overall.loaded;
  }
}

test('one total over all files, which ends at their sum', async () => {
  const server = await serveFiles(new Map(FILES));
  const events = await eventsOf(server.url);
  expectRising(events);
  expect(events.at(-1).overall).toEqual({ loaded: BYTES, total: BYTES });
  for (const { file, loaded, total } of events) expect([loaded <= total, typeof file]).toEqual([true, 'string']);
  await server.close();
});

test('behind a server that compresses, bytes are those of the files and the total is never too small', async () => {
  const server = createServer((request, response) => {
    const content = FILES.get(decodeURIComponent((request.url ?? '').slice(1)));
    if (content === undefined) return response.writeHead(404).end();
    const packed = gzipSync(content);
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': packed.length }).end(packed);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const events = await eventsOf(`http://127.0.0.1:${port}/`);
  expectRising(events);
  expect(events.at(-1).overall).toEqual({ loaded: BYTES, total: BYTES });
  const weights = events.filter(({ file, total }) => file.endsWith('.safetensors') && total > 0);
  const size = Buffer.byteLength(/** @type {Uint8Array} */ (FILES.get('model.safetensors')));
  expect(new Set(weights.map(({ total }) => total))).toEqual(new Set([size]));
  await new Promise((resolve) => server.close(resolve));
});

test("a transformer's ends, of which the files have more", async () => {
  const folder = 'tests/golden/checkpoints/bert_mlm/';
  const files = new Map([
    ['config.json', JSON.stringify(readJson(`${folder}config.json`))],
    ['model.safetensors', readBytes(`${folder}model.safetensors`)],
  ]);
  const server = await serveFiles(/** @type {any} */ (files));
  const events = await eventsOf(server.url);
  expectRising(events);
  const { loaded, total } = events.at(-1).overall;
  expect(loaded).toBe(total);
  await server.close();
});
