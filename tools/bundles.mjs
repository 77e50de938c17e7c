// The builds of the library for places where web/ as it stands does not serve, made of the faces in package.json:
//   dist/static.js   everything in one file, without import(): service workers may not use it
//   dist/inline.js   the same with the WebAssembly in it
//   dist/cjs/        CommonJS, for `require` and Jest
//   dist/edge/       runtimes that take WebAssembly only as modules imported beforehand. How they import it differs: what
//                    `#wasm/` in package.json's "imports" leads to
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { removeUnread } from './declarations.mjs';
import { ROOT } from './run.mjs';

const WEB = join(ROOT, 'web');
const DIST = join(ROOT, 'dist');
const WASM_IN_SCRIPT = ['simd128.wasm', 'text_simd128.wasm', 'train_simd128.wasm']; // every browser since 2023 has SIMD

/** How the minifier writes addresses, which some bundlers recognize only in quotes. */
const ADDRESS = /new URL\(`([^`$]+)`,/g;
/** What is added to the address of WebAssembly that is imported, by the folder of dist/edge: Cloudflare's workerd, and the others. */
const WASM_QUERIES = { workerd: '', light: '?module' };

/** Jest's jsdom has none of its own. */
const ENCODERS =
  "var TextEncoder = globalThis.TextEncoder || require('util').TextEncoder, TextDecoder = globalThis.TextDecoder || require('util').TextDecoder;";

/** @typedef {{ start: number, end: number, text: string }} Edit */
/** @typedef {(file: string, from: string) => { expression: string, imports?: string }} UrlForm */

/**
 * The entry points whose code may run anywhere: those that start a worker of their own stay in web/.
 * @returns {string[]} names of files in web/
 */
export function faces() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.values(exports)
    .map((target) => /^\.\/web\/(\w+)\.js$/.exec(target?.default?.default ?? '')?.[1])
    .filter((name) => name !== undefined)
    .filter((name) => !/new (Shared)?Worker\(/.test(readFileSync(join(WEB, `${name}.js`), 'utf8')));
}

// Without comments, which web/ has; with the names as they are, for stack traces.
const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
const script = { format: 'es', entryFileNames: '[name].js', minify };
const many = { ...script, chunkFileNames: 'chunk_[name].js' };

/** What a bundle begins from: all entry points as one, and each. @param {string[]} names of files in web/ */
function inputs(names) {
  const all = { all: names.map((name) => `export * from ${JSON.stringify(join(WEB, `${name}.js`))};`).join('\n') };
  return { all, each: Object.fromEntries(names.map((name) => [name, join(WEB, `${name}.js`)])) };
}

/** Writes dist/edge, and in it the scripts that import dist/assets in each way. */
export async function buildEdge() {
  const { rolldown } = await import('rolldown');
  const edge = join(DIST, 'edge');
  const { all, each } = inputs(faces());
  await bundle(rolldown, { input: each, all, folder: edge, output: many, form: imported });
  for (const [folder, query] of Object.entries(WASM_QUERIES)) {
    mkdirSync(join(edge, folder));
    for (const name of readdirSync(join(DIST, 'assets')).filter((file) => file.endsWith('.wasm'))) {
      const text = `export { default } from '../../assets/${name}${query}';\n`;
      writeFileSync(join(edge, folder, name.replace('.wasm', '.js')), text);
    }
  }
}

/** Writes all of them. */
export async function buildBundles() {
  const { rolldown } = await import('rolldown');
  const names = faces();
  const { all, each } = inputs(names);
  await bundle(rolldown, { input: { static: 'virtual:all' }, all, folder: DIST, output: script, form: beside });
  await bundle(rolldown, { input: { inline: 'virtual:all' }, all, folder: DIST, output: script, form: inScript });
  const cjs = { ...many, format: 'cjs' };
  const commonJs = { folder: join(DIST, 'cjs'), output: cjs, form: besideFile, head: ENCODERS };
  await bundle(rolldown, { input: each, all, ...commonJs });
  await buildEdge();

  const declarations = names.map((name) => `export * from './types/${name}.js';\n`).join('');
  for (const name of ['static', 'inline']) writeFileSync(join(DIST, `${name}.d.ts`), declarations);
  // TypeScript takes the declarations beside a package.json of type commonjs for those of a CommonJS module.
  cpSync(join(DIST, 'types'), join(DIST, 'cjs'), { recursive: true });
  removeUnread(
    join(DIST, 'cjs'),
    names.map((name) => `${name}.d.ts`),
  );
  writeFileSync(join(DIST, 'cjs/package.json'), '{ "type": "commonjs" }\n');
}

/**
 * @param {typeof import('rolldown').rolldown} rolldown
 * @param {{ input: Record<string, string>, all: { all: string }, folder: string, output: object,
 *   form: UrlForm, head?: string }} what `head` begins every script
 */
async function bundle(rolldown, { input, all, folder, output, form, head = '' }) {
  if (folder !== DIST) rmSync(folder, { recursive: true, force: true });
  const build = await rolldown({
    cwd: ROOT,
    input,
    external: (id) => id === 'url' || id.startsWith('#wasm/'),
    platform: 'neutral',
    checks: { pluginTimings: false },
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
    plugins: [
      {
        name: 'one-file',
        resolveId: (id) => (id === 'virtual:all' ? '\0virtual:all' : undefined),
        load: (id) => (id === '\0virtual:all' ? all.all : undefined),
        transform(code, id) {
          if (!id.startsWith(WEB) || !/import\(|new URL\(/.test(code)) return undefined;
          return rewritten(code, id, this.parse(code), folder, form);
        },
      },
    ],
  });
  const { output: chunks } = await build.generate(output);
  await build.close();
  mkdirSync(folder, { recursive: true });
  for (const chunk of chunks) {
    if (chunk.type !== 'chunk') throw new Error(`unexpected ${chunk.fileName}`);
    const code = chunk.code.replace(ADDRESS, "new URL('$1',");
    writeFileSync(join(folder, chunk.fileName), head + code);
  }
}

/**
 * A script of web/ without import() of other scripts, and with the addresses of files in another form.
 * @param {string} code
 * @param {string} id its path
 * @param {any} program its syntax tree
 * @param {string} folder of the bundle
 * @param {UrlForm} form
 */
function rewritten(code, id, program, folder, form) {
  /** @type {Edit[]} */
  const edits = [];
  const head = new Set();
  visit(program, (node) => {
    const { start, end } = node;
    if (node.type === 'ImportExpression' && typeof node.source.value === 'string') {
      const name = `lazy_${basename(node.source.value, '.js')}`;
      head.add(`import * as ${name} from ${JSON.stringify(node.source.value)};`);
      edits.push({ start, end, text: `Promise.resolve(${name})` });
    }
    if (
      node.type === 'NewExpression' &&
      node.callee.name === 'URL' &&
      node.arguments[1]?.object?.type === 'MetaProperty'
    ) {
      const file = resolve(dirname(id), node.arguments[0].value);
      const { expression, imports } = form(file, folder);
      if (imports) head.add(imports);
      edits.push({ start, end, text: expression });
    }
  });
  if (edits.length === 0) return undefined;
  edits.sort((a, b) => b.start - a.start);
  const body = edits.reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), code);
  return { code: `${[...head].join('\n')}\n${body}`, map: null };
}

/** @param {any} node @param {(node: any) => void} see */
function visit(node, see) {
  if (Array.isArray(node)) return node.forEach((each) => visit(each, see));
  if (!node || typeof node !== 'object') return;
  if (typeof node.type === 'string') see(node);
  for (const value of Object.values(node)) visit(value, see);
}

/** @param {string} file @param {string} folder */
function pathFrom(file, folder) {
  const path = relative(folder, file).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** @type {UrlForm} the file's address, from the bundle */
function beside(file, folder) {
  return { expression: `new URL('${pathFrom(file, folder)}', import.meta.url)` };
}

/** @type {UrlForm} the same in CommonJS */
function besideFile(file, folder) {
  return { expression: `new URL('${pathFrom(file, folder)}', require('url').pathToFileURL(__filename))` };
}

/** @type {UrlForm} the WebAssembly with SIMD as text, the model as an address */
function inScript(file, folder) {
  const name = basename(file);
  if (!name.endsWith('.wasm')) return beside(file, folder);
  if (!WASM_IN_SCRIPT.includes(name)) {
    return { expression: `(() => { throw new Error('wembed/inline holds only the build with SIMD') })()` };
  }
  const base64 = readFileSync(file).toString('base64');
  return { expression: `Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0))` };
}

/** @type {UrlForm} the WebAssembly as an imported module, the model as an address */
function imported(file, folder) {
  if (!file.endsWith('.wasm')) return beside(file, folder);
  const name = basename(file, '.wasm');
  return { expression: `${name}_wasm`, imports: `import ${name}_wasm from '#wasm/${name}';` };
}
