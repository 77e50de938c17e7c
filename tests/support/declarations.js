// The package's declarations, read by a parser: exports, members of classes, types in their signatures.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseSync } from 'vite';

/**
 * @typedef {{ type: string, [key: string]: any }} Node of the syntax tree
 * @typedef {{ name: string, kind: 'class' | 'function' | 'value' | 'type', node: Node, file: string }} Declared
 */

/** @param {string} file */
function bodyOf(file) {
  const source = readFileSync(file, 'utf8');
  const { program, errors } = parseSync('declarations.d.ts', source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return /** @type {Node[]} */ (program.body);
}

/** @param {string} from @param {string} name a relative module name that ends in .js */
const fileOf = (from, name) => resolve(dirname(from), name.replace(/\.js$/, '.d.ts'));

const KINDS = /** @type {Record<string, Declared['kind']>} */ ({
  ClassDeclaration: 'class',
  TSDeclareFunction: 'function',
  FunctionDeclaration: 'function',
  VariableDeclaration: 'value',
  TSTypeAliasDeclaration: 'type',
  TSInterfaceDeclaration: 'type',
});

/**
 * @param {string} file a .d.ts
 * @returns {Map<string, Declared>} by the name that it is exported under
 */
export function exportsOf(file) {
  /** @type {Map<string, Declared>} */
  const found = new Map();
  for (const { type, declaration, source, specifiers = [] } of bodyOf(file)) {
    if (type === 'ExportAllDeclaration')
      for (const [name, each] of exportsOf(fileOf(file, source.value))) found.set(name, each);
    if (type !== 'ExportNamedDeclaration') continue;
    if (declaration) {
      const named = declaration.type === 'VariableDeclaration' ? declaration.declarations[0] : declaration;
      const name = named.id.name;
      found.set(name, { name, kind: KINDS[declaration.type], node: declaration, file });
    }
    const from = source && exportsOf(fileOf(file, source.value));
    for (const { local, exported } of specifiers) {
      const each = from?.get(local.name);
      if (each) found.set(exported.name, { ...each, name: exported.name });
    }
  }
  return found;
}

/**
 * @param {Node} node of a class
 * @returns {{ name: string, isStatic: boolean }[]} what its users can call or read, each once
 */
export function membersOf(node) {
  const members = node.body.body
    .filter(
      ({ key, kind, accessibility }) =>
        key?.type === 'Identifier' && kind !== 'constructor' && accessibility !== 'private',
    )
    .map((/** @type {Node} */ { key, static: isStatic, computed }) => ({ name: computed ? '' : key.name, isStatic }))
    .filter((/** @type {{ name: string }} */ { name }) => name);
  return [...new Map(members.map((/** @type {any} */ each) => [`${each.isStatic} ${each.name}`, each])).values()];
}

/**
 * The project's own types that a declaration names: those of other modules, and those that its module declares.
 * @param {Declared} declared
 * @returns {string[]}
 */
export function typesNamedIn({ node, file }) {
  const body = bodyOf(file);
  const own = new Set([
    ...exportsOf(file).keys(),
    ...body.flatMap(({ type, specifiers = [], source }) =>
      type === 'ImportDeclaration' && source.value.startsWith('.')
        ? specifiers.map((/** @type {any} */ s) => s.local.name)
        : [],
    ),
  ]);
  /** @type {Set<string>} */
  const names = new Set();
  const visit = (/** @type {any} */ value) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!value || typeof value !== 'object') return;
    if (value.type === 'MethodDefinition' && value.kind === 'constructor') return; // callers do not construct
    if (value.type === 'TSImportType' && value.qualifier?.name && value.source.value.startsWith('.'))
      names.add(value.qualifier.name);
    if (value.type === 'TSTypeReference' && own.has(value.typeName.name)) names.add(value.typeName.name);
    Object.values(value).forEach(visit);
  };
  visit(node);
  return [...names];
}
