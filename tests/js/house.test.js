// The rules of the house: imports, sizes, and the files that must accompany others. tests/support/exceptions.js lists
// the present exceptions: a file that breaks a rule and is not listed fails, and so does an exception that is no longer
// needed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXCEPTIONS, expectNone } from '../support/exceptions.js';
import { WEB_ROOMS, importsOf, mayImport } from '../support/imports.js';
import {
  ROOT,
  anysIn,
  classesIn,
  cppClassesIn,
  filesUnder,
  heapAccessIn,
  importsIn,
  literalsIn,
  readSource,
  typedefsIn,
} from '../support/sources.js';
import { madeTypes } from '../support/model_types.js';
import { readJson } from '../support/wembed.js';

const MOST_LINES = 400;
const MOST_CLASS_LINES = 250;
const MOST_ANYS = 19;

/** Bytes of JavaScript after gzip that load at once with an entry point, or with one of its exports alone. */
const BUDGETS = /** @type {Record<string, number>} */ ({
  index: 66_700,
  mini: 23_000, // with what Vite adds to an import(): 1_000 of it
  words: 23_700,
  search: 18_900, // with the tables it stands on
  train: 64_600, // with the layers, the word vectors and the classifiers that it makes
  util: 17_400, // 1_600 of it is parquet
  chat: 31_000, // 18_000 of it is @huggingface/jinja
  worker: 4_000, // the caller's side
  worker_thread: 42_400, // everything, in a worker
  'search beside a layer': 14_000,
  EmbeddingLayer: 21_600,
  Tokenizer: 11_500,
  WordVectors: 23_700,
  RotaryPositions: 7_000, // an exception: what transformers' model types differ in takes 4_200 and their settings' rules 4_000, docs/BENCHMARKS.md
  WembedError: 500,
});

/** Modules of Python's standard library that golden scripts use. */
const STANDARD =
  'argparse base64 collections contextlib copy dataclasses functools gzip hashlib importlib inspect itertools json logging math multiprocessing os pathlib random re resource shutil signal struct subprocess sys tempfile traceback types unicodedata warnings'.split(
    ' ',
  );

const scripts = filesUnder('web', /\.js$/);
const cppFiles = filesUnder('cpp', /\.(h|cc)$/);
const nativeTests = new Map(
  filesUnder('tests/cpp', /_test\.cc$/).map((file) => [basename(file, '_test.cc'), readSource(file)]),
);

test('an unlisted fault fails, and so does an unneeded exception', () => {
  EXCEPTIONS.probe = ['a', 'b'];
  expectNone('probe', ['a', 'b']);
  expect(() => expectNone('probe', ['a', 'b', 'c'])).toThrow('"c"');
  expect(() => expectNone('probe', ['a'])).toThrow('"b"');
  delete EXCEPTIONS.probe;
});

