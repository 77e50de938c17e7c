// Indexes in the browser's database and private file system, with two tabs that write one of them.
import { fileURLToPath } from 'node:url';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Awaited<ReturnType<typeof serve>>} */
let pages;
beforeAll(async () => {
  pages = await serve(ROOT);
});
afterAll(() => pages.close());

/** Runs in the page, which keeps its index. @param {string[]} steps */
async function runInPage(...steps) {
  const { VectorIndex } = await import('/web/search.js');
  const page = /** @type {any} */ (globalThis);
  const place = { database: 'notes' };
  const made = async () => {
    page.index = await VectorIndex.create({ dim: 2 });
    page.index.add([{ id: 1, vector: [1, 0], text: 'first', meta: { from: 'here' } }]);
  };
  const folder = await navigator.storage.getDirectory();
  /** @type {Record<string, () => unknown>} */
  const actions = {
    make: made,
    add: () => page.index.add([{ id: page.index.length + 1, vector: [0, 1], text: 'more' }]),
    addMany: () =>
      page.index.add(
        Array.from({ length: 3000 }, (_, i) => ({
          id: `n${i}`,
          vector: [1, i],
          text: String.fromCharCode(...crypto.getRandomValues(new Uint16Array(999)).map((x) => 97 + (x % 9999))),
        })),
      ),
    save: () => page.index.save(place),
    overwrite: () => page.index.save({ ...place, overwrite: true }),
    load: async () => void (page.index = await VectorIndex.load(place)),
    missing: () => VectorIndex.load({ database: 'nothing' }),
    file: async () => page.index.save(await folder.getFileHandle('notes.index', { create: true })),
    loadFile: async () => void (page.index = await VectorIndex.load(await folder.getFileHandle('notes.index'))),
    find: () => page.index.search('first', { hybrid: 'keywords' }),
  };
  try {
    let result;
    for (const step of steps) result = await actions[step]();
    return { length: page.index.length, hits: steps.at(-1) === 'find' ? result : undefined };
  } catch (error) {
    const { name, code, reason } = /** @type {any} */ (error);
    return { name, code, reason };
  }
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (name) => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  beforeAll(async () => {
    browser = await launch(name);
  });
  afterAll(() => browser.close());

  const open = async () => {
    const page = await browser.newPage();
    await page.goto(`${pages.url}/tests/browser/page.html`);
    return (/** @type {string[]} */ ...steps) => page.evaluate(runInPage, ...steps);
  };

  test('the last tab that knows what is there saves; another has an error, and loses nothing', async () => {
    const [first, second] = [await open(), await open()];
    expect(await first('make', 'missing')).toMatchObject({ code: 'not_found' });
    expect(await first('save')).toEqual({ length: 1 });
    expect(await second('load', 'add', 'save')).toEqual({ length: 2 });
    const conflict = { name: 'WembedError', code: 'invalid_argument', reason: 'conflict' };
    expect(await first('add', 'add', 'save')).toEqual(conflict); // it has 3 items, the database the second tab's 2
    expect(await second('load')).toEqual({ length: 2 });
    expect(await first('overwrite')).toEqual({ length: 3 });
    expect(await second('add', 'save')).toEqual(conflict);
    expect(await second('load', 'add', 'save', 'save')).toEqual({ length: 4 });
    expect(await first('make', 'save')).toEqual(conflict); // a new index under an old name
    const { hits } = /** @type {any} */ (await first('load', 'find'));
    expect(hits).toEqual([{ id: 1, score: expect.any(Number), meta: { from: 'here' } }]);
    // Both at once: one of them wins, whole.
    const both = await Promise.all([first('load', 'add', 'save'), second('load', 'add', 'add', 'save')]);
    expect(both.filter((each) => 'reason' in each && each.reason === 'conflict').length).toBeLessThanOrEqual(1);
    const { length } = /** @type {any} */ (await first('load'));
    expect([5, 6, 7]).toContain(length);
  });

  test('a file of the private file system is all of an index, or what it was', async () => {
    const [first, second] = [await open(), await open()];
    expect(await first('make', 'add', 'file')).toEqual({ length: 2 });
    expect(await second('loadFile', 'add')).toEqual({ length: 3 });
    const both = await Promise.all([first('file'), second('file')]);
    expect(both.some((each) => 'length' in each)).toBe(true);
    const { length } = /** @type {any} */ (await first('loadFile'));
    expect([2, 3]).toContain(length);
  });
});

test('chromium: without room for it nothing is written, and what was saved stays', async () => {
  const browser = await launch('chromium');
  try {
    const page = await browser.newPage();
    await page.goto(`${pages.url}/tests/browser/page.html`);
    const run = (/** @type {string[]} */ ...steps) => page.evaluate(runInPage, ...steps);
    const session = await page.createCDPSession();
    const { origin } = new URL(pages.url);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 500_000 });
    expect(await run('make', 'save', 'file')).toEqual({ length: 1 });
    const full = { name: 'WembedError', code: 'invalid_argument', reason: 'quota' };
    expect(await run('load', 'addMany', 'save')).toEqual(full);
    expect(await run('file')).toEqual(full);
    expect(await run('load')).toEqual({ length: 1 });
    expect(await run('loadFile')).toEqual({ length: 1 });
  } finally {
    await browser.close();
  }
});
