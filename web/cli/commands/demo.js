// `wembed demo`: the demo page, from the installed package.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { WembedError } from '../../index.js';
import { checkCount } from '../options.js';
import { PACKAGE } from '../package_files.js';

const TYPES = /** @type {Record<string, string>} */ ({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
});
const PORT = 5173;
/** So many ports are tried, where one is taken. */
const TRIED = 20;

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'serves the demo page on this machine',
  usage: '',
  about: 'The page that is built into the package, with its model: no compiler, no network. It ends with Ctrl+C.',
  options: {
    port: {
      ...{ type: 'number', short: 'p', least: 0, most: 65_535 },
      help: `default ${PORT}, or the next that is free; 0: any that is free`,
    },
    root: { type: 'text', value: 'FOLDER', help: 'another built page' },
  },
  examples: [{ run: 'wembed demo', says: 'prints the address' }],

  async run(given) {
    checkCount(given, '', 0, 0);
    const { port, root = join(PACKAGE, 'dist/demo') } = given.options;
    if (!existsSync(join(root, 'index.html'))) {
      throw new WembedError('not_found', `there is no page in ${root}: a checkout builds it with npm run demo:build`);
    }
    const server = createServer((request, response) => {
      const file = fileOf(root, request.url ?? '/');
      if (!file || !['GET', 'HEAD'].includes(request.method ?? '')) return response.writeHead(404).end('Not found');
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': statSync(file).size });
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).pipe(response);
    });
    console.log(`The demo page: http://localhost:${await listen(server, port)}/`);
  },
};

/**
 * @param {string} root
 * @param {string} url
 * @returns {string | undefined} a file below the root. The page's copies of the model and of WebAssembly are not in the
 *   package twice: they are its own assets, with a hash in their names
 */
function fileOf(root, url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
    if (file.startsWith(join(root, sep)) && existsSync(file)) return statSync(file).isFile() ? file : undefined;
    const [, name, type] = /^\/assets\/(\w+)-[\w-]{8}(\.bin|\.wasm)$/.exec(path) ?? [];
    const asset = join(PACKAGE, 'dist/assets', `${name}${type}`);
    return name && existsSync(asset) ? asset : undefined;
  } catch {
    return undefined; // no address at all
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {number | undefined} wanted
 * @returns {Promise<number>} the port
 */
async function listen(server, wanted) {
  for (let port = wanted ?? PORT; ; port++) {
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, 'localhost', () => resolve(server.removeListener('error', reject)));
      });
      return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
    } catch (error) {
      const isTaken = Object(error).code === 'EADDRINUSE';
      if (!isTaken || wanted !== undefined || port >= PORT + TRIED) throw error;
    }
  }
}
