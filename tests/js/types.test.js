// The types, as seen by a TypeScript project that has the package installed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportsOf, membersOf, typesNamedIn } from '../support/declarations.js';
import { expectNone } from '../support/exceptions.js';
import { LanguageService } from '../support/language_service.js';
import { ROOT } from '../support/sources.js';
import { readJson } from '../support/wembed.js';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const project = mkdtempSync(join(tmpdir(), 'wembed-consumer-'));
const installed = join(project, 'node_modules/wembed');
const faces = Object.entries(readJson('package.json').exports)
  .filter(([, target]) => typeof target === 'object' && target.default.types)
  .map(([name, target]) => ({ module: join('wembed', name), file: join(installed, target.default.types) }));

beforeAll(() => {
  mkdirSync(join(installed, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  cpSync(join(ROOT, 'dist/wasm'), join(installed, 'dist/wasm'), { recursive: true });
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', ROOT, '--outDir', join(installed, 'dist/types')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
  // The compiler writes the reference to the global types as it is from its output folder: dist/types in a build.
  const dispose = join(installed, 'dist/types/core/dispose.d.ts');
  writeFileSync(
    dispose,
    readFileSync(dispose, 'utf8').replace(/path="[^"]*"/, 'path="../../../web/core/globals.d.ts"'),
  );
  mkdirSync(join(installed, 'web/core'), { recursive: true });
  cpSync(join(ROOT, 'web/core/globals.d.ts'), join(installed, 'web/core/globals.d.ts'));
  symlinkSync(join(ROOT, 'node_modules/@types'), join(project, 'node_modules/@types'));
  symlinkSync(join(ROOT, 'node_modules/@huggingface'), join(project, 'node_modules/@huggingface'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  cpSync(join(ROOT, 'tests/types'), project, { recursive: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** @param {Record<string, unknown>} options @returns {string[]} the compiler's errors, one per line */
function compile(options) {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, types: [], target: 'es2022', lib: ['es2022', 'dom', 'esnext.disposable'] },
    ...options,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', '.', '--pretty', 'false'], {
    cwd: project,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((line) => line.includes(': error '));
}

test.each([
  ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ['nodenext, of es2022 and the DOM alone', { module: 'nodenext', lib: ['es2022', 'dom'] }],
  ['bundler, of es2022 alone', { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022'], skipLibCheck: false }],
  ['nodenext, of Node without the DOM', { module: 'nodenext', lib: ['es2022'], types: ['node'] }],
])('a TypeScript project compiles (moduleResolution %s), the declarations themselves checked', (_, options) => {
  const errors = compile(options);
  /** @type {Map<string, string>} */
  const byFile = new Map();
  for (const error of errors) {
    const file = error.split('(')[0].replace('node_modules/wembed/', '');
    byFile.set(file, `${byFile.get(file) ?? ''}\n${error}`);
  }
  expectNone('consumer', byFile);
  expect(readdirSync(project).filter((name) => name.endsWith('.ts')).length).toBeGreaterThan(2);
});

test('the compiler does check: a wrong program has an error', () => {
  const file = join(project, 'wrong.ts');
  writeFileSync(
    file,
    "import { Matrix } from 'wembed';\nexport const a: string = new Matrix(new Float32Array(2), 1, 2).rows;\n",
  );
  const errors = compile({ module: 'nodenext' });
  rmSync(file);
  expect(errors.filter((error) => error.startsWith('wrong.ts')).join()).toMatch(/TS2322/);
});

test("every type in the signatures of an entry point's exports is exported, by it or by the package itself", () => {
  const ofPackage = exportsOf(faces[0].file);
  const missing = faces.flatMap(({ module, file }) => {
    const exported = exportsOf(file);
    expect(exported.size).toBeGreaterThan(0);
    const named = new Set([...exported.values()].flatMap(typesNamedIn));
    return [...named].filter((name) => !exported.has(name) && !ofPackage.has(name)).map((name) => `${module}: ${name}`);
  });
  expectNone('exported types', missing);
});

test('editors show a description of every class, function and member', async () => {
  const lines = faces.flatMap(({ module, file }, i) => {
    const values = [...exportsOf(file).values()].filter(({ kind }) => kind !== 'type');
    const names = values.map(({ name }) => `${name} as ${name}${i}`).join(', ');
    return [
      `import { ${names} } from '${module}';`,
      ...values.flatMap(({ name, kind, node }) => [
        `${name}${i};`,
        ...(kind === 'class' ? membersOf(node) : []).map(({ name: member, isStatic }) =>
          isStatic ? `${name}${i}.${member};` : `(null as unknown as ${name}${i}).${member};`,
        ),
      ]),
    ];
  });
  const file = join(project, 'hover.ts');
  writeFileSync(file, lines.join('\n'));
  compile({ module: 'nodenext' });
  const service = await LanguageService.start(project);
  /** @type {string[]} */
  const without = [];
  let seen = 0;
  try {
    service.open(file, lines.join('\n'));
    for (const [i, line] of lines.entries()) {
      if (line.startsWith('import')) continue;
      const text = await service.hover(file, i, line.length - 2);
      seen += Number(text.includes('```'));
      // The description follows the signature and precedes the tags.
      const description = text.replace(/```[^]*?```/g, '').split(/^\*@/m)[0];
      const code = line.replace(/\(null as unknown as (\w+)\)/, '$1').replace(/^(\w+?)\d(?=\W)/, '$1');
      if (!/\w/.test(description)) without.push(code);
    }
  } finally {
    await service.close();
  }
  rmSync(file);
  expect(seen).toBeGreaterThan(50);
  expectNone('descriptions', without);
});
