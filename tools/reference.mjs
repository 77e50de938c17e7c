// `npm run docs`: the API reference, made by TypeDoc of the published types and the examples of docs/reference, in
// dist/demo/reference, beside the page.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildTypes } from './build.mjs';
import { definitionsFor } from './example_names.mjs';
import { filesUnder } from './format.mjs';
import { Failure, ROOT, main } from './run.mjs';
import { setup } from './setup.mjs';

/** @typedef {import('typedoc').Application} Application */
/** @typedef {import('typedoc').ProjectReflection} ProjectReflection */
/** @typedef {import('typedoc').DeclarationReflection} DeclarationReflection */
/** @typedef {{ names: string[], code: string }} Example of these members of one entry point */

const EXAMPLES = join(ROOT, 'docs/reference');
const WORK = join(ROOT, 'build/reference');
const TYPES = join(WORK, 'types');
/** Guides that stand beside the reference. */
const DOCUMENTS = ['RECIPES', 'CLI', 'FORMATS', 'TOKENIZERS', 'TRAINING', 'ENVIRONMENTS', 'BENCHMARKS'];
const OUTPUT = join(ROOT, 'dist/demo/reference');

/** @returns {{ name: string, file: string }[]} the entry points with types of their own, and their files in dist/types */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const found = Object.entries(exports).flatMap(([name, target]) => {
    const file = /^\.\/dist\/types\/(.*)$/.exec(target.default?.types ?? target.types ?? '')?.[1];
    return file ? [{ name: join('wembed', name), file }] : [];
  });
  // What several export stands where the first of them has it: under wembed/train only what is its own.
  return found.sort((a, b) => Number(a.name === 'wembed/train') - Number(b.name === 'wembed/train'));
}

/**
 * A copy of the declarations in which a module exports others' types themselves, where the compiler writes aliases of them,
 * which TypeDoc would show without their properties. With a project of their own, in which TypeDoc reads them.
 */
function copyTypes() {
  rmSync(WORK, { recursive: true, force: true });
  cpSync(join(ROOT, 'dist/types'), TYPES, { recursive: true });
  for (const file of filesUnder('build/reference/types')) {
    const path = join(ROOT, file);
    const alias = /^export type (\w+) = import\('([^']+)'\)\.(\w+);/gm;
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, source.replace(alias, "import type { $3 as $1 } from '$2';\nexport type { $1 };"));
  }
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'], types: ['node'] },
    ...{ module: 'nodenext', moduleResolution: 'nodenext', strict: true, skipLibCheck: true, noEmit: true },
  };
  writeFileSync(join(WORK, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['types/**/*.d.ts'] }));
}

/** @returns {Map<string, Example[]>} by the name of an entry point's declarations, without `.d.ts` */
export function readExamples() {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.js'));
  return new Map(
    files.map((name) => {
      const [before, ...sections] = readFileSync(join(EXAMPLES, name), 'utf8').split(/^\/\/# /m);
      if (before.trim()) throw new Failure(`docs/reference/${name} begins before its first //# line`);
      const examples = sections.map((section) => {
        const end = section.indexOf('\n');
        return { names: section.slice(0, end).split(', '), code: section.slice(end).trim() };
      });
      return [basename(name, '.js'), examples];
    }),
  );
}

/**
 * Puts the examples beside the members that they name.
 * @param {ProjectReflection} project
 * @param {typeof import('typedoc')} typedoc
 */
function addExamples(project, { Comment, CommentTag, ReflectionKind }) {
  const examples = readExamples();
  const shown = new Set();
  const targetOf = (/** @type {any} */ found) => (found?.isReference() ? found.getTargetReflectionDeep() : found);
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const program = examples.get(module.name) ?? [];
    for (const example of program) {
      for (const name of example.names) {
        const whole = [definitionsFor(program, example, name), example.code].filter(Boolean).join('\n\n');
        const text = `\`\`\`js\n${whole.replace(/\/\/= /g, '// ')}\n\`\`\``;
        const [first, second] = name.split('.');
        const owner = targetOf(module.children?.find((each) => each.name === first));
        const found = second ? owner?.children?.find((each) => each.name === second) : owner;
        if (!found) throw new Failure(`docs/reference/${module.name}.js: there is no ${name}`);
        if (shown.has(found)) continue; // by another entry point, which has it too
        shown.add(found);
        for (const documented of found.signatures ?? [found]) {
          documented.comment ??= new Comment();
          documented.comment.removeTags('@example');
          documented.comment.blockTags.push(new CommentTag('@example', [{ kind: 'code', text }]));
        }
      }
    }
  }
}

