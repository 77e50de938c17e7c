// Which failures of a load remove its files from the cache, and which do not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelFiles } from '../../web/sources/files.js';
import { safetensors, smallModel } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, Tokenizer, WembedError, WordVectors, env, errorOf, inspect } from '../support/wembed.js';

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
/** @type {string} */
let folder;
beforeEach(async () => {
  server = await serveFiles(smallModel());
  folder = mkdtempSync(join(tmpdir(), 'wembed-refusals-'));
  process.env.WEMBED_CACHE = folder;
  Object.assign(env, { delay: 1, attempts: 2 });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} file of the server that would be served without it */
async function isKept(file) {
  const files = await modelFiles(server.url, { localFilesOnly: true });
  try {
    const source = await files.open(file);
    await source?.slice(0, source.byteLength);
    await source?.close?.();
    return source !== null;
  } catch {
    return false;
  }
}

const load = async (/** @type {object} */ options = {}) =>
  (await EmbeddingLayer.fromPretrained(server.url, options)).dispose();

describe('a refused file is removed from the cache', () => {
  const integers = safetensors({ embeddings: { dtype: 'I64', shape: [1, 1], data: new BigInt64Array(1) } });
  /** @type {[string, string, string, string | Uint8Array][]} */
  const refused = [
    ['a table of integers', 'unsupported', 'model.safetensors', integers],
    ['a config that is not JSON', 'bad_file', 'config.json', '{'],
    ['a tokenizer that is null', 'bad_file', 'tokenizer.json', 'null'],
    ['a tokenizer with more ids than the table has rows', 'shape_mismatch', 'tokenizer.json', tokenizerOf(50)],
  ];
  test.each(refused)('%s', async (_, code, name, content) => {
    server.files.set(name, content);
    await errorOf(() => load(), code);
    expect(await isKept(name)).toBe(false);
  });

  test('by a tokenizer, by word vectors, by inspect', async () => {
    server.files.set('tokenizer.json', 'null');
    await errorOf(() => Tokenizer.fromPretrained(server.url), 'bad_file');
    expect(await isKept('tokenizer.json')).toBe(false);
    server.files.set('words.txt', 'a 1 2\nb 3\nc 3 4 5 6\n');
    await errorOf(() => WordVectors.load(`${server.url}words.txt`), 'bad_file');
    expect(await isKept('words.txt')).toBe(false);
    server.files.set('model.safetensors', new Uint8Array(1000));
    await errorOf(() => inspect(server.url), 'bad_file');
    expect(await isKept('model.safetensors')).toBe(false);
  });
});

/** @param {number} size */
function tokenizerOf(size) {
  const vocab = Object.fromEntries(Array.from({ length: size }, (_, id) => [`w${id}`, id]));
  return JSON.stringify({ model: { type: 'WordPiece', unk_token: 'w0', vocab } });
}

test.each([
  [new WembedError('bad_file', 'x'), false],
  [new WembedError('unsupported', 'x'), false],
  [new WembedError('shape_mismatch', 'x'), false],
  [new TypeError('a bug that the file brings out'), false],
  [new RangeError('another'), false],
  [new WembedError('aborted', 'x'), true],
  [new WembedError('network', 'x'), true],
  [new WembedError('not_found', 'x'), true],
  [new WembedError('out_of_memory', 'x'), true],
  [new WembedError('invalid_argument', 'x'), true],
  [undefined, true],
])('a load that ends with %s keeps its files: %s', async (error, kept) => {
  const files = await modelFiles(server.url);
  const source = await files.open('config.json');
  await source?.slice(0);
  await files.settle?.(error);
  expect(await isKept('config.json')).toBe(kept);
});

describe("the caller's own exceptions", () => {
  test.each([new Error('mine'), new TypeError('mine too'), 'a string', undefined])(
    'in onProgress comes out as it is, and nothing leaves the cache: %s',
    async (mine) => {
      await load();
      const onProgress = () => {
        throw mine;
      };
      for (const call of [() => load({ onProgress }), () => Tokenizer.fromPretrained(server.url, { onProgress })]) {
        const thrown = await call().then(
          () => 'nothing',
          (/** @type {unknown} */ error) => [error],
        );
        expect(thrown[0]).toBe(mine);
      }
      expect(await isKept('model.safetensors')).toBe(true);
      const requests = server.bytes();
      await load();
      expect(server.bytes()).toBe(requests);
    },
  );

  test('in onProgress of word vectors', async () => {
    const mine = new TypeError('mine');
    const onProgress = () => {
      throw mine;
    };
    await expect(WordVectors.load(new TextEncoder().encode('a 1 2\n'), { onProgress })).rejects.toBe(mine);
  });

  test('in fetch: errors other than connection failures are thrown at once', async () => {
    const mine = new Error('mine');
    let calls = 0;
    const fetch = async () => {
      calls++;
      throw mine;
    };
    await expect(load({ fetch })).rejects.toBe(mine);
    expect(calls).toBe(1);
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    await errorOf(() => load({ fetch: () => Promise.reject(refused) }), 'network');
    await errorOf(() => load({ fetch: () => Promise.reject(new TypeError('failed to fetch')) }), 'network');
  });
});
