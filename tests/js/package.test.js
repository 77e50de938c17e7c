// What the package promises as a whole: its size, its floors, its silence.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson } from '../support/wembed.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Lower floors never import upper ones: the first that matches a file counts. */
const WEB_FLOORS = [
  [/^web\/(errors|types|matrix)\.js$/, 0],
  [/^web\/(wasm|sources|formats|tokenizer)\//, 1],
  [/^web\/demo\//, 5],
  [/^web\/(index|mini)\.js$/, 4],
  [/^web\/layer\.js$/, 3],
  [/^web\//, 2],
];
const CPP_FLOORS = [
  [/^cpp\/core\//, 0],
  [/^cpp\/(kernels|text)\//, 1],
  [/^cpp\/layer\//, 2],
  [/^cpp\/bindings\//, 3],
];

/** @param {any[][]} floors @param {string} file */
const floorOf = (floors, file) => floors.find(([pattern]) => pattern.test(file))?.[1];

/** @param {string} folder @param {RegExp} pattern @returns {string[]} paths from the root */
function filesUnder(folder, pattern) {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** @param {string} file from the root @returns {string} without its comments */
const codeOf = (file) => readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');

test('web/: imports point to the same floor or below, and never around', () => {
  const files = filesUnder('web', /\.js$/);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, target] of source.matchAll(
      /^(?:import|export)\b[^;]*?from '(\.[^']+)';$|import\('(\.[^']+)'\)(?=;)/gm,
    )) {
      if (!target) continue;
      const imported = relative(ROOT, resolve(ROOT, dirname(file), target));
      if (imported.startsWith('dist/')) continue;
      const [from, to] = [floorOf(WEB_FLOORS, file), floorOf(WEB_FLOORS, imported)];
      if (to === undefined || to > from) throw new Error(`${file} (floor ${from}) imports ${imported} (floor ${to})`);
    }
  }
});

test('cpp/: includes point to the same floor or below; Emscripten is in one file only', () => {
  for (const file of filesUnder('cpp', /\.(h|cc)$/)) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, target] of source.matchAll(/^#include "([^"]+)"$/gm)) {
      const [from, to] = [floorOf(CPP_FLOORS, file), floorOf(CPP_FLOORS, `cpp/${target}`)];
      if (to === undefined || to > from) throw new Error(`${file} (floor ${from}) includes ${target} (floor ${to})`);
    }
    if (file !== 'cpp/bindings/embind.cc') expect(source).not.toMatch(/#include <emscripten/);
  }
});

test('no eval, neither in the sources nor in the compiled glue', () => {
  for (const file of [...filesUnder('web', /\.js$/), 'dist/wasm/core.js']) {
    expect([file, readFileSync(join(ROOT, file), 'utf8').match(/\beval\s*\(|new Function\s*\(/)]).toEqual([file, null]);
  }
});

test("Node's built-ins are imported in one place, by names that no bundler can work out", () => {
  const importers = filesUnder('web', /\.js$/).filter((file) => /['"`]node:/.test(codeOf(file)));
  expect(importers).toEqual(['web/sources/node.js']);
  expect(codeOf(importers[0]).match(/`node:.*`/g)).toEqual(['`node:${name}`']);
});

test('one runtime dependency', () => {
  expect(Object.keys(readJson('package.json').dependencies)).toEqual(['@huggingface/tokenizers']);
});

test('importing does nothing: no globals, no network', () => {
  const script = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    globalThis.fetch = () => { throw new Error('fetched at import'); };
    await import('./web/index.js'); await import('./web/mini.js');
    if (Object.getOwnPropertyNames(globalThis).join() !== before) throw new Error('new globals');
    process.stdout.write('quiet');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' });
  expect(output).toBe('quiet');
});

test('wasm and JS stay within 80 kB after gzip', () => {
  const { wasm, js, total } = JSON.parse(
    execFileSync(process.execPath, ['tools/size.mjs'], { cwd: ROOT, encoding: 'utf8' }),
  );
  expect(wasm).toBeGreaterThan(5_000);
  expect(js).toBeGreaterThan(5_000);
  expect(total).toBeLessThanOrEqual(80_000);
});
