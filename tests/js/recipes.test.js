// Every recipe of docs/RECIPES.md is short, runs as it stands, and prints what it says.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, readSource } from '../support/sources.js';

const MOST_LINES = 30;
const WORDS =
  'river market stone window letter garden winter bread music teacher mountain ticket doctor summer paper bridge kitchen engine orange island friend police horse station silver hospital camera forest dinner football'.split(
    ' ',
  );

const page = readSource('docs/RECIPES.md');
const recipes = Array.from(page.matchAll(/^## (.*)$(?:(?!^## )[^])*?^```js\n([^]*?)^```$/gm), ([, title, code]) => ({
  title,
  code,
}));

// Inside the package, so that its own name leads to it.
const scripts = join(ROOT, 'build/recipes');
/** @type {string} */
let folder;

beforeAll(() => {
  mkdirSync(scripts, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'wembed-recipes-'));
  // 10,000 lines, of which every tenth says again, in capitals, what the line before says.
  const line = (/** @type {number} */ i) =>
    Array.from({ length: 9 }, (_, j) => WORDS[((i * 7919 + j * (i % 23) + (j * j * i) / 10) % WORDS.length) | 0]).join(
      ' ',
    );
  const lines = Array.from({ length: 10_000 }, (_, i) => (i % 10 === 9 ? line(i - 1).toUpperCase() : line(i)));
  writeFileSync(join(folder, 'lines.txt'), `${lines.join('\n')}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(scripts, { recursive: true, force: true });
});

/** @param {string} code @returns {string[]} what its last lines say that it prints */
const promised = (code) => Array.from(code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm), ([, comment]) => comment);

test('all are found', () => {
  expect(recipes.length).toBeGreaterThanOrEqual(6);
  expect(recipes.length).toBe([...page.matchAll(/^```js$/gm)].length);
});

test.each(recipes)('$title', ({ title, code }) => {
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
  const script = join(scripts, `${title.replace(/\W+/g, '_')}.mjs`);
  writeFileSync(script, code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const printed = stdout.trimEnd().split('\n');
  if (promised(code).length > 0) expect(printed).toEqual(promised(code));
  if (code.includes('related.json')) {
    const related = JSON.parse(readFileSync(join(folder, 'related.json'), 'utf8'));
    expect([related.cactus[0].slug, related.bread[0].slug]).toEqual(['ferns', 'cake']);
  }
  if (code.includes('fewer.txt')) {
    const kept = readFileSync(join(folder, 'fewer.txt'), 'utf8').trimEnd().split('\n');
    expect(kept.some((line) => line === line.toUpperCase())).toBe(false);
    expect(kept.length).toBeGreaterThan(100);
    expect(printed).toHaveLength(10);
  }
});
