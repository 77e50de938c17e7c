// Configures and builds the presets of CMakePresets.json, each in its folder build/<preset>.
import { existsSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, which } from './run.mjs';
import { SIMDE, emscriptenEnv } from './setup.mjs';

/** @type {Record<'wasm' | 'native' | 'fuzz', { compiler: string, command: string[], env: () => Record<string, string> }>} */
const PRESETS = {
  wasm: { compiler: 'emcc', command: ['emcmake', 'cmake'], env: emscriptenEnv },
  native: { compiler: 'clang++', command: ['cmake'], env: () => ({ CMAKE_PREFIX_PATH: SIMDE }) },
  fuzz: { compiler: 'clang++', command: ['cmake'], env: () => ({ CMAKE_PREFIX_PATH: SIMDE }) },
};

/**
 * The files that CMake and Ninja write into a build folder. The fuzzers' corpus and clang-tidy's results beside them
 * are not removed.
 */
const GENERATED = [
  ...['CMakeCache.txt', 'CMakeFiles', 'cmake_install.cmake', 'CTestTestfile.cmake', 'Testing', 'compiler.txt'],
  ...['build.ninja', '.ninja_deps', '.ninja_log', 'compile_commands.json'],
];

/**
 * Configures the preset, unless it has been configured for this checkout and this compiler.
 * @param {'wasm' | 'native' | 'fuzz'} preset
 * @returns {Record<string, string>} the environment that its build needs
 */
export function configure(preset) {
  const { compiler, command, env } = PRESETS[preset];
  const folder = join(ROOT, 'build', preset);
  const stamp = compilerStamp(compiler);
  const stampFile = join(folder, 'compiler.txt');
  const same =
    existsSync(join(folder, 'build.ninja')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp &&
    isHome(configuredFor(folder));
  if (!same) {
    for (const name of GENERATED) rmSync(join(folder, name), { recursive: true, force: true });
    run(command[0], [...command.slice(1), '--preset', preset], { env: env(), quiet: true });
    writeFileSync(stampFile, stamp);
  }
  return env();
}

/**
 * Configures and builds the preset. Ninja decides what is out of date.
 * @param {'wasm' | 'native' | 'fuzz'} preset
 */
export function build(preset) {
  const env = configure(preset);
  run('cmake', ['--build', '--preset', preset], { env, quiet: true });
}

/**
 * @param {string} compiler
 * @returns {string} a text that changes when another version of the compiler is installed
 */
export function compilerStamp(compiler) {
  const path = which(compiler);
  return path ? `${path} ${statSync(path).mtimeMs}\n` : '';
}

/**
 * A copied or moved checkout contains a build folder whose CMake cache still names the original's sources.
 * @param {string} folder a build folder
 * @returns {string | undefined} the checkout that it was configured for
 */
export function configuredFor(folder) {
  const cache = join(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return undefined;
  return /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
}

/** @param {string | undefined} folder */
const isHome = (folder) => folder !== undefined && existsSync(folder) && realpathSync(folder) === realpathSync(ROOT);
