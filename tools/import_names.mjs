// Emscripten names a module's imports by how often it uses them, and as it happens where two are used alike, so that each
// module would need glue of its own.
// Here one module's names are given to another that imports the same functions.
import { Failure } from './run.mjs';

const IMPORTS = /(?<=\b(?:wasmImports|asmLibraryArg)=\{)[^}]*(?=\})/;
const [IMPORT_SECTION, HEADER] = [2, 8];

/**
 * @param {string} glue Emscripten's JavaScript
 * @returns {Map<string, string>} function → its name in the module
 */
function namesIn(glue) {
  const pairs = (IMPORTS.exec(glue)?.[0] ?? '').split(',').map((pair) => pair.split(':'));
  return new Map(pairs.map(([name, of]) => [of, name.replaceAll('"', '')]));
}

/**
 * @param {Uint8Array} wasm
 * @param {string} glue what Emscripten wrote beside it
 * @param {string} wanted the glue that it shall run with
 * @returns {Uint8Array} the same module, with the import names of `wanted`
 */
export function withImportNames(wasm, glue, wanted) {
  if (glue === wanted) return wasm;
  const [own, names] = [namesIn(glue), namesIn(wanted)];
  if (glue.replace(IMPORTS, '') !== wanted.replace(IMPORTS, '') || own.size !== names.size) {
    throw new Failure(
      'The modules were linked with different glue, but one core.js serves all: `rm -r build/wasm`, then build again.',
    );
  }
  const renamed = new Map([...own].map(([of, name]) => [name, names.get(of) ?? '']));
  const changed = Uint8Array.from(wasm);
  for (const { at, length } of importedNames(changed)) {
    const name = Buffer.from(changed.subarray(at, at + length)).toString();
    const other = renamed.get(name) ?? '';
    if (other.length !== length) throw new Failure(`An import is called ${name}, which the glue does not name alike.`);
    changed.set(Buffer.from(other), at);
  }
  if (!WebAssembly.validate(changed)) throw new Failure('A module is not valid after its imports were renamed.');
  return changed;
}

/**
 * @param {Uint8Array} wasm
 * @returns {{ at: number, length: number }[]} where the names of its imported functions stand
 */
function importedNames(wasm) {
  const reader = new WasmReader(wasm, HEADER);
  for (;;) {
    const [section, size] = [reader.byte(), reader.number()];
    if (section === IMPORT_SECTION) break;
    reader.at += size;
    if (reader.at >= wasm.length) return [];
  }
  return Array.from({ length: reader.number() }, () => {
    reader.name(); // of the module that is imported from
    const name = reader.name();
    if (reader.byte() !== 0) throw new Failure('A module imports something that is no function.');
    reader.number(); // its type
    return name;
  });
}

class WasmReader {
  #wasm;

  /** @param {Uint8Array} wasm @param {number} at */
  constructor(wasm, at) {
    this.#wasm = wasm;
    this.at = at;
  }

  byte() {
    return this.#wasm[this.at++];
  }

  /** @returns {number} of LEB128 */
  number() {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** @returns {{ at: number, length: number }} */
  name() {
    const length = this.number();
    const at = this.at;
    this.at += length;
    return { at, length };
  }
}
