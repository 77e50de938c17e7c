// What a page downloads to use the library, without a model, in bytes after gzip: `node tools/size.mjs` prints JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ROOT } from './run.mjs';

/** What is weighed: the exports of a face that a page may use alone. `*` is the whole face. */
const USES = /** @type {Record<string, { face: string, names: string, beside?: string }>} */ ({
  index: { face: 'index', names: '*' },
  mini: { face: 'mini', names: '*' },
  words: { face: 'words', names: '*' },
  search: { face: 'search', names: '*' },
  util: { face: 'util', names: '*' },
  EmbeddingLayer: { face: 'index', names: '{ EmbeddingLayer }' },
  Tokenizer: { face: 'index', names: '{ Tokenizer }' },
  WordVectors: { face: 'index', names: '{ WordVectors }' },
  RotaryPositions: { face: 'index', names: '{ RotaryPositions }' },
  WembedError: { face: 'index', names: '{ WembedError }' },
});

/** What `wembed/search` costs a page that has a layer. */
const LAYER_AND_SEARCH = { face: 'search', names: '*', beside: 'export { EmbeddingLayer } from' };

/** @param {Uint8Array | string} content */
const gzipped = (content) => gzipSync(content, { level: 9 }).length;

/**
 * Bundles and minifies exports as the build of a page that uses them would, and weighs the scripts.
 * @param {{ face: string, names: string, beside?: string }} use beside: what else, from the package itself
 * @returns {Promise<{ js: number, lazy: number }>} `js` loads at once, `lazy` only when it is needed
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
          id === `\0${entry}`
            ? `export ${names} from ${JSON.stringify(join(ROOT, `web/${face}.js`))};` +
              (beside ? `${beside} ${JSON.stringify(join(ROOT, 'web/index.js'))};` : '')
            : undefined,
      },
    ],
    build: {
      write: false,
      minify: true,
      modulePreload: { polyfill: false }, // a page's own entry brings it, not the library
      assetsInlineLimit: 0,
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
  });
  const chunks = /** @type {any} */ (result).output.filter((/** @type {any} */ { type }) => type === 'chunk');
  // What the entry imports statically loads with it, in whatever chunks the bundler put it.
  const loaded = new Set(
    chunks.filter((/** @type {any} */ { isEntry }) => isEntry).map((/** @type {any} */ c) => c.fileName),
  );
  for (const name of loaded) {
    const { imports } = chunks.find((/** @type {any} */ { fileName }) => fileName === name);
    imports.forEach((/** @type {string} */ each) => loaded.add(each));
  }
  const weigh = (/** @type {boolean} */ now) =>
    chunks
      .filter((/** @type {any} */ { fileName }) => loaded.has(fileName) === now)
      .reduce((/** @type {number} */ sum, /** @type {any} */ { code }) => sum + gzipped(code), 0);
  return { js: weigh(true), lazy: weigh(false) };
}

const wasmSize = () => gzipped(readFileSync(join(ROOT, 'dist/wasm/simd128.wasm')));

/**
 * @returns {Promise<{ wasm: number, js: number, lazy: number, total: number }>} of a page that encodes text; `lazy` is
 *   loaded only when needed and not in the total
 */
export async function librarySize() {
  const { js, lazy } = await scriptSize(USES.EmbeddingLayer);
  const wasm = wasmSize();
  return { wasm, js, lazy, total: wasm + js };
}

/** @returns {Promise<Record<string, number>>} bytes of JavaScript that load at once, by use */
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
