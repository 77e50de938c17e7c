// Runtimes at the edge of the network: no files, and WebAssembly only as modules that were imported.
import { join } from 'node:path';
import { serve } from '../../support/server.js';
import { program } from '../program.mjs';
import { answerOf, withServer } from '../servers.mjs';

/** @typedef {import('../project.mjs').Row} Row */

/** @template T @param {string} folder of a project @param {(url: string) => Promise<T>} use @returns {Promise<T>} */
async function withAssets(folder, use) {
  const server = await serve(join(folder, 'node_modules/wembed/dist/assets'));
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}

/** @type {Row[]} */
export const EDGE = [
  {
    name: 'workerd',
    title: 'Cloudflare Workers (wrangler, workerd)',
    todo: "`loadMini({ base })`: where mini.bin is, for instance among the site's static assets; the WebAssembly comes with the build",
    packages: ['wrangler@4'],
    files: {
      'main.js': program({
        after: `export default {
  fetch: (request) =>
    numbers({ base: new URL(request.url).searchParams.get('base') ?? '' }).catch(failed).then((found) => Response.json(found)),
};`,
      }),
      'wrangler.json': JSON.stringify({ name: 'wembed', main: 'main.js', compatibility_date: '2025-06-01' }),
    },
    run: ({ folder }) =>
      withAssets(folder, (assets) =>
        withServer(
          (port) => ['npx', 'wrangler', 'dev', '--ip', '127.0.0.1', '--port', String(port)],
          folder,
          (url) => answerOf(`${url}/?base=${assets}/`),
        ),
      ),
  },
  {
    name: 'edge-runtime',
    title: 'edge-runtime',
    todo: "one script with `wembed/inline`; the model's address in `env.assets`",
    packages: ['edge-runtime@4', 'esbuild@0.28'],
    files: {
      'main.js': program({
        from: 'wembed/inline',
        before: 'env.assets = globalThis.ASSETS;',
        after: 'numbers().catch(failed).then((found) => globalThis.done(JSON.stringify(found)));',
      }),
      'run.js': `import { readFileSync } from 'node:fs';
import { EdgeRuntime } from 'edge-runtime';
const runtime = new EdgeRuntime({ extend: (context) => Object.assign(context, { ASSETS: process.argv[2], done: (found) => { console.log(found); process.exit(0); } }) });
runtime.evaluate(readFileSync('out.js', 'utf8'));`,
    },
    build: [['npx', 'esbuild', 'main.js', '--bundle', '--format=iife', '--outfile=out.js', '--log-level=error']],
    run: ({ folder }) =>
      withAssets(folder, async (assets) => {
        const { execFile } = await import('node:child_process'); // the assets' server is in this process
        const line = await new Promise((resolve, reject) =>
          execFile(process.execPath, ['run.js', assets], { cwd: folder }, (error, out) =>
            error ? reject(error) : resolve(out),
          ),
        );
        return JSON.parse(/** @type {string} */ (line));
      }),
  },
];
