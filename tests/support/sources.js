// Facts about the sources, read by a parser: imports, string literals, sizes, types. Used by house.test.js.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} file from the root */
export const readSource = (file) => readFileSync(join(ROOT, file), 'utf8');

/**
 * @param {string} folder from the root
 * @param {RegExp} pattern of the name
 * @returns {string[]} paths from the root, in order
 */
export function filesUnder(folder, pattern) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node of ESTree
 * @param {string} source JavaScript
 * @returns {{ nodes: Node[], comments: string[] }} every node of the syntax tree, and the texts of comments
 */
function parse(source) {
  const { program, comments, errors } = parseSync('source.js', source);
  if (errors.length > 0) throw new Error(errors[0].message);
  /** @type {Node[]} */
  const nodes = [];
  const visit = (/** @type {any} */ value) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value && typeof value === 'object') {
      if (typeof value.type === 'string') nodes.push(value);
      Object.values(value).forEach(visit);
    }
  };
  visit(program);
  return { nodes, comments: comments.map(({ value }) => value) };
}

/** @param {Node | null | undefined} node @returns {string | undefined} its value, if it is a string that stands as it is */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/** @param {Node | undefined} node */
const isImportMeta = (node, property = '') =>
  node?.type === 'MemberExpression' && node.object.type === 'MetaProperty' && node.property.name === property;

/**
 * Everything a script names to load: `import`, `export … from`, `import()`, `new URL(…, import.meta.url)`,
 * `import.meta.resolve()`, and in comments `import('…')` and `@import … from '…'`.
 * @param {string} source
 * @returns {{ names: string[], computed: string[] }} what is named, and code that works a name out
 */
export function importsIn(source) {
  const { nodes, comments } = parse(source);
  /** @type {string[]} */
  const names = [];
  /** @type {string[]} */
  const computed = [];
  const add = (/** @type {Node} */ named, /** @type {Node} */ whole) => {
    const text = textOf(named);
    if (text === undefined) computed.push(source.slice(whole.start, whole.end));
    else names.push(text);
  };
  for (const node of nodes) {
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type) && node.source) add(node.source, node);
    if (node.type === 'ImportExpression') add(node.source, node);
    if (node.type === 'NewExpression' && node.callee.name === 'URL' && isImportMeta(node.arguments[1], 'url')) {
      add(node.arguments[0], node);
    }
    if (node.type === 'CallExpression' && isImportMeta(node.callee, 'resolve')) add(node.arguments[0], node);
  }
  for (const comment of comments) {
    for (const [, , name] of comment.matchAll(/\bimport\s*\(\s*(['"`])([^'"`]+)\1/g)) names.push(name);
    for (const [, , name] of comment.matchAll(/@import\b[^'"`@]*?\bfrom\s*(['"`])([^'"`]+)\1/g)) names.push(name);
  }
  return { names, computed };
}

/**
 * @param {string} source JavaScript
 * @returns {string[]} its string literals and the names of its properties; those of imports aside
 */
export function literalsIn(source) {
  const { nodes } = parse(source);
  const imported = new Set(nodes.map(({ source: named }) => named).filter(Boolean));
  return nodes.flatMap((node) => {
    if (imported.has(node)) return [];
    if (node.type === 'Property' && !node.computed && node.key.type === 'Identifier') return [node.key.name];
    const text = textOf(node);
    return text === undefined ? [] : [text];
  });
}

/**
 * Code that reaches into WebAssembly's memory: views of it, its addresses, its allocator.
 * @param {string} source JavaScript
 * @returns {string[]}
 */
export function heapAccessIn(source) {
  const { nodes } = parse(source);
  const names = /^(HEAPU?\d+|HEAPF\d+|_malloc|_free|heap|wasmMemory)$/;
  return nodes
    .filter(({ type, object, property, key }) => {
      const named = type === 'MemberExpression' ? [object.name, property.name] : [];
      if (/^(Method|Property)Definition$/.test(type)) named.push(key.name);
      return named.some((name) => typeof name === 'string' && names.test(name));
    })
    .map(({ start, end }) => source.slice(start, end).split('\n')[0]);
}

/**
 * @param {string} source JavaScript
 * @returns {{ name: string, lines: number }[]} its classes
 */
export function classesIn(source) {
  const lines = (/** @type {number} */ start, /** @type {number} */ end) => source.slice(start, end).split('\n').length;
  return parse(source)
    .nodes.filter(({ type }) => type === 'ClassDeclaration' || type === 'ClassExpression')
    .map(({ id, start, end }) => ({ name: id?.name ?? '(no name)', lines: lines(start, end) }));
}

/**
 * The classes of C++ as clang-format writes them: nothing is indented for a namespace. A member function that is defined
 * outside counts for its class.
 * @param {string} source a header, or a header and its sources
 * @returns {{ name: string, lines: number }[]}
 */
export function cppClassesIn(source) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  const add = (/** @type {string} */ name, /** @type {string} */ text) =>
    sizes.set(name, (sizes.get(name) ?? 0) + text.split('\n').length);
  for (const [text, name] of source.matchAll(/^(?:class|struct) (\w+)(?: final)?(?: : [^{;]*)? \{\n[^]*?^\};/gm)) {
    add(name, text);
  }
  for (const [text, name] of source.matchAll(/^[\w:<>*&, ]*\b(\w+)::~?\w+\([^;{}]*?\{(?:\n[^]*?^\}|[^\n]*\}$)/gm)) {
    if (sizes.has(name)) add(name, text);
  }
  return [...sizes].map(([name, lines]) => ({ name, lines }));
}

/**
 * @param {string} source JavaScript
 * @returns {string[]} its JSDoc types, as they stand between braces
 */
export function typesIn(source) {
  return parse(source).comments.flatMap((comment) =>
    [...comment.matchAll(/@\w+\s*\{/g)].map(({ index, 0: tag }) => {
      const start = index + tag.length;
      let depth = 1;
      let end = start;
      for (; end < comment.length && depth > 0; end++) depth += { '{': 1, '}': -1 }[comment[end]] ?? 0;
      return comment.slice(start, end - 1);
    }),
  );
}

/** @param {string} source @returns {number} how often its types say `any` */
export const anysIn = (source) =>
  typesIn(source).reduce((sum, type) => sum + [...type.matchAll(/(?<![.\w])any\b(?!\??:)/g)].length, 0);

/**
 * The types that a module exports: in JavaScript every `@typedef` and `@callback` is.
 * @param {string} source
 * @returns {{ name: string, alias: boolean }[]} an alias only passes on another module's type of the same name
 */
export function typedefsIn(source) {
  return parse(source).comments.flatMap((comment) => {
    const text = comment.replace(/\n\s*\* ?/g, '\n');
    const found = [];
    for (const [, rest] of text.matchAll(/@(?:typedef|callback)\b([^]*?)(?=\n\s*@|$)/g)) {
      const name = nameAfterType(rest);
      if (name) found.push({ name, alias: new RegExp(`^\\s*\\{import\\([^)]*\\)\\.${name}\\}`).test(rest) });
    }
    return found;
  });
}

/** @param {string} text ` {type} Name …` or ` Name` */
function nameAfterType(text) {
  let depth = 0;
  let at = 0;
  for (; at < text.length; at++) {
    depth += { '{': 1, '}': -1 }[text[at]] ?? 0;
    if (depth === 0 && /\w/.test(text[at])) break;
  }
  return /^[A-Za-z_$][\w$]*/.exec(text.slice(at))?.[0];
}
