// `node tests/environments/first_vector.mjs [names]`: seconds from `npm install`, with an empty npm cache, to the first number in
// a page, with the README's own lines: with Vite, with Next.js, and without a bundler. No part of `npm test`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../../tools/run.mjs';
import { launch } from '../browser/launch.js';
import { waitFor } from './pages.mjs';
import { readmeExample } from './program.mjs';
import { command, pack } from './project.mjs';
import { withServer } from './servers.mjs';

/** What every page shows: the cosine of the README's two texts. */
const SHOWN = /^\s*0\.69\d/;

/**
 * `tools`: what the project has before wembed; `files`: with the README's examples.
 * @type {Record<string, { tools: string[], files: Record<string, string>, server: (port: number) => string[] }>}
 */
const WAYS = {
  vite: {
    tools: ['vite'],
    files: {
      'index.html': '<!doctype html><body><script type="module" src="./main.js"></script></body>',
      'main.js': readmeExample('js').replace(
        /^layer\.similarity\(.*\);/m,
        (call) => `document.body.append(${call.slice(0, -1)});`,
      ),
    },
    server: (port) => ['npx', 'vite', '--host', '127.0.0.1', '--port', String(port)],
  },
  next: {
    tools: ['next', 'react', 'react-dom'],
    files: {
      'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
      'app/page.js': readmeExample('jsx'),
    },
    server: (port) => ['npx', 'next', 'dev', '-p', String(port)],
  },
  'no bundler': {
    tools: ['serve'],
    files: { 'index.html': `<!doctype html><body>${readmeExample('html')}</body>` },
    server: (port) => ['npx', 'serve', '-l', String(port)],
  },
};

/** @param {string} name @param {string} tarball @param {Awaited<ReturnType<typeof launch>>} browser */
async function timeOf(name, tarball, browser) {
  const { tools, files, server } = WAYS[name];
  const folder = mkdtempSync(join(tmpdir(), 'wembed-first-'));
  for (const [path, content] of Object.entries({ 'package.json': '{ "private": true }', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const npm = (/** @type {string[]} */ ...packages) =>
    command(['npm', 'install', '--cache', join(folder, '.cache'), ...packages], folder);
  const times = [performance.now()];
  const mark = () => times.push(performance.now());
  npm(...tools);
  mark();
  npm(tarball);
  mark();
  await withServer(server, folder, async (url) => {
    mark();
    const page = await browser.newPage();
    // The name that Next.js serves its scripts to.
    await page.goto(url.replace('127.0.0.1', 'localhost'), { waitUntil: 'domcontentloaded' });
    await waitFor(
      async () => JSON.stringify(SHOWN.test(await page.evaluate(() => document.body.innerText)) || undefined),
      () => '',
    );
    await page.close();
  });
  mark();
  rmSync(folder, { recursive: true, force: true });
  const seconds = (/** @type {number} */ from, /** @type {number} */ to) =>
    ((times[to] - times[from]) / 1000).toFixed(1);
  console.log(
    `${name}: ${seconds(0, 4)} s: npm install ${tools.join(' ')} ${seconds(0, 1)}, npm install wembed ${seconds(1, 2)}, the server's start and first compile ${seconds(2, 3)}, the page ${seconds(3, 4)}`,
  );
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
