// What an index of a million vectors takes in a tab of Chromium, and how long a query does: `node tools/search_tab.mjs`.
import { spawnSync } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../tests/browser/launch.js';
import { serve } from '../tests/support/server.js';
import { ROOT } from './run.mjs';

const [ROWS, DIM] = [1_000_000, 256];

/** Runs in the page. @param {number} rows @param {number} dim */
async function inPage(rows, dim) {
  const { VectorIndex } = await import('/web/search.js');
  const index = await VectorIndex.create({ dim, dtype: 'i8', keywords: false, texts: false });
  let seed = 1;
  const strip = new Float32Array(1000 * dim);
  const fill = (/** @type {Float32Array} */ numbers) => {
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = (seed = (Math.imul(seed, 1664525) + 1013904223) | 0) / 2 ** 31;
    }
    return numbers;
  };
  for (let first = 0; first < rows; first += 1000) {
    fill(strip);
    index.add(
      Array.from({ length: 1000 }, (_, i) => ({ id: first + i, vector: strip.subarray(i * dim, (i + 1) * dim) })),
    );
    if (first % 20_000 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  const query = new Float32Array(dim);
  let shortest = Infinity;
  for (let i = 0; i < 60; i++) {
    fill(query);
    const before = performance.now();
    index.search(query, { topK: 10 });
    shortest = Math.min(shortest, performance.now() - before);
  }
  Object.assign(globalThis, { index });
  return { shortest, vectorBytes: index.describe().vectorBytes };
}

/** Reads as many bytes as the vectors are, natively. @param {number} bytes @returns {number} milliseconds, the shortest of 30 */
function nativeRead(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-read-'));
  const program = join(folder, 'read');
  spawnSync('c++', ['-O3', '-march=native', join(ROOT, 'bench/peers/read_bandwidth.cc'), '-o', program]);
  const { stdout } = spawnSync(program, [String(bytes)], { input: 'x\n'.repeat(30), encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return Math.min(...stdout.trim().split('\n').map(Number));
}

/** @param {number} pid @returns {number} MB of memory that no file backs */
const memoryOf = (pid) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const [server, browser] = await Promise.all([serve(ROOT), launch('chromium')]);
try {
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/page.html`);
  const client = await browser.target().createCDPSession();
  const { processInfo } = await client.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const before = pids.map(memoryOf);
  const { shortest, vectorBytes } = await page.evaluate(inPage, ROWS, DIM);
  await (await page.createCDPSession()).send('HeapProfiler.collectGarbage');
  const grown = Math.max(...pids.map((pid, i) => memoryOf(pid) - before[i]));
  const heap = (await page.metrics()).JSHeapUsedSize ?? NaN;
  const read = nativeRead(ROWS * DIM);
  console.log(
    `${ROWS} × ${DIM} i8: vectors ${(vectorBytes / 1e6).toFixed(0)} MB, JavaScript ${(heap / 1e6).toFixed(0)} MB`,
  );
  console.log(`the tab's process grew by ${grown.toFixed(0)} MiB`);
  console.log(`a query ${shortest.toFixed(1)} ms, native read of ${ROWS * DIM} bytes ${read.toFixed(1)} ms`);
} finally {
  await Promise.all([server.close(), browser.close()]);
}
