// `npm run lint`: style, lint and types of the files changed since this branch left the main one. Options below, in
// HELP.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { buildTypes, buildWasm } from './build.mjs';
import { configure } from './cmake.mjs';
import { format } from './format.mjs';
import { ROOT, main, node } from './run.mjs';
import { setup } from './setup.mjs';
import { tidy } from './tidy.mjs';

const HELP = `npm run lint            checks the files that changed since the branch left the main one, committed or not
npm run lint -- --all   checks everything, as \`npm test\` and CI do: clang-tidy takes minutes the first time`;

/**
 * clang-tidy and ESLint.
 * @param {string[]} [files] only these, from the root
 */
export async function lint(files) {
  setup(['npm', 'native']);
  const scripts = files ? files.filter((file) => /\.m?js$/.test(file)) : ['.'];
  if (scripts.length > 0) {
    node([
      join(ROOT, 'node_modules/eslint/bin/eslint.js'),
      '--max-warnings=0',
      '--no-warn-ignored',
      '--no-error-on-unmatched-pattern',
      ...scripts,
    ]);
  }
  const cpp = files?.filter((file) => file.startsWith('cpp/'));
  if (cpp?.length === 0) return;
  configure('native');
  const left = await tidy(cpp);
  if (left > 0) console.log(`clang-tidy has not checked the present state of ${left} other C++ units.`);
}

/** @returns {string[] | undefined} undefined if there is no git history to compare with */
export function changedFiles() {
  const git = (/** @type {string[]} */ ...args) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const lines = (/** @type {string[]} */ ...args) =>
    git(...args)
      .stdout.split('\0')
      .filter(Boolean);
  if (git('rev-parse', '--verify', 'HEAD').status !== 0) return undefined;
  const mains = ['origin/HEAD', 'origin/main', 'main'];
  const main = mains.find((name) => git('rev-parse', '--verify', '--quiet', name).status === 0);
  const base = main ? git('merge-base', 'HEAD', main).stdout.trim() : 'HEAD';
  const tracked = lines('diff', '--name-only', '-z', '--relative', '--diff-filter=d', base || 'HEAD');
  const added = lines('ls-files', '--others', '--exclude-standard', '-z');
  return [...new Set([...tracked, ...added])].filter((file) => existsSync(join(ROOT, file)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    const { values } = parseArgs({ options: { all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
    if (values.help) return console.log(HELP);
    const files = values.all ? undefined : changedFiles();
    if (files) console.log(`${files.length} changed files; \`npm run lint -- --all\` checks everything.`);
    if (files?.length === 0) return;
    format('check', files);
    await lint(files);
    if (files && !files.some((file) => /^(web\/.*\.js|tsconfig\.json)$/.test(file))) return;
    buildWasm(); // writes the declaration of the compiled core
    buildTypes();
  });
}
