// Every JavaScript example of the READMEs and docs runs as it stands, in a Node of its own, with the package's name.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, filesUnder, readSource } from '../support/sources.js';

/** Answers every request with the file of that name in a folder of the repository, by ranges too. */
const servedFrom = (/** @type {string} */ folder) => `
  globalThis.fetch = async (input, init) => {
    const { readFile } = await import('node:fs/promises');
    const name = new URL(input.url ?? input).pathname.split('/').at(-1);
    const bytes = await readFile('${join(ROOT, folder)}/' + name).catch(() => null);
    if (!bytes) return new Response(null, { status: 404 });
    const range = /bytes=(\\d+)-(\\d*)/.exec(new Headers(init?.headers).get('range') ?? '');
    if (!range) return new Response(bytes, { headers: { 'accept-ranges': 'bytes' } });
    const [first, last] = [Number(range[1]), Math.min(Number(range[2] || Infinity), bytes.length - 1)];
    const headers = { 'content-range': \`bytes \${first}-\${last}/\${bytes.length}\`, etag: '"1"' };
    return new Response(bytes.subarray(first, last + 1), { status: 206, headers });
  };`;

const read = (/** @type {string} */ file) => `(await import('node:fs')).readFileSync('${join(ROOT, file)}')`;

/** What an example takes for granted, by the heading that it stands under. @type {Record<string, string>} */
const GIVEN = {
  'README.md: Use your own model': `${servedFrom('models/mini')}
    const { signal } = new AbortController();`,
  'README.md: Use your own model 2': servedFrom('tests/golden/checkpoints/llama'),
  'README.md: The tokenizer alone': `${servedFrom('models/mini')}
    const tokenizerJson = ${read('models/mini/tokenizer.json')};`,
  'README.md: Word vectors you already have': `
    const numbers = (seed) => Array.from({ length: 100 }, (_, i) => Math.sin(seed * 100 + i).toFixed(5)).join(' ');
    const lines = ['king', 'queen', 'man', 'woman', 'apple'].map((key, i) => key + ' ' + numbers(i));
    (await import('node:fs')).writeFileSync('glove.6B.100d.txt', lines.join('\\n'));`,
  'README.md: A table of your own': `
    const [rows, dim] = [20, 128];
    const float32Array = new Float32Array(rows * dim).fill(0.5);
    const [bytes, scale] = [new Uint8Array(rows * dim), Float32Array.of(1)];`,
  'README.md: Rotary positions': `
    const configJson = JSON.parse(${read('tests/golden/checkpoints/llama/config.json')});
    const [heads, positions] = [2, [0, 1, 2]];
    const q = new Float32Array(positions.length * heads * configJson.head_dim).fill(1);`,
};

/** Examples that cannot run here, by heading, and why. @type {Record<string, string>} */
const NOT_RUN = {};

const files = [
  'README.md',
  ...['docs', 'examples', 'models', 'web', 'cpp'].flatMap((each) => filesUnder(each, /\.md$/)),
];
const examples = files.flatMap((file) => {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return [...readSource(file).matchAll(/^```js\n([^]*?)^```$/gm)].map(({ 1: code, index }) => {
    const heading =
      [
        ...readSource(file)
          .slice(0, index)
          .matchAll(/^##+ (.*)$/gm),
      ].at(-1)?.[1] ?? 'start';
    const count = (counts.get(heading) ?? 0) + 1;
    counts.set(heading, count);
    return { title: `${file}: ${heading}${count > 1 ? ` ${count}` : ''}`, code };
  });
});

// Inside the package, so that its own name leads to it.
const scripts = join(ROOT, 'build/readme');
const folder = mkdtempSync(join(tmpdir(), 'wembed-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('examples are found, and what is said of them here is said of examples that exist', () => {
  expect(examples.length).toBeGreaterThan(5);
  const titles = examples.map(({ title }) => title);
  expect([...Object.keys(GIVEN), ...Object.keys(NOT_RUN)].filter((title) => !titles.includes(title))).toEqual([]);
});

test.each(examples.filter(({ title }) => !(title in NOT_RUN)))('$title', ({ title, code }) => {
  mkdirSync(scripts, { recursive: true });
  const script = join(scripts, `${title.replace(/\W+/g, '_')}.mjs`);
  const noNetwork = "globalThis.fetch = () => { throw new Error('an example went to the network'); };";
  writeFileSync(script, `${noNetwork}\n${GIVEN[title] ?? ''}\n${code}`);
  const env = { ...process.env, WEMBED_CACHE: join(folder, 'cache') };
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the README lists every error code', () => {
  const type = /@typedef \{([^}]*)\} ErrorCode/.exec(readSource('web/core/errors.js'))?.[1] ?? '';
  const codes = [...type.matchAll(/'(\w+)'/g)].map(([, code]) => code).sort();
  const listed = [...readSource('README.md').matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code).sort();
  expect(codes.length).toBeGreaterThan(5);
  expect(listed).toEqual(codes);
});
