// Every section by the finger alone, on a screen as narrow as a phone's.
import { eachDemo } from '../support/demo_page.js';

describe('the page under a finger', () => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo('chromium', (fresh) => (demo = fresh));
  beforeEach(() =>
    demo.page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
  );
  afterEach(() => expect(demo.complaints).toEqual([]));

  const open = async (/** @type {string} */ id) => {
    await demo.open(id === 'alike' ? '' : `#${id}`, id === 'alike' ? '' : id);
  };
  /** Touches a place of an element, given as parts of its width and height. @param {string} selector @param {number} x @param {number} y */
  const touch = async (selector, x, y) => {
    const place = await demo.place(selector, x, y);
    await demo.page.touchscreen.tap(place.x, place.y);
  };

  test('the first screen has the answer on it', async () => {
    await open('alike');
    const bottom = await demo.page.$eval('#alike-answer', (answer) => answer.getBoundingClientRect().bottom);
    expect(bottom).toBeLessThan(844);
  });

  test.each([
    ['another language', '#alike?a=Good+morning,+how+are+you?&b=Guten+Morgen,+wie+geht+es+dir?'],
    ['long', '#alike?b=A+physician+strolls+along+the+wet+streets+of+the+old+town+after+dark+while+the+kitten+sleeps'],
  ])('every column of the pairs is in sight, nothing covers it: %s', async (_, link) => {
    await demo.open(link);
    const hidden = await demo.page.$eval('#alike-live .scroll', (place) => {
      place.scrollIntoView({ block: 'center', behavior: 'instant' });
      const row = /** @type {HTMLTableRowElement} */ (place.querySelector('tbody tr'));
      return [...row.cells]
        .map((cell) => {
          const { left, right, top, bottom } = cell.getBoundingClientRect();
          const on = [left + 2, (left + right) / 2, right - 2].map((x) =>
            document.elementFromPoint(x, (top + bottom) / 2),
          );
          return [cell.cellIndex, on.every((each) => each === cell)];
        })
        .filter(([, seen]) => !seen);
    });
    expect(hidden).toEqual([]);
  });

  test('a card opens at a word and closes elsewhere', async () => {
    await open('alike');
    await demo.tap('#alike .term[data-term="cosine"]');
    expect(await demo.text('#hint')).toMatch(/same way/);
    await demo.tap('#alike h2');
    expect(await demo.page.$eval('#hint', (card) => /** @type {HTMLElement} */ (card).hidden)).toBe(true);
  });

  test('the bar of sections leads to each, and shows where one is', async () => {
    await open('alike');
    await demo.page.$eval('.contents', (bar) => bar.scrollTo({ left: bar.scrollWidth }));
    await demo.tap('.contents a[href="#speed"]');
    await demo.page.waitForSelector('#speed[data-state="ready"]');
    await demo.page.waitForSelector('.contents a[href="#speed"][aria-current]');
    await demo.page.waitForFunction(() => {
      const link = document.querySelector('.contents a[href="#speed"]')?.getBoundingClientRect();
      return link && link.left >= 0 && link.right <= 390;
    });
  });

  test.each(['map', 'size', 'speed'])(
    'a link to #%s shows it, and goes on showing it while all else loads',
    async (id) => {
      await demo.page.goto(`${demo.url}/#${id}`);
      await demo.page.waitForSelector(`#${id}[data-state="ready"]`);
      await demo.settled();
      const top = await demo.page.$eval(`#${id}`, (section) => section.getBoundingClientRect().top);
      expect(Math.abs(top)).toBeLessThan(70); // below the bar of sections
      expect(await demo.texts('.contents [aria-current]')).toEqual(await demo.texts(`.contents a[href="#${id}"]`));
    },
  );

  test('tokens, rows and the two sliders', async () => {
    await open('rows');
    await demo.tap('#rows-chips .chip:nth-child(4)');
    expect(await demo.text('#rows-readout')).toMatch(/“fox” is row 2,557/);
    await touch('#rows-heatmap canvas', 0.2, 0.03);
    expect(await demo.text('#rows-readout')).toMatch(/^“the”, dimension 5\d: /);
    await demo.tap('#rows-heatmap .row-labels span:nth-child(2)');
    expect(await demo.text('#rows-readout')).toMatch(/^“quick” is row 2,386/);
    await demo.until('#rows-figures', /MB/);
    await touch('#rows-dim', 0.02, 0.5);
    expect(await demo.text('#rows-dim-out')).toBe('8');
    await touch('#rows-bits', 0.02, 0.5);
    expect(await demo.text('#rows-bits-out')).toBe('1 bit');
  });

  test('the rows: columns wide enough to be seen, moved sideways under their names', async () => {
    await open('rows');
    const look = () =>
      demo.page.$eval('#rows-heatmap', (place) => {
        const [box, labels, cells] = [place, ...place.querySelectorAll('.row-labels, canvas')].map((each) =>
          each.getBoundingClientRect(),
        );
        return { column: cells.width / 256, labels: labels.left - box.left, moved: place.scrollLeft };
      });
    expect((await look()).column).toBeGreaterThan(3);
    await demo.page.$eval('#rows-heatmap', (place) => place.scrollTo({ left: 400, behavior: 'instant' }));
    const { labels, moved } = await look();
    expect(moved).toBe(400);
    expect(Math.abs(labels)).toBeLessThan(6);
    await demo.page.focus('#rows-heatmap');
    for (let i = 0; i < 3; i++) await demo.page.keyboard.press('ArrowRight');
    expect(await demo.text('#rows-readout')).toMatch(/^“the”, dimension \d+: /);
    const marker = await demo.page.$eval('#rows-heatmap .cell-marker', (each) => each.getBoundingClientRect().left);
    expect(marker).toBeGreaterThan(100); // beside the names, not under them
  });

  test('the map: a tap chooses, one finger scrolls the page, two move and enlarge', async () => {
    await open('map');
    await demo.page.waitForSelector('#map[data-map="ready"]');
    await touch('#map-box', 0.5, 0.5);
    await demo.page.waitForFunction(
      () => /** @type {HTMLInputElement} */ (document.querySelector('#map-word')).value !== 'doctor',
    );
    const picture = () =>
      demo.page.$eval('#map-box', (box) => /** @type {HTMLCanvasElement} */ (box.lastElementChild).toDataURL());
    const { x, y } = await demo.place('#map-box');
    const session = await demo.page.createCDPSession();
    const fingers = (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {number[][]} */ places) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: places.map(([px, py], id) => ({ x: px, y: py, id })),
      });
    const changes = async (/** @type {() => Promise<unknown>} */ act) => {
      const before = await picture();
      await act();
      await demo.page.waitForFunction(
        (old) =>
          /** @type {HTMLCanvasElement} */ (document.querySelector('#map-box > :last-child')).toDataURL() !== old,
        {},
        before,
      );
    };
    // One finger scrolls the page, two move the map.
    const [still, top] = [await picture(), await demo.page.evaluate(() => scrollY)];
    await fingers('touchStart', [[x, y]]);
    for (let i = 1; i <= 8; i++) await fingers('touchMove', [[x, y - 15 * i]]);
    await fingers('touchEnd', []);
    await demo.page.waitForFunction((old) => scrollY > old + 30, {}, top);
    await demo.page.evaluate(async () => {
      for (let old = -1; old !== scrollY;) {
        old = scrollY;
        await new Promise((resolve) => setTimeout(resolve, 300)); // the swipe runs out
      }
    });
    expect(await picture()).toBe(still);
    await demo.page.evaluate((old) => scrollTo({ top: old, behavior: 'instant' }), top);
    await changes(async () => {
      await fingers('touchStart', [
        [x - 20, y],
        [x + 20, y],
      ]);
      for (let i = 1; i <= 5; i++)
        await fingers('touchMove', [
          [x - 20 + 12 * i, y + 8 * i],
          [x + 20 + 12 * i, y + 8 * i],
        ]);
      await fingers('touchEnd', []);
    });
    await changes(async () => {
      await fingers('touchStart', [
        [x - 30, y],
        [x + 30, y],
      ]);
      for (let i = 1; i <= 5; i++)
        await fingers('touchMove', [
          [x - 30 - 12 * i, y],
          [x + 30 + 12 * i, y],
        ]);
      await fingers('touchEnd', []);
    });
    expect(await demo.page.evaluate(() => window.visualViewport?.scale)).toBe(1); // the map grew, not the page
    await demo.tap('#map-near li:nth-child(2) button');
    await demo.tap('[data-view="axes"]');
    await demo.until('#map-view', /Farthest left/);
    await demo.tap('#map-equation .buttons button:nth-child(2)');
    await demo.until('#map-solution b', /^small/);
  });

  test('search: a query to try', async () => {
    await open('search');
    await demo.until('#search-status', /110 texts/);
    await demo.tap('[data-query="how to cook noodles"]');
    await demo.until('#search-vectors', /pasta/);
    expect(await demo.text('#search-keywords-none')).toBe(
      'No text has one of these words, or they are too common to count, as “the”, “to” and “not” are.',
    );
    expect(await demo.text('#search-lesson')).toMatch(/keywords find nothing/);
    const seen = (/** @type {string} */ by) =>
      demo.page.$eval(`#search-${by}`, (list) => list.getBoundingClientRect().height > 0);
    expect([await seen('keywords'), await seen('vectors'), await seen('auto')]).toEqual([false, false, true]);
    await demo.tap('.tabs [data-by="vectors"]');
    expect([await seen('keywords'), await seen('vectors'), await seen('auto')]).toEqual([false, true, false]);
    await demo.tap('.tabs [data-by="auto"]');
    await touch('#search-w', 0.99, 0.5);
    await demo.page.waitForSelector('#search[data-weight="1"]');
    expect(await demo.texts('#search-auto .text')).toEqual(await demo.texts('#search-vectors .text'));
    expect(await demo.page.$eval('.pointers-only', (each) => getComputedStyle(each).display)).toBe('none');
  });

  test('positions: the kind, and a slider', async () => {
    await open('positions');
    await demo.tap('[data-kind="sinusoidal"]');
    await demo.page.waitForSelector('[data-kind="sinusoidal"][aria-pressed="true"]');
    await touch('#positions-distance', 0.75, 0.5);
    await demo.until('#positions-readout', /At distance 3\d/);
  });

  test('the way back: a token is drawn', async () => {
    await open('head');
    await demo.tap('#head-draw');
    await demo.until('#head-drawn', /was drawn/);
    await demo.tap('#head-undo');
    await demo.tap('#head-seen .piece:nth-child(8)');
    expect(await demo.text('#head-readout')).toMatch(/“·king” was expected/);
  });

  test('sizes: a model, and rows of the page’s own', async () => {
    await open('size');
    await demo.tap('#size-models [data-name="BERT base"]');
    await demo.until('#size-answer', /30,522 rows of 768/);
    await demo.until('#size-cost', /3 reads/);
    await demo.tap('#size-rows-form button');
    await demo.until('#size-cost', /Nothing had to be read/);
  });

  test('learning: a step', async () => {
    await open('learn');
    await demo.tap('#learn-step');
    await demo.page.waitForSelector('#learn[data-steps="1"]');
  });

  test('speed: started and stopped', async () => {
    await open('speed');
    const stopped = demo.pressWhen('#speed-run', '#speed-run', /Stop/);
    await demo.tap('#speed-run');
    await stopped;
    await demo.page.waitForSelector('#speed[data-measured="false"]');
  });
});
