// Vectors as lines of JSON at the command line: their numbers, and the thread that writes many of them.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonBytes, startNumberModule, text } from '../../web/cli/numbers.js';
import { ROOT } from '../support/sources.js';
import { loadMini } from '../support/wembed.js';

const MAIN = join(ROOT, 'web/cli/main.js');

describe('numbers as JSON', () => {
  /** @param {ArrayLike<number>} values @param {JsonBytes} json */
  function written(values, json = new JsonBytes(startNumberModule())) {
    json.numbers(Float32Array.from(values));
    return json.take().toString();
  }
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  const floats = (/** @type {Uint32Array<ArrayBuffer>} */ bits) => new Float32Array(bits.buffer);
  const inexact = Math.fround(4.500175055e-5);

  /** Random mantissas of every exponent, 0 to 255, of both signs: subnormal numbers, infinities and NaN too. */
  const every = floats(
    Uint32Array.from({ length: 256 * 1000 }, (_, i) => (((i & 255) << 23) | (random() & 0x807fffff)) >>> 0),
  );
  const usual = Float32Array.from({ length: 400_000 }, (_, i) => (random() / 2 ** 31 - 1) * 10 ** -(i % 7));
  /** Around every power of ten. */
  const limits = Float32Array.from(
    Array.from({ length: 60 }, (_, i) => new Uint32Array(Float32Array.of(10 ** (i - 45)).buffer)[0]).flatMap((bits) =>
      Array.from(floats(Uint32Array.from({ length: 41 }, (_, i) => Math.max(bits + i - 20, 0)))),
    ),
  );
  const extremes = [0, -0, 1, -1, 1.4e-45, 1.17549435e-38, 3.4028234e38, -3.4028234e38, 16777217, Infinity, NaN];

  test('are what `text` makes of them, at every exponent', () => {
    expect(startNumberModule()).toBeDefined();
    for (const values of [every, usual, limits, Float32Array.from(extremes)]) {
      const found = written(values).slice(1, -1).split(',');
      expect(found).toHaveLength(values.length);
      const wrong = found.filter((each, i) => each !== text(values[i]));
      expect(wrong).toEqual([]);
    }
  });

  test('give the same float32 back, -0 as 0', () => {
    for (const values of [every.filter(Number.isFinite), usual]) {
      expect(Float32Array.from(JSON.parse(written(values)))).toEqual(values.map((value) => value + 0));
    }
  });

  test('are nine digits without zeros at their end; the one that is not rounded exactly gives itself back', () => {
    expect(written([0.5, -0.25, 0, -0, 1, 1e9, 1e-7, 0.1, NaN])).toBe(
      '[0.5,-0.25,0,0,1,1000000000,1.00000001e-7,0.100000001,null]',
    );
    expect(written([])).toBe('[]');
    expect([written([inexact]), text(inexact)]).toEqual(['[0.0000450017506]', '0.0000450017505']);
    expect(Math.fround(0.0000450017506)).toBe(inexact);
  });

  test('are the same without SIMD, and beside long texts', () => {
    const part = every.subarray(0, 20_000);
    expect(written(part, new JsonBytes(undefined))).toBe(written(part));
    const json = new JsonBytes(startNumberModule());
    const long = 'ä'.repeat(300_000);
    json.text(long);
    json.numbers(Float32Array.of(0.5));
    json.text('\n');
    expect(json.take().toString()).toBe(`${long}[0.5]\n`);
  });
});

describe('a thread of its own', () => {
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

  const PART = 2000;
  /** @param {number} part @returns {string[]} its lines */
  const linesOf = (part) => Array.from({ length: PART }, (_, i) => `rain "${part}" and\twind ${part * PART + i} ü`);

  /**
   * Gives a command part after part until its thread has started, and `more` parts after that.
   * @param {string[]} args
   * @param {{ stdio?: (number | 'pipe')[], more?: number, isPaced?: boolean, end?: string | Uint8Array, asLine?: (text: string) => string }} [options]
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

  test('writes what one thread writes, in the order of the lines: to a pipe, to files', async () => {
    const pipe = await run([]);
    expect(pipe).toMatchObject({ status: 0, stderr: '' });
    expectLines(pipe.stdout, pipe.texts);

    const named = await run(['-o', 'named.jsonl']);
    expect(named).toMatchObject({ status: 0, stderr: '', stdout: '' });
    expectLines(readFileSync(join(folder, 'named.jsonl'), 'utf8'), named.texts);

    const file = openSync(join(folder, 'file.jsonl'), 'w');
    const redirected = await run(['--no-text'], { stdio: ['pipe', file, 'pipe'] });
    expect(redirected).toMatchObject({ status: 0, stderr: '' });
    const vectors = readFileSync(join(folder, 'file.jsonl'), 'utf8').trimEnd().split('\n');
    const withTexts = vectors.map((vector, i) =>
      JSON.stringify({ text: redirected.texts[i], vector: JSON.parse(vector) }),
    );
    expectLines(withTexts.join('\n'), redirected.texts);
  });

  test('keeps the members of JSON', async () => {
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

  test('writes the lines before a fault, which is told with its line, and leaves no file of them', async () => {
    const end = Buffer.from('good\n\xff\n', 'latin1');
    const { status, stdout, stderr, texts } = await run([], { end });
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^wembed: line ${texts.length + 2} of standard input is not UTF-8.*\n$`));
    const found = stdout.trimEnd().split('\n');
    expect(found.length).toBeGreaterThan(PART);
    expectLines(stdout, texts.slice(0, found.length));
    expect((await run(['-o', 'broken.jsonl'], { end })).status).toBe(1);
    expect(existsSync(join(folder, 'broken.jsonl'))).toBe(false);
  });
});
