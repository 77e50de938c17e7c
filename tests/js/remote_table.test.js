// Rows of a table that stays on its server: what is read, what is shared, and the state after errors.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsOf } from '../../web/table/remote/ranges.js';
import { GgufWriter } from '../support/gguf.js';
import { safetensors } from '../support/models.js';
import { randomLie, serveFiles } from '../support/server.js';
import { EmbeddingTable, RemoteTable, env, errorOf } from '../support/wembed.js';

const TENSOR = 'model.embed_tokens.weight';
const ROWS = 500;
const DIM = 64;
const VALUES = Float32Array.from({ length: ROWS * DIM }, (_, i) => Math.sin(i) * 3);

/** A file with TENSOR between two other tensors. @param {string} [dtype] @param {ArrayBufferView} [data] */
const fileOf = (dtype = 'F32', data = VALUES) =>
  safetensors({
    before: { dtype: 'F32', shape: [100], data: new Float32Array(100) },
    [TENSOR]: { dtype, shape: [ROWS, DIM], data },
    after: { dtype: 'U8', shape: [3], data: new Uint8Array(3) },
  });

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
/** @type {RemoteTable[]} */
let opened = [];
beforeEach(async () => {
  server = await serveFiles(new Map([['model.safetensors', fileOf()]]));
  Object.assign(env, { delay: 1, attempts: 2 });
});
afterEach(async () => {
  opened.forEach((remote) => remote.dispose());
  opened = [];
  await server.close();
});

/** @param {any} [location] @param {Parameters<typeof RemoteTable.open>[1]} [options] */
async function open(location = server.url, options = {}) {
  const remote = await RemoteTable.open(location, { tensor: TENSOR, ...options });
  opened.push(remote);
  return remote;
}

/** @param {import('../../web/core/matrix.js').Matrix} found @param {number[]} ids */
function expectRows(found, ids) {
  expect([found.rows, found.dim]).toEqual([ids.length, DIM]);
  ids.forEach((id, i) => expect(found.row(i)).toEqual(VALUES.subarray(id * DIM, (id + 1) * DIM)));
}

test('rows are in the order of the ids, downloaded once each, and cached', async () => {
  const remote = await open();
  expect([remote.rows, remote.dim, remote.dtype, remote.tensor]).toEqual([ROWS, DIM, 'f32', TENSOR]);
  expectRows(await remote.lookup([400, 3, 400, 499, 0]), [400, 3, 400, 499, 0]);
  expect(remote.cachedRows).toBe(4);
  const requests = server.requests.length;
  expectRows(await remote.lookup(Uint16Array.of(0, 499, 3)), [0, 499, 3]);
  expect(server.requests.length).toBe(requests);
  expectRows(await remote.lookup([]), []);
  const into = new Float32Array(3 * DIM).fill(7);
  const found = await remote.lookup([5, 400], { into });
  expectRows(found, [5, 400]);
  expect(found.data.buffer).toBe(into.buffer);
  expect([...into.subarray(2 * DIM)]).toEqual(Array(DIM).fill(7));
  expect(remote.bytesFetched).toBe(server.bytes());
});

