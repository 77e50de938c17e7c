// Packages for the web whose indexes take too long to build for 100,000 vectors. Each is left out, with a line, where it is not
// installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const TOP = 10;
const folderOf = (/** @type {string} */ name) =>
  dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/**
 * @typedef {{ data: Float32Array, rows: number, dim: number, row: (i: number) => Float32Array }} Vectors of length 1
 * @typedef {(query: Float32Array) => number[] | Promise<number[]>} Search gives the numbers of ten rows
 */

/** @type {Record<string, (folder: string, vectors: Vectors) => Promise<Search>>} */
const PACKAGES = {
  edgevec: async (folder, { data, rows, dim }) => {
    const { default: start, EdgeVec, EdgeVecConfig } = await import(String(pathToFileURL(join(folder, 'edgevec.js'))));
    await start({ module_or_path: readFileSync(join(folder, 'edgevec_bg.wasm')) });
    const index = new EdgeVec(new EdgeVecConfig(dim)); // squared distance, HNSW
    const ids = Array.from(index.insertBatchFlat(data, rows), Number);
    return (query) => index.search(query, TOP).map((/** @type {{ id: number }} */ { id }) => ids.indexOf(Number(id)));
  },
  'voy-search': async (folder, { rows, row }) => {
    const glue = await import(String(pathToFileURL(join(folder, 'voy_search_bg.js'))));
    const wasm = readFileSync(join(folder, 'voy_search_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(wasm, { './voy_search_bg.js': glue });
    glue.__wbg_set_wasm(instance.exports);
    const item = (/** @type {number} */ i) => ({ id: String(i), title: '', url: '', embeddings: Array.from(row(i)) });
    const index = new glue.Voy({ embeddings: Array.from({ length: rows }, (_, i) => item(i)) });
    return (query) => index.search(query, TOP).neighbors.map((/** @type {{ id: string }} */ { id }) => Number(id));
  },
  'client-vector-search': async (folder, { rows, row }) => {
    const { EmbeddingIndex } = await import(String(pathToFileURL(join(folder, 'dist/index.mjs'))));
    const item = (/** @type {number} */ id) => ({ id, embedding: Array.from(row(id)) });
    const index = new EmbeddingIndex(Array.from({ length: rows }, (_, id) => item(id)));
    return async (query) => {
      const found = await index.search(Array.from(query), { topK: TOP });
      return found.map((/** @type {{ object: { id: number } }} */ { object }) => object.id);
    };
  },
};

/**
 * @param {Vectors} vectors
 * @returns {Promise<{ name: string, seconds: number, search: Search }[]>} those that are installed, and what their index took
 */
export async function startPackages(vectors) {
  const started = [];
  for (const [name, start] of Object.entries(PACKAGES)) {
    try {
      const begin = performance.now();
      const search = await start(folderOf(name), vectors);
      started.push({ name, seconds: (performance.now() - begin) / 1000, search });
    } catch (error) {
      console.error(`${name} is left out: ${String(/** @type {Error} */ (error).message).split('\n')[0]}`);
    }
  }
  return started;
}
