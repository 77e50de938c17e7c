// Loading from every kind of source, and hostile or damaged files.
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '../support/server.js';
import { safetensors, smallModel, smallTable, smallTokenizer } from '../support/models.js';
import { EmbeddingLayer, errorOf } from '../support/wembed.js';

const RED = [2, 2.25, 2.5, 2.75];

/** @param {any} location @param {object} [options] */
async function redFrom(location, options) {
  const layer = await EmbeddingLayer.fromPretrained(location, options);
  const vector = [...layer.encode('red')];
  layer.dispose();
  return vector;
}

describe('sources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-'));
  for (const [name, content] of smallModel()) writeFileSync(join(folder, name), content);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a folder, by path and by file: URL', async () => {
    expect(await redFrom(folder)).toEqual(RED);
    expect(await redFrom(pathToFileURL(folder).href)).toEqual(RED);
    expect(await redFrom(pathToFileURL(`${folder}/`))).toEqual(RED);
  });

  test('files in memory: a Map, an object, Blobs', async () => {
    const files = smallModel();
    expect(await redFrom(files)).toEqual(RED);
    expect(await redFrom(Object.fromEntries(files))).toEqual(RED);
    expect(await redFrom(new Map([...files].map(([name, content]) => [name, new Blob([content])])))).toEqual(RED);
    expect(await redFrom([...files].map(([name, content]) => new File([content], name)))).toEqual(RED);
    // hyparquet's AsyncBuffer: a length and a slice, no more
    const buffers = [...files].map(([name, content]) => {
      const bytes = Buffer.from(content);
      const slice = async (/** @type {number} */ start, /** @type {number} */ end) =>
        Uint8Array.from(bytes).buffer.slice(start, end);
      return /** @type {const} */ ([name, { byteLength: bytes.length, slice }]);
    });
    expect(await redFrom(new Map(buffers))).toEqual(RED);
    const broken = { byteLength: 100, slice: () => Promise.reject(new Error('disk')) };
    expect(await errorOf(() => redFrom(new Map([...buffers, ['model.safetensors', broken]])), 'network')).toMatch(
      /disk/,
    );
    const short = { byteLength: 1000, slice: async () => new ArrayBuffer(10) };
    await errorOf(() => redFrom(new Map([...buffers, ['model.safetensors', short]])), 'bad_file');
  });

  test('a URL, with progress up to the end, one request per file', async () => {
    const server = await serve(folder);
    /** @type {any[]} */
    const events = [];
    const onProgress = (/** @type {any} */ event) => events.push(event);
    expect(await redFrom(server.url, { onProgress })).toEqual(RED);
    const last = events.filter(({ file }) => file === 'model.safetensors').at(-1);
    expect(last).toEqual({
      status: 'done',
      file: 'model.safetensors',
      loaded: last.total,
      total: smallModel().get('model.safetensors').length,
      overall: { loaded: expect.any(Number), total: expect.any(Number) },
    });
    expect(server.requests.filter(({ path }) => path === '/model.safetensors').length).toBe(1);
    await server.close();
  });

  test('a hub id goes to the hub, with revision and token', async () => {
    /** @type {any[]} */
    const requests = [];
    const files = smallModel();
    const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
      requests.push([String(url), init.headers?.authorization]);
      const content = files.get(String(url).split('/').pop() ?? '');
      return content === undefined ? new Response('no', { status: 404 }) : new Response(content);
    };
    expect(await redFrom('org/name', { fetch, revision: 'v1', token: 'secret' })).toEqual(RED);
    expect(requests).toContainEqual(['https://huggingface.co/org/name/resolve/v1/model.safetensors', 'Bearer secret']);
  });

  test.each(['name', 'a b/c', 'a/b/c', 'a/..', '', 'ftp://host/x'])('%j is not a location', async (location) => {
    await errorOf(() => EmbeddingLayer.fromPretrained(location), 'invalid_argument');
  });
});

