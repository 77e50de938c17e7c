// The names that an example of the API reference uses, and where its program has defined them before: as rendered, an example
// stands alone on its member's page, below that of its class.
import { parseAst } from 'rolldown/parseAst';

/** @typedef {import('./reference.mjs').Example} Example */
/** @typedef {{ type: string, [member: string]: any }} Node of a syntax tree */
/** @typedef {{ text: string, defines: Set<string>, uses: Set<string>, imported?: string }} Statement */

const GLOBALS = new Set([...Object.getOwnPropertyNames(globalThis), 'document']);

/**
 * @param {any} node a syntax tree, or a part of it
 * @param {Set<string>} defines takes the names that it defines
 * @param {Set<string>} uses takes those that it uses
 */
function collect(node, defines, uses) {
  if (Array.isArray(node)) node.forEach((each) => collect(each, defines, uses));
  if (typeof node?.type !== 'string') return;
  const walk = (/** @type {any} */ part) => collect(part, defines, uses);
  const { type } = /** @type {Node} */ (node);
  if (type === 'Identifier') uses.add(node.name);
  else if (type === 'VariableDeclarator' || type === 'CatchClause') {
    pattern(node.id ?? node.param, defines, walk);
    walk([node.init, node.body]);
  } else if (type === 'ImportDeclaration') {
    node.specifiers.forEach((/** @type {Node} */ each) => defines.add(each.local.name));
  } else if (/Function/.test(type)) {
    if (node.id) defines.add(node.id.name);
    node.params.forEach((/** @type {Node} */ each) => pattern(each, defines, walk));
    walk(node.body);
  } else if (type === 'MemberExpression') walk([node.object, node.computed && node.property]);
  else if (type === 'Property') walk([node.computed && node.key, node.value]);
  else Object.values(node).forEach(walk);
}

/**
 * @param {any} node what stands on the left of an assignment, or a parameter
 * @param {Set<string>} defines
 * @param {(part: any) => void} walk
 */
function pattern(node, defines, walk) {
  if (!node) return;
  const each = (/** @type {any} */ part) => pattern(part, defines, walk);
  if (node.type === 'Identifier') defines.add(node.name);
  node.properties?.forEach((/** @type {Node} */ property) => each(property.value ?? property.argument));
  node.elements?.forEach(each);
  if (node.type === 'RestElement') each(node.argument);
  if (node.type !== 'AssignmentPattern') return;
  each(node.left);
  walk(node.right);
}

/** @param {string} code @returns {Statement[]} its statements */
export function statementsOf(code) {
  return parseAst(code).body.map((node) => {
    const [defines, uses] = [new Set(), new Set()];
    collect(node, defines, uses);
    const imported = node.type === 'ImportDeclaration' ? node.source.value : undefined;
    return { text: code.slice(node.start, node.end), defines, uses, imported };
  });
}

/** @param {Statement[]} statements @returns {string[]} the names that they use and do not define */
export function missingIn(statements) {
  const defined = new Set(statements.flatMap(({ defines }) => [...defines]));
  const used = new Set(statements.flatMap(({ uses }) => [...uses]));
  return [...used].filter((name) => !defined.has(name) && !GLOBALS.has(name));
}

/**
 * What stands before an example as rendered: the definitions of what it uses, where neither it nor its class's example has them.
 * @param {Example[]} program the examples of one entry point, in their order
 * @param {Example} example one of them
 * @param {string} name the member beside which it stands
 * @returns {string} code; empty if nothing is missing
 */
export function definitionsFor(program, example, name) {
  const before = program.slice(0, program.indexOf(example)).flatMap(({ code }) => statementsOf(code));
  const [first] = name.split('.');
  const owner = program.find(({ names }) => names.includes(first));
  // The example of the class stands above, with what it needs itself.
  const above =
    owner && owner !== example ? statementsOf(`${definitionsFor(program, owner, first)}\n${owner.code}`) : [];
  const shown = [...above.map((statement) => ({ ...statement, uses: new Set() })), ...statementsOf(example.code)];
  /** @type {Map<Statement, Set<string>>} and which of its names are wanted */
  const wanted = new Map();
  const taken = () => [...wanted].map(([each, names]) => (each.imported ? { ...each, defines: names } : each));
  for (let names = missingIn(shown); names.length > 0; names = missingIn([...taken(), ...shown])) {
    for (const each of names) {
      const statement = before.findLast(({ defines }) => defines.has(each));
      if (!statement) throw new Error(`the example of ${name} uses ${each}, which its program does not define`);
      wanted.set(statement, (wanted.get(statement) ?? new Set()).add(each));
    }
  }
  const lines = before
    .filter((statement) => wanted.has(statement))
    .sort((a, b) => Number(!a.imported) - Number(!b.imported))
    .map((statement) => {
      const names = [...(wanted.get(statement) ?? [])].join(', ');
      return statement.imported ? `import { ${names} } from '${statement.imported}';` : statement.text;
    });
  return lines.join('\n');
}
