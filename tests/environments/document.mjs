// docs/ENVIRONMENTS.md, written from a run of every row.
const HEAD = `# Environments

Written by \`npm run test:environments\`, which builds a small project in each of these environments with the packed package, runs it, and compares its numbers bit for bit: a text's vector from \`wembed/mini\`, a search, and the ids of a tokenizer that needs the second WebAssembly module. Pages are served under the policy \`default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'\` and are opened in every browser of the last column; their builds hold each of the package's files at most once, and none inside a script unless the row says so.

The package's files, all in \`dist/assets\`, are the \`.wasm\` files (a page loads one, a second one for some tokenizers, a third one to train word vectors) and the model \`mini.bin\`. They are found beside the scripts. If they were moved, one line says where, before the first load:

\`\`\`js
import { env } from 'wembed';
env.assets = '/assets/'; // the copied folder dist/assets; or files in hand: { 'simd128.wasm': module, 'mini.bin': bytes }
\`\`\`
`;

const TAIL = `
## If something is missing

Errors name what to do. \`not_found\`: a file is not where the build looks for it. \`bad_file\` with the reason \`html\`: a server answered a page for it. \`unsupported\` with the reason \`csp\`: the page's policy lacks \`'wasm-unsafe-eval'\` in script-src, or the address in connect-src; \`no_wasm\`: the engine has no WebAssembly; \`no_compile\`: the runtime takes only modules that were imported: set \`env.wasm\`. An engine without SIMD loads the scalar files. \`no_import\`: a service worker, which has no \`import()\`: import from \`wembed/static\`.

Each of these has a test: \`tests/browser/refusals.test.js\` opens pages under such policies, without WebAssembly and without SIMD; \`tests/js/assets.test.js\` and \`core_loading.test.js\` move, cut and replace the files.

A worker of your own: WebKit runs a module worker's script twice where a script that it loads later imports something from it, as bundlers' chunks do. Where that matters, let the worker's script be one line, \`import './work.js'\`, which nothing imports; the package's own worker is.

## From npm install to the first vector

\`node tests/environments/first_vector.mjs\` does what the README says, with its own lines, in an empty folder with an empty npm cache, and waits for the number in Chromium. Two runs on two processors, in seconds: Vite 7 and 9, no bundler 10 and 14, Next.js 28 and 28. Of Next.js's, npm took 13 and 14 for Next and React and 3 and 4 for wembed, the server's start and first compile 10 and 9, the page 2 and 1. On the same machine under load it was twice as long.

## The newest Emscripten

The WebAssembly in the package is built with Emscripten 3.1.6. \`node tests/environments/newest_emscripten.mjs\` makes a Debian unstable of its own (as root, with \`debootstrap\`; about 1 GB to download, 5 GB on disk) and builds and tests a checkout there. Last run: Emscripten 6.0.5, Node 24.22 and clang 21 build it. Its loader, which \`tools/glue.mjs\` wraps as it is, finds the four numbers of every row, over both variants; all C++ tests pass, and of the JavaScript tests those of the core, its loader, tokenizer, tables, encoding, rotary positions and heads, over both variants.
`;

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|');

/**
 * @param {import('./run.mjs').Result[]} results
 * @returns {string}
 */
export function document(results) {
  const rows = results.map(({ row, scripts, browsers }) => {
    const size = scripts === undefined ? '' : `${Math.round(scripts / 1000)} kB`;
    return `| ${[row.title, row.todo ?? '', size, [...new Set(browsers)].join(', ')].map(cell).join(' | ')} |`;
  });
  const table = ['| environment | to do | scripts | browsers |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `${HEAD}\n${table}\n\nScripts: bytes of all scripts of the built program, before compression.\n${TAIL}`;
}
