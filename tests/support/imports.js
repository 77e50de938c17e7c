// Which folder of web/ may import which: the matrix of docs/ARCHITECTURE.md.
import { dirname, relative, resolve } from 'node:path';
import { ROOT, importsIn, readSource } from './sources.js';

/** What a folder may import besides its own files: other folders, or single files of them. */
export const WEB_ROOMS = {
  core: [],
  sources: ['core'],
  memory: ['core', 'sources/assets.js', 'sources/page.js'],
  formats: ['core', 'sources'],
  tokenizer: ['core', 'sources', 'formats', 'memory'],
  table: ['core', 'sources', 'formats', 'memory'],
  nn: ['core', 'memory', 'table'],
  words: ['core', 'sources', 'memory', 'formats', 'table', 'nn'],
  models: ['core', 'sources', 'memory', 'formats', 'tokenizer', 'table', 'nn', 'words'],
  search: ['core', 'sources', 'memory', 'table'],
  train: ['core', 'sources', 'memory', 'formats', 'tokenizer', 'table', 'nn', 'words', 'models', 'search'],
};

/**
 * The files directly in web/ are entry points, which may import every folder. Demo and cli import those only; workers also
 * what the caller's side is made of, so that a page that imports it loads no engine.
 */
const FACE = /^web\/[^/]+\.js$/;
const ABOVE_FACES = /** @type {Record<string, string[]>} */ ({
  demo: [],
  cli: [],
  workers: ['core', 'sources/platform.js'],
});

/** Files outside web/, and what of it loads them. */
const DATA = [
  { file: /^dist\/wasm\/numbers\.js$/, by: /^web\/cli\/json_numbers\.js$/ },
  { file: /^dist\/wasm\//, by: /^web\/memory\// },
  { file: /^dist\/assets\/\w+\.wasm$/, by: /^web\/memory\// },
  { file: /^examples\/llama\/llama\.js(\?raw)?$/, by: /^web\/demo\// },
  { file: /^dist\/assets\/mini\.bin$/, by: /^web\/models\/mini_files\.js$/ },
];

/** @param {string} file from the root, with slashes */
const roomOf = (file) => file.split('/')[1];

/**
 * @param {string} file that imports
 * @param {string} imported
 * @returns {boolean}
 */
export function mayImport(file, imported) {
  const data = DATA.find((each) => each.file.test(imported));
  if (data) return data.by.test(file);
  if (!imported.startsWith('web/')) return false;
  if (FACE.test(file)) {
    return Object.hasOwn(WEB_ROOMS, roomOf(imported)) || roomOf(imported) === 'workers' || FACE.test(imported);
  }
  const above = ABOVE_FACES[roomOf(file)];
  const allowed = above ?? /** @type {Record<string, string[]>} */ (WEB_ROOMS)[roomOf(file)];
  if (!allowed || (FACE.test(imported) && !above)) return false;
  if (FACE.test(imported) || roomOf(imported) === roomOf(file)) return true;
  return allowed.some((each) => `${imported}/`.startsWith(`web/${each}/`));
}

/**
 * @param {string} file from the root
 * @param {string} [source]
 * @returns {string[]} what it imports by a relative path, from the root
 */
export function importsOf(file, source = readSource(file)) {
  return importsIn(source)
    .names.filter((name) => /^\.{1,2}\//.test(name))
    .map((name) => relative(ROOT, resolve(ROOT, dirname(file), name)));
}
