// What of the demo page needs no browser: its code samples run, its flat view is that of PCA.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { principalAxes } from '../../web/demo/parts/pca.js';
import * as snippets from '../../web/demo/snippets.js';
import { loadMini } from '../../web/mini.js';
import { ROOT } from '../support/sources.js';

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;
beforeAll(async () => {
  folder = mkdtempSync(join(ROOT, 'build/demo-'));
  layer = await loadMini();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script as a file of the package, where `wembed` is the package itself. @param {string} code */
async function run(code) {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  return stdout;
}

const HARD = 'It\'s a "test" \\ with\nlines \u2028 and ${code} `ticks`';

describe('code samples', () => {
  test('two sentences', async () => {
    const [a, b] = ['A cat sleeps on the sofa.', 'The kitten naps on a couch.'];
    const out = await run(snippets.alike({ a, b }));
    expect(out).toContain(String(layer.similarity(a, b)));
    expect(out).toMatch(/queryToken: 'cat',\s+token: 'kitten'/);
    expect(await run(snippets.alike({ a: HARD, b: HARD }))).toMatch(/^(1|0\.9999)/);
  });

  test.each(['f32', 'i8', 'i4', '1 bit'])('rows in %s', async (bits) => {
    const out = await run(snippets.rows({ text: 'a cat', other: HARD, dim: 64, bits }));
    expect(out).toContain('cat is row 3073');
    expect(Number(out.trim().split('\n').at(-1))).toBeGreaterThan(-1);
  });

  test('equation', async () => {
    expect(await run(snippets.map({ plus: ['king', 'woman'], minus: ['man'] }))).toMatch(/key: 'queen'/);
  });

  test('search', async () => {
    const out = await run(snippets.search({ query: HARD, lines: ['A line', HARD, 'another one'] }));
    expect(out).toMatch(/^keywords/);
    expect(out.match(/^auto/gm)?.length).toBeGreaterThan(0);
  });
});

test('the principal axes are the directions of largest spread', () => {
  // Points spread by 5 along one known direction, by 3 along another, by 1 along all.
  const [many, dim] = [600, 12];
  let state = 1;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const unit = (/** @type {number[]} */ v) => v.map((x) => x / Math.hypot(...v));
  const one = unit(Array.from({ length: dim }, (_, d) => (d % 2 ? 1 : 0)));
  const two = unit(Array.from({ length: dim }, (_, d) => (d % 2 ? 0 : d + 1)));
  const rows = new Float32Array(many * dim);
  for (let i = 0; i < many; i++) {
    const [a, b] = [50 * random(), 20 * random()];
    for (let d = 0; d < dim; d++) rows[i * dim + d] = 7 + a * one[d] + b * two[d] + random();
  }
  const { axes, mean, scores, share } = principalAxes(rows, dim);
  const along = (/** @type {number[]} */ v, /** @type {number} */ k) =>
    Math.abs(v.reduce((sum, x, d) => sum + x * axes[k * dim + d], 0));
  expect(along(one, 0)).toBeGreaterThan(0.999);
  expect(along(two, 1)).toBeGreaterThan(0.995);
  expect(share).toBeGreaterThan(0.98);
  const first = rows.slice(0, dim).reduce((sum, x, d) => sum + (x - mean[d]) * axes[d], 0);
  expect(scores[0]).toBeCloseTo(first, 3);
});
