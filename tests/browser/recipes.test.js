// The recipe with a page, in Chromium: documents are added, a query is typed, what was found is marked.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../support/server.js';
import { ROOT, readSource } from '../support/sources.js';
import { launch } from './launch.js';

const FOLDER = join(ROOT, 'build/recipe_page');
const DOCUMENTS = [
  { id: 1, text: 'Take an umbrella, it may rain: umbrellas keep you dry' },
  { id: 2, text: 'The cat sleeps on the sofa' },
  { id: 3, text: 'Bake the bread for an hour' },
];

test('a page searches its documents and marks the words that were found', async () => {
  const [, html] = /^```html\n([^]*?)^```$/m.exec(readSource('docs/RECIPES.md')) ?? [];
  expect(html.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  const imports = JSON.stringify({ imports: { 'wembed/worker': '/web/worker.js' } });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'index.html'), `<!doctype html><script type="importmap">${imports}</script>${html}`);
  writeFileSync(join(FOLDER, 'documents.json'), JSON.stringify(DOCUMENTS));
  const [server, browser] = await Promise.all([serve(ROOT), launch('chromium')]);
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${server.url}/build/recipe_page/`);
    await page.waitForFunction('!document.getElementById("progress")');
    await page.type('#query', 'umbrellas');
    await page.waitForSelector('#hits li mark');
    const [first, marks] = await page.evaluate(() => [
      document.querySelector('#hits li')?.textContent,
      Array.from(document.querySelectorAll('#hits li:first-child mark'), ({ textContent }) => textContent),
    ]);
    expect([first, marks, complaints]).toEqual([DOCUMENTS[0].text, ['umbrella', 'umbrellas'], []]);
  } finally {
    await Promise.all([server.close(), browser.close()]);
    rmSync(FOLDER, { recursive: true, force: true });
  }
});
