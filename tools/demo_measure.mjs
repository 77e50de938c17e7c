// How fast the built demo page opens, and whether it holds up the browser: `node tools/demo_measure.mjs` prints JSON. With
// --picture it writes docs/demo.png, the README's picture, instead.
// Needs dist/demo and Chromium. The times are this machine's: run it where nothing else runs.
/* global requestAnimationFrame, document, location, WheelEvent, DataTransfer */
import { gzipSync } from 'node:zlib';
import { launch } from '../tests/browser/launch.js';
import { serve } from '../tests/support/server.js';
import { ROOT } from './run.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const WIDTH = Number(process.env.WIDTH ?? 1200); // CSS pixels

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

/**
 * Script per frame while the map is enlarged and moved, in ms: the median and the 95th percentile. And frames per second,
 * which without a graphics processor are the software's.
 * @param {import('puppeteer-core').Page} page
 */
async function mapFrames(page) {
  await page.$eval('#map-box', (box) => box.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const [frames, seconds] = await page.evaluate(async () => {
    const { seen } = /** @type {any} */ (globalThis);
    const canvas = /** @type {HTMLElement} */ (document.querySelector('#map-box > :last-child'));
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const middle = { clientX: left + width / 2, clientY: top + height / 2 };
    const at = { ...middle, bubbles: true, cancelable: true, ctrlKey: true };
    seen.frames = [];
    const begun = performance.now();
    for (let i = 0; i < 120; i++) {
      canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: i % 40 < 20 ? -20 : 20 }));
      await new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)));
    }
    const passed = (performance.now() - begun) / 1000;
    const found = seen.frames;
    seen.frames = null;
    const drawn = found.filter((/** @type {number} */ ms) => ms > 0.2);
    return [drawn.sort((/** @type {number} */ a, /** @type {number} */ b) => a - b), passed];
  });
  const script = [0.5, 0.95].map((share) => Math.round(100 * frames[Math.floor(share * (frames.length - 1))]) / 100);
  return { script, rate: Math.round(120 / seconds) };
}

/**
 * The tasks of the page's main thread that took 50 ms of the processor's time or more, the longest first: what another
 * program took of the processor meanwhile is not in it, nor what the browser's own pages did, which have processes of
 * their own.
 * @param {Uint8Array | undefined} trace
 * @param {string} url of the page
 * @returns {number[]} ms
 */
