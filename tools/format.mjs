// `npm run format` rewrites the sources in the project's style.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, ROOT, main, node, run } from './run.mjs';
import { setup } from './setup.mjs';

/** @returns {string[]} the C++ files, from the root */
export function cppFiles() {
  return ['cpp', 'tests/cpp'].flatMap(filesUnder).filter((file) => /\.(cc|h)$/.test(file));
}

/**
 * @param {string} folder from the root
 * @returns {string[]} all files in it and below, from the root
 */
export function filesUnder(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}

/**
 * @param {'write' | 'check'} mode
 * @param {string[]} [files] only these, from the root
 */
export function format(mode, files) {
  setup(['npm', 'native']);
  try {
    runFormatters(mode, files);
  } catch (error) {
    if (mode === 'write' || !(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}: \`npm run format\` rewrites the files named above in the project's style`);
  }
}

/** @param {'write' | 'check'} mode @param {string[] | undefined} files */
function runFormatters(mode, files) {
  const how = mode === 'write' ? ['-i'] : ['--dry-run', '-Werror', '--ferror-limit=10'];
  const cpp = cppFiles().filter((file) => !files || files.includes(file));
  if (cpp.length > 0) run('clang-format', [...how, ...cpp]);
  const rest = files ? files.filter((file) => !cpp.includes(file)) : ['.'];
  const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
  if (rest.length > 0) node([prettier, `--${mode}`, '--log-level=warn', '--ignore-unknown', ...rest]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(() => format('write', process.argv.length > 2 ? process.argv.slice(2) : undefined));
}
