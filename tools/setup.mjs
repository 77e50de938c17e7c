// Installs everything that the other tools need and that is missing: `node tools/setup.mjs [npm wasm native browsers]`.
// Uses only Node's own modules, because it runs before any others are installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, ROOT, main, node, run, which } from './run.mjs';
import { findBrowser } from '../tests/browser/launch.js';

/**
 * One requirement: how to detect it, the Debian packages that provide it, and where else to get it. `download` is used
 * if the distribution has no such packages, or too old ones.
 * @typedef {{ what: string, why: string, present: () => boolean, packages: string[], download?: () => void,
 *   elsewhere: string }} Need
 */

/** The folder of SIMDe if the system's is missing or too old; a prefix for CMake. */
export const SIMDE = join(ROOT, '.cache/simde/usr');

/** @type {Need} */
const NINJA = {
  what: 'cmake and ninja',
  why: 'to build the C++ core',
  present: () => Boolean(which('cmake') && which('ninja')),
  packages: ['cmake', 'ninja-build'],
  elsewhere: 'cmake >= 3.21 (https://cmake.org/download) and ninja (https://ninja-build.org)',
};

/** @type {Record<'wasm' | 'native' | 'fuzz' | 'browsers', Need[]>} */
const NEEDS = {
  wasm: [
    {
      what: 'Emscripten',
      why: 'to compile the C++ core to WebAssembly',
      present: () => Boolean(which('emcc') && which('emcmake')),
      packages: ['emscripten'],
      elsewhere: 'Emscripten, with emcc on PATH (https://emscripten.org/docs/getting_started/downloads.html)',
    },
    NINJA,
  ],
  native: [
    NINJA,
    {
      what: 'clang++ with its sanitizers',
      why: 'to run the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer',
      present: () => compiles('int main() {}', ['-fsanitize=address,undefined', '-o', '/dev/null']),
      packages: ['clang'],
      elsewhere: 'clang++ with compiler-rt (https://releases.llvm.org)',
    },
    {
      what: 'clang-format and clang-tidy',
      why: 'to check the C++ code',
      present: () => Boolean(which('clang-format') && which('clang-tidy')),
      packages: ['clang-format', 'clang-tidy'],
      elsewhere: 'clang-format and clang-tidy (https://releases.llvm.org)',
    },
    {
      what: 'GoogleTest',
      why: 'to test the C++ core natively',
      present: () => compiles('#include <gtest/gtest.h>', ['-E']),
      packages: ['libgtest-dev'],
      elsewhere: 'GoogleTest (https://github.com/google/googletest)',
    },
    {
      what: 'SIMDe',
      why: 'to test the WebAssembly SIMD code natively',
      present: () => compiles('#include <simde/wasm/simd128.h>', ['-E', '-I', join(SIMDE, 'include')]),
      packages: ['libsimde-dev'],
      download: () => {
        console.log('Cloning SIMDe to .cache/simde: the installed one is too old');
        const source = 'https://github.com/simd-everywhere/simde';
        run('git', ['clone', '--quiet', '--depth=1', '--branch=v0.8.2', source, join(SIMDE, 'include')], {
          quiet: true,
        });
      },
      elsewhere: 'SIMDe >= 0.7.4 (https://github.com/simd-everywhere/simde)',
    },
  ],
  fuzz: [
    {
      what: 'libFuzzer',
      why: 'to fuzz the C++ core',
      present: () =>
        compiles('extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }', [
          '-fsanitize=fuzzer',
          ...['-o', '/dev/null'],
        ]),
      packages: ['clang'],
      elsewhere: 'clang++ with libFuzzer, which is in its compiler-rt (https://releases.llvm.org)',
    },
  ],
  browsers: [
    {
      what: 'Chromium',
      why: 'to test in a real browser',
      present: () => Boolean(findBrowser('chromium')),
      packages: ['chromium'],
      download: () => downloadBrowser('chrome@stable'),
      elsewhere: 'Chromium or Chrome on PATH, or its path in WEMBED_CHROMIUM',
    },
    {
      what: 'Firefox',
      why: 'to test in a second real browser',
      present: () => Boolean(findBrowser('firefox')),
      packages: ['firefox-esr'],
      download: () => downloadBrowser('firefox@stable'),
      elsewhere: 'Firefox on PATH, or its path in WEMBED_FIREFOX',
    },
  ],
};

/**
 * Makes sure that all requirements of these kinds are installed.
 * @param {('npm' | 'wasm' | 'native' | 'fuzz' | 'browsers')[]} kinds
 */
export function setup(kinds) {
  if (kinds.includes('npm')) setupNpm();
  const needs = new Set(kinds.flatMap((kind) => (kind === 'npm' ? [] : NEEDS[kind])));
  const missing = [...needs].filter((need) => !need.present());
  if (missing.length > 0) install(missing);
}

// Taken out here, so that it is no argument of the command.
const yes = process.argv.indexOf('--yes');
if (yes > 0) {
  process.argv.splice(yes, 1);
  process.env.WEMBED_YES = '1'; // for the commands that this one starts
}

