// The page's search by mouse and keyboard; its rankings are the library's.
import { loadMini } from '../../web/mini.js';
import { VectorIndex } from '../../web/search.js';
import { NOTES } from '../../web/demo/notes.js';
import { eachDemo } from '../support/demo_page.js';

/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;

beforeAll(async () => {
  layer = await loadMini();
});

describe.each(/** @type {const} */ (['chromium', 'firefox']))('search in %s', (name) => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));
  afterEach(() => expect(demo.complaints).toEqual([]));

  test('finds by words, by meaning and by both what the library finds', async () => {
    await demo.open('#search', 'search');
    await demo.until('#search-status', /110 texts of the notes indexed/);
    const index = await VectorIndex.create({ layer, dtype: 'i8', passages: true });
    index.add(NOTES.map((text, id) => ({ id, text })));
    for (const query of ['harbour', 'my computer is broken']) {
      await demo.write('#search-q', query);
      await demo.page.waitForSelector(`#search[data-query="${query}"]`);
      for (const by of /** @type {const} */ (['keywords', 'vectors', 'auto'])) {
        const hits = index.search(query, { hybrid: by, topK: 5 });
        expect(await demo.texts(`#search-${by} li .text`)).toEqual(hits.map(({ id }) => NOTES[Number(id)]));
        expect(await demo.texts(`#search-${by} .score`)).toEqual(hits.map(({ score }) => score.toFixed(2)));
      }
      // What stands above the third column: 0.3 × cosine + 0.7 × keywords, so a text without one has 0.3 × its cosine.
      const [none] = index
        .search(query, { topK: 110 })
        .filter(({ id }) => !index.search(query, { hybrid: 'keywords', topK: 110 }).some((hit) => hit.id === id));
      const { score } = index.search(query, { hybrid: 'vectors', topK: 110 }).find(({ id }) => id === none.id) ?? {};
      expect(none.score).toBeCloseTo(0.3 * Number(score), 6);
    }
    await demo.write('#search-q', 'harbour');
    await demo.page.waitForSelector('#search[data-query="harbour"]');
    expect(await demo.texts('#search-keywords mark.word')).toEqual(['harbour', 'harbour']);
  });

  test('the weight between keywords and meaning re-ranks at once, as the library does', async () => {
    await demo.open('#search?q=I+cannot+fall+asleep&w=0.8', 'search');
    await demo.until('#search-status', /110 texts of the notes indexed/);
    const index = await VectorIndex.create({ layer, dtype: 'i8', passages: true });
    index.add(NOTES.map((text, id) => ({ id, text })));
    const shows = async (/** @type {number} */ weight) => {
      await demo.page.waitForSelector(`#search[data-weight="${weight}"]`);
      const hits = index.search('I cannot fall asleep', { hybrid: { method: 'auto', weight }, topK: 5 });
      expect(await demo.texts('#search-auto .text')).toEqual(hits.map(({ id }) => NOTES[Number(id)]));
      expect(await demo.texts('#search-auto .score')).toEqual(hits.map(({ score }) => score.toFixed(2)));
      return hits[0].id;
    };
    const first = [await shows(0.8)];
    await demo.page.focus('#search-w');
    await demo.page.keyboard.press('Home');
    first.push(await shows(0));
    expect(await demo.text('#search-formula')).toBe('0.00 × cosine + 1.00 × ');
    await demo.page.keyboard.press('End');
    first.push(await shows(1));
    expect(first[0]).toBe(first[2]);
    expect(first[0]).not.toBe(first[1]);
    await demo.page.waitForFunction(() => location.hash.includes('w=1'));
  });

  test('says why nothing is found: no word in common, or no piece that the model knows', async () => {
    await demo.open('#search', 'search');
    await demo.write('#search-q', 'дом');
    await demo.until('#search-vectors-none', /No piece of your query has a row: this model has read English only/);
    await demo.until('#search-keywords-none', /No text has one of these words/);
    expect(await demo.texts('#search-vectors .text')).toEqual([]);
  });

  test('every example does what its kind says, and leads back to the notes', async () => {
    await demo.open('#search', 'search');
    await demo.until('#search-status', /110 texts/);
    await demo.write('#search-own', 'Only one line about whales.');
    await demo.until('#search-status', /1 text of what you typed indexed/);
    const index = await VectorIndex.create({ layer, dtype: 'i8', passages: true });
    index.add(NOTES.map((text, id) => ({ id, text })));
    /** @type {Record<string, { keywords?: RegExp, meaning: RegExp }>} what leads */
    const leads = {
      'Meaning finds more': { keywords: /trip/, meaning: /^Fog delayed every flight/ },
      'Other words': { meaning: /pasta/ },
      'A rare word': { keywords: /harbour/, meaning: /harbour/ },
      'Keywords mislead': { keywords: /^A small shop/, meaning: /could not sleep/ },
      'Meaning misleads': { meaning: /I am sorry/ },
      'Both mislead': { keywords: /wrist/, meaning: /wrist/ },
    };
    expect(await demo.texts('#search-queries small')).toEqual(Object.keys(leads));
    const queries = await demo.texts('#search-queries span');
    for (const [i, { keywords, meaning }] of Object.values(leads).entries()) {
      await demo.click(`#search-queries button:nth-child(${i + 1})`);
      await demo.page.waitForSelector(`#search[data-query="${queries[i]}"][data-indexed="110"]`);
      await demo.page.waitForSelector(`#search-queries [aria-pressed="true"][data-query="${queries[i]}"]`);
      expect((await demo.texts('#search-keywords .text'))[0] ?? 'none').toMatch(keywords ?? /^none$/);
      expect((await demo.texts('#search-vectors .text'))[0]).toMatch(meaning);
      expect((await demo.text('#search-lesson')).length).toBeGreaterThan(60);
    }
  });

  test('indexes the visitor’s own texts, ten thousand lines too, and says which files are none', async () => {
    await demo.open('#search', 'search');
    await demo.until('#search-status', /indexed/);
    const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i} about ${NOTES[i % NOTES.length]}`);
    await demo.give('#search-files', [{ name: 'long.txt', bytes: lines.join('\n') }]);
    await demo.until('#search-status', /10,000 texts of “long.txt” indexed/);
    await demo.write('#search-own', 'Only one line about whales.');
    await demo.until('#search-status', /1 text of what you typed indexed/);
    const bad = [
      { name: 'paper.pdf', bytes: '%PDF-1.7 …' },
      { name: 'nothing.txt', bytes: '' },
      { name: 'image.png', bytes: [137, 80, 78, 71, 0, 0, 0, 1] },
      { name: 'old.txt', bytes: [99, 97, 102, 0xe9, 32, 97, 110, 100, 32, 116, 101, 97] },
    ];
    await demo.give('#search-files', bad);
    const said = await demo.until('#search-own-say', /PDF.*empty.*not a text.*not valid UTF-8/s);
    expect(said).toContain('“paper.pdf” is a PDF');
    await demo.until('#search-status', /1 text of 1 file indexed/);
    await demo.click('#search-notes');
    await demo.until('#search-status', /110 texts of the notes indexed/);
  });

  // Firefox does not tell of shifts.
  const inChromium = name === 'chromium' ? test : test.skip;
  inChromium.each([390, 1200])(
    'nothing moves when other texts are searched, on a screen of %d pixels',
    async (width) => {
      await demo.page.setViewport({ width, height: 900 });
      await demo.recordShifts();
      await demo.open('#search', 'search');
      await demo.until('#search-status', /110 texts/);
      const long = Array.from(
        { length: 3000 },
        (_, i) => `plane number ${i} ${NOTES.slice(i % 90, (i % 90) + 9).join(' ')}`,
      );
      const steps = [
        () => demo.give('#search-files', [{ name: 'long.txt', bytes: long.join('\n') }]),
        () => demo.write('#search-own', 'One line.'),
        () => demo.page.$eval('#search-notes', (button) => /** @type {HTMLElement} */ (button).click()),
      ];
      for (const [i, indexed] of ['3000', '1', '110'].entries()) {
        await steps[i]();
        await demo.page.waitForSelector(`#search[data-indexed="${indexed}"]`);
        await demo.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
        for (const place of ['#search-q', '#search-columns']) {
          await demo.page.$eval(place, (each) => each.scrollIntoView({ block: 'start', behavior: 'instant' }));
          await demo.settled();
        }
      }
      expect(await demo.shifts()).toEqual([]);
    },
  );
});
