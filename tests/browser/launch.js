import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {'chromium' | 'firefox'} BrowserName */

// Where tools/setup.mjs downloads a browser to, if the system has no package of it.
const DOWNLOADS = fileURLToPath(new URL('../../.cache/browsers', import.meta.url));

/** @type {Record<BrowserName, { variable: string, names: string[], downloaded: string[], files: string[] }>} */
const PLACES = {
  chromium: {
    variable: 'WEMBED_CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    downloaded: ['chrome', 'chrome-linux64/chrome'],
    files: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
  },
  firefox: {
    variable: 'WEMBED_FIREFOX',
    names: ['firefox-esr', 'firefox'],
    downloaded: ['firefox', 'firefox/firefox'],
    files: ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
  },
};

// A quiet Chromium: nothing of its own on the network, no first-run page.
const CHROMIUM_FLAGS = [
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * Where a browser is: the environment variable, then a download of ours, then PATH, then the usual folders.
 * @param {BrowserName} name
 * @returns {string | undefined}
 */
export function findBrowser(name) {
  const { variable, names, downloaded, files } = PLACES[name];
  const ours = versions(join(DOWNLOADS, downloaded[0])).map((folder) => join(folder, downloaded[1]));
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((file) => join(folder, file)));
  return [process.env[variable] ?? '', ...ours, ...onPath, ...files].find(isExecutable);
}

/**
 * Starts a browser with a fresh profile.
 * @param {BrowserName} name
 * @param {string[]} [flags] further ones, of Chromium's
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export async function launch(name, flags = []) {
  const executablePath = findBrowser(name);
  if (!executablePath) {
    const { variable, names } = PLACES[name];
    throw new Error(`No ${name}: install it (\`npm test\` does so on Debian and Ubuntu) so that one of
      ${names.join(', ')} is on PATH, or give its path in ${variable}.`);
  }
  // Here and not at the top, because tools/setup.mjs looks for browsers before there are npm packages.
  const { default: puppeteer } = await import('puppeteer-core');
  if (name === 'firefox') return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  const args = [...CHROMIUM_FLAGS, ...(sandboxWorks() ? [] : ['--no-sandbox']), ...flags];
  return puppeteer.launch({ browser: 'chrome', executablePath, headless: true, args });
}

/**
 * Before each test of a `describe` a new page of one browser for all of them.
 * @param {BrowserName} name
 * @param {(page: import('puppeteer-core').Page) => unknown} give receives the page
 */
export function eachPage(name, give) {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {import('puppeteer-core').Page} */
  let page;

  beforeAll(async () => {
    browser = await launch(name);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    page = await browser.newPage();
    await give(page);
  });
  afterEach(() => page.close());
}

/** Chromium's sandbox refuses to start as root, and where the system (Ubuntu) denies user namespaces to programs. */
function sandboxWorks() {
  if (process.getuid?.() === 0) return false;
  try {
    return readFileSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'utf8').trim() !== '1';
  } catch {
    return true;
  }
}

/**
 * @param {string} folder
 * @returns {string[]} the folders in it, none if there is no such folder
 */
function versions(folder) {
  try {
    return readdirSync(folder).map((version) => join(folder, version));
  } catch {
    return [];
  }
}

/** @param {string} file */
function isExecutable(file) {
  if (!file) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
