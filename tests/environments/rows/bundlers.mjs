// Bundlers for pages: the scripts and the package's files are built, served under a strict policy, and loaded.
import { PRINT, SHOW, page, program } from '../program.mjs';
import { printed } from '../project.mjs';
import { withServer } from '../servers.mjs';

/** @typedef {import('../project.mjs').Row} Row */
/** @typedef {import('../project.mjs').Project} Project */

const MAIN = program({ after: SHOW });
const open = ({ output, place }) => place.openPage({ folder: output });

/** Both effects load the model; what they found is shown if there were two of them and the model came once. */
const STRICT = `import { createElement, StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
${program({ after: '' })}
const all = [];
function App() {
  useEffect(() => {
    all.push(numbers().catch(failed));
    setTimeout(show);
  }, []);
  return null;
}
async function show() {
  const found = await Promise.all(all);
  const models = performance.getEntriesByType('resource').filter(({ name }) => /mini[^/]*\\.bin/.test(name));
  const isOnce = all.length === 2 && models.length === 1;
  globalThis.wembedResult = JSON.stringify(isOnce ? found[1] : { error: all.length + ' effects, ' + models.length + ' downloads' });
}
createRoot(document.body.appendChild(document.createElement('main'))).render(createElement(StrictMode, null, createElement(App)));
`;

/** What a user of a bundler that moves no files does: copy them, and say where. */
const COPIED = "copy node_modules/wembed/dist/assets to the site, and `env.assets = '/assets/'`";
const MOVED = program({ before: "env.assets = '/assets/';", after: SHOW });
const copyAssets = (/** @type {string} */ output) =>
  `import { cpSync } from 'node:fs'; cpSync('node_modules/wembed/dist/assets', '${output}/assets', { recursive: true }); cpSync('page.html', '${output}/index.html');`;

/**
 * @param {{ name: string, title: string, packages: string[], build: string[], main?: string, head?: string, files?: Record<string, string> }} bundler
 *   that leaves addresses as they are
 * @returns {Row}
 */
const plain = ({ name, title, packages, build, main = MOVED, files = {} }) => ({
  ...{ name, title, packages, todo: COPIED, output: 'out', assets: 'files' },
  files: { 'main.js': main, 'page.html': page('./main.js'), 'copy.mjs': copyAssets('out'), ...files },
  build: [build, ['node', 'copy.mjs']],
  run: open,
});

