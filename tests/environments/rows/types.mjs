// TypeScript and the package's own description.
import { command, packedFile } from '../project.mjs';

/** @typedef {import('../project.mjs').Row} Row */

const PROGRAM = `import { EmbeddingLayer, EmbeddingTable, WembedError, env } from 'wembed';
import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';
import { WordVectors } from 'wembed/words';

export async function first(text: string): Promise<number> {
  env.assets = '/assets/';
  const layer: EmbeddingLayer = await loadMini({ base: '/assets/' });
  const vector: Float32Array = layer.encode(text);
  const index = await VectorIndex.create({ layer });
  index.add([{ id: 1, text }]);
  const table: EmbeddingTable = layer.table;
  if (!(table instanceof EmbeddingTable)) throw new WembedError('bad_file', 'no table');
  const words: typeof WordVectors = WordVectors;
  return vector[0] + words.length;
}
`;

const OPTIONS = { strict: true, noEmit: true, target: 'es2022', types: [] };

/** @param {string} name @param {string} title @param {object} options @param {Record<string, string>} [files] @returns {Row} */
const compiles = (name, title, options, files = {}) => ({
  name: `typescript ${name}`,
  title: `TypeScript, ${title}`,
  packages: ['typescript@5', '@types/node@20'],
  files: {
    'main.ts': PROGRAM,
    'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, files: ['main.ts'] }),
    ...files,
  },
  build: [['npx', 'tsc', '-p', '.']],
  run: async () => ({ compiled: true }),
  check: ({ compiled }) => {
    if (!compiled) throw new Error('not compiled');
  },
});

const DOM = { lib: ['es2022', 'dom', 'dom.iterable'] };
const NO_DOM = { lib: ['es2022'] };
const COMMON_JS = { 'package.json': '{ "private": true }\n' };

/** @type {Row[]} */
export const TYPES = [
  compiles('bundler', 'moduleResolution bundler', { module: 'esnext', moduleResolution: 'bundler', ...DOM }),
  compiles('nodenext', 'nodenext', { module: 'nodenext', moduleResolution: 'nodenext', ...DOM }),
  compiles(
    'node16 commonjs',
    'node16, a CommonJS file',
    { module: 'node16', moduleResolution: 'node16', ...DOM },
    COMMON_JS,
  ),
  compiles(
    'node10',
    'node10',
    { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '5.0', ...DOM },
    COMMON_JS,
  ),
  compiles('no dom', 'without the DOM, with @types/node', {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    ...NO_DOM,
    types: ['node'],
  }),
  compiles('nothing', 'without the DOM and without @types/node', {
    module: 'esnext',
    moduleResolution: 'bundler',
    ...NO_DOM,
  }),
  {
    name: 'publint',
    title: 'publint and are-the-types-wrong find nothing',
    packages: ['publint@0.3', '@arethetypeswrong/cli@0.18'],
    files: {},
    async run({ folder }) {
      const tarball = packedFile();
      command(['npx', 'publint', 'run', tarball, '--strict'], folder);
      // wembed/static and wembed/inline are ES modules only, without folders; so are the two of workers, with folders.
      const excluded = ['--exclude-entrypoints', 'static', 'inline', 'assets/*'];
      command(['npx', 'attw', tarball, ...excluded, 'worker', 'worker-thread'], folder);
      command(['npx', 'attw', tarball, ...excluded, '--ignore-rules', 'cjs-resolves-to-esm'], folder);
      return { clean: true };
    },
    check: ({ clean }) => {
      if (!clean) throw new Error('not clean');
    },
  },
];
