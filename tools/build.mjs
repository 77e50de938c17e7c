// `npm run build`: the WebAssembly modules in dist/wasm and the type declarations in dist/types.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GLUE_TYPES } from './boundary.mjs';
import { build, compilerStamp } from './cmake.mjs';
import { filesUnder } from './format.mjs';
import { Failure, ROOT, main, node } from './run.mjs';
import { setup } from './setup.mjs';

/** The core and the text module, two variants each. */
const MODULES = ['simd128', 'scalar', 'text_simd128', 'text_scalar'];
const BUILD = join(ROOT, 'build/wasm');
const DIST = join(ROOT, 'dist/wasm');
const STAMP = join(ROOT, 'dist/wasm.json'); // outside dist/wasm, because that folder is published

/** Compiles cpp/ to dist/wasm, unless that is up to date. */
export function buildWasm() {
  if (isFresh()) return;
  setup(['wasm']);
  console.log('Building the WebAssembly core (only files that are out of date)');
  build('wasm');

  const [glue, ...others] = MODULES.map((name) => readFileSync(join(BUILD, name, 'core.js'), 'utf8'));
  if (others.some((other) => other !== glue)) {
    throw new Failure('The modules need different glue, but dist/wasm has room for one core.js.');
  }
  mkdirSync(DIST, { recursive: true });
  writeFileSync(join(DIST, 'core.js'), withoutOwnUrl(glue));
  for (const name of MODULES) copyFileSync(join(BUILD, name, 'core.wasm'), join(DIST, `${name}.wasm`));
  writeFileSync(join(DIST, 'core.d.ts'), GLUE_TYPES);
  writeFileSync(STAMP, `${JSON.stringify(stampNow())}\n`);
}

/**
 * Whether dist/wasm is what a build of the present sources would write. Without a compiler only the sources are
 * compared: a build that somebody else made from them is accepted.
 */
export function isFresh() {
  if (!existsSync(STAMP)) return false;
  const [was, is] = [JSON.parse(readFileSync(STAMP, 'utf8')), stampNow()];
  return (
    was.sources === is.sources && was.results === is.results && (is.compiler === '' || was.compiler === is.compiler)
  );
}

function stampNow() {
  const sources = [
    ...filesUnder('cpp'),
    'CMakeLists.txt',
    'CMakePresets.json',
    'tools/build.mjs',
    'tools/boundary.mjs',
  ].sort();
  const results = ['core.js', 'core.d.ts', ...MODULES.map((name) => `${name}.wasm`)];
  return {
    sources: hash(sources),
    results: hash(results.map((name) => `dist/wasm/${name}`)),
    compiler: compilerStamp('emcc'),
  };
}

/** @param {string[]} files from the root; a missing file counts as empty */
function hash(files) {
  const sum = createHash('sha256');
  for (const file of files) {
    const path = join(ROOT, file);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    sum.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return sum.digest('hex');
}

/**
 * The glue without its own address of the wasm file: web/memory/module.js passes the module in, and a bundler that saw
 * this URL would look for a file that does not exist.
 * @param {string} glue
 */
function withoutOwnUrl(glue) {
  return glue.replace(/new URL\((["'])core\.wasm\1, ?import\.meta\.url\)\.(toString\(\)|href)/, '"core.wasm"');
}

/** Checks the JavaScript of web/ and writes its declarations to dist/types. Needs dist/wasm/core.d.ts. */
export function buildTypes() {
  setup(['npm']);
  rmSync(join(ROOT, 'dist/types'), { recursive: true, force: true }); // removes declarations of files that no longer exist
  node([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(() => {
    buildWasm();
    buildTypes();
    console.log('Built dist/wasm and dist/types.');
  });
}
