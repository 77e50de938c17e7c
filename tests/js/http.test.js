// Files on servers, correct and faulty ones: the requests sent, and the outcome of every wrong answer.
import { gzipSync } from 'node:zlib';
import { busyHosts } from '../../web/sources/connections.js';
import { urlSource } from '../../web/sources/http.js';
import { backoff } from '../../web/sources/request.js';
import { Reader } from '../../web/sources/reader.js';
import { serveFiles } from '../support/server.js';
import { errorOf } from '../support/wembed.js';

const SIZE = 300_000;
const FILE = Uint8Array.from({ length: SIZE }, (_, i) => (i * 2654435761) >>> 24);
const QUICK = { delay: 1, maxDelay: 50 };

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
beforeEach(async () => {
  server = await serveFiles(new Map([['file', FILE]]));
});
afterEach(() => server.close());

/** @param {object} [options] */
async function open(options) {
  const source = await urlSource(`${server.url}file`, { ...QUICK, ...options });
  if (!source) throw new Error('not there');
  return source;
}

/** @param {import('../../web/sources/source.js').ByteSource} source @param {number} [start] @param {number} [end] */
async function read(source, start = 0, end = SIZE) {
  const reader = new Reader(source, 'file', { start, end });
  const bytes = await reader.read(end - start);
  await reader.cancel();
  return bytes;
}

/** @param {ArrayBuffer | Uint8Array} found @param {number} start @param {number} end */
const expectBytes = (found, start, end) =>
  expect(Buffer.compare(Buffer.from(/** @type {any} */ (found)), FILE.subarray(start, end))).toBe(0);

const rangesAsked = () => server.requests.map(({ range }) => range);

describe('ranges', () => {
  test('the first request gets 32 kB and the size; the rest is requested when needed', async () => {
    const source = await open({ ranges: true });
    expect(source.byteLength).toBe(SIZE);
    expectBytes(await source.slice(10, 30_000), 10, 30_000);
    expect(rangesAsked()).toEqual(['bytes=0-32767']);
    expectBytes(await source.slice(200_000, 200_100), 200_000, 200_100);
    expectBytes(await read(source, 32_000, 100_000), 32_000, 100_000);
    expectBytes(await source.slice(SIZE - 5), SIZE - 5, SIZE);
    expectBytes(await source.slice(SIZE - 5, SIZE + 100), SIZE - 5, SIZE);
    expect((await source.slice(7, 7)).byteLength).toBe(0);
    expect(rangesAsked().slice(1)).toEqual([
      'bytes=200000-200099',
      'bytes=32768-99999',
      'bytes=299995-299999',
      'bytes=299995-299999',
    ]);
  });

  test('a whole file is one request without a range', async () => {
    const source = await open();
    expect(source.byteLength).toBe(SIZE);
    expectBytes(await read(source), 0, SIZE);
    expect(rangesAsked()).toEqual([undefined]);
  });

  test('a missing file, an empty file, a small file', async () => {
    expect(await urlSource(`${server.url}other`, { ranges: true })).toBe(null);
    server.files.set('file', '');
    const empty = await open({ ranges: true });
    expect(empty.byteLength).toBe(0);
    expect((await empty.slice(0, 10)).byteLength).toBe(0);
    server.files.set('file', 'small');
    const small = await open({ ranges: true });
    expect([small.byteLength, Buffer.from(await small.slice(0)).toString()]).toEqual([5, 'small']);
  });

  test('without ranges, reading forward takes one download, and reading backward another', async () => {
    server.lie = () => ({ ignoreRange: true });
    const source = await open({ ranges: true });
    expect([source.byteLength, source.ranged]).toEqual([SIZE, false]);
    expectBytes(await source.slice(0, 100), 0, 100);
    expectBytes(await source.slice(100, 70_000), 100, 70_000);
    expectBytes(await read(source, 80_000, 200_000), 80_000, 200_000);
    expect(server.requests.length).toBe(1);
    expectBytes(await source.slice(50, 100), 50, 100);
    expect(server.requests.length).toBe(2);
    await source.close();
  });
});

/**
 * Applies a wrong answer only to the request with this number.
 * @param {number} which
 * @param {import('../support/server.js').Lie} lie
 */
