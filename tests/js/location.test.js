// How locations are interpreted, their options, and the errors for what was not found.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modelFiles } from '../../web/sources/files.js';
import { locate, openFile } from '../../web/sources/location.js';
import { readLocalFile } from '../../web/sources/platform.js';
import { publicUrl } from '../../web/sources/request.js';
import { smallModel } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, Tokenizer, WembedError, WordVectors, env, errorOf, isCached } from '../support/wembed.js';

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
const folder = mkdtempSync(join(tmpdir(), 'wembed-location-'));
for (const [name, content] of smallModel()) writeFileSync(join(folder, name), content);
mkdirSync(join(folder, 'odd'));
writeFileSync(join(folder, 'odd', 'a #1?%41.gguf'), 'x');
beforeEach(async () => {
  server = await serveFiles(smallModel());
  Object.assign(env, { delay: 1, attempts: 1 });
});
afterEach(() => server.close());
afterAll(() => rmSync(folder, { recursive: true }));

/** @param {any} location @param {object} [options] */
async function fileOf(location, options) {
  const { files, file } = await locate(location, options);
  const source = file === undefined ? undefined : await files.open(file);
  await source?.close?.();
  return [file, source && source.byteLength];
}

/** @param {() => unknown} call */
async function thrownBy(call) {
  try {
    await call();
  } catch (error) {
    if (error instanceof WembedError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('which file a location means', () => {
  test('the address or path of a file is that file, anything else a folder', async () => {
    const size = /** @type {Uint8Array} */ (smallModel().get('model.safetensors')).length;
    for (const base of [server.url, `${folder}/`, `${pathToFileURL(folder).href}/`, `./${relative('.', folder)}/`]) {
      expect(await fileOf(`${base}model.safetensors`)).toEqual(['model.safetensors', size]);
      expect(await fileOf(`${base}model.safetensors#part`)).toEqual(
        base.startsWith('http') || base.startsWith('file') ? ['model.safetensors', size] : [undefined, undefined],
      );
      expect((await fileOf(`${base}tokenizer.json`))[0]).toBe('tokenizer.json');
      expect(await fileOf(base)).toEqual([undefined, undefined]);
    }
    expect(await fileOf(new URL(`${server.url}config.json?download=true`))).toEqual([
      'config.json?download=true',
      expect.any(Number),
    ]);
    expect(server.requests.at(-1)?.path).toBe('config.json');
    expect(await fileOf(pathToFileURL(join(folder, 'model.safetensors')))).toEqual(['model.safetensors', size]);
    expect(await fileOf('org/model.gguf', { hub: server.url })).toEqual([undefined, undefined]);
  });

  test('#, ? and % are ordinary characters of a path', async () => {
    expect(await fileOf(join(folder, 'odd', 'a #1?%41.gguf'))).toEqual(['a%20%231%3F%2541.gguf', 1]);
    expect(await fileOf(join(folder, 'odd'))).toEqual(['a%20%231%3F%2541.gguf', 1]);
  });

  test('the option file chooses the file, unless the location names it', async () => {
    expect(await fileOf(folder, { file: 'config.json' })).toEqual(['config.json', expect.any(Number)]);
    expect(await fileOf(`${server.url}config.json`, { file: 'config.json' })).toEqual([
      'config.json',
      expect.any(Number),
    ]);
    await errorOf(() => locate(`${server.url}config.json`, { file: 'x.gguf' }), 'invalid_argument');
  });

  test('files and bytes in memory', async () => {
    expect((await locate({ 'a.gguf': 'x', 'b.txt': '' })).file).toBe('a.gguf');
    expect((await locate({ 'a.gguf': 'x', 'model.safetensors': '' })).file).toBe(undefined);
    await errorOf(() => locate({ 'a.gguf': 'x', 'b.gguf': 'y' }), 'invalid_argument');
    expect((await locate({ 'm-00001-of-00002.gguf': 'x', 'm-00002-of-00002.gguf': 'y' })).file).toBe(
      'm-00001-of-00002.gguf',
    );
    for (const wrap of [(/** @type {Uint8Array} */ bytes) => bytes, (/** @type {any} */ bytes) => new Blob([bytes])]) {
      expect((await locate(wrap(new TextEncoder().encode('GGUF....')))).file).toBe('model.gguf');
      expect((await locate(wrap(new TextEncoder().encode('GGU')))).file).toBe('model.safetensors');
      expect((await locate(wrap(new Uint8Array(0)))).file).toBe('model.safetensors');
    }
  });

  test('a list of files with a repeated name is refused', async () => {
    const twice = [new File(['1'], 'config.json'), new File(['2'], 'config.json')];
    expect(await errorOf(() => modelFiles(twice), 'invalid_argument')).toMatch('config.json');
  });

  test('openFile takes a bare path too', async () => {
    const source = await openFile(relative('.', join(folder, 'config.json')));
    expect(source?.byteLength).toBeGreaterThan(1);
    await source?.close?.();
    expect(await openFile(`${server.url}nothing.txt`)).toBe(null);
    expect(await openFile(join(folder, 'nothing.txt'))).toBe(null);
  });
});

describe('invalid arguments', () => {
  const wrong = /** @type {any[]} */ ([null, undefined, 5, true, Symbol('x'), () => {}, NaN, 5n]);
  test('locations', async () => {
    for (const location of [...wrong, [5], [null], new Date(NaN).getTime()]) {
      await errorOf(() => modelFiles(location), 'invalid_argument');
      await errorOf(() => locate(location), 'invalid_argument');
      await errorOf(() => openFile(location), 'invalid_argument');
      await errorOf(() => EmbeddingLayer.fromPretrained(location), 'invalid_argument');
    }
  });

  /** @type {[string, unknown][]} */
  const options = [
    ...['signal', 'headers', 'token', 'revision', 'subfolder', 'hub', 'file', 'fetch', 'onProgress', 'cache'].flatMap(
      (name) =>
        /** @type {[string, unknown][]} */ ([
          [name, null],
          [name, 5],
        ]),
    ),
    ...['attempts', 'delay', 'maxDelay', 'timeout', 'connections'].flatMap(
      (name) =>
        /** @type {[string, unknown][]} */ ([
          [name, null],
          [name, -1],
          [name, NaN],
          [name, '5'],
        ]),
    ),
    ['attempts', 0],
    ['localFilesOnly', 'yes'],
    ['signal', {}],
    ['token', 'hf_SECRET\n'],
    ['token', ''],
    ['headers', 'X-Key: 1'],
    ['headers', { 'X Key': '1' }],
    ['headers', { 'X-Key': 'a\nb' }],
    ['headers', { Range: 'bytes=0-1' }],
    ['hub', 'ftp://host'],
    ['hub', '//host'],
  ];
  test.each(options)('{ %s: %p }', async (name, value) => {
    const given = { cache: false, [name]: value };
    const location = name === 'hub' || name === 'revision' ? 'org/name' : server.url;
    const message = await errorOf(
      async () => (await locate(location, given)).files.open('config.json'),
      'invalid_argument',
    );
    expect(message).toMatch(name);
    expect(message).not.toMatch('SECRET');
    expect(server.requests).toEqual([]);
  });

  test.each(wrong.filter((value) => value !== undefined))('options that are %p', async (value) => {
    for (const call of [
      modelFiles,
      locate,
      openFile,
      isCached,
      EmbeddingLayer.fromPretrained,
      Tokenizer.fromPretrained,
    ]) {
      await errorOf(() => call(server.url, value), 'invalid_argument');
    }
    await errorOf(() => modelFiles(smallModel(), value), 'invalid_argument');
  });

  test('headers may be a Headers object', async () => {
    const files = await modelFiles(server.url, {
      headers: /** @type {any} */ (new Headers({ 'X-Key': '1', Authorization: 'x' })),
      token: 't',
      cache: false,
    });
    await (await files.open('config.json'))?.close?.();
    expect(server.requests[0].headers).toMatchObject({ 'x-key': '1', authorization: 'Bearer t' });
  });
});

describe('errors', () => {
  const SECRET = '?token=SECRET';
  test('have the status, and the address without its query', async () => {
    server.lie = () => ({ status: 403 });
    const error = await thrownBy(() => WordVectors.load(`${server.url}words.txt${SECRET}`, { cache: false }));
    expect(error).toMatchObject({ code: 'network', status: 403, url: `${server.url}words.txt`, reason: 'status' });
    expect(error.message).not.toMatch('SECRET');
  });

  test('name an HTML page, wrong answers, a silent server, a missing server', async () => {
    const load = () => WordVectors.load(`${server.url}words.txt${SECRET}`, { cache: false, timeout: 500, attempts: 2 });
    server.files.set('words.txt', 'a 1 2\n');
    for (const [lie, code, reason] of /** @type {[import('../support/server.js').Lie, string, string][]} */ ([
      [{ headers: { 'Content-Type': 'text/html' } }, 'bad_file', 'html'],
      [{ headers: { 'Content-Range': 'x' } }, 'bad_file', 'wrong_answer'],
      [{ silent: true }, 'network', 'timeout'],
      [{ status: 302, headers: { Location: '/words.txt' } }, 'network', 'redirects'],
    ])) {
      server.lie = () => lie;
      const error = await thrownBy(load);
      expect(error).toMatchObject({ code, reason, url: `${server.url}words.txt` });
      expect(error.message).not.toMatch('SECRET');
    }
    await server.close();
    expect(await thrownBy(load)).toMatchObject({ code: 'network', url: `${server.url}words.txt` });
  });

  test('show no secret parts of an address', () => {
    expect(publicUrl('https://user:pass@host:1/a/b?token=x#y')).toBe('https://host:1/a/b');
    expect(publicUrl('data:text/plain,secret')).toBe('data:…');
  });

  test.each([
    ['http://user:SECRET@127.0.0.1:9/x/', /headers.*token/],
    ['http://SECRET@127.0.0.1:9/x.safetensors', /headers.*token/],
    ['http:user:SECRET@127.0.0.1/', /headers.*token/],
    ['ht!tp://user:SECRET@x y/', /not a model location/],
    ['http://user:SEC/RET@x y/', /is not an address/],
    ['http://user:SECRET@[bad/x.gguf', /is not an address/],
    ['user:SECRET@host/x', /not a model location/],
  ])('show no user and password: %s', async (address, message) => {
    let requests = 0;
    const fetch = async () => Promise.reject(new TypeError(`${++requests} ${address}`));
    for (const open of [EmbeddingLayer.fromPretrained, Tokenizer.fromPretrained, isCached]) {
      const error = await thrownBy(() => open(address, open === isCached ? {} : { fetch }));
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toMatch(message);
      expect(`${error.message} ${error.cause}`).not.toMatch(/SEC|RET/);
    }
    const hub = await thrownBy(() => EmbeddingLayer.fromPretrained('org/name', { hub: address, fetch }));
    expect(`${hub.message} ${hub.cause}`).not.toMatch(/SEC|RET/);
    const words = await thrownBy(() => WordVectors.load(address, { fetch }));
    expect(`${words.message} ${words.cause}`).not.toMatch(/SEC|RET/);
    expect(requests).toBe(0);
  });

  test('show no user and password of a redirect, of a file and of the .wasm file', async () => {
    server.lie = () => ({ status: 302, headers: { Location: 'http://user:SECRET@127.0.0.1:9/x' } });
    const redirected = await thrownBy(() => WordVectors.load(`${server.url}words.txt`, { cache: false }));
    expect(redirected).toMatchObject({ code: 'bad_file', reason: 'wrong_answer' });
    expect(`${redirected.message} ${redirected.cause}`).not.toMatch('SECRET');
    const named = { file: 'http://user:SECRET@x/y' };
    expect((await thrownBy(() => EmbeddingLayer.fromPretrained(server.url, named))).message).not.toMatch('SECRET');
    const wasm = await thrownBy(() => (env.textWasm = 'http://user:SECRET@x/y.wasm'));
    expect(wasm.code).toBe('invalid_argument');
    expect(wasm.message).not.toMatch('SECRET');
  });

  test('for a missing folder, and for a folder taken for a hub id', async () => {
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(`${folder}/nothing`), 'not_found')).toMatch(
      `there is no folder ${folder}/nothing/`,
    );
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(folder, { subfolder: 'x' }), 'not_found')).toMatch(
      `no folder ${folder}/x/`,
    );
    const load = (/** @type {string} */ id) => EmbeddingLayer.fromPretrained(id, { hub: server.url, cache: false });
    expect(await errorOf(() => load('tests/support'), 'not_found')).toMatch("did you mean './tests/support'?");
    server.lie = () => ({ status: 401 });
    const error = await thrownBy(() => load('tests/support'));
    expect(error).toMatchObject({
      code: 'network',
      status: 401,
      message: expect.stringMatching("did you mean './tests/support'?"),
    });
    expect(await errorOf(() => load('org/name'), 'network')).not.toMatch('did you mean');
    expect(await errorOf(() => load('org/name'), 'network')).toMatch('option token');
    const withToken = () => EmbeddingLayer.fromPretrained('org/name', { hub: server.url, cache: false, token: 'x' });
    expect(await errorOf(withToken, 'network')).not.toMatch('option token');
    expect(await errorOf(() => load('tests'), 'invalid_argument')).toMatch("did you mean './tests'?");
    expect(await errorOf(() => load('no-such-name'), 'invalid_argument')).toMatch('org/name');
  });

  test('a missing local file is not a network error', async () => {
    const url = pathToFileURL(join(folder, 'nothing.wasm')).href;
    expect(await thrownBy(() => readLocalFile(url))).toMatchObject({ code: 'not_found', url });
    expect(await thrownBy(() => readLocalFile(pathToFileURL(folder).href))).toMatchObject({
      code: 'bad_file',
      reason: 'unreadable',
    });
  });

  describe('requests that the page forbids are not network errors', () => {
    const scope = /** @type {any} */ (globalThis);
    const { fetch } = scope;
    afterEach(() => {
      scope.fetch = fetch;
      delete scope.document;
      delete scope.location;
    });
    const load = () => WordVectors.load('http://api.invalid/words.txt', { cache: false });

    test('its Content-Security-Policy', async () => {
      const page = (scope.document = new EventTarget());
      let listeners = 0;
      for (const [name, by] of /** @type {const} */ ([
        ['addEventListener', 1],
        ['removeEventListener', -1],
      ])) {
        const call = page[name].bind(page);
        page[name] = (/** @type {any[]} */ ...args) => ((listeners += by), call(...args));
      }
      const blocking = (/** @type {string} */ blockedURI) => async () => {
        setTimeout(() => page.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { blockedURI })), 0);
        throw new TypeError('Failed to fetch');
      };
      scope.fetch = blocking('http://api.invalid/words.txt');
      expect(await thrownBy(load)).toMatchObject({
        code: 'unsupported',
        reason: 'csp',
        message: expect.stringMatching('connect-src'),
      });
      scope.fetch = blocking('http://other.invalid/');
      expect(await thrownBy(load)).toMatchObject({ code: 'network' });
      expect(listeners).toBe(0);
    });

    test('plain http from https', async () => {
      scope.location = { href: 'https://page.invalid/' };
      scope.fetch = async () => {
        throw new TypeError('Failed to fetch');
      };
      expect(await thrownBy(load)).toMatchObject({ code: 'unsupported', reason: 'mixed_content' });
      expect(await thrownBy(() => WordVectors.load('https://api.invalid/words.txt', { cache: false }))).toMatchObject({
        code: 'network',
      });
      expect(await thrownBy(() => WordVectors.load('http://localhost:9/words.txt', { cache: false }))).toMatchObject({
        code: 'network',
      });
    });
  });
});
