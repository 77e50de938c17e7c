// Servers whose responses say less than they should, or lie where the browser hides it.
import { safetensors } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, RemoteTable } from '../support/wembed.js';

const TABLE = Float32Array.from({ length: 8_000 * 16 }, (_, i) => (i % 9973) / 8);
const FILLER = new Float32Array(50_000);
const FILES = new Map(
  /** @type {[string, Uint8Array | string][]} */ ([
    [
      'config.json',
      JSON.stringify({ model_type: 'llama', hidden_size: 16, num_attention_heads: 2, tie_word_embeddings: true }),
    ],
    [
      'model.safetensors',
      safetensors({
        'model.layers.0.x': { dtype: 'F32', shape: [50_000], data: FILLER },
        'model.embed_tokens.weight': { dtype: 'F32', shape: [8_000, 16], data: TABLE },
      }),
    ],
  ]),
);
const BYTES = /** @type {Uint8Array} */ (FILES.get('model.safetensors')).length;

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
beforeEach(async () => void (server = await serveFiles(new Map(FILES))));
afterEach(() => server.close());

/** What a page sees of another origin's response: no Content-Range. @type {any} */
async function hiding(/** @type {any} */ url, /** @type {any} */ init) {
  const { status, statusText, ok, headers, body } = await fetch(url, init);
  const shown = new Headers(
    [...headers].filter(([name]) => /^(content-type|content-length|last-modified)$/.test(name)),
  );
  return { status, statusText, ok, headers: shown, body, url, type: 'cors' };
}

/** @param {object} options */
async function rowsOf(options) {
  const layer = await EmbeddingLayer.fromPretrained(server.url, { cache: false, delay: 1, ...options });
  const { data } = layer.embed([3, 7_999]);
  layer.dispose();
  return data;
}

const EXPECTED = Float32Array.from([...TABLE.subarray(48, 64), ...TABLE.subarray(-16)]);

test('Content-Range without a total: the parts are read, and no more', async () => {
  server.lie = ({ path, range }) => {
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(range ?? '') ?? [];
    return path === 'model.safetensors' && end
      ? { headers: { 'Content-Range': `bytes ${start}-${Math.min(Number(end), BYTES - 1)}/*` } }
      : {};
  };
  expect(await rowsOf({})).toEqual(EXPECTED);
  expect(server.bytes('model.safetensors')).toBeLessThan(BYTES - 100_000);
});

describe('Content-Range that is hidden', () => {
  test('an honest server is read by parts, after one small question', async () => {
    expect(await rowsOf({ fetch: hiding })).toEqual(EXPECTED);
    expect(server.bytes('model.safetensors')).toBeLessThan(BYTES - 100_000);
    const asked = server.requests.filter(({ path }) => path === 'model.safetensors');
    expect(asked.filter(({ sent }) => sent === 64).length).toBe(1);
  });

  test.each([
    ['of other bytes than those requested', { shift: 8 }],
    ['of the whole file under status 206', { ignoreRange: true, status: 206 }],
  ])('a server that sends ranges %s is read from front to back', async (_, lie) => {
    server.lie = ({ range }) => (range && !range.startsWith('bytes=0-') ? lie : {});
    expect(await rowsOf({ fetch: hiding })).toEqual(EXPECTED);
  });

  test('a remote table refuses such a server', async () => {
    server.lie = ({ range }) => (range && !range.startsWith('bytes=0-') ? { shift: 8 } : {});
    const open = async () => {
      const table = await RemoteTable.open(server.url, { cache: false, fetch: hiding });
      const rows = await table.lookup([3]);
      table.dispose();
      return rows.data;
    };
    const found = await open().catch((/** @type {Error} */ error) => error.message);
    if (typeof found === 'string') expect(found).toMatch(/ranges/);
    else expect(found).toEqual(TABLE.subarray(48, 64));
  });
});