const onlyAt = (which, lie) => (/** @type {unknown} */ _, /** @type {number} */ n) => (n === which ? lie : undefined);

describe('temporary failures are retried', () => {
  /** @type {[string, import('../support/server.js').Lie][]} */
  const passing = [
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['429 with Retry-After in seconds', { status: 429, headers: { 'Retry-After': '0' } }],
    ['503 with Retry-After as a date', { status: 503, headers: { 'Retry-After': new Date(0).toUTCString() } }],
    ['408', { status: 408 }],
  ];
  test.each(passing)('%s, then fine', async (_, lie) => {
    server.lie = (__, n) => (n < 2 ? lie : undefined);
    expectBytes(await read(await open()), 0, SIZE);
    expect(server.requests.length).toBe(3);
  });

  test('it fails after the allowed attempts, with the error of the last one', async () => {
    server.lie = () => ({ status: 503 });
    expect(await errorOf(() => open({ attempts: 3 }), 'network')).toMatch(/file answered 503/);
    expect(server.requests.length).toBe(3);
    server.lie = () => undefined;
    expectBytes(await read(await open()), 0, SIZE);
  });

  test('it does not wait for a pause longer than allowed', async () => {
    server.lie = () => ({ status: 429, headers: { 'Retry-After': '3600' } });
    expect(await errorOf(() => open(), 'network')).toMatch(/429.*Retry-After: 3600/);
    expect(server.requests.length).toBe(1);
  });

  test('other failures are not retried', async () => {
    server.lie = () => ({ status: 403 });
    expect(await errorOf(() => open(), 'network')).toMatch(/403/);
    expect(server.requests.length).toBe(1);
  });

  test('pauses double up to a limit, and differ between clients', () => {
    const pauses = (/** @type {number} */ attempt) =>
      Array.from({ length: 50 }, () => backoff(attempt, { delay: 100, maxDelay: 250 }));
    [100, 200, 250, 250].forEach((most, i) => {
      const found = pauses(i + 1);
      expect(Math.max(...found)).toBeLessThanOrEqual(most);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(most / 2);
      expect(new Set(found).size).toBeGreaterThan(1);
    });
  });
});

describe('connections that break', () => {
  test.each([
    ['a whole file', {}],
    ['a file read by ranges', { ranges: true }],
  ])('%s is resumed where it broke', async (_, options) => {
    server.lie = onlyAt(options.ranges ? 1 : 0, { cut: 100_000 });
    const source = await open(options);
    expectBytes(await read(source), 0, SIZE);
    const again = rangesAsked().at(-1) ?? '';
    expect(Number(/^bytes=(\d+)-299999$/.exec(again)?.[1])).toBeGreaterThan(32767);
    expect(server.requests.length).toBe(options.ranges ? 3 : 2);
  });

  test('the first 32 kB may break too', async () => {
    server.lie = onlyAt(0, { cut: 1000 });
    const source = await open({ ranges: true });
    expect(source.byteLength).toBe(SIZE);
    expectBytes(await source.slice(0, 2000), 0, 2000);
  });

  test('without ranges it is an error, and the next load works', async () => {
    server.lie = () => ({ cut: 100_000, ignoreRange: true });
    await errorOf(async () => read(await open()), 'network');
    await errorOf(async () => read(await open({ ranges: true })), 'network');
    server.lie = () => undefined;
    expectBytes(await read(await open()), 0, SIZE);
  });

  test('a server that breaks every connection is an error', async () => {
    server.lie = (_, n) => (n === 0 ? undefined : { cut: 10 });
    const source = await open({ ranges: true, attempts: 3 });
    await errorOf(() => source.slice(100_000, 200_000), 'network');
    expect(server.requests.length).toBe(4);
    server.lie = () => undefined;
    expectBytes(await source.slice(100_000, 200_000), 100_000, 200_000);
  });

  test('no server', async () => {
    await server.close();
    expect(await errorOf(() => open({ attempts: 2 }), 'network')).toMatch(/file failed/);
  });
});

