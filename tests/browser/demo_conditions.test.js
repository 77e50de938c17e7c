// The page where the browser, the visitor or a file asks for something special: it says so in words, and goes on.
import { loadMini } from '../../web/mini.js';
import { eachDemo } from '../support/demo_page.js';

describe('the page in special conditions', () => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo('chromium', (fresh) => (demo = fresh));

  const features = async (/** @type {string} */ name, /** @type {string} */ value) => {
    const session = await demo.page.createCDPSession();
    await session.send('Emulation.setEmulatedMedia', { features: [{ name, value }] });
  };
  const sections = () => demo.page.$$eval('.section', (all) => all.map(({ id }) => id));
  const styleOf = (/** @type {string} */ selector, /** @type {string} */ property) =>
    demo.page.$eval(selector, (element, name) => getComputedStyle(element).getPropertyValue(name), property);

  test('forced colours: cells, bars and what is chosen can still be told apart', async () => {
    await features('forced-colors', 'active');
    await demo.open();
    for (const id of await sections()) await demo.section(id);
    expect(await demo.page.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(true);
    const cell = (/** @type {number} */ row, /** @type {number} */ column) =>
      styleOf(`#alike-pairs tbody tr:nth-child(${row}) td:nth-child(${column})`, 'background-color');
    expect(await cell(2, 3)).not.toBe(await cell(1, 2)); // cat · kitten, and a pair that adds nothing
    await demo.page.waitForSelector('#map[data-map="ready"]');
    for (const bar of ['#map-near .bar', '#head-bars .bar', '#size-bars .bar', '#alike-gauge .bar']) {
      expect([bar, await styleOf(bar, 'background-color')]).not.toEqual([
        bar,
        await styleOf('body', 'background-color'),
      ]);
    }
    expect(await styleOf('#alike-examples [aria-pressed="true"]', 'outline-style')).toBe('solid');
    expect(await styleOf('#alike-examples [aria-pressed="false"]', 'outline-style')).toBe('none');
    const line = (/** @type {string} */ selector) => styleOf(selector, 'border-bottom-color');
    expect(await line('.contents [aria-current]')).not.toBe(await line('.contents a:not([aria-current])'));
    expect(demo.complaints).toEqual([]);
  });

  test('reduced motion: nothing glides', async () => {
    await features('prefers-reduced-motion', 'reduce');
    await demo.open('#map', 'map');
    await demo.page.waitForSelector('#map[data-map="ready"]');
    expect(await styleOf('html', 'scroll-behavior')).toBe('auto');
    const pictures = await demo.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const canvas = () =>
        /** @type {HTMLCanvasElement} */ (document.querySelector('#map-box > :last-child')).toDataURL();
      const before = canvas();
      /** @type {HTMLElement} */ (document.querySelector('[data-view="axes"]')).click();
      for (let i = 0; i < 3; i++) await frame();
      const after = canvas();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return [before, after, canvas()];
    });
    expect(pictures[1]).not.toBe(pictures[0]);
    expect(pictures[2]).toBe(pictures[1]);
    expect(await demo.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('no storage: everything runs, and it says that it is not kept', async () => {
    await demo.page.evaluateOnNewDocument(() => {
      const denied = () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
        Object.defineProperty(window, name, { get: denied });
      }
      Object.defineProperty(navigator, 'storage', { value: undefined });
      navigator.serviceWorker.register = async () => denied();
    });
    await demo.open();
    await demo.until('#facts', /not kept for offline use/);
    for (const id of await sections()) {
      await demo.section(id);
      expect([
        id,
        await demo.page.$eval(`#${id} .say`, (say) => /** @type {HTMLElement} */ (say).dataset.kind),
      ]).not.toEqual([id, 'error']);
    }
    await demo.until('#search-status', /110 texts/);
    expect(demo.complaints).toEqual([]);
  });

  test('no SIMD: the same numbers, and it says that they come slower', async () => {
    await demo.page.evaluateOnNewDocument(() => {
      WebAssembly.validate = () => false; // what the library asks before it chooses
    });
    await demo.open();
    await demo.until('#facts', /WebAssembly scalar \(this browser has no SIMD: slower, same numbers\)/);
    expect(demo.requests.filter((url) => /simd128/.test(url))).toEqual([]);
    const layer = await loadMini();
    const cosine = layer.similarity('A cat sleeps on the sofa.', 'The kitten naps on a couch.');
    expect(await demo.text('#alike-answer .number')).toBe(cosine.toFixed(2));
    expect(await demo.text('#alike-pairs .total')).toBe(cosine.toFixed(2));
    await demo.section('rows');
    await demo.section('head');
    expect(demo.complaints).toEqual([]);
  });

  /** Drops a file of a size upon a section. @param {string} section @param {string} name @param {string} begin @param {number} size */
  const drop = (section, name, begin, size) =>
    demo.page.$eval(
      section,
      (root, called, first, total) => {
        const block = new Uint8Array(1e6).fill(97);
        const parts = [first, ...Array.from({ length: Math.ceil((total - first.length) / 1e6) }, () => block)];
        const transfer = new DataTransfer();
        transfer.items.add(new File(parts, called));
        root.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      ...[name, begin, size],
    );

  test('files of 200 MB dropped where they are too large, and where a header is enough', async () => {
    await demo.open('#search', 'search');
    await demo.until('#search-status', /110 texts/);
    await drop('#search', 'everything.txt', '', 200e6);
    await demo.until('#search-own-say', /“everything\.txt” has 200 MB; this page reads texts of up to 50 MB/);
    await demo.write('#search-q', 'harbour');
    await demo.until('#search-keywords', /harbour/);

    await demo.section('head');
    await drop('#head', 'large.gguf', 'GGUF', 200e6);
    await demo.until('#head .say', /“large\.gguf” has 200 MB; this page runs models of up to 64 MB/);
    await demo.click('#head-draw');
    await demo.until('#head-drawn', /was drawn/);

    await demo.section('rows');
    await demo.give('#rows-file', [{ name: 'vocab.txt', bytes: '' }]);
    await demo.until('#rows-file-say', /“vocab\.txt” is empty/);

    await demo.section('size');
    await demo.until('#size-cost', /3 reads/);
    const header = JSON.stringify({
      'embeddings.weight': { dtype: 'I8', shape: [200_000, 1000], data_offsets: [0, 200e6] },
    });
    const length = String.fromCharCode(header.length, 0, 0, 0, 0, 0, 0, 0);
    await drop('#size', 'table.safetensors', length + header, 200e6 + 8 + header.length);
    await demo.until('#size-file-answer', /table\.safetensors: safetensors, 1 tensor, 200,000,000 numbers/);
    await demo.give('#size-file', [{ name: 'photo.png', bytes: [137, 80, 78, 71] }]);
    await demo.until('#size-file-say', /“photo\.png” is a picture\. Here belongs a \.safetensors or \.gguf/);
    expect(demo.complaints).toEqual([]);
  });

  test('a file of another kind is named where it was given, and what was there goes on', async () => {
    /** @type {[string, string, string][]} the section, its field and the line that speaks */
    const places = [
      ['rows', '#rows-file', '#rows-file-say'],
      ['search', '#search-files', '#search-own-say'],
      ['head', '#head-file', '#head .say'],
      ['size', '#size-file', '#size-file-say'],
      ['learn', '#learn-file', '#learn-own-say'],
    ];
    await demo.open();
    for (const [section, field, line] of places) {
      await demo.section(section);
      await demo.give(field, [{ name: 'paper.pdf', bytes: '%PDF-1.7 …' }]);
      expect(await demo.until(line, /“paper\.pdf” is a PDF/)).not.toMatch(/undefined|_/);
      await demo.give(field, [{ name: 'nothing.gguf', bytes: '' }]);
      await demo.until(line, /“nothing\.gguf” is empty/);
      await demo.give(field, [{ name: 'letter.docx', bytes: [0x50, 0x4b, 3, 4, 20, 0] }]);
      await demo.until(line, /“letter\.docx” is a zip archive or an office document/);
    }
    expect(await demo.texts('#rows-tokenizers tbody th')).toHaveLength(3);
    await demo.until('#search-status', /110 texts of the notes indexed/);
    expect(await demo.text('#head-bars')).not.toBe('');
    await demo.click('#size-own');
    await demo.until('#size-cost', /3 reads/);
    await demo.click('#learn-step');
    await demo.page.waitForSelector('#learn[data-steps="1"]');
    expect(demo.complaints).toEqual([]);
  });

  test('a file that is dropped beside what takes files does not take the page’s place', async () => {
    await demo.open();
    await drop('#alike', 'story.txt', 'once', 10);
    await demo.until('#alike .say', /Nothing here takes a file\. “Text to vector”, “Search”/);
    expect(demo.page.url()).toBe(`${demo.url}/`);
  });

  test('a megabyte pasted: into the search it is indexed, elsewhere its beginning is used', async () => {
    await demo.open('#search', 'search');
    await demo.until('#search-status', /110 texts/);
    await demo.page.$eval('#search-own', (box) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', 'a line about whales and ships\n'.repeat(35_000));
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await demo.until('#search-status', /35,000 texts of what you pasted indexed/);
    expect(await demo.page.$eval('#search-own', (box) => /** @type {HTMLTextAreaElement} */ (box).value)).toMatch(
      /and 1,049,000 characters more, all of them indexed/,
    );
    expect(demo.complaints).toEqual([]);
  });

  test.each([
    ['rows', '#rows-text'],
    ['head', '#head-context'],
  ])('a megabyte typed into the text of #%s: its beginning is used', async (section, box) => {
    await demo.open(`#${section}`, section);
    await demo.write(box, 'word and more '.repeat(75_000));
    await demo.until(`#${section} .say`, /1,050,000 characters here, the first 20,000 are used/);
    expect(demo.complaints).toEqual([]);
  });

  test('a megabyte to learn from', async () => {
    await demo.open('#learn', 'learn');
    await demo.click('#learn details summary');
    await demo.write('#learn-texts', 'the sun warms the stone and the cat\n'.repeat(30_000));
    await demo.click('#learn-use');
    await demo.until('#learn-hint', /in 30,000 sentences/);
    await demo.click('#learn-step');
    await demo.page.waitForSelector('#learn[data-steps="1"]');
    expect(demo.complaints).toEqual([]);
  });

  test.each([
    ['positions?length=6&factor=0', /factor as “0”.*length as “6”, where a number from 0 to 5 belongs/],
    ['alike?a=' + 'x'.repeat(2100), /a text of 2100 characters, where 2000 is the most/],
    ['rows?bits=3', /bits as “3”, which is not one of/],
    ['map?view=globe&word=', /view as “globe”/],
    ['search?q=' + 'x'.repeat(400) + '&sort=up', /400 characters.*“sort”/],
    ['positions?theta=99&kind=rope', /theta as “99”, where a number from 0 to 5 belongs/],
    ['head?temperature=hot&body=brain', /body as “brain”.*temperature as “hot”/],
    ['size?vocab=-1&dim=NaN', /vocab as “-1”.*dim as “NaN”/],
    ['learn?a=%E0%A4%A', /not? valid UTF-8/],
  ])('a broken link: #%s', async (hash, words) => {
    const [id] = hash.split('?');
    await demo.open(`#${hash}`, id === 'alike' ? '' : id);
    expect(await demo.text(`#${id} .say`)).toMatch(words);
    expect(await demo.text('#alike-answer .number')).toMatch(/^−?\d\.\d\d$/);
    expect(demo.complaints).toEqual([]);
  });
});
