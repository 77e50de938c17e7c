// One glue for all modules of the core, whatever names the compiler gave to their imports.
import { importingFrom, withImportNames } from '../../tools/import_names.mjs';

const glue = (/** @type {string} */ imports, rest = '') => `var x=1;var wasmImports={${imports}};${rest}run()`;
const text = (/** @type {string} */ name) => [name.length, ...Buffer.from(name)];

/** @param {string[]} names of imported functions, all without arguments @returns {Uint8Array} a module */
function moduleOf(names) {
  const imports = names.flatMap((name) => [...text('env'), ...text(name), 0, 0]);
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, 4, 1, 0x60, 0, 0];
  return Uint8Array.from([...header, ...types, 2, imports.length + 1, names.length, ...imports]);
}

const namesOf = (/** @type {Uint8Array<ArrayBuffer>} */ wasm) =>
  WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map(({ name }) => name);

describe('import names of the WebAssembly modules', () => {
  test('a module gets the names under which another glue has the same functions', () => {
    const wasm = moduleOf(['a', 'b', 'c']);
    const own = glue('b:_first,a:_second,c:_third');
    const changed = withImportNames(wasm, own, glue('a:_first,c:_second,b:_third'));
    expect(namesOf(Uint8Array.from(changed))).toEqual(['c', 'a', 'b']);
    expect(namesOf(Uint8Array.from(wasm))).toEqual(['a', 'b', 'c']); // as it was
    expect(withImportNames(wasm, own, own)).toBe(wasm);
  });

  test('the glue of Emscripten 3.1.6, which spells names as strings', () => {
    const older = (/** @type {string} */ imports) => glue(imports).replace('wasmImports', 'asmLibraryArg');
    const changed = withImportNames(
      moduleOf(['b', 'c']),
      older('"b":_first,"c":_second'),
      older('"c":_first,"b":_second'),
    );
    expect(namesOf(Uint8Array.from(changed))).toEqual(['c', 'b']);
  });

  test('all functions of a module are imported from one name, of any length', () => {
    const wasm = moduleOf(['a', 'b', 'c']);
    for (const from of ['wasm#1a2b', 'x', 'long'.repeat(100)]) {
      const changed = new WebAssembly.Module(Uint8Array.from(importingFrom(wasm, from)));
      expect(WebAssembly.Module.imports(changed)).toEqual(
        ['a', 'b', 'c'].map((name) => ({ module: from, name, kind: 'function' })),
      );
    }
    expect(() => importingFrom(wasm.subarray(0, 8), 'wasm#1a2b')).toThrow('imports nothing');
  });

  test('glue that differs in anything else is refused', () => {
    const wasm = moduleOf(['a', 'b']);
    const own = glue('a:_first,b:_second');
    for (const other of [
      glue('a:_first,b:_second', 'more();'),
      glue('a:_first,b:_other'),
      glue('a:_first'),
      glue('a:_first,bb:_second'),
    ]) {
      expect(() => withImportNames(wasm, own, other)).toThrow(/glue/);
    }
  });
});
