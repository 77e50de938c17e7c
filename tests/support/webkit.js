// WebKit by its WebDriver: the MiniBrowser of Debian's WebKitGTK, on a screen of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const BROWSERS = ['4.1', '4.0', '6.0'].flatMap((version) =>
  ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${version}/MiniBrowser`),
);
const BROWSER = BROWSERS.find((file) => existsSync(file));

/** @param {string} name */
const onPath = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** Debian and Ubuntu have it as webkit2gtk-driver and xvfb. */
export const hasWebKit = Boolean(BROWSER) && onPath('WebKitWebDriver') && onPath('xvfb-run');

/** One page of WebKit. */
export class WebKitPage {
  #ask;
  #base;
  #end;

  /**
   * @param {(method: string, path: string, body?: object) => Promise<unknown>} ask
   * @param {string} session
   * @param {() => void} end
   */
  constructor(ask, session, end) {
    this.#ask = ask;
    this.#base = `/session/${session}`;
    this.#end = end;
  }

  static async launch() {
    const port = 20_000 + (process.pid % 20_000);
    const home = mkdtempSync(join(tmpdir(), 'wembed-webkit-'));
    const own = { HOME: home, XDG_RUNTIME_DIR: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
    const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
      stdio: 'ignore',
      detached: true, // with its children, which end together
      env: { ...process.env, ...own, LIBGL_ALWAYS_SOFTWARE: '1' },
    });
    const end = () => {
      if (driver.pid) process.kill(-driver.pid);
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    };
    const ask = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ body = {}) => {
      const init = method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init });
      const { value } = /** @type {{ value: any }} */ (await response.json());
      if (value?.error) throw new Error(`WebKit: ${value.error}: ${value.message}`);
      return value;
    };
    const options = { binary: BROWSER, args: ['--automation'] };
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } };
    for (let attempt = 0; ; attempt++) {
      await wait(500);
      try {
        const { sessionId } = await ask('POST', '/session', { capabilities });
        return new WebKitPage(ask, sessionId, end);
      } catch (error) {
        if (attempt < 40) continue;
        end();
        throw error;
      }
    }
  }

  /** @param {string} url */
  goto(url) {
    return this.#ask('POST', `${this.#base}/url`, { url });
  }

  /** @param {string} script a function's body @param {...unknown} args */
  run(script, ...args) {
    return this.#ask('POST', `${this.#base}/execute/sync`, { script, args });
  }

  /** @param {string} selector */
  async text(selector) {
    return String(await this.run('return document.querySelector(arguments[0])?.textContent ?? ""', selector));
  }

  /** Waits until a script returns true. @param {string} script @param {...unknown} args */
  async until(script, ...args) {
    for (let attempt = 0; attempt < 250; attempt++) {
      if (await this.run(script, ...args)) return;
      await wait(200);
    }
    throw new Error(`WebKit: never true: ${script} of ${JSON.stringify(args)}`);
  }

  /** @returns {Promise<Buffer>} a PNG of what is on the screen */
  async screenshot() {
    return Buffer.from(String(await this.#ask('GET', `${this.#base}/screenshot`)), 'base64');
  }

  async close() {
    await this.#ask('DELETE', this.#base).catch(() => {});
    this.#end();
  }
}