/** @type {Row[]} */
export const BUNDLERS = [
  ...[8, 7, 6, 5].map((version) => ({
    name: `vite ${version}`,
    title: `Vite ${version}, build`,
    fast: version === 8,
    packages: [`vite@${version}`],
    files: { 'index.html': page('./main.js'), 'main.js': MAIN },
    build: [['npx', 'vite', 'build']],
    output: 'dist',
    assets: /** @type {const} */ ('files'),
    run: open,
  })),
  {
    name: 'vite dev',
    title: 'Vite 8, development server',
    packages: ['vite@8'],
    files: { 'index.html': page('./main.js'), 'main.js': MAIN },
    run: ({ folder, place }) =>
      withServer(
        (port) => ['npx', 'vite', '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
        folder,
        (url) => place.openPage({ url }),
      ),
  },
  {
    name: 'vite react',
    title: 'React 19 in StrictMode, which runs each effect twice: one download (Vite 8, development server)',
    packages: ['vite@8', 'react@19', 'react-dom@19'],
    files: { 'index.html': page('./main.js'), 'main.js': STRICT },
    run: ({ folder, place }) =>
      withServer(
        (port) => ['npx', 'vite', '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
        folder,
        (url) => place.openPage({ url }),
      ),
  },
  {
    name: 'vite library',
    title: 'Vite 8, library mode',
    todo: '`rollupOptions: { external: /^wembed/ }`, as for any dependency: whoever uses the library installs it',
    packages: ['vite@8'],
    files: {
      'lib.js': program(),
      'vite.config.js':
        "export default { build: { lib: { entry: 'lib.js', formats: ['es'], fileName: 'lib' }, rollupOptions: { external: /^wembed/ } } };\n",
      'main.js': `import { numbers, failed } from './dist/lib.js';\n${PRINT}`,
    },
    build: [['npx', 'vite', 'build']],
    output: 'dist',
    assets: 'files',
    run: async ({ folder }) => printed([process.execPath, 'main.js'], folder),
  },
  {
    name: 'tsdown',
    title: 'tsdown, a library',
    packages: ['tsdown@0.22', 'node@22'], // which it needs
    files: {
      'package.json': '{ "private": true, "type": "module", "dependencies": { "wembed": "*" } }\n',
      'lib.js': program(),
      'main.js': `import { numbers, failed } from './dist/lib.mjs';\n${PRINT}`,
    },
    build: [
      ['node_modules/node/bin/node', 'node_modules/tsdown/dist/run.mjs', 'lib.js', '--format', 'esm', '--no-dts'],
    ],
    output: 'dist',
    assets: 'files',
    run: async ({ folder }) => printed([process.execPath, 'main.js'], folder),
  },
  {
    name: 'webpack',
    title: 'webpack 5',
    fast: true,
    packages: ['webpack@5', 'webpack-cli@7'],
    files: {
      'src/index.js': MAIN,
      'copy.mjs': "import { cpSync } from 'node:fs'; cpSync('page.html', 'dist/index.html');",
      'page.html': page('./main.js'),
    },
    build: [
      ['npx', 'webpack', '--mode', 'production'],
      ['node', 'copy.mjs'],
    ],
    output: 'dist',
    assets: 'files',
    run: open,
  },
  {
    name: 'rspack',
    title: 'Rspack 2',
    packages: ['@rspack/core@2', '@rspack/cli@2'],
    files: {
      'src/index.js': MAIN,
      'copy.mjs': "import { cpSync } from 'node:fs'; cpSync('page.html', 'dist/index.html');",
      'page.html': page('./main.js'),
    },
    build: [
      ['npx', 'rspack', 'build', '--mode', 'production'],
      ['node', 'copy.mjs'],
    ],
    output: 'dist',
    assets: 'files',
    run: open,
  },
  {
    name: 'parcel',
    title: 'Parcel 2',
    packages: ['parcel@2'],
    files: { 'index.html': page('./main.js'), 'main.js': MAIN, 'package.json': '{ "private": true }\n' },
    build: [['npx', 'parcel', 'build', 'index.html', '--no-cache']],
    output: 'dist',
    assets: 'files',
    // Parcel itself writes an import map into the page, against the strict policy.
    run: ({ output, place }) =>
      place.openPage({ folder: output, csp: "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'" }),
  },
  plain({
    name: 'esbuild esm',
    title: 'esbuild, esm with splitting',
    packages: ['esbuild@0.28'],
    build: ['npx', 'esbuild', 'main.js', '--bundle', '--splitting', '--format=esm', '--outdir=out', '--minify'],
  }),
  {
    name: 'esbuild iife',
    title: 'esbuild, one classic script (iife)',
    fast: true,
    todo: "`import … from 'wembed/inline'` holds the WebAssembly; the model: `--loader:.bin=binary` and `env.assets = { 'mini.bin': mini }`",
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
        'npx',
        'esbuild',
        'main.js',
        '--bundle',
        '--format=iife',
        '--loader:.bin=binary',
        '--outfile=out/main.js',
        '--log-level=error',
      ],
    ],
    output: 'out',
    assets: 'inline',
    run: open,
  },
  plain({
    name: 'rollup',
    title: 'Rollup 4',
    packages: ['rollup@4', '@rollup/plugin-node-resolve'],
    build: ['npx', 'rollup', 'main.js', '-d', 'out', '-p', 'node-resolve'],
  }),
  plain({
    name: 'rolldown',
    title: 'Rolldown 1',
    packages: ['rolldown@1'],
    build: ['npx', 'rolldown', 'main.js', '-d', 'out'],
  }),
  plain({
    name: 'bun build',
    title: 'bun build',
    packages: ['bun@1'],
    build: ['npx', 'bun', 'build', 'main.js', '--outdir=out', '--splitting'],
  }),
];
