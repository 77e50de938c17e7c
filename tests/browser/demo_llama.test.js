// The page's LLaMA: the body is that of examples/llama, so it must tell in a tab what it tells in Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Llama } from '../../examples/llama/llama.js';
import { eachDemo } from '../support/demo_page.js';
import { ROOT } from '../support/sources.js';
import { sharedData } from '../support/wembed.js';

const TALES = new Uint8Array(readFileSync(join(ROOT, 'web/demo/models/tales.gguf')));
const BEGINNING = 'Once upon a time there was a king named Sam. He lived in a castle by the sea. One day Sam found a';

/** The likeliest story, in Node. @param {Uint8Array<ArrayBuffer>} file @param {string} beginning @param {number} [most] tokens */
async function toldInNode(file, beginning, most = Infinity) {
  const model = await Llama.load(file);
  const ids = [...model.tokenizer.encode(beginning).ids];
  let hidden = new Float32Array();
  ids.forEach((id, position) => (hidden = model.next(id, position)));
  while (ids.length < Math.min(most, model.context)) {
    const [id] = model.head.topK(hidden, 1).ids;
    if (id === ids[0]) break;
    ids.push(id);
    hidden = model.next(id, ids.length - 1);
  }
  return model.tokenizer.decode(ids);
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('the LLaMA of the page in %s', (name) => {
  /** @type {import('../support/demo_page.js').DemoPage} */
  let demo;
  eachDemo(name, (fresh) => (demo = fresh));

  const context = () => demo.page.$eval('#head-context', (box) => /** @type {HTMLTextAreaElement} */ (box).value);

  test('tells its likeliest story token by token, and takes tokens back', async () => {
    await demo.open('#head?temperature=0', 'head');
    const story = await toldInNode(TALES, BEGINNING);
    expect(story.length).toBeGreaterThan(200);
    await demo.click('#head-tell');
    await demo.until('#head-drawn', /ended its story|as long as this model can read/);
    expect(await context()).toBe(story);
    await demo.click('#head-undo');
    await demo.page.waitForFunction(
      (whole) => /** @type {HTMLTextAreaElement} */ (document.querySelector('#head-context')).value !== whole,
      {},
      story,
    );
    const shorter = await context();
    expect(shorter.length).toBeLessThan(story.length);
    expect(story.startsWith(shorter)).toBe(true);
    await demo.page.focus('#head-draw');
    await demo.page.keyboard.press('Enter');
    await demo.page.waitForFunction(
      (whole) => /** @type {HTMLTextAreaElement} */ (document.querySelector('#head-context')).value === whole,
      {},
      story,
    );
    expect(demo.complaints).toEqual([]);
  });

  test.each([390, 1200])(
    'while it tells, buttons stay and the newest token is in sight, at %d pixels',
    async (width) => {
      await demo.page.setViewport({ width, height: 900 });
      await demo.open('#head?temperature=0', 'head');
      const top = (/** @type {string} */ place) =>
        demo.page.$eval(place, (each) => Math.round(each.getBoundingClientRect().top + scrollY));
      const before = [await top('#head-tell'), await top('#head-bars')];
      await demo.click('#head-tell');
      await demo.until('#head-drawn', /ended its story|as long as this model can read/);
      expect([await top('#head-tell'), await top('#head-bars')]).toEqual(before);
      // Lines of tokens are in sight or not: none is cut through.
      const lines = await demo.page.$eval('#head-seen', (box) => {
        const frame = box.getBoundingClientRect();
        const cuts = (/** @type {DOMRect} */ { top, bottom }, /** @type {number} */ y) =>
          top < y - 1.5 && bottom > y + 1.5;
        const cut = Array.from(box.children, (piece) => piece.getBoundingClientRect()).filter(
          (piece) => cuts(piece, frame.top) || cuts(piece, frame.bottom),
        );
        const last = /** @type {Element} */ (box.lastElementChild).getBoundingClientRect();
        return { cut: cut.length, last: last.bottom <= frame.bottom + 1.5, many: box.scrollHeight > box.clientHeight };
      });
      expect(lines).toMatchObject({ cut: 0, last: true });
      if (width === 390) expect(lines.many).toBe(true);
      await demo.write('#head-context', '');
      await demo.until('#head-readout', /No text yet/);
    },
  );

  test('says how much each token was expected, to the mouse, the keyboard and the finger', async () => {
    await demo.open('#head', 'head');
    const model = await Llama.load(TALES);
    const { ids } = model.tokenizer.encode(BEGINNING);
    const shares = Array.from(ids.subarray(0, -1), (id, position) =>
      Math.exp(model.head.logProbs(model.next(id, position), [ids[position + 1]])[0]),
    );
    expect(await demo.texts('#head-seen .piece')).toHaveLength(shares.length);
    const words = (/** @type {number} */ share) =>
      share < 0.0005 ? 'under 0.1%' : share >= 0.9995 ? 'over 99.9%' : `${(100 * share).toFixed(1)}%`;
    expect(await demo.text('#head-readout')).toContain(`expected with ${words(Math.min(...shares))}`);
    expect(Math.min(...shares)).toBeGreaterThan(0.005); // the page begins with nothing that its model rules out
    await demo.hover('#head-seen .piece:nth-child(3)');
    expect(await demo.text('#head-readout')).toContain(`“·a” was expected with ${words(shares[2])}`);
    await demo.page.focus('#head-seen .piece');
    await demo.page.keyboard.press('ArrowRight');
    expect(await demo.text('#head-readout')).toContain(`“·upon” was expected with ${words(shares[1])}`);
    if (name === 'chromium') {
      await demo.tap('#head-seen .piece:nth-child(4)');
      expect(await demo.text('#head-readout')).toContain(`“·time” was expected with ${words(shares[3])}`);
    }
    // Alternatives of less than a thousandth are left out.
    await demo.write('#head-context', 'Once upon a time there was a king who lived in a castle. One day he met');
    await demo.until('#head-seen .piece:last-child', /^·met$/);
    await demo.hover('#head-seen .piece:last-child');
    expect(await demo.text('#head-readout')).toBe('“·met” was expected with under 0.1%; likelier was “·saw” 99.9%.');
  });

  test('stops in the middle, follows what is typed, and reads no more than it learned', async () => {
    await demo.open('#head?temperature=0.8&topk=40', 'head');
    const stopped = demo.pressWhen('#head-tell', '#head-seen', /(·[^·]*){16}/);
    await demo.click('#head-tell');
    await stopped;
    await demo.until('#head-tell', /Tell the story/);
    await demo.write('#head-context', 'Lily was a clever cat who lived in');
    await demo.page.waitForSelector('#head[data-read="Lily was a clever cat who lived in"]');
    await demo.until('#head-bars .name', /^·an?$/);
    await demo.write('#head-context', 'Lily was a cat. '.repeat(60));
    await demo.until('#head .say', /Of the \d+ tokens, the first 192 are read/);
    await demo.click('#head-draw');
    await demo.until('#head-drawn', /as long as this model can read/);
    await demo.write('#head-context', '');
    await demo.until('#head-answer', /Most likely next/);
    expect(demo.complaints).toEqual([]);
  });

  const stories = sharedData('stories260K');
  stories.test('runs a file of the visitor’s: stories260K tells the published story', async () => {
    const bytes = readFileSync(`${stories.path}/stories260K.gguf`);
    const published = readFileSync(`${stories.path}/stories260K.md`, 'utf8').split('-t 0.0\n')[1];
    await demo.open('#head?temperature=0&context=Once+upon', 'head');
    await demo.give('#head-file', [{ name: 'stories260K.gguf', bytes: [...bytes] }]);
    await demo.until('#head-about', /stories260K\.gguf: [\d,]+ numbers.*512 × 64/);
    const stopped = demo.pressWhen('#head-tell', '#head-seen', /[^]{140}/);
    await demo.click('#head-tell');
    await stopped;
    expect(published.startsWith(await context())).toBe(true);
  });

  test('says which file is no LLaMA, and goes on with the one it has', async () => {
    await demo.open('#head', 'head');
    const other = Buffer.from(TALES);
    other.write('mamba', other.indexOf('llama'));
    const short = Buffer.from(TALES).subarray(0, 300_000);
    for (const [file, words] of /** @type {[{ name: string, bytes: number[] | string }, RegExp][]} */ ([
      [{ name: 'model.gguf', bytes: '<!doctype html><p>not found' }, /“model\.gguf” is a web page/],
      [{ name: 'empty.gguf', bytes: '' }, /“empty\.gguf” is empty/],
      [{ name: 'mamba.gguf', bytes: [...other] }, /a LLaMA is needed.*“mamba”/],
      [{ name: 'half.gguf', bytes: [...short] }, /“half\.gguf” cannot be run: /],
    ])) {
      await demo.give('#head-file', [file]);
      await demo.until('#head .say', words);
      expect(await demo.page.$eval('#head .say', (line) => /** @type {HTMLElement} */ (line).dataset.kind)).toBe(
        'error',
      );
    }
    await demo.click('#head-draw');
    await demo.until('#head-drawn', /was drawn/);
    await demo.page.waitForFunction(() => {
      const context = /** @type {HTMLTextAreaElement} */ (document.querySelector('#head-context'));
      return /** @type {HTMLElement} */ (document.querySelector('#head')).dataset.read === context.value;
    });
    await demo.click('[data-body="rows"]');
    await demo.until('#head-answer', /Most likely, to this recipe/);
    await demo.click('[data-body="tales"]');
    await demo.until('#head-answer', /Most likely next/);
  });
});