describe('wrong answers', () => {
  const other = '"another"';
  /** @type {[string, RegExp, import('../support/server.js').Lie][]} the second answer */
  const lies = [
    ['another range', /bytes 100000-100099 and answered 100001-100099/, { shift: 1 }],
    ['a longer range', /answered 100000-100199/, { headers: { 'Content-Range': 'bytes 100000-100199/300000' } }],
    ['a range of nothing', /Content-Range: chapters 1-2/, { headers: { 'Content-Range': 'chapters 1-2' } }],
    [
      'a range beyond the end',
      /100000-100099 of 100050/,
      { headers: { 'Content-Range': 'bytes 100000-100099/100050' } },
    ],
    ['another size', /300000 bytes and now has 300001/, { headers: { 'Content-Range': 'bytes 100000-100099/300001' } }],
    ['another ETag', /ETag was .*another/, { headers: { ETag: other } }],
    ['another date', /Last-Modified was/, { headers: { 'Last-Modified': new Date(0).toUTCString() } }],
    ['another file, whole', /ETag was/, { ignoreRange: true, headers: { ETag: other } }],
    ['several parts', /multipart/, { headers: { 'Content-Type': 'multipart/byteranges; boundary=x' } }],
    [
      'an HTML page',
      /HTML page/,
      { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '<html>' },
    ],
    ['no such range', /changed.*has no bytes=100000-100099/, { status: 416 }],
    ['a redirect to no address', /javascript:0/, { status: 302, headers: { Location: 'javascript:0' } }],
    [
      'a range it does not name',
      /Content-Range: null/,
      { status: 206, headers: { ETag: '' }, body: FILE.subarray(0, 100) },
    ],
    ['a compressed range', /Content-Encoding: br/, { headers: { 'Content-Encoding': 'br' } }],
  ];
  test.each(lies)('%s', async (_, message, lie) => {
    const date = { 'Last-Modified': new Date(86400_000).toUTCString() };
    server.lie = (__, n) => (n === 0 ? { headers: date } : n === 1 ? lie : undefined);
    const source = await open({ ranges: true });
    expect(await errorOf(() => source.slice(100_000, 100_100), 'bad_file')).toMatch(message);
    expect(server.requests.length).toBe(2);
    expectBytes(await source.slice(100_000, 100_100), 100_000, 100_100);
  });

  test('in the first answer', async () => {
    for (const lie of [lies[0][2], lies[2][2], lies[8][2], lies[9][2], lies[11][2]]) {
      server.lie = () => lie;
      await errorOf(() => open({ ranges: true }), 'bad_file');
    }
  });

  test('too long a Content-Length is an error, too short a Content-Length truncates the file', async () => {
    server.lie = () => ({ ignoreRange: true, headers: { 'Content-Length': SIZE + 1 } });
    await errorOf(async () => read(await open({ timeout: 100, attempts: 2 }), 0, SIZE + 1), 'network');
    server.lie = () => ({ ignoreRange: true, headers: { 'Content-Length': SIZE - 1 } });
    await errorOf(async () => read(await open({ timeout: 100 })), 'bad_file');
  });

  test('a complete range does not wait for further announced bytes', async () => {
    server.lie = ({ range }) => (range === 'bytes=100000-100099' ? { headers: { 'Content-Length': 101 } } : undefined);
    const source = await open({ ranges: true });
    expectBytes(await source.slice(100_000, 100_100), 100_000, 100_100);
    for (let i = 0; i < 100 && server.running > 0; i++) await pause(10);
    expect(server.running).toBe(0);
  }, 5000);

  test('a server that does not answer, or stops half-way, times out', async () => {
    server.lie = () => ({ silent: true });
    expect(await errorOf(() => open({ timeout: 50, attempts: 2 }), 'network')).toMatch(/nothing for 50 ms/);
    expect(server.requests.length).toBe(2);
    server.lie = () => ({ hang: true });
    const source = await open({ timeout: 50, attempts: 2 });
    await errorOf(() => source.slice(0, 10), 'network');
  });

  test('redirects in a circle', async () => {
    server.lie = () => ({ status: 302, headers: { Location: '/file' } });
    expect(await errorOf(() => open(), 'network')).toMatch(/more than 10/);
  });

  test('a range shorter than requested is completed', async () => {
    server.lie = onlyAt(1, { until: 30, headers: { 'Content-Range': `bytes 100000-100029/${SIZE}` } });
    const source = await open({ ranges: true });
    expectBytes(await source.slice(100_000, 100_100), 100_000, 100_100);
    expect(rangesAsked().slice(1)).toEqual(['bytes=100000-100099', 'bytes=100030-100099']);
  });
});

