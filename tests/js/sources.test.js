// The source readers used by house.test.js, tested with made-up sources.
import {
  anysIn,
  classesIn,
  cppClassesIn,
  heapAccessIn,
  importsIn,
  literalsIn,
  typedefsIn,
} from '../support/sources.js';

describe('imports', () => {
  test.each([
    ["import './a.js';", './a.js'],
    ["import a, { b } from './a.js';", './a.js'],
    ['import a from"./a.js";', './a.js'],
    ["import a\n  from\n  './a.js';", './a.js'],
    ["export { a } from './a.js';", './a.js'],
    ["export * from './a.js';", './a.js'],
    ["export * as a from './a.js';", './a.js'],
    ["await import('./a.js');", './a.js'],
    ['await import(`./a.js`);', './a.js'],
    ["await import(/* @vite-ignore */ './a.js');", './a.js'],
    ["await import(\n  // why\n  './a.js'\n);", './a.js'],
    ["new URL('./a.js', import.meta.url);", './a.js'],
    ["new Worker(new URL('./a.js', import.meta.url), { type: 'module' });", './a.js'],
    ["import.meta.resolve('./a.js');", './a.js'],
    ["/** @type {import('./a.js').A} */ let a;", './a.js'],
    ["/** @param {Record<string, import('./a.js').A[]>} a */ function f(a) {}", './a.js'],
    ["/** @import { A, B } from './a.js' */", './a.js'],
    ["// @ts-ignore import('./a.js')", './a.js'],
  ])('%s is seen', (source, name) => {
    expect(importsIn(source)).toEqual({ names: [name], computed: [] });
  });

  test.each(['await import(name);', 'await import(`./${name}.js`);', 'new URL(name, import.meta.url);'])(
    '%s is seen as a name computed at run time',
    (source) => {
      expect(importsIn(source)).toEqual({ names: [], computed: [source.replace(/^await |;$/g, '')] });
    },
  );

  test('a string or a comment that mentions an import is not an import', () => {
    expect(importsIn(`const a = "import './a.js'"; // see ./b.js, from './c.js'`)).toEqual({ names: [], computed: [] });
  });
});

describe('access to the memory of the core', () => {
  test.each([
    'table.heap.read(0);',
    'core.HEAPF32.subarray(0);',
    'core._malloc(8);',
    'class A { #heap; }',
    'class A { get heap() { return 1; } }',
  ])('%s is seen', (source) => {
    expect(heapAccessIn(source)).not.toEqual([]);
  });

  test.each(['queue.free();', 'class A { #free = []; }', 'const free = heapSort(a);'])('%s is not one', (source) => {
    expect(heapAccessIn(source)).toEqual([]);
  });
});

test('string literals and names of properties, but not those of imports', () => {
  expect(literalsIn("const a = { llama: 1 }; if (b === 'gpt2') c(`opt`, d.bert);")).toEqual(['llama', 'gpt2', 'opt']);
  expect(literalsIn("import a from './llama.js'; a.gpt2; // 'opt'")).toEqual([]);
});

test('classes and their lines', () => {
  expect(classesIn('export class A {\n\n}\nconst b = class {\n};')).toEqual([
    { name: 'A', lines: 3 },
    { name: '(no name)', lines: 2 },
  ]);
});

test('classes of C++, with the member functions that are defined outside', () => {
  const source =
    'class A final : public B {\n  int f();\n};\nint A::f() {\n  return 1;\n}\nA::A(int a) : a_(a) {}\nint g() {\n}\n';
  expect(cppClassesIn(source)).toEqual([{ name: 'A', lines: 7 }]);
});

test('types that contain any', () => {
  expect(anysIn('/** @param {Record<string, any>} a any of them @returns {any[]} */')).toBe(2);
  expect(anysIn('/** @type {{ any: string, many: company }} any */')).toBe(0);
});

test('types that a module defines, and those that it only re-exports', () => {
  const source = `/** @typedef {{ a: { b: number } }} One what it is */
    /**
     * Two.
     * @typedef {object} Two
     * @property {number} a
     */
    /** @typedef {import('./a.js').Three} Three */
    /** @callback Four @param {number} a */`;
  expect(typedefsIn(source)).toEqual([
    { name: 'One', alias: false },
    { name: 'Two', alias: false },
    { name: 'Three', alias: true },
    { name: 'Four', alias: false },
  ]);
});
