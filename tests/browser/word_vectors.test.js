// Word vectors in real browsers: by address, as files, gzipped, to the bits that Node reads.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { WordVectors } from '../support/wembed.js';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = 'tests/golden/word_vectors';
const FILES = ['small.w2v.bin', 'small.w2v.txt', 'small.glove.txt', 'gensim.bin', 'pruned.ftz'];

/** Runs in the page. @param {string} address */
async function hashesInPage(address) {
  const { WordVectors } = await import('/web/index.js');
  const file = await (await fetch(address)).blob();
  const packed = await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob();
  const named = new File([file], 'vectors');
  const hashes = [];
  for (const source of [address, new URL(address, location.href).href, named, packed]) {
    const wv = await WordVectors.load(source);
    const { data } = wv.vectors(wv.indexToKey);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
    hashes.push([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
    wv.dispose();
  }
  const error = await WordVectors.load('/no/such/file').catch((/** @type {any} */ error) => error.code);
  return { hashes, error };
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (name) => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(ROOT), launch(name)]);
  });
  afterAll(() => Promise.all([server.close(), browser.close()]));

  test('every format gives the vectors that Node reads', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/page.html`);
    for (const file of FILES) {
      const wv = await WordVectors.load(`${ROOT}${FOLDER}/${file}`);
      const expected = createHash('sha256')
        .update(new Uint8Array(wv.vectors(wv.indexToKey).data.buffer))
        .digest('hex');
      wv.dispose();
      const found = await page.evaluate(hashesInPage, `/${FOLDER}/${file}`);
      expect([file, found]).toEqual([file, { hashes: Array(4).fill(expected), error: 'not_found' }]);
    }
    await page.close();
  });
});
