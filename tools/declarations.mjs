// What TypeScript 7 leaves out of the declarations that it writes of JSDoc: the descriptions of types. And what it leaves in them: the
// comments that have become types.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { filesUnder } from './format.mjs';
import { ROOT } from './run.mjs';

const COMMENT = /\/\*\*((?:(?!\*\/)[^])*)\*\//g;

/** @param {string} comment its inside @returns {string} without the stars before its lines */
const linesOf = (comment) =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();

/**
 * @param {string} source a script
 * @returns {Map<string, string>} the descriptions of its types, which stand before `@typedef`, or after the name
 */
export function descriptionsOf(source) {
  const found = new Map();
  for (const [, comment] of source.matchAll(COMMENT)) {
    const text = linesOf(comment);
    const at = text.indexOf('@typedef');
    if (at < 0) continue;
    const name = nameOf(text.slice(at + '@typedef'.length).trim());
    const before = text.slice(0, at).trim();
    const description = before || name.after;
    if (description && !description.startsWith('@')) found.set(name.name, description);
  }
  return found;
}

/** @param {string} text `{type} Name description` @returns {{ name: string, after: string }} */
function nameOf(text) {
  let depth = 0;
  let end = 0;
  do {
    depth += Number(text[end] === '{') - Number(text[end] === '}');
    end++;
  } while (depth > 0 && end < text.length);
  const [, name, after] = /^\s*(\w+)([^]*?)(?=\n@|\s@typedef|$)/.exec(text.slice(end)) ?? ['', '', ''];
  return { name, after: after.trim() };
}

/** @param {string} folder of declarations of web/ */
export function describeTypes(folder) {
  for (const file of filesUnder('web', /\.js$/)) {
    const path = join(folder, file.replace(/^web\//, '').replace(/\.js$/, '.d.ts'));
    let text;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      continue; // not a part of the package
    }
    const descriptions = descriptionsOf(readFileSync(join(ROOT, file), 'utf8'));
    const without = text
      .replace(COMMENT, (comment) => (/@typedef/.test(comment) ? '' : comment))
      .replace(/^\s*\n/gm, '');
    const described = without.replace(/^export type (\w+)/gm, (line, name) => {
      const description = descriptions.get(name);
      return description ? `/** ${description.replaceAll('\n', '\n * ')} */\n${line}` : line;
    });
    writeFileSync(path, described);
  }
}

/**
 * Removes the declarations that nobody's program reads: those that no entry point leads to.
 * @param {string} folder of declarations
 * @param {string[]} entries file names in it
 */
export function removeUnread(folder, entries) {
  const read = new Set(entries.map((name) => join(folder, name)));
  for (const file of read) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from\s*|import\()['"](\.[^'"]+)['"]/g)) {
      const found = resolve(dirname(file), name).replace(/\.js$/, '.d.ts');
      if (existsSync(found)) read.add(found);
    }
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && path.endsWith('.d.ts') && !read.has(path)) rmSync(path);
  }
}
