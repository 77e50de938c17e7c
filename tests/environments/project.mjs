// A project of a row: its folder, the tools that it needs, the packed wembed, and what its build has written.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Failure, ROOT } from '../../tools/run.mjs';

/** Tools stay here from run to run. */
const HOME = process.env.WEMBED_ENVIRONMENTS ?? join(tmpdir(), 'wembed-environments');

/**
 * One environment.
 * @typedef {object} Row
 * @property {string} name `npm run test:environments -- <part of the name>` runs it
 * @property {string} title as docs/ENVIRONMENTS.md shows it
 * @property {string} [todo] what a user of this environment writes or sets; none: nothing
 * @property {boolean} [fast] part of `npm test`
 * @property {string[]} [packages] from npm
 * @property {Record<string, string>} files of the project, by path
 * @property {string[][]} [build] commands
 * @property {string} [output] the folder that the build writes, from the project
 * @property {'files' | 'inline'} [assets] how the package's files must be in the output: each at most once and as a file,
 *   or the WebAssembly in the scripts
 * @property {(project: Project) => Promise<Outcome | Outcome[]>} run what the program printed or the page found
 * @property {(outcome: any) => void} [check] instead of comparing the outcome with the reference
 */

/** @typedef {{ folder: string, output: string, place: Place }} Project */
/** @typedef {Record<string, unknown>} Outcome */
/** @typedef {{ openPage: (page: PageToOpen) => Promise<Outcome[]> }} Place */
/** @typedef {{ folder?: string, url?: string, path?: string, csp?: string | null, headers?: Record<string, string>, browsers?: string[],
 *   extension?: string }} PageToOpen */

let packed = '';
/** @returns {string} the packed wembed of this run */
export const packedFile = () => packed;

/** @returns {string} the packed wembed: of this checkout, or the file that `WEMBED_PACKED` names */
export function pack() {
  if (process.env.WEMBED_PACKED) return (packed = process.env.WEMBED_PACKED);
  mkdirSync(HOME, { recursive: true });
  const [{ filename }] = JSON.parse(
    command(['npm', 'pack', '--json', '--pack-destination', HOME], ROOT)
      .split(/^(?=\[$)/m)
      .at(-1) ?? '[]',
  );
  return (packed = join(HOME, filename));
}

/**
 * @param {Row} row
 * @param {string} tarball
 * @returns {string} the folder of its project, with the tools and wembed installed
 */
export function prepare(row, tarball) {
  const folder = join(HOME, row.name.replace(/\W+/g, '-'));
  const packages = row.packages ?? [];
  const stamp = join(folder, '.packages');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== packages.join(' ')) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    if (packages.length > 0)
      command(['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], folder);
    writeFileSync(stamp, packages.join(' '));
  }
  for (const name of readdirSync(folder)) {
    if (!['node_modules', 'package.json', 'package-lock.json', '.packages'].includes(name)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  const installed = join(folder, 'node_modules/wembed');
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  command(['tar', 'xzf', tarball, '--strip-components=1', '-C', installed], folder);
  for (const [path, content] of Object.entries(row.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** @returns {Record<string, string | undefined>} this process's, without what changes how Node, npm and wembed behave */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_OPTIONS|JEST|WEMBED)/.test(key));
  const telemetry = ['NEXT', 'NUXT', 'ASTRO'].map((name) => [`${name}_TELEMETRY_DISABLED`, '1']);
  return Object.fromEntries([...kept, ...telemetry, ['CI', '1'], ['NO_COLOR', '1']]);
}

/**
 * @param {string[]} words
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 * @returns {string} what it printed
 */
export function command([name, ...args], cwd, env = {}) {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    ...{ cwd, shell, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300_000 },
    env: { ...cleanEnvironment(), ...env },
  });
  if (status === 0) return stdout;
  const output = `${stdout ?? ''}\n${stderr ?? ''}`.trim();
  throw new Failure(`${[name, ...args].join(' ')}: ${error?.message ?? `exit code ${status}`}\n${output.slice(-3000)}`);
}

/** @param {string[]} words @param {string} folder @param {Record<string, string>} [env] @returns {Outcome} the last line that it printed, as JSON */
export function printed(words, folder, env) {
  const line = command(words, folder, env)
    .split('\n')
    .findLast((each) => each.includes('{"numbers"') || each.includes('{"error"'));
  if (!line) throw new Failure(`${words.join(' ')} printed no result`);
  return JSON.parse(line.slice(line.indexOf('{"')));
}

/**
 * Checks that the package's files are in a build's output once each, as files, and that scripts hold none of them.
 * @param {string} folder
 * @param {'files' | 'inline'} how
 * @returns {{ scripts: number, assets: string[] }} bytes of scripts, and which assets there are
 */
export function checkAssets(folder, how) {
  const hash = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');
  const assets = new Map(
    readdirSync(join(ROOT, 'dist/assets')).map((name) => [hash(readFileSync(join(ROOT, 'dist/assets', name))), name]),
  );
  // What counts words for the search is 2 kB of WebAssembly that a script holds by itself: no asset, and loaded with it.
  const words = readFileSync(join(ROOT, 'dist/wasm/words.js'), 'latin1').split("'")[1];
  /** @type {string[]} */
  const found = [];
  let scripts = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const asset = assets.get(hash(bytes));
    if (asset) found.push(asset);
    else if (/\.(m?js|css|html|json)$/.test(entry.name)) {
      scripts += bytes.length;
      const text = bytes.toString('latin1').replaceAll(words, '');
      const inlined = /AGFzbQEAAAA/.test(text) || /data:application\/(wasm|octet-stream)[^'"`]{2000}/.test(text);
      if (inlined !== (how === 'inline' && inlined)) throw new Failure(`${relative(folder, path)} holds an asset`);
    }
  }
  const twice = found.filter((name, i) => found.indexOf(name) !== i);
  if (twice.length > 0) throw new Failure(`twice in the output: ${twice.join(', ')}`);
  return { scripts, assets: found.sort() };
}