describe('sources and formats', () => {
  test('a file by its address, a folder, files and content', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wembed-'));
    const file = fileOf();
    writeFileSync(join(folder, 'model.safetensors'), file);
    const sliced = {
      byteLength: file.length,
      slice: (/** @type {number} */ a, /** @type {number} */ b) => file.slice(a, b).buffer,
    };
    const places = [
      `${server.url}model.safetensors`,
      folder,
      join(folder, 'model.safetensors'),
      new Map([['model.safetensors', file]]),
    ];
    for (const place of [...places, file, new Blob([file]), sliced]) {
      expectRows(await (await open(place)).lookup([499, 7]), [499, 7]);
    }
    rmSync(folder, { recursive: true });
  });

  test('only the shard that contains the tensor', async () => {
    server.files = new Map([
      [
        'model.safetensors.index.json',
        JSON.stringify({ weight_map: { [TENSOR]: 'b.safetensors', x: 'a.safetensors' } }),
      ],
      ['b.safetensors', safetensors({ [TENSOR]: { dtype: 'F32', shape: [ROWS, DIM], data: VALUES } })],
    ]);
    expectRows(await (await open(server.url, { tensor: undefined })).lookup([1, 499]), [1, 499]);
    expect(server.requests.map(({ path }) => path)).not.toContain('a.safetensors');
  });

  const halves = new Uint16Array(VALUES.length).map((_, i) => 0x3c00 + (i % 997)); // 1 and up
  const bfloats = new Uint16Array(VALUES.buffer).filter((_, i) => i % 2 === 1);
  const bytes = Int8Array.from(VALUES, (value) => value * 40);
  const floats8 = Uint8Array.from(VALUES, (_, i) => i % 126);
  /** @type {[string, ArrayBufferView, import('../../web/core/dtypes.js').Dtype, (i: number) => number][]} */
  const formats = [
    ['F16', halves, 'f16', (i) => 1 + (i % 997) / 1024],
    ['BF16', bfloats, 'bf16', (i) => new Float32Array(Uint32Array.of(bfloats[i] << 16).buffer)[0]],
    ['I8', bytes, 'i8', (i) => bytes[i]],
    [
      'F8_E4M3',
      floats8,
      'f32',
      (i) => ((i % 126) & 120 ? 2 ** (((i % 126) >> 3) - 7) * (1 + ((i % 126) & 7) / 8) : ((i % 126) & 7) / 512),
    ],
  ];
  test.each(formats)('%s is stored without rounding', async (dtype, data, stored, value) => {
    const remote = await open(fileOf(dtype, data));
    expect(remote.dtype).toBe(stored);
    const { data: rows } = await remote.lookup([499, 2]);
    expect([...rows]).toEqual([499, 2].flatMap((row) => Array.from({ length: DIM }, (_, d) => value(row * DIM + d))));
    const wide = await open(fileOf(dtype, data), { dtype: 'f32' });
    expect((await wide.lookup([499, 2])).data).toEqual(rows);
  });

  test.each(/** @type {const} */ (['f16', 'bf16', 'i8', 'i4']))(
    'stored as %s, rows equal those of a table of that dtype',
    async (dtype) => {
      const table = await EmbeddingTable.from(VALUES, { rows: ROWS, dim: DIM, dtype });
      const remote = await open(undefined, { dtype });
      expect((await remote.lookup([499, 2, 77])).data).toEqual(table.lookup([499, 2, 77]).data);
      expect((await remote.lookup([77])).data).toEqual(table.lookup([77]).data);
      table.dispose();
    },
  );

  test("GGUF's blocks are converted to f32", async () => {
    const data = new Uint8Array(ROWS * 2 * 34);
    for (let i = 0; i < ROWS * 2; i++) {
      data.set([0, 0x3c + 4 * (i % 2)], 34 * i); // scales of 1 and 2
      for (let k = 0; k < 32; k++) data[34 * i + 2 + k] = (i + k) % 256;
    }
    server.files.set(
      'x.gguf',
      new GgufWriter().string('general.architecture', 'llama').tensor('token_embd.weight', [ROWS, DIM], 8, data).file(),
    );
    const remote = await open(`${server.url}x.gguf`, { tensor: undefined });
    expect([remote.rows, remote.dim, remote.dtype]).toEqual([ROWS, DIM, 'f32']);
    const expected = (/** @type {number} */ row) =>
      Array.from({ length: DIM }, (_, d) => {
        const block = 2 * row + (d >> 5);
        return (1 + (block % 2)) * ((((block + (d % 32)) % 256) << 24) >> 24);
      });
    expect([...(await remote.lookup([499, 0])).data]).toEqual([...expected(499), ...expected(0)]);
  });
});

