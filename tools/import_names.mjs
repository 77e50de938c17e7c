// Emscripten names a module's imports by how often it uses them, and as it happens where two are used alike, so that each
// module would need glue of its own.
// Here one module's names are given to another that imports the same functions.
// All are imported from a name that says which module it is and of which build: an engine refuses to start one that is given in
// place of another, or with the scripts of another version.
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
  for (const {
    name: { at, length },
  } of importsOf(changed)) {
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
 * @param {string} from
 * @returns {Uint8Array} the same module, which imports everything from this name
 */
export function importingFrom(wasm, from) {
  const section = importSection(wasm);
  if (!section) throw new Failure('A module imports nothing.');
  const { begin, content, end } = section;
  const name = Buffer.from(from);
  const entries = importsOf(wasm).map((each) => [
    ...leb128(name.length),
    ...name,
    ...wasm.subarray(each.own, each.end),
  ]);
  const body = [...leb128(entries.length), ...entries.flat()];
  const before = wasm.subarray(0, begin);
  const changed = Buffer.concat([
    before,
    Uint8Array.of(IMPORT_SECTION, ...leb128(body.length), ...body),
    wasm.subarray(end),
  ]);
  if (content >= end || !WebAssembly.validate(changed))
    throw new Failure('A module is not valid after its imports were renamed.');
  return changed;
}

/** @param {number} value @returns {number[]} its bytes */
const leb128 = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...leb128(Math.floor(value / 128))]);

/**
 * @param {Uint8Array} wasm
 * @returns {{ begin: number, content: number, end: number } | undefined} where its imports stand; undefined where it has none
 */
function importSection(wasm) {
  const reader = new WasmReader(wasm, HEADER);
  while (reader.at < wasm.length) {
    const begin = reader.at;
    const [section, size] = [reader.byte(), reader.number()];
    const content = reader.at;
    reader.at += size;
    if (section === IMPORT_SECTION) return { begin, content, end: reader.at };
  }
  return undefined;
}

/**
 * @param {Uint8Array} wasm
 * @returns {{ own: number, name: { at: number, length: number }, end: number }[]} of each imported function where what follows the
 *   name that it is imported from begins, its own name, where its entry ends
 */
function importsOf(wasm) {
  const section = importSection(wasm);
  if (!section) return [];
  const reader = new WasmReader(wasm, section.content);
  return Array.from({ length: reader.number() }, () => {
    reader.name(); // that it is imported from
    const own = reader.at;
    const name = reader.name();
    if (reader.byte() !== 0) throw new Failure('A module imports something that is no function.');
    reader.number(); // its type
    return { own, name, end: reader.at };
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
