// `npm test` runs every step; `npm test -- cpp js` only these two. A step that fails does not keep the next ones from running.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildDemo } from './demo.mjs';
import { buildTypes, buildWasm } from './build.mjs';
import { format } from './format.mjs';
import { Failure, ROOT, main, node, run } from './run.mjs';
import { SIMDE, setup } from './setup.mjs';
import { tidy } from './tidy.mjs';

const MODULES = join(ROOT, 'node_modules');

/** @type {Record<string, { title: string, body: () => void | Promise<void> }>} */
const STEPS = {
  format: {
    title: 'Format (clang-format, Prettier)',
    body: () => format('check'),
  },
  lint: {
    title: 'Lint (clang-tidy, ESLint)',
    body: async () => {
      setup(['npm', 'native']);
      configureNative();
      await tidy();
      node([join(MODULES, 'eslint/bin/eslint.js'), '--max-warnings=0', '.']);
    },
  },
  types: {
    title: 'Types (tsc)',
    body: () => {
      buildWasm(); // brings the declaration of the compiled core
      buildTypes();
    },
  },
  cpp: {
    title: 'C++ tests, natively, under AddressSanitizer and UndefinedBehaviorSanitizer (ctest)',
    body: () => {
      setup(['native']);
      configureNative();
      run('cmake', ['--build', '--preset', 'native'], { quiet: true });
      run('ctest', ['--preset', 'native']);
    },
  },
  js: {
    title: 'JavaScript tests in Node, over both WebAssembly variants (Jest)',
    body: () => {
      setup(['npm']);
      buildWasm();
      for (const variant of ['simd128', 'scalar']) {
        console.log(`\n--- variant ${variant}`);
        jest(['tests/js/'], { WEMBED_VARIANT: variant });
      }
    },
  },
  browser: {
    title: 'Browser tests in Chromium and Firefox (Jest, puppeteer-core)',
    body: () => {
      setup(['npm', 'browsers']);
      buildDemo({ quiet: true });
      jest(['--runInBand', 'tests/browser/']);
    },
  },
};

function configureNative() {
  if (existsSync(join(ROOT, 'build/native/build.ninja'))) return;
  run('cmake', ['--preset', 'native'], { env: { CMAKE_PREFIX_PATH: SIMDE }, quiet: true });
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function jest(args, env) {
  node(['--experimental-vm-modules', '--no-warnings', join(MODULES, 'jest/bin/jest.js'), ...args], { env });
}

main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in STEPS));
  if (unknown.length > 0) throw new Failure(`No step ${unknown.join(', ')}. Steps: ${Object.keys(STEPS).join(', ')}.`);

  const results = [];
  for (const name of names.length > 0 ? names : Object.keys(STEPS)) {
    console.log(`\n=== ${name}: ${STEPS[name].title}`);
    const start = performance.now();
    let verdict = 'passed';
    try {
      await STEPS[name].body();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      verdict = 'FAILED';
    }
    results.push({ name, verdict, seconds: ((performance.now() - start) / 1000).toFixed(1) });
  }

  console.log('\n=== Summary');
  for (const { name, verdict, seconds } of results) {
    console.log(`${name.padEnd(8)} ${verdict} ${seconds.padStart(7)} s`);
  }
  if (results.some(({ verdict }) => verdict === 'FAILED')) process.exitCode = 1;
});
