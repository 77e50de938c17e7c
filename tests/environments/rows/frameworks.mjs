// Frameworks: what they build for the page and what they run on a server.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../tools/run.mjs';
import { POST, SHOW, program, readmeExample } from '../program.mjs';
import { answerOf, withServer } from '../servers.mjs';

/** @typedef {import('../project.mjs').Row} Row */
/** @typedef {import('../project.mjs').Project} Project */

const NEXT_FILES = {
  'copy.mjs':
    "import { cpSync } from 'node:fs'; cpSync('node_modules/wembed/dist/assets/mini.bin', 'public/assets/mini.bin');\n",
  'next.config.mjs': 'export default { reactStrictMode: true };\n',
  'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }\n',
  'app/numbers.js': program(),
  'app/page.js': `'use client';
import { useEffect } from 'react';
import { numbers, failed } from './numbers.js';
export default function Page() {
  useEffect(() => { ${SHOW} }, []);
  return <p>client</p>;
}`,
  'app/server/page.js': `import { numbers, failed } from '../numbers.js';
export const dynamic = 'force-dynamic';
export default async function Page() {
  return <p id="found" data-found={JSON.stringify(await numbers().catch(failed))} />;
}`,
  'app/route/route.js': `import { numbers, failed } from '../numbers.js';
export const dynamic = 'force-dynamic';
export const GET = async () => Response.json(await numbers().catch(failed));`,
  'app/readme/page.js': readmeExample('jsx'),
  'app/worker.js': program({ after: POST }),
  'app/worker/page.js': `'use client';
import { useEffect } from 'react';
export default function Page() {
  useEffect(() => {
    const worker = new Worker(new URL('../worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => { globalThis.wembedResult = data; };
  }, []);
  return <p>worker</p>;
}`,
};

/** With webpack Next.js 16 itself fails to build any edge route. */
const NEXT_EDGE = {
  'app/edge/route.js': `import { numbers, failed } from '../numbers.js';
export const runtime = 'edge';
export const GET = async (request) => Response.json(await numbers({ base: new URL('/assets/', request.url) }).catch(failed));`,
};

/** @param {string} html @returns {import('../project.mjs').Outcome} what a server component has written into a page */
const written = (html) =>
  JSON.parse((/data-found="([^"]*)"/.exec(html)?.[1] ?? '{"error":"not in the page"}').replaceAll('&quot;', '"'));

/**
 * The README's page as the server renders it: it imports wembed and loads nothing.
 * @param {string} url
 * @returns {Promise<import('../project.mjs').Outcome[]>} nothing to compare
 */
async function renderedWithoutLoading(url) {
  const html = await (await fetch(url)).text();
  if (!html.includes('<p>0</p>'))
    throw new Failure(`the server did not render the README's page: ${html.slice(0, 300)}`);
  return [];
}

/** @param {boolean} hasEdge @returns {(project: Project) => Promise<import('../project.mjs').Outcome[]>} */
const runNext =
  (hasEdge) =>
  ({ folder, place }) =>
    withServer(
      (port) => ['npx', 'next', 'start', '-p', String(port)],
      folder,
      async (url) => [
        ...(await renderedWithoutLoading(`${url}/readme`)),
        ...(await place.openPage({ url, path: '/' })),
        ...(await place.openPage({ url, path: '/worker' })),
        { browser: 'server component', ...written(await (await fetch(`${url}/server`)).text()) },
        { browser: 'route handler', ...(await answerOf(`${url}/route`)) },
        ...(hasEdge ? [{ browser: 'edge route', ...(await answerOf(`${url}/edge`)) }] : []),
      ],
    );

