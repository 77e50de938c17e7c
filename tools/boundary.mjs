// `node tools/boundary.mjs` writes both sides of the boundary between C++ and JavaScript from cpp/bindings/boundary.txt,
// which describes the format. tests/js/boundary.test.js fails if a file differs from what this writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, ROOT, main } from './run.mjs';

const LIST = 'cpp/bindings/boundary.txt';

/** @typedef {{ name: string, doc: string, members: { name: string, value: number }[] }} Enum */
/** @typedef {{ name: string, doc: string, value: string }} Constant */
/** @typedef {'core' | 'text' | 'train' | 'both' | 'all'} Where which of the modules has it; both: core and text */
/** @typedef {{ name: string, doc: string, args: { name: string, type: string }[], result: string, where: Where }} Export */
/** @typedef {{ enums: Enum[], constants: Constant[], exports: Export[] }} Boundary */

const CPP_TYPES = /** @type {Record<string, string>} */ ({
  ...{ u32: 'uint32_t', address: 'uint32_t', code: 'uint32_t' },
  ...{ f32: 'float', f64: 'double', bool: 'bool', void: 'void' },
});

/** @param {string} type of an argument */
const jsType = (type) => (type === 'bool' ? 'boolean' : 'number');

/** @param {string} name @returns {string} tableTopK → table_top_k */
const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** @param {string} name @returns {string} BagMode → BAG_MODES, kNoId → NO_ID */
const upperCase = (name) =>
  snakeCase(name)
    .replace(/^(_|k_)/, '')
    .toUpperCase();

