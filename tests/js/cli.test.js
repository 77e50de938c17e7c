// The command line, as programs and people call it: what it reads and writes, how it ends.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npyHead } from '../../web/cli/npy.js';
import { ndcg, pearson, spearman } from '../../web/cli/ranks.js';
import { ROOT } from '../support/sources.js';
import { VectorIndex, errorOf, loadMini, readJson } from '../support/wembed.js';

const MAIN = join(ROOT, 'web/cli/main.js');
const { texts } = readJson('tests/golden/mini_ids.json');
const lines = texts.filter((/** @type {string} */ text) => !/[\r\n]/.test(text) && text.isWellFormed());
const input = lines.map((/** @type {string} */ line) => `${line}\n`).join('');

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wembed-cli-'));
  layer = await loadMini();
  writeFileSync(join(folder, 'lines.txt'), input);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * @param {string[]} args
 * @param {string | Uint8Array} [stdin]
 */
function run(args, stdin = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    input: stdin,
    maxBuffer: 2 ** 28,
  });
  return { status, bytes: stdout, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** @param {string[]} args @param {string | Uint8Array} [stdin] @returns {any[]} a value for each line of JSON */
function records(args, stdin) {
  const { status, stdout, stderr } = run(args, stdin);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('encode', () => {
  test('gives every line the vector of encode, bit for bit, in each format, from files and from a pipe', () => {
    const expected = layer.encode(lines, { normalize: true });
    const bytes = Buffer.from(expected.data.buffer);
    const raw = run(['encode', '--normalize', '--format', 'raw'], input);
    expect(raw.bytes.equals(bytes)).toBe(true);
    expect(run(['encode', '--normalize', '-f', 'npy', 'lines.txt']).bytes).toEqual(
      Buffer.concat([npyHead(lines.length, 256), bytes]),
    );
    expect(run(['encode', '--normalize', 'lines.txt', '-o', 'out.npy']).status).toBe(0);
    expect(readFileSync(join(folder, 'out.npy')).equals(Buffer.concat([npyHead(lines.length, 256), bytes]))).toBe(true);
    const found = records(['encode', '--normalize'], input);
    expect(found.map(({ text }) => text)).toEqual(lines);
    expect(Float32Array.from(found.flatMap(({ vector }) => vector))).toEqual(expected.data);
  });

  test('takes JSON, whose members it keeps, and what follows the last newline', () => {
    const json = '{"id": 7, "title": "rain", "vector": [1]}\n\n{"id": 8, "title": "ä"}';
    const found = records(['encode', '--jsonl', '--field', 'title', '--dimensions', '2'], json);
    expect(found).toEqual([
      { id: 7, title: 'rain', vector: expect.any(Array) },
      { id: 8, title: 'ä', vector: expect.any(Array) },
    ]);
    expect(Float32Array.from(found[0].vector)).toEqual(layer.encode('rain', { dimensions: 2 }));
    expect(records(['encode', '--jsonl', '--no-text', '--dimensions', '1'], '"rain"\n')).toHaveLength(1);
  });

  test('an empty input has no lines, an empty line has zeros, a carriage return ends no text', () => {
    expect(run(['encode'], '')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(run(['encode', '-f', 'npy'], '').bytes).toEqual(npyHead(0, 256));
    expect(run(['encode', '--dimensions', '2'], 'rain\r\n\n').stdout).toMatch(
      /^{"text":"rain","vector":.*\n.*\[0,0\]}\n$/,
    );
  });

  test('bytes that are not UTF-8 are refused, with their place, or replaced', () => {
    const bytes = Buffer.from('rain\nwet \xff weather\n', 'latin1');
    const { status, stdout, stderr } = run(['encode'], bytes);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^{"text":"rain","vector":[^\n]*\n$/); // what stands before it is written
    expect(stderr).toBe(
      'wembed: line 2 of standard input is not UTF-8, from its byte 5 on: convert it with iconv, or pass --lossy\n',
    );
    expect(records(['encode', '--lossy'], bytes)[1].text).toBe('wet \ufffd weather');
  });

  test('a failure leaves no file behind', () => {
    expect(run(['encode', '-o', 'broken.npy'], Buffer.from('rain\n\xff\n', 'latin1')).status).toBe(1);
    expect(readdirSync(folder).filter((name) => name.includes('broken'))).toEqual([]);
  });

  const isUnix = process.platform !== 'win32';
  (isUnix ? test : test.skip)('a named pipe or a device takes the bytes and stays what it is', async () => {
    spawnSync('mkfifo', ['pipe'], { cwd: folder });
    for (const [format, name] of [
      ['npy', 'pipe'],
      ['raw', 'pipe'],
    ]) {
      const read = openSync(join(folder, 'read'), 'w');
      const reader = spawn('cat', [name], { cwd: folder, stdio: ['ignore', read, 'inherit'] });
      const closed = new Promise((resolve) => reader.on('close', resolve));
      expect(run(['encode', '-f', format, '-o', name], 'rain\nwind\n').status).toBe(0);
      await closed;
      closeSync(read);
      expect(statSync(join(folder, name)).isFIFO()).toBe(true);
      expect(run(['encode', '-f', format, '-o', 'file'], 'rain\nwind\n').status).toBe(0);
      expect(readFileSync(join(folder, 'read'))).toEqual(readFileSync(join(folder, 'file')));
    }
    const index = await VectorIndex.create({ dim: 1 });
    await errorOf(() => index.save(join(folder, 'pipe')), 'invalid_argument');
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true);
    index.dispose();
  });

  test('a large input and a line of 100 MB take little memory', async () => {
    const part = Buffer.from(`${'It is raining again '.repeat(4)}\n`.repeat(12_000)); // 1 MB
    const many = await memoryOf(Array.from({ length: 40 }, () => part));
    expect(many.bytes).toBe(40 * 12_000 * 4);
    expect(many.peak).toBeLessThan(250e6);
    const one = Buffer.from('rain and wind '.repeat(72_000)); // 1 MB
    const long = await memoryOf(Array.from({ length: 100 }, () => one));
    expect(long.bytes).toBe(4);
    expect(long.peak).toBeLessThan(700e6);
  });
});

/** @param {Buffer[]} parts of the input @returns {Promise<{ bytes: number, peak: number }>} what came out, and the most memory */
async function memoryOf(parts) {
  const hook = join(folder, 'peak.mjs');
  // Linux counts the memory of the process that started this one in resourceUsage, so its own is read where it stands.
  const program = `import { existsSync, readFileSync } from 'node:fs';
    const status = '/proc/self/status';
    const kilobytes = () => /VmHWM:\\s*(\\d+)/.exec(readFileSync(status, 'utf8'))[1];
    const peak = () => 1024 * (existsSync(status) ? kilobytes() : process.resourceUsage().maxRSS);
    process.on('exit', () => process.stderr.write(String(peak())));`;
  writeFileSync(hook, program);
  const child = spawn(process.execPath, ['--import', hook, MAIN, 'encode', '-f', 'raw', '--dimensions', '1']);
  let [bytes, told] = [0, ''];
  child.stdout.on('data', (chunk) => (bytes += chunk.length));
  child.stderr.on('data', (chunk) => (told += chunk));
  for (const part of parts) {
    if (!child.stdin.write(part)) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  await new Promise((resolve) => child.on('close', resolve));
  return { bytes, peak: Number(told) };
}

describe('how it ends', () => {
  test('without a word where the reader of its output has gone', () => {
    const line = `yes rain | '${process.execPath}' '${MAIN}' encode --dimensions 2 | head -n 1; echo $pipestatus`;
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect(stdout).toMatch(/^{"text":"rain","vector":\[[^\]]*\]}\n/);
    expect(stderr).toBe('');
  });

  test.each([
    [[], 2],
    [['encod'], 2],
    [['encode', '--formt', 'raw'], 2],
    [['encode', '--format', 'bmp'], 2],
    [['encode', '--dimensions', 'many'], 2],
    [['encode', '--dimensions', '0'], 2],
    [['encode', '--dimensions'], 2],
    [['search'], 2],
    [['index', 'lines.txt'], 2],
    [['inspect', 'a', 'b'], 2],
    [['analogy', 'king', '-'], 2],
    [['eval', 'sst', 'x'], 2],
    [['encode', '--dimensions', '10000', 'lines.txt'], 1],
    [['encode', 'none.txt'], 1],
    [['encode', '.'], 1],
    [['encode', '--jsonl', 'lines.txt'], 1],
    [['encode', '--model', './none/', 'lines.txt'], 2],
    [['encode', '--model', 'none', 'lines.txt'], 1],
    [['encode', '-o', 'none/x.npy', 'lines.txt'], 1],
    [['similar', 'qwertyuio'], 1],
    [['search', 'lines.txt', 'rain'], 2],
    [['duplicates', '--threshold', '2', 'lines.txt'], 2],
    [['tokenize', '--ids', '--offsets', 'lines.txt'], 2],
    [['inspect', './none/'], 2],
    [['demo', '--root', 'none'], 1],
    [['demo', '--port', '70000'], 2],
    [['demo', '--port', 'abc'], 2],
    [['search', '.', 'rain'], 2],
    [['help', 'me'], 2],
    [['help', 'toString'], 2],
    [['encode', 'lines.txt', '-o', 'lines.txt'], 2],
    [['encode', 'lines.txt', '-o', './/lines.txt'], 2],
    [['index', 'lines.txt', '-o', 'lines.txt'], 2],
    [['prune', '--keep', '9', '--model', '.', '-o', './'], 2],
  ])('%j ends with %i and one line', (args, code) => {
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toMatch(args.length > 0 ? /^wembed[^\n]*\n$/ : /^wembed: /);
  });

  test('help and version go to standard output', () => {
    const { version } = readJson('package.json');
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
    const { stdout } = run(['--help']);
    expect(run(['help'])).toMatchObject({ status: 0, stdout });
    for (const [, name] of stdout.matchAll(/^ {2}(\w+)/gm)) {
      const help = run([name, '--help']);
      expect([name, help.status, help.stderr]).toEqual([name, 0, '']);
      expect(help.stdout).toContain('Examples');
    }
  });
});

test('what is no question, no query or no model says so', () => {
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'unknown.txt'), ': a section\nqqqq wwww eeee rrrr\n');
  writeFileSync(join(folder, 'some.json'), '{"a":1}');
  mkdirSync(join(folder, 'beir/qrels'), { recursive: true });
  writeFileSync(join(folder, 'beir/corpus.jsonl'), '{"_id":"1","text":"rain"}\n');
  writeFileSync(join(folder, 'beir/queries.jsonl'), '{"_id":"1","text":"rain"}\n');
  writeFileSync(join(folder, 'beir/qrels/test.tsv'), 'query-id\tcorpus-id\tscore\n');
  for (const [args, code, what] of /** @type {const} */ ([
    [['eval', 'analogies', 'empty.txt'], 1, 'no question of four words'],
    [['eval', 'analogies', 'unknown.txt'], 1, 'no question of four words'],
    [['eval', 'pairs', 'empty.txt'], 1, 'no line has two known words'],
    [['eval', 'sts', 'empty.txt'], 1, 'two are needed'],
    [['eval', 'retrieval', 'beir'], 1, 'no query with a relevant text'],
    [['inspect', 'some.json'], 2, 'is a JSON file'],
    [['inspect', './some.json'], 2, 'is a JSON file'],
  ])) {
    const { status, stdout, stderr } = run([...args]);
    expect([args, status, stdout]).toEqual([args, code, '']);
    expect(stderr).toContain(what);
  }
});

