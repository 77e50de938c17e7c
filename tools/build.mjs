// `npm run build`: the files beside the scripts in dist/assets, the glue in dist/wasm, the declarations in dist/types.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileTokenizer, neededTables } from '../web/tokenizer/compile.js';
import { writeSaved } from '../web/tokenizer/saved_writer.js';
import { GLUE_TYPES } from './boundary.mjs';
import { buildBundles } from './bundles.mjs';
import { build, compilerStamp } from './cmake.mjs';
import { describeTypes, removeUnread } from './declarations.mjs';
import { filesUnder } from './format.mjs';
import { smallGlue, wrappedGlue } from './glue.mjs';
import { importingFrom, withImportNames } from './import_names.mjs';
import { Failure, ROOT, main, node } from './run.mjs';
import { setup } from './setup.mjs';

/** The core, the text module and the training module, two variants each. */
const MODULES = ['simd128', 'scalar', 'text_simd128', 'text_scalar', 'train_simd128', 'train_scalar'];
/** What web/memory calls them: by the setting of `env` that may say where a module is. */
const SETTINGS = { simd128: 'wasm', scalar: 'wasm', text: 'textWasm', train: 'trainWasm' };
/** Modules that are so small that each stands in a script. */
const SCRIPTS = [
  ['words', 'What counts words (cpp/text/word_counts.h)'],
  ['numbers', 'What writes JSON (cpp/text/json_numbers.h, json_text.h)'],
];
const BUILD = join(ROOT, 'build/wasm');
const GLUE = join(ROOT, 'dist/wasm');
const ASSETS = join(ROOT, 'dist/assets'); // published as it is: a page may copy it whole
const STAMP = join(ROOT, 'dist/wasm.json');

/** Compiles cpp/ to dist/wasm, unless that is up to date. */
export function buildWasm() {
  buildMini();
  if (wasmIsFresh()) return;
  setup(['wasm']);
  console.log('Building the WebAssembly core (only files that are out of date)');
  build('wasm');

  const glues = MODULES.map((name) => readFileSync(join(BUILD, name, 'core.js'), 'utf8'));
  const modules = MODULES.map((name, i) =>
    withImportNames(readFileSync(join(BUILD, name, 'core.wasm')), glues[i], glues[0]),
  );
  const version = buildName([glues[0], ...modules]);
  mkdirSync(GLUE, { recursive: true });
  mkdirSync(ASSETS, { recursive: true });
  writeFileSync(join(GLUE, 'core.js'), smallGlue(glues[0], version) ?? wrappedGlue(trimmed(glues[0]), version));
  for (const [i, name] of MODULES.entries()) {
    const setting = SETTINGS[/** @type {keyof SETTINGS} */ (name.split('_')[0])];
    writeFileSync(join(ASSETS, `${name}.wasm`), importingFrom(modules[i], `${setting}#${version}`));
    rmSync(join(GLUE, `${name}.wasm`), { force: true }); // where it was until version 0.1
  }
  writeFileSync(join(GLUE, 'core.d.ts'), GLUE_TYPES);
  for (const [name, says] of SCRIPTS) {
    const base64 = readFileSync(join(BUILD, `${name}/${name}.wasm`)).toString('base64');
    writeFileSync(join(GLUE, `${name}.js`), `// ${says}.\nexport default '${base64}';\n`);
    writeFileSync(join(GLUE, `${name}.d.ts`), 'declare const base64: string;\nexport default base64;\n');
  }
  writeFileSync(STAMP, `${JSON.stringify(stampNow())}\n`);
}

/**
 * @param {(string | Uint8Array)[]} parts of a build
 * @returns {string} four characters that another build does not have, but for one in a million
 */
function buildName(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return (sum.digest().readUInt32LE() % 36 ** 4).toString(36).padStart(4, '0');
}

/**
 * Packs models/mini into one file: see web/models/mini_files.js. Its tokenizer is compiled here, so that a page need not
 * load what does that; what else stands in the tokenizer.json is kept beside it.
 */