function heavyTasks(trace, url) {
  const { traceEvents } = JSON.parse(Buffer.from(trace ?? []).toString());
  const frames = traceEvents.flatMap((/** @type {any} */ { args }) => args?.data?.frames ?? [args?.data]);
  const ours = new Set(
    frames
      .filter((/** @type {any} */ frame) => frame?.processId && frame.url?.startsWith(url))
      .map((/** @type {any} */ { processId }) => processId),
  );
  if (ours.size === 0) throw new Error('The trace does not say which process the page ran in.');
  const main = new Set(
    traceEvents
      .filter(
        (/** @type {any} */ { name, args, pid }) =>
          name === 'thread_name' && args.name === 'CrRendererMain' && ours.has(pid),
      )
      .map((/** @type {any} */ { pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter((/** @type {any} */ { name, pid, tid }) => name === 'RunTask' && main.has(`${pid} ${tid}`))
    .map((/** @type {any} */ { tdur }) => Math.round((tdur ?? 0) / 1000))
    .filter((/** @type {number} */ ms) => ms >= 50)
    .sort((/** @type {number} */ a, /** @type {number} */ b) => b - a);
}

/**
 * The long tasks of the page while it does something, by the processor's time and by the clock.
 * @param {import('puppeteer-core').Page} page
 * @param {() => Promise<unknown>} act
 */
async function tasksWhile(page, act) {
  const before = await page.evaluate(() => /** @type {any} */ (globalThis).seen.tasks.length);
  await page.tracing.start({ categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await act();
  const heavy = heavyTasks(await page.tracing.stop(), new URL('/', page.url()).href);
  const all = await page.evaluate(() => /** @type {any} */ (globalThis).seen.tasks);
  return { processor: heavy, clock: all.slice(before) };
}

const LINES = 10_000;

/** Ten thousand lines of 14 words for the search section. @param {import('puppeteer-core').Page} page */
async function indexLines(page) {
  await page.$eval('#search', (root) => root.scrollIntoView({ behavior: 'instant' }));
  await page.$eval(
    '#search-files',
    (field, many) => {
      const words = 'the ship left harbour before dawn and nobody saw which way it had gone'.split(' ');
      const lines = Array.from({ length: many }, (_, i) => words.map((word, w) => (w === i % 14 ? i : word)).join(' '));
      const transfer = new DataTransfer();
      transfer.items.add(new File([lines.join('\n')], 'lines.txt'));
      /** @type {HTMLInputElement} */ (field).files = transfer.files;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    },
    LINES,
  );
  await page.waitForSelector(`#search[data-indexed="${LINES}"]`);
}

/** Six passes over the page's own sentences. @param {import('puppeteer-core').Page} page */
async function learn(page) {
  await page.$eval('#learn', (root) => root.scrollIntoView({ behavior: 'instant' }));
  await page.$eval('#learn-run', (button) => /** @type {HTMLElement} */ (button).click());
  await page.waitForFunction(() => /^Done/.test(document.querySelector('#learn-status')?.textContent ?? ''), {
    timeout: 120_000,
  });
}

/**
 * The bytes of these files, each compressed by gzip. They are read anew, when the page has gone: the browser would take
 * the page's own main thread to hand out what it has received.
 * @param {string[]} urls
 */
async function compressed(urls) {
  const sizes = urls.map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {number} slowdown of the processor
 */
async function open(browser, url, slowdown) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: WIDTH, height: 900 });
  await page.emulateCPUThrottling(slowdown);
  await page.evaluateOnNewDocument(observe);
  await page.tracing.start({ categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.goto(url);
  await page.waitForSelector('html[data-state="ready"]');
  const times = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    answer: performance.getEntriesByName('first answer')[0]?.startTime,
  }));
  // What the sections after the first ask for is not in it, though it may have come before the measuring ended.
  const asked = await page.evaluate((answer) => {
    const all = performance.getEntriesByType('resource').filter(({ startTime }) => startTime <= answer);
    return [location.href, ...all.map(({ name }) => name)];
  }, times.answer ?? 0);
  const loading = await page.evaluate(() => [.../** @type {any} */ (globalThis).seen.tasks]);
  for (const id of await page.$$eval('.section', (all) => all.map((each) => each.id))) {
    await page.$eval(`#${id}`, (root) => root.scrollIntoView({ behavior: 'instant' }));
    await page.waitForSelector(`#${id}[data-state="ready"]`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await page.waitForSelector('#map[data-map="ready"]');
  const heavy = heavyTasks(await page.tracing.stop(), url);
  const allSections = await page.evaluate(() => [.../** @type {any} */ (globalThis).seen.tasks]);
  const { script, rate } = await mapFrames(page);
  const indexing = await tasksWhile(page, () => indexLines(page));
  const learning = await tasksWhile(page, () => learn(page));
  const seen = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
  await context.close();
  const bytes = await compressed(asked.filter((name) => /\.(js|css|wasm)$|\/$/.test(name)));
  return {
    paint: Math.round(times.paint ?? NaN),
    answer: Math.round(times.answer ?? NaN),
    kilobytes: Math.round(bytes / 100) / 10,
    'tasks of 50 ms of processor time or more, all sections': heavy,
    'long tasks to the first answer': loading,
    'long tasks of all sections': allSections.slice(loading.length),
    'tasks while 10,000 lines are indexed': indexing,
    'tasks while it learns': learning,
    'script per frame of the map, median and 95th percentile': script,
    'frames per second of the map': rate,
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
  for (const slowdown of (process.env.SLOWDOWN ?? '1,4').split(',').map(Number)) {
    for (let run = 0; run < RUNS; run++) {
      console.log(JSON.stringify({ slowdown, ...(await open(browser, `${site.url}/`, slowdown)) }));
    }
  }
}
await browser.close();
await site.close();