describe('only what is needed', () => {
  test('100 random rows of a table of 1 GB cost 1.5 times their bytes and 64 kB', async () => {
    const [rows, dim] = [2 ** 20, 256];
    const header = new TextEncoder().encode(
      JSON.stringify({ [TENSOR]: { dtype: 'F32', shape: [rows, dim], data_offsets: [0, 4 * rows * dim] } }),
    );
    const head = new Uint8Array(8 + header.length);
    new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
    head.set(header, 8);
    /** Row r is all r. @type {import('../support/server.js').VirtualFile} */
    const file = {
      length: head.length + 4 * rows * dim,
      etag: '"virtual"',
      subarray: (start, end) => {
        const bytes = new Uint8Array(Math.min(end, file.length) - start);
        const number = new DataView(new ArrayBuffer(4));
        for (let i = 0; i < bytes.length; i++) {
          const at = start + i - head.length;
          if (at >= 0) number.setFloat32(0, Math.floor(at / (4 * dim)), true);
          bytes[i] = at < 0 ? head[start + i] : number.getUint8(at % 4);
        }
        return bytes;
      },
    };
    server.files = new Map([['model.safetensors', file]]);
    let seed = 1;
    const ids = Array.from({ length: 100 }, () => (seed = (seed * 48271) % 2147483647) % rows);
    const remote = await open();
    const found = await remote.lookup(ids);
    ids.forEach((id, i) => expect([...found.row(i)]).toEqual(Array(dim).fill(id)));
    expect(server.bytes()).toBeLessThanOrEqual(100 * 4 * dim * 1.5 + 64_000);
    expect(remote.bytesFetched).toBe(server.bytes());
    expect(server.most).toBeLessThanOrEqual(8);
  });

  test('near rows are fetched together, distant rows separately, with few needless bytes', () => {
    const runs = (/** @type {number[]} */ rows, bytes = 1000) =>
      runsOf(Uint32Array.from(rows), bytes).map((run) => [...run]);
    expect(runs([5])).toEqual([[5]]);
    expect(runs([])).toEqual([]);
    expect(runs([1, 2, 3, 10_000, 10_001])).toEqual([
      [1, 2, 3],
      [10_000, 10_001],
    ]);
    expect(runs([1, 2, 3, 5, 6])).toEqual([[1, 2, 3, 5, 6]]); // 1 needless row for 5
    expect(runs([1, 3, 5, 7, 9])).toEqual([[1, 3, 5], [7], [9]]); // 2 needless rows at most
    expect(runs([0, 1, 9000, 9001], 10)).toEqual([
      [0, 1],
      [9000, 9001],
    ]);
    expect(runs([...Array(10).keys()], 2 ** 20).map(({ length }) => length)).toEqual([4, 4, 2]);
  });

  test('rows requested together come with one request', async () => {
    const remote = await open();
    const before = server.requests.length;
    await remote.lookup(Array.from({ length: 100 }, (_, i) => 300 + i));
    expect(server.requests.length).toBe(before + 1);
  });

  test('the least recently used rows leave, and lookups of more rows than fit still work', async () => {
    const remote = await open(undefined, { cacheRows: 10 });
    const far = (/** @type {number} */ i) => 100 + 40 * i;
    await remote.lookup([0, 1, 2, 3, 4].map(far));
    await remote.lookup([5, 6, 7, 8, 9].map(far));
    await remote.lookup([0].map(far));
    await remote.lookup([50, 51]); // far(1) and far(2) leave
    expect(remote.cachedRows).toBe(10);
    const before = server.requests.length;
    expectRows(await remote.lookup([0, 3, 9].map(far)), [0, 3, 9].map(far));
    expect(server.requests.length).toBe(before);
    expectRows(await remote.lookup([1].map(far)), [1].map(far));
    expect(server.requests.length).toBe(before + 1);
    const all = Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i);
    expectRows(await remote.lookup(all), all);
    expect(remote.cachedRows).toBe(10);
  });

  test('simultaneous lookups share the rows that both need', async () => {
    const remote = await open();
    const before = server.requests.length;
    const [a, b, c] = await Promise.all([remote.lookup([300, 301]), remote.lookup([301, 400]), remote.lookup([300])]);
    expectRows(a, [300, 301]);
    expectRows(b, [301, 400]);
    expectRows(c, [300]);
    expect(server.requests.length).toBe(before + 2);
  });
});

