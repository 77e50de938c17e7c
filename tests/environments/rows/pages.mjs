// Pages without a bundler, and workers of every kind.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../support/server.js';
import { POST, SHOW, page, program } from '../program.mjs';

/** @typedef {import('../project.mjs').Row} Row */

const PACKAGE = './node_modules/wembed';

/** What the program imports, where the package lies below the page and nothing resolves its name. */
const paths = (/** @type {string} */ code, from = PACKAGE) =>
  code
    .replace("'wembed'", `'${from}/web/index.js'`)
    .replace("'wembed/mini'", `'${from}/web/mini.js'`)
    .replace("'wembed/search'", `'${from}/web/search.js'`);

const MAP = JSON.stringify({
  imports: {
    wembed: `${PACKAGE}/web/index.js`,
    'wembed/mini': `${PACKAGE}/web/mini.js`,
    'wembed/search': `${PACKAGE}/web/search.js`,
  },
});

const STATIC = program({ from: `${PACKAGE}/dist/static.js`, after: '' });

/** A static model of two rows, whose header `inspect` reads. */
const header = '{"embeddings":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]}}'.padEnd(72);
const MODEL = {
  'model/config.json': '{"model_type":"model2vec"}',
  'model/model.safetensors': `${String.fromCharCode(header.length)}${'\0'.repeat(7)}${header}${'\0'.repeat(32)}`,
};

/** What the static build also does: without import(), where `wembed` itself would load a part. */
const INSPECT = `import { inspect } from '${PACKAGE}/dist/static.js';
const inspected = async () => {
  const { family, parameters } = await inspect(new URL('./model/', location.href).href);
  if (family !== 'model2vec' || parameters !== 8) throw new Error(\`inspect: \${family}, \${parameters} parameters\`);
};`;
const WAIT = '({ data }) => { globalThis.wembedResult = data; }';

/**
 * @param {string} kind
 * @param {string} start
 * @param {string} worker
 * @param {Partial<Row> & { more?: Record<string, string> }} [options] `more`: further files
 * @returns {Row}
 */
const worker = (kind, start, worker, { more, ...options } = {}) => ({
  name: `${kind}, no bundler`,
  title: `${kind[0].toUpperCase()}${kind.slice(1)}, no bundler`,
  files: { 'index.html': page('./main.js'), 'main.js': start, 'worker.js': worker, ...more },
  run: ({ folder, place }) => place.openPage({ folder }),
  ...options,
});

