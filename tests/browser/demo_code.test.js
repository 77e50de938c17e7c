// The code that each section of the page gives away, run in a page of its own as a visitor would.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadMini } from '../../web/mini.js';
import { DemoPage } from '../support/demo_page.js';
import { serve } from '../support/server.js';
import { ROOT } from '../support/sources.js';
import { launch } from './launch.js';

/** Where a page finds `wembed` and its parts: what package.json says, as a map for the browser. */
function importMap() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const faces = Object.entries(exports).filter(([, target]) => target.module?.endsWith('.js'));
  const imports = faces.map(([name, { module }]) => [name.replace('.', 'wembed'), module.slice(1)]);
  return JSON.stringify({
    imports: {
      ...Object.fromEntries(imports),
      '@huggingface/tokenizers': '/node_modules/@huggingface/tokenizers/dist/tokenizers.mjs',
    },
  });
}

describe('the code of a section runs in a page', () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let site;
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {string} */
  let folder;
  beforeAll(async () => {
    mkdirSync(join(ROOT, 'build'), { recursive: true });
    folder = mkdtempSync(join(ROOT, 'build/code-'));
    [site, browser] = await Promise.all([serve(ROOT), launch('chromium')]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), site?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a section gives to copy. @param {string} hash @param {string} id */
  async function codeOf(hash, id) {
    const demo = await DemoPage.fresh(browser, `${site.url}/dist/demo`);
    await demo.open(hash, id === 'alike' ? '' : id);
    await demo.click(`#${id} .copy-code`);
    const code = await demo.until(`#${id} .as-code code`, /wembed/);
    await demo.close();
    return code;
  }

  /** What a page with nothing but this script writes to the console. @param {string} code */
  async function run(code) {
    const end = `\nconsole.log('the end');\n`;
    writeFileSync(
      join(folder, 'index.html'),
      `<!doctype html><link rel="icon" href="data:," /><script type="importmap">${importMap()}</script><script type="module" src="code.js"></script>`,
    );
    writeFileSync(join(folder, 'code.js'), code + end);
    const page = await browser.newPage();
    /** @type {string[]} */
    const said = [];
    try {
      await new Promise((resolve, reject) => {
        page.on('pageerror', reject);
        page.on('console', async (message) => {
          const values = message
            .args()
            .map((value) => value.evaluate((it) => (typeof it === 'object' ? JSON.stringify(it) : String(it))));
          const line = (await Promise.all(values)).join(' ');
          said.push(line);
          if (line === 'the end') resolve(undefined);
          if (message.type() === 'error') reject(new Error(message.text()));
        });
        page.goto(`${site.url}/build/${basename(folder)}/`).catch(reject);
      });
    } finally {
      await page.close();
    }
    return said.join('\n');
  }

  test('two sentences: the cosine, and the pair that adds most', async () => {
    const layer = await loadMini();
    const said = await run(await codeOf('', 'alike'));
    const cosine = layer.similarity('A cat sleeps on the sofa.', 'The kitten naps on a couch.');
    expect(said).toContain(String(cosine));
    expect(said).toMatch(/"queryToken":"(cat|sofa)"/);
  });

  test.each([
    ['#rows', 'rows', /fox is row 2557/],
    ['#rows?bits=1+bit&dim=64', 'rows', /\n-?(0\.\d+|0|1)\nthe end$/],
    ['#map', 'map', /"key":"queen"/],
    ['#search', 'search', /vectors 0\.\d+ .*\n/],
    ['#positions?kind=rope', 'positions', /^-?[\d.]+ -?[\d.]+\n/],
    ['#positions?kind=sinusoidal', 'positions', /^-?[\d.]+ -?[\d.]+\n/],
    ['#positions?kind=learned', 'positions', /512\n/],
    ['#head?temperature=0', 'head', /Once upon a time there was a king named Sam. He lived in a castle by the sea/],
    ['#head?body=rows', 'head', /drawn: \S+\n/],
    ['#size', 'size', /8960|\n\d{4,5}\n/],
    ['#learn', 'learn', /"key":/],
    ['#speed', 'speed', /\d+ texts per second/],
  ])('%s', async (hash, id, words) => {
    expect(await run(await codeOf(hash, id))).toMatch(words);
  });
});
