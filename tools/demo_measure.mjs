// How fast the built demo page opens, and whether it holds up the browser: `node tools/demo_measure.mjs` prints JSON. With
// --picture it writes docs/demo.png, the README's picture, instead.
// Needs dist/demo and Chromium. The times are this machine's: run it where nothing else runs.
import { gzipSync } from 'node:zlib';
import { launch } from '../tests/browser/launch.js';
import { serve } from '../tests/support/server.js';
import { ROOT } from './run.mjs';

const RUNS = 5;

/** What is noted down from before the page's own scripts run. */
function observe() {
  const seen = /** @type {any} */ (globalThis.seen = { shift: 0, tasks: /** @type {number[]} */ ([]) });
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push(Math.round(entry.duration));
  }).observe({ type: 'longtask', buffered: true });
}

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {number} slowdown of the processor
 */
async function open(browser, url, slowdown) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.emulateCPUThrottling(slowdown);
  await page.evaluateOnNewDocument(observe);
  const bodies = /** @type {Promise<[string, number]>[]} */ ([]);
  let answered = false;
  page.on('response', (response) => {
    if (answered) return;
    const measured = response
      .buffer()
      .then((body) => /** @type {[string, number]} */ ([response.url(), gzipSync(body).length]));
    bodies.push(measured.catch(() => [response.url(), 0]));
  });
  await page.goto(url);
  await page.waitForSelector('html[data-state="ready"]');
  const times = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    answer: performance.getEntriesByName('first answer')[0]?.startTime,
  }));
  answered = true;
  const sizes = (await Promise.all(bodies)).filter(([name]) => /\.(js|css|wasm)$|\/$/.test(name));
  const loading = await page.evaluate(() => [.../** @type {any} */ (globalThis).seen.tasks]);
  for (const id of await page.$$eval('.section', (all) => all.map((each) => each.id))) {
    await page.$eval(`#${id}`, (root) => root.scrollIntoView({ behavior: 'instant' }));
    await page.waitForSelector(`#${id}[data-state="ready"]`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await page.waitForSelector('#map[data-map="ready"]');
  const seen = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
  await context.close();
  return {
    paint: Math.round(times.paint ?? NaN),
    answer: Math.round(times.answer ?? NaN),
    kilobytes: Math.round(sizes.reduce((sum, [, size]) => sum + size, 0) / 100) / 10,
    'long tasks to the first answer': loading,
    'long tasks of all sections': seen.tasks.slice(loading.length),
    'layout shift': Number(seen.shift.toFixed(4)),
  };
}

/** @param {import('puppeteer-core').Browser} browser @param {string} url */
async function picture(browser, url) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1160, height: 860 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(url);
  await page.waitForSelector('html[data-state="ready"]');
  await page.hover('#alike-pairs tbody tr:nth-child(2) td:nth-child(3)');
  const { x, y, width } = await page.$eval('#alike', (root) => root.getBoundingClientRect().toJSON());
  const end = await page.$eval('#alike-live table', (table) => table.getBoundingClientRect().bottom);
  await page.screenshot({
    path: `${ROOT}/docs/demo.png`,
    clip: { x: x - 20, y: y + 1, width: width + 40, height: end - y + 12 },
  });
}

const site = await serve(`${ROOT}/dist/demo`);
const browser = await launch('chromium');
if (process.argv.includes('--picture')) await picture(browser, `${site.url}/`);
else {
  for (const slowdown of [1, 4]) {
    for (let run = 0; run < RUNS; run++) {
      console.log(JSON.stringify({ slowdown, ...(await open(browser, `${site.url}/`, slowdown)) }));
    }
  }
}
await browser.close();
await site.close();
