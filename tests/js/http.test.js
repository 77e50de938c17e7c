// Files on servers, good and bad ones: what is asked for, and what becomes of every lie.
import { urlSource } from '../../web/sources/http.js';
import { Reader } from '../../web/sources/reader.js';
import { serveFiles } from '../support/server.js';

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
  test('the first request brings 64 kB and the size; the rest is asked for as it is needed', async () => {
    const source = await open({ ranges: true });
    expect(source.byteLength).toBe(SIZE);
    expectBytes(await source.slice(10, 60_000), 10, 60_000);
    expect(rangesAsked()).toEqual(['bytes=0-65535']);
    expectBytes(await source.slice(200_000, 200_100), 200_000, 200_100);
    expectBytes(await read(source, 65_000, 100_000), 65_000, 100_000);
    expectBytes(await source.slice(SIZE - 5), SIZE - 5, SIZE);
    expectBytes(await source.slice(SIZE - 5, SIZE + 100), SIZE - 5, SIZE);
    expect((await source.slice(7, 7)).byteLength).toBe(0);
    expect(rangesAsked().slice(1)).toEqual([
      'bytes=200000-200099',
      'bytes=65536-99999',
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

  test('a file that is not there, an empty one, a small one', async () => {
    expect(await urlSource(`${server.url}other`, { ranges: true })).toBe(null);
    server.files.set('file', '');
    const empty = await open({ ranges: true });
    expect(empty.byteLength).toBe(0);
    expect((await empty.slice(0, 10)).byteLength).toBe(0);
    server.files.set('file', 'small');
    const small = await open({ ranges: true });
    expect([small.byteLength, Buffer.from(await small.slice(0)).toString()]).toEqual([5, 'small']);
  });

  test('where ranges are ignored, reading forward is one download, and backward another', async () => {
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