describe('imports', () => {
  test('each folder of web/ imports only the folders that the matrix allows, in code and in types', () => {
    expect(scripts.length).toBeGreaterThan(10);
    const wrong = scripts.flatMap((file) =>
      importsOf(file)
        .filter((imported) => !mayImport(file, imported))
        .map((imported) => `${file} imports ${imported}`),
    );
    expectNone('imports', wrong);
  });

  test("no module name is computed at run time, except those of Node's own modules", () => {
    const wrong = scripts.filter((file) => importsIn(readSource(file)).computed.length > 0);
    expect(wrong).toEqual(['web/sources/platform.js']);
  });

  test('where a part of the package cannot be loaded, an error says why: a service worker has no import()', () => {
    // What installed_asset.js looks for is missing already: that is what is said. A page's own errors are its demo's.
    const bare = /\bimport\('\.[^']*(?<!installed_asset\.js)'\)(?!\s*\.catch\()/;
    const ofLibrary = scripts.filter((file) => !/^web\/(demo|cli)\//.test(file));
    const withoutComments = (/** @type {string} */ file) => readSource(file).replace(/\/\*[^]*?\*\//g, '');
    expect(bare.test("await import('./lists.js');") && !bare.test("import('./lists.js').catch(importFailed)")).toBe(
      true,
    );
    expect(ofLibrary.filter((file) => bare.test(withoutComments(file)))).toEqual([]);
  });

  test.each([
    ['web/core/errors.js', 'web/sources/http.js', false],
    ['web/memory/module.js', 'web/sources/assets.js', true],
    ['web/memory/module.js', 'web/sources/http.js', false],
    ['web/memory/module.js', 'dist/wasm/core.js', true],
    ['web/table/table.js', 'dist/wasm/core.js', false],
    ['web/nn/rotary.js', 'web/models/families/index.js', false],
    ['web/models/open.js', 'web/table/remote/ranges.js', true],
    ['web/words/loader.js', 'web/models/open.js', false],
    ['web/table/table.js', 'web/index.js', false],
    ['web/mini.js', 'web/models/layer.js', true],
    ['web/models/mini_files.js', 'dist/assets/mini.bin', true],
    ['web/models/layer.js', 'dist/assets/mini.bin', false],
    ['web/memory/module.js', 'dist/assets/simd128.wasm', true],
    ['web/demo/main.js', 'web/mini.js', true],
    ['web/demo/main.js', 'web/models/layer.js', false],
    ['web/attic/a.js', 'web/core/errors.js', false],
    ['web/core/errors.js', 'tools/run.mjs', false],
  ])('the matrix: may %s import %s? %s', (file, imported, allowed) => {
    expect(mayImport(file, imported)).toBe(allowed);
  });
});

describe('memory', () => {
  const MAY =
    /^web\/(memory\/|table\/(storage|stored_rows|lookup|bag|products)\.js$|tokenizer\/(wasm_engine|vocab_json|vocab_ranks|lists|load|from_files)\.js$|nn\/|models\/(text_encoder|encode_in_steps)\.js$|search\/|train\/)/;

  test("only the folders that compute access the core's memory", () => {
    const wrong = scripts.filter((file) => {
      if (MAY.test(file)) return false;
      const imports = importsOf(file).some((imported) => imported.startsWith('web/memory/heap'));
      return imports || heapAccessIn(readSource(file)).length > 0;
    });
    expectNone('memory', wrong);
  });
});

describe('model families', () => {
  // A tokenizer has its own names: the model types of tokenizers, and ggml's names of them.
  const MAY = /^web\/(models\/families|tokenizer)\//;
  /** @type {string[]} */
  let names;
  /** @type {(name: string) => any} */
  let familyOf;
  beforeAll(async () => {
    const module = await import('../../web/models/families/index.js');
    names = module.familyNames().split(', ');
    familyOf = module.familyOf;
    expect(names.length).toBeGreaterThan(50);
  });

  /** The golden files' cases: a model inside another counts for both types. */
  const cases = () => [
    ...readdirSync(join(ROOT, 'tests/golden/checkpoints')).map((name) => ({
      ...readJson(`tests/golden/checkpoints/${name}/expected.json`),
      config: readJson(`tests/golden/checkpoints/${name}/config.json`),
    })),
    ...readJson('tests/golden/families.json').cases,
    ...Object.values(readJson('tests/golden/own_code.json').cases).map((each) => ({
      ...each,
      config: {},
      rotary: Object.values(each.rotary ?? {}),
    })),
    ...[...madeTypes()].map(([family, { config, rotary = {} }]) => ({
      ...{ family, config: JSON.parse(config), rotary: Object.values(rotary) },
    })),
  ];
  const typesWith = (/** @type {(golden: any) => boolean} */ has) =>
    new Set(cases().flatMap((golden) => (has(golden) ? [golden.family, ...nestedTypes(golden.config)] : [])));
  /** @param {any} config @returns {string[]} its model types, those of configs inside it included */
  const nestedTypes = (config) =>
    Object.values(config).reduce(
      (found, each) => (each && typeof each === 'object' ? [...found, ...nestedTypes(each)] : found),
      [config.model_type],
    );

  test('no model_type is named outside models/families', () => {
    /** @type {Map<string, string>} */
    const wrong = new Map();
    for (const file of scripts.filter((each) => !MAY.test(each))) {
      const literals = new Set(literalsIn(readSource(file)));
      const found = names.filter((name) => literals.has(name));
      if (found.length > 0) wrong.set(file, found.join(', '));
    }
    expectNone('model_type', wrong);
  });

  test('every family has golden values', () => {
    const golden = typesWith(() => true);
    expectNone(
      'family golden',
      names.filter((name) => !golden.has(name)),
    );
  });

  test('every family with rotary positions has golden values of rotated queries', () => {
    const golden = typesWith(({ rotary = [] }) => rotary.length > 0);
    expectNone(
      'rotary golden',
      names.filter((name) => familyOf(name).rotary && !golden.has(name)),
    );
  });
});

describe('sizes', () => {
  test(`no file above ${MOST_LINES} lines in web/ and cpp/, generated tables aside`, () => {
    const files = [...scripts, ...cppFiles].filter(
      (file) => !/_tables\.h$|\/(class_defaults|rotary_facts)\.js$/.test(file),
    );
    expectNone(
      'file lines',
      files.filter((file) => readSource(file).trimEnd().split('\n').length > MOST_LINES),
    );
  });

  test(`no class above ${MOST_CLASS_LINES} lines in web/`, () => {
    const wrong = scripts.flatMap((file) =>
      classesIn(readSource(file))
        .filter(({ lines }) => lines > MOST_CLASS_LINES)
        .map(({ name }) => `${file}: ${name}`),
    );
    expectNone('class lines', wrong);
  });

  test(`no class above ${MOST_CLASS_LINES} lines in cpp/, member functions included`, () => {
    const headers = cppFiles.filter((file) => file.endsWith('.h'));
    const wrong = headers.flatMap((header) => {
      const stem = header.slice(0, -2);
      const sources = cppFiles.filter(
        (file) => file.startsWith(stem) && /^(_scalar|_simd128)?\.cc$/.test(file.slice(stem.length)),
      );
      return cppClassesIn([header, ...sources].map(readSource).join('\n'))
        .filter(({ lines }) => lines > MOST_CLASS_LINES)
        .map(({ name }) => `${header}: ${name}`);
    });
    expectNone('class lines, C++', wrong);
  });

  test(`fewer than ${MOST_ANYS + 1} types in web/ say "any"`, () => {
    const counts = new Map(scripts.map((file) => [file, anysIn(readSource(file))]));
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const found = total > MOST_ANYS ? [...counts].filter(([, count]) => count > 0) : [];
    expectNone('any', new Map(found.map(([file, count]) => [file, `${count} of ${total}`])));
  });

  test('every entry point of web/ stays within its size budget, and so does every export used alone', () => {
    const faces = scripts.filter((file) => dirname(file) === 'web').map((file) => basename(file, '.js'));
    expect(faces.filter((face) => !(face in BUDGETS))).toEqual([]);
    const output = execFileSync(process.execPath, ['tools/size.mjs'], { cwd: ROOT, encoding: 'utf8' });
    const { wasm, js, total, uses } = JSON.parse(output);
    expect(Object.keys(uses).sort()).toEqual(Object.keys(BUDGETS).sort());
    expect(Math.min(wasm, js, ...Object.values(uses))).toBeGreaterThan(100);
    const weighed = { ...uses, 'encode, with the core': total };
    const above = Object.entries(weighed).filter(([name, bytes]) => bytes > (BUDGETS[name] ?? 80_500));
    expectNone('bytes', new Map(above.map(([name, bytes]) => [name, `${bytes} bytes`])));
  });
});

test('one meaning a type name: no two modules define a type of the same name', () => {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const file of scripts) {
    for (const { name, alias } of typedefsIn(readSource(file))) {
      if (!alias) places.set(name, [...(places.get(name) ?? []), file]);
    }
  }
  expect(places.size).toBeGreaterThan(20);
  expectNone(
    'type names',
    [...places].filter(([, files]) => files.length > 1).map(([name, files]) => `${name}: ${files.join(', ')}`),
  );
});

describe('native tests', () => {
  const stems = filesUnder('cpp/kernels', /(?<!_scalar|_simd128)\.h$/).map((file) => basename(file, '.h'));
  const variants = (/** @type {string} */ op) => cppFiles.includes(`cpp/kernels/${op}_simd128.cc`);
  const ops = stems.filter((stem) => variants(stem) || cppFiles.includes(`cpp/kernels/${stem}.cc`));

  test('every kernel <op>.h has tests/cpp/<op>_test.cc, over both variants where it has two', () => {
    expect(ops.length).toBeGreaterThan(5);
    const wrong = ops.filter((op) => {
      const source = nativeTests.get(op);
      if (!source?.includes(`"kernels/${op}.h"`)) return true;
      return variants(op) && !(source.includes('_scalar') && source.includes('_simd128'));
    });
    expectNone('kernel tests', wrong);
  });

  test('every class of cpp/engine and cpp/train has a native test in tests/cpp/<header>_test.cc', () => {
    const files = [...filesUnder('cpp/engine', /\.h$/), ...filesUnder('cpp/train', /(?<!random)\.h$/)];
    const headers = files.filter((file) => /^class \w+/m.test(readSource(file)));
    expect(headers.length).toBeGreaterThan(2);
    const wrong = headers.flatMap((file) => {
      const source = nativeTests.get(basename(file, '.h')) ?? '';
      const classes = [...readSource(file).matchAll(/^class (\w+)[^;]*?\{/gm)].map(([, name]) => name);
      return classes.filter((name) => !new RegExp(`\\b${name}\\b`).test(source)).map((name) => `${file}: ${name}`);
    });
    expectNone('engine tests', wrong);
  });
});

describe('READMEs', () => {
  const folders = ['web', 'cpp'].flatMap((root) => [
    root,
    ...readdirSync(join(ROOT, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  ]);

  test('every folder of web/ and cpp/ has one', () => {
    expectNone(
      'READMEs',
      folders.filter((folder) => !existsSync(join(ROOT, folder, 'README.md'))),
    );
  });

  test('they name files that exist, from their folder or from the root', () => {
    const named = folders
      .filter((folder) => existsSync(join(ROOT, folder, 'README.md')))
      .flatMap((folder) =>
        [...readSource(`${folder}/README.md`).matchAll(/`((?:[\w.]+\/)*[\w]+\.(?:test\.js|js|mjs|h|cc|py))`/g)].map(
          ([, file]) => ({ folder, file }),
        ),
      );
    expect(named.length).toBeGreaterThan(20);
    const wrong = named.filter(
      ({ folder, file }) =>
        ![folder, 'web', 'cpp', 'tools/golden', '.'].some((from) => existsSync(join(ROOT, from, file))),
    );
    expectNone(
      'README files',
      wrong.map(({ folder, file }) => `${folder}: ${file}`),
    );
  });

  test.each(Object.keys(WEB_ROOMS).filter((room) => existsSync(join(ROOT, 'web', room))))(
    'web/%s/README.md says which rooms it may import, and says it as the matrix does',
    (room) => {
      const line = /^May import: (.*)\.$/m.exec(readSource(`web/${room}/README.md`))?.[1] ?? 'no line "May import: …."';
      const names = /** @type {Record<string, string[]>} */ (WEB_ROOMS)[room];
      const named = line === 'nothing' ? [] : [...line.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => name);
      expect(named.sort()).toEqual([...names].sort());
    },
  );
});

describe('an operation has one name all the way', () => {
  const operations = filesUnder('cpp/bindings', /\.cc$/)
    .map((file) => basename(file, '.cc'))
    .filter((name) => !['embind', 'error', 'memory'].includes(name));
  const all = filesUnder('.', /\.(h|cc|js)$/).filter((file) => /^(cpp|web|tests\/(cpp|js))\//.test(file));
  /** @param {string} pattern */
  const found = (pattern) => all.filter((file) => new RegExp(`^${pattern}$`).test(file));

  test('there are some', () => expect(operations.length).toBeGreaterThan(15));

  test.each(operations)('%s', (name) => {
    const contract = found(`cpp/\\w+/${name}\\.h`);
    const room = contract[0]?.split('/')[1];
    const kernel = room === 'kernels' || existsSync(join(ROOT, `cpp/${room}/${name}_scalar.cc`));
    expect({
      contract: contract.length,
      definition: kernel
        ? found(`cpp/${room}/${name}_(scalar|simd128)\\.cc`).length === 2
        : found(`cpp/${room}/${name}\\.cc`).length === 1,
      native: found(`tests/cpp/${name}_test\\.cc`).length,
      web: found(`web/\\w+/${name}\\.js`).length,
      test: found(`tests/js/${name}\\.test\\.js`).length,
    }).toEqual({ contract: 1, definition: true, native: 1, web: 1, test: 1 });
  });

  test('each is in the table of docs/ARCHITECTURE.md, and nothing else is', () => {
    const rows = readSource('docs/ARCHITECTURE.md').match(/^\| `<op>`[^]*?\n\n/m)?.[0] ?? '';
    const named = rows
      .split('\n')
      .slice(2)
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual([...operations].sort());
  });
});

describe('golden scripts', () => {
  /** What may have made a golden file, package by package. */
  const environments = filesUnder('tools/golden', /requirements\w*\.txt$/).map(
    (file) =>
      new Map(
        readSource(file)
          .split('\n')
          .filter((line) => line && !line.startsWith('#'))
          .map((line) => /** @type {[string, string]} */ (line.split('=='))),
      ),
  );
  const scripts = filesUnder('tools/golden', /\.py$/).map((file) => ({ file, source: readSource(file) }));

  test('their packages are pinned', () => {
    const pins = environments.flatMap((each) => [...each]);
    for (const [, version] of pins) expect(version).toMatch(/^\d[\w.]*$/);
    const names = new Set(pins.map(([name]) => name.replaceAll('-', '_')));
    // Modules whose package has another name.
    const packages = /** @type {Record<string, string>} */ ({
      fasttext: 'fasttext_wheel',
      sklearn: 'scikit_learn',
      tiktoken_ext: 'tiktoken',
    });
    const own = scripts.map(({ file }) => basename(file, '.py'));
    const wrong = scripts.flatMap(({ file, source }) =>
      [...source.matchAll(/^(?:import|from) (\w+)/gm)]
        .map(([, name]) => packages[name] ?? name)
        .filter((name) => !names.has(name) && !STANDARD.includes(name) && !own.includes(name))
        .map((name) => `${file}: ${name}`),
    );
    expectNone('golden packages', wrong);
  });

  test('golden files were made with the pinned versions', () => {
    const wrong = filesUnder('tests/golden', /\.json$/).flatMap((file) => {
      const source = readSource(file);
      const records = [...source.matchAll(/"versions": ?(\{[^}]*\})/g)].map(([, json]) => JSON.parse(json));
      if (basename(file) === 'versions.json')
        records.push(JSON.parse(source), ...Object.values(JSON.parse(source).cases ?? {}));
      const packagesOf = (/** @type {object} */ record) =>
        Object.entries(record).filter(([name]) => environments.some((pins) => pins.has(name)));
      const isMadeBy = (/** @type {object} */ record, /** @type {Map<string, string>} */ pins) =>
        packagesOf(record).every(([name, version]) => String(version).replace(/\+.*/, '') === pins.get(name));
      return records
        .filter((record) => !environments.some((pins) => isMadeBy(record, pins)))
        .map((record) => `${file}: ${JSON.stringify(Object.fromEntries(packagesOf(record)))}`);
    });
    expectNone('golden versions', wrong);
  });

  test('each takes names of cases and refuses names that it does not know', () => {
    const parts = scripts
      .map(({ file }) => basename(file, '.py'))
      .filter((name) => scripts.some(({ source }) => new RegExp(`^(from|import) ${name}\\b`, 'm').test(source)));
    const runnable = scripts.filter(({ file }) => !parts.includes(basename(file, '.py')));
    expect(runnable.length).toBeGreaterThan(10);
    const wrong = runnable.filter(({ source }) => !/^ *finish\(\)/m.test(source)).map(({ file }) => file);
    expectNone('golden names', wrong);
  });
});
