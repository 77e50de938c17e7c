// Which room of web/ may import which: the matrix of docs/ARCHITECTURE.md.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a room may import beside its own files: other rooms, or single files of them. */
export const WEB_ROOMS = {
  core: [],
  sources: ['core'],
  memory: ['core', 'sources/platform.js'],
  formats: ['core', 'sources'],
  tokenizer: ['core', 'sources', 'formats', 'memory'],
  table: ['core', 'sources', 'formats', 'memory'],
  nn: ['core', 'memory', 'table'],
  models: ['core', 'sources', 'memory', 'formats', 'tokenizer', 'table', 'nn'],
  words: ['core', 'sources', 'memory', 'formats', 'table', 'nn'],
};

/** The files directly in web/ are faces: they may import every room. A demo imports faces. */
const FACE = /^web\/[^/]+\.js$/;

/** @param {string} file from the root, with slashes */
const roomOf = (file) => file.split('/')[1];

/**
 * @param {string} file that imports
 * @param {string} imported
 * @returns {boolean}
 */
export function mayImport(file, imported) {
  if (imported.startsWith('dist/wasm/')) return roomOf(file) === 'memory';
  if (FACE.test(file)) return Object.hasOwn(WEB_ROOMS, roomOf(imported)) || FACE.test(imported);
  if (roomOf(file) === 'demo') return FACE.test(imported) || roomOf(imported) === 'demo';
  const allowed = /** @type {Record<string, string[]>} */ (WEB_ROOMS)[roomOf(file)];
  if (!allowed || FACE.test(imported)) return false;
  return roomOf(imported) === roomOf(file) || allowed.some((each) => `${imported}/`.startsWith(`web/${each}/`));
}

/**
 * Everything a file imports by a relative path: `import`, `export … from`, `import()` in code and in JSDoc types.
 * @param {string} file from the root
 * @returns {string[]} paths from the root
 */
export function importsOf(file) {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found = source.matchAll(
    /(?:\bfrom\s*|\bimport\s*\(\s*(?:\/\*[^]*?\*\/\s*)*|\bimport\s+)(['"`])(\.{1,2}\/[^'"`]+)\1/g,
  );
  return [...found].map(([, , target]) => relative(ROOT, resolve(ROOT, dirname(file), target)));
}

/**
 * @param {string} folder from the root
 * @param {RegExp} pattern of the name
 * @returns {string[]} paths from the root
 */
export function filesUnder(folder, pattern) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}
