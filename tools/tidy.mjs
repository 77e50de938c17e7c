// clang-tidy over the C++ units, as many at a time as there are processors. It is slow, so a unit that passed is
// checked again only if it, a header that it includes or the configuration has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cppFiles } from './format.mjs';
import { ROOT, runForEach } from './run.mjs';

const PASSED = join(ROOT, 'build/native/clang-tidy');

/**
 * Requires a configured build/native, for the compile commands; the bindings, built only by Emscripten, have none
 * there.
 * @param {string[]} [changed] only these units, and those named after one of these headers
 * @returns {Promise<number>} the number of units that include a changed header and were left for `--all`
 */
export async function tidy(changed) {
  const all = cppFiles().filter((file) => /^cpp\/(?!bindings\/).*\.cc$/.test(file));
  const stamps = new Map(all.map((unit) => [unit, join(PASSED, hash(['.clang-tidy', ...closureOf(unit)]))]));
  const stale = all.filter((unit) => !existsSync(String(stamps.get(unit))));
  const units = changed ? stale.filter((unit) => changed.some((file) => belongsTo(unit, file))) : stale;
  mkdirSync(PASSED, { recursive: true });
  const args = ['--quiet', '-p', 'build/native', '--warnings-as-errors=*'];
  await runForEach('clang-tidy', args, units, (file) => writeFileSync(String(stamps.get(file)), ''));
  return stale.length - units.length;
}

/**
 * @param {string} unit
 * @param {string} file the unit itself, or `bag.h` for `bag.cc`, `bag_scalar.cc` and `bag_simd128.cc`
 */
const belongsTo = (unit, file) =>
  unit === file || (file.endsWith('.h') && /^(_scalar|_simd128)?\.cc$/.test(unit.replace(file.slice(0, -2), '')));

/**
 * @param {string} unit
 * @returns {string[]} the unit and all headers of cpp/ that it includes, directly or not
 */
function closureOf(unit) {
  const found = new Set([unit]);
  for (const file of found) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, target] of source.matchAll(/^\s*#\s*include "([^"]+)"/gm)) {
      const path = [`cpp/${target}`, `${dirname(file)}/${target}`].find((each) => existsSync(join(ROOT, each)));
      if (path) found.add(path);
    }
  }
  return [...found].sort();
}

/** @param {string[]} files from the root */
function hash(files) {
  const sum = createHash('sha256');
  for (const file of files) sum.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return sum.digest('hex');
}
