// What a page is told when its policy, its server or its engine stands in the way, in real browsers.
import { loadMini } from '../support/wembed.js';
import { ROOT } from '../support/sources.js';
import { serve } from '../support/server.js';
import { launch } from './launch.js';

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const PAGE = '/tests/browser/page.html';

/** Runs in the page. @param {Record<string, unknown> | string} [assets] */
async function load(assets) {
  const { env } = await import('/web/index.js');
  const { loadMini } = await import('/web/mini.js');
  if (assets) env.assets = assets;
  try {
    const layer = await loadMini();
    return { variant: layer.describe().variant, numbers: [...layer.encode('It is raining').subarray(0, 3)] };
  } catch (error) {
    const { name, code, reason, message } = /** @type {import('../../web/index.js').WembedError} */ (error);
    return { name, code, reason, message };
  }
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (browserName) => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  beforeAll(async () => {
    browser = await launch(browserName);
  });
  afterAll(() => browser?.close());

  /**
   * @param {{ policy?: string, before?: () => void, assets?: Record<string, unknown> | string }} [how] `before`: runs in the page before
   *   anything else
   * @returns {Promise<any>} what `load` gives
   */
  async function inPage({ policy = POLICY, before, assets } = {}) {
    const server = await serve(ROOT, { headers: { 'Content-Security-Policy': policy } });
    const page = await browser.newPage();
    try {
      if (before) await page.evaluateOnNewDocument(before);
      await page.goto(server.url + PAGE);
      return await page.evaluate(load, assets);
    } finally {
      await page.close();
      await server.close();
    }
  }

  test('the strictest policy that WebAssembly runs under is enough', async () => {
    expect(await inPage()).toMatchObject({ variant: 'simd128' });
  });

  test("a policy without 'wasm-unsafe-eval' is named, with the directive", async () => {
    const found = await inPage({ policy: "default-src 'none'; script-src 'self'; connect-src 'self'" });
    expect(found).toMatchObject({ name: 'WembedError', code: 'unsupported', reason: 'csp' });
    expect(found.message).toMatch("script-src 'wasm-unsafe-eval'");
  });

  test('a policy that forbids requests is named, with the directive', async () => {
    const found = await inPage({ policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" });
    expect(found).toMatchObject({ name: 'WembedError', code: 'unsupported', reason: 'csp' });
    expect(found.message).toMatch('connect-src');
  });

  test('a wrong folder of assets: the address that is missing, and the option', async () => {
    const found = await inPage({ assets: '/nowhere/' });
    expect(found).toMatchObject({ name: 'WembedError', code: 'not_found' });
    expect(found.message).toMatch(/nowhere\/(simd128\.wasm|mini\.bin) answered 404.*env\.assets/);
  });

  test.each([['simd128.wasm'], ['mini.bin']])(
    'an HTML page in place of %s is called one, with the option',
    async (name) => {
      const found = await inPage({ assets: { [name]: PAGE } });
      expect(found).toMatchObject({ name: 'WembedError', code: 'bad_file', reason: 'html' });
      expect(found.message).toMatch(/HTML page.*env\.assets/);
    },
  );

  test.each([['text_simd128'], ['train_simd128']])(
    '%s.wasm in place of simd128.wasm is called what it is',
    async (other) => {
      const found = await inPage({ assets: { 'simd128.wasm': `/dist/assets/${other}.wasm` } });
      expect(found).toMatchObject({ name: 'WembedError', code: 'bad_file', reason: 'other_module' });
      expect(found.message).toMatch(new RegExp(`${other}.wasm is the module .*\\(${other}.wasm .* not the core`));
    },
  );

  test('without WebAssembly', async () => {
    const found = await inPage({ before: () => void Reflect.deleteProperty(globalThis, 'WebAssembly') });
    expect(found).toMatchObject({ name: 'WembedError', code: 'unsupported', reason: 'no_wasm' });
  });

  test('without SIMD the scalar files are loaded, and give the same bits', async () => {
    const { numbers } = await inPage();
    const found = await inPage({
      before: () => {
        WebAssembly.validate = () => false;
      },
    });
    expect(found).toEqual({ variant: 'scalar', numbers });
  });
});

// V8 has SIMD where the processor has SSE 4.1, or seems to; Firefox has no such switch.
const testOnX64 = process.arch === 'x64' ? test : test.skip;
testOnX64('chromium as on a processor without SIMD loads the scalar file, and finds the same bits', async () => {
  const [server, browser] = await Promise.all([serve(ROOT), launch('chromium', ['--js-flags=--no-enable-sse4-1'])]);
  try {
    const page = await browser.newPage();
    await page.goto(server.url + PAGE);
    const layer = await loadMini();
    const numbers = [...layer.encode('It is raining').subarray(0, 3)];
    expect(await page.evaluate(load)).toEqual({ variant: 'scalar', numbers });
    const refused = server.requests.filter(({ path }) => path.endsWith('/simd128.wasm'));
    expect(refused).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
