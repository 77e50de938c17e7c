// `npm run format` rewrites the sources in the project's style.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, main, node, run } from './run.mjs';
import { setup } from './setup.mjs';

/** @returns {string[]} the C++ files, from the root */
export function cppFiles() {
  return ['cpp', 'tests/cpp'].flatMap(filesUnder).filter((file) => /\.(cc|h)$/.test(file));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}

/** @param {'write' | 'check'} mode */
export function format(mode) {
  setup(['npm', 'native']);
  const how = mode === 'write' ? ['-i'] : ['--dry-run', '-Werror', '--ferror-limit=10'];
  run('clang-format', [...how, ...cppFiles()]);
  node([join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), `--${mode}`, '--log-level=warn', '.']);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(() => format('write'));
