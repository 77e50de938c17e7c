// `npm run build`: the two WebAssembly variants in dist/wasm and the type declarations in dist/types.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, ROOT, main, node, run, which } from './run.mjs';
import { emscriptenEnv, setup } from './setup.mjs';

const VARIANTS = ['simd128', 'scalar'];
const BUILD = join(ROOT, 'build/wasm');
const DIST = join(ROOT, 'dist/wasm');

const GLUE_TYPES = `/** Starts one instance of the core; the exported functions are those of cpp/bindings/embind.cc. */
export default function createCore(options: object): Promise<any>;
`;

/** Compiles cpp/ to dist/wasm. Ninja decides what is out of date. */
export function buildWasm() {
  setup(['wasm']);
  const env = emscriptenEnv();
  configureFor(env);
  console.log('Building the WebAssembly core, as far as it is out of date');
  run('cmake', ['--build', '--preset', 'wasm'], { env, quiet: true });

  const [glue, other] = VARIANTS.map((variant) => readFileSync(join(BUILD, variant, 'core.js'), 'utf8'));
  if (glue !== other) throw new Failure('The variants need different glue, but dist/wasm has room for one core.js.');
  mkdirSync(DIST, { recursive: true });
  writeFileSync(join(DIST, 'core.js'), withoutOwnUrl(glue));
  for (const variant of VARIANTS) copyFileSync(join(BUILD, variant, 'core.wasm'), join(DIST, `${variant}.wasm`));
  writeFileSync(join(DIST, 'core.d.ts'), GLUE_TYPES);
}

/**
 * The glue without its own idea of where the wasm is: web/memory/module.js hands it in, and a bundler that saw this URL
 * would look for a file that is not there.
 * @param {string} glue
 */
function withoutOwnUrl(glue) {
  return glue.replace(/new URL\((["'])core\.wasm\1, ?import\.meta\.url\)\.(toString\(\)|href)/, '"core.wasm"');
}

/**
 * Configures the build folder, afresh if another Emscripten did it before.
 * @param {Record<string, string>} env
 */
function configureFor(env) {
  const emcc = which('emcc') ?? '';
  const stamp = `${emcc} ${statSync(emcc).mtimeMs}\n`;
  const stampFile = join(BUILD, 'emcc.txt');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  rmSync(BUILD, { recursive: true, force: true });
  run('emcmake', ['cmake', '--preset', 'wasm'], { env, quiet: true });
  writeFileSync(stampFile, stamp);
}

/** Checks the JavaScript of web/ and writes its declarations to dist/types. Wants dist/wasm/core.d.ts. */
export function buildTypes() {
  setup(['npm']);
  rmSync(join(ROOT, 'dist/types'), { recursive: true, force: true }); // declarations of files that are no more
  node([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(() => {
    buildWasm();
    buildTypes();
    console.log('Built dist/wasm and dist/types.');
  });
}
