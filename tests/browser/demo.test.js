import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const PAGE = fileURLToPath(new URL('../../dist/demo', import.meta.url));
const READY = 'html[data-state="ready"]';

/** @type {Awaited<ReturnType<typeof serve>>} */
let site;

beforeAll(async () => {
  if (!existsSync(`${PAGE}/index.html`)) throw new Error('No page in dist/demo: run `npm run demo:build` first.');
  site = await serve(PAGE);
});
afterAll(() => site?.close());

/**
 * The same site from another port, its weights in ten pieces that take their time: on one machine they may come all at
 * once.
 * @param {string} url
 */
async function serveSlowly(url) {
  const server = createServer(async (request, response) => {
    const answer = await fetch(url + request.url);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'Content-Type': type, 'Content-Length': bytes.length });
    const pieces = request.url?.endsWith('.safetensors') ? 10 : 1;
    const size = Math.ceil(bytes.length / pieces);
    for (let at = 0; at < bytes.length; at += size) {
      if (at > 0) await wait(60);
      response.write(bytes.subarray(at, at + size));
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('the demo page in %s', (name) => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {import('puppeteer-core').Page} */
  let page;
  /** @type {string[]} */
  let complaints;
  /** @type {string[]} */
  let requests;

  beforeAll(async () => {
    browser = await launch(name);
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    complaints = [];
    requests = [];
    page = await browser.newPage();
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
  });
  afterEach(() => page.close());

  const open = async () => {
    await page.goto(`${site.url}/`);
    await page.waitForSelector(READY);
  };
  /** @type {(text: string) => Promise<void>} */
  const write = (text) =>
    page.$eval(
      '#text',
      (box, value) => {
        /** @type {HTMLTextAreaElement} */ (box).value = value;
        box.dispatchEvent(new Event('input', { bubbles: true }));
      },
      text,
    );
  /** @type {(selector: string) => Promise<string>} */
  const textOf = (selector) => page.$eval(selector, (element) => element.textContent ?? '');
  const chips = () =>
    page.$$eval('.chip', (all) => all.map((chip) => Array.from(chip.children, (part) => part.textContent)));
  const cosines = () => page.$$eval('#matrix tbody td', (all) => all.map((cell) => cell.textContent));
  /** How many colours the heatmap has. */
  const colors = () =>
    page.$eval('#heatmap canvas', (element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(
        ...[0, 0, canvas.width, canvas.height],
      );
      return new Set(new Uint32Array(data.buffer)).size;
    });

  test('loads from its own server alone, measures itself, and has nothing to complain of', async () => {
    await open();
    expect(await page.$eval('progress', (bar) => bar.value)).toBe(1);
    expect(await textOf('#facts')).toMatch(/[\d,]+ tokens · \d+ dimensions · stored as \w+ · .* · WebAssembly simd128/);
    await page.waitForFunction(() => /µs|ms/.test(document.querySelector('#time-encode')?.textContent ?? ''));
    expect(await textOf('#time-rate')).toMatch(/^[\d,]+$/);

    expect(requests.length).toBeGreaterThan(4);
    expect(requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('shows how far it has loaded', async () => {
    const slow = await serveSlowly(site.url);
    // What the bar shows on its way, recorded from before the page's own scripts run.
    await page.evaluateOnNewDocument(() => {
      const shown = /** @type {number[]} */ (/** @type {any} */ (window).shown = []);
      new MutationObserver(() => {
        const bar = document.querySelector('progress');
        if (bar && bar.value !== shown.at(-1)) shown.push(bar.value);
      }).observe(document, { subtree: true, childList: true, attributes: true });
    });
    await page.goto(`${slow.url}/`);
    await page.waitForSelector(READY);
    const shown = await page.evaluate(() => /** @type {any} */ (window).shown);
    await slow.close();
    expect(shown[0]).toBe(0);
    expect(shown.at(-1)).toBe(1);
    expect(shown.length).toBeGreaterThan(4);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });

  test('shows the tokens of what is typed with their ids, and their rows', async () => {
    await open();
    await write('');
    await page.type('#text', 'the cat and the dog');
    const shown = await chips();
    expect(shown.map(([token]) => token)).toEqual(['the', 'cat', 'and', 'the', 'dog']);
    for (const [, id] of shown) expect(id).toMatch(/^\d+$/);
    expect(shown[3][1]).toBe(shown[0][1]);
    expect(new Set(shown.map(([, id]) => id)).size).toBe(4);
    expect(await page.$$eval('.row-labels span', (all) => all.map((label) => label.textContent))).toEqual(
      'the cat and the dog vector'.split(' '),
    );
    expect(await colors()).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
  });

  test('marks the row of a token that has the focus or the pointer', async () => {
    await open();
    expect(await page.$eval('.row-marker', (marker) => /** @type {HTMLElement} */ (marker).hidden)).toBe(true);
    await page.focus('.chip');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const selected = () => page.$$eval('.chip', (all) => all.findIndex((chip) => chip.ariaSelected === 'true'));
    const marked = () => page.$eval('.row-marker', (marker) => marker.getBoundingClientRect().top);
    expect(await selected()).toBe(2);
    const third = await marked();
    await page.keyboard.press('Home');
    expect(await selected()).toBe(0);
    expect(await marked()).toBeLessThan(third);
    await page.hover('.chip:nth-child(3)');
    expect(await selected()).toBe(2);
    expect(await marked()).toBe(third);
    expect(await textOf('#readout')).toContain('row');
  });

  test('moves the cosines as a sentence is edited, and takes sentences in and out', async () => {
    await open();
    const before = await cosines();
    expect(before).toHaveLength(16);
    expect(Number(before[1])).toBeGreaterThan(Number(before[2]));
    await page.type('#sentence-1', ' Stock prices fell.');
    const after = await cosines();
    expect(Number(after[2])).toBeGreaterThan(Number(before[2]));

    await page.click('#add-sentence');
    expect(await cosines()).toHaveLength(25);
    await page.click('#sentences li:last-child button');
    await page.click('#sentences li:last-child button');
    expect(await cosines()).toHaveLength(9);
    expect(complaints).toEqual([]);
  });

  test('stands any text: none, long, emoji, other scripts, lone surrogates', async () => {
    await open();
    await write('');
    expect(await chips()).toEqual([]);
    expect(await textOf('#chips-note')).toBe('0 tokens.');
    await write('word '.repeat(2000));
    expect(await textOf('#rows-note')).toContain('First 64 tokens of 2,000');
    expect(await page.$$('.row-labels span')).toHaveLength(65);
    for (const text of ['👩‍👩‍👧‍👦 🎉', 'こんにちは世界', 'مرحبا بالعالم', '\ud800 a \udc00', 'a\0b']) {
      await write(text);
      expect(await page.$eval('#error', (error) => /** @type {HTMLElement} */ (error).hidden)).toBe(true);
    }
    expect(complaints).toEqual([]);
  });

  test('fits a narrow screen', async () => {
    await page.setViewport({ width: 360, height: 640 });
    await open();
    await write('incomprehensibilities'.repeat(20));
    const [content, visible] = await page.$eval('html', (root) => [root.scrollWidth, root.clientWidth]);
    expect(content).toBeLessThanOrEqual(visible);
  });

  test('says what went wrong when the model cannot be loaded, and can try again', async () => {
    let broken = true;
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      if (broken && request.url().endsWith('.safetensors')) request.respond({ status: 503, body: 'no' });
      else request.continue();
    });
    await page.goto(`${site.url}/`);
    await page.waitForSelector('html[data-state="failed"]');
    expect(await textOf('#error-text')).toMatch(/503.*\(network\)/);
    broken = false;
    await page.click('#retry');
    await page.waitForSelector(READY);
    expect(await page.$eval('#error', (error) => /** @type {HTMLElement} */ (error).hidden)).toBe(true);
  });
});