/** @type {Row[]} */
export const PAGES = [
  {
    name: 'import map',
    title: 'Page, import map',
    files: {
      'index.html': page('./main.js', `<script type="importmap">${MAP}</script>`),
      'main.js': program({ after: SHOW }),
    },
    run: ({ folder, place }) =>
      place.openPage({ folder, csp: "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self'" }),
  },
  {
    name: 'cdn',
    title: 'Page, the package on another origin (a CDN)',
    todo: "`import … from 'https://…/wembed/web/mini.js'`: any host that serves the package's files as they are",
    files: {},
    async run({ folder, place }) {
      const cdn = await serve(join(folder, 'node_modules'), { headers: { 'Access-Control-Allow-Origin': '*' } });
      const { writeFileSync, mkdirSync } = await import('node:fs');
      const site = join(folder, 'site');
      mkdirSync(site);
      writeFileSync(join(site, 'index.html'), page('./main.js'));
      writeFileSync(join(site, 'main.js'), paths(program({ after: SHOW }), `${cdn.url}/wembed`));
      try {
        const csp = `script-src 'self' ${cdn.url} 'wasm-unsafe-eval'; connect-src ${cdn.url}`;
        return await place.openPage({ folder: site, csp });
      } finally {
        await cdn.close();
      }
    },
  },
  {
    name: 'isolated',
    title: 'Page, cross-origin isolated (COOP and COEP)',
    files: { 'index.html': page('./main.js'), 'main.js': paths(program({ after: SHOW })) },
    run: ({ folder, place }) =>
      place.openPage({
        folder,
        headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
      }),
  },
  {
    name: 'two copies',
    title: 'Page, two copies of the package at once',
    files: {
      'index.html': page('./main.js'),
      'main.js': `
import { numbers, failed } from './a.js';
import { numbers as again } from './b.js';
const same = async () => {
  const [a, b] = await Promise.all([numbers(), again()]);
  return JSON.stringify(a) === JSON.stringify(b) ? a : { error: 'two copies differ' };
};
same().catch(failed).then((found) => { globalThis.wembedResult = JSON.stringify(found); });`,
      'a.js': paths(program()),
      'b.js': paths(program(), './copy'),
    },
    run({ folder, place }) {
      cpSync(join(folder, 'node_modules/wembed'), join(folder, 'copy'), { recursive: true });
      return place.openPage({ folder });
    },
  },
  worker(
    'module worker',
    `new Worker('./worker.js', { type: 'module' }).onmessage = ${WAIT};`,
    paths(program({ after: POST })),
  ),
  worker(
    'classic worker',
    `new Worker('./worker.js').onmessage = ${WAIT};`,
    `import('./numbers.js').then(({ numbers, failed }) => ${POST}`.replace(/;$/, ');'),
    {
      todo: "`await import('wembed/mini')`: a classic script has no import statement",
      files: {
        'index.html': page('./main.js'),
        'main.js': `new Worker('./worker.js').onmessage = ${WAIT};`,
        'worker.js': `import('./numbers.js').then(({ numbers, failed }) => { ${POST} });`,
        'numbers.js': paths(program()),
      },
    },
  ),
  worker(
    'shared worker',
    `new SharedWorker('./worker.js', { type: 'module' }).port.onmessage = ${WAIT};`,
    paths(
      program({
        after: `const all = numbers().catch(failed).then(JSON.stringify);
globalThis.onconnect = ({ ports: [port] }) => { all.then((found) => port.postMessage(found)); };`,
      }),
    ),
  ),
  worker(
    'service worker',
    `navigator.serviceWorker.register('./worker.js', { type: 'module' }).then(async () => {
  const { active } = await navigator.serviceWorker.ready;
  navigator.serviceWorker.onmessage = ${WAIT};
  active.postMessage('go');
}).catch((error) => { globalThis.wembedResult = JSON.stringify({ error: String(error) }); });`,
    `${STATIC}
${INSPECT}
addEventListener('message', ({ source }) => {
  inspected().then(() => numbers()).catch(failed).then((found) => source.postMessage(JSON.stringify(found)));
});`,
    {
      fast: true,
      more: MODEL,
      todo: "`import … from 'wembed/static'`: it has no import(), which service workers refuse",
    },
  ),
  worker(
    'service worker, not static',
    `navigator.serviceWorker.register('./worker.js', { type: 'module' }).then(async () => {
  const { active } = await navigator.serviceWorker.ready;
  navigator.serviceWorker.onmessage = ${WAIT};
  active.postMessage('go');
}).catch((error) => { globalThis.wembedResult = JSON.stringify({ error: String(error) }); });`,
    paths(`import { Tokenizer, inspect } from 'wembed';
const failed = ({ code, reason, message }) => ({ code, reason, message });
const all = () => Promise.all([
  Tokenizer.fromPretrained('org/name').then(() => 'loaded', failed),
  inspect(new URL('./model/', location.href).href).then(() => 'loaded', failed),
]);
addEventListener('message', ({ source }) => {
  all().then((calls) => source.postMessage(JSON.stringify({ calls })));
});`),
    {
      more: MODEL,
      title: 'Service worker, no bundler, with `wembed` itself',
      todo: 'import from `wembed/static`: the error (`unsupported`, reason `no_import`) says so',
      check({ calls }) {
        for (const { code, reason, message } of calls) {
          if (code !== 'unsupported' || reason !== 'no_import' || !/wembed\/static/.test(message))
            throw new Error(`${code}, ${reason}: ${message}`);
        }
      },
    },
  ),
  {
    name: 'file page',
    title: 'Page opened as a file (file:), and pages of a single file',
    todo: "one classic script with `wembed/inline`, and the model's bytes in `env.assets`: see esbuild (iife)",
    packages: ['esbuild@0.28'],
    files: {
      'main.js': program({
        from: 'wembed/inline',
        before: "import mini from 'wembed/assets/mini.bin';\nenv.assets = { 'mini.bin': mini };",
        after: SHOW,
      }),
      'out/index.html': '<!doctype html><meta charset="utf-8"><script src="main.js"></script>\n',
    },
    build: [
      [
        ...['npx', 'esbuild', 'main.js', '--bundle', '--format=iife', '--loader:.bin=binary', '--outfile=out/main.js'],
        '--log-level=error',
      ],
    ],
    output: 'out',
    assets: 'inline',
    run: ({ output, place }) => place.openPage({ url: `file://${output}`, path: '/index.html' }),
  },
  {
    name: 'extension',
    title: 'Extension (Manifest V3), popup and background',
    todo: "background: `import … from 'wembed/static'`; manifest: `\"extension_pages\": \"script-src 'self' 'wasm-unsafe-eval'; object-src 'self'\"`",
    files: {
      'extension/manifest.json': JSON.stringify({
        manifest_version: 3,
        name: 'wembed',
        version: '1',
        background: { service_worker: 'background.js', type: 'module' },
        action: { default_popup: 'popup.html' },
        content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
      }),
      'extension/background.js': `${program({ from: './wembed/dist/static.js', after: '' })}
chrome.runtime.onMessage.addListener((message, sender, answer) => {
  numbers().catch(failed).then(answer);
  return true;
});`,
      'extension/popup.html': page('./popup.js'),
      'extension/background.html': page('./ask.js'),
      'extension/ask.js':
        "chrome.runtime.sendMessage('go').then((found) => { globalThis.wembedResult = JSON.stringify(found); });",
      'extension/popup.js': paths(program({ after: SHOW }), './wembed'),
    },
    async run({ folder, place }) {
      const extension = join(folder, 'extension');
      cpSync(join(folder, 'node_modules/wembed'), join(extension, 'wembed'), { recursive: true });
      const open = (/** @type {string} */ path) => place.openPage({ extension, path, browsers: ['chromium'] });
      return [...(await open('/popup.html')), ...(await open('/background.html'))];
    },
  },
];