describe('failures', () => {
  test('aborting one lookup does not end another that waits for the same row', async () => {
    const remote = await open();
    server.lie = () => ({ delay: 60 });
    const controller = new AbortController();
    const first = errorOf(() => remote.lookup([300], { signal: controller.signal }), 'aborted');
    const second = remote.lookup([300]);
    controller.abort();
    await first;
    expectRows(await second, [300]);
  });

  test('a download ends when all lookups are aborted, and the next lookup starts again', async () => {
    const remote = await open();
    server.lie = () => ({ hang: true });
    const controller = new AbortController();
    const into = new Float32Array(DIM).fill(7);
    const lookup = errorOf(() => remote.lookup([300], { signal: controller.signal, into }), 'aborted');
    setTimeout(() => controller.abort(), 30);
    await lookup;
    for (let i = 0; i < 100 && server.running > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.running).toBe(0);
    expect([...into]).toEqual(Array(DIM).fill(7));
    server.lie = () => undefined;
    expectRows(await remote.lookup([300], { into }), [300]);
    await errorOf(() => remote.lookup([1], { signal: AbortSignal.abort() }), 'aborted');
  });

  /** @type {[string, string, import('../support/server.js').Lie][]} */
  const lies = [
    ['another range', 'bad_file', { shift: 4 }],
    ['another file', 'bad_file', { headers: { ETag: '"other"' } }],
    ['an HTML page', 'bad_file', { headers: { 'Content-Type': 'text/html' } }],
    ['an error', 'network', { status: 500 }],
    ['a connection cut', 'network', { cut: 10 }],
    ['a range that is gone', 'bad_file', { status: 416 }],
  ];
  test.each(lies)('%s: no row is half-filled', async (_, code, lie) => {
    const remote = await open();
    await remote.lookup([3]);
    const into = new Float32Array(3 * DIM).fill(7);
    server.lie = ({ range }) => (range?.startsWith('bytes=1') ? lie : undefined); // rows from 400 on
    await errorOf(() => remote.lookup([3, 100, 450], { into }), code);
    expect([...into]).toEqual(Array(3 * DIM).fill(7));
    server.lie = () => undefined;
    expectRows(await remote.lookup([3, 100, 450]), [3, 100, 450]);
  });

  test('after any answer of a server, rows are right or refused', async () => {
    let seed = 7;
    const random = (/** @type {number} */ below) => (seed = (seed * 48271) % 2147483647) % below;
    const { length } = fileOf();
    for (let i = 0; i < (process.env.WEMBED_FULL ? 5000 : 200); i++) {
      const ids = Array.from({ length: 1 + random(6) }, () => random(ROWS));
      /** @type {any[]} for whoever has to find out */
      const told = [];
      server.lie = ({ range }) => {
        const lie = random(2) ? randomLie(random, length) : undefined;
        told.push([range, lie]);
        return lie;
      };
      try {
        const remote = await open(undefined, { timeout: 60 });
        expectRows(await remote.lookup(ids), ids);
      } catch (error) {
        const { name, code } = /** @type {any} */ (error);
        const refused = name === 'WembedError' && /^(bad_file|network|not_found|unsupported)$/.test(code);
        if (!refused) throw new Error(`after ${JSON.stringify(told)}: ${error}`, { cause: error });
      }
      opened.pop()?.dispose();
    }
    server.lie = () => undefined;
    expectRows(await (await open()).lookup([3]), [3]);
  }, 600_000);

  test('a row that its dtype cannot represent does not affect the others', async () => {
    const values = VALUES.slice();
    values[450 * DIM] = NaN;
    const remote = await open(fileOf('F32', values), { dtype: 'i8', cacheRows: 2 });
    const first = (await remote.lookup([1])).data;
    await errorOf(() => remote.lookup([450]), 'invalid_argument');
    expect((await remote.lookup([1])).data).toEqual(first);
    await remote.lookup([2, 3]);
    expect((await remote.lookup([1])).data).toEqual(first);
  });

  test('servers without ranges, and tensors that are not tables', async () => {
    server.lie = () => ({ ignoreRange: true });
    expect(await errorOf(() => open(), 'unsupported')).toMatch(/ignores ranges/);
    server.lie = () => undefined;
    expect(await errorOf(() => open(undefined, { tensor: 'x' }), 'not_found')).toMatch(/'x'.*before/);
    expect(await errorOf(() => open(undefined, { tensor: 'before' }), 'unsupported')).toMatch(/\[100\]/);
    await errorOf(() => open(fileOf('I64', new BigInt64Array(ROWS * DIM))), 'unsupported');
    await errorOf(() => open(undefined, { cacheRows: 0 }), 'invalid_argument');
    await errorOf(() => open(undefined, { dtype: /** @type {any} */ ('f64') }), 'unsupported');
    await errorOf(() => open(`${server.url}no/`), 'not_found');
  });

  test('bad ids, and use after dispose', async () => {
    const remote = await open();
    const into = new Float32Array(2 * DIM).fill(7);
    expect(await errorOf(() => remote.lookup([1, ROWS], { into }), 'id_out_of_range')).toMatch(/500 at index 1/);
    await errorOf(() => remote.lookup([-1]), 'id_out_of_range');
    await errorOf(() => remote.lookup([0.5]), 'invalid_argument');
    await errorOf(() => remote.lookup([1, 2, 3], { into }), 'shape_mismatch');
    expect([...into]).toEqual(Array(2 * DIM).fill(7));
    server.lie = () => ({ hang: true });
    const waiting = errorOf(() => remote.lookup([300]), 'disposed');
    setTimeout(() => remote.dispose(), 20);
    await waiting;
    await errorOf(() => remote.lookup([1]), 'disposed');
    remote.dispose();
  });
});
