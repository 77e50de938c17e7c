// The JavaScript that starts a module. Emscripten writes glue that also finds and reads the file, keeps views of the memory, and
// calls what programs register to run before and after it: here web/memory does the first two, and nothing the last. What is
// left takes a third of its bytes. The names of imports and exports, which a build for size makes up, are read from that glue.

import { Failure } from './run.mjs';

/** Emscripten's own limits and steps of growth, which the loader repeats: with others its glue is taken as it is. */
const KNOWN = [/return 4294901760\b/, /\+16777216\b/, /1\+\.2\/cutDown/];

/** What a module imports. @type {Record<string, (names: Record<string, string>) => string>} */
const IMPORTS = {
  // cpp/bindings/embind.js
  __embind_register_function: ({ memory, table }) => `(name, argCount, argTypes, signature, invoker, target) => {
        const bytes = new Uint8Array(exports.${memory}.buffer);
        const text = bytes.subarray((name >>>= 0), bytes.indexOf(0, name));
        core[new TextDecoder().decode(text)] = exports.${table}.get(target);
      }`,
  _emscripten_random: () => 'Math.random',
  // As much as is asked for and a fifth more, at most 16 MB; less where there is no room for that.
  _emscripten_resize_heap: ({ memory }) => `(bytes) => {
        bytes >>>= 0;
        const { byteLength } = exports.${memory}.buffer;
        for (const share of [0.2, 0.1, 0.05]) {
          const least = Math.max(bytes, Math.min(byteLength * (1 + share), bytes + 2 ** 24, 2 ** 32 - 2 ** 16));
          try {
            exports.${memory}.grow(Math.ceil((least - byteLength) / 2 ** 16));
            return true;
          } catch {} // no room
        }
        return false;
      }`,
};

/** Where Emscripten's glue names an export. @type {Record<string, RegExp>} */
const EXPORTS = {
  memory: /wasmMemory=Module\["asm"\]\["(\w+)"\]/,
  table: /wasmTable=Module\["asm"\]\["(\w+)"\]/,
  start: /addOnInit\(Module\["asm"\]\["(\w+)"\]\)/,
  _malloc: /Module\["_malloc"\]=Module\["asm"\]\["(\w+)"\]/,
  _free: /Module\["_free"\]=Module\["asm"\]\["(\w+)"\]/,
  stackSave: /Module\["stackSave"\]=Module\["asm"\]\["(\w+)"\]/,
  stackRestore: /Module\["stackRestore"\]=Module\["asm"\]\["(\w+)"\]/,
};

/**
 * @param {string} glue what Emscripten wrote beside a module
 * @param {string} build that the modules are of: part of the name from which they import (tools/import_names.mjs)
 * @returns {string | undefined} a loader; undefined where the glue is worded otherwise than Emscripten 3's
 */
export function smallGlue(glue, build) {
  const imports = [...(/asmLibraryArg=\{([^}]*)\}/.exec(glue)?.[1] ?? '').matchAll(/"(\w+)":(\w+)/g)];
  const names = Object.fromEntries(Object.entries(EXPORTS).map(([role, place]) => [role, place.exec(glue)?.[1] ?? '']));
  const isKnown =
    imports.length === Object.keys(IMPORTS).length &&
    imports.every(([, , role]) => role in IMPORTS) &&
    Object.values(names).every((name) => name !== '') &&
    KNOWN.every((part) => part.test(glue));
  if (!isKnown) return undefined;
  const { memory, start, _malloc, _free, stackSave, stackRestore } = names;
  return `// Written by tools/glue.mjs from what Emscripten wrote.
export default async (compiled, name) => {
  const core = {};
  const a = {
${imports.map(([, name, role]) => `    ${name}: ${IMPORTS[role](names)},`).join('\n')}
  };
  const { exports } = await WebAssembly.instantiate(compiled, { [name + '#${build}']: a });
  ({ ${_malloc}: core._malloc, ${_free}: core._free, ${stackSave}: core.stackSave, ${stackRestore}: core.stackRestore } = exports);
  exports.${start}();
  return { core, memory: exports.${memory} };
};
`;
}

/** What Emscripten's glue exports last. */
const EXPORTED = /export default (\w+);?\s*$/;

/**
 * @param {string} glue of any version of Emscripten
 * @param {string} build as for `smallGlue`
 * @returns {string} the same with our loader's default export
 */
export function wrappedGlue(glue, build) {
  if (!EXPORTED.test(glue)) throw new Failure('The glue that Emscripten wrote does not end with its default export.');
  return `${glue.replace(EXPORTED, 'const createModule = $1;')}
export default async (compiled, name) => {
  let instance;
  const core = await new Promise((resolve, reject) => {
    const instantiateWasm = (imports, done) => {
      const all = { [name + '#${build}']: Object.assign({}, ...Object.values(imports)) };
      WebAssembly.instantiate(compiled, all).then((made) => done((instance = made))).catch(reject);
      return {};
    };
    createModule({ instantiateWasm }).then(resolve, reject);
  });
  // Found by what it is: a build for size gives exports short names.
  const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
  return { core, memory };
};
`;
}