describe('redirects', () => {
  test('another origin gets none of the headers, is then asked directly, and found again when its address has expired', async () => {
    const cdn = await serveFiles(new Map([['signed', FILE]]));
    server.lie = () => ({ status: 302, headers: { Location: `${cdn.url}signed`, 'X-Linked-ETag': '"abc"' } });
    const source = await open({ ranges: true, headers: { Authorization: 'Bearer secret', 'X-Key': '1' } });
    expect(source.linkedEtag).toBe('"abc"');
    expectBytes(await source.slice(100_000, 100_100), 100_000, 100_100);
    expect([server.requests.length, cdn.requests.length]).toEqual([1, 2]);
    cdn.lie = onlyAt(2, { status: 403 });
    expectBytes(await source.slice(100_000, 100_100), 100_000, 100_100);
    expect([server.requests.length, cdn.requests.length]).toEqual([2, 4]);
    for (const { headers } of server.requests)
      expect(headers).toMatchObject({ authorization: 'Bearer secret', 'x-key': '1' });
    for (const { headers } of cdn.requests)
      expect([headers.authorization, headers['x-key']]).toEqual([undefined, undefined]);
    await cdn.close();
  });

  test('the same origin gets them again', async () => {
    server.lie = onlyAt(0, { status: 307, headers: { Location: 'file?now' } });
    await (await open({ headers: { 'X-Key': '1' } })).close();
    expect(server.requests.map(({ headers }) => headers['x-key'])).toEqual(['1', '1']);
  });
});

describe('aborts', () => {
  /** @type {[string, import('../support/server.js').Lie][]} */
  const stuck = [
    ['before the headers', { silent: true }],
    ['in the body', { hang: true }],
    ['in a pause', { status: 429, headers: { 'Retry-After': '20' } }],
  ];
  test.each(stuck)('%s', async (_, lie) => {
    server.lie = () => lie;
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const { signal } = controller;
    await errorOf(async () => read(await open({ signal, maxDelay: 60_000 })), 'aborted');
    for (let i = 0; i < 100 && server.running > 0 && lie.status === undefined; i++) await pause(10);
    expect(lie.status === undefined ? server.running : 0).toBe(0);
    server.lie = () => undefined;
    expectBytes(await read(await open()), 0, SIZE);
  });

  test('before any request, and for one read of many', async () => {
    await errorOf(() => open({ signal: AbortSignal.abort() }), 'aborted');
    expect(server.requests.length).toBe(0);
    const source = await open({ ranges: true });
    server.lie = ({ range }) => (range === 'bytes=100000-100009' ? { hang: true } : undefined);
    const controller = new AbortController();
    const stuck = errorOf(() => source.slice(100_000, 100_010, controller.signal), 'aborted');
    expectBytes(await source.slice(200_000, 200_010), 200_000, 200_010);
    controller.abort();
    await stuck;
  });

  test('in the queue for a connection', async () => {
    const source = await open({ ranges: true, connections: 1 });
    server.lie = () => ({ hang: true });
    const [first, second] = [new AbortController(), new AbortController()];
    const stuck = errorOf(() => source.slice(100_000, 100_010, first.signal), 'aborted');
    const queued = errorOf(() => source.slice(100_000, 100_010, second.signal), 'aborted');
    await pause(20);
    second.abort();
    await queued;
    first.abort();
    await stuck;
    server.lie = () => undefined;
    expectBytes(await source.slice(100_000, 100_010), 100_000, 100_010);
  });
});

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('simultaneous connections to a host stay within the limit', async () => {
  const source = await open({ ranges: true, connections: 3 });
  server.lie = () => ({ delay: 5 });
  const starts = Array.from({ length: 20 }, (_, i) => 70_000 + 1000 * i);
  const parts = await Promise.all(starts.map((start) => source.slice(start, start + 10)));
  parts.forEach((part, i) => expectBytes(part, starts[i], starts[i] + 10));
  expect(server.most).toBe(3);
});

