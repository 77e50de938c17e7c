// The threads that write many vectors as lines of JSON at the command line.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/sources.js';
import { loadMini } from '../support/wembed.js';

const MAIN = join(ROOT, 'web/cli/main.js');

describe('threads of their own', () => {
  const DIM = 64;
  /** @type {string} */
  let folder;
  /** @type {Awaited<ReturnType<typeof loadMini>>} */
  let layer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wembed-lines-'));
    layer = await loadMini();
    // Runs in each thread of the command.
    writeFileSync(
      join(folder, 'hook.mjs'),
      `import { writeFileSync } from 'node:fs';
       import { isMainThread } from 'node:worker_threads';
       if (!isMainThread && process.env.STARTED) writeFileSync(process.env.STARTED, '');`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const PART = 1000;
  /** @param {number} part @returns {string[]} its lines */
  const linesOf = (part) => Array.from({ length: PART }, (_, i) => `rain "${part}" and\twind ${part * PART + i} ü`);

  /**
   * Gives a command part after part until one of its threads has started, and `more` parts after that.
   * @param {string[]} args
   * @param {{ stdio?: (number | 'pipe')[], more?: number, end?: string | Uint8Array, asLine?: (text: string) => string }} [options]
   */
  async function run(args, { stdio = ['pipe', 'pipe', 'pipe'], more = 4, end = '', asLine = (line) => line } = {}) {
    const started = join(folder, `started-${Math.random()}`);
    const hook = ['--import', join(folder, 'hook.mjs'), MAIN];
    const child = spawn(process.execPath, [...hook, 'encode', '--dimensions', String(DIM), ...args], {
      cwd: folder,
      stdio: /** @type {['pipe', 'pipe', 'pipe']} */ (stdio),
      env: { ...process.env, STARTED: started },
    });
    /** @type {Buffer[]} */
    const parts = [];
    let stderr = '';
    child.stdout?.on('data', (chunk) => parts.push(chunk));
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    const closed = new Promise((resolve) => child.on('close', resolve));
    let part = 0;
    const give = () =>
      new Promise((resolve) => child.stdin.write(linesOf(part++).map(asLine).join('\n') + '\n', resolve));
    while (!existsSync(started)) {
      await give();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (let i = 0; i < more; i++) await give();
    child.stdin.end(end);
    const status = await closed;
    return {
      status,
      stderr,
      stdout: Buffer.concat(parts).toString(),
      texts: Array.from({ length: part }, (_, i) => linesOf(i)).flat(),
    };
  }

  /** @param {string} stdout @param {string[]} texts */
  function expectLines(stdout, texts) {
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.map(({ text }) => text)).toEqual(texts);
    const { data } = layer.encode(texts, { dimensions: DIM });
    expect(
      Buffer.from(Float32Array.from(found.flatMap(({ vector }) => vector)).buffer).equals(Buffer.from(data.buffer)),
    ).toBe(true);
    return found;
  }

  test('write what one thread writes, in the order of the lines, to a pipe', async () => {
    const pipe = await run([]);
    expect(pipe).toMatchObject({ status: 0, stderr: '' });
    expectLines(pipe.stdout, pipe.texts);
  });

  test('to a file by name', async () => {
    const named = await run(['-o', 'named.jsonl']);
    expect(named).toMatchObject({ status: 0, stderr: '', stdout: '' });
    expectLines(readFileSync(join(folder, 'named.jsonl'), 'utf8'), named.texts);
  });

  test('to a file that is standard output', async () => {
    const file = openSync(join(folder, 'file.jsonl'), 'w');
    const redirected = await run(['--no-text'], { stdio: ['pipe', file, 'pipe'] });
    expect(redirected).toMatchObject({ status: 0, stderr: '' });
    const vectors = readFileSync(join(folder, 'file.jsonl'), 'utf8').trimEnd().split('\n');
    const withTexts = vectors.map((vector, i) =>
      JSON.stringify({ text: redirected.texts[i], vector: JSON.parse(vector) }),
    );
    expectLines(withTexts.join('\n'), redirected.texts);
  });

  test('keep the members of JSON', async () => {
    const asLine = (/** @type {string} */ line) => JSON.stringify({ vector: line, id: line.length });
    const { status, stdout, texts } = await run(['--jsonl', '--field', 'vector'], { asLine });
    expect(status).toBe(0);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.map(({ id }) => id)).toEqual(texts.map(({ length }) => length));
    expect(Float32Array.from(found.at(-1).vector)).toEqual(layer.encode(texts.at(-1), { dimensions: DIM }));
  });

  test('write the lines before a fault, which is told with its line', async () => {
    const end = Buffer.from('good\n\xff\n', 'latin1');
    const { status, stdout, stderr, texts } = await run([], { end });
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^wembed: line ${texts.length + 2} of standard input is not UTF-8.*\n$`));
    expectLines(stdout, [...texts, 'good']);
  });

  test('end without a word when the reader goes away', async () => {
    const file = join(folder, 'many');
    writeFileSync(file, linesOf(0).join('\n').repeat(100));
    const child = spawn(process.execPath, [MAIN, 'encode', '--dimensions', String(DIM), file]);
    let [read, stderr] = [0, ''];
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdout.on('data', (chunk) => {
      // The thread that encodes has written 9 MB when the others begin.
      if ((read += chunk.length) > 2 ** 24) child.stdout.destroy();
    });
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect([status, stderr]).toEqual([0, '']);
    expect(read).toBeLessThan(2 ** 25);
  });

  test('leave no file where one fails', async () => {
    const end = Buffer.from('good\n\xff\n', 'latin1');
    expect((await run(['-o', 'broken.jsonl'], { end })).status).toBe(1);
    expect(existsSync(join(folder, 'broken.jsonl'))).toBe(false);
  });
});

describe('a line that is wrong', () => {
  /** @type {string} */
  let folder;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wembed-wrong-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const good = (/** @type {number} */ many) => Array.from({ length: many }, (_, i) => `rain ${i}`);
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [MAIN, 'encode', '--dimensions', '2', ...args], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });

  test.each([
    [
      'a line that is no JSON',
      5,
      (/** @type {string} */ text) => JSON.stringify({ text }),
      '{"tex',
      /^wembed: line 6 of .* is not JSON.*\n$/,
    ],
    [
      'a line without a text',
      30_000,
      (/** @type {string} */ text) => JSON.stringify({ text }),
      'null',
      /^wembed: line 30001 of .* has no text.*\n$/,
    ],
    [
      'a line that is no UTF-8',
      30_000,
      (/** @type {string} */ text) => text,
      Buffer.from([0x61, 0xff]),
      /^wembed: line 30001 of .* is not UTF-8.*\n$/,
    ],
    [
      'no UTF-8 in the first line',
      0,
      (/** @type {string} */ text) => text,
      Buffer.from([0xff]),
      /^wembed: line 1 of .* is not UTF-8.*\n$/,
    ],
  ])('%s: all before it is written', (_, many, lineOf, wrong, message) => {
    const file = join(folder, 'lines');
    const before = good(many)
      .map((text) => `${lineOf(text)}\n`)
      .join('');
    writeFileSync(
      file,
      Buffer.concat([Buffer.from(before), Buffer.from(wrong), Buffer.from(`\n${lineOf('after')}\n`)]),
    );
    const json = lineOf('a') !== 'a' ? ['--jsonl'] : [];
    const { status, stdout, stderr } = run(...json, file);
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(good(many));
  });

  test('a full disk is told once', () => {
    if (!existsSync('/dev/full')) return;
    const file = join(folder, 'texts');
    writeFileSync(file, 'rain\n');
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'encode', file], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^wembed: ENOSPC[^\n]*\n$/)]);
  });
});

test('texts are as JSON.stringify writes them, whoever writes them', () => {
  const controls = Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).filter(
    (each) => !'\n\r'.includes(each),
  );
  const odd = ['', '"', '\\', 'a\\"b', '\u007f\u0080', '\u2028\u2029', '\ufeffmark', '😀 東京', 'a\rb', '\r', ' '];
  const texts = [...odd, ...controls.map((each) => `a${each}bcdefghijklmnop`), 'long "é" '.repeat(40_000)];
  const read = texts.map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text));
  const many = Array.from({ length: 300 }, () => texts.slice(0, -1)).flat(); // of which threads write most
  const manyRead = Array.from({ length: 300 }, () => read.slice(0, -1)).flat();
  for (const [input, expected] of [
    [texts.join('\n'), read],
    [texts.join('\r\n'), texts],
    [many.join('\n') + '\n', manyRead],
  ]) {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'encode'], {
      input: String(input),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    expect(status).toBe(0);
    const lines = stdout.split('\n').slice(0, -1);
    const found = lines.map((line) => line.slice(0, line.lastIndexOf(',"vector":[')));
    expect(found).toEqual(Array.from(expected, (text) => `{"text":${JSON.stringify(text)}`));
  }
});

test.each(['raw', 'npy'])('%s of many lines, to a pipe and to a file', async (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-many-'));
  const layer = await loadMini();
  try {
    const texts = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    const input = texts.join('\n');
    const run = (/** @type {string[]} */ ...args) =>
      spawnSync(process.execPath, [MAIN, 'encode', '-f', format, ...args], { cwd: folder, input, maxBuffer: 2 ** 28 });
    const { data } = layer.encode(texts);
    const piped = run();
    expect([piped.status, run('-o', 'file').status]).toEqual([0, 0]);
    for (const bytes of [piped.stdout, readFileSync(join(folder, 'file'))]) {
      const head = format === 'npy' ? 128 : 0;
      expect(bytes.subarray(head).equals(Buffer.from(data.buffer))).toBe(true);
      if (head > 0) expect(bytes.subarray(0, head).toString('latin1')).toContain('(20000, 256)');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('JSON as it was read', () => {
  /** @type {string} */
  let folder;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wembed-json-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (/** @type {string} */ input, /** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', input });
  const vector = (/** @type {string} */ line) => line.replace(/"vector":\[[-\d.e]+\]/, '"vector":[]');

  const LINES = [
    ['{"id":12345678901234567890,"text":"rain"}', '{"id":12345678901234567890,"text":"rain","vector":[]}'],
    [' { "text" : "a}{\\"b" , "n" : 1e400 } ', '{"text" : "a}{\\"b","n" : 1e400,"vector":[]}'],
    ['{"vector":[1,{"vector":2}],"text":"wind"}', '{"text":"wind","vector":[]}'],
    ['{"text":"sun","vect\\u006fr":"\\\\","x":{"vector":3}}', '{"text":"sun","x":{"vector":3},"vector":[]}'],
    ['"hail"', '{"text":"hail","vector":[]}'],
  ];

  test.each(LINES)('%s keeps its members to the letter', (line, expected) => {
    const { stdout, status } = run(`${line}\n`, 'encode', '--jsonl', '--dimensions', '1');
    expect([status, vector(stdout)]).toEqual([0, `${expected}\n`]);
  });

  test('what is kept of duplicates is what was read', () => {
    const [kept, last] = ['{"id":12345678901234567890,"text":"rain"}', '{"text":"a loan", "x":1.0}'];
    const input = `${kept}\n{"id":1,"text":"rain"}\n${last}\n`;
    expect(run(input, 'duplicates', '--jsonl', '--kept').stdout).toBe(`${kept}\n${last}\n`);
  });

  test.each(['9007199254740993', '-12345678901234567890', '1e400', '9'.repeat(400)])(
    'an index refuses the number %.20s, and takes it as a text',
    (number) => {
      const { status, stderr } = run(`{"id":1,"text":"rain","n":[${number}]}\n`, 'index', '--jsonl', '-o', 'a.index');
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(`line 1 of standard input has the number ${number}`),
      ]);
      expect(existsSync(join(folder, 'a.index'))).toBe(false);
      const texts = `{"id":9007199254740992,"text":"rain ${number}","n":["${number}",12345678901234567.5e-3]}\n`;
      expect(run(texts, 'index', '--jsonl', '-o', 'b.index').status).toBe(0);
    },
  );
});

test.each([['a.jsonl'], ['a.npy'], ['a.raw']])('a signal leaves nothing of %s', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-signal-'));
  try {
    const child = spawn(process.execPath, [MAIN, 'encode', '--dimensions', '1', '-o', name], { cwd: folder });
    child.stdin.write('rain\n');
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal)));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
