import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * One request as it came in.
 * @typedef {{ method: string, path: string, range: string | undefined }} SeenRequest
 */

/**
 * Serves the files under a folder on 127.0.0.1, at a free port, with byte ranges.
 * @param {string} root
 * @param {{ headers?: Record<string, string> }} [options] headers to add to every answer
 * @returns {Promise<{ url: string, requests: SeenRequest[], close: () => Promise<void> }>} `url` ends without a slash
 */
export async function serve(root, { headers = {} } = {}) {
  /** @type {SeenRequest[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requests.push({ method: request.method ?? '', path, range: request.headers.range });
    const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
    const info = file.startsWith(normalize(root + sep)) ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) return response.writeHead(404, headers).end('Not found');

    const range = parseRange(request.headers.range, info.size);
    if (range === 'unsatisfiable') {
      return response.writeHead(416, { ...headers, 'Content-Range': `bytes */${info.size}` }).end();
    }
    const { start, end } = range ?? { start: 0, end: info.size };
    response.writeHead(range ? 206 : 200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': end - start,
      'Accept-Ranges': 'bytes',
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${info.size}` }),
    });
    if (request.method === 'HEAD' || end === start) return response.end();
    // A client that goes away half-way is no fault of the server's.
    await pipeline(createReadStream(file, { start, end: end - 1 }), response).catch(() => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {string | undefined} header
 * @param {number} size
 * @returns {{ start: number, end: number } | 'unsatisfiable' | undefined} `end` is one past the last byte
 */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return undefined;
  const [first, last] = [match[1], match[2]].map((digits) => (digits ? Number(digits) : undefined));
  if (first === undefined) return last ? { start: Math.max(0, size - last), end: size } : 'unsatisfiable';
  if (first >= size || (last !== undefined && last < first)) return 'unsatisfiable';
  return { start: first, end: Math.min(size, (last ?? size) + 1) };
}
