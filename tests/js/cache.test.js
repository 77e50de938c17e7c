// The cache: what is stored, what is not, and how loads use it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { safetensors, smallModel, smallTable } from '../support/models.js';
import { randomLie, serveFiles } from '../support/server.js';
import {
  EmbeddingLayer,
  WordVectors,
  clearCache,
  env,
  errorOf,
  isCached,
  readBytes,
  readJson,
} from '../support/wembed.js';

const RED = [2, 2.25, 2.5, 2.75];

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
/** @type {string} */
let folder;
beforeEach(async () => {
  server = await serveFiles(smallModel());
  folder = mkdtempSync(join(tmpdir(), 'wembed-cache-'));
  process.env.WEMBED_CACHE = folder;
  Object.assign(env, { delay: 1, attempts: 2 });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {object} [options] @param {string} [location] */
async function red(options, location = server.url) {
  const layer = await EmbeddingLayer.fromPretrained(location, options);
  const vector = [...layer.encode('red')];
  layer.dispose();
  return vector;
}

/** Every file in the cache, by its path in it. */
const entries = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
const partials = () => entries().filter((path) => path.includes('partial-'));
const bodies = () => entries().filter((path) => !/record\.json$|partial-/.test(path));
/** @param {string} text that the entry's bytes contain */
const entryWith = (text) => bodies().filter((path) => readFileSync(path).includes(text));

describe('loading again', () => {
  test('the second load sends no bytes, and the third needs no server', async () => {
    expect(await isCached(server.url)).toBe(false);
    expect(await red()).toEqual(RED);
    expect(await isCached(server.url)).toBe(true);
    const [first, requests] = [server.bytes(), server.requests.length];
    expect(await red()).toEqual(RED);
    expect(server.bytes()).toBe(first);
    expect(server.requests.length).toBe(2 * requests);
    for (const { headers } of server.requests.slice(requests).filter(({ path }) => server.files.has(path))) {
      expect(headers['if-none-match']).toMatch(/^"[0-9a-f]+"$/);
    }
    await server.close();
    expect(await red()).toEqual(RED);
    expect(await red({ localFilesOnly: true })).toEqual(RED);
    expect(partials()).toEqual([]);
  });

  test('a date is used if there is no ETag', async () => {
    const date = new Date(86_400_000).toUTCString();
    server.lie = ({ headers }) => {
      const same = headers['if-modified-since'] === date;
      return same ? { status: 304 } : { headers: { ETag: '', 'Last-Modified': date } };
    };
    await red();
    const first = server.bytes();
    expect(await red()).toEqual(RED);
    expect(server.bytes()).toBe(first);
  });

  test('a server that fails counts as no network', async () => {
    await red();
    server.lie = () => ({ status: 500 });
    expect(await red()).toEqual(RED);
  });

  test.each([408, 429, 503])('%d counts as no network, too', async (status) => {
    await red();
    server.lie = () => ({ status });
    expect(await red()).toEqual(RED);
  });

  test.each([401, 403, 400, 451])('a server that refuses with %d is no lack of network', async (status) => {
    await red({ token: 'SECRET' });
    server.lie = () => ({ status });
    expect(await errorOf(() => red(), 'network')).toMatch(String(status));
    server.lie = () => undefined;
    expect(await red({ token: 'SECRET' })).toEqual(RED);
  });

  test('localFilesOnly sends no request, and the error names the missing file', async () => {
    expect(await errorOf(() => red({ localFilesOnly: true }), 'not_found')).toMatch(/config\.json is not in the cache/);
    expect(server.requests.length).toBe(0);
    await red();
    const before = server.requests.length;
    expect(await red({ localFilesOnly: true })).toEqual(RED);
    rmSync(entryWith('WordPiece')[0]);
    expect(await errorOf(() => red({ localFilesOnly: true }), 'not_found')).toMatch(/tokenizer\.json is not in/);
    expect(server.requests.length).toBe(before);
    expect(await isCached(server.url)).toBe(false);
  });

  test('a file that has changed on the server is loaded again, and the old version is removed', async () => {
    await red();
    const count = bodies().length;
    const data = smallTable().map((value) => -value);
    server.files.set('model.safetensors', safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data } }));
    expect(await red()).toEqual(RED.map((value) => -value));
    expect(bodies().length).toBe(count);
    expect(await isCached(server.url)).toBe(true);
    await server.close();
    expect(await red()).toEqual(RED.map((value) => -value));
  });

  test('without ETag and date everything is downloaded each time; the cache serves when the server is gone', async () => {
    server.lie = () => ({ headers: { ETag: '' } });
    await red();
    const first = server.bytes();
    await red();
    expect(server.bytes()).toBe(2 * first);
    await server.close();
    expect(await red()).toEqual(RED);
  });

  test('a hub id at a commit sends no request once it is cached', async () => {
    const revision = 'a'.repeat(40);
    const files = new Map(
      [...server.files].map(([name, content]) => [`org/name/resolve/${revision}/${name}`, content]),
    );
    server.files = files;
    expect(await red({ hub: server.url, revision }, 'org/name')).toEqual(RED);
    const before = server.requests.length;
    expect(await red({ hub: server.url, revision }, 'org/name')).toEqual(RED);
    expect(server.requests.length).toBe(before);
    expect(await isCached('org/name', { hub: server.url, revision })).toBe(true);
    expect(await isCached('org/name', { hub: server.url })).toBe(false);
  });

  test('a private model of the hub, at a commit, is read from the cache by who may read it only', async () => {
    const revision = 'a'.repeat(40);
    server.files = new Map([...server.files].map(([name, file]) => [`org/name/resolve/${revision}/${name}`, file]));
    /** @type {(string | undefined)[]} */
    let allowed = ['Bearer one', 'Bearer two'];
    server.lie = ({ headers }) => (allowed.includes(headers.authorization) ? undefined : { status: 401 });
    const load = (/** @type {string} */ token) => red({ hub: server.url, revision, token }, 'org/name');
    const noToken = () => red({ hub: server.url, revision }, 'org/name');
    expect(await load('one')).toEqual(RED);
    const first = server.bytes();
    for (const call of [noToken, () => load('three')]) {
      const error = await call().catch((each) => each);
      expect(error).toMatchObject({ code: 'network', status: 401 });
    }
    // Who may read it is asked, but downloads nothing again.
    expect([await load('two'), await load('one')]).toEqual([RED, RED]);
    expect(server.bytes()).toBe(first);
    // Once it is public and was read without a token, nobody is asked any more, whoever comes first.
    allowed = [undefined, 'Bearer one'];
    expect(await noToken()).toEqual(RED);
    const asked = server.requests.length;
    expect([await noToken(), await load('one'), await load('three')]).toEqual([RED, RED, RED]);
    expect([server.requests.length, server.bytes()]).toEqual([asked, first]);
  });

  test("the hub's ETag is a large file's sha256 if the hub itself answers", async () => {
    const content = /** @type {any} */ (server.files.get('model.safetensors'));
    server.files = new Map([...server.files].map(([name, file]) => [`org/name/resolve/main/${name}`, file]));
    const right = createHash('sha256').update(content).digest('hex');
    const load = (/** @type {string} */ etag) => {
      server.lie = ({ path }) => (path.endsWith('model.safetensors') ? { headers: { ETag: `"${etag}"` } } : undefined);
      return red({ hub: server.url }, 'org/name');
    };
    expect(await errorOf(() => load('0'.repeat(64)), 'bad_file')).toMatch(right);
    expect(await load(right)).toEqual(RED);
    expect(await red({ hub: server.url, localFilesOnly: true }, 'org/name')).toEqual(RED);
  });

  test('compressed files, and headers that only same-origin pages can read', async () => {
    const body = gzipSync(/** @type {any} */ (server.files.get('tokenizer.json')));
    const headers = { 'Content-Encoding': 'gzip' };
    server.lie = ({ path }) => (path === 'tokenizer.json' ? { body, headers, ignoreRange: true } : undefined);
    const options = { headers: { 'X-Key': '1' }, token: 't' };
    expect(await red(options)).toEqual(RED);
    const first = server.bytes();
    expect(await red(options)).toEqual(RED);
    expect(server.bytes()).toBe(first);
    for (const { headers: seen } of server.requests) {
      expect(seen).toMatchObject({ 'x-key': '1', authorization: 'Bearer t' });
    }
    await server.close();
    expect(await red({ localFilesOnly: true })).toEqual(RED);
  });

  test('single files', async () => {
    server.files.set('vectors.txt', 'a 1 2\nb 3 4\n');
    const url = `${server.url}vectors.txt`;
    const load = async (/** @type {object} */ options = {}) => (await WordVectors.load(url, options)).indexToKey;
    expect(await isCached(url)).toBe(false);
    expect(await load()).toEqual(['a', 'b']);
    expect([await isCached(url), await isCached(server.url)]).toEqual([true, false]);
    const first = server.bytes();
    expect(await load()).toEqual(['a', 'b']);
    expect(server.bytes()).toBe(first);
    server.files.set('vectors.txt', 'a 1 2\nb 3 4 5 x\n');
    await errorOf(load, 'bad_file');
    expect(await isCached(url)).toBe(false);
    await server.close();
    await errorOf(load, 'network');
    await errorOf(() => load({ localFilesOnly: true }), 'not_found');
  });

  test('addresses follow env.remotePathTemplate', async () => {
    server.files = new Map([...server.files].map(([name, content]) => [`m/org/name/v1/sub/${name}`, content]));
    const { remoteHost, remotePathTemplate } = env;
    Object.assign(env, { remoteHost: server.url, remotePathTemplate: 'm/{model}/{revision}/' });
    expect(await red({ revision: 'v1', subfolder: 'sub' }, 'org/name')).toEqual(RED);
    Object.assign(env, { remoteHost, remotePathTemplate });
    await errorOf(() => red({ subfolder: '../x' }, 'org/name'), 'invalid_argument');
  });
});

