// Llama 3 8B's table in a tab.
import { fileURLToPath } from 'node:url';
import { LLAMA3 } from '../support/large_table.js';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {import('puppeteer-core').Browser} */
let browser;
beforeAll(async () => {
  server = await serve(ROOT);
  browser = await launch('chromium');
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Runs in the page. @param {'i8' | 'i4'} dtype @param {{ rows: number, dim: number }} shape */
async function measureInPage(dtype, shape) {
  const { measureLargeTable } = await import(/** @type {any} */ ('/tests/support/large_table.js'));
  return measureLargeTable(dtype, shape);
}

/** @type {['i8' | 'i4', number, number][]} */
const cases = [
  ['i8', 0.5 / 127, 0.5],
  ['i4', 1 / 8, 20],
];

test.each(cases)('%s: lookup and top-k are right, in little more than the table', async (dtype, step, scoreBound) => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/page.html`);
  const found = await page.evaluate(measureInPage, dtype, LLAMA3);
  expect(found.memory).toBeLessThanOrEqual(1.1 * found.bytes + 8 * 2 ** 20);
  expect(found.lookupError).toBeLessThanOrEqual(step * (1 + 2 ** -9));
  expect(found.headError).toBeLessThan(0.05);
  expect(found.scoreError).toBeLessThan(scoreBound);
  expect(found).toMatchObject({ first: LLAMA3.rows - 1, missed: 0 });
  await page.close();
});
