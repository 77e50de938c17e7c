// tools/glue.mjs: the loader that it writes from Emscripten's glue starts the core, and so does the glue of an Emscripten that it does
// not know, wrapped.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallGlue, wrappedGlue } from '../../tools/glue.mjs';
import { ROOT, readSource } from '../support/sources.js';

/** Whether the build was made by an Emscripten whose glue is known; the glue of others is in the build as a whole. */
const isKnown = readSource('dist/wasm/core.js').startsWith('// Written by tools/glue.mjs');
/** The build's name, which its modules import from. */
const build = /#(\w{4})'\]: a/.exec(readSource('dist/wasm/core.js'))?.[1] ?? 'none';
const testOfKnown = isKnown ? test : test.skip;

/** In Emscripten 3's words: what stands in the glue of this build, with the same short names. */
function emscriptenGlue() {
  const loader = readSource('dist/wasm/core.js');
  const name = (/** @type {RegExp} */ place) => place.exec(loader)?.[1] ?? '?';
  const [memory, start, table] = [
    name(/memory: exports\.(\w+)/),
    name(/exports\.(\w+)\(\);/),
    name(/exports\.(\w+)\.get/),
  ];
  const [malloc, free] = [name(/(\w+): core\._malloc/), name(/(\w+): core\._free/)];
  const [save, restore] = [name(/(\w+): core\.stackSave/), name(/(\w+): core\.stackRestore/)];
  const imports = [name(/(\w+): \(name, /), name(/(\w+): Math\.random/), name(/(\w+): \(bytes\) =>/)];
  return `var exported;
function createWasm(){Module["instantiateWasm"](info,receive)}
function receive(instance){wasmMemory=Module["asm"]["${memory}"];wasmTable=Module["asm"]["${table}"];addOnInit(Module["asm"]["${start}"])}
function max(){return 4294901760}function grown(){return (1+.2/cutDown)*requestedSize+16777216}
var asmLibraryArg={"${imports[0]}":__embind_register_function,"${imports[1]}":_emscripten_random,"${imports[2]}":_emscripten_resize_heap};
Module["_free"]=Module["asm"]["${free}"];Module["_malloc"]=Module["asm"]["${malloc}"];
Module["stackSave"]=Module["asm"]["${save}"];Module["stackRestore"]=Module["asm"]["${restore}"];
export default Module;`;
}

test('the loader of the build is what its glue gives, and grows the memory as far as it is asked', () => {
  if (isKnown) expect(smallGlue(emscriptenGlue(), build)).toBe(readSource('dist/wasm/core.js'));
  const script = `
    import { loadCore } from './web/memory/module.js';
    const { core, memory } = await loadCore();
    const before = memory.buffer.byteLength;
    const addresses = [1 << 20, 200 << 20, 1 << 30].map((bytes) => core._malloc(bytes) >>> 0);
    const most = memory.buffer.byteLength;
    const tooMuch = core._malloc(2 ** 32 - 2 ** 16);
    console.log(JSON.stringify([before < most, addresses.every((each) => each > 0), tooMuch, memory.buffer.byteLength === most]));`;
  const found = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' });
  expect(JSON.parse(found)).toEqual([true, true, 0, true]);
});

testOfKnown.each([
  ['an import more', '"z":_emscripten_date_now,"', 'asmLibraryArg={"', 'asmLibraryArg={'],
  ['other limits', '2147483648', '4294901760', '4294901760'],
  ['exports in other words', 'wasmExports', 'Module["asm"]', 'Module["asm"]'],
])('glue with %s is not taken for known', (_, by, what, from) => {
  const glue = emscriptenGlue();
  const changed = what === from ? glue.replaceAll(what, by) : glue.replace(what, `${from}${by}`);
  expect(changed).not.toBe(glue);
  expect(smallGlue(changed, build)).toBeUndefined();
});

testOfKnown('glue that is not known is wrapped whole, and starts the same core', () => {
  // As Emscripten has it: a function of what makes the instance, which hands that over later.
  const glue = readSource('dist/wasm/core.js')
    .replace(
      'export default async (compiled, name) => {',
      'const Module = ({ instantiateWasm }) => new Promise((resolve) => { let exports;',
    )
    .replace(/const \{ exports \} = await .*/, 'instantiateWasm({ a }, (instance) => { ({ exports } = instance);')
    .replace(/return \{ core[^]*/, 'resolve(core); }); });\nexport default Module;\n');
  expect(() => wrappedGlue('var Module = 1;', build)).toThrow('does not end with its default export');
  const folder = join(ROOT, 'build/glue');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'core.mjs'), wrappedGlue(glue, build));
  const script = `
    import { readFileSync } from 'node:fs';
    const { default: createCore } = await import('./build/glue/core.mjs');
    const bytes = readFileSync('dist/assets/simd128.wasm');
    const { core, memory } = await createCore(await WebAssembly.compile(bytes), 'wasm');
    console.log(JSON.stringify([typeof core.tableLookup, core._malloc(64) > 0, memory instanceof WebAssembly.Memory]));`;
  const found = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' });
  expect(JSON.parse(found)).toEqual(['function', true, true]);
  expect(readFileSync(join(folder, 'core.mjs'), 'utf8')).not.toContain('export default Module');
});
