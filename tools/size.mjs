// What a page downloads to use the library, without a model: `node tools/size.mjs` prints bytes after gzip as JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ROOT } from './run.mjs';

/** @param {Uint8Array | string} content */
const gzipped = (content) => gzipSync(content, { level: 9 }).length;

/**
 * Bundles and minifies EmbeddingLayer as the build of a page that encodes would, and weighs what comes out.
 * @returns {Promise<{ wasm: number, js: number, lazy: number, total: number }>} `lazy` is loaded only when needed and
 *   not in the total
 */
export async function librarySize() {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      assetsInlineLimit: 0,
      rollupOptions: { input: join(ROOT, 'web/models/layer.js'), preserveEntrySignatures: 'strict' },
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
  const wasm = gzipped(readFileSync(join(ROOT, 'dist/wasm/simd128.wasm')));
  return { wasm, js: weigh(true), lazy: weigh(false), total: wasm + weigh(true) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await librarySize()));
}
