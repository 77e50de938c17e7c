// The built demo page in a real browser.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launch } from '../browser/launch.js';
import { serve } from './server.js';

const SITE = fileURLToPath(new URL('../../dist/demo', import.meta.url));
export const READY = 'html[data-state="ready"]';

/**
 * WEMBED_SLOWDOWN=4 makes Chromium's pages four times slower, and gives every test that much more time: for races that
 * only a slow machine shows.
 */
export const SLOWDOWN = Number(process.env.WEMBED_SLOWDOWN ?? 1);

/** What a browser says of its own machine, which is no fault of the page's. */
const OF_THE_MACHINE = /WebGL|GPU stall|swiftshader/i;

/** @returns {ReturnType<typeof serve>} */
export function serveDemo() {
  if (!existsSync(`${SITE}/index.html`)) throw new Error('No page in dist/demo: run `npm run demo:build` first.');
  return serve(SITE);
}

/**
 * The same site from another port, its weights in ten pieces that take their time: on one machine they may come all at
 * once. Or refused, while `broken` is true.
 * @param {string} url
 */
export async function serveSlowly(url) {
  const site = { url: '', broken: false, close: async () => {} };
  const server = createServer(async (request, response) => {
    const weights = request.url?.includes('/mini-');
    if (weights && site.broken) return response.writeHead(503).end('no');
    const answer = await fetch(url + request.url);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'Content-Type': type, 'Content-Length': bytes.length });
    const size = Math.ceil(bytes.length / (weights ? 10 : 1));
    for (let at = 0; at < bytes.length; at += size) {
      if (at > 0) await wait(60);
      response.write(bytes.subarray(at, at + size));
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  site.url = `http://127.0.0.1:${port}`;
  site.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return site;
}

/** A page of one browser, and what it complained of and asked for. */
export class DemoPage {
  /** @type {string[]} */
  complaints = [];
  /** @type {string[]} */
  requests = [];

  /**
   * @param {import('puppeteer-core').Page} page
   * @param {string} url of the site
   */
  constructor(page, url) {
    this.page = page;
    this.url = url;
    page.on('console', (message) => {
      const bad = ['error', 'warn'].includes(message.type()) && !OF_THE_MACHINE.test(message.text());
      if (bad) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /**
   * A page that has seen nothing before.
   * @param {import('puppeteer-core').Browser} browser
   * @param {string} url
   */
  static async fresh(browser, url) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(30_000 * SLOWDOWN);
    if (SLOWDOWN > 1 && (await browser.version()).startsWith('Chrome')) await page.emulateCPUThrottling(SLOWDOWN);
    return new DemoPage(page, url);
  }

  close() {
    return this.page.browserContext().close();
  }

  /** Notes from now on what moves without having been asked to; Chromium alone tells. */
  recordShifts() {
    return this.page.evaluateOnNewDocument(() => {
      const shifts = /** @type {string[]} */ (/** @type {any} */ (window).shifts = []);
      new PerformanceObserver((list) => {
        for (const { value, sources, hadRecentInput } of /** @type {any[]} */ (list.getEntries())) {
          const moved = sources.map((/** @type {any} */ { node }) => node?.id || node?.className || node?.nodeName);
          if (!hadRecentInput) shifts.push(`${moved} by ${value}`);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
  }

  /** @returns {Promise<string[]>} what moved, and by how much */
  shifts() {
    return this.page.evaluate(() => /** @type {any} */ (window).shifts);
  }

  /** @param {string} [hash] @param {string} [section] that shall have started */
  async open(hash = '', section = '') {
    // The page loads itself anew where only what stands after # changes: too late for who waits for it.
    if (this.page.url().startsWith(this.url)) await this.page.goto('about:blank');
    await this.page.goto(`${this.url}/${hash}`);
    await this.page.waitForSelector(READY);
    if (section) await this.section(section);
  }

  /** Scrolls to a section and waits until it runs. @param {string} id */
  async section(id) {
    await this.page.$eval(`#${id}`, (root) => root.scrollIntoView({ behavior: 'instant' }));
    await this.page.waitForSelector(`#${id}[data-state="ready"]`);
    await this.settled();
  }

  /**
   * Waits until no section loads and nothing has moved for some frames: a pointer sent to where its target was a moment
   * ago would miss it.
   */
  settled() {
    return this.page.evaluate(async () => {
      let places = '';
      for (let calm = 0; calm < 5;) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const sections = [...document.querySelectorAll('.section')];
        const loading = sections.some((each) => /loading|started/.test(each.getAttribute('data-state') ?? ''));
        const before = places;
        places = String([scrollY, ...sections.map((each) => each.getBoundingClientRect().bottom)]);
        calm = !loading && places === before ? calm + 1 : 0;
      }
    });
  }

  /** @param {string} selector */
  async click(selector) {
    await this.#show(selector);
    await this.page.click(selector);
  }

  /** @param {string} selector */
  async tap(selector) {
    await this.#show(selector);
    await this.page.tap(selector);
  }

  /** @param {string} selector */
  async hover(selector) {
    await this.#show(selector);
    await this.page.hover(selector);
  }

  /**
   * A place of an element on the screen, scrolled to.
   * @param {string} selector
   * @param {number} [x] as part of its width
   * @param {number} [y] as part of its height
   */
  async place(selector, x = 0.5, y = 0.5) {
    await this.#show(selector);
    const box = await this.page.$eval(selector, (element) => element.getBoundingClientRect().toJSON());
    return { x: box.x + x * box.width, y: box.y + y * box.height };
  }

  /** Scrolls to where neither the bar of sections nor the window's edge hides it. @param {string} selector */
  async #show(selector) {
    await this.page.waitForSelector(selector);
    await this.settled();
    await this.page.$eval(selector, (element) =>
      element.scrollIntoView({ block: element.closest('.contents') ? 'nearest' : 'center', behavior: 'instant' }),
    );
    await this.settled();
  }

  /**
   * Presses a button the moment an element's text, or the attribute of it that is named, matches: what runs meanwhile
   * might be over before a press from outside the page arrives.
   * @param {string} button
   * @param {string} watched
   * @param {RegExp} pattern
   * @param {string} [attribute]
   */
  pressWhen(button, watched, pattern, attribute) {
    return this.page.$eval(
      watched,
      (element, pressed, source, named) =>
        /** @type {Promise<void>} */ (
          new Promise((resolve) => {
            const look = () => {
              if (!new RegExp(source).test((named ? element.getAttribute(named) : element.textContent) ?? '')) return;
              observer.disconnect();
              /** @type {HTMLElement} */ (document.querySelector(pressed)).click();
              resolve();
            };
            const observer = new MutationObserver(look);
            observer.observe(element, { attributes: true, childList: true, subtree: true, characterData: true });
            look();
          })
        ),
      ...[button, pattern.source, attribute],
    );
  }

  /** Sets a field's value as typing would. @param {string} selector @param {string} text */
  write(selector, text) {
    return this.page.$eval(
      selector,
      (box, value) => {
        /** @type {HTMLInputElement} */ (box).value = value;
        for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind, { bubbles: true }));
      },
      text,
    );
  }

  /** @param {string} selector @returns {Promise<string>} */
  text(selector) {
    return this.page.$eval(selector, (element) => element.textContent ?? '');
  }

  /** @param {string} selector @returns {Promise<string[]>} */
  texts(selector) {
    return this.page.$$eval(selector, (all) => all.map((each) => each.textContent ?? ''));
  }

  /** Waits until an element's text matches. @param {string} selector @param {RegExp} pattern */
  async until(selector, pattern) {
    await this.page.waitForFunction(
      (where, source, flags) => new RegExp(source, flags).test(document.querySelector(where)?.textContent ?? ''),
      { timeout: 50_000 * SLOWDOWN },
      ...[selector, pattern.source, pattern.flags],
    );
    return this.text(selector);
  }

  /** Gives files to a file field. @param {string} selector @param {{ name: string, bytes: number[] | string }[]} files */
  give(selector, files) {
    return this.page.$eval(
      selector,
      (field, given) => {
        const transfer = new DataTransfer();
        for (const { name, bytes } of /** @type {{ name: string, bytes: number[] | string }[]} */ (given)) {
          transfer.items.add(new File([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)], name));
        }
        /** @type {HTMLInputElement} */ (field).files = transfer.files;
        field.dispatchEvent(new Event('change', { bubbles: true }));
      },
      files,
    );
  }
}

/**
 * Before each test of a `describe` a page that has seen nothing, of one browser and one site for all of them.
 * @param {'chromium' | 'firefox'} name
 * @param {(demo: DemoPage) => void} give receives the page
 */
export function eachDemo(name, give) {
  /** @type {Awaited<ReturnType<typeof serveDemo>>} */
  let site;
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {DemoPage} */
  let demo;

  beforeAll(async () => {
    site = await serveDemo();
    browser = await launch(name);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    demo = await DemoPage.fresh(browser, site.url);
    give(demo);
  });
  afterEach(() => demo.close());
}

export { launch };
