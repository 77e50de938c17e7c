// The first three sections of the page by mouse, keyboard and finger; their numbers are the library's.
import { MAP_WORDS, WordSpace } from '../../web/demo/parts/word_space.js';
import { NOTES } from '../../web/demo/notes.js';
import { loadMini } from '../../web/mini.js';
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
        const sum = (await cells()).reduce((total, cell) => total + numberOf(cell) / 100, 0); // cells are hundredths
        expect(Math.abs(sum - cosine)).toBeLessThan(0.005 * (await cells()).length + 0.01);
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
        `“cat” with “kitten” adds +${part.toFixed(3)}, ${share}% of the cosine. Their rows are very much alike`,
      );
      const alike = dot(a.row, b.row) / Math.sqrt(dot(a.row, a.row) * dot(b.row, b.row));
      expect(said).toContain(
        `their directions agree by ${alike.toFixed(2)}, times this pair’s weight ${(part / alike).toFixed(3)}`,
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

    test('weak pairs have a digit more, so that what adds up to a sum is seen', async () => {
      await demo.page.setViewport({ width: 1200, height: 900 });
      await demo.open();
      await demo.click('#alike-examples button:nth-child(5)');
      await demo.until('#alike-lesson', /learned English only/);
      const lines = await demo.page.$$eval('#alike-pairs tbody tr', (rows) =>
        rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent ?? '')),
      );
      for (const line of lines.slice(0, -1)) {
        const sum = numberOf(line.at(-1) ?? '');
        const parts = line.slice(0, -1).reduce((total, each) => total + numberOf(each), 0);
        expect(Math.abs(sum - parts)).toBeLessThan(0.6); // hundredths
        if (Math.abs(sum) > 0.3) expect(line.slice(0, -1).some((each) => numberOf(each) !== 0)).toBe(true);
      }
      const box = await demo.page.$eval('#alike-live .scroll', (each) => [each.scrollWidth, each.clientWidth]);
      expect(box[0]).toBe(box[1]); // all of it is in sight
    });

    test('the pair that is named has a cell of its own, however long the texts are', async () => {
      await demo.open();
      const filler = 'and then it went on to the end of all that there was to say about it '.repeat(2);
      await demo.write('#alike-a', `${filler} a physician`);
      await demo.write('#alike-b', `${filler} of the doctors`);
      await demo.until('#alike-answer', /physician.*doctors/); // of both texts, not of the first alone
      await demo.until('#alike-pairs', /\d+ more/);
      const named = await demo.texts('#alike-answer b');
      const columns = await demo.texts('#alike-pairs thead th');
      const marked = await demo.page.$eval('#alike-pairs td.marked', (cell) => [
        cell.parentElement?.firstElementChild?.textContent,
        /** @type {HTMLTableCellElement} */ (cell).cellIndex,
      ]);
      expect([marked[0], columns[Number(marked[1]) - 1]]).toEqual(named);
      expect(await demo.texts('#alike-pairs .of-marked')).toEqual([...named].reverse());
      // What is folded is weaker than what has a line of its own.
      const [strongest, folded] = await demo.page.$$eval('#alike-pairs tbody tr', (rows) => {
        const shares = (/** @type {Element} */ row) =>
          [...row.querySelectorAll('[data-share]')].map((cell) =>
            Math.abs(Number(/** @type {HTMLElement} */ (cell).dataset.share)),
          );
        return [Math.max(...rows.flatMap(shares)), rows[rows.length - 2].querySelector('[data-share]') !== null];
      });
      expect(strongest).toBeGreaterThan(0);
      expect(folded).toBe(false);
      expect(await demo.text('#alike-lesson')).toMatch(
        /^Your own pair of sentences: of [\d,]+ pairs of tokens the strongest \d+ make 5\d% of what is added/,
      );
    });

    test('takes any text: none, long, pasted by the megabyte, other scripts, lone surrogates', async () => {
      await demo.open();
      await demo.write('#alike-a', '');
      await demo.until('#alike-answer', /Type a sentence into the first box/);
      await demo.write('#alike-a', '\u2603');
      await demo.until('#alike-answer', /The first text has no token with a row/);
      await demo.write('#alike-a', 'word '.repeat(400));
      await demo.until('#alike-pairs', /384 more/);
      const cosine = layer.similarity('word '.repeat(400), 'The kitten naps on a couch.');
      expect(await demo.text('#alike-pairs .total')).toBe(cosine.toFixed(2).replace('-', '−'));
      expect(await demo.text('#alike .say')).toBe('');
      await demo.write('#alike-a', 'fox '.repeat(600));
      await demo.until('#alike .say', /reads the first 512 tokens of a text: what follows does not count/);
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

  test('a link leads to what its own section shows, whichever was used last', async () => {
    await demo.open();
    await demo.write('#alike-a', 'A dog barks.');
    await demo.section('rows');
    await demo.write('#rows-text', 'the moon');
    await demo.page.evaluate(() => {
      const writeText = async (/** @type {string} */ text) => void (document.body.dataset.copied = text);
      Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
    });
    const link = async (/** @type {string} */ id) => {
      await demo.page.$eval(`#${id} .copy-link`, (button) => /** @type {HTMLElement} */ (button).click());
      await demo.until(`#${id} .as-code`, /Copied\./);
      return demo.page.$eval('body', ({ dataset }) => dataset.copied);
    };
    expect(await link('alike')).toBe(`${demo.url}/#alike?a=A+dog+barks.`);
    expect(await link('rows')).toBe(`${demo.url}/#rows?text=the+moon`);
    await demo.write('#alike-a', 'long '.repeat(1000));
    await demo.until('#alike-answer', /To this model/);
    expect(await link('alike')).toBe(`${demo.url}/#alike`);
    expect(await demo.text('#alike .as-code')).toMatch(/Without your texts/);
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
      for (const [at, bits] of ['i4', 'i8', 'f32'].entries()) {
        await demo.write('#rows-bits', String(at + 1));
        const size = (await loadMini({ dtype: /** @type {'f32'} */ (bits) })).table.bytes;
        await demo.until('#rows-figures', new RegExp(`${Number((size / 1e6).toPrecision(3))} MB`));
      }
      await demo.write('#rows-bits', '0');
      await demo.until('#rows-figures', /a text’s vector32 bytes/);
    });

    test('at 1 bit the mean is drawn as its signs, and it is said in the numbers of the text why neighbours change places', async () => {
      await demo.open('#rows', 'rows');
      /** Which colours the mean's line has. */
      const colours = () =>
        demo.page.$eval('#rows-heatmap canvas', (each) => {
          const canvas = /** @type {HTMLCanvasElement} */ (each);
          const copy = new OffscreenCanvas(canvas.width, 1);
          const context = copy.getContext('2d', { willReadFrequently: true });
          context?.drawImage(canvas, 0, 4 - canvas.height);
          const data = context?.getImageData(0, 0, canvas.width, 1).data ?? new Uint8ClampedArray();
          return new Set(new Uint32Array(data.buffer)).size;
        });
      await demo.until('#rows-figures', /µs|ms/);
      expect(await colours()).toBeGreaterThan(20);
      await demo.write('#rows-bits', '0');
      await demo.until('#rows-figures', /a text’s vector/);
      expect(await colours()).toBe(2);
      await demo.page.focus('#rows-heatmap');
      for (let i = 0; i < 20; i++) await demo.page.keyboard.press('ArrowDown');
      expect(await demo.text('#rows-readout')).toMatch(
        /^The mean, dimension 0: [+−]0\.\d{4}, of which the sign is kept$/,
      );
      // What signs are off by, and how near the notes are to one another.
      const text = await demo.page.$eval('#rows-text', (box) => /** @type {HTMLTextAreaElement} */ (box).value);
      const vectors = layer.encode([text, ...NOTES]);
      const cosines = NOTES.map((_, i) => dot(vectors.row(0), vectors.row(i + 1)));
      const off = cosines.map((cosine, i) => {
        const agree = vectors.row(0).filter((value, d) => value > 0 === vectors.row(i + 1)[d] > 0).length / 256;
        return 2 * agree - 1 - (1 - (2 / Math.PI) * Math.acos(cosine));
      });
      const chance = Math.sqrt(off.reduce((sum, each) => sum + each * each, 0) / off.length);
      cosines.sort((p, q) => q - p);
      const gap = (cosines[0] - cosines[9]) / 9;
      expect(gap).toBeLessThan(chance);
      expect(await demo.text('#rows-bits-about')).toMatch(
        new RegExp(`off by some ${chance.toFixed(2)} for .*are ${gap.toFixed(3)} apart: their order changes`),
      );
    });

    test('without a text there are dashes, and no likeness of zeros', async () => {
      await demo.open('#rows', 'rows');
      await demo.until('#rows-figures', /µs|ms/);
      await demo.write('#rows-other', '');
      await demo.until('#rows-figures', /cosine of the two texts–there is no other text to compare.*of 10/);
      await demo.write('#rows-text', ' ');
      await demo.until('#rows-figures', /cosine of the two texts–there is no text to compare.*still found–/);
      await demo.until('#rows-figures', /text to vector–there is no text/);
      expect((await demo.texts('#rows-figures .value')).filter((value) => value === '–')).toHaveLength(3);
      await demo.write('#rows-text', 'A cat');
      await demo.write('#rows-other', 'A dog');
      await demo.until('#rows-figures', /cosine of the two texts0\.\d{3}.*µs|ms/);
    });

    test('the first and the last dimension are reached by Home and End', async () => {
      await demo.open('#rows', 'rows');
      await demo.page.focus('#rows-heatmap');
      await demo.page.keyboard.press('End');
      expect(await demo.text('#rows-readout')).toMatch(/, dimension 255: /);
      await demo.page.keyboard.press('Home');
      expect(await demo.text('#rows-readout')).toMatch(/, dimension 0: /);
    });

    test('the table of tokenizers keeps its columns while one types', async () => {
      await demo.open('#rows', 'rows');
      await demo.until('#rows-tokenizers', /LLaMA/);
      const columns = () =>
        demo.page.$$eval('#rows-tokenizers thead th', (heads) =>
          heads.map((each) => each.getBoundingClientRect().left),
        );
      const before = await columns();
      await demo.write('#rows-text', 'a');
      await demo.until('#rows-note', /^1 token\./);
      expect(await columns()).toEqual(before);
    });

    test('both sliders have the least on the left, and the picture covers the dimensions that are left out', async () => {
      await demo.open('#rows', 'rows');
      for (const [slider, most, least] of [
        ['dim', '256', '8'],
        ['bits', '32 bits', '1 bit'],
      ]) {
        await demo.page.focus(`#rows-${slider}`);
        await demo.page.keyboard.press('End');
        await demo.until(`#rows-${slider}-out`, new RegExp(`^${most}$`));
        await demo.page.keyboard.press('Home');
        await demo.until(`#rows-${slider}-out`, new RegExp(`^${least}$`));
      }
      const covered = await demo.page.$eval('#rows-heatmap .row-cells', (cells) => {
        const [all, cover] = [cells, cells.querySelector('.left-out')].map((each) => each?.getBoundingClientRect());
        return Number(cover?.width) / Number(all?.width);
      });
      expect(covered).toBeCloseTo(1 - 8 / 256, 2);
    });

    test('puts another tokenizer beside the model’s, and says which file is none', async () => {
      await demo.open('#rows', 'rows');
      const words = ['[UNK]', 'the', 'fox', '##es', 'quick', 'dog', '.'];
      await demo.give('#rows-file', [{ name: 'vocab.txt', bytes: words.join('\n') }]);
      await demo.until('#rows-tokenizers', /vocab\.txt/);
      await demo.give('#rows-file', [{ name: 'broken.json', bytes: '{"model": ' }]);
      await demo.until('#rows-file-say', /“broken\.json” could not be read as a tokenizer/);
      await demo.give('#rows-file', [{ name: 'settings.json', bytes: '{"theme": "dark"}' }]);
      await demo.until(
        '#rows-file-say',
        /^“settings\.json” is not a tokenizer file\. What can be read here: a tokenizer\.json, vocab\.txt, tokenizer\.model or \.gguf\.$/,
      );
      expect(await demo.texts('#rows-tokenizers tbody th')).toEqual([
        'this model’s (WordPiece)',
        'the small LLaMA’s (SentencePiece)',
        'vocab.txt',
        'one per character',
      ]);
    });

    test('a piece that is a single byte has a card', async () => {
      await demo.open('#rows', 'rows');
      await demo.until('#rows-tokenizers', /<0x7A>/);
      await demo.page.focus('#rows-tokenizers td .term');
      expect(await demo.text('#hint')).toMatch(/cut into its bytes/);
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
      // The map holds the vocabulary’s first 12,000 whole words; what it lacks is said, for every way of reading.
      const { words } = await WordSpace.of(layer, MAP_WORDS);
      const offTheMap = async (/** @type {string[]} */ keys) => {
        const off = keys.filter((key) => !words.includes(key));
        expect(await demo.texts('#map-near .off-map button')).toEqual(off);
        expect(await demo.texts('#map-near .off-map small')).toEqual(off.map(() => 'not on the map'));
        expect(await demo.text('#map-about')).toContain(
          `${keys.length - off.length} of the ${keys.length} are on the map`,
        );
      };
      const near = nearest('doctor');
      expect(await demo.texts('#map-near button')).toEqual(near.map(({ key }) => key));
      expect(await demo.texts('#map-near .right')).toEqual(near.map(({ score }) => score.toFixed(2)));
      await offTheMap(near.map(({ key }) => key));
      await demo.click('#map-near li:nth-child(3) button');
      expect(await demo.page.$eval('#map-word', (field) => /** @type {HTMLInputElement} */ (field).value)).toBe(
        near[2].key,
      );
      await demo.write('#map-word', 'apple');
      await offTheMap(nearest('apple').map(({ key }) => key));
      await demo.write('#map-word', 'violin');
      expect(await demo.texts('#map-near button')).toEqual(nearest('violin').map(({ key }) => key));
      await demo.page.focus('#map-word');
      await demo.page.$eval('#map-word', (field) => /** @type {HTMLInputElement} */ (field).select());
      await demo.page.keyboard.type('guita');
      expect(await demo.page.$$eval('#map-offers option', (all) => all.map((each) => each.value))).toContain('guitar');
      expect(await demo.texts('#map-near button')).toEqual(nearest('violin').map(({ key }) => key)); // not of “gui”
      await demo.page.keyboard.type('r'); // a word: its neighbours are there after a pause
      await demo.until('#map-about', /Nearest to “guitar”/);
      expect(await demo.texts('#map-near button')).toEqual(nearest('guitar').map(({ key }) => key));
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
      await demo.click('#map-home');
      await demo.page.focus('#map-box');
      await demo.page.keyboard.press('0');
      // The wheel alone is the page's, with Ctrl the map's; the buttons do what the keys do.
      const place = await demo.place('#map-box');
      const whole = await picture();
      await demo.page.mouse.move(place.x, place.y);
      const scrolled = () => demo.page.evaluate(() => scrollY);
      const at = await scrolled();
      await demo.page.mouse.wheel({ deltaY: 90 });
      await demo.page.waitForFunction((old) => scrollY > old + 40, {}, at);
      await demo.page.mouse.move(1, 1);
      await demo.page.waitForFunction(() =>
        /^Drag to move/.test(document.querySelector('#map-readout')?.textContent ?? ''),
      );
      expect(await picture()).toBe(whole);
      const zoomed = () =>
        demo.page.$eval('#map-box > :last-child', (over) => /** @type {any} */ (over).__zoom.k.toFixed(2));
      const wheel = (/** @type {number} */ deltaY) =>
        demo.page.$eval(
          '#map-box > :last-child',
          (over, by) => over.dispatchEvent(new WheelEvent('wheel', { deltaY: by, ctrlKey: true, bubbles: true })),
          deltaY,
        );
      await wheel(-100);
      expect(await zoomed()).toBe((2 ** 0.4).toFixed(2));
      await demo.click('#map-nearer');
      await demo.until('#map-readout', /^Drag/);
      expect(Number(await zoomed())).toBeCloseTo(1.5 * 2 ** 0.4, 2);
      await wheel(5000);
      expect(await zoomed()).toBe('1.00'); // never smaller than its frame
      await demo.click('#map-home');
      const { x, y } = await demo.place('#map-box');
      await demo.page.mouse.move(x, y);
      await demo.until('#map-readout', /“[a-z]+”: its cosine with “doctor” is/);
      const named = /“([a-z]+)”/.exec(await demo.text('#map-readout'))?.[1];
      await demo.page.mouse.click(x, y);
      await demo.until('#map-readout', new RegExp(`^“${named}” is chosen`));
      expect(await demo.page.$eval('#map-word', (box) => /** @type {HTMLInputElement} */ (box).value)).toBe(named);
      await demo.write('#map-word', 'zzq');
      await demo.page.waitForSelector('#map-near.of-another');
      await demo.write('#map-word', 'doctor');
      await demo.page.waitForSelector('#map-near:not(.of-another)');
    });

    test('equations give what the library gives, and say where the picture lies', async () => {
      await demo.click('[data-view="pca"]');
      const answers = (/** @type {string} */ a, /** @type {string} */ b, /** @type {string} */ c) =>
        layer
          .mostSimilar({ positive: [a, c], negative: [b], topn: 40 })
          .filter(({ key }) => !key.startsWith('##'))
          .slice(0, 5);
      const listed = async () => {
        const [words, scores] = [await demo.texts('#map-answers .word'), await demo.texts('#map-answers .right')];
        expect(await demo.text('#map-solution b')).toBe(words[0]);
        return words.map((word, i) => `${word} ${scores[i]}`).join(', ');
      };
      const inWords = (/** @type {ReturnType<typeof answers>} */ found) =>
        found.map(({ key, score }) => `${key} ${score.toFixed(2)}`).join(', ');
      expect(await listed()).toBe(inWords(answers('king', 'man', 'woman')));
      expect(await demo.text('#map-honest')).toMatch(
        /do not count as answers, as is usual \(“king” itself.*The map shows \d+% of the length of the step/,
      );
      const examples = await demo.texts('#map-equation .buttons button');
      for (const [i, example] of examples.entries()) {
        const [, fails, a, b, c] = /^(Fails: )?(\w+) − (\w+) \+ (\w+)$/.exec(example) ?? [];
        if (!a) continue; // the button that turns the map
        await demo.click(`#map-equation > .buttons button:nth-child(${i + 1})`);
        await demo.until('#map-solution', new RegExp(`^${a} − ${b} \\+ ${c} `));
        expect(await listed()).toBe(inWords(answers(a, b, c)));
        const said = await demo.text('#map-honest');
        const marked = await demo.texts('#map-answers .expected .word');
        expect(marked).toEqual([fails ? 'rome' : answers(a, b, c)[0].key]);
        const picture = await demo.texts('#map-picture text');
        expect(picture).toContain('?'); // no word is at the step's end
        expect(picture).toContain(marked[0]);
        if (fails) expect(said).toMatch(/^One would look for “rome”: it comes 4th/);
        else expect(said).not.toMatch(/One would look for/);
      }
      expect(answers('paris', 'france', 'italy')[3].key).toBe('rome');
      await demo.click('#map-equation > .buttons button:nth-child(1)');
      await demo.until('#map-solution', /^king/);
      await demo.click('#map-turn');
      expect(await demo.text('#map-honest')).toContain('in its full length');
      await demo.page.waitForFunction(() => {
        const { top, bottom } = /** @type {Element} */ (document.querySelector('#map-frame')).getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
      expect(await demo.texts('#map [aria-pressed="true"]')).toEqual(['The step below']);
      await demo.write('#map-c', 'qqq');
      await demo.until('#map-solution', /“qqq” is not one token/);
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
      // A map that was turned meanwhile stays so.
      await demo.click('[data-view="umap"]');
      await demo.click('#map-turn');
      expect(await demo.text('#map-view')).toMatch(/^The map is turned/);
      await demo.click('#map-stop');
      await demo.page.waitForSelector('#map-progress[hidden]');
      expect(await demo.text('#map-view')).toMatch(/^The map is turned/);
      await demo.click('[data-view="umap"]');
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
                new MutationObserver(() => {
                  if (bar.hidden) resolve(seen);
                  else if (bar.position >= 0) seen.push(bar.value); // below 0 while it only says that it works
                }).observe(bar, { attributes: true });
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
      expect(await demo.text('#map-lead')).toMatch(/near each other are mostly words used alike/);
      await demo.click('[data-view="axes"]');
      expect(await demo.text('#map-lead')).toMatch(/which word of each pair/);
      expect(await demo.texts('.axis:not([hidden])')).toEqual(['man', 'woman', 'cheap', 'expensive']);
      await demo.write('#map-right', 'qqq');
      await demo.until('#map-axes-say', /“qqq” is not one token/);
      await demo.write('#map-right', 'man');
      await demo.until('#map-axes-say', /two different words: “man” stands at both ends/);
      await demo.write('#map-right', 'woman');
      await demo.page.waitForSelector('#map-axes-say[hidden]');
      expect(await demo.text('#map-legend')).toBe('Cosine with “doctor”: 0.1 or less, to 0.5 or more');
      await demo.until(
        '#map-view',
        /Farthest left: .*Farthest right: .*\b(she|her|woman|female|women|girl|lady|ladies)\b/,
      );
    });
  });
});
