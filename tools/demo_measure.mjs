// How fast the built demo page opens, and whether it holds up the browser: `node tools/demo_measure.mjs` prints JSON. With
// --picture it writes docs/demo.png, the README's picture, instead.
// Needs dist/demo and Chromium. The times are this machine's: run it where nothing else runs.
/* global requestAnimationFrame, document, WheelEvent */
import { gzipSync } from 'node:zlib';
import { launch } from '../tests/browser/launch.js';
import { serve } from '../tests/support/server.js';
import { ROOT } from './run.mjs';

const RUNS = Number(process.env.RUNS ?? 5);

/** What is noted down from before the page's own scripts run. */
function observe() {
  const seen = /** @type {any} */ (globalThis.seen = { shift: 0, tasks: /** @type {number[]} */ ([]) });
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push(Math.round(entry.duration));
  }).observe({ type: 'longtask', buffered: true });
  // What the page's own script does in each frame; what the graphics processor does then is not in it.
  seen.frames = /** @type {number[] | null} */ (null);
  const ask = requestAnimationFrame;
  globalThis.requestAnimationFrame = (draw) =>
    ask((time) => {
      const begun = performance.now();
      draw(time);
      seen.frames?.push(performance.now() - begun);
    });
}

/** Script per frame while the map is enlarged and moved, in ms: the median and the 95th percentile. @param {import('puppeteer-core').Page} page */
async function mapFrames(page) {
  await page.$eval('#map-box', (box) => box.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const frames = await page.evaluate(async () => {
    const { seen } = /** @type {any} */ (globalThis);
    const canvas = /** @type {HTMLElement} */ (document.querySelector('#map-box > :last-child'));
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
    seen.frames = [];
    for (let i = 0; i < 120; i++) {
      canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: i % 40 < 20 ? -40 : 40 }));
      await new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)));
    }
    const found = seen.frames;
    seen.frames = null;
    return found
      .filter((/** @type {number} */ ms) => ms > 0.2)
      .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
  });
  return [0.5, 0.95].map((share) => Math.round(100 * frames[Math.floor(share * (frames.length - 1))]) / 100);
}

/**
 * The tasks of the page's main thread that took 50 ms of the processor's time or more, the longest first: what another
 * program took of the processor meanwhile is not in it.
 * @param {Uint8Array | undefined} trace
 * @returns {number[]} ms
 */
function heavyTasks(trace) {
  const { traceEvents } = JSON.parse(Buffer.from(trace ?? []).toString());
  const main = new Set(
    traceEvents
      .filter((/** @type {any} */ { name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map((/** @type {any} */ { pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter((/** @type {any} */ { name, pid, tid }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`))
    .map((/** @type {any} */ { tdur }) => Math.round((tdur ?? 0) / 1000))
    .filter((/** @type {number} */ ms) => ms >= 50)
    .sort((/** @type {number} */ a, /** @type {number} */ b) => b - a);
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
  await page.tracing.start({ categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
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
  const heavy = heavyTasks(await page.tracing.stop());
  const frames = await mapFrames(page);
  const seen = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
  await context.close();
  return {
    paint: Math.round(times.paint ?? NaN),
    answer: Math.round(times.answer ?? NaN),
    kilobytes: Math.round(sizes.reduce((sum, [, size]) => sum + size, 0) / 100) / 10,
    'tasks of 50 ms of processor time or more, all sections': heavy,
    'long tasks to the first answer': loading,
    'long tasks of all sections': seen.tasks.slice(loading.length),
    'script per frame of the map, median and 95th percentile': frames,
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
    clip: { x: x - 20, y: y + 1, width: width + 40, height: end - y + 4 },
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