(process.platform === 'win32' ? test.skip : test)('a full disk leaves what was there, and says so', async () => {
  const shell = (/** @type {string} */ command) =>
    spawnSync('sh', ['-c', `ulimit -f 8 && trap '' XFSZ && ${command}`], { cwd: folder, encoding: 'utf8' });
  const wembed = `'${process.execPath}' '${MAIN}'`;
  for (const name of ['full.npy', 'full.jsonl', 'full.index']) writeFileSync(join(folder, name), 'as it was');
  const before = readdirSync(folder).sort();
  for (const command of [
    'encode lines.txt -o full.npy',
    'encode lines.txt -o full.jsonl',
    'index lines.txt -o full.index',
  ]) {
    const { status, stderr } = shell(`${wembed} ${command}`);
    expect([command, status]).toEqual([command, 1]);
    expect(stderr).toMatch(/^wembed: [^\n]*(EFBIG|file too large)[^\n]*\n$/i);
    expect(readFileSync(join(folder, command.split(' ')[3]), 'utf8')).toBe('as it was');
  }
  expect(readdirSync(folder).sort()).toEqual(before);
});

describe('search', () => {
  test('finds what the library finds in the same index', async () => {
    const made = run(['index', 'lines.txt', '-o', 'lines.index', '--vector-dtype', 'f32']);
    expect([made.status, made.stdout]).toEqual([0, '']);
    const index = await VectorIndex.load(join(folder, 'lines.index'), { layer });
    expect(index.ids().every((id) => index.get(id).text === lines[Number(id) - 1])).toBe(true);
    const [{ query, hits }] = records(['search', 'lines.index', 'rainy weather', '-k', '3', '--json']);
    expect([query, hits.map(({ id, score }) => ({ id, score }))]).toEqual([
      'rainy weather',
      index.search('rainy weather', { topK: 3 }).map(({ id, score }) => ({ id, score })),
    ]);
    expect(records(['search', 'lines.index', '--json'], 'rain\nsun\n').map((each) => each.query)).toEqual([
      'rain',
      'sun',
    ]);
  });

  test('an index keeps ids and members of JSON; one of another model is refused', async () => {
    const json = '{"id": "a", "text": "a wet day", "page": 3}\n{"id": "b", "text": "a bank loan"}\n';
    expect(run(['index', '--jsonl', '-o', 'json.index'], json).status).toBe(0);
    const [{ hits }] = records(['search', 'json.index', 'wet', '-k', '1', '--json', '--explain']);
    expect(hits).toEqual([
      { id: 'a', score: expect.any(Number), text: 'a wet day', meta: { page: 3 }, terms: [expect.anything()] },
    ]);
    const other = await VectorIndex.create({ dim: 256 });
    other.add([{ id: 1, text: 'a wet day', vector: Float32Array.from({ length: 256 }, (_, i) => Math.sin(i)) }]);
    await other.save(join(folder, 'other.index'));
    const { status, stderr } = run(['search', 'other.index', 'wet']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('another model')]);
  });
});

