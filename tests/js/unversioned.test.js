// Files whose server gives no version: bytes of two versions are never joined, and no mixture is cached.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedSource, openStore } from '../../web/sources/cached.js';
import { urlSource } from '../../web/sources/http.js';
import { Reader } from '../../web/sources/reader.js';
import { serveFiles } from '../support/server.js';
import { errorOf } from '../support/wembed.js';

const SIZE = 300_000;
const FIRST = Uint8Array.from({ length: SIZE }, (_, i) => (i * 2654435761) >>> 24);
/** Differs only in its last third: the part read before a break is the same. */
const LATER = FIRST.map((byte, i) => (i < 200_000 ? byte : byte ^ 1));
/** Differs in one byte of the first part. */
const EARLY = FIRST.map((byte, i) => (i === 70_000 ? byte ^ 1 : byte));
const QUICK = { delay: 1, maxDelay: 50 };

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
/** @type {string} */
let folder;
/** @type {import('../support/server.js').Lie} no sign of a version, in any answer */
const UNVERSIONED = { headers: { ETag: '' } };
beforeEach(async () => {
  server = await serveFiles(new Map([['file', FIRST]]));
  folder = mkdtempSync(join(tmpdir(), 'wembed-versions-'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {Uint8Array} next the file after the first broken connection */
function breakOnce(next, at = 150_000) {
  let broken = false;
  server.lie = ({ range }) => {
    if (broken || range === 'bytes=0-32767') return UNVERSIONED;
    broken = true;
    setTimeout(() => server.files.set('file', next), 0);
    return { ...UNVERSIONED, cut: at };
  };
}

/** @param {import('../../web/sources/source.js').ByteSource} source */
async function readAll(source) {
  const reader = new Reader(source, 'file');
  try {
    return await reader.read(SIZE);
  } finally {
    await reader.cancel();
    await source.close?.();
  }
}

/** @param {object} [options] */
async function cached(options) {
  const store = await openStore(folder);
  const source = await cachedSource(`${server.url}file`, { ...QUICK, ...options }, store);
  return /** @type {import('../../web/sources/cached.js').CachedSource} */ (source);
}

/** The bytes that the cache would give without the server. @param {object} [options] */
const keptBytes = async (options) => readAll(await cached({ ...options, localFilesOnly: true }));

const entries = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'record.json')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

const same = (/** @type {Uint8Array} */ a, /** @type {Uint8Array} */ b) => Buffer.compare(a, b) === 0;

describe.each([[false], [true]])('ranges: %s', (ranges) => {
  test('a broken download of an unchanged file is resumed', async () => {
    breakOnce(FIRST);
    const source = await urlSource(`${server.url}file`, { ...QUICK, ranges });
    expect(same(await readAll(/** @type {any} */ (source)), FIRST)).toBe(true);
  });

  test('if only the bytes after the break have changed, all bytes are of the new version', async () => {
    breakOnce(LATER);
    expect(same(await readAll(await cached({ ranges })), LATER)).toBe(true);
    expect(same(await keptBytes(), LATER)).toBe(true);
  });

  test('if bytes read already have changed, the file is refused, and nothing is cached', async () => {
    breakOnce(EARLY);
    expect(await errorOf(async () => readAll(await cached({ ranges })), 'bad_file')).toMatch(
      /bytes before \d+ are different/,
    );
    expect(entries()).toEqual([]);
    await errorOf(() => keptBytes(), 'not_found');
    expect(same(await readAll(await cached({ ranges })), EARLY)).toBe(true);
  });
});

test('a server that then ignores ranges, or breaks again and again, ends in an error', async () => {
  server.lie = (_, n) => (n === 0 ? { ...UNVERSIONED, cut: 100_000 } : { ...UNVERSIONED, ignoreRange: true });
  await errorOf(async () => readAll(await cached()), 'network');
  expect(entries()).toEqual([]);
  server.requests.length = 0;
  server.lie = () => ({ ...UNVERSIONED, cut: 100_000 });
  await errorOf(async () => readAll(await cached({ attempts: 3 })), 'network');
  expect(server.requests.length).toBe(3);
  expect(entries()).toEqual([]);
});

test('parts are not cached: two of them may be of two versions', async () => {
  server.lie = () => UNVERSIONED;
  const source = await cached({ ranges: true });
  expect(same(new Uint8Array(await source.slice(100, 1000)), FIRST.subarray(100, 1000))).toBe(true);
  expect(same(new Uint8Array(await source.slice(100_000, 250_000)), FIRST.subarray(100_000, 250_000))).toBe(true);
  expect(entries()).toEqual([]);
  expect(source.incomplete).toBe(true);
  await source.close();
});

test('a rest without proof that it is of the same version is not joined', async () => {
  server.lie = (_, n) => {
    if (n > 0) return UNVERSIONED;
    setTimeout(() => server.files.set('file', LATER), 0);
    return { cut: 150_000 };
  };
  expect(await errorOf(async () => readAll(await cached()), 'network')).toMatch(
    /does not say that the rest is of the same version/,
  );
  expect(entries()).toEqual([]);
});

test("parts of responses without the file's ETag are used, but not cached under it", async () => {
  server.lie = (_, n) => (n > 0 ? UNVERSIONED : undefined);
  const source = await cached({ ranges: true });
  await source.slice(100_000, 250_000);
  expect(entries().length).toBe(1); // the first part, whose response had the ETag
  await source.close();
});
