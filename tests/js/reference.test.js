// The API reference: every public name has a description, every class, function and method an example, and the examples give
// what they say.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { definitionsFor, missingIn, statementsOf } from '../../tools/example_names.mjs';
import { readExamples } from '../../tools/reference.mjs';
import { SERVED } from '../support/doc_programs.js';
import { ROOT, filesUnder, readSource } from '../support/sources.js';

/** Kinds of TypeDoc's reflections: the project, modules, constructors and references to another entry point's names are left out. */
const KINDS = /** @type {Record<number, string>} */ ({
  32: 'constant',
  64: 'function',
  128: 'class',
  256: 'interface',
  1024: 'property',
  2048: 'method',
  262144: 'accessor',
  2097152: 'type',
});

const scripts = join(ROOT, 'build/reference_programs');
const folder = mkdtempSync(join(tmpdir(), 'wembed-reference-'));
/** @type {any} */
let project;

beforeAll(() => {
  mkdirSync(scripts, { recursive: true });
  const json = join(folder, 'reference.json');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/reference.mjs', '--json', json], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout + stderr);
  project = JSON.parse(readFileSync(json, 'utf8'));
  const line = (/** @type {string} */ key, /** @type {number} */ row) =>
    [key, ...Array.from({ length: 100 }, (_, i) => Math.sin(row * 100 + i).toFixed(5))].join(' ');
  writeFileSync(join(folder, 'glove.6B.100d.txt'), ['king', 'queen', 'man', 'woman', 'apple'].map(line).join('\n'));
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(scripts, { recursive: true, force: true });
});

/** @param {any} comment @param {string} [tag] @returns {boolean} whether it says something, in a tag or before all tags */
const says = (comment, tag) =>
  (tag
    ? (comment?.blockTags ?? []).flatMap((/** @type {any} */ each) => (each.tag === tag ? each.content : []))
    : (comment?.summary ?? [])
  ).some((/** @type {any} */ { text }) => /\w/.test(text));

/** @param {(path: string, kind: string, node: any) => void} see every public name */
function visit(see, node = project, path = '') {
  const kind = KINDS[node.kind];
  if (kind) see(path, kind, node);
  const children = [...(node.children ?? []), ...(node.type?.declaration?.children ?? [])];
  for (const child of children) visit(see, child, path ? `${path}.${child.name}` : child.name);
}

test('an index of a page names only what is on it, and no class shows a constructor or a base that is internal', () => {
  /** @type {string[]} */
  const wrong = [];
  const see = (/** @type {any} */ node, /** @type {string} */ path) => {
    const children = node.children ?? [];
    const known = new Set([...children, ...(node.documents ?? [])].map(({ id }) => id));
    for (const { title, children: listed } of node.groups ?? []) {
      if (listed.some((/** @type {number} */ id) => !known.has(id))) wrong.push(`${path}: ${title}`);
    }
    for (const { type, package: from, target } of node.extendedTypes ?? []) {
      if (type === 'reference' && from === 'wembed' && typeof target !== 'number') wrong.push(`${path}: its base`);
    }
    for (const child of children) see(child, `${path}.${child.name}`);
  };
  see(project, 'wembed');
  expect(wrong).toEqual([]);
});

test('every public name has a description', () => {
  /** @type {string[]} */
  const without = [];
  let seen = 0;
  visit((path, kind, node) => {
    seen++;
    // Of a method each signature has one; a property that is a function has it at its type's.
    const described = node.signatures ?? [node.getSignature ?? node, ...(node.type?.declaration?.signatures ?? [])];
    const comments = described.map((/** @type {any} */ { comment }) => comment);
    if (!comments.some((/** @type {any} */ each) => says(each) || says(each, '@returns')))
      without.push(`${kind} ${path}`);
  });
  expect(without).toEqual([]);
  expect(seen).toBeGreaterThan(600);
});

test('every public class, function and method has an example', () => {
  /** @type {string[]} */
  const without = [];
  let seen = 0;
  visit((path, kind, node) => {
    if (!['class', 'function', 'method'].includes(kind) || path.endsWith('[dispose]')) return;
    seen++;
    if (!(node.signatures ?? [node]).some((/** @type {any} */ { comment }) => says(comment, '@example')))
      without.push(path);
  });
  expect(without).toEqual([]);
  expect(seen).toBeGreaterThan(200);
});

/** Compares what an example gives with what it says: numbers to the digits that it writes. */
const CHECK = `
  const { deepStrictEqual } = await import('node:assert');
  const check = (found, expected, said) => {
    const digits = Math.max(0, ...[...said.matchAll(/\\\\.(\\\\d+)/g)].map(([, each]) => each.length));
    const rounded = (value) => Array.isArray(value) ? value.map(rounded)
      : typeof value === 'number' && digits > 0 ? Math.abs(Number(value.toFixed(digits))) * Math.sign(value) || 0 : value;
    deepStrictEqual(rounded(found), rounded(expected));
  };`.replaceAll('\\\\', '\\');

/** @param {string} code @returns {string} in which each `//=` is a comparison */
const checked = (code) =>
  code.replace(
    /^( *)(.*); \/\/= (.*)$/gm,
    (_, indent, found, said) => `${indent}check((${found}), (${said}), ${JSON.stringify(said)});`,
  );

const programs = filesUnder('docs/reference', /\.js$/);

test('all entry points have a program, and programs compare', () => {
  expect(programs.length).toBe(project.children.filter(({ kind }) => kind === 2).length);
  const compared = programs.flatMap((file) => readSource(file).match(/\/\/= /g) ?? []);
  expect(compared.length).toBeGreaterThan(100);
  expect(programs.flatMap((file) => checked(readSource(file)).match(/^.*\/\/= .*$/gm) ?? [])).toEqual([]);
});

test.each(programs)('%s gives what it says', (file) => {
  const code = readSource(file);
  const script = join(scripts, file.replace(/\W+/g, '_').replace(/_js$/, '.mjs'));
  writeFileSync(script, [SERVED, CHECK, checked(code)].join('\n'));
  const env = { ...process.env, WEMBED_CACHE: join(folder, 'cache') };
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('as rendered, an example uses no name that neither it nor the example of its class defines', () => {
  const programs = [...readExamples().values()];
  for (const program of programs) {
    for (const [name, example] of program.flatMap((each) =>
      each.names.map((name) => /** @type {const} */ ([name, each])),
    )) {
      const [first] = name.split('.');
      const owner = program.find(({ names }) => names.includes(first)) ?? example;
      const rendered = (/** @type {string} */ of, /** @type {{ names: string[], code: string }} */ each) =>
        `${definitionsFor(program, each, of)}\n${each.code}`;
      const whole = rendered(name, example).replace(/^import (.*) from .*$/gm, 'const $1 = {};');
      expect(() => new Script(`async () => {\n${whole}\n}`)).not.toThrow(); // it defines no name twice
      const page = [rendered(first, owner), rendered(name, example)].flatMap(statementsOf);
      expect([name, missingIn(page)]).toEqual([name, []]);
    }
  }
  const alone = [{ names: ['a'], code: 'use(a);' }];
  expect(() => definitionsFor(alone, alone[0], 'a')).toThrow('uses use, which its program does not define');
});

test('the comparison can fail', () => {
  const script = join(scripts, 'wrong.mjs');
  writeFileSync(script, [CHECK, checked('const x = 0.694;\nx; //= 0.69\nx; //= 0.70\n')].join('\n'));
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/0\.69 !== 0\.7\b|0\.69\n[^]*0\.7/);
});