/** @param {string} name of an entry point @returns {string} what the table of docs/reference/start.md says of it */
function whatIsIn(name) {
  const row = readFileSync(join(EXAMPLES, 'start.md'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` `));
  if (!row) throw new Failure(`docs/reference/start.md does not say what ${name} has`);
  const [, , text] = row.split('|');
  return `${text.trim()}.`;
}

/**
 * Removes what declarations show and no user is meant to see.
 * @param {ProjectReflection} project
 * @param {typeof import('typedoc')} typedoc
 */
function hideInternals(project, { ReflectionFlag, ReflectionKind }) {
  for (const made of project.getReflectionsByKind(ReflectionKind.Constructor)) {
    // Objects of most classes come from a function: their constructors are internal, and none is declared.
    if (made.signatures?.some(({ comment }) => comment)) continue;
    project.removeReflection(made);
    const owner = /** @type {DeclarationReflection} */ (made.parent);
    for (const group of owner.groups ?? []) group.children = group.children.filter((each) => each !== made);
    owner.groups = owner.groups?.filter(({ children }) => children.length > 0);
  }
  // A class that extends one which no entry point exports is shown as if all were its own.
  for (const each of project.getReflectionsByKind(ReflectionKind.Class)) {
    const isInternal = each.extendedTypes?.some(
      (type) => type.type === 'reference' && type.package === 'wembed' && !type.reflection,
    );
    if (!isInternal) continue;
    delete each.extendedTypes;
    delete each.typeHierarchy;
    for (const member of each.children ?? []) {
      for (const one of [member, member.getSignature, ...(member.signatures ?? [])]) if (one) delete one.inheritedFrom;
      for (const one of [member, ...(member.signatures ?? [])]) one.flags.setFlag(ReflectionFlag.Inherited, false);
    }
  }
}

/** @returns {Promise<{ app: Application, project: ProjectReflection }>} dist/types as TypeDoc reads them, with examples */
export async function readReference() {
  register('./typescript_6.mjs', import.meta.url);
  const typedoc = await import('typedoc');
  copyTypes();
  const entries = entryPoints();
  const app = await typedoc.Application.bootstrap({
    entryPoints: entries.map(({ file }) => join(TYPES, file)),
    tsconfig: join(WORK, 'tsconfig.json'),
    name: 'wembed',
    readme: join(EXAMPLES, 'start.md'),
    projectDocuments: DOCUMENTS.map((name) => join(ROOT, `docs/${name}.md`)),
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    githubPages: false,
    includeVersion: true,
    lightHighlightTheme: 'github-light-high-contrast',
    darkHighlightTheme: 'github-dark-high-contrast',
    navigationLinks: { 'Demo page': '../' },
    navigation: { includeFolders: false, includeCategories: false, includeGroups: false },
    favicon: join(EXAMPLES, 'icon.svg'),
    customCss: join(EXAMPLES, 'style.css'),
    highlightLanguages: ['js', 'ts', 'json', 'sh', 'console', 'python', 'html', 'yaml'],
    sort: ['kind', 'alphabetical'],
    sortEntryPoints: false,
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    validation: { invalidLink: true, invalidPath: false, notExported: false, notDocumented: false },
  });
  const project = await app.convert();
  if (!project) throw new Failure('TypeDoc could not read dist/types.');
  hideInternals(project, typedoc);
  addExamples(project, typedoc);
  for (const { name, file } of entries) {
    const module = project.children?.find((each) => each.name === basename(file, '.d.ts'));
    if (!module) continue;
    module.name = name;
    module.comment ??= new typedoc.Comment([{ kind: 'text', text: whatIsIn(name) }]);
  }
  for (const page of project.documents ?? []) {
    const text = readFileSync(join(ROOT, `docs/${page.name}.md`), 'utf8');
    page.name = /^# (.*)$/m.exec(text)?.[1] ?? page.name;
  }
  return { app, project };
}

/** Writes the reference to dist/demo/reference. */
export async function buildReference() {
  const { app, project } = await readReference();
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  await app.generateDocs(project, OUTPUT);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Failure('TypeDoc found faults, see above.');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    setup(['npm']);
    const json = process.argv[process.argv.indexOf('--json') + 1 || Infinity];
    if (json) {
      const { app, project } = await readReference();
      return app.generateJson(project, json);
    }
    buildTypes();
    await buildReference();
    console.log('The API reference is in dist/demo/reference.');
  });
}
