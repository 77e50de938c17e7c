// The page as a whole: how it loads, what it asks for, and what it says when something is wrong. Its sections have
// demo_sections.test.js.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadMini } from '../../web/mini.js';
import { SLOWDOWN, DemoPage, READY, eachDemo, launch, serveDemo, serveSlowly } from '../support/demo_page.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;

beforeAll(async () => {
  layer = await loadMini();
});

/** The cosine that the page opens with. */
const opening = () => layer.similarity('A cat sleeps on the sofa.', 'The kitten naps on a couch.').toFixed(2);

describe.each(/** @type {const} */ (['chromium', 'firefox']))('the demo page in %s', (name) => {
  /** @type {DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));

  const sections = () => demo.page.$$eval('.section', (all) => all.map(({ id }) => id));

  test('each section opens by its link alone', async () => {
    await demo.open();
    for (const id of await sections()) {
      const alone = await DemoPage.fresh(demo.page.browser(), demo.url);
      await alone.open(`#${id}`, id);
      await alone.until('#facts', /tokens/);
      expect(alone.complaints).toEqual([]);
      await alone.close();
    }
  });

  test('opens with an answer, asks only its own server, and has nothing to complain of', async () => {
    await demo.open();
    expect(await demo.text('#alike-answer .number')).toBe(opening());
    await demo.until('#facts', /28,800 tokens · 256 dimensions · stored as i8 · .* · WebAssembly simd128/);
    for (const id of await sections()) await demo.section(id);
    expect(demo.requests.length).toBeGreaterThan(8);
    expect(demo.requests.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(demo.url))).toEqual([]);
    expect(demo.complaints).toEqual([]);
    for (const link of await demo.page.$$eval('.contents a', (all) => all.map((each) => each.getAttribute('href')))) {
      expect(await demo.page.$(String(link))).not.toBeNull();
    }
  });

  test('shows how far it has loaded', async () => {
    const slow = await serveSlowly(demo.url);
    // What the bar shows on its way, recorded from before the page's own scripts run.
    await demo.page.evaluateOnNewDocument(() => {
      const shown = /** @type {number[]} */ (/** @type {any} */ (window).shown = []);
      new MutationObserver(() => {
        const bar = document.querySelector('progress');
        if (bar && bar.value !== shown.at(-1)) shown.push(bar.value);
      }).observe(document, { subtree: true, childList: true, attributes: true });
    });
    await demo.page.goto(`${slow.url}/`);
    await demo.page.waitForSelector(READY);
    const shown = await demo.page.evaluate(() => /** @type {any} */ (window).shown);
    await slow.close();
    expect(shown[0]).toBe(0);
    expect(shown.at(-1)).toBe(1);
    expect(shown.length).toBeGreaterThan(4);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });

  test('has no fault that axe knows, in light and dark, wide and narrow', async () => {
    const media = name === 'chromium' ? ['light', 'dark'] : ['light']; // Firefox cannot be told the scheme here
    for (const [width, scheme] of [
      [1200, media[0]],
      [390, media.at(-1)],
    ]) {
      await demo.page.setViewport({ width: Number(width), height: 900 });
      if (media.length > 1)
        await demo.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: String(scheme) }]);
      await demo.open();
      for (const id of await sections()) await demo.section(id);
      await demo.page.evaluate(AXE);
      const faults = await demo.page.evaluate(async () => {
        const { violations } = await /** @type {any} */ (window).axe.run(document);
        return violations.map((/** @type {any} */ each) => [
          each.id,
          each.nodes.slice(0, 4).map((/** @type {any} */ node) => node.html),
        ]);
      });
      expect(faults).toEqual([]);
    }
  });

  test.each([360, 390, 768, 1600])('fits a screen of %d pixels', async (width) => {
    await demo.page.setViewport({ width, height: 800 });
    await demo.open();
    for (const id of await sections()) await demo.section(id);
    await demo.write('#alike-a', 'incomprehensibilities'.repeat(20));
    await demo.write('#rows-text', 'incomprehensibilities'.repeat(20));
    const [content, visible] = await demo.page.$eval('html', (root) => [root.scrollWidth, root.clientWidth]);
    expect(content).toBeLessThanOrEqual(visible);
  });

  // Firefox does not tell of shifts.
  const inChromium = name === 'chromium' ? test : test.skip;
  inChromium.each([390, 1200])('nothing moves while it opens and fills, on a screen of %d pixels', async (width) => {
    await demo.page.setViewport({ width, height: 900 });
    await demo.recordShifts();
    await demo.open();
    for (const id of await sections()) await demo.section(id);
    await demo.page.waitForSelector('#map[data-map="ready"]');
    expect(await demo.shifts()).toEqual([]);
  });

  test('says what a word of the trade means: to the pointer, the keyboard and the finger', async () => {
    await demo.open();
    const term = '#alike .term[data-term="cosine"]';
    await demo.page.focus(term);
    expect(await demo.text('#hint')).toMatch(/same way: 1 is the same direction/);
    expect(await demo.page.$eval(term, (each) => each.getAttribute('aria-describedby'))).toBe('hint');
    await demo.page.keyboard.press('Escape');
    expect(await demo.page.$eval('#hint', (card) => /** @type {HTMLElement} */ (card).hidden)).toBe(true);
    await demo.hover('.top .term[data-term="mean"]');
    expect(await demo.text('#hint')).toMatch(/sum of the rows/);
  });

  test('says what is wrong with a link, and shows the rest', async () => {
    await demo.open('#rows?dim=7&text=Hello&colour=red', 'rows');
    expect(await demo.text('#rows .say')).toMatch(/dim as “7”.*not one of 8, 16.*“colour”/);
    expect(await demo.texts('#rows-chips .chip b')).toEqual(['hello']);
    await demo.page.evaluate(() => (location.hash = '#nowhere'));
    await demo.until('#alike .say', /no section “nowhere”/);
    await demo.page.evaluate(() => (location.hash = '#alike?a=%E0%A4%A&b=Fine'));
    await demo.until('#alike .say', /no valid UTF-8/);
    expect(await demo.text('#alike-answer .number')).toMatch(/^−?\d\.\d\d$/);
  });

  test('says what went wrong when the model cannot be loaded, and can try again', async () => {
    const slow = await serveSlowly(demo.url);
    slow.broken = true;
    await demo.page.goto(`${slow.url}/`);
    await demo.page.waitForSelector('html[data-state="failed"]');
    expect(await demo.text('#error-text')).toMatch(/could not be loaded\. .*mini.* answered 503/);
    slow.broken = false;
    await demo.click('#retry');
    await demo.page.waitForSelector(READY);
    expect(await demo.page.$eval('#error', (error) => /** @type {HTMLElement} */ (error).hidden)).toBe(true);
    expect(await demo.text('#alike-answer .number')).toBe(opening());
    await slow.close();
  });

  test('says so where the browser has no WebAssembly', async () => {
    await demo.page.evaluateOnNewDocument(() => {
      Object.defineProperty(window, 'WebAssembly', { value: undefined });
    });
    await demo.page.goto(`${demo.url}/`);
    await demo.page.waitForSelector('html[data-state="failed"]');
    expect(await demo.text('#error-text')).toMatch(/WebAssembly turned off/);
  });
});

test('works without a connection once it was open', async () => {
  const browser = await launch('chromium');
  try {
    const own = await serveDemo();
    const demo = await DemoPage.fresh(browser, own.url);
    await demo.open();
    await demo.page.waitForFunction(
      async () => {
        const worker = await navigator.serviceWorker.getRegistration();
        if (worker?.active?.state !== 'activated') return false;
        const [name] = await caches.keys();
        return name !== undefined && (await (await caches.open(name)).keys()).length > 20;
      },
      { timeout: 50_000 * SLOWDOWN },
    );
    await own.close();
    await demo.page.reload();
    await demo.page.waitForSelector(READY);
    expect(await demo.text('#alike-answer .number')).toBe(opening());
    for (const id of ['rows', 'map', 'search']) await demo.section(id);
    await demo.until('#search-status', /110 texts of the notes indexed/);
  } finally {
    await browser.close();
  }
});
