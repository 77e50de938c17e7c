// `npm run test:environments [-- names]`: builds and loads a small project in every environment that is here, and writes
// docs/ENVIRONMENTS.md of what it found. `npm test` runs the fast rows.
import { isDeepStrictEqual } from 'node:util';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from '../../tools/format.mjs';
import { Failure, ROOT, main } from '../../tools/run.mjs';
import { Browsers } from './pages.mjs';
import { checkAssets, command, pack, prepare } from './project.mjs';
import { ROWS } from './rows/index.mjs';
import { document } from './document.mjs';
import { REFERENCE } from './program.mjs';

/** @typedef {import('./project.mjs').Row} Row */
/** @typedef {{ row: Row, verdict: 'passed' | 'failed', why?: string, seconds: number, scripts?: number, browsers: string[] }} Result */

/**
 * @param {Row[]} rows
 * @param {{ browsers: string[] }} options
 * @returns {Promise<Result[]>}
 */
async function runRows(rows, { browsers }) {
  const tarball = pack();
  const numbers = JSON.parse(command([process.execPath, '--input-type=module', '-e', REFERENCE], ROOT));
  const expected = { numbers, found: 'rain', ids: '6,9,7' };
  const open = new Browsers();
  /** @type {Result[]} */
  const results = [];
  try {
    for (const row of rows) {
      const start = performance.now();
      /** @type {Result} */
      const result = { row, verdict: 'passed', seconds: 0, browsers: [] };
      try {
        await runRow(row, tarball, expected, open, browsers, result);
      } catch (error) {
        result.verdict = 'failed';
        result.why = error instanceof Failure ? error.message : String(/** @type {Error} */ (error).stack);
      }
      result.seconds = (performance.now() - start) / 1000;
      console.log(`${result.verdict.padEnd(7)} ${result.seconds.toFixed(1).padStart(6)} s  ${row.title}`);
      if (result.why) console.log(result.why.replace(/^/gm, '        '));
      results.push(result);
    }
  } finally {
    await open.close();
    if (tarball !== process.env.WEMBED_PACKED) rmSync(tarball, { force: true });
  }
  return results;
}

/**
 * @param {Row} row
 * @param {string} tarball
 * @param {object} expected
 * @param {Browsers} open
 * @param {string[]} browsers
 * @param {Result} result
 */
async function runRow(row, tarball, expected, open, browsers, result) {
  const folder = prepare(row, tarball);
  for (const words of row.build ?? [])
    command(words[0] === 'node' ? [process.execPath, ...words.slice(1)] : words, folder);
  const output = join(folder, row.output ?? '.');
  if (row.assets) result.scripts = checkAssets(output, row.assets).scripts;
  const openPage = (/** @type {import('./project.mjs').PageToOpen} */ page) => {
    const wanted = browsers.filter((name) => !page.browsers || page.browsers.includes(name));
    result.browsers.push(...wanted);
    return open.openPage(page, wanted);
  };
  const outcomes = [await row.run({ folder, output, place: { openPage } })].flat();
  if (outcomes.length === 0) throw new Failure('nothing was run');
  for (const { browser, ...outcome } of outcomes) {
    if (row.check) row.check(outcome);
    else if (!isDeepStrictEqual(outcome, expected)) {
      throw new Failure(`${browser ?? ''} found ${JSON.stringify(outcome)}, expected ${JSON.stringify(expected)}`);
    }
  }
}

/** @param {string[]} names parts of rows' names; none: all @param {boolean} fast */
export async function environments(names, fast) {
  const rows = ROWS.filter(
    (row) => (!fast || row.fast) && (names.length === 0 || names.some((name) => row.name.includes(name))),
  );
  if (rows.length === 0)
    throw new Failure(`No row has a name with ${names.join(', ')}. Names: ${ROWS.map(({ name }) => name).join(', ')}`);
  const here = Browsers.names();
  const results = await runRows(rows, { browsers: fast ? here.slice(0, 1) : here });
  const failed = results.filter(({ verdict }) => verdict === 'failed');
  if (failed.length > 0) throw new Failure(`failed: ${failed.map(({ row }) => row.name).join(', ')}`);
  return results;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    const names = process.argv.slice(2);
    const results = await environments(names, false);
    if (names.length > 0) return;
    const file = join(ROOT, 'docs/ENVIRONMENTS.md');
    writeFileSync(file, document(results));
    format('write', [file]);
  });
}