/** Whether apt-get may install what is missing: somebody at a terminal is asked; `--yes` and CI are not. */
function mayInstall() {
  if (process.env.WEMBED_YES || process.env.CI || !process.stdin.isTTY) return true;
  process.stdout.write('Install it with apt-get, as root? [y/N] ');
  const answer = Buffer.alloc(80);
  const isYes = /^\s*y(es)?\s*$/i.test(answer.toString('utf8', 0, readSync(0, answer)));
  if (isYes) process.env.WEMBED_YES = '1';
  return isYes;
}

/** @param {Need[]} missing */
function install(missing) {
  if (!which('apt-get')) {
    const list = missing.map((need) => `  - ${need.elsewhere}, ${need.why}`).join('\n');
    throw new Failure(`Please install:\n${list}\nOn Debian and Ubuntu this command installs them by itself.`);
  }
  for (const { what, why, packages } of missing) console.log(`Missing: ${what}, ${why} (apt: ${packages.join(' ')})`);
  if (!mayInstall()) throw new Failure('Nothing was installed.');
  asRoot(['apt-get', 'update'], missing);
  const packages = missing.flatMap((need) => need.packages).filter(aptHas);
  if (packages.includes('clang')) packages.push(...clangRuntimePackage());
  // Wait if another apt is running.
  const options = ['--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  if (packages.length > 0) asRoot(['apt-get', 'install', ...options, ...packages], missing);
  for (const need of missing) {
    if (!need.present()) need.download?.();
    if (!need.present()) throw new Failure(`${need.what} is still missing. Please install ${need.elsewhere}.`);
  }
}

/**
 * Runs a command as root, through sudo if necessary.
 * @param {string[]} command
 * @param {Need[]} [missing] the requirements that it installs
 */
function asRoot(command, missing = []) {
  const line = ['env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  if (process.getuid?.() !== 0) {
    if (!which('sudo')) {
      const packages = missing.flatMap((need) => need.packages).join(' ');
      const needed = packages ? `apt-get update && apt-get install -y ${packages}` : command.join(' ');
      throw new Failure(`Neither root nor sudo is available. Run as root:\n  ${needed}`);
    }
    line.unshift('sudo');
  }
  run(line[0], line.slice(1), { quiet: true });
}

/** @param {string} name */
function aptHas(name) {
  const policy = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return /Candidate: [^(\s]/.test(policy.stdout);
}

/**
 * Ubuntu's own browsers are snaps, which cannot be controlled from outside their sandbox.
 * @param {string} name its name in @puppeteer/browsers
 */
function downloadBrowser(name) {
  console.log(`Downloading ${name} to .cache/browsers (@puppeteer/browsers): the system has no such package`);
  const tool = join(ROOT, 'node_modules/@puppeteer/browsers/lib/esm/main-cli.js');
  const args = [tool, 'install', name, '--path', join(ROOT, '.cache/browsers')];
  node(args, { quiet: true });
  // Runs again as root, only for the system libraries that the browser needs.
  asRoot([process.execPath, ...args, '--install-deps']);
}

/**
 * Makes sure that the packages of a package-lock.json are installed.
 * @param {string} [folder] from the root
 */
export function setupNpm(folder = '.') {
  if (npmPackagesMatch(folder)) return;
  console.log(`Installing the npm packages of ${join(folder, 'package-lock.json')} (npm ci)`);
  // Inside `npm run`, npm gives its own path; otherwise it is on PATH.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--prefix', join(ROOT, folder), '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm?.endsWith('.js')) node([npm, ...args], { quiet: true });
  else run('npm', args, { quiet: true });
}

/**
 * npm's own record of what it installed equals the lockfile, except for optional packages of other systems.
 * @param {string} folder
 */
function npmPackagesMatch(folder) {
  const note = join(ROOT, folder, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/**
 * @param {string} source C++
 * @param {string[]} args
 */
function compiles(source, args) {
  const clang = which('clang++');
  if (!clang) return false;
  const result = spawnSync(clang, [...args, '-x', 'c++', '-'], { input: source, stdio: ['pipe', 'ignore', 'ignore'] });
  return result.status === 0;
}

/** Newer distributions have clang's sanitizers in a separate package, with clang's version in its name. */
function clangRuntimePackage() {
  const depends = spawnSync('apt-cache', ['depends', 'clang'], { encoding: 'utf8' }).stdout;
  const version = /Depends: clang-(\d+)/.exec(depends)?.[1];
  const name = `libclang-rt-${version}-dev`;
  return aptHas(name) ? [name] : [];
}

/**
 * The environment for emcc. Debian's emcc finds its JavaScript libraries only in Debian's location; others include
 * theirs.
 */
export function emscriptenEnv() {
  const emcc = which('emcc');
  const debian = emcc && realpathSync(emcc).startsWith('/usr/') && existsSync('/usr/share/nodejs/acorn');
  return debian ? { NODE_PATH: '/usr/share/nodejs' } : {};
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const kinds = /** @type {any} */ (process.argv.slice(2));
  main(() => setup(kinds.length > 0 ? kinds : ['npm', 'wasm', 'native', 'browsers']));
}