/** @returns {Boundary} the parsed list */
export function readBoundary() {
  /** @type {Boundary} */
  const boundary = { enums: [], constants: [], exports: [] };
  /** @type {Where} */
  let where = 'both';
  for (const [i, line] of readFileSync(join(ROOT, LIST), 'utf8').split('\n').entries()) {
    if (/^(#|\s*$)/.test(line)) continue;
    const module = /^in (core|text|train|both|all)$/.exec(line);
    if (module) where = /** @type {Where} */ (module[1]);
    const known =
      module || readEnum(line, boundary) || readConstant(line, boundary) || readExport(line, boundary, where);
    if (!known)
      throw new Failure(`${LIST}:${i + 1} is neither an enum, a constant, a function nor ` in ` a module: ${line}`);
  }
  return boundary;
}

/** @param {string} line @param {Boundary} boundary */
function readEnum(line, { enums }) {
  const [, name, doc] = line.match(/^enum (\w+) {2}(.*)$/) ?? [];
  if (name) return enums.push({ name, doc, members: [] });
  const last = enums.at(-1);
  if (!last || !/^ {2}\w+(=\d+)?( \w+(=\d+)?)*$/.test(line)) return 0;
  const members = line.trim().split(' ').entries();
  for (const [i, member] of members) {
    const [key, value = String(i)] = member.split('=');
    last.members.push({ name: key, value: Number(value) });
  }
  return last.members.length;
}

/** @param {string} line @param {Boundary} boundary */
function readConstant(line, { constants }) {
  const [, name, value, doc] = line.match(/^const (\w+) = (\w+) {2}(.*)$/) ?? [];
  return name ? constants.push({ name, value, doc }) : 0;
}

/** @param {string} line @param {Boundary} boundary @param {Where} where */
function readExport(line, { exports }, where) {
  const [, name, list, result, doc = ''] = line.match(/^(\w+)\((.*?)\): (\w+)(?: {2}(.*))?$/) ?? [];
  if (!name || !(result in CPP_TYPES)) return 0;
  const args = list === '' ? [] : list.split(', ').map((each) => each.split(': '));
  if (args.some(([, type]) => !(type in CPP_TYPES))) return 0;
  return exports.push({ name, doc, result, where, args: args.map(([arg, type]) => ({ name: arg, type })) });
}

const NOTE = `Written by tools/boundary.mjs from ${LIST}.`;

/** @param {Enum} each @returns {boolean} its codes are 0, 1, 2, … */
const isList = ({ members }) => members.every(({ value }, i) => value === i);

/** @param {Boundary} boundary @returns {string} */
function codesHeader({ enums, constants }) {
  const lines = enums.map((each) => {
    const members = each.members.map(({ name, value }) => (isList(each) ? name : `${name} = ${value}`)).join(', ');
    const count = isList(each) ? `\nconstexpr uint32_t k${each.name}Count = ${each.members.length};` : '';
    return `/// ${each.doc}\nenum class ${each.name} : uint32_t { ${members} };${count}\n`;
  });
  lines.push(...constants.map(({ name, value, doc }) => `/// ${doc}\nconstexpr uint32_t ${name} = ${value};\n`));
  return `// ${NOTE}\n// clang-format off\n#pragma once\n#include <cstdint>\n\nnamespace wembed {\n\n${lines.join('\n')}\n}  // namespace wembed\n`;
}

/** @param {Boundary} boundary @returns {string} */
function codesModule({ enums, constants }) {
  const lines = enums.map((each) => {
    const names = each.members.map(({ name }) => `'${name}'`).join(', ');
    const pairs = each.members.map(({ name, value }) => `${name}: ${value}`).join(', ');
    const value = isList(each) ? `/** @type {const} */ ([${names}])` : `{ ${pairs} }`;
    const how = isList(each) ? ' A code is an index into this list.' : '';
    return `/** ${each.doc}${how} */\n// prettier-ignore\nexport const ${upperCase(each.name)}S = ${value};\n`;
  });
  lines.push(
    ...constants.map(({ name, value, doc }) => `/** ${doc} */\nexport const ${upperCase(name)} = ${value};\n`),
  );
  return `// ${NOTE}\n\n${lines.join('\n')}`;
}

/**
 * @param {Where} where an export is said to be
 * @param {'core' | 'text' | 'train'} module
 * @returns {boolean} whether the module has it
 */
export const isIn = (where, module) => where === module || where === 'all' || (where === 'both' && module !== 'train');

/** @param {Boundary} boundary @returns {string} */
function exportsHeader({ exports }) {
  const lines = exports.map(({ name, doc, args, result }) => {
    const list = args.map((arg) => `${CPP_TYPES[arg.type]} ${snakeCase(arg.name)}`).join(', ');
    return `${doc ? `/// ${doc}\n` : ''}${CPP_TYPES[result]} ${snakeCase(name)}(${list});`;
  });
  const table = (/** @type {'core' | 'text' | 'train'} */ module) =>
    exports
      .filter(({ where }) => isIn(where, module))
      .map(({ name }) => `  EXPORT("${name}", ${snakeCase(name)})`)
      .join(' \\\n');
  return `// ${NOTE}
// clang-format off
#pragma once
#include <cstdint>

namespace wembed::bindings {

${lines.join('\n')}

}  // namespace wembed::bindings

/// Calls EXPORT("nameInJavaScript", function) for each that the core has.
#define WEMBED_FOR_EACH_CORE_EXPORT(EXPORT) \\
${table('core')}

/// The same for the text module.
#define WEMBED_FOR_EACH_TEXT_EXPORT(EXPORT) \\
${table('text')}

/// The same for the training module.
#define WEMBED_FOR_EACH_TRAIN_EXPORT(EXPORT) \\
${table('train')}
`;
}

/** @param {Boundary} boundary @returns {string} */
function exportsModule({ exports }) {
  const lines = exports.map(({ name, doc, args, result }) => {
    const list = args.map((arg) => `${arg.name}: ${jsType(arg.type)}`).join(', ');
    return ` * @property {(${list}) => ${result === 'void' ? 'void' : 'number'}} ${name}${doc ? ` ${doc}` : ''}`;
  });
  return `// ${NOTE}

/**
 * The core's functions, and those of its memory. Addresses and counts are numbers.
 * @typedef {object} Core
${lines.join('\n')}
 * @property {() => number} stackSave
 * @property {(top: number) => void} stackRestore
 * @property {(bytes: number) => number} _malloc
 * @property {(address: number) => void} _free
 */

export {};
`;
}

/**
 * @param {Boundary} boundary
 * @returns {Record<string, string>} the text of each generated file, by its path from the root
 */
export const generated = (boundary) => ({
  'cpp/core/codes.h': codesHeader(boundary),
  'web/core/codes.js': codesModule(boundary),
  'cpp/bindings/exports.h': exportsHeader(boundary),
  'web/memory/core_exports.js': exportsModule(boundary),
});

/** The declaration that is written beside the compiled glue and types its caller. */
export const GLUE_TYPES = `import type { Core } from '../../web/memory/core_exports.js';
/** Starts one instance of the core. */
export default function createCore(compiled: WebAssembly.Module, name: string): Promise<{ core: Core, memory: WebAssembly.Memory }>;
`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(() => {
    for (const [file, text] of Object.entries(generated(readBoundary()))) writeFileSync(join(ROOT, file), text);
  });
}
