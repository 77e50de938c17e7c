// How free a page stays while its worker indexes 100,000 lines, in Chromium: `node tools/worker_bench.mjs` prints figures.
import { launch } from '../tests/browser/launch.js';
import { serve } from '../tests/support/server.js';
import { filesUnder, readSource } from '../tests/support/sources.js';
import { ROOT } from './run.mjs';

const LINES = 100_000;

/** Runs in the page. @param {string[]} words @param {number} count of lines */
async function inPage(words, count) {
  const { createWorker } = await import('/web/worker.js');
  /** @type {number[]} */
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: 'longtask', // above 50 ms
  });
  const pause = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));
  let seed = 1;
  const word = () => words[(seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % words.length];
  const items = [];
  for (let id = 0; id < count; id++) {
    if (id % 1000 === 0) await pause(0);
    items.push({ id, text: Array.from({ length: 14 }, word).join(' ') });
  }
  const begun = performance.now();
  const worker = await createWorker();
  const started = performance.now();
  const index = await worker.index({ dtype: 'i8' });
  let added = 0;
  void index.add(items).then(() => (added = performance.now() - started));
  const answers = async (/** @type {() => boolean} */ isDone) => {
    const times = [];
    while (!isDone()) {
      const before = performance.now();
      await index.search(`${word()} ${word()} ${word()}`);
      times.push(performance.now() - before);
      await pause(100);
    }
    times.sort((a, b) => a - b);
    return { median: times[times.length >> 1], 'of 20 the slowest': times[Math.floor(0.95 * times.length)] };
  };
  const during = await answers(() => added > 0);
  const end = performance.now() + 10_000;
  const after = await answers(() => performance.now() > end);
  const before = performance.now();
  await worker.encode(items.map(({ text }) => text));
  const encoded = performance.now() - before;
  return {
    start: started - begun,
    add: added,
    encode: encoded,
    'answers meanwhile': during,
    'answers after': after,
    tasks,
  };
}

const words = [...new Set(filesUnder('docs', /\.md$/).flatMap((file) => readSource(file).match(/[a-z]{3,}/g) ?? []))];
const [server, browser] = await Promise.all([serve(ROOT), launch('chromium')]);
try {
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/page.html`);
  const { tasks, ...times } = await page.evaluate(inPage, words, LINES);
  console.log(`${LINES} lines of ${words.length} words; milliseconds`);
  console.log(
    JSON.stringify(times, (_, value) => (typeof value === 'number' ? Math.round(10 * value) / 10 : value), 2),
  );
  console.log(`tasks of the page above 50 ms: ${tasks.map(Math.round).join(', ') || 'none'}`);
} finally {
  await Promise.all([server.close(), browser.close()]);
}
