// The map of words under mouse, keyboard and finger: what is chosen stays in sight, what is said fits what is drawn.
import { loadMini } from '../../web/mini.js';
import { eachDemo } from '../support/demo_page.js';

describe.each(/** @type {const} */ (['chromium', 'firefox']))('the map of words in %s', (name) => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));
  afterEach(() => expect(demo.complaints).toEqual([]));

  const open = async (link = '#map') => {
    await demo.open(link, 'map');
    await demo.page.waitForSelector('#map[data-map="ready"]');
  };
  const pressed = () => demo.texts('#map [aria-pressed="true"]');
  const picture = () =>
    demo.page.$eval('#map-box', (box) => /** @type {HTMLCanvasElement} */ (box.lastElementChild).toDataURL());
  const example = (/** @type {number} */ at) => `#map-equation > .buttons button:nth-child(${at})`;
  /** Types into an emptied field, key by key. @param {string} id @param {string} words */
  const type = async (id, words) => {
    await demo.page.focus(`#map-${id}`);
    await demo.page.$eval(`#map-${id}`, (field) => /** @type {HTMLInputElement} */ (field).select());
    if (words) await demo.page.keyboard.type(words);
    else await demo.page.keyboard.press('Backspace');
  };
  /** What the map says of the word under a place of it. @param {number} x in its own pixels @param {number} y */
  const under = async (x, y) => {
    const box = await demo.page.$eval('#map-box > :last-child', (over) => over.getBoundingClientRect().toJSON());
    await demo.page.mouse.move(box.x + x - 3, box.y + y);
    await demo.page.mouse.move(box.x + x, box.y + y);
    await demo.until('#map-readout', /“/);
    return demo.text('#map-readout');
  };
  const topOf = (/** @type {string} */ selector) =>
    demo.page.$eval(selector, (each) => Math.round(each.getBoundingClientRect().top + scrollY));
  const middle = () =>
    demo.page.$eval('#map-box > :last-child', (over) => [over.clientWidth / 2, over.clientHeight / 2]);
  const transform = () =>
    demo.page.$eval('#map-box > :last-child', (over) => {
      const { k, x, y } = /** @type {any} */ (over).__zoom;
      return { k, x, y };
    });

  test('the step’s view turns to each step, and says when there is none', async () => {
    await open();
    await demo.click('[data-view="step"]');
    for (const [at, step] of /** @type {[number, RegExp][]} */ ([
      [3, /^walked − walk \+ play /],
      [6, /^paris − france \+ italy /],
    ])) {
      const before = await picture();
      await demo.click(example(at));
      await demo.until('#map-solution', step);
      await demo.until('#map-honest', /The map shows this step in its full length/);
      expect(await demo.text('#map-view')).toMatch(/^The map is turned so that the step lies flat/);
      expect(await pressed()).toEqual(['The step below']);
      expect(await picture()).not.toBe(before);
    }
    const place = await topOf('#map-c');
    await type('c', 'zzzz');
    const said = await demo.until('#map-axes-say', /^There is no step to show\. “zzzz” is not one token/);
    expect(said).toMatch(/stays as it was, without arrows/);
    expect(await pressed()).toEqual([]);
    expect(await topOf('#map-c')).toBe(place); // the field does not move while one types in it
    await type('c', 'france'); // the same word twice
    await demo.until('#map-axes-say', /“france” stands twice/);
    expect(await pressed()).toEqual([]);
    await type('c', 'japan');
    await demo.until('#map-honest', /The map shows this step in its full length/);
    expect(await pressed()).toEqual(['The step below']);
    await demo.page.waitForSelector('#map-axes-say[hidden]');
    await type('b', '');
    await demo.until('#map-axes-say', /no step to show\. Type a word\./);
    await demo.click('[data-view="pca"]');
    expect(await pressed()).toEqual(['Flat view (PCA)']);
    await demo.page.waitForSelector('#map-axes-say[hidden]');
    await demo.click('[data-view="step"]'); // which cannot be shown: the view stays
    expect(await pressed()).toEqual(['Flat view (PCA)']);
    await demo.until('#map-axes-say', /no step to show/);
  });

  test('a link to the step’s view opens it', async () => {
    await open('#map?view=step&a=paris&b=france&c=japan');
    expect(await pressed()).toEqual(['The step below']);
    expect(await demo.text('#map-honest')).toMatch(/in its full length/);
  });

  test.each([
    ['the keyboard', (/** @type {string} */ key) => demo.page.keyboard.press(/** @type {any} */ (key))],
    [
      'the buttons',
      (/** @type {string} */ key) =>
        demo.page.$eval(key === '+' ? '#map-nearer' : '#map-farther', (button) =>
          /** @type {HTMLElement} */ (button).click(),
        ),
    ],
  ])('enlarged by %s, the chosen word stays where it is', async (_, press) => {
    await open();
    await type('word', 'banana');
    await demo.page.keyboard.press('Enter');
    await demo.until('#map-about', /Nearest to “banana”/);
    await demo.page.focus('#map-box');
    const from = await transform();
    for (let i = 0; i < 5; i++) await press('+');
    const to = await transform();
    const times = to.k / from.k;
    expect(times).toBeGreaterThan(2);
    // The one point of the screen that keeps its place is the word's.
    const [x, y] = [(to.x - times * from.x) / (1 - times), (to.y - times * from.y) / (1 - times)];
    await demo.place('#map-box');
    expect(await under(x, y)).toBe('“banana” is chosen.');
    for (let i = 0; i < 3; i++) await press('-');
    expect(await under(x, y)).toBe('“banana” is chosen.');
    // Out of the picture, it comes to the middle.
    for (let i = 0; i < 3; i++) await press('+');
    for (let i = 0; i < 20; i++) await demo.page.keyboard.press('ArrowLeft');
    await demo.page.focus('#map-box');
    for (let i = 0; i < 20; i++) await demo.page.keyboard.press('ArrowLeft');
    await press('+');
    const [left, top] = await middle();
    expect(await under(left, top)).toBe('“banana” is chosen.');
  });

  test('Ctrl and the wheel enlarge at the pointer', async () => {
    await open();
    const { k, x, y } = await demo.page.$eval('#map-box > :last-child', (over) => {
      const { left, top } = over.getBoundingClientRect();
      const at = { clientX: left + 100, clientY: top + 60 };
      over.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, ctrlKey: true, bubbles: true, ...at }));
      return /** @type {any} */ (over).__zoom;
    });
    expect(100 * k + x).toBeCloseTo(100, 0);
    expect(60 * k + y).toBeCloseTo(60, 0);
  });

  test('a word that is chosen out of sight comes into the picture', async () => {
    await open();
    await type('word', 'banana');
    await demo.page.keyboard.press('Enter');
    await demo.until('#map-about', /Nearest to “banana”/);
    const away = async () => {
      await demo.page.focus('#map-box');
      for (let i = 0; i < 60; i++) await demo.page.keyboard.press('ArrowUp');
    };
    const isInMiddle = async (/** @type {string} */ word) => {
      await demo.place('#map-box');
      const [x, y] = await middle();
      expect(await under(x, y)).toBe(`“${word}” is chosen.`);
    };
    await away();
    const word = await demo.text('#map-near li:not(.off-map) button');
    await demo.click('#map-near li:not(.off-map) button'); // from the list
    await isInMiddle(word);
    await away();
    await type('word', 'guitar'); // typed, without Enter
    await demo.until('#map-about', /Nearest to “guitar”/);
    await isInMiddle('guitar');
  });

  test('what is no one token is named as it was written, with its pieces; a word is read as the tokenizer reads it', async () => {
    await open();
    const write = async (/** @type {string} */ words) => {
      await type('word', words);
      await demo.page.keyboard.press('Enter');
    };
    await write('café');
    await demo.until('#map-about', /^“café” is the token “cafe”\. Nearest to “cafe” by cosine/);
    expect(await demo.text('#map-word-say')).toBe('');
    expect(await demo.page.$eval('#map-word', (field) => /** @type {HTMLInputElement} */ (field).value)).toBe('café');
    const [list, place] = [await demo.texts('#map-near button'), await topOf('#map-near')];
    await write('New York');
    await demo.until('#map-word-say', /^One word at a time: “New York” is two tokens\.$/);
    expect(await demo.text('#map-about')).toBe('The list is that of “cafe”:');
    expect(await topOf('#map-near')).toBe(place);
    await write('zzzz');
    await demo.until('#map-word-say', /^“zzzz” is not one token of this model but three: “z”, “##zz” and “##z”\.$/);
    await write('漢');
    await demo.until('#map-word-say', /^This model has no token for “漢”\.$/);
    await type('word', '');
    await demo.page.waitForSelector('#map-word-say[hidden]');
    await demo.until('#map-about', /^Nearest to “cafe”/);
    await demo.page.waitForSelector('#map-near:not(.of-another)');
    // No word on the way to another one is chosen, and a pause is no error yet.
    await type('word', 'zzzz');
    await demo.until('#map-about', /^“zzzz” is not one token .* The list is that of “cafe”:$/);
    expect(await demo.text('#map-word-say')).toBe('');
    expect(await demo.texts('#map-near button')).toEqual(list);
    await demo.page.keyboard.press('Enter');
    await demo.until('#map-word-say', /^“zzzz” is not/);
  });

  test('the equation and its code take words as the tokenizer reads them', async () => {
    await open();
    for (const [id, word] of Object.entries({ a: 'King', b: 'mán', c: 'woman' })) await type(id, word);
    await demo.until('#map-solution', /^king − man \+ woman leads nearest to queen/);
    await demo.click('#map .as-code summary');
    await demo.until('#map .as-code code', /\['king', 'woman'\][^]*\['man'\]/);
    await type('c', 'New York');
    await demo.until('#map-solution', /^One word at a time: “New York” is two tokens\.$/);
  });

  test('own axes take a word when it is written, not what it begins with', async () => {
    await open();
    await demo.click('[data-view="axes"]');
    const place = await topOf('#map-left');
    await type('left', 'woman');
    await demo.until('#map-axes-say', /“woman” stands at both ends/);
    expect(await demo.texts('.axis:not([hidden])')).toEqual(['man', 'woman', 'cheap', 'expensive']);
    expect(await demo.text('#map-view')).toMatch(/more like woman than like man/);
    expect(await topOf('#map-left')).toBe(place);
    await type('left', '');
    await demo.until('#map-axes-say', /^Type a word\. The map stays as it was/);
    await type('left', 'bóy');
    await demo.page.waitForSelector('#map-axes-say[hidden]');
    expect(await demo.texts('.axis:not([hidden])')).toEqual(['boy', 'woman', 'cheap', 'expensive']);
    // Axes that lack a word leave the map as it is, and say so.
    await type('left', 'New York');
    await demo.page.keyboard.press('Enter');
    await demo.until('#map-axes-say', /“New York” is two tokens/);
    await demo.click('[data-view="pca"]');
    await demo.click('[data-view="axes"]');
    expect(await demo.text('#map-axes-say')).toMatch(/two tokens\. The map stays as it was/);
    expect(await demo.texts('.axis:not([hidden])')).toEqual([]);
  });

  test('on own axes it says how much of the step’s length lies in their plane, and that they are drawn at right angles', async () => {
    const layer = await loadMini();
    /** @param {string} word @returns {number[]} its row, made of length 1 */
    const unit = (word) => {
      const row = Array.from(layer.table.row(layer.tokenizer.tokenToId(word) ?? -1));
      return scaled(row, 1 / length(row));
    };
    const dot = (/** @type {number[]} */ p, /** @type {number[]} */ q) =>
      p.reduce((sum, each, i) => sum + each * q[i], 0);
    const length = (/** @type {number[]} */ p) => Math.sqrt(dot(p, p));
    const scaled = (/** @type {number[]} */ p, /** @type {number} */ by) => p.map((each) => each * by);
    const step = (/** @type {string} */ from, /** @type {string} */ to) =>
      unit(to).map((each, i) => each - unit(from)[i]);
    /** What is true of a step, found apart from the page: the angle of the axes, and the part of the step in their plane. */
    const truth = (/** @type {string[]} */ [left, right, low, high], /** @type {string[]} */ [b, c]) => {
      const [x, y] = [step(left, right), step(low, high)].map((each) => scaled(each, 1 / length(each)));
      const across = y.map((each, i) => each - dot(x, y) * x[i]);
      const seen = Math.hypot(dot(step(b, c), x), dot(step(b, c), across) / length(across)) / length(step(b, c));
      return { angle: Math.round((180 / Math.PI) * Math.acos(dot(x, y))), seen };
    };
    const axes = ['man', 'woman', 'boy', 'girl'];
    const oblique = truth(axes, ['man', 'woman']);
    expect(oblique.seen).toBeCloseTo(1, 6);
    expect(oblique.angle).toBeLessThan(70);
    await open('#map?view=axes&left=man&right=woman&low=boy&high=girl');
    const whole = `All of the step’s length lies in the plane of your axes. They are ${oblique.angle}° apart, drawn as 90°`;
    expect(await demo.text('#map-honest')).toContain(whole);
    expect(await demo.text('#map-turn')).toBe('Turn the map until it shows this step');
    for (const [b, c] of [
      ['father', 'mother'],
      ['he', 'she'],
    ]) {
      for (const [id, word] of Object.entries({ b, c })) await type(id, word);
      await demo.until('#map-solution', new RegExp(`^king − ${b} \\+ ${c} `));
      const { seen } = truth(axes, [b, c]);
      expect(seen).toBeLessThan(0.95);
      const few = seen < 0.5 ? ': too little to draw it there' : '. They are';
      expect(await demo.text('#map-honest')).toContain(
        `Of the step’s length ${Math.round(100 * seen)}% lies in the plane of your axes${few}`,
      );
    }
    // Two axes that are one and the same span a line.
    for (const [id, word] of Object.entries({ low: 'man', high: 'woman' })) await type(id, word);
    await type('c', 'woman');
    await type('b', 'man');
    await demo.until('#map-honest', /All of the step’s length .* They are 0° apart/);
    layer.dispose();
  });

  test.each([390, 1200])(
    'the words of the step stay loud beside a chosen one, and no name lies on another or on an arrow, at %d pixels',
    async (width) => {
      await demo.page.setViewport({ width, height: 900 });
      await demo.page.evaluateOnNewDocument(() => {
        const drawn = /** @type {any} */ (
          globalThis.drawn = {
            names: /** @type {object[]} */ ([]),
            lines: /** @type {number[][]} */ ([]),
          }
        );
        const own = CanvasRenderingContext2D.prototype;
        const [fillText, moveTo, lineTo] = [own.fillText, own.moveTo, own.lineTo];
        let from = [0, 0];
        own.fillText = function (text, x, y) {
          if (this.canvas.parentElement?.id === 'map-box')
            drawn.names.push({ text, x, y, wide: this.measureText(text).width, font: this.font });
          return fillText.call(this, text, x, y);
        };
        own.moveTo = function (x, y) {
          from = [x, y];
          return moveTo.call(this, x, y);
        };
        own.lineTo = function (x, y) {
          if (this.canvas.parentElement?.id === 'map-box' && this.lineWidth === 2.5) drawn.lines.push([...from, x, y]);
          return lineTo.call(this, x, y);
        };
      });
      await open('#map?view=step');
      await type('word', 'banana');
      await demo.until('#map-about', /Nearest to “banana”/);
      const { names, lines } = await demo.page.evaluate(async () => {
        const { drawn } = /** @type {any} */ (globalThis);
        await new Promise((resolve) => setTimeout(resolve, 1000)); // the points glide
        drawn.names.length = drawn.lines.length = 0;
        dispatchEvent(new Event('resize'));
        for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
        return /** @type {{ names: { text: string, x: number, y: number, wide: number, font: string }[], lines: number[][] }} */ (
          drawn
        );
      });
      const loud = names.filter(({ font }) => / 14px/.test(` ${font}`)).map(({ text }) => text);
      expect(loud.slice().sort()).toEqual(['?', 'banana', 'king', 'man', 'queen', 'woman']);
      const answers = await demo.texts('#map-answers .word');
      expect(names.map(({ text }) => text)).toEqual(expect.arrayContaining(answers));
      const boxes = names.map(({ text, x, y, wide, font }) => {
        const size = Number(/(\d+)px/.exec(font)?.[1]);
        return { text, left: x, right: x + wide, top: y - 0.72 * size, bottom: y + 0.2 * size };
      });
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          const isApart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          expect([a.text, b.text, isApart]).toEqual([a.text, b.text, true]);
        }
        for (const [x1, y1, x2, y2] of lines) {
          const on = Array.from({ length: 201 }, (_, t) => [
            x1 + ((x2 - x1) * t) / 200,
            y1 + ((y2 - y1) * t) / 200,
          ]).some(([x, y]) => x > a.left && x < a.right && y > a.top && y < a.bottom);
          expect([a.text, on]).toEqual([a.text, false]);
        }
      }
      expect(lines.length).toBeGreaterThanOrEqual(2);
    },
  );

  test.each([390, 1200])('nothing moves with views and examples, on a screen of %d pixels', async (width) => {
    await demo.page.setViewport({ width, height: 900 });
    await open();
    const moved = await demo.page.evaluate(async () => {
      const parts =
        '#map-box, #map-legend, #map-readout, #map-word, #map-near, #map-picture, #map-answers, #map-turning';
      const all = [...document.querySelectorAll(`${parts}, #map .as-code`)];
      const places = () => all.map((each) => Math.round(each.getBoundingClientRect().top + scrollY));
      const first = places();
      /** @type {unknown[]} */
      const found = [];
      for (const view of ['umap', 'pca', 'axes', 'step']) {
        for (const example of document.querySelectorAll('#map-equation > .buttons button')) {
          /** @type {HTMLElement} */ (document.querySelector(`[data-view="${view}"]`)).click();
          /** @type {HTMLElement} */ (example).click();
          for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
          places().forEach((top, i) => {
            if (top !== first[i]) found.push([view, example.textContent, all[i].id || 'code', top - first[i]]);
          });
        }
      }
      return found;
    });
    expect(moved).toEqual([]);
  });

  test('in the equation’s picture no name lies on an arrow, and arrows lie over the names’ edges', async () => {
    await open();
    for (let at = 1; at <= 6; at++) {
      await demo.click(example(at));
      const [a] = /\w+ −/.exec(await demo.text(example(at))) ?? [''];
      await demo.until('#map-solution', new RegExp(`^${a}`));
      const [crossed, under] = await demo.page.$eval('#map-picture svg', (picture) => {
        const names = /** @type {SVGTextElement[]} */ ([...picture.querySelectorAll('text:not(.question)')]);
        const lines = /** @type {SVGLineElement[]} */ ([...picture.querySelectorAll('line.step')]);
        const on = (/** @type {SVGLineElement} */ line, /** @type {SVGTextElement} */ text) => {
          const { x, y, width, height } = text.getBBox();
          const [x1, y1, x2, y2] = ['x1', 'y1', 'x2', 'y2'].map((name) => Number(line.getAttribute(name)));
          return Array.from({ length: 200 }, (_, i) => [x1 + ((x2 - x1) * i) / 199, y1 + ((y2 - y1) * i) / 199]).some(
            ([px, py]) => px > x && px < x + width && py > y + 0.15 * height && py < y + 0.85 * height,
          );
        };
        return [
          names.filter((text) => lines.some((line) => on(line, text))).map((text) => text.textContent),
          lines.length === 2 && lines.every((line) => names.every((text) => line.compareDocumentPosition(text) & 2)),
        ];
      });
      expect([at, crossed, under]).toEqual([at, [], true]);
    }
  });
});
