// Node, without and with test runners.
import { join } from 'node:path';
import { Failure } from '../../../tools/run.mjs';
import { PRINT, commonJs, program } from '../program.mjs';
import { command, printed } from '../project.mjs';

/** @typedef {import('../project.mjs').Row} Row */

const JEST_TEST = `
test('the numbers', async () => {
  const found = await numbers();
  require('fs').writeFileSync('found.json', JSON.stringify(found));
});`;

/** @param {number} version @param {string} folder @param {string[]} args @returns {string[]} the command, by the Node of npm's package `node` */
function ofVersion(version, folder, args) {
  const node = join(folder, 'node_modules/node/bin/node');
  const found = command([node, '-p', 'process.versions.node.split(".")[0]'], folder).trim();
  if (found !== String(version)) throw new Failure(`${node} is Node ${found}, not ${version}`);
  return [node, ...args];
}

/** @type {Row[]} */
export const NODE = [
  {
    name: 'node esm',
    title: `Node ${process.versions.node.split('.')[0]}, import`,
    files: { 'main.js': program({ after: PRINT }) },
    run: async ({ folder }) => printed([process.execPath, 'main.js'], folder),
  },
  {
    name: 'commonjs',
    title: `Node ${process.versions.node.split('.')[0]}, require`,
    fast: true,
    files: { 'main.cjs': commonJs(PRINT) },
    run: async ({ folder }) => printed([process.execPath, '--no-experimental-require-module', 'main.cjs'], folder),
  },
  ...[22, 24].flatMap((version) => [
    {
      name: `node ${version} esm`,
      title: `Node ${version}, import`,
      packages: [`node@${version}`],
      files: { 'main.js': program({ after: PRINT }) },
      run: async (/** @type {import('../project.mjs').Project} */ { folder }) =>
        printed(ofVersion(version, folder, ['main.js']), folder),
    },
    {
      name: `node ${version} commonjs`,
      title: `Node ${version}, require`,
      packages: [`node@${version}`],
      files: { 'main.cjs': commonJs(PRINT) },
      run: async (/** @type {import('../project.mjs').Project} */ { folder }) =>
        printed(ofVersion(version, folder, ['main.cjs']), folder),
    },
  ]),
  {
    name: 'worker_threads',
    title: 'Node, worker_threads',
    files: {
      'main.js': `import { Worker } from 'node:worker_threads';
new Worker('./worker.js').on('message', (found) => console.log(JSON.stringify(found)));`,
      'worker.js': program({
        after: `import { parentPort } from 'node:worker_threads';
numbers().catch(failed).then((found) => parentPort.postMessage(found));`,
      }),
    },
    run: async ({ folder }) => printed([process.execPath, 'main.js'], folder),
  },
  {
    name: 'jest',
    title: 'Jest 30, its defaults',
    fast: true,
    packages: ['jest@30'],
    files: {
      'package.json': '{ "private": true, "jest": {} }\n',
      'numbers.test.js': `${commonJs(JEST_TEST)}`,
    },
    build: [['npx', 'jest']],
    run: async ({ folder }) => printed(['node', '-p', 'require("fs").readFileSync("found.json", "utf8")'], folder),
  },
  {
    name: 'jest jsdom',
    title: 'Jest 30, jsdom',
    packages: ['jest@30', 'jest-environment-jsdom@30'],
    files: {
      'package.json': '{ "private": true, "jest": { "testEnvironment": "jsdom" } }\n',
      'numbers.test.js': `${commonJs(JEST_TEST)}`,
    },
    build: [['npx', 'jest']],
    run: async ({ folder }) => printed(['node', '-p', 'require("fs").readFileSync("found.json", "utf8")'], folder),
  },
  ...['node', 'jsdom'].map((environment) => ({
    name: `vitest ${environment}`,
    title: `Vitest 5, ${environment}`,
    packages: ['vitest@5', ...(environment === 'jsdom' ? ['jsdom'] : [])],
    files: {
      'numbers.test.js': program({
        after: `import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
test('the numbers', async () => writeFileSync('found.json', JSON.stringify(await numbers())));`,
      }),
    },
    build: [['npx', 'vitest', 'run', `--environment=${environment}`]],
    run: async (/** @type {import('../project.mjs').Project} */ { folder }) =>
      printed(['node', '-p', 'require("fs").readFileSync("found.json", "utf8")'], folder),
  })),
  {
    name: 'deno',
    title: 'Deno 2',
    packages: ['deno@2'],
    files: { 'main.js': program({ after: PRINT }) },
    run: async ({ folder }) => printed(['npx', 'deno', 'run', '--allow-read', '--allow-env', 'main.js'], folder),
  },
  {
    name: 'bun run',
    title: 'Bun 1',
    packages: ['bun@1'],
    files: { 'main.js': program({ after: PRINT }) },
    run: async ({ folder }) => printed(['npx', 'bun', 'run', 'main.js'], folder),
  },
];