describe('checkpoints', () => {
  const FOLDER = 'tests/golden/checkpoints/llama/';
  beforeEach(() => {
    server.files = new Map(['config.json', 'model.safetensors'].map((name) => [name, readBytes(`${FOLDER}${name}`)]));
  });
  const { ids, cases } = readJson(`${FOLDER}expected.json`);

  /** @param {object} [options] */
  async function embedded(options) {
    const layer = await EmbeddingLayer.fromPretrained(server.url, options);
    const { data } = layer.embed(ids);
    layer.dispose();
    return data;
  }

  test('the ranges read are cached, and suffice without the server', async () => {
    const first = await embedded();
    expect(first[0]).toBeCloseTo(cases[0].out[0], 5);
    const sent = server.bytes();
    expect(await embedded()).toEqual(first);
    expect(server.bytes()).toBe(sent);
    expect(await isCached(server.url)).toBe(true);
    await server.close();
    expect(await embedded({ localFilesOnly: true })).toEqual(first);
  });

  test('from a server without ranges too', async () => {
    const first = await embedded({ cache: false });
    server.lie = () => ({ ignoreRange: true });
    expect(await embedded()).toEqual(first);
    expect(await embedded()).toEqual(first);
    expect(partials()).toEqual([]);
  });

  test('ranges of another version are not used', async () => {
    await embedded();
    const file = readBytes(`${FOLDER}model.safetensors`);
    const changed = file.map((byte, i) => (i > file.length - 2000 ? 0 : byte));
    server.files.set('model.safetensors', changed);
    const layer = await EmbeddingLayer.fromPretrained({ ...Object.fromEntries(server.files) });
    expect(await embedded()).toEqual(layer.embed(ids).data);
    layer.dispose();
  });
});

