// Every JavaScript example of the READMEs and docs runs as it stands, in a Node of its own, under the package's name, with a
// stand-in for the network.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVED, givenFor } from '../support/doc_programs.js';
import { EXCEPTIONS, expectNone } from '../support/exceptions.js';
import { ROOT, filesUnder, readSource } from '../support/sources.js';

/** Examples that cannot run here, by heading, and why. @type {Record<string, string>} */
const NOT_RUN = {};

const files = [
  'README.md',
  // recipes.test.js runs the recipes, and looks at what they print.
  ...['docs', 'examples', 'models', 'web', 'cpp'].flatMap((each) => filesUnder(each, /(?<!RECIPES)\.md$/)),
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

beforeAll(() => {
  mkdirSync(scripts, { recursive: true });
  const numbers = (/** @type {number} */ row) =>
    Array.from({ length: 100 }, (_, i) => Math.sin(row * 100 + i).toFixed(5));
  const lines = ['king', 'queen', 'man', 'woman', 'apple'].map((key, row) => [key, ...numbers(row)].join(' '));
  writeFileSync(join(folder, 'glove.6B.100d.txt'), lines.join('\n'));
});

test('examples are found, and every exception listed here names an existing example', () => {
  expect(examples.length).toBeGreaterThan(2);
  const titles = examples.map(({ title }) => title);
  expect([...Object.keys(NOT_RUN), ...(EXCEPTIONS.examples ?? [])].filter((title) => !titles.includes(title))).toEqual(
    [],
  );
});

test.each(examples.filter(({ title }) => !(title in NOT_RUN)))('$title', ({ title, code }) => {
  const script = join(scripts, `${title.replace(/\W+/g, '_')}.mjs`);
  writeFileSync(script, `${SERVED}\n${givenFor(code)}\n${code}`);
  const env = { ...process.env, WEMBED_CACHE: join(folder, 'cache') };
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: 'utf8' });
  if (EXCEPTIONS.examples?.includes(title))
    expect(status).not.toBe(0); // otherwise no longer an exception: delete it
  else expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test("the README's examples define every variable that they use", () => {
  const ofReadme = examples.filter(({ title }) => title.startsWith('README.md:'));
  expect(ofReadme.length).toBeGreaterThan(10);
  expect(ofReadme.filter(({ code }) => givenFor(code) !== '').map(({ title }) => title)).toEqual([]);
});

test('README or docs list every error code in a table, and no other', () => {
  const type = /@typedef \{([^}]*)\} ErrorCode/.exec(readSource('web/core/errors.js'))?.[1] ?? '';
  const codes = [...type.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(5);
  const tables = ['README.md', ...filesUnder('docs', /\.md$/)].map(
    (file) => /^\| code +\|[^]*?\n\n/m.exec(readSource(file))?.[0] ?? '',
  );
  const listed = [...tables.join('').matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code);
  expect(listed.filter((code) => !codes.includes(code))).toEqual([]);
  expectNone(
    'error codes',
    codes.filter((code) => !listed.includes(code)),
  );
});
