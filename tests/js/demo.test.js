// What of the demo page needs no browser: its code samples run.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { flatten } from '../../web/demo/parts/flatten.js';
import { decodePlaces } from '../../web/demo/parts/map_file.js';
import { smallWorld } from '../../web/demo/parts/small_world.js';
import { Labels, SIDES, sidesFrom } from '../../web/demo/parts/labels.js';
import { MAP_WORDS, WordSpace, fitted } from '../../web/demo/parts/word_space.js';
import * as snippets from '../../web/demo/snippets.js';
import { loadMini } from '../../web/mini.js';
import { serve } from '../support/server.js';
import { ROOT } from '../support/sources.js';

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;
beforeAll(async () => {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
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
    expect(await run(snippets.map({ word: 'ocean', plus: ['king', 'woman'], minus: ['man'] }))).toMatch(
      /key: 'sea'[^]*key: 'queen'/,
    );
  });

  test.each(['default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3', 'proportional'])('RoPE %s', async (type) => {
    const out = await run(
      snippets.positions({ kind: 'rope', position: 12, distance: -5, theta: 10_000, type, factor: 4, length: 16_384 }),
    );
    const [here, shifted] = out.trim().split(' ').map(Number);
    expect(Math.abs(here - shifted)).toBeLessThan(1e-4);
  });

  test.each(['sinusoidal', 'learned'])('%s positions', async (kind) => {
    const state = { kind, position: 12, distance: 5, theta: 10_000, type: 'default', factor: 4 };
    expect(await run(snippets.positions(state))).toMatch(kind === 'learned' ? /Matrix/ : /^[\d.]+ [\d.]+$/m);
  });

  test('the way back, by the rows of the text', async () => {
    const state = { body: 'rows', decay: 0.9, temperature: 0.7, topk: 5, topp: 0.9, source: '', model: '' };
    const out = await run(snippets.head({ context: 'The doctor took the', ...state, again: 'no' }));
    expect(out.split('\n')).toHaveLength(16);
    expect(await run(snippets.head({ context: HARD, ...state, temperature: 0, again: 'yes' }))).toMatch(/drawn: /);
  });

  test('the way back, by the LLaMA', async () => {
    const models = await serve(join(ROOT, 'web/demo/models'));
    const source = readFileSync(join(ROOT, 'examples/llama/llama.js'), 'utf8');
    const state = { body: 'tales', decay: 1, topk: 0, topp: 1, again: 'no', source, model: `${models.url}/tales.gguf` };
    try {
      const context = 'Once upon a time there was a king who lived in a';
      const out = await run(snippets.head({ ...state, context, temperature: 0 }));
      const [best] = out.split('\n');
      expect(out).toContain(`${context} ${best.split(' ')[0].slice(1)}`); // ▁castle 0.6
      expect(await run(snippets.head({ ...state, context: HARD, temperature: 1 }))).toContain('test');
    } finally {
      await models.close();
    }
  });

  test('sizes, of the model and of an address', async () => {
    expect(await run(snippets.size({ place: '', ids: '5, 17, x' }))).toMatch(/vocabSize: 28800[^]*8704/);
    const model = await serve(join(ROOT, 'models/mini'));
    try {
      const out = await run(snippets.size({ place: `${model.url}/model.safetensors`, ids: '5' }));
      expect(out).toContain('vocabSize: 28800');
    } finally {
      await model.close();
    }
  });

  test('learning', async () => {
    const state = { texts: smallWorld(60), words: ['king', 'man', 'woman'] };
    expect(await run(snippets.learn(state))).toMatch(/key: '[a-z]+'/);
    expect(await run(snippets.learn({ texts: ['only one line here', HARD], words: ['a', 'b', 'c'] }))).toBe('');
  });

  test('speed', async () => {
    expect(await run(snippets.speed())).toMatch(/^\d+ texts per second/);
  });

  test('search', async () => {
    const out = await run(snippets.search({ query: HARD, weight: 0.3, lines: ['A line', HARD, 'another one'] }));
    expect(out).toMatch(/^keywords/);
    expect(out.match(/^auto/gm)?.length).toBeGreaterThan(0);
  });
});

describe('the map of neighbourhoods that comes with the page', () => {
  const file = readFileSync(join(ROOT, 'web/demo/models/neighbourhoods.places'));
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);

  test('belongs to the model, and has near by what is alike', async () => {
    const space = await WordSpace.of(layer, MAP_WORDS);
    const places = decodePlaces(bytes, space.rows, space.words.length);
    if (!places) throw new Error('It was made from other rows: run tools/demo_umap.mjs.');
    let kept = 0;
    const asked = Array.from({ length: 100 }, (_, i) => 120 * i);
    for (const at of asked) {
      const alike = space.cosines(space.row(at));
      const far = (/** @type {number} */ i) =>
        Math.hypot(places[2 * i] - places[2 * at], places[2 * i + 1] - places[2 * at + 1]);
      const order = Array.from(space.words.keys()).filter((i) => i !== at);
      const near = order
        .slice()
        .sort((p, q) => far(p) - far(q))
        .slice(0, 10);
      const most = new Set(order.sort((p, q) => alike[q] - alike[p]).slice(0, 100));
      kept += near.filter((i) => most.has(i)).length / 10 / asked.length;
    }
    expect(kept).toBeGreaterThan(0.3); // of ten words at random less than 0.01 would be
  });

  test('is not taken for another model’s', async () => {
    const space = await WordSpace.of(layer, 200);
    expect(decodePlaces(bytes, space.rows, 200)).toBeNull();
    const rows = space.rows.slice();
    rows[7] += 0.5;
    expect(decodePlaces(bytes.slice(0, 4 + 4 * 200), rows, 200)).toBeNull();
  });
});

