// The page's sections on positions, the way back, sizes and speed.
import { join } from 'node:path';
import { EmbeddingTable, LanguageModelHead, RotaryPositions, SinusoidalPositions } from '../../web/index.js';
import { cosineOf } from '../../web/demo/parts/pairs.js';
import { PAIRS, smallWorld } from '../../web/demo/parts/small_world.js';
import { loadMini } from '../../web/mini.js';
import { trainWordVectors } from '../../web/train.js';
import { SLOWDOWN, eachDemo } from '../support/demo_page.js';
import { serve } from '../support/server.js';
import { ROOT } from '../support/sources.js';

const MODEL = join(ROOT, 'models/mini');

/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;

beforeAll(async () => {
  layer = await loadMini();
});

/** @param {string} text with a real minus sign */
const numberOf = (text) => Number(text.replace('−', '-'));

describe.each(/** @type {const} */ (['chromium', 'firefox']))('sections in %s', (name) => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));

  describe('positions', () => {
    const values = async () => (await demo.text('#positions-readout')).match(/−?\d+\.\d+/g)?.map(numberOf) ?? [];

    test('opens with three words in two orders, then with waves; a link that names no kind is about turned pairs', async () => {
      await demo.open('#positions', 'positions');
      expect(await demo.texts('#positions-order caption')).toEqual([
        '“dog bites man”',
        '“man bites dog”',
        'How far is a word of the first sentence from the same word of the second? 0 is the same vector.',
      ]);
      const [p, q] = [0, 2].map((place) => new SinusoidalPositions({ dim: 16 }).lookup([place]).row(0));
      const apart = (Math.hypot(...p.map((value, i) => value - q[i])) / 4).toFixed(2);
      const lines = await demo.page.$$eval('#positions-apart tbody tr', (all) =>
        all.map((line) => [...line.children].map((cell) => cell.textContent)),
      );
      expect(lines).toEqual([
        ['dog', '0 and 2', '0.00', apart],
        ['bites', '1 and 1', '0.00', '0.00'],
        ['man', '2 and 0', '0.00', apart],
        ['mean of all three', '', '0.00', '0.00'],
      ]);
      // Each row is the model's own.
      const labels = await demo.page.$$eval('#positions-order canvas', (all) =>
        all.map((each) => each.getAttribute('aria-label')),
      );
      const { ids } = layer.tokenizer.encode('dog', { addSpecialTokens: false });
      const dog = layer.table.row(ids[0]).slice(0, 16);
      const said = (/** @type {number} */ value) => value.toFixed(2).replace('-', '−');
      expect(labels[0]).toBe(`row of “dog”: 16 numbers from ${said(Math.min(...dog))} to ${said(Math.max(...dog))}`);
      expect(labels).toHaveLength(18);
      const pressed = () =>
        demo.page.$eval('[data-kind][aria-pressed="true"]', (button) => button.getAttribute('data-kind'));
      const opened = () =>
        demo.page.$eval('#positions-scaling', (part) => [part.hasAttribute('open'), part.hasAttribute('hidden')]);
      expect(await demo.texts('#positions button[data-kind]')).toEqual([
        'A second table (before training)',
        'Waves (sinusoidal)',
        'Turned pairs (RoPE)',
      ]);
      expect([await pressed(), await opened()]).toEqual(['sinusoidal', [false, true]]);
      await demo.open('#positions?position=137', 'positions');
      expect([await pressed(), await opened()]).toEqual(['rope', [false, false]]);
      await demo.open('#positions?type=yarn', 'positions');
      expect([await pressed(), await opened()]).toEqual(['rope', [true, false]]);
      await demo.click('[data-kind="learned"]');
      await demo.page.waitForFunction(() => location.hash.includes('kind=learned'));
      await demo.click('[data-kind="rope"]');
      await demo.page.waitForFunction(() => location.hash.includes('kind=rope'));
      expect(demo.complaints).toEqual([]);
    });

    test('the angle between is this token’s less the other’s, in the dial, its words and its shading', async () => {
      const rotary = RotaryPositions.from({ headDim: 64, interleaved: true, maxPositions: 4096 });
      const pairs = [0, 4, 8, 12, 16, 24, 28, 31];
      const turn = 2 * Math.PI;
      const read = (/** @type {string} */ kind) =>
        demo.page.$$eval(`#positions-dials .dial-cell.${kind}`, (all) =>
          all.map((cell) => {
            const hand = /** @type {Element} */ (cell.querySelector('.hand'));
            const [x, y] = ['x2', 'y2'].map((name) => Number(hand.getAttribute(name)) - 34);
            return {
              angle: (Math.atan2(-y, x) + 2 * Math.PI) % (2 * Math.PI),
              said: cell.querySelector('.dial-pair')?.textContent,
              shaded:
                cell.querySelector('path.seen')?.getAttribute('d') ?? (cell.querySelector('.rim.seen') ? 'all' : ''),
            };
          }),
        );
      const far = (/** @type {number} */ a, /** @type {number} */ b) =>
        Math.abs(((a - b + 50 * turn + Math.PI) % turn) - Math.PI);
      for (const [position, distance] of [
        [5, -5],
        [80, -5],
        [16, 20],
      ]) {
        await demo.open(`#positions?position=${position}&distance=${distance}`, 'positions');
        const [here, there, between] = [await read('a'), await read('b'), await read('between')];
        expect([here, there, between].map(({ length }) => length)).toEqual([8, 8, 8]);
        const frequencies = rotary.frequencies(4096);
        pairs.forEach((pair, i) => {
          expect(far(here[i].angle, position * frequencies[pair])).toBeLessThan(1e-3);
          expect(far(there[i].angle, (position + distance) * frequencies[pair])).toBeLessThan(1e-3);
          expect(far(between[i].angle, -distance * frequencies[pair])).toBeLessThan(1e-3);
          expect(far(between[i].angle, here[i].angle - there[i].angle)).toBeLessThan(1e-3);
        });
        // To token 0 the angle between is this token's own hand: the same number, the same shading.
        if (position + distance === 0) expect(between).toEqual(here);
        if (position + distance === 0) expect(here[0].said).toBe('286°');
        if (distance < 0) expect(between.map(({ shaded }) => shaded)).toEqual(here.map(({ shaded }) => shaded));
        else expect(between[7].shaded).toMatch(/A31 31 0 0 1 /); // the other stands later: turned to the right
        expect(await demo.text('#positions-pairs')).toContain('this token’s less the other’s');
      }
    });

    test('turned pairs: the product depends on the distance alone, with every type of scaling', async () => {
      await demo.open('#positions?kind=rope', 'positions');
      for (const type of ['default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3', 'proportional']) {
        await demo.write('#positions-type', type);
        await demo.page.waitForFunction((name) => location.hash.includes(name) || name === 'default', {}, type);
        expect(await demo.text('#positions-readout')).toMatch(
          /At distance −5 the product is [\d.]+\. .* it is the same\./,
        );
        expect(await demo.text('#positions .say')).toBe('');
      }
      // Dynamic scaling: θ grows with the length beyond 4,096, and so does what the factor does.
      await demo.write('#positions-type', 'dynamic');
      await demo.write('#positions-length', '3');
      await demo.write('#positions-factor', '6');
      const dynamic = RotaryPositions.from({
        ...{ type: 'dynamic', headDim: 64, interleaved: true, maxPositions: 4096, scaling: { factor: 6 } },
      });
      const around = (2 * Math.PI) / dynamic.frequencies(8 * 4096)[31];
      await demo.until(
        '#positions-pairs',
        new RegExp(`pair 31 after ${Number(around.toPrecision(3)).toLocaleString('en')} `),
      );
      await demo.write('#positions-length', '0');
      await demo.until('#positions-about', /nothing is slower/);
      const unscaled = (2 * Math.PI) / dynamic.frequencies(1)[31];
      await demo.until(
        '#positions-pairs',
        new RegExp(`pair 31 after ${Number(unscaled.toPrecision(3)).toLocaleString('en')} `),
      );
      // Pair 31 turns by θ^(−31/32) a position: with a θ a hundred times as large by 100^(31/32) slower.
      await demo.write('#positions-type', 'default');
      await demo.write('#positions-theta', '5');
      await demo.until(
        '#positions-about',
        new RegExp(`θ is 1,000,000 .*pair 31, the slowest, ${(100 ** (31 / 32)).toPrecision(3)} times slower`),
      );
      await demo.write('#positions-theta', '2');
      // Pair 31 of 32 turns by θ^(−31/32) a position, and ten times slower with a linear factor of 10.
      await demo.write('#positions-type', 'linear');
      await demo.write('#positions-factor', '10');
      await demo.until('#positions-factor-out', /10/);
      const rotary = RotaryPositions.from({ type: 'linear', headDim: 64, interleaved: true, scaling: { factor: 10 } });
      const turned = rotary.rotate(
        new Float32Array(64).fill(0).map((_, i) => (i % 2 ? 0 : 1)),
        { positions: [1] },
      );
      const wave = (2 * Math.PI) / Math.atan2(turned[33], turned[32]);
      const rounded = Number(wave.toPrecision(3)).toLocaleString('en');
      await demo.until('#positions-pairs', new RegExp(`pair 16 after ${rounded} positions`));
    });

    test('beyond the trained length angles are new, until a factor turns them back', async () => {
      const degrees = (/** @type {RotaryPositions} */ rotary, pair = 31) =>
        ((180 / Math.PI) * rotary.frequencies(16_384)[pair] * 16_384) % 360;
      const settings = { headDim: 64, interleaved: true, originalPositions: 4096 };
      const trained = RotaryPositions.from({ ...settings, maxPositions: 4096 });
      const linear = RotaryPositions.from({
        ...{ ...settings, type: 'linear', maxPositions: 16_384, scaling: { factor: 4 } },
      });
      const seen = (/** @type {number} */ pair) => (180 / Math.PI) * trained.frequencies(4096)[pair] * 4096;
      const strange = Array.from({ length: 32 }, (_, pair) => degrees(trained, pair) > seen(pair)).filter(Boolean);
      expect([degrees(trained), degrees(linear), seen(31)].map(Math.round)).toEqual([125, 31, 31]);
      await demo.open('#positions?kind=rope', 'positions');
      expect(await demo.text('#positions-seen')).toMatch(
        /^All 32 angles between this token and the first one also occurred in training\. The slowest pair, 31, stands at 0\.6°; in training it went up to 31°\.$/,
      );
      expect(await demo.text('#positions-scaling')).toContain('the slowest pair turns 31° of 360°');
      const max = Number(await demo.page.$eval('#positions-position', (slider) => slider.getAttribute('max')));
      expect(max).toBeGreaterThan(200);
      await demo.write('#positions-position', String(max));
      await demo.until('#positions-position-out', /^131,072$/);
      await demo.page.focus('#positions-position');
      for (let step = 0; step < 48; step++) await demo.page.keyboard.press('ArrowLeft'); // three halvings
      await demo.until(
        '#positions-seen',
        new RegExp(
          `^${strange.length} of the 32 angles between this token and the first one never occurred in training\\. Pair 28 is farthest off: it stands at ${Math.round(degrees(trained, 28))}°; .* to ${Math.round(seen(28))}°.*the other, 5 away, none is new`,
        ),
      );
      const marks = async () =>
        (await demo.texts('#positions-dials .dial-cell.a')).map(
          (text) => / new$/.test(text) || (/°$/.test(text) ? false : text),
        );
      const marked = [0, 4, 8, 12, 16, 24, 28, 31].map((pair) => degrees(trained, pair) > seen(pair));
      expect(await marks()).toEqual(marked);
      expect(marked).toContain(true);
      await demo.page.waitForFunction(() => location.hash.includes('position=16384'));
      await demo.write('#positions-type', 'linear');
      await demo.until('#positions-seen', /^All 32 angles .*, 31, stands at 31°/);
      expect(await marks()).toEqual(Array(8).fill(false));
      expect(await demo.text('#positions-effect')).toMatch(/^At position 16,384, .* all 32 angles .* also occurred/);
      await demo.write('#positions-type', 'longrope'); // its divisors reach the factor where pairs cease to come around
      await demo.write('#positions-factor', '4');
      await demo.until('#positions-seen', /^All 32 angles .*, 31, stands at 31°/);
      expect(await marks()).toEqual(Array(8).fill(false));
      await demo.write('#positions-type', 'proportional'); // what never turned was not seen turned
      await demo.until(
        '#positions-seen',
        /^All 8 angles .* pair that turns, 7, .*all the way round.*Pairs 8 to 31 never turn, nor/,
      );
      expect(await marks()).toEqual([false, false, ...Array(6).fill('still')]);
      expect(await demo.page.$$('#positions-dials .dial.a .seen')).toHaveLength(2);
      await demo.write('#positions-position', '0');
      await demo.until('#positions-position-out', /^0$/);
      await demo.click('#positions-far');
      await demo.until('#positions-position-out', /^16,384$/);
      expect(
        await demo.page.$eval('#positions-far', (far) => far.closest('.sliders')?.querySelector('input')?.id),
      ).toBe('positions-position');
      await demo.open('#positions?position=137', 'positions'); // a link keeps a position that is no stop of the slider
      expect(await demo.text('#positions-position-out')).toBe('137');
    });

    test('a text reaches its token, and it is said where it was made longer', async () => {
      await demo.open('#positions?type=dynamic&position=16384&length=0', 'positions');
      const thumb = () =>
        demo.page.$eval('#positions-length', (slider) => /** @type {HTMLInputElement} */ (slider).value);
      expect(await demo.text('#positions-length-out')).toBe('16,385 tokens, raised: the text must reach the token');
      expect(await thumb()).toBe('2');
      expect(await demo.text('#positions-key')).toContain('both 1,000 further back');
      expect(await demo.text('#positions-lesson')).toContain('The grey line ends earlier');
      await demo.write('#positions-distance', '3');
      await demo.until('#positions-readout', /no token at position 16,387: this text ends at 16,384/);
      await demo.write('#positions-position', '0');
      await demo.until('#positions-length-out', /^4,096 tokens, as trained$/); // as it was asked for
      expect(await thumb()).toBe('0');
      expect(await demo.text('#positions-effect')).toContain('against the dotted line, as trained, nothing changes.');
      expect(demo.complaints).toEqual([]);
    });

    test('every number of a strip and of the picture of waves is read by pointer and by keys', async () => {
      await demo.open('#positions', 'positions');
      const strip = '#positions .order .strip';
      await demo.page.focus(strip);
      for (let i = 0; i < 3; i++) await demo.page.keyboard.press('ArrowRight');
      const read = await demo.text('#positions-order-value');
      expect(read).toMatch(/^row of “dog”, number 3: [+−]?\d\.\d{3}$/);
      const [now, words] = await demo.page.$eval(strip, (canvas) => [
        canvas.getAttribute('aria-valuenow'),
        canvas.getAttribute('aria-valuetext'),
      ]);
      expect([now, words]).toEqual(['3', read]);
      await demo.page.focus('#positions-waves');
      for (const key of ['ArrowDown', 'End']) await demo.page.keyboard.press(key);
      const last = new SinusoidalPositions({ dim: 64 }).lookup([65]).data[63];
      expect(await demo.text('#positions-wave-value')).toBe(`position 65, number 63: +${last.toFixed(3)}`);
      const { x, y } = await demo.place('#positions-waves', 0.001, 0.001);
      await demo.page.mouse.move(x, y);
      await demo.until('#positions-wave-value', /^position 64, number 0: /);
    });

    test('what a type does to all products is said and left out of the curve; θ has the dotted line too', async () => {
      await demo.open('#positions?type=yarn', 'positions');
      const settings = { type: 'yarn', headDim: 64, interleaved: true, maxPositions: 16_384, originalPositions: 4096 };
      const yarn = RotaryPositions.from({ ...settings, scaling: { factor: 4 } });
      const turned = yarn.rotate(new Float32Array(64).fill(1), { positions: [0] });
      const growth = turned[0] * turned[1]; // both queries and keys become longer by this one's root
      expect(growth).toBeCloseTo((1 + 0.1 * Math.log(4)) ** 2, 5);
      expect(await demo.text('#positions-about')).toContain(
        `Products × ${growth.toFixed(2)}; the curve is drawn without`,
      );
      const [here, factor, grown] = await values();
      expect(factor).toBeCloseTo(growth, 2);
      expect(Math.abs(grown - here * growth)).toBeLessThan(0.05 + 0.05 * growth); // each is rounded to one decimal
      expect(await demo.text('#positions-key')).toMatch(/without × 1\.30.*as trained/);
      await demo.write('#positions-type', 'default');
      await demo.until('#positions-key', /^(?!.*as trained)/);
      await demo.write('#positions-theta', '0');
      await demo.until('#positions-key', /as trained/);
      await demo.until(
        '#positions-about',
        new RegExp(`pair 31, the slowest, ${(100 ** (31 / 32)).toPrecision(3)} times faster`),
      );
      expect(await demo.text('#positions-slowed')).toMatch(/128 × faster.*as trained.*128 × slower/);
      await demo.write('#positions-theta', '2');
      await demo.write('#positions-type', 'proportional');
      await demo.until('#positions-slowed', /stand still/);
    });

    test('where the product is highest is a matter of the two vectors', async () => {
      await demo.open('#positions?kind=rope', 'positions');
      const highest = () =>
        demo.page.$eval('#positions-chart .wide', (line) => {
          const heights = (line.getAttribute('points') ?? '').split(' ').map((point) => -Number(point.split(',')[1]));
          return heights.indexOf(Math.max(...heights)) - 64;
        });
      expect(await highest()).toBe(0);
      expect(await demo.text('#positions-lesson')).toMatch(/because this key is like the query/);
      await demo.click('[data-other="any"]');
      await demo.until('#positions-lesson', /key is not like the query/);
      expect(await highest()).not.toBe(0);
      expect(await demo.text('#positions-lesson')).toContain(
        `highest at ${String(await highest()).replace('-', '−')}:`,
      );
      expect(await demo.text('#positions-readout')).toMatch(/it is the same/);
      await demo.open('#positions?type=linear&factor=16', 'positions'); // so slow that neighbours blur
      await demo.until('#positions-lesson', /the curve is highest at .*, not at 0/); // of the page that was opened last
      expect(await highest()).not.toBe(0);
      expect(await demo.text('#positions-lesson')).toContain(`the curve is highest at ${await highest()}, not at 0`);
    });

    test('there is no token before the first: the line begins there, and it is said', async () => {
      await demo.open('#positions?position=3', 'positions');
      expect(await demo.text('#positions-readout')).toMatch(/no token at position −2: a text begins at 0/);
      expect(await demo.text('#positions-dials')).toMatch(/no token at position −2/);
      const points = () =>
        demo.page.$eval('#positions-chart .wide', (line) => (line.getAttribute('points') ?? '').split(' ').length);
      expect(await points()).toBe(64 + 1 + 3);
      await demo.page.focus('#positions-position');
      for (let step = 0; step < 7; step++) await demo.page.keyboard.press('ArrowRight');
      await demo.until('#positions-readout', /At distance −5 the product is/);
      for (let step = 0; step < 60; step++) await demo.page.keyboard.press('ArrowRight');
      await demo.page.waitForFunction(() => {
        const line = document.querySelector('#positions-chart .wide');
        return (line?.getAttribute('points') ?? '').split(' ').length === 129;
      });
      expect(await points()).toBe(129);
      const middle = await demo.place('#positions-chart svg', 0.55, 0.4);
      await demo.page.mouse.click(middle.x, middle.y);
      await demo.until('#positions-readout', /At distance −?[0-3] the product/);
    });

    test('waves and a learned table, by keys; the table ends', async () => {
      await demo.open('#positions?kind=rope', 'positions');
      await demo.page.focus('[data-kind="sinusoidal"]');
      await demo.page.keyboard.press('Enter');
      await demo.page.waitForSelector('[data-kind="sinusoidal"][aria-pressed="true"]');
      await demo.page.focus('#positions-distance');
      await demo.page.keyboard.press('ArrowRight');
      await demo.until('#positions-readout', /At distance −4/);
      const [a, b] = new SinusoidalPositions({ dim: 64 }).lookup([80, 76]);
      const product = a.reduce((sum, value, i) => sum + value * b[i], 0);
      await demo.until('#positions-chart', /position · position/);
      expect(await demo.text('#positions-readout')).toContain(`the product is ${product.toFixed(1)}.`);
      expect(await demo.text('#positions-readout')).toContain('it is the same.');
      await demo.click('[data-kind="learned"]');
      await demo.until('#positions-lesson', /position 512 does not exist/);
      await demo.write('#positions-position', '1000'); // beyond its end, which it takes then
      await demo.until('#positions-position-out', /^511$/);
      await demo.click('[data-kind="rope"]'); // the position stays with the other kinds
      await demo.until('#positions-what', /turns the pairs/);
      expect(await demo.text('#positions-position-out')).toBe('511');
      expect(await demo.texts('#positions-ticks .named')).toEqual(['8', '64', '512', '4,096', '32,768']);
      await demo.click('[data-kind="learned"]');
      await demo.until('#positions-position-out', /^511$/);
      await demo.until('#positions-ticks', /^864$/); // the marks that have a number: 8 and 64
      const highest = await demo.page.$eval('#positions-chart polyline', (line) =>
        Math.min(...(line.getAttribute('points') ?? '').split(' ').map((point) => Number(point.split(',')[1]))),
      );
      expect(highest).toBeGreaterThan(14); // not at the picture's edge, at 8
      // The frame leaves its row whole: it is drawn as it is beside another frame.
      const rowOf = (/** @type {number} */ line) =>
        demo.page.$eval(
          '#positions-waves',
          (each, at) => {
            const canvas = /** @type {HTMLCanvasElement} */ (each);
            const y = Math.floor(2 + ((at + 0.5) * (canvas.height - 4)) / 64);
            const context = new OffscreenCanvas(canvas.width, 1).getContext('2d', { willReadFrequently: true });
            context?.drawImage(canvas, 0, -y);
            return String(context?.getImageData(4, 0, canvas.width - 8, 1).data);
          },
          line,
        );
      await demo.write('#positions-position', '50'); // position 21
      const at = Number(await demo.until('#positions-position-out', /^\d\d$/));
      const framed = await rowOf(at);
      await demo.write('#positions-position', '2');
      await demo.until('#positions-position-out', /^2$/);
      expect(await rowOf(at)).toBe(framed);
      await demo.until('#positions-readout', /no token at position −2/);
    });
  });

  describe('the way back', () => {
    /** @type {Promise<EmbeddingTable> | undefined} */
    let unit;
    const unitRows = async () => {
      const { rows, dim } = layer.table;
      const { data } = layer.table.lookup(Uint32Array.from({ length: rows }, (_, i) => i));
      for (let i = 0; i < rows; i++) {
        const row = data.subarray(i * dim, (i + 1) * dim);
        const length = Math.hypot(...row) || 1;
        for (let d = 0; d < dim; d++) row[d] /= length;
      }
      return EmbeddingTable.from(data, { rows, dim });
    };

    const bars = () =>
      demo.page.$$eval('#head-bars li', (all) =>
        all.map((line) => ({
          bar: Number.parseFloat(/** @type {HTMLElement} */ (line.querySelector('.bar')).style.width),
          mark: Number.parseFloat(/** @type {HTMLElement} */ (line.querySelector('.own')).style.left),
          score: line.querySelector('.score')?.textContent,
          now: line.querySelector('.right')?.textContent,
          own: line.querySelector('.own-share')?.textContent,
        })),
      );

    test('the bars are the probabilities of the library’s head', async () => {
      await demo.open('#head?body=rows&context=The+doctor+took+the&decay=0.9&temperature=0.5', 'head');
      const { ids } = layer.tokenizer.encode('The doctor took the', { addSpecialTokens: false });
      const hidden = new Float32Array(256);
      ids.forEach((id, i) =>
        layer.table.row(id).forEach((value, d) => (hidden[d] += 0.9 ** (ids.length - 1 - i) * value)),
      );
      const length = Math.hypot(...hidden);
      const bias = new Float32Array(layer.table.rows);
      for (const id of ids) bias[id] = -1000;
      const head = new LanguageModelHead(await (unit ??= unitRows()), { bias });
      const best = head.topK(
        hidden.map((value) => (16 * value) / length / 0.5),
        12,
      );
      expect(await demo.texts('#head-bars .name')).toEqual(Array.from(best.ids, (id) => layer.tokenizer.idToToken(id)));
      const shown = (await demo.texts('#head-bars .right')).map((text) => /→ (?:under )?([\d.]+)%/.exec(text)?.[1]);
      shown.forEach((text, i) => expect(Number(text)).toBeCloseTo(100 * best.probs[i], 0));
      // The bar is what is left after the temperature, the mark what the head gives without it, the score its product.
      const own = head.topK(
        hidden.map((value) => (16 * value) / length),
        12,
      );
      const widths = await bars();
      best.probs.forEach((prob, i) => {
        expect(widths[i].bar).toBeCloseTo(100 * prob, 1);
        expect(widths[i].mark).toBeCloseTo(100 * own.probs[i], 1);
        expect(widths[i].score).toBe(`score ${own.logits[i].toFixed(1)} →`);
      });
      const row = head.table.row(own.ids[0]);
      const score = row.reduce((sum, value, d) => sum + (value * 16 * hidden[d]) / length, 0);
      expect(await demo.text('#head-product-about')).toContain(`Each of the 256 numbers above`);
      expect(await demo.text('#head-product-about')).toContain(`, ${score.toFixed(1)}. The same is done`);
      expect(await demo.page.$$('#head-product canvas')).toHaveLength(2);
    });

    test('bar and number say the same at every temperature and limit: what a token’s chance is now', async () => {
      await demo.open('#head?temperature=0', 'head');
      const [first, ...others] = await bars();
      expect(first.bar).toBe(100);
      expect(first.mark).toBeLessThan(30);
      expect(first.now).toMatch(/→ 100\.0%/);
      expect(first.own).toBe(`; by the scores alone: ${first.mark.toFixed(1)}%`);
      for (const each of others) expect([each.bar, each.now]).toEqual([0, expect.stringContaining('→ cut')]);
      expect(await demo.text('#head-rest')).toMatch(
        /^1 token may be drawn; .*at temperature 0 the best token is always taken/,
      );
      await demo.write('#head-temperature', '1');
      await demo.until('#head-rest', /Every bar ends at its mark/);
      for (const each of await bars()) expect(each.bar).toBeCloseTo(each.mark, 3);
      await demo.write('#head-topk', '3');
      await demo.until('#head-rest', /^3 tokens may be drawn; .*leaves its share to the others/);
      const limited = await bars();
      expect(limited.slice(0, 3).reduce((sum, { bar }) => sum + bar, 0)).toBeCloseTo(100, 2);
      for (const { bar, now } of limited.slice(0, 3)) expect(now).toContain(`→ ${bar.toFixed(1)}%`);
      expect(limited[0].bar / limited[1].bar).toBeCloseTo(limited[0].mark / limited[1].mark, 2);
      expect(await demo.text('#head-readout')).not.toContain('under 0.1%'); // the text holds no word that the model rules out
      expect(demo.complaints).toEqual([]);
    });

    test('draws only what temperature, top k and top p leave, and takes it back', async () => {
      await demo.open('#head?body=rows&topk=5', 'head');
      await demo.click('#head-many');
      await demo.until('#head-drawn', /^200 draws, [1-5] different tokens?\.$/);
      expect(await demo.page.$$('#head-bars .cut')).toHaveLength(7);
      const after = (await demo.texts('#head-bars .right')).slice(0, 5).map((text) => /→ ([\d.]+)%/.exec(text)?.[1]);
      expect(after.reduce((sum, each) => sum + Number(each), 0)).toBeCloseTo(100, 0);
      await demo.write('#head-topp', '0.05');
      await demo.until('#head-rest', /^1 token may be drawn/);
      expect(await demo.text('#head-drawn')).toBe(''); // those draws were of other chances
      const before = await demo.page.$eval('#head-context', (box) => /** @type {HTMLTextAreaElement} */ (box).value);
      const best = (await demo.texts('#head-bars .name'))[0];
      await demo.page.focus('#head-draw');
      await demo.page.keyboard.press('Enter');
      await demo.until('#head-drawn', new RegExp(`“${best}” was drawn`));
      await demo.click('#head-undo');
      await demo.page.waitForFunction(
        (text) => /** @type {HTMLTextAreaElement} */ (document.querySelector('#head-context')).value === text,
        {},
        before,
      );
      await demo.write('#head-context', '');
      await demo.until('#head-answer', /Without a text/);
      expect(demo.complaints).toEqual([]);
    });
  });

  describe('how big', () => {
    test('sizes of any table, and of known models', async () => {
      await demo.open('#size?vocab=28800&dim=256', 'size');
      const sizes = await demo.texts('#size-bars dd > span:last-child');
      expect(sizes).toEqual(['29.5 MB', '14.7 MB', '7.49 MB', '4.15 MB']);
      expect(layer.table.bytes).toBe(7_488_000);
      await demo.click('#size-models [data-name="GPT-2"]');
      await demo.until('#size-answer', /50,257 rows of 768 numbers are 38,597,376 numbers/);
      const place = () =>
        demo.page.$eval('#size-models', (list) => Math.round(list.getBoundingClientRect().top + scrollY));
      const before = await place();
      await demo.write('#size-dim', '0.5');
      await demo.until('#size-answer', /[Ww]hole number/);
      expect(await place()).toBe(before);
      await demo.write('#size-dim', '768');
      await demo.until('#size-answer', /38,597,376 numbers/);
      expect(await demo.page.$eval('#size-bars', (list) => getComputedStyle(list).visibility)).toBe('visible');
    });

    test('reads a file’s header and rows, and nothing else; says which file is none', async () => {
      await demo.open('#size', 'size');
      await demo.until('#size-file-answer', /own model: safetensors, 2 tensors, 7,401,600 numbers.*28,800 × 256 in i8/);
      await demo.until(
        '#size-cost',
        /3 rows: 3 reads, 768 bytes together, in .*With the 8\.19 kB read before, the header among them: 8\.96 kB of 7\.49 MB \(0\.12%\)/,
      );
      expect((await demo.texts('#size-log tbody td:first-child')).slice(1)).toEqual(['row 5', 'row 17', 'row 28,000']);
      expect((await demo.texts('#size-log tbody td:last-child')).map((text) => text.replace(',', ''))).toEqual([
        '8192',
        '256',
        '256',
        '256',
      ]);
      expect(await demo.texts('#size-log tfoot :is(th, td)')).toEqual(['4 reads', '', '', '8,960']);
      // A row as it lies in the file, whole numbers, is the page's row but for a factor.
      const shown = await demo.page.$$eval('#size-found canvas', (all) => all.map((each) => each.dataset.values ?? ''));
      for (const [i, id] of [5, 17, 28_000].entries()) {
        const values = shown[i].split(',').map(Number);
        const row = layer.table.row(id);
        expect(values.every(Number.isInteger)).toBe(true);
        const most = values.findIndex((value) => Math.abs(value) === Math.max(...values.map(Math.abs)));
        const factor = row[most] / values[most];
        row.forEach((value, d) => expect(values[d] * factor).toBeCloseTo(value, 5));
      }
      expect(await demo.texts('#size-found th .quiet')).toEqual(
        [5, 17, 28_000].map((id) => ` “${layer.tokenizer.idToToken(id)}”`),
      );
      await demo.click('#size-rows-form button');
      await demo.until('#size-cost', /Nothing had to be read: these rows were here already/);
      await demo.write('#size-ids', '101, 100, 102, 9000');
      await demo.click('#size-rows-form button');
      await demo.until('#size-log', /row 9,000/);
      expect((await demo.texts('#size-log tbody td:first-child')).slice(4)).toEqual(['rows 100 to 102', 'row 9,000']);
      await demo.write('#size-ids', '28800');
      await demo.click('#size-rows-form button');
      await demo.until('#size-rows-say', /no row 28,800: this table has 28,800 rows, from 0 to 28,799/);
      expect(await demo.text('#size-found')).toBe(''); // nothing of before stands beside what went wrong
      await demo.write('#size-ids', 'five');
      await demo.click('#size-rows-form button');
      await demo.until('#size-rows-say', /Ids are whole numbers/);
      // A file that is none: what was open stays, and is said to.
      await demo.write('#size-ids', '17');
      await demo.click('#size-rows-form button');
      await demo.until('#size-cost', /Nothing had to be read/);
      const texts = ['cost', 'found', 'numbers', 'log'];
      const shownBefore = await Promise.all(texts.map((id) => demo.text(`#size-${id}`)));
      await demo.give('#size-file', [{ name: 'model.safetensors', bytes: '<!doctype html><p>not found' }]);
      await demo.until('#size-file-say', /“model\.safetensors” is a web page/);
      await demo.until('#size-file-answer', /^Still open: This page’s own model: safetensors, 2 tensors/);
      expect(await Promise.all(texts.map((id) => demo.text(`#size-${id}`)))).toEqual(shownBefore);
      expect(await demo.page.$$('#size .of-another')).toHaveLength(0);
      await demo.write('#size-ids', '77');
      await demo.click('#size-rows-form button');
      await demo.until('#size-cost', /^1 row: 1 read, 256 bytes/);
      await demo.write('#size-ids', 'five');
      await demo.click('#size-rows-form button');
      await demo.until('#size-rows-say', /Ids are whole numbers/);
      await demo.write('#size-address', 'nowhere');
      await demo.click('#size-form button');
      await demo.until('#size-file-say', /“nowhere” is no address/);
      expect(await demo.text('#size-rows-say')).toBe(''); // one thing at a time
      await demo.give('#size-file', [{ name: 'empty.safetensors', bytes: '' }]);
      await demo.until('#size-file-say', /“empty\.safetensors” is empty/);
    });

    test('reads an address by ranges, where its server lets it, and says where not', async () => {
      const open = await serve(MODEL, { headers: { 'Access-Control-Allow-Origin': '*' } });
      const closed = await serve(MODEL);
      try {
        await demo.open('#size', 'size');
        await demo.until('#size-cost', /3 rows: 3 reads/);
        await demo.write('#size-address', `${open.url}/model.safetensors`);
        await demo.click('#size-form button');
        await demo.until('#size-file-answer', /127\.0\.0\.1.*28,800 × 256/);
        await demo.until('#size-cost', /kB of 7\.49 MB/);
        const asked = open.requests.filter(({ path }) => path.endsWith('model.safetensors'));
        expect(asked.filter(({ method, range }) => method === 'GET' && !range)).toEqual([]);
        await demo.write('#size-address', `${closed.url}/model.safetensors`);
        await demo.click('#size-form button');
        await demo.until('#size-file-say', /must allow other pages to read it/);
        const gone = await serve(MODEL);
        await gone.close();
        await demo.write('#size-address', `${gone.url}/model.safetensors`);
        await demo.click('#size-form button');
        await demo.page.waitForFunction(
          (host) => document.querySelector('#size-file-say')?.textContent?.includes(host),
          {},
          new URL(gone.url).host,
        );
        expect(await demo.text('#size-file-say')).toMatch(/must allow other pages|could not be reached/);
        await demo.write('#size-address', 'ftp://example.org/x');
        await demo.click('#size-form button');
        await demo.until('#size-file-say', /begins with https/);
        await demo.click('#size-own');
        await demo.until('#size-file-answer', /own model/);
      } finally {
        await Promise.all([open.close(), closed.close()]);
      }
    });
  });

  describe('learning', () => {
    test('finds queen within seconds; its vectors are those of the library', async () => {
      await demo.open('#learn', 'learn');
      expect(await demo.text('#learn-status')).toContain('Nothing learned yet');
      await demo.page.focus('#learn-run');
      await demo.page.keyboard.press('Enter');
      await demo.until('#learn-status', /Done: all passes are made/);
      expect(await demo.text('#learn-answer b')).toBe('queen');
      expect((await demo.texts('#learn-log li')).at(-1)).toMatch(/^queen from step \d+$/);
      const words = await trainWordVectors(smallWorld(3000), {
        ...{
          sg: 1,
          vectorSize: 16,
          window: 5,
          alpha: 0.04,
          seed: 7,
          epochs: 6,
          minCount: 1,
          sample: 0,
          batchWords: 400,
        },
      });
      const found = words.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topn: 3 });
      const shown = found.map(({ key, score }) => `${key} ${score.toFixed(2)}`).join(', ');
      expect(await demo.text('#learn-answer .nearest')).toBe(shown);
      const steps = PAIRS.map(([he, she]) => words.get(she).map((value, i) => value - words.get(he)[i]));
      const mean = steps[0].map((_, i) => steps.reduce((sum, step) => sum + step[i], 0) / steps.length);
      const alike = steps.reduce((sum, step) => sum + cosineOf(step, mean), 0) / steps.length;
      expect(await demo.text('#learn-parallel b')).toBe(alike.toFixed(2));
      expect(await demo.page.$$('#learn-picture .pair')).toHaveLength(7);
      // The arrow is the step from man to woman, made from king.
      const ends = await demo.page.$eval('#learn-picture', (place) => {
        const at = (/** @type {string} */ word) => {
          const named = [...place.querySelectorAll('text')].find((each) => each.textContent === word);
          const dot = /** @type {Element} */ (named?.nextElementSibling);
          return ['cx', 'cy'].map((name) => Number(dot.getAttribute(name)));
        };
        const tip = (place.querySelector('polygon.step')?.getAttribute('points') ?? '').split(/[ ,]/).map(Number);
        return { tip, words: ['king', 'man', 'woman'].map(at) };
      });
      const [king, man, woman] = ends.words;
      for (const side of [0, 1]) expect(ends.tip[side]).toBeCloseTo(king[side] + woman[side] - man[side], 3);
      // No name lies on another, on a line or on the arrow.
      const crossed = await demo.page.$eval('#learn-picture svg', (picture) => {
        const names = /** @type {SVGTextElement[]} */ ([...picture.querySelectorAll('text:not(.side)')]);
        const lines = [...picture.querySelectorAll('line.pair, line.step')];
        const boxes = names.map((each) => ({ name: each.textContent, box: each.getBBox() }));
        const inner = (/** @type {DOMRect} */ { x, y, width, height }) => [
          x,
          y + 0.2 * height,
          x + width,
          y + 0.85 * height,
        ];
        return boxes.flatMap(({ name, box }, i) => {
          const [left, top, right, bottom] = inner(box);
          const others = boxes.slice(i + 1).filter((other) => {
            const [l, t, r, b] = inner(other.box);
            return left < r && right > l && top < b && bottom > t;
          });
          const on = lines.filter((line) => {
            const [x1, y1, x2, y2] = ['x1', 'y1', 'x2', 'y2'].map((key) => Number(line.getAttribute(key)));
            return Array.from({ length: 200 }, (_, k) => [x1 + ((x2 - x1) * k) / 199, y1 + ((y2 - y1) * k) / 199]).some(
              ([x, y]) => x > left && x < right && y > top && y < bottom,
            );
          });
          return [
            ...others.map((other) => `${name} on ${other.name}`),
            ...on.map((line) => `${name} on ${line.getAttribute('class')}`),
          ];
        });
      });
      expect(crossed).toEqual([]);
      await demo.write('#learn-c', 'zebra');
      await demo.until('#learn-answer', /do not have the word “zebra”/);
    });

    test('stopped on the way it says that queen was found so far, not that it stays', async () => {
      await demo.open('#learn', 'learn');
      const stopped = demo.pressWhen('#learn-run', '#learn', /^[789]\d|^\d{3}/, 'data-steps');
      await demo.click('#learn-run');
      await stopped;
      await demo.until('#learn-status', /^Stopped at/);
      await demo.until('#learn-answer', /“Queen” so far since step \d+, after [\d.]+ m?s of learning\./);
    });

    test('an equation that is written while it learns has its own answer', async () => {
      await demo.open('#learn', 'learn');
      const begun = demo.pressWhen('#learn-a', '#learn', /^\d\d/, 'data-steps');
      await demo.click('#learn-run');
      await begun;
      await demo.write('#learn-a', 'father');
      await demo.until('#learn-answer', /^father − man \+ woman leads to (?!queen)/);
      await demo.until('#learn-status', /Done: all passes are made/);
      expect(await demo.text('#learn-answer b')).toBe('mother');
      expect(demo.complaints).toEqual([]);
    });

    test('tells how long it has learned, without the pauses and with what was before them', async () => {
      await demo.open('#learn', 'learn');
      const moment = (/** @type {number} */ least) =>
        demo.page
          .waitForFunction(
            (steps) =>
              Number(/** @type {HTMLElement} */ (document.querySelector('#learn')).dataset.steps) >= steps &&
              performance.now(),
            { polling: 'mutation' },
            least,
          )
          .then((handle) => handle.jsonValue());
      const [first, later] = [moment(1), moment(30)];
      const stopped = demo.pressWhen('#learn-run', '#learn', /^[34]\d/, 'data-steps');
      await demo.click('#learn-run');
      await stopped;
      const learned = Number(await later) - Number(await first);
      await demo.until('#learn-status', /Stopped at/);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const begun = performance.now();
      await demo.click('#learn-run');
      await demo.until('#learn-status', /Done/);
      const again = performance.now() - begun;
      const said = await demo.until('#learn-answer', /“Queen” stays, from step \d+ on/);
      const [, number, unit] = /** @type {RegExpExecArray} */ (/, after ([\d.]+) (m?s) of learning/.exec(said));
      const time = Number(number) * (unit === 's' ? 1000 : 1);
      expect(time).toBeGreaterThan(learned - 50);
      expect(time).toBeLessThan(2 * learned + again + 2000); // not the three seconds between
    });

    test('goes a step, takes it back, stops, starts again, and learns from other texts', async () => {
      await demo.open('#learn', 'learn');
      const picture = () => demo.page.$eval('#learn-picture', (place) => place.innerHTML);
      const noise = await picture();
      await demo.click('#learn-step');
      await demo.page.waitForSelector('#learn[data-steps="1"]');
      expect(await picture()).not.toBe(noise);
      await demo.click('#learn-undo');
      await demo.page.waitForSelector('#learn[data-steps="0"]');
      expect(await demo.text('#learn-status')).toContain('Nothing learned yet');
      const stopped = demo.pressWhen('#learn-run', '#learn', /^[5-9]$|^\d\d/, 'data-steps');
      await demo.click('#learn-run');
      await stopped;
      await demo.until('#learn-status', /^Stopped at \d+%, after \d+ steps\.$/);
      const made = Number(await demo.page.$eval('#learn', (root) => root.getAttribute('data-steps')));
      await demo.click('#learn-step');
      await demo.until('#learn-status', new RegExp(`^Step ${made + 1} is made: \\d+% of all\\.$`));
      await demo.click('#learn-undo');
      await demo.until('#learn-status', new RegExp(`^Back at step ${made}: \\d+% of all\\.$`));
      await demo.click('#learn-again');
      await demo.page.waitForSelector('#learn[data-steps="0"]');
      await demo.click('#learn details summary');
      await demo.write('#learn-texts', 'the sun warms the stone\nthe stone warms the cat\n');
      await demo.until('#learn-own-say', /^“Learn” takes what you wrote once you press “Use these sentences”\.$/);
      await demo.click('#learn-use');
      await demo.until('#learn-hint', /10 words in 2 sentences, 5 different words/);
      await demo.click('#learn-step');
      await demo.page.waitForSelector('#learn[data-steps="1"]');
      await demo.write('#learn-texts', ' ');
      await demo.click('#learn-use');
      await demo.until('#learn-own-say', /no sentence to learn from/);
      await demo.give('#learn-file', [{ name: 'one.txt', bytes: 'word' }]);
      await demo.until('#learn-own-say', /(only word|nothing to tell it from).*The sentences before are kept/);
      expect(await demo.text('#learn-hint')).toMatch(/10 words in 2 sentences/); // what is still learned from
      await demo.click('#learn-step');
      await demo.page.waitForSelector('#learn[data-steps="2"]');
      expect(demo.complaints).toEqual([]);
    });

    test('a small text has all of its words drawn and asks for an equation of its own; the way back is there', async () => {
      await demo.open('#learn', 'learn');
      await demo.click('#learn details summary');
      await demo.write('#learn-texts', 'the cold moon shines at night\nthe bright sun shines by day\n');
      await demo.click('#learn-use');
      await demo.until('#learn-hint', /12 words in 2 sentences, 10 different words/);
      await demo.until('#learn-answer', /^Type three of the words above/); // which of these differ in one thing nobody said
      for (const [id, word] of Object.entries({ a: 'moon', b: 'night', c: 'day' }))
        await demo.write(`#learn-${id}`, word);
      await demo.until('#learn-answer', /^moon − night \+ day leads to/);
      await demo.write('#learn-b', 'day');
      await demo.until('#learn-answer', /^From “day” to “day” is no step: it stays at moon/);
      expect(await demo.page.$$('#learn-picture circle')).toHaveLength(10);
      await demo.click('#learn-step');
      await demo.until('#learn-about', /after 1 step/);
      await demo.click('#learn-back');
      await demo.until('#learn-hint', /in 3,000 sentences/);
      await demo.until('#learn-answer', /^king − man \+ woman/);
      await demo.click('#learn-use'); // the box shows the first 200: unedited, it stands for all
      await demo.page.waitForSelector('#learn[data-steps="0"]');
      expect(await demo.text('#learn-hint')).toMatch(/in 3,000 sentences/);
      expect(demo.complaints).toEqual([]);
    });
  });

  test('speed is measured at a press, and can be stopped', async () => {
    await demo.open('#speed', 'speed');
    await demo.page.focus('#speed-run');
    const stopped = demo.pressWhen('#speed-run', '#speed-run', /Stop/);
    await demo.page.keyboard.press('Enter');
    await stopped;
    await demo.page.waitForSelector('#speed[data-measured="false"]');
    await demo.click('#speed-run');
    await demo.page.waitForSelector('#speed[data-measured="true"]', { timeout: 50_000 * SLOWDOWN });
    for (const value of await demo.texts('#speed-figures .value')) expect(value).toMatch(/^[\d,.]+( (µs|ms))?$/);
    for (const value of await demo.texts('#speed-bars dd > span:last-child')) expect(value).toMatch(/^\d+\.\d GB\/s$/);
    expect(demo.complaints).toEqual([]);
  });
});