/** @type {Row[]} */
export const FRAMEWORKS = [
  ...['Turbopack', 'webpack'].map((bundler) => ({
    name: `next ${bundler.toLowerCase()}`,
    title: `Next.js 16, ${bundler}: client component in StrictMode, server component, route handler,${bundler === 'webpack' ? '' : ' edge route,'} worker`,
    packages: ['next@16', 'react@19', 'react-dom@19'],
    files: bundler === 'webpack' ? NEXT_FILES : { ...NEXT_FILES, ...NEXT_EDGE },
    todo:
      bundler === 'webpack'
        ? undefined
        : "edge routes: `loadMini({ base })`, with mini.bin among the site's public files",
    build: [
      ['node', 'copy.mjs'],
      ['npx', 'next', 'build', ...(bundler === 'webpack' ? ['--webpack'] : [])],
    ],
    run: runNext(bundler !== 'webpack'),
  })),
  {
    name: 'nuxt',
    title: 'Nuxt 4: page and server route',
    packages: ['nuxt@4'],
    files: {
      'app.vue': `<template><p>wembed</p></template>
<script setup>
import { onMounted } from 'vue';
import { numbers, failed } from './numbers.js';
onMounted(() => { ${SHOW} });
</script>`,
      'numbers.js': program(),
      'server/api/numbers.js': `import { numbers, failed } from '../../numbers.js';
export default defineEventHandler(() => numbers().catch(failed));`,
      'nuxt.config.js': 'export default defineNuxtConfig({ telemetry: false });\n',
    },
    build: [['npx', 'nuxt', 'build']],
    run: async ({ folder, place }) => {
      // As it is deployed: without the project's own node_modules.
      const deployed = mkdtempSync(join(tmpdir(), 'wembed-deployed-'));
      cpSync(join(folder, '.output'), join(deployed, '.output'), { recursive: true });
      const outcomes = await withServer(
        () => [process.execPath, '.output/server/index.mjs'],
        deployed,
        async (url) => [
          { browser: 'server', ...(await answerOf(`${url}/api/numbers`)) },
          ...(await place.openPage({ url, path: '/' })),
        ],
      );
      rmSync(deployed, { recursive: true, force: true });
      return outcomes;
    },
  },
  {
    name: 'sveltekit',
    title: 'SvelteKit 2, adapter-node: page and server route',
    packages: ['@sveltejs/kit@2', '@sveltejs/adapter-node@5', '@sveltejs/vite-plugin-svelte@6', 'svelte@5', 'vite@7'],
    files: {
      'svelte.config.js':
        "import adapter from '@sveltejs/adapter-node';\nexport default { kit: { adapter: adapter() } };\n",
      'vite.config.js': "import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };\n",
      'src/app.html':
        '<!doctype html><html><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>\n',
      'src/numbers.js': program(),
      'src/routes/+page.svelte': `<script>
import { onMount } from 'svelte';
import { numbers, failed } from '../numbers.js';
onMount(() => { ${SHOW} });
</script>
<p>wembed</p>`,
      'src/routes/api/+server.js': `import { numbers, failed } from '../../numbers.js';
export const GET = async () => Response.json(await numbers().catch(failed));`,
    },
    build: [['npx', 'vite', 'build']],
    run: ({ folder, place }) =>
      withServer(
        () => [process.execPath, 'build/index.js'],
        folder,
        async (url) => [
          { browser: 'server', ...(await answerOf(`${url}/api`)) },
          ...(await place.openPage({ url, path: '/' })),
        ],
      ),
  },
  {
    name: 'astro',
    title: 'Astro 5: script of a page, and while the page is built',
    packages: ['astro@5'],
    files: {
      'src/numbers.js': program(),
      'src/pages/index.astro': `---
import { numbers } from '../numbers.js';
const found = await numbers();
---
<p data-found={JSON.stringify(found)}>wembed</p>
<script>
import { numbers, failed } from '../numbers.js';
numbers().catch(failed).then((found) => {
  const same = JSON.stringify(found) === document.querySelector('p').dataset.found;
  globalThis.wembedResult = JSON.stringify(same ? found : { error: 'built: ' + document.querySelector('p').dataset.found });
});
</script>`,
    },
    build: [['npx', 'astro', 'build']],
    output: 'dist',
    assets: 'files',
    run: ({ output, place }) => place.openPage({ folder: output }),
  },
];
