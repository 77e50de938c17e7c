// The package's own files: where they are looked for, and what is said when they are not there. Cases that load the
// core have a process of their own, because it is loaded once per process.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveFiles } from '../support/server.js';
import { ROOT } from '../support/sources.js';
import { EmbeddingTable, env, errorOf, loadMini, readBytes } from '../support/wembed.js';

const MINI = 'mini.bin';
const pack = readBytes(`dist/assets/${MINI}`);
const HTML = '<!doctype html><title>My app</title>';

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let server;
/** @type {Float32Array} */
let expected;
beforeAll(async () => {
  const layer = await loadMini();
  expected = layer.encode('It is raining');
  layer.dispose();
});
beforeEach(async () => {
  server = await serveFiles(new Map([[`moved/${MINI}`, pack]]));
});
afterEach(async () => {
  env.assets = undefined;
  await server.close();
});

/** @param {Parameters<typeof loadMini>[0]} [options] */
async function vector(options) {
  const layer = await loadMini(options);
  const found = layer.encode('It is raining');
  layer.dispose();
  return found;
}

/** @param {string} script with env, loadMini and EmbeddingTable @returns {any} what it returns */
function run(script) {
  const program = `
    import { EmbeddingTable, env } from './web/index.js';
    import { loadMini } from './web/mini.js';
    const main = async () => { ${script} };
    process.stdout.write(JSON.stringify(await main().catch(({ code, message }) => ({ code, message }))));`;
  const args = ['--input-type=module', '--no-warnings', '-e', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

test('env.assets moves the .wasm files and the model together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-assets-'));
  try {
    cpSync(join(ROOT, 'dist/assets'), join(folder, 'deep'), { recursive: true });
    const first = (/** @type {string} */ assets) =>
      run(`env.assets = ${assets}; return (await loadMini()).encode('It is raining')[0];`);
    expect(first(JSON.stringify(join(folder, 'deep')))).toBe(expected[0]);
    expect(first(`new URL(${JSON.stringify(`file://${folder}/deep/`)})`)).toBe(expected[0]);
    expect(run(`env.assets = ${JSON.stringify(folder)}; return loadMini();`)).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/mini\.bin.*env\.assets/),
    });
    const noCore = run(
      `env.assets = ${JSON.stringify(folder)}; return EmbeddingTable.from([1, 2], { rows: 1, dim: 2 });`,
    );
    expect(noCore).toMatchObject({ code: 'not_found', message: expect.stringMatching(/simd128\.wasm.*env\.assets/) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('env.assets takes files in hand: bytes, compiled modules, addresses', async () => {
  const first = run(`
    const { readFileSync } = await import('node:fs');
    const bytes = (name) => readFileSync('dist/assets/' + name);
    env.assets = {
      'simd128.wasm': new WebAssembly.Module(bytes('simd128.wasm')),
      'scalar.wasm': bytes('scalar.wasm'),
      'mini.bin': new Uint8Array(bytes('mini.bin')).buffer,
    };
    globalThis.fetch = () => { throw new Error('fetched'); };
    return (await loadMini()).encode('It is raining')[0];`);
  expect(first).toBe(expected[0]);
  env.assets = { [MINI]: `${server.url}moved/${MINI}` };
  expect(await vector()).toEqual(expected);
});

test('env.assets refuses what is no place and no file of the assets', async () => {
  for (const wrong of [5, true, { 'simd.wasm': 'x' }, 'https://me:secret@a.example/']) {
    const message = await errorOf(() => {
      env.assets = /** @type {any} */ (wrong);
    }, 'invalid_argument');
    expect(message).toMatch('env.assets');
    expect(message).not.toMatch('secret');
  }
  expect(env.assets).toBeUndefined();
});

describe('loadMini({ base })', () => {
  test('takes the folder of mini.bin, with and without a slash at the end, and one with its three files', async () => {
    expect(await vector({ base: `${server.url}moved/` })).toEqual(expected);
    expect(await vector({ base: new URL(`${server.url}moved`) })).toEqual(expected);
    expect(await vector({ base: `${server.url}moved?version=2` })).toEqual(expected);
    expect(await vector({ base: join(ROOT, 'models/mini') })).toEqual(expected);
    for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
      server.files.set(`files/${name}`, readBytes(`models/mini/${name}`));
    }
    expect(await vector({ base: `${server.url}files/` })).toEqual(expected);
  });

  test('says what is there instead, and the next good call works', async () => {
    const moved = { base: `${server.url}moved/` };
    const given = (/** @type {string | Uint8Array} */ content) => server.files.set(`moved/${MINI}`, content);
    given(HTML);
    expect(await errorOf(() => loadMini(moved), 'bad_file')).toMatch(/HTML page.*base/);
    given(pack.subarray(0, 100_000));
    expect(await errorOf(() => loadMini(moved), 'bad_file')).toMatch(/not the whole mini\.bin/);
    given(Uint8Array.from([...pack, 1]));
    expect(await errorOf(() => loadMini(moved), 'bad_file')).toMatch(/not the whole/);
    given(new Uint8Array(3));
    await errorOf(() => loadMini(moved), 'bad_file');
    given(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d));
    await errorOf(() => loadMini(moved), 'bad_file');
    server.files.clear();
    expect(await errorOf(() => loadMini(moved), 'not_found')).toMatch(/mini\.bin answered 404.*base/);
    given(pack);
    expect(await vector(moved)).toEqual(expected);
  });

  test('asks again when a server fails for a moment, and gives up in the end', async () => {
    server.lie = (_, n) => (n < 2 ? { status: 503 } : undefined);
    expect(await vector({ base: `${server.url}moved/` })).toEqual(expected);
    server.lie = () => ({ status: 503 });
    expect(await errorOf(() => loadMini({ base: `${server.url}moved/` }), 'network')).toMatch('503');
    server.lie = () => ({ status: 403 });
    const before = server.requests.length;
    await errorOf(() => loadMini({ base: `${server.url}moved/` }), 'network');
    expect(server.requests.length - before).toBe(1);
  });
});

describe('one download for loads at the same time', () => {
  const requests = () => server.requests.filter(({ path }) => path === `moved/${MINI}`).length;

  test('two loads', async () => {
    const base = `${server.url}moved`;
    const [a, b] = await Promise.all([vector({ base }), vector({ base })]);
    expect([a, b]).toEqual([expected, expected]);
    expect(requests()).toBe(1);
    expect(await vector({ base })).toEqual(expected);
    expect(requests()).toBe(2);
  });

  test("a load that is aborted leaves the download to the next: React's StrictMode", async () => {
    const base = `${server.url}moved`;
    const [first, second] = [new AbortController(), new AbortController()];
    server.lie = () => ({ delay: 50 });
    const aborted = errorOf(() => loadMini({ base, signal: first.signal }), 'aborted');
    await new Promise((resolve) => setTimeout(resolve, 20)); // the request is under way
    first.abort();
    const found = vector({ base, signal: second.signal });
    await aborted;
    expect(await found).toEqual(expected);
    expect(requests()).toBe(1);
  });

  test('the download ends when the last load is aborted', async () => {
    const controller = new AbortController();
    server.lie = () => ({ hang: true });
    const aborted = errorOf(() => loadMini({ base: `${server.url}moved`, signal: controller.signal }), 'aborted');
    while (server.running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await aborted;
    while (server.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    server.lie = () => undefined;
    expect(await vector({ base: `${server.url}moved` })).toEqual(expected);
  });

  test('the error of one load’s onProgress is that load’s alone', async () => {
    const base = `${server.url}moved`;
    class Mine extends Error {}
    /** @type {any[]} */
    const events = [];
    const failing = loadMini({
      base,
      onProgress: () => {
        throw new Mine();
      },
    });
    const other = vector({ base, onProgress: (event) => events.push(event) });
    await expect(failing).rejects.toBeInstanceOf(Mine);
    expect(await other).toEqual(expected);
    expect(events.at(-1)).toEqual({ status: 'done', file: MINI, loaded: pack.length, total: pack.length });
    expect(events[0]).toMatchObject({ status: 'progress', total: pack.length });
    expect(requests()).toBe(1);
  });
});

test('a compiled module of another realm serves', async () => {
  const table = await EmbeddingTable.from([1, 2], { rows: 1, dim: 2 });
  table.dispose();
  const first = run(`
    const vm = await import('node:vm');
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync('dist/assets/simd128.wasm');
    env.wasm = vm.runInNewContext('new WebAssembly.Module(bytes)', { bytes });
    return [env.wasm instanceof WebAssembly.Module, (await loadMini()).encode('It is raining')[0]];`);
  expect(first).toEqual([false, expected[0]]);
});

test('mini.bin holds the files of models/mini, in safetensors’ layout', () => {
  const length = Number(new DataView(pack.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(pack.subarray(8, 8 + length)));
  expect(Object.keys(header)).toEqual(['config.json', 'tokenizer.saved', 'tokenizer.frame.json', 'model.safetensors']);
  for (const [
    name,
    {
      data_offsets: [from, to],
    },
  ] of Object.entries(header)) {
    if (name.startsWith('tokenizer.')) continue; // compiled from models/mini's: see mini.test.js
    const bytes = pack.subarray(8 + length + from, 8 + length + to);
    expect(Buffer.compare(bytes, readFileSync(join(ROOT, 'models/mini', name)))).toBe(0);
  }
});
