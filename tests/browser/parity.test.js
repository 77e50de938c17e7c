// The same bits in real browsers as in Node.
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { loadMini, readJson } from '../support/wembed.js';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const { texts } = readJson('tests/golden/mini_ids.json');
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {string} */
let expected;

beforeAll(async () => {
  server = await serve(ROOT);
  const layer = await loadMini();
  expected = createHash('sha256')
    .update(new Uint8Array(layer.encode(texts).data.buffer))
    .digest('hex');
  layer.dispose();
});
afterAll(() => server.close());

/** Runs in the page. @param {string[]} texts @param {'simd128' | 'scalar'} variant */
async function hashInPage(texts, variant) {
  const { configure } = await import('/web/index.js');
  configure({ variant });
  const { loadMini } = await import('/web/mini.js');
  const layer = await loadMini();
  const { data } = layer.encode(texts);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  let code = '';
  try {
    layer.table.lookup([2 ** 31]);
  } catch (error) {
    code = /** @type {any} */ (error).code;
  }
  return { hash, code, variant: layer.describe().variant };
}

/** Sentences of words by a rule, some more often than others. */
const LEARNT = Array.from({ length: 400 }, (_, i) => `w${i % 7} w${(i * i) % 23} w${i % 3} w${(i * 5) % 41}`);

/** Runs in the page, and in Node. @param {string[]} texts @param {string} root @param {'simd128' | 'scalar'} [variant] */
async function learntHash(texts, root, variant) {
  const { configure } = await import(`${root}/web/index.js`);
  if (variant) configure({ variant });
  const { trainWordVectors } = await import(`${root}/web/train.js`);
  const wv = await trainWordVectors(texts, { vectorSize: 30, sg: 1, hs: 1, minCount: 1, alpha: 0.1 });
  return hashOf(wv.vectors(wv.indexToKey).data);
}

/** As a page has it, too. @param {Float32Array} data */
async function hashOf(data) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {Float32Array<ArrayBuffer>} */ (data)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Runs in the page, and in Node: a layer that is adapted to pairs, then distilled, and a small language model.
 * @param {string[]} texts
 * @param {string} root
 * @param {'simd128' | 'scalar'} [variant]
 */
async function layersHash(texts, root, variant) {
  const { configure } = await import(`${root}/web/index.js`);
  if (variant) configure({ variant });
  const { Matrix, adapt, distil, trainTiedLM, trainWordVectors, wordLayer } = await import(`${root}/web/train.js`);
  const layer = await wordLayer(await trainWordVectors(texts, { vectorSize: 30, minCount: 1, epochs: 1 }));
  const passes = { epochs: 2, batchSize: 50 };
  const pairs = texts.slice(0, 200).map((text, i) => [text, texts[200 + i]]);
  const adapted = await adapt(layer, { pairs }, passes);
  const targets = new Matrix(
    Float32Array.from({ length: 400 * 7 }, (_, i) => ((i * i) % 31) / 31 - 0.5),
    400,
    7,
  );
  const losses = { lossWeight: 0, similarityWeight: 10, klWeight: 0.5, dims: [30, 8], lazy: false };
  const places = pairs.map((_, i) => [i, 200 + i]);
  const taught = await distil(adapted, { texts, targets, pairs: places }, { ...losses, ...passes });
  const model = await trainTiedLM(texts, { vectorSize: 8, units: 4, context: 2, minCount: 1, ...passes, sampled: 9 });
  return hashOf(Float32Array.of(...taught.encode(texts).data, await model.perplexity(texts.slice(0, 50))));
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (name) => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  beforeAll(async () => {
    browser = await launch(name);
  });
  afterAll(() => browser.close());

  test.each(/** @type {const} */ (['simd128', 'scalar']))('%s gives the vectors that Node gives', async (variant) => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/page.html`);
    const found = await page.evaluate(hashInPage, texts, variant);
    expect(found).toEqual({ hash: expected, code: 'id_out_of_range', variant });
    await page.close();
  });

  test.each(/** @type {const} */ (['simd128', 'scalar']))(
    '%s learns the word vectors that Node learns',
    async (variant) => {
      const page = await browser.newPage();
      await page.goto(`${server.url}/tests/browser/page.html`);
      await page.evaluate(`globalThis.hashOf = ${hashOf}`);
      expect(await page.evaluate(learntHash, LEARNT, '', variant)).toBe(await learntHash(LEARNT, '../..'));
      await page.close();
    },
  );

  test.each(/** @type {const} */ (['simd128', 'scalar']))('%s learns the layers that Node learns', async (variant) => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/page.html`);
    await page.evaluate(`globalThis.hashOf = ${hashOf}`);
    expect(await page.evaluate(layersHash, LEARNT, '', variant)).toBe(await layersHash(LEARNT, '../..'));
    await page.close();
  });
});
