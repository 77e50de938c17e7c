// Downloads as browsers do them: the Cache API, and ranges across origins and redirects.
import { fileURLToPath } from 'node:url';
import { smallModel } from '../support/models.js';
import { serve, serveFiles } from '../support/server.js';
import { EmbeddingLayer, readBytes, readJson } from '../support/wembed.js';
import { eachPage } from './launch.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHECKPOINT = 'tests/golden/checkpoints/bert/';
const RED = [2, 2.25, 2.5, 2.75];
const OPEN = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag, Content-Range' };

/** @type {Awaited<ReturnType<typeof serve>>} */
let pages;
/** @type {Awaited<ReturnType<typeof serveFiles>>} the models', another origin than the page's */
let models;
beforeAll(async () => {
  pages = await serve(ROOT);
});
afterAll(() => pages.close());
beforeEach(async () => {
  models = await serveFiles(smallModel(), { headers: OPEN });
});
afterEach(() => models.close());

/** Runs in the page. @param {string} location @param {any} options @param {number[]} [ids] to embed instead of a text */
async function loadInPage(location, options, ids) {
  const { EmbeddingLayer, env, isCached } = await import('/web/index.js');
  Object.assign(env, { attempts: 1 });
  try {
    const layer = await EmbeddingLayer.fromPretrained(location, options);
    const vector = Array.from(ids ? layer.embed(ids).data : layer.encode('red'));
    layer.dispose();
    return { vector, cached: await isCached(location, options) };
  } catch (error) {
    return { code: /** @type {any} */ (error).code, cached: await isCached(location, options) };
  }
}

/** Runs in the page. @param {string} location */
async function clearInPage(location) {
  const { clearCache, isCached } = await import('/web/index.js');
  await clearCache(location);
  return { cached: await isCached(location), names: (await (await caches.open('wembed')).keys()).length };
}

/** Runs in the page. @param {string} location @param {number[]} ids */
async function rowsInPage(location, ids) {
  const { RemoteTable } = await import('/web/index.js');
  const remote = await RemoteTable.open(location);
  const rows = Array.from((await remote.lookup(ids)).data);
  const bytes = remote.bytesFetched;
  remote.dispose();
  return { rows, bytes };
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (name) => {
  /** @type {import('puppeteer-core').Page} */
  let page;
  eachPage(name, (fresh) => {
    page = fresh;
    return page.goto(`${pages.url}/tests/browser/page.html`);
  });

  test('what was loaded once needs no server, and leaves when it is told to', async () => {
    const { url } = models;
    expect(await page.evaluate(loadInPage, url, { localFilesOnly: true })).toEqual({
      code: 'not_found',
      cached: false,
    });
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ vector: RED, cached: true });
    await models.close();
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ vector: RED, cached: true });
    await page.reload();
    expect(await page.evaluate(loadInPage, url, { localFilesOnly: true })).toEqual({ vector: RED, cached: true });
    expect(await page.evaluate(clearInPage, url)).toEqual({ cached: false, names: 0 });
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ code: 'network', cached: false });
  });

  test('without a Cache API everything is loaded, every time', async () => {
    await page.evaluate(() => Object.defineProperty(globalThis, 'caches', { value: undefined }));
    for (let i = 1; i <= 2; i++) {
      expect(await page.evaluate(loadInPage, models.url, {})).toEqual({ vector: RED, cached: false });
      expect(models.requests.filter(({ path }) => path === 'model.safetensors').length).toBe(i);
    }
    expect(await page.evaluate(loadInPage, models.url, { localFilesOnly: true })).toEqual({
      code: 'not_found',
      cached: false,
    });
  });

  test("addresses below the page's own, and what the page has made", async () => {
    const bert = '../golden/checkpoints/bert/';
    const { vector } = /** @type {any} */ (await page.evaluate(loadInPage, bert, {}, [5, 9]));
    expect(vector.length).toBe(48);
    expect(/** @type {any} */ (await page.evaluate(loadInPage, `/${CHECKPOINT}`, {}, [5, 9])).vector).toEqual(vector);
    const keys = await page.evaluate(async () => {
      const { WordVectors } = await import('/web/index.js');
      const url = URL.createObjectURL(new Blob(['2 2\na 1 2\nb 3 4\n']));
      const vectors = await WordVectors.load(url);
      return vectors.indexToKey;
    });
    expect(keys).toEqual(['a', 'b']);
  });

  test('what has changed is loaded anew; what is bad is not kept', async () => {
    const { url } = models;
    await page.evaluate(loadInPage, url, {});
    models.files.set('config.json', '{"model_type":"model2vec","normalize":true}');
    const { vector } = /** @type {any} */ (await page.evaluate(loadInPage, url, {}));
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    models.lie = ({ path }) =>
      path === 'tokenizer.json' ? { body: '<!doctype html>', headers: { ETag: '"x"' } } : undefined;
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ code: 'bad_file', cached: false });
    models.lie = ({ path }) =>
      path === 'model.safetensors' ? { cut: 50, ignoreRange: true, headers: { ETag: '"y"' } } : undefined;
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ code: 'network', cached: false });
    models.lie = () => undefined;
    expect(await page.evaluate(loadInPage, url, {})).toEqual({ vector, cached: true });
  });

  describe.each([
    ['that shows its headers', OPEN],
    ['that hides them', { 'Access-Control-Allow-Origin': '*' }],
  ])('a server of another origin %s', (_, headers) => {
    test('a checkpoint by ranges, across a redirect to a third', async () => {
      const names = ['config.json', 'model.safetensors'];
      const cdn = await serveFiles(new Map(names.map((file) => [file, readBytes(`${CHECKPOINT}${file}`)])), {
        headers,
      });
      models.lie = ({ path }) => ({ status: 302, headers: { Location: `${cdn.url}${path}` } });
      const { ids, cases } = readJson(`${CHECKPOINT}expected.json`);
      const layer = await EmbeddingLayer.fromPretrained(`${ROOT}${CHECKPOINT}`);
      const expected = Array.from(layer.embed(ids).data);
      layer.dispose();
      expect(expected[0]).toBeCloseTo(cases[0].out[0], 4);
      expect(await page.evaluate(loadInPage, models.url, {}, ids)).toEqual({ vector: expected, cached: true });
      const ranges = cdn.requests.filter(({ path }) => path === 'model.safetensors');
      expect(ranges.length).toBeGreaterThan(0);
      for (const { method, range, headers: asked } of ranges) {
        expect([method, asked['accept-encoding']]).toEqual(['GET', 'identity']);
        expect(range).toMatch(/^bytes=\d+-\d+$/);
      }
      await Promise.all([models.close(), cdn.close()]);
      expect(await page.evaluate(loadInPage, models.url, {}, ids)).toEqual({ vector: expected, cached: true });
    });

    test('rows of a table', async () => {
      const file = new Map([['model.safetensors', readBytes(`${CHECKPOINT}model.safetensors`)]]);
      const hub = await serveFiles(file, { headers });
      const { rows, bytes } = await page.evaluate(rowsInPage, hub.url, [39, 0]);
      expect(rows.length).toBe(48);
      expect(bytes).toBe(hub.bytes());
      await hub.close();
    });
  });
});
