// `node tests/environments/first_vector.mjs [names]`: seconds from `npm install`, with an empty npm cache, to the first vector in
// a page, doing what the README says: with Vite, with Next.js, and without a bundler. No part of `npm test`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure, main } from '../../tools/run.mjs';
import { launch } from '../browser/launch.js';
import { waitFor } from './pages.mjs';
import { command, pack } from './project.mjs';
import { withServer } from './servers.mjs';

/** The README's lines, and what this program waits for. */
const LINES = `
const layer = await loadMini();
globalThis.wembedResult = JSON.stringify([...layer.encode('It is raining')]);`;

/** @type {Record<string, { packages: string[], files: Record<string, string>, server: (port: number) => string[] }>} */
const WAYS = {
  vite: {
    packages: ['vite'],
    files: {
      'index.html': '<!doctype html><script type="module" src="./main.js"></script>',
      'main.js': `import { loadMini } from 'wembed/mini';${LINES}`,
    },
    server: (port) => ['npx', 'vite', '--host', '127.0.0.1', '--port', String(port)],
  },
  next: {
    packages: ['next', 'react', 'react-dom'],
    files: {
      'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
      'app/page.js': `'use client';
import { useEffect } from 'react';
import { loadMini } from 'wembed/mini';
const start = async () => {${LINES}
};
export default function Page() {
  useEffect(() => void start(), []);
  return <p>wembed</p>;
}`,
    },
    server: (port) => ['npx', 'next', 'dev', '-p', String(port)],
  },
  'no bundler': {
    packages: ['serve'],
    files: {
      'index.html': `<!doctype html><script type="module">
import { loadMini } from './node_modules/wembed/web/mini.js';${LINES}
</script>`,
    },
    server: (port) => ['npx', 'serve', '-l', String(port)],
  },
};

/** @param {string} name @param {string} tarball @param {Awaited<ReturnType<typeof launch>>} browser */
async function timeOf(name, tarball, browser) {
  const { packages, files, server } = WAYS[name];
  const folder = mkdtempSync(join(tmpdir(), 'wembed-first-'));
  for (const [path, content] of Object.entries({ 'package.json': '{ "private": true }', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const start = performance.now();
  command(['npm', 'install', '--cache', join(folder, '.cache'), ...packages, tarball], folder);
  const installed = performance.now();
  let answered = installed;
  const vector = await withServer(server, folder, async (url) => {
    answered = performance.now();
    const page = await browser.newPage();
    await page.goto(url.replace('127.0.0.1', 'localhost')); // the name that Next.js serves its scripts to
    const found = await waitFor(
      () => page.evaluate(() => /** @type {any} */ (globalThis).wembedResult),
      () => '',
    );
    await page.close();
    return /** @type {number[]} */ (/** @type {unknown} */ (found));
  });
  const end = performance.now();
  if (vector.length !== 256) throw new Failure(`${name}: ${vector.length} numbers`);
  const seconds = (/** @type {number} */ from, /** @type {number} */ to) => ((to - from) / 1000).toFixed(1);
  console.log(
    `${name}: ${seconds(start, end)} s: npm install ${seconds(start, installed)}, the server's start ${seconds(installed, answered)}, the page ${seconds(answered, end)}`,
  );
  rmSync(folder, { recursive: true, force: true });
}

main(async () => {
  const tarball = pack();
  const browser = await launch('chromium');
  try {
    for (const name of Object.keys(WAYS)) {
      if (process.argv.length === 2 || process.argv.includes(name)) await timeOf(name, tarball, browser);
    }
  } finally {
    await browser.close();
    if (tarball !== process.env.WEMBED_PACKED) rmSync(tarball, { force: true });
  }
});
