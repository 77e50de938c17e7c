// Properties of the whole package: its levels, and no side effects. Sizes and imports of web/ are in house.test.js.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeUnread } from '../../tools/declarations.mjs';
import { ROOT, filesUnder } from '../support/sources.js';
import { readJson } from '../support/wembed.js';

/** Lower levels never include higher ones: the first pattern that matches a file gives its level. */
const CPP_FLOORS = [
  [/^cpp\/core\//, 0],
  [/^cpp\/(kernels|text)\//, 1],
  [/^cpp\/(engine|train)\//, 2],
  [/^cpp\/bindings\//, 3],
];

/** @param {any[][]} floors @param {string} file */
const floorOf = (floors, file) => floors.find(([pattern]) => pattern.test(file))?.[1];

/** @param {string} file from the root @returns {string} without its comments */
const codeOf = (file) => readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');

test('cpp/: files include only files of the same or a lower level; only one includes Emscripten', () => {
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

test("Node's modules are imported in one file, by names that bundlers cannot resolve; the command line is Node's alone", () => {
  const files = filesUnder('web', /\.js$/).filter((file) => !file.startsWith('web/cli/'));
  const importers = files.filter((file) => /['"`]node:/.test(codeOf(file)));
  expect(importers).toEqual(['web/sources/platform.js']);
  expect(codeOf(importers[0]).match(/`node:.*`/g)).toEqual(['`node:${name}`']);
});

test('no runtime dependency but the Jinja of wembed/chat', () => {
  expect(Object.keys(readJson('package.json').dependencies ?? {})).toEqual(['@huggingface/jinja']);
  const importing = filesUnder('web', /\.js$/).filter((file) => /from '@huggingface/.test(codeOf(file)));
  expect(importing).toEqual(['web/tokenizer/chat_template.js']);
  const faces = readdirSync(join(ROOT, 'web')).filter(
    (file) => file.endsWith('.js') && /chat_template/.test(codeOf(`web/${file}`)),
  );
  expect(faces).toEqual(['chat.js']);
});

test('edge runtimes share one build: every WebAssembly file that it imports has a script for each way of importing', () => {
  const builds = Object.values(readJson('package.json').exports).flatMap((target) =>
    typeof target === 'object' && target.workerd ? [[target.workerd, target['edge-light']]] : [],
  );
  expect(builds.length).toBeGreaterThan(5);
  for (const [workerd, light] of builds) expect(workerd).toBe(light);
  const folders = Object.values(readJson('package.json').imports['#wasm/*']);
  expect(folders).toEqual(['./dist/edge/workerd/*.js', './dist/edge/light/*.js']);
  // A clone in which nothing has been packed has no such build yet.
  const build = "import('./tools/bundles.mjs').then((bundles) => bundles.buildEdge())";
  if (!existsSync(join(ROOT, 'dist/edge'))) execFileSync(process.execPath, ['-e', build], { cwd: ROOT });
  const imported = readdirSync(join(ROOT, 'dist/edge'))
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => [...readFileSync(join(ROOT, 'dist/edge', name), 'utf8').matchAll(/from ?["']#wasm\/(\w+)["']/g)])
    .map(([, name]) => name);
  expect(new Set(imported).size).toBe(6);
  for (const name of imported) {
    const scripts = folders.map((folder) => readFileSync(join(ROOT, folder.replace('*', name)), 'utf8'));
    expect(scripts).toEqual(
      ['', '?module'].map((query) => `export { default } from '../../assets/${name}.wasm${query}';\n`),
    );
  }
});

test('the package holds the declarations that its entry points lead to, and no others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-declarations-'));
  const files = {
    'index.d.ts': "export { A } from './a.js';",
    'a.d.ts': "export type A = import('./b.js').B;",
    'b.d.ts': 'export type B = number;',
    'c.d.ts': "import './a.js';",
    'kept.js': '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  removeUnread(folder, ['index.d.ts']);
  expect(readdirSync(folder).sort()).toEqual(['a.d.ts', 'b.d.ts', 'index.d.ts', 'kept.js']);
  rmSync(folder, { recursive: true });
});

test('importing has no side effects: no globals, no network', () => {
  const script = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    globalThis.fetch = () => { throw new Error('fetched at import'); };
    await import('./web/index.js'); await import('./web/mini.js');
    if (Object.getOwnPropertyNames(globalThis).join() !== before) throw new Error('new globals');
    process.stdout.write('quiet');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' });
  expect(output).toBe('quiet');
});
