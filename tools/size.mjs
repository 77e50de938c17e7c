// The download size of the library, without a model, in bytes after gzip: `node tools/size.mjs` prints JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ROOT } from './run.mjs';

/** The measured uses: exports of an entry point that a page may use alone. `*` is the whole entry point. */
const USES = /** @type {Record<string, { face: string, names: string, beside?: string }>} */ ({
  index: { face: 'index', names: '*' },
  mini: { face: 'mini', names: '*' },
  words: { face: 'words', names: '*' },
  search: { face: 'search', names: '*' },
  train: { face: 'train', names: '*' },
  util: { face: 'util', names: '*' },
  chat: { face: 'chat', names: '*' },
  worker: { face: 'worker', names: '*' },
  worker_thread: { face: 'worker_thread', names: '*' },
  EmbeddingLayer: { face: 'index', names: '{ EmbeddingLayer }' },
  Tokenizer: { face: 'index', names: '{ Tokenizer }' },
  WordVectors: { face: 'index', names: '{ WordVectors }' },
  RotaryPositions: { face: 'index', names: '{ RotaryPositions }' },
  WembedError: { face: 'index', names: '{ WembedError }' },
});

/** What `wembed/search` costs a page that has a layer. */
const LAYER_AND_SEARCH = { face: 'search', names: '*', beside: '{ EmbeddingLayer }' };

/** @param {Uint8Array | string} content */
const gzipped = (content) => gzipSync(content, { level: 9 }).length;

/**
 * @param {string} names
 * @param {string} path of the face
 * @returns {string} the script of a page that uses these names
 */
function page(names, path) {
  const used = names === '*' ? '* as used' : names;
  const value = names === '*' ? 'used' : names.replace(/[{}]/g, '').trim();
  return `import ${used} from ${JSON.stringify(path)}; globalThis.used = { ...[${value}] };`;
}

/** @param {string} names from the package itself */
const also = (names) =>
  `import ${names} from ${JSON.stringify(join(ROOT, 'web/index.js'))}; globalThis.also = [${names.replace(/[{}]/g, '')}];`;

/**
 * Bundles and minifies exports as the build of a page that uses them would, and weighs the scripts.
 * @param {{ face: string, names: string, beside?: string }} use `beside`: what else the page imports from the package
 * @returns {Promise<{ js: number, lazy: number, minified: number }>} `js` loads at once, `lazy` on demand; `minified`: `js`
 *   before gzip
 */
async function scriptSize({ face, names, beside }) {
  const entry = 'virtual:entry';
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? `\0${entry}` : undefined),
        load: (id) =>
          id === `\0${entry}` ? page(names, join(ROOT, `web/${face}.js`)) + (beside ? also(beside) : '') : undefined,
      },
    ],
    build: {
      write: false,
      minify: true,
      modulePreload: { polyfill: false }, // part of a page's own entry, not of the library
      assetsInlineLimit: 0,
      rollupOptions: { input: entry }, // as a page's own script: its exports are nobody's
    },
  });
  const chunks = /** @type {any} */ (result).output.filter((/** @type {any} */ { type }) => type === 'chunk');
  // The entry's static imports load with it, in any chunk.
  const loaded = new Set(
    chunks.filter((/** @type {any} */ { isEntry }) => isEntry).map((/** @type {any} */ c) => c.fileName),
  );
  for (const name of loaded) {
    const { imports } = chunks.find((/** @type {any} */ { fileName }) => fileName === name);
    imports.forEach((/** @type {string} */ each) => loaded.add(each));
  }
  const weigh = (/** @type {boolean} */ now, size = gzipped) =>
    chunks
      .filter((/** @type {any} */ { fileName }) => loaded.has(fileName) === now)
      .reduce((/** @type {number} */ sum, /** @type {any} */ { code }) => sum + size(code), 0);
  return { js: weigh(true), lazy: weigh(false), minified: weigh(true, (code) => Buffer.byteLength(code)) };
}

const wasmSize = () => gzipped(readFileSync(join(ROOT, 'dist/assets/simd128.wasm')));

/**
 * @returns {Promise<{ wasm: number, js: number, lazy: number, total: number, minified: number }>} of a page that encodes
 *   text; `lazy` loads on demand and is not in the total; `minified`: `js` before gzip
 */
export async function librarySize() {
  const { js, lazy, minified } = await scriptSize(USES.EmbeddingLayer);
  const wasm = wasmSize();
  return { wasm, js, lazy, total: wasm + js, minified };
}

/** @returns {Promise<Record<string, number>>} bytes of JavaScript that load at once, per use */
export async function sizes() {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [name, use] of Object.entries(USES)) found[name] = (await scriptSize(use)).js;
  found['search beside a layer'] = (await scriptSize(LAYER_AND_SEARCH)).js - found.EmbeddingLayer;
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify({ ...(await librarySize()), uses: await sizes() }));
}
