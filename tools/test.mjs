// `npm test`: all checks, or single ones. See HELP.
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildDemo } from './demo.mjs';
import { buildTypes, buildWasm } from './build.mjs';
import { build } from './cmake.mjs';
import { environments } from '../tests/environments/run.mjs';
import { format } from './format.mjs';
import { lint } from './lint.mjs';
import { Failure, ROOT, main, node, run } from './run.mjs';
import { setup } from './setup.mjs';

const HELP = `npm test                    every step below; a step that fails does not keep the next ones from running
npm test -- cpp js          only these steps
npm test -- js encode       the Jest files of tests/js whose name contains "encode"
npm test -- cpp Bag         the C++ tests whose name contains "Bag"; also gtest's filters: "BagTest.*:-*Empty*"
npm test -- browser demo    the Jest files of tests/browser whose name contains "demo"
npm test -- environments vite   the rows of tests/environments whose name contains "vite"; none: the fast ones
npx jest tests/js/text_encoder.test.js -t words   one file, one test`;

const NATIVE_TESTS = join(ROOT, 'build/native/wembed_tests');

/**
 * A step, and the names of its tests to run: an empty list means all. Only a step with `filtered` takes names.
 * @typedef {{ title: string, filtered?: boolean, body: (names: string[]) => void | Promise<void> }} Step
 * @type {Record<string, Step>}
 */
const STEPS = {
  format: {
    title: 'Format (clang-format, Prettier)',
    body: () => format('check'),
  },
  lint: {
    title: 'Lint (clang-tidy, ESLint)',
    body: () => lint(),
  },
  types: {
    title: 'Types of the library and of the demo page (tsc)',
    body: () => {
      buildWasm(); // writes the declaration of the compiled core
      buildTypes();
      node([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'web/demo')]);
    },
  },
  cpp: {
    title: 'C++ tests, natively, under AddressSanitizer and UndefinedBehaviorSanitizer',
    filtered: true,
    body: (names) => {
      setup(['native']);
      build('native');
      if (names.length === 0) run('ctest', ['--preset', 'native']);
      else run(NATIVE_TESTS, [`--gtest_filter=${gtestFilter(names)}`]);
    },
  },
  js: {
    title: 'JavaScript tests in Node, over both WebAssembly variants (Jest)',
    filtered: true,
    body: (names) => {
      const files = jestFiles('tests/js', names);
      setup(['npm']);
      buildWasm();
      // As many processes as processors: Jest by itself leaves one to itself, of two.
      const processes = '--maxWorkers=100%';
      console.log('\n--- variant simd128');
      jest([processes, ...files], { WEMBED_VARIANT: 'simd128' });
      console.log('\n--- variant scalar');
      const again = names.length === 0 ? OF_BOTH_VARIANTS : files;
      jest([processes, ...again, ...NOT_TWICE], { WEMBED_VARIANT: 'scalar' });
    },
  },
  browser: {
    title: 'Browser tests in Chromium and Firefox (Jest, puppeteer-core)',
    filtered: true,
    body: (names) => {
      const files = jestFiles('tests/browser', names);
      setup(['npm', 'browsers']);
      buildDemo({ quiet: true });
      // Two browsers at a time: one alone waits for its pages half of the time.
      jest(['--maxWorkers=2', ...files]);
    },
  },
  environments: {
    title: 'Environments: bundlers, Jest, CommonJS and a service worker with the packed package (tests/environments)',
    filtered: true,
    body: async (names) => {
      setup(['npm', 'browsers']);
      buildWasm();
      await environments(names, names.length === 0);
    },
  },
};

/**
 * @param {string} folder from the root
 * @param {string[]} names parts of file names
 * @returns {string[]} the files for Jest
 */
function jestFiles(folder, names) {
  if (names.length === 0) return [`${folder}/`];
  const all = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.js'));
  const list = all.map((name) => name.replace('.test.js', '')).join(' ');
  const found = names.flatMap((name) => {
    const files = all.filter((file) => file.includes(name));
    if (files.length === 0) throw new Failure(`No file name in ${folder} contains "${name}". Files: ${list}`);
    return files;
  });
  return ['--runTestsByPath', ...[...new Set(found)].map((file) => join(folder, file))];
}

/**
 * For Jest: the tests that load the library by way of the file that chooses its variant. All others are the same with
 * either.
 */
const OF_BOTH_VARIANTS = ['--findRelatedTests', 'tests/support/wembed.js'];

/**
 * The command line and code samples choose their variant themselves; the rules of the house and the types are about
 * sources; settings, files, caches, servers and the order of training are JavaScript's alone.
 */
const NOT_TWICE = [
  '--testPathIgnorePatterns=/tests/js/(cli|demo)',
  '--testPathIgnorePatterns=/tests/js/(house|types|reference)\\.',
  '--testPathIgnorePatterns=/tests/js/(assets|cache|lying_fetch|stray_settings|mutants|checkpoint_mutants)\\.',
  '--testPathIgnorePatterns=/tests/js/(model_types|rotary_facts|saved_ends|saved_models)\\.',
  '--testPathIgnorePatterns=/tests/js/train_(bad_input|checkpoints|worker)\\.',
  '--testPathIgnorePatterns=/tests/browser/',
  '--passWithNoTests',
];

/** @param {string[]} names */
function gtestFilter(names) {
  const filter = names.map((name) => (/[*?:.]/.test(name) ? name : `*${name}*`)).join(':');
  const list = (/** @type {string[]} */ ...args) =>
    spawnSync(NATIVE_TESTS, ['--gtest_list_tests', ...args], { cwd: ROOT, encoding: 'utf8' }).stdout;
  if (/^ {2}\S/m.test(list(`--gtest_filter=${filter}`))) return filter;
  const suites = [...list().matchAll(/^(\S+)\.$/gm)].map(([, suite]) => suite).join(' ');
  throw new Failure(`No C++ test matches ${filter}. Suites: ${suites}`);
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function jest(args, env) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  node([...flags, join(ROOT, 'node_modules/jest/bin/jest.js'), ...args], { env });
}

/**
 * @param {string[]} args
 * @returns {{ name: string, filter: string[] }[]} steps, each with the names of its tests
 */
function parse(args) {
  /** @type {{ name: string, filter: string[] }[]} */
  const steps = [];
  for (const arg of args) {
    const last = steps.at(-1);
    if (Object.hasOwn(STEPS, arg)) steps.push({ name: arg, filter: [] });
    else if (last && STEPS[last.name].filtered) last.filter.push(arg);
    else throw new Failure(`No step "${arg}". Steps: ${Object.keys(STEPS).join(', ')}.\n\n${HELP}`);
  }
  return steps.length > 0 ? steps : Object.keys(STEPS).map((name) => ({ name, filter: [] }));
}

main(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return console.log(HELP);
  const results = [];
  for (const { name, filter } of parse(args)) {
    console.log(`\n=== ${[name, ...filter].join(' ')}: ${STEPS[name].title}`);
    const start = performance.now();
    let verdict = 'passed';
    try {
      await STEPS[name].body(filter);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      verdict = 'FAILED';
    }
    results.push({ name, verdict, seconds: ((performance.now() - start) / 1000).toFixed(1) });
  }

  console.log('\n=== Summary');
  for (const { name, verdict, seconds } of results) {
    console.log(`${name.padEnd(12)} ${verdict} ${seconds.padStart(7)} s`);
  }
  if (results.some(({ verdict }) => verdict === 'FAILED')) process.exitCode = 1;
});
