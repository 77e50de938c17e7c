// Every section of the page by mouse, keyboard and finger; its numbers are the library's.
import { loadMini } from '../../web/mini.js';
import { VectorIndex } from '../../web/search.js';
import { NOTES } from '../../web/demo/notes.js';
import { SLOWDOWN, eachDemo } from '../support/demo_page.js';

/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;

beforeAll(async () => {
  layer = await loadMini();
});

/** @param {Float32Array} a @param {Float32Array} b */
const dot = (a, b) => a.reduce((sum, value, d) => sum + value * b[d], 0);

/** @param {string} text with a real minus sign */
const numberOf = (text) => Number(text.replace('−', '-').replace(/^(-?)\./, '$10.'));

describe.each(/** @type {const} */ (['chromium', 'firefox']))('sections in %s', (name) => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));
  afterEach(() => expect(demo.complaints).toEqual([]));

  describe('two sentences', () => {
    const cells = () => demo.texts('#alike-pairs tbody tr:not(:last-child) td:not(.sum)');

    test('the cells add up to the cosine, which is that of the library', async () => {
      await demo.open();
      const pairs = [
        ['The market closed lower today.', 'Stock prices fell sharply on Monday.'],
        ['Ein Satz, den es nicht kennt', 'a sentence that it knows'],
        ['the the the', 'dog'],
      ];
      for (const [a, b] of pairs) {
        await demo.write('#alike-a', a);
        await demo.write('#alike-b', b);
        const cosine = layer.similarity(a, b);
        await demo.until('#alike-answer .number', new RegExp(`^${cosine.toFixed(2).replace('-', '−')}$`));
        expect(await demo.text('#alike-pairs .total')).toBe(cosine.toFixed(2).replace('-', '−'));
        const sum = (await cells()).reduce((total, cell) => total + numberOf(cell), 0);
        expect(Math.abs(sum - cosine)).toBeLessThan(0.005 * (await cells()).length + 0.01); // cells have two digits
        expect(await demo.page.$eval('#alike-pairs .total', (cell) => cell.dataset.words ?? '')).toContain(
          cosine.toFixed(4).replace(/\d$/, ''),
        );
      }
    });

    test('a cell says why, to the mouse, the keyboard and the finger', async () => {
      await demo.open();
      await demo.hover('#alike-pairs tbody tr:nth-child(2) td:nth-child(3)');
      const said = await demo.text('#alike-readout');
      const [a, b] = ['A cat sleeps on the sofa.', 'The kitten naps on a couch.'].map((text) => {
        const rows = [...layer.embed(layer.tokenizer.encode(text).ids)];
        return { row: rows[1], sum: rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0)) };
      });
      const part = dot(a.row, b.row) / Math.sqrt(dot(a.sum, a.sum) * dot(b.sum, b.sum));
      const share = Math.round((100 * part * Math.sqrt(dot(a.sum, a.sum) * dot(b.sum, b.sum))) / dot(a.sum, b.sum));
      expect(said).toContain(
        `“cat” with “kitten” adds +${part.toFixed(3)}, ${share}% of the cosine: their rows are very much`,
      );
      await demo.page.focus('#alike-pairs [tabindex="0"]');
      for (const key of ['ArrowDown', 'ArrowRight']) await demo.page.keyboard.press(key);
      expect(await demo.text('#alike-readout')).toBe(said);
      await demo.page.keyboard.press('End');
      const cosine = dot(a.sum, b.sum) / Math.sqrt(dot(a.sum, a.sum) * dot(b.sum, b.sum));
      expect(await demo.text('#alike-readout')).toContain(`together: ${cosine.toFixed(4)}, which is the cosine`);
      if (name === 'chromium') {
        await demo.tap('#alike-pairs tbody tr:nth-child(2) td:nth-child(3)');
        expect(await demo.text('#alike-readout')).toBe(said);
      }
    });

    test('examples fail on purpose and say why; the address holds what is shown', async () => {
      await demo.open();
      await demo.click('#alike-examples button:nth-child(4)');
      await demo.until('#alike-lesson', /order of words is lost/);
      expect(await demo.text('#alike-answer')).toMatch(/1\.00.*the same/);
      await demo.page.waitForFunction(() => location.hash.includes('Dog+bites+man'));
      await demo.page.reload();
      await demo.until('#alike-answer .number', /1\.00/);
    });

    test('takes any text: none, long, pasted by the megabyte, other scripts, lone surrogates', async () => {
      await demo.open();
      await demo.write('#alike-a', '');
      await demo.until('#alike-answer', /The first text has no token with a row/);
      await demo.write('#alike-a', 'word '.repeat(400));
      await demo.until('#alike-pairs', /384 more/);
      const cosine = layer.similarity('word '.repeat(400), 'The kitten naps on a couch.');
      expect(await demo.text('#alike-pairs .total')).toBe(cosine.toFixed(2).replace('-', '−'));
      await demo.write('#alike-a', 'a cat '.repeat(170_000));
      await demo.until('#alike .say', /1,020,000 characters here, the first 20,000 are used/);
      for (const text of ['👩‍👩‍👧‍👦 🎉', 'こんにちは世界', 'مرحبا بالعالم', '\ud800 a \udc00', 'a\0b']) {
        await demo.write('#alike-a', text);
        await demo.page.waitForFunction(
          () => document.querySelector('#alike .say')?.getAttribute('data-kind') !== 'error',
        );
      }
    });
  });

  describe('text to vector', () => {
    test('shows tokens with their ids, and links them to the text and the rows', async () => {
      await demo.open('#rows', 'rows');
      await demo.write('#rows-text', 'the cat and the \u2603 dog');
      await demo.until('#rows-chips', /cat/);
      const { ids, tokens } = layer.tokenizer.encode('the cat and the \u2603 dog', { addSpecialTokens: false });
      expect(await demo.texts('#rows-chips .chip b')).toEqual(tokens);
      const shown = await demo.texts('#rows-chips .chip small');
      expect(shown).toEqual(Array.from(ids, (id) => (id === layer.tokenizer.unkId ? 'no row' : String(id))));
      expect(await demo.text('#rows-note')).toMatch(
        /6 tokens; 1 of them unknown.*“the”, “and” have short rows: they hardly count/,
      );
      await demo.page.focus('#rows-chips .chip');
      await demo.page.keyboard.press('ArrowRight');
      const length = Math.hypot(...layer.table.row(ids[1]));
      expect(await demo.text('#rows-readout')).toContain(`length is ${length.toFixed(2)}`);
      expect(await demo.text('#rows-pieces .marked')).toBe('cat');
      expect(await demo.page.$eval('#rows .row-marker', (marker) => /** @type {HTMLElement} */ (marker).hidden)).toBe(
        false,
      );
      await demo.hover('#rows-pieces .piece:last-of-type');
      await demo.page.mouse.move(1, 1); // scrolling would put another cell under the pointer
      await demo.page.focus('#rows-heatmap');
      await demo.page.keyboard.press('ArrowRight');
      const value = layer.table.row(ids[0])[1];
      expect(numberOf((await demo.text('#rows-readout')).replace(/.*: \+?/, ''))).toBeCloseTo(value, 3);
    });

    test('fewer dimensions and bits: cosine, bytes and time are the library’s', async () => {
      await demo.open('#rows?dim=64&bits=i4&text=A+cat&other=A+dog', 'rows');
      await demo.until('#rows-figures', /kB|MB/);
      const small = await loadMini({ dtype: 'i4' });
      const [a, b] = small.encode(['A cat', 'A dog'], { dimensions: 64 });
      const cosine = a.reduce((sum, value, i) => sum + value * b[i], 0);
      expect((await demo.texts('#rows-figures .value'))[0]).toBe(cosine.toFixed(3));
      await demo.until('#rows-figures div:last-child .value', /µs|ms/);
      await demo.write('#rows-dim', '5');
      for (const [at, bits] of ['f32', 'i8', 'i4'].entries()) {
        await demo.write('#rows-bits', String(at));
        const size = (await loadMini({ dtype: /** @type {'f32'} */ (bits) })).table.bytes;
        await demo.until('#rows-figures', new RegExp(`${Number((size / 1e6).toPrecision(3))} MB`));
      }
      await demo.write('#rows-bits', '3');
      await demo.until('#rows-figures', /922 kB/);
    });

    test('puts another tokenizer beside the model’s, and says which file is none', async () => {
      await demo.open('#rows', 'rows');
      const words = ['[UNK]', 'the', 'fox', '##es', 'quick', 'dog', '.'];
      await demo.give('#rows-file', [{ name: 'vocab.txt', bytes: words.join('\n') }]);
      await demo.until('#rows-tokenizers', /vocab\.txt/);
      await demo.give('#rows-file', [{ name: 'broken.json', bytes: '{"model": 7}' }]);
      await demo.until('#rows-file-say', /“broken\.json” could not be read as a tokenizer/);
      expect(await demo.texts('#rows-tokenizers tbody th')).toEqual([
        'this model’s (WordPiece)',
        'the small LLaMA’s (SentencePiece)',
        'vocab.txt',
        'one per character',
      ]);
    });
  });

  describe('the map', () => {
    beforeEach(async () => {
      await demo.open('#map', 'map');
      await demo.page.waitForSelector('#map[data-map="ready"]');
    });

    test('lists the nearest words with their cosines', async () => {
      const nearest = (/** @type {string} */ word) =>
        layer
          .mostSimilar({ positive: [word], topn: 40 })
          .filter(({ key }) => !key.startsWith('##'))
          .slice(0, 10);
      const near = nearest('doctor');
      expect(await demo.texts('#map-near button')).toEqual(near.map(({ key }) => key));
      expect(await demo.texts('#map-near .right')).toEqual(near.map(({ score }) => score.toFixed(2)));
      await demo.click('#map-near li:nth-child(3) button');
      expect(await demo.page.$eval('#map-word', (field) => /** @type {HTMLInputElement} */ (field).value)).toBe(
        near[2].key,
      );
      await demo.write('#map-word', 'violin');
      expect(await demo.texts('#map-near button')).toEqual(nearest('violin').map(({ key }) => key));
      await demo.write('#map-word', 'zzyzx');
      expect(await demo.text('#map-word-say')).toMatch(/“zzyzx” is not one token/);
    });

    test('is moved by mouse and keys, and picks the word under the pointer', async () => {
      const picture = () =>
        demo.page.$eval('#map-box', (box) => /** @type {HTMLCanvasElement} */ (box.lastElementChild).toDataURL());
      const before = await picture();
      await demo.page.focus('#map-box');
      for (const key of ['+', 'ArrowLeft']) await demo.page.keyboard.press(key);
      await demo.page.waitForFunction(
        (old) =>
          /** @type {HTMLCanvasElement} */ (document.querySelector('#map-box > :last-child')).toDataURL() !== old,
        {},
        before,
      );
      await demo.page.keyboard.press('0');
      const { x, y } = await demo.place('#map-box');
      await demo.page.mouse.move(x, y);
      await demo.until('#map-readout', /“[a-z]+”: its cosine with “doctor” is/);
      await demo.page.mouse.click(x, y);
      await demo.page.waitForFunction(
        () => /** @type {HTMLInputElement} */ (document.querySelector('#map-word')).value !== 'doctor',
      );
    });

    test('equations give what the library gives, and say where the picture lies', async () => {
      await demo.click('[data-view="pca"]');
      const found = layer.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topn: 5 });
      expect(await demo.text('#map-solution b')).toBe(found[0].key);
      expect(await demo.text('#map-solution')).toContain(found[1].score.toFixed(2));
      expect(await demo.text('#map-honest')).toMatch(
        /do not count as answers: “king” itself.*The map shows less than 1%|The map shows \d+%/,
      );
      await demo.click('#map-turn');
      expect(await demo.text('#map-honest')).toContain('in its full length');
      await demo.write('#map-c', 'qqq');
      await demo.until('#map-solution', /no row for “qqq”/);
    });

    test('UMAP says how far it is, and is stopped', async () => {
      const stopped = demo.pressWhen('#map-stop', '#map-readout', /UMAP: finding neighbours, [1-9]/);
      await demo.click('#map-compute');
      await stopped;
      await demo.page.waitForSelector('#map-progress[hidden]');
      expect(await demo.text('#map-view')).toMatch(/stopped early/);
      await demo.click('#map-compute');
      await demo.page.waitForSelector('#map-progress:not([hidden])');
      await demo.click('[data-view="pca"]');
      expect(await demo.text('#map-view')).toMatch(/^PCA/);
    });

    // Twelve thousand points take a while, so that one browser is enough.
    const once = name === 'chromium' ? test : test.skip;
    once(
      'UMAP comes to its end',
      async () => {
        const picture = () =>
          demo.page.$eval('#map-box', (box) => /** @type {HTMLCanvasElement} */ (box.lastElementChild).toDataURL());
        await demo.click('[data-view="pca"]');
        const flat = await picture();
        await demo.click('[data-view="umap"]');
        await demo.click('#map-compute');
        const shares = await demo.page.evaluate(
          () =>
            /** @type {Promise<number[]>} */ (
              new Promise((resolve) => {
                const bar = /** @type {HTMLProgressElement} */ (document.querySelector('#map-progress'));
                /** @type {number[]} */
                const seen = [];
                new MutationObserver(() => (bar.hidden ? resolve(seen) : seen.push(bar.value))).observe(bar, {
                  attributes: true,
                });
              })
            ),
        );
        expect(shares.length).toBeGreaterThan(50);
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(await demo.text('#map-view')).toMatch(/near points stay near/);
        expect(await picture()).not.toBe(flat);
      },
      240_000 * SLOWDOWN,
    );

    test('own axes sort the words by a pair of words', async () => {
      await demo.click('[data-view="axes"]');
      expect(await demo.texts('.axis:not([hidden])')).toEqual(['man', 'woman', 'cheap', 'expensive']);
      await demo.write('#map-right', 'qqq');
      await demo.until('#map-axes-say', /“qqq” is not one token/);
      await demo.write('#map-right', 'woman');
      await demo.page.waitForSelector('#map-axes-say[hidden]');
      await demo.until(
        '#map-view',
        /Farthest left: .*Farthest right: .*\b(she|her|woman|female|women|girl|lady|ladies)\b/,
      );
    });
  });

  describe('search', () => {
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
          expect(await demo.texts(`#search-${by} li span:last-child`)).toEqual(hits.map(({ id }) => NOTES[Number(id)]));
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
  });
});