function buildMini() {
  const read = (/** @type {string} */ name) => readFileSync(join(ROOT, 'models/mini', name));
  const json = JSON.parse(read('tokenizer.json').toString());
  if (Object.values(neededTables(json)).includes(true)) throw new Failure("mini's tokenizer needs tables of its own.");
  const frame = { ...json, model: { ...json.model, vocab: undefined } };
  const files = [
    { name: 'config.json', bytes: read('config.json') },
    { name: 'tokenizer.saved', bytes: Buffer.from(writeSaved(compileTokenizer(json, undefined, {}))) },
    { name: 'tokenizer.frame.json', bytes: Buffer.from(JSON.stringify(frame)) },
    { name: 'model.safetensors', bytes: read('model.safetensors') },
  ];
  const pack = packed(files);
  const file = join(ASSETS, 'mini.bin');
  if (existsSync(file) && readFileSync(file).equals(pack)) return;
  mkdirSync(ASSETS, { recursive: true });
  writeFileSync(file, pack);
}

/**
 * Files as tensors of bytes in safetensors' layout.
 * @param {{ name: string, bytes: Buffer }[]} files
 * @returns {Buffer}
 */
function packed(files) {
  let at = 0;
  const entries = files.map(({ name, bytes }) => {
    const from = at;
    at += bytes.length;
    return [name, { dtype: 'U8', shape: [bytes.length], data_offsets: [from, at] }];
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(8 * Math.ceil(json.length / 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...files.map(({ bytes }) => bytes)]);
}

/** Whether dist has what a build of the present sources would write. */
export function isFresh() {
  buildMini(); // needs no compiler
  return wasmIsFresh();
}

/**
 * Whether dist/wasm and the .wasm files are what a build of the present sources would write. Without a compiler only the sources are
 * compared: a build that somebody else made from them is accepted.
 */
function wasmIsFresh() {
  if (!existsSync(STAMP)) return false;
  const [was, is] = [JSON.parse(readFileSync(STAMP, 'utf8')), stampNow()];
  return (
    was.sources === is.sources && was.results === is.results && (is.compiler === '' || was.compiler === is.compiler)
  );
}

function stampNow() {
  const sources = [
    ...filesUnder('cpp'),
    'CMakeLists.txt',
    'CMakePresets.json',
    'tools/build.mjs',
    'tools/boundary.mjs',
    'tools/glue.mjs',
    'tools/import_names.mjs',
  ].sort();
  const glue = ['core', ...SCRIPTS.map(([name]) => name)].flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
  const results = [...glue.map((name) => `wasm/${name}`), ...MODULES.map((name) => `assets/${name}.wasm`)];
  return {
    sources: hash(sources),
    results: hash(results.map((name) => `dist/${name}`)),
    compiler: compilerStamp('emcc'),
  };
}

/** @param {string[]} files from the root; a missing file counts as empty */
function hash(files) {
  const sum = createHash('sha256');
  for (const file of files) {
    const path = join(ROOT, file);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    sum.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return sum.digest('hex');
}

/** The glue's own address, which every version of Emscripten asks for. */
const OWN_ADDRESS = /(?<=_script(Dir|Name) ?= ?)import\.meta\.url/;

/** @param {string} glue @returns {string} the same without its own address, at which a bundler would look for a file */
function trimmed(glue) {
  const own = /new URL\((["'])core\.wasm\1, ?import\.meta\.url\)\.(toString\(\)|href)/;
  return glue.replace(own, '"core.wasm"').replace(OWN_ADDRESS, '""');
}

/** Checks the JavaScript of web/ and writes its declarations to dist/types. Needs dist/wasm/core.d.ts. */
export function buildTypes() {
  setup(['npm']);
  rmSync(join(ROOT, 'dist/types'), { recursive: true, force: true }); // removes declarations of files that no longer exist
  node([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT]);
  describeTypes(join(ROOT, 'dist/types'));
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const entries = [...JSON.stringify(exports).matchAll(/\/dist\/types\/(\w+\.d\.ts)/g)].map(([, name]) => name);
  removeUnread(join(ROOT, 'dist/types'), [...new Set(entries)]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    buildWasm();
    buildTypes();
    await buildBundles();
    console.log('Built dist.');
  });
}
