// Opens a page in the browsers of this machine and waits for what it found.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser, launch } from '../browser/launch.js';
import { serve } from '../support/server.js';
import { Failure, which } from '../../tools/run.mjs';

/** The strictest policy that WebAssembly runs under: pages are served with it unless a row says otherwise. */
export const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; style-src 'self'";

const PATIENCE = 60_000;

/** @typedef {import('./project.mjs').PageToOpen} PageToOpen */
/** @typedef {import('./project.mjs').Outcome} Outcome */
/** @typedef {{ name: string, result: (url: string) => Promise<Outcome>, close: () => Promise<void> }} Browser */

/** The browsers that are here, opened when they are needed. */
export class Browsers {
  /** @type {Map<string, Promise<Browser>>} */
  #open = new Map();

  /** @returns {string[]} */
  static names() {
    const webkit = which('WebKitWebDriver') && which('xvfb-run') && MINI_BROWSER;
    return [
      ...['chromium', 'firefox'].filter((name) => findBrowser(/** @type {any} */ (name))),
      ...(webkit ? ['webkit'] : []),
    ];
  }

  /**
   * @param {PageToOpen} page
   * @param {string[]} wanted
   * @returns {Promise<Outcome[]>} one a browser
   */
  async openPage({ folder, url, path = '/', csp = CSP, headers = {}, extension }, wanted) {
    if (extension) return [{ browser: 'chromium', ...(await ofExtension(extension, path)) }];
    const policy = csp && { 'Content-Security-Policy': csp };
    const server = folder ? await serve(folder, { headers: { ...headers, ...policy } }) : undefined;
    try {
      /** @type {Outcome[]} */
      const outcomes = [];
      for (const name of wanted) {
        const browser = await this.#browser(name);
        outcomes.push({ browser: name, ...(await browser.result(`${server?.url ?? url}${path}`)) });
      }
      return outcomes;
    } finally {
      await server?.close();
    }
  }

  /** @param {string} name */
  #browser(name) {
    let browser = this.#open.get(name);
    if (!browser) {
      browser = name === 'webkit' ? openWebKit() : openPuppeteer(/** @type {any} */ (name));
      this.#open.set(name, browser);
    }
    return browser;
  }

  async close() {
    for (const browser of this.#open.values()) await (await browser).close();
  }
}

/** @param {'chromium' | 'firefox'} name @returns {Promise<Browser>} */
async function openPuppeteer(name) {
  const browser = await launch(name);
  return {
    name,
    async result(url) {
      const page = await browser.newPage();
      /** @type {string[]} */
      const said = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(String(error)));
      try {
        await page.goto(url);
        return await waitFor(
          () => page.evaluate(() => /** @type {any} */ (globalThis).wembedResult),
          () => said.join('\n'),
        );
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}

/**
 * @param {string} folder of an extension, which Chromium loads
 * @param {string} path of its page
 * @returns {Promise<Outcome>}
 */
async function ofExtension(folder, path) {
  const { default: puppeteer } = await import('puppeteer-core');
  const executablePath = findBrowser('chromium');
  const args = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'];
  const browser = await puppeteer.launch({
    executablePath,
    headless: true,
    pipe: true,
    args,
    enableExtensions: [folder],
  });
  try {
    const worker = await browser.waitForTarget((target) => target.url().startsWith('chrome-extension://'));
    const page = await browser.newPage();
    await page.goto(new URL(path, worker.url()).href);
    return await waitFor(
      () => page.evaluate(() => /** @type {any} */ (globalThis).wembedResult),
      () => '',
    );
  } finally {
    await browser.close();
  }
}

/**
 * @param {() => Promise<unknown>} read
 * @param {() => string} said
 * @returns {Promise<Outcome>}
 */
export async function waitFor(read, said) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const found = await read().catch(() => undefined); // a page that is loading, or reloads itself
    if (typeof found === 'string') return JSON.parse(found);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Failure(`the page found nothing in ${PATIENCE / 1000} s; its console:\n${said().slice(-2000)}`);
}

const MINI_BROWSER = ['4.1', '4.0', '6.0']
  .flatMap((version) => [`webkit2gtk-${version}`, `webkitgtk-${version}`])
  .flatMap((name) => [
    `/usr/lib/x86_64-linux-gnu/${name}/MiniBrowser`,
    `/usr/lib/aarch64-linux-gnu/${name}/MiniBrowser`,
  ])
  .find((file) => existsSync(file));

/** WebKit through its WebDriver: MiniBrowser of Debian's WebKitGTK. @returns {Promise<Browser>} */
async function openWebKit() {
  const port = 20_000 + (process.pid % 20_000);
  const home = mkdtempSync(join(tmpdir(), 'wembed-webkit-'));
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    env: {
      ...process.env,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
  });
  const ask = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ body = {}) => {
    const init = method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init });
    const { value } = /** @type {any} */ (await response.json());
    if (value?.error) throw new Failure(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  const options = { binary: MINI_BROWSER, args: ['--automation'] };
  const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } };
  let session;
  for (let attempt = 0; !session; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    session = await ask('POST', '/session', { capabilities }).catch((error) => {
      if (attempt > 40) throw error;
    });
  }
  const base = `/session/${session.sessionId}`;
  return {
    name: 'webkit',
    async result(url) {
      await ask('POST', `${base}/url`, { url });
      const script = 'return globalThis.wembedResult ?? null;';
      return waitFor(
        () => ask('POST', `${base}/execute/sync`, { script, args: [] }),
        () => '',
      );
    },
    async close() {
      await ask('DELETE', base).catch(() => {});
      if (driver.pid) spawnSync('kill', ['--', `-${driver.pid}`]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