test('demo serves a built page, and the assets of the package under their hashed names', async () => {
  writeFileSync(join(folder, 'index.html'), 'the page');
  const child = spawn(process.execPath, [MAIN, 'demo', '--port', '0', '--root', folder]);
  try {
    const told = await new Promise((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
    const address = /http:\S+/.exec(told)?.[0];
    const get = async (/** @type {string} */ path) => {
      const answer = await fetch(`${address}${path}`);
      return [answer.status, answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())];
    };
    expect(await get('')).toEqual([200, 'text/html; charset=utf-8', Buffer.from('the page')]);
    const wasm = readFileSync(join(ROOT, 'dist/assets/simd128.wasm'));
    expect(await get('assets/simd128-AbCd_-12.wasm')).toEqual([200, 'application/wasm', wasm]);
    for (const path of ['none', '%2e%2e/package.json', 'assets/none-AbCd_-12.wasm', '%']) {
      expect([path, (await get(path))[0]]).toEqual([path, 404]);
    }
  } finally {
    child.kill();
  }
});

describe('scores', () => {
  test('correlations and nDCG are those of SciPy 1.17 and scikit-learn', () => {
    const [a, b] = [
      [3, 1, 2, 2, 5, 4, 4, 4, 0, 7],
      [1, 2, 2, 3, 5, 5, 4, 1, 0, 9],
    ];
    expect(spearman(a, b)).toBeCloseTo(0.7360390425936807, 12);
    expect(pearson(a, b)).toBeCloseTo(0.8302398087122544, 12);
    const gains = new Map(Object.entries({ a: 3, b: 2, e: 1 }));
    expect(ndcg(['a', 'c', 'b', 'd', 'e', 'f'], gains, 3)).toBeCloseTo(0.8400079830158564, 12);
    expect(ndcg(['f', 'e', 'd', 'c', 'b', 'a'], gains)).toBeCloseTo(0.5193888911788886, 12);
  });
});
