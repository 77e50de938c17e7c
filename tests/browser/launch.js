import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {'chromium' | 'firefox'} BrowserName */

/** @type {Record<BrowserName, { variable: string, names: string[], files: string[] }>} */
const PLACES = {
  chromium: {
    variable: 'WEMBED_CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    files: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
  },
  firefox: {
    variable: 'WEMBED_FIREFOX',
    names: ['firefox-esr', 'firefox'],
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
 * Where a browser is: the environment variable, then PATH, then the usual folders.
 * @param {BrowserName} name
 * @returns {string | undefined}
 */
export function findBrowser(name) {
  const { variable, names, files } = PLACES[name];
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((file) => join(folder, file)));
  return [process.env[variable] ?? '', ...onPath, ...files].find(isExecutable);
}

/**
 * Starts a browser with a fresh profile.
 * @param {BrowserName} name
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export async function launch(name) {
  const executablePath = findBrowser(name);
  if (!executablePath) {
    const { variable, names } = PLACES[name];
    throw new Error(`No ${name}: install it (\`npm test\` does so on Debian and Ubuntu) so that one of
      ${names.join(', ')} is on PATH, or give its path in ${variable}.`);
  }
  // Here and not at the top, because tools/setup.mjs looks for browsers before there are npm packages.
  const { default: puppeteer } = await import('puppeteer-core');
  if (name === 'firefox') return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  // Chromium's sandbox refuses to start as root.
  const args = process.getuid?.() === 0 ? [...CHROMIUM_FLAGS, '--no-sandbox'] : CHROMIUM_FLAGS;
  return puppeteer.launch({ browser: 'chrome', executablePath, headless: true, args });
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
