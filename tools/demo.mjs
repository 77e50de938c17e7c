// `npm run demo`: the demo page on a local server. Options below, in HELP.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { buildWasm } from './build.mjs';
import { Failure, ROOT, main, node } from './run.mjs';
import { setup } from './setup.mjs';

const HELP = `npm run demo               builds what is missing and serves the demo page
npm run demo -- --port N   at this port (default 5173, or the next free one)
npm run demo -- --once     embeds three sentences in Node, prints the result and exits
npm run demo:build         writes the page to dist/demo, to be served from any path, and the API reference beside it
npm run demo:build -- --page   the page alone`;

const SENTENCES = ['A cat sleeps on the sofa.', 'The kitten naps on a couch.', 'Stock prices fell sharply on Monday.'];

/**
 * Writes the page to dist/demo.
 * @param {{ quiet?: boolean }} [options]
 */
export function buildDemo({ quiet = false } = {}) {
  setup(['npm']);
  buildWasm();
  node([join(ROOT, 'node_modules/vite/bin/vite.js'), 'build'], { quiet });
}

/** @param {number | undefined} port */
async function serve(port) {
  const { createServer } = await import('vite');
  const server = await createServer({
    configFile: join(ROOT, 'vite.config.js'),
    server: { port, strictPort: port !== undefined },
  });
  await server.listen();
  console.log(`\nThe demo page: ${server.resolvedUrls?.local[0]}   (Ctrl+C stops it)`);
}

async function embedOnce() {
  const { loadMini } = await import('../web/mini.js');
  const layer = await loadMini();
  const vectors = await layer.encode(SENTENCES);
  const { dim, data } = vectors;
  const rows = SENTENCES.map((_, i) => data.subarray(i * dim, (i + 1) * dim));

  SENTENCES.forEach((sentence, i) => {
    const { tokens } = layer.tokenizer.encode(sentence);
    console.log(`\n${i + 1}  ${sentence}`);
    console.log(`   tokens  ${tokens.join(' · ')}`);
    console.log(`   vector  ${Array.from(rows[i].subarray(0, 6), (x) => x.toFixed(4)).join(' ')} …  (${dim} numbers)`);
  });

  console.log('\nCosine similarity');
  console.log(`   ${SENTENCES.map((_, i) => String(i + 1).padStart(7)).join('')}`);
  rows.forEach((row, i) => {
    console.log(`${i + 1}  ${rows.map((other) => cosine(row, other).toFixed(3).padStart(7)).join('')}`);
  });
  layer.dispose();
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function cosine(a, b) {
  /** @type {(x: Float32Array, y: Float32Array) => number} */
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    const { values } = parseArgs({
      options: {
        build: { type: 'boolean' },
        page: { type: 'boolean' },
        once: { type: 'boolean' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return console.log(HELP);
    if (values.build) {
      buildDemo();
      if (!values.page) node([join(ROOT, 'tools/reference.mjs')]);
      return console.log('\nThe static page is in dist/demo.');
    }
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new Failure(`--port must be a number from 1 to 65535, got ${values.port}.`);
    }
    setup(['npm']);
    buildWasm();
    await (values.once ? embedOnce() : serve(port));
  });
}