describe('servers', () => {
  /** @param {import('node:http').RequestListener} listener @param {(url: string) => Promise<void>} use */
  async function withServer(listener, use) {
    const server = createServer(listener);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    try {
      await use(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/m`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('an HTML page in place of a model', async () => {
    await withServer(
      (_, response) =>
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
      async (url) => expect(await errorOf(() => EmbeddingLayer.fromPretrained(url), 'bad_file')).toMatch(/HTML/),
    );
    await withServer(
      (_, response) => response.writeHead(200).end('<!doctype html><title>Sign in, please, to see this</title>'),
      async (url) => expect(await errorOf(() => EmbeddingLayer.fromPretrained(url), 'bad_file')).toMatch(/HTML/),
    );
  });

  test('missing, refused, broken, unreachable', async () => {
    await withServer(
      (_, response) => response.writeHead(404).end(),
      async (url) => {
        expect(await errorOf(() => EmbeddingLayer.fromPretrained(url), 'not_found')).toMatch(/model\.safetensors/);
      },
    );
    await withServer(
      (_, response) => response.writeHead(403).end(),
      async (url) => {
        expect(await errorOf(() => EmbeddingLayer.fromPretrained(url), 'network')).toMatch(/403/);
      },
    );
    await withServer(
      (_, response) => response.writeHead(200, { 'Content-Length': 1000 }).write('x', () => response.destroy()),
      async (url) => {
        await errorOf(() => EmbeddingLayer.fromPretrained(url), 'network');
      },
    );
    await errorOf(() => EmbeddingLayer.fromPretrained('http://127.0.0.1:9/'), 'network');
  });

  test('an abort half-way ends the download; the next load works', async () => {
    const files = smallModel({
      'model.safetensors': safetensors({
        embeddings: { dtype: 'F32', shape: [100_000, 4], data: new Float32Array(400_000) },
      }),
    });
    const controller = new AbortController();
    let closed = false;
    await withServer(
      (request, response) => {
        const name = String(request.url).split('/').pop() ?? '';
        const content = files.get(name);
        if (content === undefined) return response.writeHead(404).end();
        response.writeHead(200, { 'Content-Length': content.length });
        if (name !== 'model.safetensors') return response.end(content);
        response.write(content.subarray(0, content.length / 2));
        response.on('close', () => (closed = true)); // the second half is never sent
      },
      async (url) => {
        const onProgress = (/** @type {any} */ { file }) => file === 'model.safetensors' && controller.abort();
        await errorOf(() => EmbeddingLayer.fromPretrained(url, { signal: controller.signal, onProgress }), 'aborted');
        for (let i = 0; i < 100 && !closed; i++) await new Promise((resolve) => setTimeout(resolve, 10));
        expect(closed).toBe(true);
      },
    );
    await errorOf(() => EmbeddingLayer.fromPretrained(files, { signal: AbortSignal.abort() }), 'aborted');
    expect(await redFrom(smallModel())).toEqual(RED);
  });
});

describe('bad files', () => {
  const tensors = { embeddings: { dtype: 'F32', shape: [6, 4], data: smallTable() } };
  const good = safetensors(tensors);
  const two = { ...tensors, other: { dtype: 'U8', shape: [8], data: new Uint8Array(8) } };
  const with_ = (/** @type {object} */ change) => (/** @type {any} */ header) => ({
    ...header,
    embeddings: { ...header.embeddings, ...change },
  });

  /** @type {[string, Uint8Array][]} */
  const files = [
    ['empty', new Uint8Array(0)],
    ['shorter than its length field', good.slice(0, 5)],
    ['cut in the header', good.slice(0, 30)],
    ['cut in the data', good.slice(0, good.length - 1)],
    ['longer than its tensors', Uint8Array.of(...good, 0)],
    ['an absurd header length', safetensors(tensors, { length: 2n ** 63n })],
    ['a header length beyond the file', safetensors(tensors, { length: 10_000n })],
    ['a header that is not JSON', safetensors(tensors, { header: '{"embeddings": nonsense}' })],
    ['a header that is an array', safetensors(tensors, { header: '[1, 2, 3]' })],
    [
      'metadata that are no strings',
      safetensors(tensors, { edit: (header) => ({ ...header, __metadata__: { a: 1 } }) }),
    ],
    ['an unknown dtype', safetensors(tensors, { edit: with_({ dtype: 'F33' }) })],
    ['a dtype that is a property of every object', safetensors(tensors, { edit: with_({ dtype: 'constructor' }) })],
    ['a shape that does not fit', safetensors(tensors, { edit: with_({ shape: [6, 5] }) })],
    ['a shape that overflows', safetensors(tensors, { edit: with_({ shape: [2 ** 40, 2 ** 40] }) })],
    ['a negative shape', safetensors(tensors, { edit: with_({ shape: [-6, -4] }) })],
    ['a fractional shape', safetensors(tensors, { edit: with_({ shape: [6.5, 4] }) })],
    ['offsets in the wrong order', safetensors(tensors, { edit: with_({ data_offsets: [96, 0] }) })],
    ['offsets past the end', safetensors(tensors, { edit: with_({ data_offsets: [96, 192] }) })],
    ['no offsets', safetensors(tensors, { edit: with_({ data_offsets: undefined }) })],
    [
      'an overlap',
      safetensors(two, { edit: (header) => ({ ...header, other: { ...header.other, data_offsets: [90, 98] } }) }),
    ],
    [
      'a gap',
      safetensors(two, { edit: (header) => ({ ...header, other: { ...header.other, data_offsets: [97, 105] } }) }),
    ],
    ['a table of one dimension', safetensors({ embeddings: { dtype: 'F32', shape: [24], data: smallTable() } })],
    [
      'weights of another length',
      safetensors({ ...tensors, weights: { dtype: 'F32', shape: [5], data: new Float32Array(5) } }),
    ],
    [
      'a mapping of floats',
      safetensors({ ...tensors, mapping: { dtype: 'F32', shape: [6], data: new Float32Array(6) } }),
    ],
  ];

  test.each(files)('%s', async (_, file) => {
    await errorOf(() => EmbeddingLayer.fromPretrained(smallModel({ 'model.safetensors': file })), 'bad_file');
    await errorOf(
      () => EmbeddingLayer.fromPretrained(smallModel({ 'model.safetensors': new Blob([file]) })),
      'bad_file',
    );
    expect(await redFrom(smallModel())).toEqual(RED);
  });

  /** @type {[string, string, Record<string, any>][]} */
  const models = [
    ['no weights', 'not_found', { 'model.safetensors': null }],
    ['no tokenizer', 'not_found', { 'tokenizer.json': null }],
    ['a tokenizer that is not JSON', 'bad_file', { 'tokenizer.json': '<!doctype html>' }],
    ['a tokenizer without a model', 'bad_file', { 'tokenizer.json': '{}' }],
    ['a tokenizer that is null', 'bad_file', { 'tokenizer.json': 'null' }],
    [
      'a tokenizer with ids that are none',
      'bad_file',
      { 'tokenizer.json': JSON.stringify({ model: { vocab: { a: -1 } } }) },
    ],
    [
      'a tokenizer of an unknown model',
      'unsupported',
      { 'tokenizer.json': JSON.stringify({ model: { type: 'Magic', vocab: { a: 0 } } }) },
    ],
    [
      'a tokenizer of more ids than rows',
      'shape_mismatch',
      { 'tokenizer.json': JSON.stringify(smallTokenizer(['[UNK]', ...'abcdef'])) },
    ],
    ['a config that is not JSON', 'bad_file', { 'config.json': '{' }],
    ['a config with an invalid length', 'bad_file', { 'config.json': '{"max_length": -3}' }],
    [
      'a table of integers',
      'unsupported',
      { 'model.safetensors': safetensors({ embeddings: { dtype: 'I64', shape: [1, 1], data: new BigInt64Array(1) } }) },
    ],
    [
      'another kind of checkpoint',
      'unsupported',
      { 'model.safetensors': safetensors({ wte: { dtype: 'F32', shape: [1, 1], data: new Float32Array(1) } }) },
    ],
    [
      'a mapping past the rows',
      'id_out_of_range',
      {
        'model.safetensors': safetensors({
          ...tensors,
          mapping: { dtype: 'I32', shape: [6], data: Int32Array.of(0, 1, 2, 3, 4, 6) },
        }),
      },
    ],
    [
      'a negative mapping',
      'id_out_of_range',
      {
        'model.safetensors': safetensors({
          ...tensors,
          mapping: { dtype: 'I32', shape: [6], data: Int32Array.of(0, 1, 2, 3, 4, -1) },
        }),
      },
    ],
  ];

  test.each(models)('%s', async (_, code, replace) => {
    await errorOf(() => EmbeddingLayer.fromPretrained(smallModel(replace)), code);
    expect(await redFrom(smallModel())).toEqual(RED);
  });

  test('unneeded tensors are skipped, in any order', async () => {
    const extra = { dtype: 'U8', shape: [3], data: new Uint8Array(3) };
    const file = safetensors({ first: extra, ...tensors, last: extra });
    expect(await redFrom(smallModel({ 'model.safetensors': file }))).toEqual(RED);
  });

  test('every truncation of a valid file is refused', async () => {
    for (let length = 0; length < good.length; length += 3) {
      await errorOf(
        () => EmbeddingLayer.fromPretrained(smallModel({ 'model.safetensors': good.slice(0, length) })),
        'bad_file',
      );
    }
  });
});