describe('wrong answers about the rows of a checkpoint', () => {
  const TABLE = Float32Array.from({ length: 3000 * 32 }, (_, i) => i % 1000);
  const FILE = safetensors({
    'model.layers.0.mlp': { dtype: 'F32', shape: [50_000], data: new Float32Array(50_000) },
    'model.embed_tokens.weight': { dtype: 'F32', shape: [3000, 32], data: TABLE },
    'model.norm.weight': { dtype: 'F32', shape: [50_000], data: new Float32Array(50_000) },
  });
  beforeEach(() => {
    const config = { model_type: 'llama', hidden_size: 32, num_attention_heads: 2, tie_word_embeddings: true };
    server.files = new Map(
      Object.entries({ 'config.json': JSON.stringify(config), 'model.safetensors': /** @type {any} */ (FILE) }),
    );
  });

  async function embed() {
    const layer = await EmbeddingLayer.fromPretrained(server.url, { timeout: 200 });
    const rows = [...layer.embed([2999, 1]).data];
    layer.dispose();
    return rows;
  }
  const REFUSALS = /^(bad_file|network|not_found|unsupported)$/;
  const ROWS = [...TABLE.subarray(2999 * 32), ...TABLE.subarray(32, 64)];

  test('only the rows are downloaded', async () => {
    expect(await embed()).toEqual(ROWS);
    expect(server.bytes()).toBeLessThanOrEqual(4 * TABLE.length + 65_536);
  });

  /** @type {[string, string, import('../support/server.js').Lie][]} */
  const lies = [
    ['206 with the wrong range', 'bad_file', { shift: 4 }],
    ['another ETag', 'bad_file', { headers: { ETag: '"another"' } }],
    ['another size', 'bad_file', { headers: { 'Content-Range': 'bytes 200251-584250/9000000' } }],
    ['a Content-Length that is too short', 'network', { headers: { 'Content-Length': 1000 } }],
    ['200 and an HTML page', 'bad_file', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
    ['a connection reset at once', 'network', { cut: 0 }],
    ['a connection reset half-way', 'network', { cut: 1000 }],
    ['a body that stops', 'network', { hang: true }],
    ['no answer', 'network', { silent: true }],
    ['416', 'bad_file', { status: 416 }],
    ['403', 'network', { status: 403 }],
    ['429', 'network', { status: 429, headers: { 'Retry-After': '0' } }],
    ['500', 'network', { status: 500 }],
  ];
  test.each(lies)('%s', async (_, code, lie) => {
    server.lie = ({ range }) => (range && !range.startsWith('bytes=0-') ? lie : undefined);
    await errorOf(embed, code);
    expect(partials()).toEqual([]);
    expect(entryWith('model.norm').filter((path) => !/\.0-\d+$/.test(path))).toEqual([]);
    expect(await isCached(server.url)).toBe(false);
    server.lie = () => undefined;
    expect(await embed()).toEqual(ROWS);
    expect(await isCached(server.url)).toBe(true);
  });

  test('after any answer the rows are right or refused, and right from a correct server', async () => {
    let seed = 3;
    const random = (/** @type {number} */ below) => (seed = (seed * 48271) % 2147483647) % below;
    for (let i = 0; i < (process.env.WEMBED_FULL ? 500 : 60); i++) {
      server.lie = () => (random(3) ? undefined : randomLie(random, FILE.length));
      for (let load = 0; load < 2; load++) {
        try {
          expect(await embed()).toEqual(ROWS);
        } catch (error) {
          const { name, code, message } = /** @type {any} */ (error);
          expect([name, code, message]).toEqual(['WembedError', expect.stringMatching(REFUSALS), message]);
        }
      }
      server.lie = () => undefined;
      expect(await embed()).toEqual(ROWS);
      await clearCache(server.url);
    }
  }, 600_000);

  test('temporary failures are not noticed', async () => {
    for (const lie of [
      { status: 500 },
      { cut: 100_000 },
      { status: 429, headers: { 'Retry-After': '0' } },
      { delay: 100 },
      { headers: { 'Content-Length': 400_000 } },
    ]) {
      let told = false;
      server.lie = ({ range }) => {
        if (told || !range || range.startsWith('bytes=0-')) return undefined;
        told = true;
        return lie;
      };
      expect(await embed()).toEqual(ROWS);
      expect(told).toBe(true);
      await clearCache(server.url);
    }
  });
});

describe('no damaged file is cached', () => {
  /** @type {[string, string, import('../support/server.js').Lie, string][]} */
  const bad = [
    ['an HTML page by its Content-Type', 'bad_file', { headers: { 'Content-Type': 'text/html' } }, 'model.safetensors'],
    ['an HTML page by its content', 'bad_file', { body: '<!doctype html><p>Sign in' }, 'model.safetensors'],
    ['an error in JSON', 'bad_file', { body: '{"error":"no"}' }, 'tokenizer.json'],
    ['invalid JSON', 'bad_file', { body: '{"model_type":' }, 'config.json'],
    ['a file cut short', 'bad_file', { until: 100 }, 'model.safetensors'],
    ['a connection cut', 'network', { cut: 100, ignoreRange: true }, 'model.safetensors'],
    ['a connection cut in another file', 'network', { cut: 100, ignoreRange: true }, 'tokenizer.json'],
    ['a file with other content', 'bad_file', { body: new Uint8Array(1000).fill(7) }, 'model.safetensors'],
  ];
  test.each(bad)('%s', async (_, code, lie, name) => {
    server.lie = ({ path }) => (path === name ? lie : undefined);
    await errorOf(() => red(), code);
    expect(partials()).toEqual([]);
    expect(await isCached(server.url)).toBe(false);
    await errorOf(() => red({ localFilesOnly: true }), 'not_found');
    server.lie = () => undefined;
    expect(await red()).toEqual(RED);
    expect(await isCached(server.url)).toBe(true);
  });

  test('an abort half-way', async () => {
    server.lie = ({ path }) => (path === 'model.safetensors' ? { hang: true } : undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await errorOf(() => red({ signal: controller.signal }), 'aborted');
    for (let i = 0; i < 100 && partials().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(partials()).toEqual([]);
    server.lie = () => undefined;
    expect(await red()).toEqual(RED);
  });

  test("a file that does not match the hub's sha256", async () => {
    const sha256 = (/** @type {string} */ name) =>
      createHash('sha256')
        .update(/** @type {any} */ (server.files.get(name)))
        .digest('hex');
    const right = sha256('model.safetensors');
    server.lie = ({ path }) =>
      path === 'model.safetensors'
        ? { headers: { 'X-Linked-ETag': `"${right.replace(/^./, (c) => (c === '0' ? '1' : '0'))}"` } }
        : undefined;
    expect(await errorOf(() => red(), 'bad_file')).toMatch(new RegExp(`sha256 ${right}`));
    expect(partials()).toEqual([]);
    expect(entryWith('embeddings')).toEqual([]);
    server.lie = ({ path }) =>
      path === 'model.safetensors' ? { headers: { 'X-Linked-ETag': `"${right}"` } } : undefined;
    expect(await red()).toEqual(RED);
    expect(entryWith('embeddings').length).toBe(1);
  });
});

describe('damage to a cache', () => {
  /** @type {[string, (bytes: Buffer) => Uint8Array][]} */
  const harms = [
    ['a byte changed', (bytes) => bytes.fill(bytes[40] ^ 1, 40, 41)],
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['cut to nothing', (bytes) => bytes.subarray(0, 0)],
    ['bytes added', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ];
  test.each(harms)('%s: the file is loaded again', async (_, harm) => {
    await red();
    for (const path of bodies()) writeFileSync(path, harm(readFileSync(path)));
    expect(await red()).toEqual(RED);
    const before = server.bytes();
    expect(await red()).toEqual(RED);
    expect(server.bytes()).toBe(before);
  });

  test('damaged at any byte, the model is right or refused, and right the next time', async () => {
    await red();
    let seed = 1;
    const random = (/** @type {number} */ below) => (seed = (seed * 48271) % 2147483647) % below;
    for (let i = 0; i < 60; i++) {
      const paths = entries();
      const path = paths[random(paths.length)];
      const bytes = readFileSync(path);
      bytes[random(bytes.length)] ^= 1 << random(8);
      writeFileSync(path, random(4) ? bytes : bytes.subarray(0, random(bytes.length)));
      const offline = random(2) === 0;
      try {
        expect(await red({ localFilesOnly: offline })).toEqual(RED);
      } catch (error) {
        expect(/** @type {any} */ (error).code).toMatch(/^(not_found|bad_file)$/);
      }
      expect(await red()).toEqual(RED);
    }
  });

  test('damaged records', async () => {
    await red();
    const spoilt = [
      '{"record":',
      '{}',
      '3',
      '{"record":{"parts":3,"etag":3}}',
      '{"record":{"parts":[null],"size":-1}}',
    ];
    for (const text of [...spoilt, '{"record":{"parts":[{"url":"x"}]}}', '']) {
      for (const path of entries()) if (path.endsWith('record.json')) writeFileSync(path, text);
      expect(await isCached(server.url)).toBe(false);
      expect(await red()).toEqual(RED);
      expect(await isCached(server.url)).toBe(true);
    }
  });

  test('a cache that cannot be written to is ignored', async () => {
    writeFileSync(join(folder, 'file'), '');
    process.env.WEMBED_CACHE = join(folder, 'file');
    expect(await red()).toEqual(RED);
    expect(await isCached(server.url)).toBe(false);
    expect(await errorOf(() => red({ localFilesOnly: true }), 'not_found')).toMatch(/config\.json/);
  });

  test('cache: false stores nothing, and another folder is another cache', async () => {
    expect(await red({ cache: false })).toEqual(RED);
    expect(entries()).toEqual([]);
    const other = join(folder, 'other');
    expect(await red({ cache: other })).toEqual(RED);
    expect(await isCached(server.url)).toBe(false);
    expect(await isCached(server.url, { cache: other })).toBe(true);
    await errorOf(() => red({ cache: false, localFilesOnly: true }), 'not_found');
    await errorOf(() => red({ cache: /** @type {any} */ (5) }), 'invalid_argument');
    await errorOf(() => red({ cache: /** @type {any} */ ({}) }), 'invalid_argument');
  });

  test('clearCache removes one model or all, and no other files of the folder', async () => {
    const second = await serveFiles(smallModel());
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine', 'notes.txt'), 'mine');
    await red();
    await red({}, second.url);
    await clearCache(server.url);
    expect([await isCached(server.url), await isCached(second.url)]).toEqual([false, true]);
    await red();
    await clearCache();
    expect([await isCached(server.url), await isCached(second.url)]).toEqual([false, false]);
    expect(entries()).toEqual([join(folder, 'mine', 'notes.txt')]);
    await second.close();
  });

  test('a process that dies half-way leaves no entry, and the next process removes its files', async () => {
    server.lie = ({ path }) => (path === 'model.safetensors' ? { hang: true } : undefined);
    const program = `
      const { EmbeddingLayer } = await import('./web/index.js');
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500);
      await EmbeddingLayer.fromPretrained(${JSON.stringify(server.url)});`;
    const options = {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { ...process.env, WEMBED_CACHE: folder },
    };
    await new Promise((resolve) =>
      execFile(process.execPath, ['--input-type=module', '-e', program], options, resolve),
    );
    expect(partials().length).toBeGreaterThan(0);
    expect(await isCached(server.url)).toBe(false);
    server.lie = () => undefined;
    expect(await red()).toEqual(RED);
    expect(partials()).toEqual([]);
  });

  test('parallel processes and loads do not disturb each other', async () => {
    const program = `
      const { EmbeddingLayer, isCached } = await import('./web/index.js');
      const load = async () => { const layer = await EmbeddingLayer.fromPretrained(${JSON.stringify(server.url)}); return [...layer.encode('red')].join(); };
      process.stdout.write((await Promise.all([load(), load(), load()])).join(' '));`;
    const options = {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { ...process.env, WEMBED_CACHE: folder },
    };
    const runs = [1, 2, 3].map(
      () =>
        new Promise((resolve) =>
          execFile(process.execPath, ['--input-type=module', '-e', program], options, (_, out) => resolve(out)),
        ),
    );
    for (const out of await Promise.all(runs)) expect(out).toBe(Array(3).fill(RED.join()).join(' '));
    expect(partials()).toEqual([]);
    expect(await red({ localFilesOnly: true })).toEqual(RED);
  });
});

describe("a caller's own cache", () => {
  /** A Map with the two required members, and with the optional ones if `whole`. */
  function ownCache(whole = true) {
    /** @type {Map<string, { body: ArrayBuffer, headers: Headers }>} */
    const kept = new Map();
    return {
      kept,
      match: async (/** @type {string} */ key) => {
        const found = kept.get(key);
        return found && new Response(found.body, { headers: found.headers });
      },
      put: async (/** @type {string} */ key, /** @type {Response} */ response) => {
        kept.set(key, { body: await response.arrayBuffer(), headers: response.headers });
      },
      ...(whole && {
        delete: async (/** @type {string} */ key) => kept.delete(key),
        keys: async () => [...kept.keys()],
      }),
    };
  }

  test.each([true, false])('with delete and keys: %s', async (whole) => {
    const cache = ownCache(whole);
    expect(await red({ cache })).toEqual(RED);
    const first = server.bytes();
    expect(await red({ cache })).toEqual(RED);
    expect(server.bytes()).toBe(first);
    expect(entries()).toEqual([]);
    expect(await isCached(server.url, { cache })).toBe(true);
    await server.close();
    expect(await red({ cache, localFilesOnly: true })).toEqual(RED);
    await clearCache(server.url, { cache });
    expect(await isCached(server.url, { cache })).toBe(!whole);
    if (whole) expect(cache.kept.size).toBe(0);
  });

  test('no truncated file is put into it, and a failing cache is ignored', async () => {
    const cache = ownCache();
    server.lie = ({ path }) => (path === 'model.safetensors' ? { cut: 100, ignoreRange: true } : undefined);
    await errorOf(() => red({ cache }), 'network');
    expect([...cache.kept.keys()].filter((key) => key.includes('model.safetensors') && key.includes('whole'))).toEqual(
      [],
    );
    server.lie = () => undefined;
    const fails = async () => {
      throw new Error('quota');
    };
    expect(await red({ cache: { match: fails, put: fails } })).toEqual(RED);
    expect(await red({ cache: { match: async () => undefined, put: fails } })).toEqual(RED);
    expect(await red({ cache: { match: async () => undefined, put: async () => undefined } })).toEqual(RED);
  });
});
