// The page in WebKit: its numbers, and that every section starts. Without WebKit's driver it is skipped.
import { loadMini } from '../../web/mini.js';
import { serveDemo } from '../support/demo_page.js';
import { WebKitPage, hasWebKit } from '../support/webkit.js';

const inWebKit = hasWebKit ? describe : describe.skip;
if (!hasWebKit) console.warn('No WebKit here (Debian: webkit2gtk-driver and xvfb): its tests are skipped.');

inWebKit('the demo page in WebKit', () => {
  /** @type {Awaited<ReturnType<typeof serveDemo>>} */
  let site;
  /** @type {Awaited<ReturnType<typeof loadMini>>} */
  let layer;
  /** @type {WebKitPage} */
  let page;

  beforeAll(async () => {
    site = await serveDemo();
    layer = await loadMini();
    page = await WebKitPage.launch();
    await page.goto(`${site.url}/`);
    await page.until('return document.documentElement.dataset.state === "ready"');
  });
  afterAll(async () => {
    await page?.close();
    await site?.close();
  });

  const write = (/** @type {string} */ selector, /** @type {string} */ text) =>
    page.run(
      `const box = document.querySelector(arguments[0]);
      box.value = arguments[1];
      for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind, { bubbles: true }));`,
      ...[selector, text],
    );

  test('the first section gives the library’s cosine, and its cells say why', async () => {
    for (const [a, b] of [
      ['A cat sleeps on the sofa.', 'The kitten naps on a couch.'],
      ['Dog bites man.', 'Stock prices fell.'],
    ]) {
      await write('#alike-a', a);
      await write('#alike-b', b);
      const cosine = layer.similarity(a, b).toFixed(2).replace('-', '−');
      await page.until('return document.querySelector("#alike-answer .number")?.textContent === arguments[0]', cosine);
      expect(await page.text('#alike-pairs .total')).toBe(cosine);
    }
    await page.run('document.querySelector("#alike-pairs tbody td").focus()');
    expect(await page.text('#alike-readout')).toMatch(/“dog” with “stock” adds/);
  });

  test('every section starts and shows its numbers', async () => {
    const ids = /** @type {string[]} */ (
      await page.run('return [...document.querySelectorAll(".section")].map((each) => each.id)')
    );
    for (const id of ids) {
      await page.run('document.getElementById(arguments[0]).scrollIntoView({ behavior: "instant" })', id);
      await page.until('return document.getElementById(arguments[0]).dataset.state === "ready"', id);
      expect(await page.run('return document.querySelector(`#${arguments[0]} .say`).dataset.kind ?? ""', id)).not.toBe(
        'error',
      );
    }
    await page.until('return document.querySelector("#map").dataset.map === "ready"');
    expect(await page.text('#map-solution b')).toBe('queen');
    await page.until('return /110 texts/.test(document.querySelector("#search-status").textContent)');
    await page.until('return /8.96 kB of 7.49 MB/.test(document.querySelector("#size-cost").textContent)');
    await page.until('return /MB/.test(document.querySelector("#rows-figures").textContent)');
    const small = await loadMini({ dtype: 'i4' });
    await write('#rows-text', 'A cat');
    await write('#rows-other', 'A dog');
    await write('#rows-dim', '3');
    await write('#rows-bits', '1');
    const [a, b] = small.encode(['A cat', 'A dog'], { dimensions: 64 });
    const cosine = a.reduce((sum, value, i) => sum + value * b[i], 0).toFixed(3);
    await page.until('return document.querySelector("#rows-figures .value").textContent === arguments[0]', cosine);
  });
});
