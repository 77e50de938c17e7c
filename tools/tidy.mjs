// clang-tidy over the C++ units, as many at a time as there are processors. It is slow, so a unit that passed is not
// checked again until it, any header or the configuration changes.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cppFiles } from './format.mjs';
import { ROOT, runForEach } from './run.mjs';

const PASSED = join(ROOT, 'build/native/clang-tidy');

/** Wants build/native configured: for the compile commands, of which the bindings, built by Emscripten alone, have none. */
export async function tidy() {
  const files = cppFiles().filter((file) => file.startsWith('cpp/'));
  const shared = hash(['.clang-tidy', ...files.filter((file) => file.endsWith('.h'))]);
  const stamps = new Map(
    files
      .filter((file) => file.endsWith('.cc') && !file.startsWith('cpp/bindings/'))
      .map((file) => [file, join(PASSED, hash([file], shared))]),
  );
  const units = [...stamps.keys()].filter((file) => !existsSync(String(stamps.get(file))));
  mkdirSync(PASSED, { recursive: true });
  const args = ['--quiet', '-p', 'build/native', '--warnings-as-errors=*'];
  await runForEach('clang-tidy', args, units, (file) => writeFileSync(String(stamps.get(file)), ''));
}

/**
 * @param {string[]} files from the root
 * @param {string} [seed]
 */
function hash(files, seed = '') {
  const sum = createHash('sha256').update(seed);
  for (const file of files) sum.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return sum.digest('hex');
}