describe('what the map shows', () => {
  test('names of points on one spot: none lies on another, on a point, or where none may be', () => {
    const [width, height, size, wide] = [400, 300, 14, 50];
    const labels = new Labels(width, height);
    labels.cover([0, 0, 120, 60]);
    labels.reserve(200, 150, 4);
    const places = Array.from({ length: 24 }, () => {
      const beside = labels.place(200, 150, 'physician', size, { ways: SIDES, wide });
      return beside ?? labels.placeAround(200, 150, wide, size);
    });
    const found = places.filter((place) => place !== null);
    expect(found.length).toBeGreaterThan(12);
    expect(labels.many).toBe(found.length);
    const boxes = [
      ...found.map(([x, y]) => [x, y - 0.85 * size, x + wide, y + 0.25 * size]),
      [0, 0, 120, 60],
      [196, 146, 204, 154],
    ];
    for (const [i, [left, top, right, bottom]] of boxes.entries()) {
      expect([left >= 0, top >= 0, right <= width, bottom <= height]).toEqual([true, true, true, true]);
      for (const [l, t, r, b] of boxes.slice(i + 1)) expect(left < r && right > l && top < b && bottom > t).toBe(false);
    }
  });

  test('a name keeps the side of its point as long as there is room', () => {
    expect(sidesFrom(undefined)).toEqual(SIDES);
    expect(sidesFrom('above')).toEqual(['above', 'right', 'left', 'below']);
    const free = new Labels(200, 200);
    expect(free.place(100, 100, 'word', 12, { ways: sidesFrom('below') })?.[2]).toBe('below');
    const taken = new Labels(200, 200);
    taken.cover([60, 110, 140, 130]);
    expect(taken.place(100, 100, 'word', 12, { ways: sidesFrom('below') })?.[2]).toBe('right');
  });

  test('words that are learned: up is the step of the pairs, and no pair lies on another one', () => {
    // Two pairs whose middles are the same where middles differ most, and differ in a third direction.
    const middles = [
      [-3, 0.4],
      [3, 0.4],
      [0.1, 1],
      [0.1, -1],
    ];
    const pairs = middles.map((_, i) => [`he${i}`, `she${i}`]);
    const vectors = Float32Array.from(middles.flatMap(([x, y]) => [x, y, -1, 0, x, y, 1, 0]));
    const flat = flatten(pairs.flat(), vectors, pairs);
    const [xs, ys] = [0, 1].map((side) => flat.words.map((_, i) => flat.places[2 * i + side]));
    for (let i = 0; i < pairs.length; i++) expect(ys[2 * i + 1] - ys[2 * i]).toBeGreaterThan(0.5);
    const along = pairs.map((_, i) => xs[2 * i]).sort((p, q) => p - q);
    expect(Math.min(...along.slice(1).map((x, i) => x - along[i]))).toBeGreaterThan(0.1);
    expect(flat.alike).toBeCloseTo(1, 6);
    // Seen from below before: it is up all the same, and the direction across is kept.
    const before = { axes: [flat.axes[0].map((value) => -value), flat.axes[1].map((value) => -value)] };
    const again = flatten(pairs.flat(), vectors, pairs, before);
    again.axes[1].forEach((value, d) => expect(value).toBeCloseTo(flat.axes[1][d], 6));
    again.axes[0].forEach((value, d) => expect(value).toBeCloseTo(-flat.axes[0][d], 6));
  });

  test('places fill the map to its edges, in one scale or one for each side, with what must be seen', () => {
    const points = Array.from({ length: 2000 }, (_, i) => [5 + Math.cos(i), 0.1 * Math.sin(i)]).flat();
    const reach = (/** @type {Float32Array} */ places, /** @type {number} */ side) =>
      places.reduce((far, value, i) => (i % 2 === side ? Math.max(far, Math.abs(value)) : far), 0);
    const places = Float32Array.from(points);
    const one = fitted(places, { room: [1.5, 1] });
    expect(reach(one.places, 0)).toBeCloseTo(1.35, 2);
    expect(reach(one.places, 1)).toBeCloseTo(0.135, 2);
    expect(one.scale[0]).toBe(one.scale[1]);
    const free = fitted(places, { room: [1.5, 1], free: true });
    expect(reach(free.places, 0)).toBeCloseTo(1.35, 2);
    expect(reach(free.places, 1)).toBeCloseTo(0.9, 2);
    const far = [9, 0];
    const { scale, middle } = fitted(places, { seen: [far] });
    expect((far[0] - middle[0]) * scale[0]).toBeCloseTo(0.9, 2);
    const outlier = places.slice();
    outlier[0] = 1000; // one of two thousand does not make all others small
    expect(reach(fitted(outlier).places.slice(2), 0)).toBeGreaterThan(0.85);
    expect(fitted(new Float32Array(0)).places).toHaveLength(0);
    expect(Array.from(fitted(new Float32Array([3, 4])).places)).toEqual([0, 0]);
  });
});