test("every caller's own limit holds, whoever came first", async () => {
  const starts = Array.from({ length: 12 }, (_, i) => 70_000 + 1000 * i);
  const one = await open({ ranges: true, connections: 1 });
  const four = await open({ ranges: true, connections: 4 });
  expect(busyHosts()).toBe(0);
  server.lie = () => ({ delay: 5 });
  const read = (/** @type {typeof one} */ source, /** @type {number} */ start) => source.slice(start, start + 10);
  await Promise.all([read(one, 70_000), ...starts.map((start) => read(four, start))]);
  expect(server.most).toBe(4);
  expect(busyHosts()).toBe(0);
  server.most = 0;
  await Promise.all([read(four, 70_000), ...starts.map((start) => read(one, start))]);
  expect(server.most).toBe(1);
  expect(busyHosts()).toBe(0);
});

test('the length of compressed answers is ignored', async () => {
  const body = gzipSync(FILE);
  server.lie = () => ({ body, ignoreRange: true, headers: { 'Content-Encoding': 'gzip' } });
  const source = await open();
  expect(source.byteLength).toBe(undefined);
  expectBytes(await source.slice(0), 0, SIZE);
});

test('a fetch that hides redirects follows them itself', async () => {
  /** @type {any[]} */
  const asked = [];
  const hiding = async (/** @type {any} */ _, /** @type {any} */ { redirect }) => {
    asked.push(redirect);
    const hidden = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
    return redirect === 'manual' ? hidden : new Response(FILE);
  };
  const source = await urlSource('https://nowhere.invalid/x', { fetch: hiding });
  expectBytes(await /** @type {any} */ (source).slice(0), 0, SIZE);
  expect(asked).toEqual(['manual', undefined]);
});

describe('a fetch that hides redirects, as a browser does', () => {
  /** @type {any[]} */
  let asked;
  const hiding = async (/** @type {string} */ url, /** @type {any} */ { redirect, headers }) => {
    asked.push([redirect, headers]);
    if (redirect !== 'manual' || url.endsWith('/file')) return new Response(FILE);
    return Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
  };
  beforeEach(() => (asked = []));
  const { process } = globalThis;
  afterEach(() => Object.assign(globalThis, { process }));

  test.each(['Node', 'browser'])('is given no headers of the caller to follow them with: %s', async (where) => {
    if (where === 'browser') Object.assign(globalThis, { process: undefined });
    const headers = { authorization: 'Bearer t', 'x-key': 'SECRET' };
    const error = await urlSource('https://nowhere.invalid/x', { fetch: hiding, headers }).catch((each) => each);
    expect(error).toMatchObject({ code: 'unsupported', reason: 'hidden_redirect', url: 'https://nowhere.invalid/x' });
    expect(error.message).not.toMatch('SECRET');
    expect(asked).toEqual([['manual', headers]]);
    // An address that does not redirect is read.
    const source = await urlSource('https://nowhere.invalid/file', { fetch: hiding, headers });
    expectBytes(await /** @type {any} */ (source).slice(0), 0, SIZE);
    expect(asked[1]).toEqual(['manual', headers]);
  });

  test('follows them with a token, which it takes away at another origin', async () => {
    Object.assign(globalThis, { process: undefined });
    const headers = { authorization: 'Bearer t' };
    const source = await urlSource('https://nowhere.invalid/x', { fetch: hiding, headers });
    expectBytes(await /** @type {any} */ (source).slice(0), 0, SIZE);
    expect(asked).toEqual([[undefined, headers]]);
  });
});

test("a caller's own fetch", async () => {
  /** @type {any[]} */
  const asked = [];
  const mine = async (/** @type {any} */ url, /** @type {any} */ init) => {
    asked.push([url, init.headers]);
    return new Response(FILE);
  };
  const source = await urlSource('https://nowhere.invalid/x', { fetch: mine, headers: { 'X-Key': '1' } });
  expectBytes(await /** @type {any} */ (source).slice(0), 0, SIZE);
  expect(asked).toEqual([['https://nowhere.invalid/x', { 'X-Key': '1' }]]);
  await errorOf(
    () => urlSource('https://nowhere.invalid/x', { ...QUICK, fetch: () => Promise.reject(new TypeError('no')) }),
    'network',
  );
  const throws = /** @type {any} */ (
    () => {
      throw new TypeError('no');
    }
  );
  await errorOf(() => urlSource('https://nowhere.invalid/x', { ...QUICK, fetch: throws }), 'network');
});
